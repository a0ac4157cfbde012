"""The pictures of a film and the person's joints in each: read, found, or made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lab.body.library import load_body
from lab.body.motion.library import load_clip
from lab.body.posing import Poser
from lab.body.skeleton import JOINTS
from lab.body.smplify.example import BACKDROP, LIGHT, colors
from lab.body.smplify.fit import Body
from lab.body.smplify.given import choose, look_for_people
from lab.body.smplify.observed import TALL, Lens
from lab.body.smplify.views import camera_of
from lab.chapters.body.footage import FILM, MADE, FootageParams
from lab.experiment import ExperimentError
from lab.formats.base import FormatError
from lab.keypoints.mapping import BLAZEPOSE, map_joints
from lab.keypoints.people import Person2D, read_keypoints
from lab.motions import so3
from lab.photo.photo import Photo, load_photo
from lab.scene import Array, Mesh
from lab.shading.look import Look
from lab.shading.picture import Renderer

Report = Callable[[float | None, str], None]
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
_SIZE = (640, 640)
_BETAS = (0.5, -0.7, 0.4)


@dataclass(frozen=True, eq=False)
class Picture:
    """One picture of a film. names, xy, confidence: the person's joints; None where nobody is seen.

    truth: (24, 3) joints in the camera's frame, metres, where they are known.
    """

    photo: Photo
    names: tuple[str, ...]
    xy: Array
    confidence: Array
    truth: Array | None = None


@dataclass(frozen=True, eq=False)
class Given:
    """A film. pictures: one after the other, each read when it is its turn."""

    pictures: Iterator[Picture]
    lens: Lens
    fps: float
    name: str


def make_given(params: FootageParams, seed: int, report: Report) -> Given:
    """The film that the parameters ask for. Raises ExperimentError with a sentence."""
    if params.source == MADE:
        return _made(params, seed)
    if not params.path:
        raise ExperimentError("No film is chosen. Choose a video or a picture under 'Film or picture'.")
    path = Path(params.path)
    if not path.exists():
        raise ExperimentError(f"{path.name} is not there any more. Choose another file under 'Film or picture'.")
    photos, fps = _video(path, params) if params.source == FILM else (_folder(path, params), params.fps)
    first = next(photos, None)
    if first is None:
        raise ExperimentError(f"{path.name} holds no pictures. Choose another file under 'Film or picture'.")
    joints = _joint_files(params)
    found = _found(first, photos, joints, report)
    return Given(found, Lens.of(first.size, params.focal), fps / params.skip, path.name)


# --- a person's own -------------------------------------------------------------------------------------------------


def _video(path: Path, params: FootageParams) -> tuple[Iterator[Photo], float]:
    import imageio_ffmpeg  # type: ignore[import-untyped]

    most = (params.frames + 1) * params.skip
    reader: Any = imageio_ffmpeg.read_frames(str(path), output_params=["-frames:v", str(most)])
    problem = f"{path.name} cannot be read as a video. Choose an MP4, MOV, AVI or WebM file."
    try:
        told = next(reader)
        (width, height), fps = told["size"], float(told["fps"])
    except (OSError, RuntimeError, StopIteration, ValueError, KeyError) as error:
        raise ExperimentError(problem) from error

    def photos() -> Iterator[Photo]:
        try:
            for number, data in enumerate(reader):
                if number % params.skip == 0:
                    pixels = np.frombuffer(data, np.uint8).reshape(height, width, 3)
                    yield Photo(pixels.astype(np.float32) * np.float32(1 / 255), None, f"picture {number}")
        except (OSError, RuntimeError, ValueError) as error:
            raise ExperimentError(problem) from error
        finally:
            reader.close()

    return photos(), fps if np.isfinite(fps) and fps > 0.0 else 30.0


def _folder(path: Path, params: FootageParams) -> Iterator[Photo]:
    folder = path if path.is_dir() else path.parent
    files = sorted(item for item in folder.iterdir() if item.suffix.lower() in _PICTURES)
    for item in files[:: params.skip][: params.frames + 1]:
        try:
            yield load_photo(item)
        except FormatError as error:
            raise ExperimentError(str(error)) from None


def _joint_files(params: FootageParams) -> list[Path]:
    if not params.keypoints:
        return []
    return sorted(Path(params.keypoints).parent.glob("*.json"))[:: params.skip]


def _found(first: Photo, others: Iterator[Photo], joints: list[Path], report: Report) -> Iterator[Picture]:
    """The person nearest to where it was before; the largest one at first."""
    before: Person2D | None = None

    def photos() -> Iterator[Photo]:
        yield first
        yield from others

    for number, photo in enumerate(photos()):
        if photo.size != first.size:
            raise ExperimentError(f"{photo.name} has another size than the first picture. A film has one size.")
        report(None, f"Looking for the person in picture {number + 1}")
        try:
            people = read_keypoints(joints[number]) if number < len(joints) else look_for_people(photo.pixels)
        except FormatError as error:
            raise ExperimentError(str(error)) from None
        if before is None:
            before = choose(people, 1, photo.name)
        elif people:
            before = min(people, key=lambda person, last=before: _apart(person, last))  # type: ignore[misc]
        else:
            yield Picture(photo, before.names, before.xy, np.zeros(len(before.xy)))
            continue
        yield Picture(photo, before.names, before.xy, before.confidence)


def _apart(a: Person2D, b: Person2D) -> float:
    """The median distance of the joints that both have, pixels."""
    if a.names != b.names:
        return np.inf
    both = (a.confidence > 0.0) & (b.confidence > 0.0)
    return float(np.median(np.linalg.norm(a.xy - b.xy, axis=1)[both])) if both.any() else np.inf


# --- made -----------------------------------------------------------------------------------------------------------


def _made(params: FootageParams, seed: int) -> Given:
    clip, data = load_clip(params.clip), load_body("neutral")
    lens = Lens.of(_SIZE, params.focal)
    indices = np.arange(0, len(clip), params.skip)[: params.frames + 1]
    R = so3.exp([0.0, np.radians(params.turn), 0.0])
    poses = clip.poses[indices].copy()
    poses[:, 0] = so3.log(R @ so3.exp(poses[:, 0]))
    model = Body.of(data).model
    root = (clip.root[indices] - clip.root[indices].mean(axis=0)) @ R.T
    spread = float(np.abs(root[:, [0, 2]]).max())
    away = np.array([0.0, 0.0, -1.2 * (1.9 + 2.0 * spread)])
    mapped = map_joints(BLAZEPOSE, model.names)
    rng = np.random.default_rng(seed % 2**63)
    poser, renderer = Poser(data), Renderer()
    shown = colors(data)

    def pictures() -> Iterator[Picture]:
        shaped = poser.shape(_BETAS)
        for pose, place in zip(poses, root, strict=True):
            transl = place + away - shaped.joints[0]
            points = model.forward(_BETAS, pose, transl).points
            posed = poser.pose(shaped, pose, transl)
            look = Look(lights=(LIGHT,), background=BACKDROP)
            drawn = renderer.render(Mesh(posed.verts, data.faces, colors=shown), camera_of(lens), look)
            xy = lens.project(mapped.matrix @ points)
            noise = params.noise * float(np.ptp(xy, axis=0).max()) / TALL
            xy = xy + noise * rng.normal(size=xy.shape)
            photo = Photo(np.clip(drawn.rgb, 0.0, 1.0), None, params.clip)
            yield Picture(photo, mapped.names, xy, np.ones(len(xy)), points[: len(JOINTS)])

    return Given(pictures(), lens, clip.fps / params.skip, params.clip)
