"""The grid floor under the scene: its place, its spacing, and its lines."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lab.render.messages import Color
from lab.scene import Array

_ACROSS = 12  # about as many cells as the scene is wide
_REACH = 1.9  # radius of the floor in radii of the scene
_MOST_CELLS = 60
_PIECES = 40  # of a line across the floor, each of one colour, so that it fades away outwards
_LOW = 0.004  # of the scene's size: how far below its lowest point the floor lies, so as not to cut into it
_STILL = 0.02  # of the scene's size: the floor does not follow smaller movements
_MAJOR = 5  # each line of this number is stronger


@dataclass(frozen=True)
class Floor:
    """Where the floor is. centre: (x, y, z), world, on a crossing of lines; spacing: of its lines; radius: metres."""

    centre: tuple[float, float, float]
    spacing: float
    radius: float


def floor_under(lower: Array, upper: Array, last: Floor | None) -> Floor:
    """The floor of a scene with these bounds, each (3,) world; ``last``, where the scene hardly changed since."""
    size = float(np.linalg.norm(upper - lower)) or 1.0
    spacing = round_up_125(size / _ACROSS)
    level = float(lower[1]) - _LOW * size
    if last is not None and spacing <= last.spacing <= 2.5 * spacing:
        spacing = last.spacing
    middle = (lower + upper) / 2
    x, z = (round(float(middle[axis]) / (_MAJOR * spacing)) * _MAJOR * spacing for axis in (0, 2))
    radius = min(math.ceil(_REACH * size / 2 / spacing) + 1, _MOST_CELLS) * spacing
    if last is not None and last.spacing == spacing:
        moved = max(abs(x - last.centre[0]), abs(z - last.centre[2]), abs(radius - last.radius))
        if moved <= _MAJOR * spacing and abs(level - last.centre[1]) <= _STILL * size and last.centre[1] <= lower[1]:
            return last
    return Floor((x, level, z), spacing, radius)


def round_up_125(value: float) -> float:
    """The smallest of 1, 2, 5, 10, 20, ... (times a power of ten) that is not below ``value``."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= value * (1 - 1e-9))


def floor_lines(floor: Floor, line: Color, background: Color, axes: bool) -> tuple[Array, Array, Array]:
    """Lines of the floor around its centre: verts (N, 3) float32, edges (M, 2) int32, colors (M, 3) float32.

    They fade into the background outwards. axes: the two through the world's origin are red (x) and blue (z).
    """
    cells = round(floor.radius / floor.spacing)
    at = np.arange(-cells, cells + 1) * floor.spacing
    reach = np.sqrt(np.maximum(floor.radius**2 - at**2, 0))
    steps = np.linspace(-1, 1, _PIECES + 1)
    along = reach[:, None] * steps  # (lines, pieces + 1)
    across = np.repeat(at[:, None], _PIECES + 1, axis=1)
    zero = np.zeros_like(along)
    verts = np.stack([np.stack([along, zero, across], 2), np.stack([across, zero, along], 2)])  # along x, along z
    index = np.arange(verts[..., 0].size).reshape(verts.shape[:3])
    edges = np.stack([index[..., :-1], index[..., 1:]], axis=-1)
    middle = (verts[:, :, :-1] + verts[:, :, 1:]) / 2
    fade = np.clip(1 - np.linalg.norm(middle, axis=-1) / floor.radius, 0, 1)
    base = np.broadcast_to(np.array(line), (*fade.shape, 3)).copy()
    middle_line = np.array([floor.centre[2], floor.centre[0]])  # of the lines along x, along z
    number = np.round((at + middle_line[:, None]) / floor.spacing)
    strength = np.where(number % _MAJOR == 0, 1.0, 0.5)[..., None] * np.minimum(1, 1.6 * fade)
    if axes:
        for direction, color in ((0, (0.75, 0.28, 0.30)), (1, (0.30, 0.46, 0.85))):
            base[direction, number[direction] == 0] = color
    ground = np.array(background)
    colors = ground + (base - ground) * strength[..., None]
    return (
        verts.reshape(-1, 3).astype(np.float32),
        edges.reshape(-1, 2).astype(np.int32),
        colors.reshape(-1, 3).astype(np.float32),
    )
