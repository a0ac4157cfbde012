"""Radiance fields in a picture: drawn by the lab's own kernels, and laid over the picture of everything else.

Rays end where they meet what the graphics drew, so that a mesh in front of a field hides it and one within it is seen
through it. A draft has as many rays as its budget of time allows, and is enlarged.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image as Pillow

from lab.cameras.viewport import from_viewport
from lab.fields.march import FieldView
from lab.fields.rays import rays_of
from lab.kernels.crew import Crew
from lab.render import colormaps, field_scalars, shading
from lab.render.camera import Camera
from lab.render.clipping import Plane
from lab.render.messages import Hit, Style, View
from lab.scene import Array, Field

_BUDGET = 0.02  # seconds that the fields of a draft may take
_FEWEST, _FIRST = 40 * 40, 128 * 128  # rays of a draft: at least, and of the first one
_LEARN = 0.4
_NOTHING, _SOLID = 1e-3, 0.5  # of opacity
_FIRST_STOP, _STOP = 2e-2, 4e-3


class FieldLayer:
    """The fields of a stage. Belongs to one thread."""

    def __init__(self) -> None:
        self._views: dict[str, FieldView] = {}
        self._crew = Crew()
        self._ray_seconds = _BUDGET / _FIRST
        self.seconds = 0.0  # that the last picture took

    def compose(
        self,
        picture: Array,
        fields: Mapping[str, tuple[Field, Style]],
        view: View,
        depths: Array | None,
        near_far: tuple[float, float],
        *,
        draft: bool,
        pause: Callable[[], None],
    ) -> Array:
        """(h, w, 3) uint8: the fields over ``picture`` (h, w, 3) uint8 of the view.

        depths: (h, w) float32, how far along the view what is in the picture lies, infinite where nothing does, or
        None. near_far: of the greys that show depth. pause: asked now and then; what it raises is passed on.
        """
        began = time.perf_counter()
        for path in self._views.keys() - fields.keys():
            del self._views[path]
        height, width = picture.shape[:2]
        share = min(1.0, math.sqrt(self._rays() / (height * width))) if draft else 1.0
        size = max(1, round(width * share)), max(1, round(height * share))
        for path in self._far_to_near(fields, view):
            field, style = fields[path]
            shown = self._view(path, field)
            if shown is None:
                continue
            start = time.perf_counter()
            colors, opacity = _seen(shown, style, view, size, depths, near_far, draft, pause)
            if draft:
                self._took((time.perf_counter() - start) / (size[0] * size[1]))
            picture = _over(picture, colors * np.float32(style.opacity), opacity * np.float32(style.opacity))
        self.seconds = time.perf_counter() - began
        return picture

    def pick(self, fields: Mapping[str, tuple[Field, Style]], view: View, x: float, y: float) -> Hit | None:
        """What pixel (x, y) of a view sees of the fields: the place of its middle light; None where it sees through."""
        origin, direction = view.camera.ray(x, y, view.width, view.height)
        found: list[tuple[float, Hit]] = []
        for path, (field, _) in fields.items():
            shown = self._view(path, field)
            if shown is None:
                continue
            begin, limits = origin - _back(field, view.camera) * direction, np.full(1, np.inf, np.float32)
            if view.clip is not None:
                entered, left = _within(view.clip, begin[None], direction[None])
                begin, limits = begin + entered * direction, left - entered
            ray = begin[None].astype(np.float32), direction[None].astype(np.float32)
            seen = shown.draw(*ray, limits=limits, sky=False)[0]
            if seen[3] > _SOLID:
                place = begin + float(seen[4] / seen[3]) * direction
                found.append((float(view.camera.depth(place)), Hit(path, "field", 0, 0, place, None)))
        return min(found, key=lambda pair: pair[0])[1] if found else None

    def _view(self, path: str, field: Field) -> FieldView | None:
        """A field made ready; None where its rows are nonsense."""
        try:
            if path not in self._views:
                self._views[path] = FieldView(field, self._crew)
            elif self._views[path].field is not field:
                self._views[path].update(field)
        except ValueError:
            self._views.pop(path, None)
            return None
        return self._views[path]

    def _far_to_near(self, fields: Mapping[str, tuple[Field, Style]], view: View) -> list[str]:
        middles = {path: (field.lower + field.upper) / 2 for path, (field, _) in fields.items()}
        return sorted(fields, key=lambda path: -float(view.camera.depth(middles[path])))

    def _rays(self) -> float:
        return max(_FEWEST, _BUDGET / self._ray_seconds)

    def _took(self, seconds: float) -> None:
        self._ray_seconds += _LEARN * (seconds - self._ray_seconds)


def warm_up() -> None:
    """Load the kernels, by drawing the smallest field there is."""
    rows, raw = np.arange(8, dtype=np.int32).reshape(2, 2, 2), np.zeros(8, np.float16)
    field = Field(rows, raw, np.zeros((8, 3, 1), np.float16), -np.ones(3), np.ones(3))
    FieldView(field, Crew()).draw(np.zeros((1, 3), np.float32), np.eye(3, dtype=np.float32)[:1])


@dataclass(frozen=True)
class _Rays:
    """The rays of a picture, those parts of them that are to be seen.

    origins, directions: (R, 3) float32, world, unit directions. begun: (R,) or one number, metres along the pixel's own
    ray where it begins. limits: (R,) float32, metres from its origin where it ends. along: (R,) metres along the view's
    axis per metre.
    """

    origins: Array
    directions: Array
    begun: Array | float
    limits: Array
    along: Array

    @classmethod
    def of(cls, field: Field, view: View, size: tuple[int, int], depths: Array | None) -> _Rays:
        """Those of a picture of ``size``, which end where they meet what lies in ``depths``, and at the view's clip."""
        camera = from_viewport(view.camera, view.width, view.height).resized(*size)
        origins, directions = rays_of(camera)
        limits: Array = np.full(len(origins), np.inf, np.float32)
        along = directions @ -view.camera.axes[:, 2].astype(np.float32)
        back = np.float32(_back(field, view.camera))
        begun: Array | float = -float(back)
        origins = origins - back * directions
        if depths is not None:
            limits = _nearest(depths, *size).reshape(-1) / along + back
        if view.clip is not None:
            entered, left = _within(view.clip, origins, directions)
            limits = np.minimum(limits, left) - entered
            begun = begun + entered
            origins = origins + entered[:, None] * directions
        return cls(origins, directions, begun, np.asarray(limits, np.float32), along)


def _within(plane: Plane, origins: Array, directions: Array) -> tuple[Array, Array]:
    """(R,) float32 each: metres along the rays where they begin and cease to be above a plane."""
    normal = np.array(plane[:3], np.float32)
    height, slope = origins @ normal + np.float32(plane[3]), directions @ normal
    crossing = np.divide(-height, slope, out=np.zeros_like(height), where=slope != 0)
    entered = np.where((height < 0) & (slope > 0), crossing, 0)
    left = np.where(slope < 0, np.maximum(crossing, 0), np.inf)
    return entered.astype(np.float32), np.where((height < 0) & (slope <= 0), 0, left).astype(np.float32)


def _seen(
    shown: FieldView,
    style: Style,
    view: View,
    size: tuple[int, int],
    depths: Array | None,
    near_far: tuple[float, float],
    draft: bool,
    pause: Callable[[], None],
) -> tuple[Array, Array]:
    """Colours (h, w, 3) float32, sRGB times opacity, and opacity (h, w) float32, of a field alone."""
    if style.scalar == field_scalars.DENSITY:
        colors, opacity = _slice(shown, style, view, _Rays.of(shown.field, replace(view, clip=None), size, depths))
    else:
        colors, opacity = _marched(
            shown, style, view, _Rays.of(shown.field, view, size, depths), near_far, draft, pause
        )
    return np.asarray(colors, np.float32).reshape(*size[::-1], 3), opacity.reshape(size[::-1])


def _marched(
    shown: FieldView,
    style: Style,
    view: View,
    rays: _Rays,
    near_far: tuple[float, float],
    draft: bool,
    pause: Callable[[], None],
) -> tuple[Array, Array]:
    """(R, 3) sRGB times opacity and (R,) opacity: its own colours, or what the view's shading shows of it."""
    drawn = shown.draw(
        rays.origins,
        rays.directions,
        limits=rays.limits,
        sky=False,
        stop=_FIRST_STOP if draft else _STOP,
        normals=view.shading == "normals",
        pause=pause,
    )
    opacity = drawn[:, 3]
    if style.scalar == field_scalars.OPACITY:
        limits = style.scalar_range or field_scalars.own_range(shown.field, style.scalar)
        visible = (opacity > _NOTHING).astype(np.float32)
        return colormaps.apply(style.colormap, opacity, limits) * visible[:, None], visible
    if view.shading == "depth":
        mean = np.divide(drawn[:, 4], opacity, out=np.zeros_like(opacity), where=opacity > _NOTHING)
        return shading.by_depth((mean + rays.begun) * rays.along, *near_far) * opacity[:, None], opacity
    if view.shading == "normals":
        length = np.linalg.norm(drawn[:, 5:], axis=1, keepdims=True)
        normals = np.divide(-drawn[:, 5:], length, out=np.zeros_like(drawn[:, 5:]), where=length > 0)
        return shading.by_normal(normals) * opacity[:, None], opacity
    return drawn[:, :3], opacity


def _slice(shown: FieldView, style: Style, view: View, rays: _Rays) -> tuple[Array, Array]:
    """(R, 3) sRGB and (R,) opacity: the density in the view's clipping plane, or without one in the plane through the
    field's middle that faces the eye most."""
    field = shown.field
    if view.clip is not None:
        normal, height = np.array(view.clip[:3], np.float32), view.clip[3]
    else:
        normal = np.zeros(3, np.float32)
        normal[np.abs(view.camera.axes[:, 2]).argmax()] = 1.0
        height = -float(normal @ (field.lower + field.upper) / 2)
    slope = rays.directions @ normal
    away = np.divide(
        -(rays.origins @ normal + np.float32(height)), slope, out=np.full_like(slope, -1), where=slope != 0
    )
    places = rays.origins + away[:, None] * rays.directions
    inside = (away > 0) & (away < rays.limits) & ((places >= field.lower) & (places <= field.upper)).all(axis=1)
    colors = np.zeros((len(away), 3), np.float32)
    limits = style.scalar_range or field_scalars.own_range(field, field_scalars.DENSITY)
    colors[inside] = colormaps.apply(style.colormap, shown.densities(places[inside].astype(np.float32)), limits)
    return colors, inside.astype(np.float32)


def _back(field: Field, camera: Camera) -> float:
    """Metres by which rays begin earlier: parallel ones know no eye, and begin before everything."""
    return float(np.linalg.norm(field.upper - field.lower)) + camera.distance if camera.orthographic else 0.0


def _nearest(depths: Array, width: int, height: int) -> Array:
    """(height, width): depths at the middles of larger pixels."""
    rows = ((np.arange(height) + 0.5) * depths.shape[0] / height).astype(int)
    columns = ((np.arange(width) + 0.5) * depths.shape[1] / width).astype(int)
    return np.asarray(depths[rows[:, None], columns], np.float32)


def _over(picture: Array, colors: Array, opacity: Array) -> Array:
    """A field's light over a picture (h, w, 3) uint8; it is enlarged where it is smaller."""
    height, width = picture.shape[:2]
    full = np.empty((*opacity.shape, 4), np.uint8)
    full[..., :3] = np.clip(colors * 255 + 0.5, 0, 255)
    full[..., 3] = np.clip(opacity * 255 + 0.5, 0, 255)
    if opacity.shape != (height, width):
        small = Pillow.frombuffer("RGBX", opacity.shape[::-1], full, "raw", "RGBX", 0, 1)  # no mode that knows of alpha
        full = np.asarray(small.resize((width, height), Pillow.Resampling.BILINEAR))
    left = 255 - full[..., 3:].astype(np.uint16)
    mixed = (picture * left + 127) // 255 + full[..., :3]
    return np.minimum(mixed, 255).astype(np.uint8)
