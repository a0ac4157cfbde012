"""All rotations at once: the object drawn small in thousands of them, each where its area and middle fit the mask.

With the focal length known, the area of an outline gives the distance, and its middle the direction. Only the rotation
is left, three numbers, and they can simply be tried.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lab.kernels.crew import Crew
from lab.kernels.jit import inlined, kernel
from lab.motions import so3
from lab.pose.model import Model
from lab.pose.target import Patch, Target
from lab.pose.variables import Pose
from lab.scene import Array

PIXELS = 32
ROUNDS = 5
"""How often an entry is drawn, and its translation corrected in between."""
_PSI = 1.533751168755204288118041413


def rotations(count: int) -> Array:
    """(count, 3, 3): rotations spread evenly over all of SO(3), always the same ones.

    Source: M. Alexa, "Super-Fibonacci Spirals: Fast, Low-Discrepancy Sampling of SO(3)", CVPR 2022.
    """
    s = np.arange(count) + 0.5
    t, d = s / count, 2 * np.pi * s
    r, q = np.sqrt(t), np.sqrt(1 - t)
    a, b = d / np.sqrt(2.0), d / _PSI
    return so3.from_quaternion(np.stack([r * np.sin(a), r * np.cos(a), q * np.sin(b), q * np.cos(b)], axis=1))


@inlined
def _cell(low: float, high: float, count: int) -> Any:
    """The pixels whose centres, at whole numbers, lie in [low, high], within 0 .. count - 1."""
    first = int(np.ceil(max(min(low, 1e8), -1e8)))
    last = int(np.floor(max(min(high, 1e8), -1e8))) + 1
    return max(first, 0), min(last, count)


@kernel
def score_rotations(
    verts: Any,
    faces: Any,
    turns: Any,
    focal: Any,
    principal: Any,
    left: float,
    top: float,
    step: float,
    mask: Any,
    valid: Any,
    reach: float,
    start: Any,
    rounds: int,
    scores: Any,
    shifts: Any,
) -> None:
    """Fill scores (N,) and shifts (N, 3): the best intersection over union of each of the turns (N, 3, 3), and its T.

    verts: (V, 3) about the object's middle, metres; start (3,): the first T; reach: the least distance.
    """
    height, width = mask.shape
    wanted, mx, my = 0.0, 0.0, 0.0
    for r in range(height):
        for c in range(width):
            wanted += mask[r, c]
            mx += mask[r, c] * c
            my += mask[r, c] * r
    mx, my = mx / wanted, my / wanted
    drawn = np.empty((height, width), np.uint8)
    turned = np.empty((len(verts), 3))
    places = np.empty((len(verts), 2))
    for n in range(len(turns)):
        R = turns[n]
        for v in range(len(verts)):
            for axis in range(3):
                turned[v, axis] = verts[v, 0] * R[0, axis] + verts[v, 1] * R[1, axis] + verts[v, 2] * R[2, axis]
        tx, ty, tz = start[0], start[1], start[2]
        scores[n] = -1.0
        for _ in range(rounds):
            for v in range(len(verts)):  # to pixels, whose centres are whole numbers
                z = max(turned[v, 2] + tz, 1e-6)
                x = focal[0] * (turned[v, 0] + tx) / z + principal[0]
                y = focal[1] * (turned[v, 1] + ty) / z + principal[1]
                places[v, 0], places[v, 1] = (left - x) / step - 0.5, (top - y) / step - 0.5
            drawn[:] = 0
            for f in range(len(faces)):
                i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
                x0, y0, x1, y1 = places[i, 0], places[i, 1], places[j, 0], places[j, 1]
                x2, y2 = places[k, 0], places[k, 1]
                area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
                if area == 0.0:
                    continue
                c0, c1 = _cell(min(x0, x1, x2), max(x0, x1, x2), width)
                r0, r1 = _cell(min(y0, y1, y2), max(y0, y1, y2), height)
                for r in range(r0, r1):
                    for c in range(c0, c1):
                        b1 = ((c - x0) * (y2 - y0) - (r - y0) * (x2 - x0)) / area
                        b2 = ((r - y0) * (x1 - x0) - (c - x0) * (y1 - y0)) / area
                        if b1 >= 0.0 and b2 >= 0.0 and b1 + b2 <= 1.0:
                            drawn[r, c] = 1
            total, shared, sx, sy = 0.0, 0.0, 0.0, 0.0
            for r in range(height):
                for c in range(width):
                    if drawn[r, c]:
                        total += valid[r, c]
                        shared += mask[r, c]
                        sx += valid[r, c] * c
                        sy += valid[r, c] * r
            union = wanted + total - shared
            score = shared / union
            if score > scores[n]:
                scores[n] = score
                shifts[n, 0], shifts[n, 1], shifts[n, 2] = tx, ty, tz
            if total == 0.0:
                break
            old = tz
            tz = max(tz * np.sqrt(total / wanted), reach)
            tx = tx / old * tz - (mx - sx / total) * step * tz / focal[0]
            ty = ty / old * tz - (my - sy / total) * step * tz / focal[1]


@dataclass(frozen=True, eq=False)
class Table:
    """scores: (N,) intersection over union. poses come by ``pose(n)``. turns (N, 3, 3), shifts (N, 3) in the view."""

    turns: Array
    shifts: Array
    scores: Array
    start: Pose
    pivot: Array

    def pose(self, number: int) -> Pose:
        """Entry ``number`` as a pose."""
        R = self.turns[number]
        return replace(self.start, R=R, T=self.shifts[number] - self.pivot @ R)

    def best(self, count: int, apart_deg: float) -> list[int]:
        """Up to ``count`` entries, best first, each at least this far in rotation from those before."""
        chosen: list[int] = []
        left = np.argsort(-self.scores, kind="stable")
        while len(left) and len(chosen) < count:
            chosen.append(int(left[0]))
            traces = np.einsum("nij,ij->n", self.turns[left], self.turns[left[0]])
            left = left[np.arccos(np.clip((traces - 1) / 2, -1, 1)) > np.radians(apart_deg)]
        return chosen


def make_table(model: Model, target: Target, intrinsics: Pose, turns: Array, crew: Crew) -> Table:
    """Try all ``turns`` (N, 3, 3). intrinsics: a pose of which only focal length and principal point count."""
    patch = target.patch(target.around(PIXELS))
    shape, focal, principal = model.rough, intrinsics.focal, intrinsics.principal
    verts = np.ascontiguousarray(shape.verts - model.center)
    start = _first_shift(model, patch, intrinsics)
    scores, shifts = np.empty(len(turns)), np.empty((len(turns), 3))
    mask, valid = patch.mask.astype(np.float64), patch.valid.astype(np.float64)
    window = patch.window

    def part(low: int, high: int) -> None:
        score_rotations(
            verts,
            shape.faces,
            turns[low:high],
            focal,
            principal,
            window.left,
            window.top,
            window.step,
            mask,
            valid,
            0.8 * model.radius,
            start,
            ROUNDS,
            scores[low:high],
            shifts[low:high],
        )

    edges = np.linspace(0, len(turns), 4 * crew.threads + 1).astype(int)
    crew.share([lambda low=low, high=high: part(low, high) for low, high in itertools.pairwise(edges)])
    return Table(turns, shifts, scores, intrinsics, model.center)


def _first_shift(model: Model, patch: Patch, intrinsics: Pose) -> Array:
    """Where the object's middle is in the view if its outline were a disc of two thirds of its radius."""
    area = float(patch.mask.sum()) * patch.window.step**2
    distance = float(intrinsics.focal.mean()) * 0.65 * model.radius / np.sqrt(area / np.pi)
    middle = np.array(patch.window.middle)
    across = (middle - intrinsics.principal) / intrinsics.focal * distance
    return np.array([across[0], across[1], max(distance, 1.2 * model.radius)])
