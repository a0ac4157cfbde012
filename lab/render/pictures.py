"""Pictures of a stage: drafts, full quality, and screenshots of any size.

Full quality is the mean of several drafts, each shifted by a part of a pixel: the same renderer, the same colours, no
larger buffers, and it can be left between two of them when the person moves again. Pictures larger than the renderer
are drawn in tiles.

Opacity is not blended per face, which would show the back through the front in an order that changes with the view. An
entity of opacity a is mixed in where the picture with it differs from the picture without: one sees its front, and the
rest of the scene through it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from lab.render.frustum import Frustum
from lab.render.items import Interrupted
from lab.render.messages import View
from lab.render.stage import OPAQUE, Stage
from lab.scene import Array

SAMPLES = 8  # of a picture in full quality
_FEWER_SAMPLES = ((0.25, 2), (0.06, 4))  # so many are enough on the screen where one takes longer than these seconds
_TILE = 1920  # pixels; the largest side of a tile
_XRAY = 0.22  # how much of an arrow shows through what hides it

Window = tuple[int, int, int, int]  # x, y, width, height in the picture, pixels


def draft(stage: Stage, view: View, scale: float = 1.0) -> Array:
    """(h, w, 3) uint8 of the view, ``scale`` times its size."""
    width, height = max(1, round(view.width * scale)), max(1, round(view.height * scale))
    frustum = stage.prepare(view, width, height, (width, height), draft=True)
    picture = _sample(stage, view, frustum, (0, 0, width, height), 0.0, 0.0)
    return _with_fields(stage, view, frustum, picture, (width, height), draft=True)


def full(stage: Stage, view: View, interrupted: Callable[[], bool] = lambda: False) -> Array | None:
    """(height, width, 3) uint8 of the view in full quality; None when ``interrupted``, asked after each part of it."""

    def pause() -> None:
        if interrupted():
            raise Interrupted

    size = view.width, view.height
    try:
        frustum = stage.prepare(view, *size, size, draft=False, pause=pause)
        picture = _mean(stage, view, frustum, (0, 0, *size), interrupted, _FEWER_SAMPLES)
        return None if picture is None else _with_fields(stage, view, frustum, picture, size, draft=False, pause=pause)
    except Interrupted:
        return None


def shot(stage: Stage, view: View) -> Array:
    """(height, width, 3) uint8 of the view in full quality, in tiles where it is large."""
    width, height = view.width, view.height
    tile_w, tile_h = (math.ceil(side / math.ceil(side / _TILE)) for side in (width, height))
    frustum = stage.prepare(view, width, height, (tile_w, tile_h), draft=False)
    pixels = np.empty((height, width, 3), np.uint8)
    for x, y, w, h in _windows(width, height, (tile_w, tile_h)):
        tile = _mean(stage, view, frustum, (x, y, w, h), lambda: False, ())
        assert tile is not None
        pixels[y : y + h, x : x + w] = tile
    return _with_fields(stage, view, frustum, pixels, (tile_w, tile_h), draft=False)


def _windows(width: int, height: int, tile: tuple[int, int]) -> Iterator[Window]:
    """The tiles of a picture."""
    for y in range(0, height, tile[1]):
        for x in range(0, width, tile[0]):
            yield x, y, min(tile[0], width - x), min(tile[1], height - y)


def _with_fields(
    stage: Stage,
    view: View,
    frustum: Frustum,
    picture: Array,
    tile: tuple[int, int],
    *,
    draft: bool,
    pause: Callable[[], None] = lambda: None,
) -> Array:
    """The picture with the radiance fields of the stage. tile: (width, height) that the graphics draw at a time."""
    fields = stage.fields()
    if not fields:
        return picture
    height, width = picture.shape[:2]
    depths = None
    if stage.has_solids:
        depths = np.empty((height, width), np.float32)
        stage.show(lambda style, piece: style.opacity >= OPAQUE, extras=True)
        for x, y, w, h in _windows(width, height, tile):
            graphics = stage.graphics
            graphics.set_frustum(*frustum.part(x, y, graphics.width, graphics.height))
            depths[y : y + h, x : x + w] = graphics.depths()[:h, :w] - frustum.setback
    near_far = frustum.nearest, frustum.farthest
    return stage.field_layer.compose(picture, fields, view, depths, near_far, draft=draft, pause=pause)


def sub_pixels(samples: int) -> Array:
    """(samples, 2) shifts within a pixel, in (-0.5, 0.5): even in x and in y, and zero on average for powers of two."""
    index = np.arange(samples)
    x = (index + 0.5) / samples - 0.5
    bits = max(1, math.ceil(math.log2(samples)))
    y = sum(((index >> bit) & 1) / 2 ** (bit + 1) for bit in range(bits)) + 0.5 / 2**bits - 0.5
    return np.stack([x, y], axis=1)


def _mean(
    stage: Stage,
    view: View,
    frustum: Frustum,
    window: Window,
    interrupted: Callable[[], bool],
    fewer: Sequence[tuple[float, int]],
) -> Array | None:
    """The mean of several pictures of a window, shifted within a pixel; None once interrupted.

    fewer: (seconds, samples): so few samples are enough where the first one took longer than that; the slowest first.
    """
    start = time.perf_counter()
    total = _sample(stage, view, frustum, window, *sub_pixels(SAMPLES)[0]).astype(np.uint16)
    seconds = time.perf_counter() - start
    samples = next((count for slow, count in fewer if seconds > slow), SAMPLES)
    for dx, dy in sub_pixels(samples)[1:]:
        if interrupted():
            return None
        total += _sample(stage, view, frustum, window, dx, dy)
    total += np.uint16(samples // 2)
    total //= np.uint16(samples)
    return total.astype(np.uint8)


def _sample(stage: Stage, view: View, frustum: Frustum, window: Window, dx: float, dy: float) -> Array:
    """One picture of a window, shifted by (dx, dy) pixels."""
    graphics = stage.graphics
    x, y, width, height = window
    graphics.set_frustum(*frustum.part(x + dx, y + dy, graphics.width, graphics.height))

    def render() -> Array:
        return graphics.render()[:height, :width].copy()

    stage.show(lambda style, piece: style.opacity >= OPAQUE, extras=True)
    clear = picture = render()
    for opacity in stage.opacities():
        stage.show(lambda style, piece, a=opacity: style.opacity >= OPAQUE or style.opacity == a, extras=True)
        layer = render()
        picture = _mixed(picture, layer, _any_channel(layer != clear), opacity)
    if stage.has_xray:
        stage.show(lambda style, piece: piece.xray, extras=False)
        layer = render()
        ground = np.round(np.array(view.background) * 255).astype(np.uint8)
        picture = _mixed(picture, layer, _any_channel(layer - ground + np.uint8(2) > 4), _XRAY)  # bytes wrap around
    return picture


def _any_channel(pixels: Array) -> Array:
    """(h, w) bool: whether any of the three channels of (h, w, 3) bool is set."""
    return pixels[..., 0] | pixels[..., 1] | pixels[..., 2]


def _mixed(picture: Array, layer: Array, where: Array, opacity: float) -> Array:
    """``picture`` with ``opacity`` parts of ``layer`` at the pixels ``where`` (h, w) is true."""
    mixed = picture.copy()
    below = picture[where].astype(np.float32)
    mixed[where] = np.round(below + (layer[where] - below) * np.float32(opacity))
    return mixed
