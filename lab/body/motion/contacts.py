"""When a foot stands on the floor, where the floor is, and how far feet slide on it.

A point of the sole is in contact while it is low and slow, and for some time at least.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from lab.scene import Array

LOW: Final = 0.05
"""Metres above the floor: a sole that is lower may stand."""

SLOW: Final = 0.4
"""Metres a second, level: a sole that is slower may stand."""

_SHORTEST = 0.08  # seconds; less is a foot that passes
_ENOUGH = 0.1  # of the frames have slow feet, or the feet say nothing about the floor
_GAP = 0.05  # seconds; less is no step


def floor_height(feet: Array, lowest: Array, fps: float) -> float:
    """Where the floor is, metres: under slow feet, or under the body of somebody whose feet are in the air.

    feet: (N, P, 3) points of the soles. lowest: (N,) the height of the body's lowest point but the hands'. A part of
    the frames may be below the floor, so that one bad frame does not lift the whole motion.
    """
    slow = (level_speed(feet, fps) < SLOW).any(axis=1)
    under_body = float(np.percentile(lowest, 5))
    if slow.mean() < _ENOUGH:
        return under_body
    under_feet = float(np.percentile(feet[slow, :, 1].min(axis=1), 15))
    return under_feet if under_feet < np.percentile(lowest, 75) + LOW else under_body


def lift(lowest: Array, fps: float, width: float = 0.1) -> Array:
    """How far each frame has to be raised so that nothing is below the floor at 0: (N,) metres, smooth in time.

    lowest: (N,) heights of the lowest point. width: seconds over which it rises and falls.
    """
    depth = np.maximum(-lowest, 0.0)
    reach = max(1, round(width * fps))
    padded = np.pad(depth, 2 * reach, mode="edge")
    widest = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1).max(axis=-1)
    bell = np.hanning(2 * reach + 3)[1:-1]
    return np.convolve(widest, bell / bell.sum(), mode="valid")


def contacts(points: Array, fps: float) -> Array:
    """Whether points of the soles stand: (N, P, 3) world, the floor at y = 0 -> (N, P) bool."""
    still = (points[..., 1] < LOW) & (level_speed(points, fps) < SLOW)
    cleaned = np.empty_like(still)
    for place in range(still.shape[1]):
        row = still[:, place]
        row = _without_short(~row, round(_GAP * fps), keep_ends=True)
        cleaned[:, place] = _without_short(~row, round(_SHORTEST * fps))
    return cleaned


def level_speed(points: Array, fps: float) -> Array:
    """Metres a second along the floor, by central differences: (N, P, 3) -> (N, P)."""
    if len(points) < 2:
        return np.zeros(points.shape[:2])
    return np.asarray(np.linalg.norm(np.gradient(points[..., [0, 2]], axis=0), axis=-1) * fps)


def sliding(points: Array, standing: Array, fps: float) -> float:
    """Mean speed of standing points along the floor, mm/s; from each frame to the next in which it stands as well."""
    steps = np.linalg.norm(np.diff(points[..., [0, 2]], axis=0), axis=-1) * fps
    both = standing[1:] & standing[:-1]
    return float(1000 * steps[both].mean()) if both.any() else 0.0


def runs(row: Array) -> list[tuple[int, int]]:
    """Where a row of bools is True: [(first, one past the last), ...]."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], row, [False]]).astype(np.int8)))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _without_short(row: Array, shortest: int, keep_ends: bool = False) -> Array:
    """Runs of True that are shorter become False; those at either end are of unknown length and may be kept."""
    cleaned = row.copy()
    for first, last in runs(row):
        at_end = keep_ends and (first == 0 or last == len(row))
        if last - first < shortest and not at_end:
            cleaned[first:last] = False
    return cleaned
