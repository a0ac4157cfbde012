"""Slices through a volume: a picture of three, and where they lie."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lab.palette import surface
from lab.scene import Array, Field, Image, Lines

_EMPTY = -30.0  # raw density where there is no vertex
_SIDE, _GAP = 192, 6  # pixels: of a slice's longest side, and between two
_GROUND, _FRAME = 32, 3
_DEEP = 4  # voxels: in one alone, the colours of fog would hardly be seen
_HUES = (3, 2, 0)  # across x, y and z


def slices_picture(field: Field, at: Sequence[float], *, opacity: bool = False) -> Image:
    """Three slices side by side, each framed in the hue of its plane: across x seen from the right (z to the left, y
    up), across y seen from above (x to the right, z down), and across z seen from the front (x to the right, y up).

    at: (x, y, z), where, from 0 at the box's lower corner to 1. Every vertex is a square: as much of its colour over
    dark grey as four voxels of it would hide; or, with ``opacity``, the share that one voxel of it hides, in grey.
    """
    parts = [_slice(field, axis, at[axis], opacity) for axis in range(3)]
    larger = _SIDE / max(field.rows.shape)
    parts = [_framed(_enlarged(part, larger), axis) for axis, part in enumerate(parts)]
    height = max(len(part) for part in parts)
    row: list[Array] = []
    for part in parts:
        above = (height - len(part)) // 2
        padding = ((above, height - len(part) - above), (_GAP if row else 0, 0), (0, 0))
        row.append(np.pad(part, padding, constant_values=_GROUND))
    return Image(np.concatenate(row, axis=1))


def slice_frames(field: Field, at: Sequence[float]) -> Lines:
    """The three planes of ``slices_picture`` as rectangles in the world, in the same hues."""
    verts: list[Array] = []
    colors: list[tuple[float, float, float]] = []
    for axis in range(3):
        for first, second in ((0, 0), (1, 0), (1, 1), (0, 1)):
            share = np.insert(np.array([first, second], float), axis, at[axis])
            verts.append((1 - share) * field.lower + share * field.upper)
            colors.append(surface(_HUES[axis]))
    edges = [(4 * axis + k, 4 * axis + (k + 1) % 4) for axis in range(3) for k in range(4)]
    return Lines(np.array(verts), np.array(edges), np.array(colors))


def opacities(field: Field) -> Array:
    """(X, Y, Z) float32: how much of the light each vertex would hide in a voxel's width."""
    return _hidden(field, _raw(field, field.rows))


def _slice(field: Field, axis: int, at: float, opacity: bool) -> Array:
    """(H, W, 3) uint8: one slice, upright, interpolated between two planes of vertices."""
    place = float(np.clip(at, 0.0, 1.0)) * (field.rows.shape[axis] - 1)
    low = min(int(place), field.rows.shape[axis] - 2)
    part = place - low
    near, far = field.rows.take(low, axis), field.rows.take(low + 1, axis)
    hidden = _hidden(field, (1 - part) * _raw(field, near) + part * _raw(field, far))
    if opacity:
        shown = np.repeat(hidden[..., None], 3, axis=2)
    else:
        color = 1.0 / (1.0 + np.exp(-((1 - part) * _color(field, near) + part * _color(field, far))))
        clear = (1.0 - hidden[..., None]) ** _DEEP
        shown = (1.0 - clear) * color + clear * (_GROUND / 255)
    upright = (shown[::-1, ::-1], shown.transpose(1, 0, 2), shown.transpose(1, 0, 2)[::-1])[axis]
    return np.asarray((upright * 255 + 0.5).astype(np.uint8))


def _raw(field: Field, rows: Array) -> Array:
    there = rows >= 0
    return np.where(there, field.density[np.maximum(rows, 0)].astype(np.float32), np.float32(_EMPTY))


def _color(field: Field, rows: Array) -> Array:
    """Logits (..., 3): the part of the colour that does not change with the direction."""
    return np.where((rows >= 0)[..., None], field.color[np.maximum(rows, 0), :, 0].astype(np.float32), 0.0)


def _hidden(field: Field, raw: Array) -> Array:
    edge = float(((field.upper - field.lower) / (np.array(field.rows.shape) - 1)).min())
    return np.asarray(-np.expm1(-np.logaddexp(raw, np.float32(0.0)) * np.float32(field.scale * edge)))


def _enlarged(picture: Array, times: float) -> Array:
    """The picture with squares for pixels."""
    rows, columns = (np.arange(max(1, round(times * n))) * n // max(1, round(times * n)) for n in picture.shape[:2])
    return np.asarray(picture[rows][:, columns])


def _framed(picture: Array, axis: int) -> Array:
    frame = np.round(np.array(surface(_HUES[axis])) * 255).astype(np.uint8)
    framed = np.empty((picture.shape[0] + 2 * _FRAME, picture.shape[1] + 2 * _FRAME, 3), np.uint8)
    framed[:] = frame
    framed[_FRAME:-_FRAME, _FRAME:-_FRAME] = picture
    return framed
