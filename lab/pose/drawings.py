"""What the tracker shows: cameras and their paths as lines, pictures laid over each other."""

from __future__ import annotations

import numpy as np

from lab.cameras.drawing import frustum
from lab.cameras.model import CameraModel
from lab.scene import Array, Image, Lines

FOUND, LOST, TRUE = (0.31, 0.80, 0.62), (0.94, 0.35, 0.30), (0.62, 0.64, 0.68)
_SHARED, _MISSED, _WRONG = np.array([0.25, 0.85, 0.35]), np.array([0.95, 0.25, 0.2]), np.array([0.25, 0.45, 1.0])


def camera_lines(camera: CameraModel, length: float, color: tuple[float, float, float], origin: Array) -> Lines:
    """A camera's frustum, its front ``length`` metres from its centre. The camera is relative to ``origin``."""
    lines = frustum(camera, 1e-3 * length, length)
    return Lines(lines.verts, lines.edges, np.tile(np.array(color, np.float32), (len(lines.edges), 1)), origin)


def trail_lines(centers: Array, lost: Array, color: tuple[float, float, float], origin: Array) -> Lines:
    """A path through ``centers`` (N, 3); pieces that end where the track was ``lost`` (N,) are red."""
    count = max(0, len(centers) - 1)
    edges = np.stack([np.arange(count), np.arange(1, count + 1)], axis=1).reshape(-1, 2)
    colors = np.where(np.asarray(lost, bool)[1:, None], np.array(LOST), np.array(color)).reshape(-1, 3)
    return Lines(np.asarray(centers, np.float32), edges.astype(np.int32), colors.astype(np.float32), origin)


def joined(parts: list[Lines], origin: Array) -> Lines:
    """Several sets of coloured lines as one."""
    if not parts:
        return Lines(np.zeros((0, 3), np.float32), np.zeros((0, 2), np.int32), np.zeros((0, 3), np.float32), origin)
    starts = np.cumsum([0] + [len(part.verts) for part in parts[:-1]])
    return Lines(
        np.concatenate([part.verts for part in parts]),
        np.concatenate([part.edges + start for part, start in zip(parts, starts, strict=True)]),
        np.concatenate([part.colors for part in parts if part.colors is not None]),
        origin,
    )


def picture(rgb: Array) -> Image:
    """(H, W, 3) float in [0, 1] as an Image."""
    return Image(np.round(255 * np.clip(rgb, 0, 1)).astype(np.uint8))


def overlay(rgb: Array, mask: Array, seen: Array) -> Image:
    """A picture (H, W, 3), tinted where mask (H, W) and render ``seen`` (H, W) agree (green), where only the mask is
    (red) and where only the render is (blue).
    """
    inside = mask > 0.5
    out = 0.55 * np.asarray(rgb, np.float64) + 0.1
    for where, tint in ((inside & seen, _SHARED), (inside & ~seen, _MISSED), (seen & ~inside, _WRONG)):
        strength = 0.3 if tint is _SHARED else 0.75
        out[where] = (1 - strength) * out[where] + strength * tint
    return picture(out)
