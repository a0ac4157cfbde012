"""Radiance fields in a picture: drawn by the lab's own kernels, and laid over the picture of everything else.

Rays end where they meet what the graphics drew, so that a mesh in front of a field hides it and one within it is seen
through it. A draft has as many rays as its budget of time allows, and is enlarged.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping

import numpy as np
from PIL import Image as Pillow

from lab.cameras.viewport import from_viewport
from lab.fields.march import FieldView
from lab.fields.rays import rays_of
from lab.kernels.crew import Crew
from lab.render import shading
from lab.render.messages import Style, View
from lab.scene import Array, Field

_BUDGET = 0.02  # seconds that the fields of a draft may take
_FEWEST, _FIRST = 40 * 40, 128 * 128  # rays of a draft: at least, and of the first one
_LEARN = 0.4
_NOTHING = 1e-3  # of opacity
_FIRST_STOP, _STOP = 2e-2, 4e-3


class FieldLayer:
    """The fields of a stage. Belongs to one thread."""

    def __init__(self) -> None:
        self._views: dict[str, FieldView] = {}
        self._crew = Crew()
        self._ray_seconds = _BUDGET / _FIRST

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
            colors, opacity = _seen(shown, view, size, depths, near_far, draft, pause)
            if draft:
                self._took((time.perf_counter() - start) / (size[0] * size[1]))
            picture = _over(picture, colors * np.float32(style.opacity), opacity * np.float32(style.opacity))
        return picture

    def hit(self, path: str, field: Field, origin: Array, direction: Array) -> float | None:
        """Metres along a ray, (3,) each, to where the field's middle light comes from; None where it is see-through."""
        view = self._view(path, field)
        if view is None:
            return None
        seen = view.draw(origin[None].astype(np.float32), direction[None].astype(np.float32), sky=False)[0]
        return float(seen[4] / seen[3]) if seen[3] > 0.5 else None

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


def _seen(
    shown: FieldView,
    view: View,
    size: tuple[int, int],
    depths: Array | None,
    near_far: tuple[float, float],
    draft: bool,
    pause: Callable[[], None],
) -> tuple[Array, Array]:
    """Colours (h, w, 3) float32, sRGB times opacity, and opacity (h, w) float32, of a field alone."""
    width, height = size
    camera = from_viewport(view.camera, view.width, view.height).resized(width, height)
    origins, directions = rays_of(camera)
    back = 0.0
    if camera.orthographic:  # parallel rays know no eye: they begin before everything
        back = float(np.linalg.norm(shown.field.upper - shown.field.lower)) + view.camera.distance
        origins -= np.float32(back) * directions
    forward = -view.camera.axes[:, 2]
    along = directions @ forward.astype(np.float32)
    more = {} if depths is None else {"limits": (_nearest(depths, width, height).reshape(-1) + back) / along}
    drawn = shown.draw(
        origins,
        directions,
        sky=False,
        stop=_FIRST_STOP if draft else _STOP,
        normals=view.shading == "normals",
        pause=pause,
        **more,
    )
    opacity = drawn[:, 3]
    colors = drawn[:, :3]
    there = opacity > _NOTHING
    if view.shading == "depth":
        depth = np.divide(drawn[:, 4], opacity, out=np.zeros_like(opacity), where=there) * along - back
        colors = shading.by_depth(depth, *near_far) * opacity[:, None]
    elif view.shading == "normals":
        length = np.linalg.norm(drawn[:, 5:], axis=1, keepdims=True)
        normals = np.divide(-drawn[:, 5:], length, out=np.zeros_like(drawn[:, 5:]), where=length > 0)
        colors = shading.by_normal(normals) * opacity[:, None]
    return np.asarray(colors, np.float32).reshape(height, width, 3), opacity.reshape(height, width)


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
