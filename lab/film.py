"""A film of a run: which keyframe each picture shows, how it looks, what stands in its corner."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from lab.files import atomic_write
from lab.formats import Up, transform
from lab.render.camera import Camera
from lab.render.frustum import corners
from lab.render.messages import Color, Style, View
from lab.run.messages import Keyframe
from lab.run.recorder import Recording
from lab.scene import Array, Entity, Field, Image, Lines, Points, Snapshot

Progress = Callable[[float, str], None]

SUFFIXES = (".mp4", ".gif")
_SMALLEST, _LARGEST = 64, 7680  # pixels
_HOLD_SECONDS = 1.0  # the last picture stands, so that the eye can rest on the result
_CAPTION_SHARE = 1 / 28  # of the film's height
_CAPTION_PIXELS = 11  # at least
_FAINT: Color = (0.55, 0.58, 0.62)
_FAINT_POINTS = 20_000
_NO_ENTITIES: Mapping[str, Entity] = MappingProxyType({})
_NO_STYLES: Mapping[str, Style] = MappingProxyType({})


class ExportError(Exception):
    """The export cannot be made; the message is a sentence: what is missing, and what to do."""


class Renderer(Protocol):
    """What draws the pictures: lab.render.offline.OfflineRenderer."""

    def render(self, entities: Mapping[str, Entity], styles: Mapping[str, Style], view: View) -> Array:
        """(height, width, 3) uint8."""
        ...


@dataclass(frozen=True)
class Film:
    """How a film looks.

    width, height: pixels, rounded up to even ones, as the codecs want. fps: pictures a second; a GIF's are rounded to
    what its format can say. seconds: how long the run takes in it; None shows each keyframe once. camera: None looks
    from the front right, fitted to the run. turntable_deg: how far the camera goes round meanwhile, degrees. up: the
    axis of the run's own coordinates that points up in the picture.
    entities: what stands beside the run, such as its target. styles: how all of them look, by path. captions: the step
    and the loss, in the corner.
    """

    width: int = 1280
    height: int = 720
    fps: int = 30
    seconds: float | None = None
    camera: Camera | None = None
    turntable_deg: float = 0.0
    up: Up = "y"
    background: Color = (0.11, 0.12, 0.14)
    entities: Mapping[str, Entity] = field(default_factory=lambda: _NO_ENTITIES)
    styles: Mapping[str, Style] = field(default_factory=lambda: _NO_STYLES)
    captions: bool = True
    grid: bool = False


def make_film(recording: Recording, path: Path, film: Film, renderer: Renderer, progress: Progress) -> None:
    """Save the keyframes as a film, MP4 (H.264) or GIF by the suffix of ``path``.

    Raises ExportError when there is nothing to show or no such film, OSError when it cannot be saved, and what
    ``progress`` raises.
    """
    check_film(recording, path, film)
    shown = shown_keyframes(recording, film)
    still = _upright(film.entities, film.up)
    ends = [_upright(keyframe.snapshot, film.up) for keyframe in (shown[0], shown[-1])]
    camera = film.camera or fitted_camera([still, *ends], film)
    styles = fixed_ranges(shown, film.styles)
    text = caption_texts(recording) if film.captions else None
    with atomic_write(path) as temporary, film_writer(temporary, film.fps) as append:
        for number, keyframe in enumerate(shown):
            progress(number / len(shown), "Drawing the film")
            angle = math.radians(film.turntable_deg) * number / len(shown)
            entities = {**still, **_upright(keyframe.snapshot, film.up)}
            pixels = renderer.render(entities, styles, _view(film, camera.orbit(angle, 0.0)))
            picture = pixels if text is None else caption(pixels, text(keyframe.step))
            append(picture)
        for _ in range(round(_HOLD_SECONDS * film.fps)):
            append(picture)
    progress(1.0, "Saved the film")


def check_film(recording: Recording, path: Path, film: Film) -> None:
    """Raises ExportError when there is nothing to show, or no such film."""
    if path.suffix.lower() not in SUFFIXES:
        raise ExportError(f"'{path.name}': a film's name ends in .mp4 or .gif.")
    if not all(_SMALLEST <= side <= _LARGEST for side in (film.width, film.height)):
        wanted = f"{film.width} x {film.height}"
        raise ExportError(f"A film is {_SMALLEST} to {_LARGEST} pixels wide and high; {wanted} is not possible.")
    if not 1 <= film.fps <= 120:
        raise ExportError(f"A film has 1 to 120 pictures a second; {film.fps} is not possible.")
    if not recording.keyframes:
        raise ExportError(
            "The run has no keyframes, so there is nothing to make a film of; let it make some steps first."
        )


def shown_keyframes(recording: Recording, film: Film) -> Sequence[Keyframe]:
    """The keyframe of each picture, in order; at least one."""
    keyframes = recording.keyframes
    if film.seconds is None:
        return keyframes
    count = max(round(film.seconds * film.fps), 1)
    steps = np.linspace(keyframes[0].step, keyframes[-1].step, count)
    found = (recording.keyframe_at(int(step)) for step in np.rint(steps))
    return [keyframe for keyframe in found if keyframe is not None]


def _view(film: Film, camera: Camera) -> View:
    width, height = (side + side % 2 for side in (film.width, film.height))
    return View(camera, width, height, grid=film.grid, axes=False, background=film.background)


def _upright(snapshot: Snapshot, up: Up) -> dict[str, Entity]:
    shapes = {path: e if isinstance(e, Image | Lines | Field) else transform(e, up=up) for path, e in snapshot.items()}
    return dict(shapes)


def fitted_camera(snapshots: Sequence[Snapshot], film: Film) -> Camera:
    """A camera from the front right that sees all of the snapshots, as large as they go."""
    entities = [entity for snapshot in snapshots for entity in snapshot.values()]
    points = [entity.origin + entity.verts for entity in entities if not isinstance(entity, Image | Field)]
    points += [corners(entity.lower, entity.upper) for entity in entities if isinstance(entity, Field)]
    everything = np.concatenate([np.empty((0, 3)), *points])
    camera = Camera().standard("iso")
    return camera.fit_points(everything, film.width, film.height) if len(everything) else camera


def fixed_ranges(keyframes: Sequence[Keyframe], styles: Mapping[str, Style]) -> dict[str, Style]:
    """``styles`` with one range a scalar for the whole film, so that a colour means the same in every picture.

    It is the range of the middle keyframe without its largest hundredth, as the first ones are far off for a moment.
    """
    fixed = dict(styles)
    middle = keyframes[len(keyframes) // 2].snapshot
    for path, style in styles.items():
        if style.scalar is None or style.scalar_range is not None:
            continue
        values = getattr(middle.get(path), "scalars", {}).get(style.scalar)
        if values is not None and np.isfinite(values).any():
            low, high = np.nanpercentile(values[np.isfinite(values)], [0, 99])
            fixed[path] = replace(style, scalar_range=(float(low), float(high)))
    return fixed


def film_look(recording: Recording, result: str) -> dict[str, Any]:
    """How a run looks by default, as options of Film: the inputs as faint points, the result over them.

    result: the path, within a snapshot, of what the run makes; it is coloured by its first scalar field, if it has any.
    """
    entities: dict[str, Entity] = {}
    styles: dict[str, Style] = {}
    for name, geometry in recording.inputs.items():
        entities[name] = Points(geometry.verts[:: len(geometry.verts) // _FAINT_POINTS + 1], origin=geometry.origin)
        styles[name] = Style(color=_FAINT, point_size=2.0)
    keyframes = recording.keyframes
    scalars = getattr(keyframes[0].snapshot.get(result), "scalars", {}) if keyframes else {}
    styles[result] = Style(scalar=next(iter(scalars), None))
    return {"entities": entities, "styles": styles}


# --- captions -----------------------------------------------------------------------------------------------------


def caption_texts(recording: Recording) -> Callable[[int], str]:
    """step -> what the corner says of it: "step 1,200   loss 0.0123"."""
    losses = dict(zip(recording.steps.tolist(), recording.metrics.get("loss", ()), strict=False))

    def text(step: int) -> str:
        loss = losses.get(step, math.nan)
        return f"step {step:,}   loss {loss:.4g}" if math.isfinite(loss) else f"step {step:,}"

    return text


def caption(pixels: Array, text: str) -> Array:
    """(H, W, 3) uint8 with ``text`` in its lower left corner, readable on any background."""
    from PIL import Image as Picture
    from PIL import ImageDraw, ImageFont

    picture = Picture.fromarray(pixels)
    size = max(round(picture.height * _CAPTION_SHARE), _CAPTION_PIXELS)
    draw = ImageDraw.Draw(picture)
    draw.text(
        (size, picture.height - size),
        text,
        font=ImageFont.load_default(size),
        fill="white",
        stroke_width=max(size // 10, 1),
        stroke_fill="black",
        anchor="ls",
    )
    return np.asarray(picture)


# --- the file -----------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def film_writer(path: Path, fps: float) -> Iterator[Callable[[Any], None]]:
    """Appends pictures (H, W, 3) uint8 to a film at ``path``, MP4 (H and W even) or GIF by its suffix.

    The film is complete when the block ends. Raises OSError.
    """
    import imageio.v2 as imageio

    if path.suffix.lower() == ".gif":
        hundredths = max(round(100 / fps), 2)  # browsers slow shorter ones down
        writer = imageio.get_writer(path, duration=hundredths * 10, loop=0)
    else:
        options: dict[str, Any] = {"codec": "libx264", "quality": 8, "pixelformat": "yuv420p", "macro_block_size": 2}
        writer = imageio.get_writer(path, fps=fps, ffmpeg_log_level="error", **options)
    try:
        yield writer.append_data
    finally:
        writer.close()
