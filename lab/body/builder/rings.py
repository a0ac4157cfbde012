"""Joints told from the skin around them, where MakeHuman's own markers wander about inside the body.

Its markers of the spine are up to 2 cm off, and of the knees up to 1 cm, of any place that keeps still with respect to
the skin. Such a joint is taken as a weighted mean of the ring of skin around it: at the marker's place in the base
mesh, and at the same place of the ring in every other person.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.optimize import nnls

from lab.body.skeleton import MIRROR, joint
from lab.scene import Array

MOST: Final = 56  # vertices of a ring
EVEN: Final = 1e-3  # how much the weights are kept alike, against the place in metres
TOTAL: Final = 10.0

NEAR: Final = {
    "spine1": ("pelvis", "spine1", "spine2", "spine3"),
    "spine2": ("pelvis", "spine1", "spine2", "spine3"),
    "spine3": ("pelvis", "spine1", "spine2", "spine3"),
    "left_knee": ("left_hip", "left_knee"),
}
"""Joint -> those that the skin around it belongs to. The right knee is the mirror image of the left."""


def ring(verts: Array, weights: Array, name: str, place: Array) -> Array:
    """(R,) bool: the vertices around a joint, those nearest to the level of ``place`` (3,), the same on both sides.

    verts: (V, 3) metres, symmetric; weights: (V, 24).
    """
    own = weights[:, [joint(other) for other in NEAR[name]]].sum(axis=1) > 0.5
    apart = np.where(own, np.abs(verts[:, 1] - place[1]), np.inf)
    limit = np.sort(apart)[MOST]  # a pair is as far on both sides, so that both or none are within
    return apart < limit * (1.0 - 1e-9)


def ring_weights(points: Array, place: Array) -> Array:
    """(R,) weights >= 0 of sum 1, as alike as possible, with which the points (R, 3) have ``place`` as their mean."""
    count = len(points)
    system = np.vstack([points.T, np.full((1, count), TOTAL), EVEN * np.eye(count)])
    found = nnls(system, np.concatenate([place, [TOTAL], np.full(count, EVEN / count)]))[0]
    return found / found.sum()


def from_skin(verts: Array, weights: Array, mirror: Array, places: Array) -> dict[int, Array]:
    """Joint -> (V,) weights of the skin whose mean it is, symmetric. verts: (V, 3), places: (24, 3) the markers' m."""
    result: dict[int, Array] = {}
    for name in NEAR:
        index = joint(name)
        around = ring(verts, weights, name, places[index])
        row = np.zeros(len(verts))
        row[around] = ring_weights(verts[around], places[index])
        other = MIRROR[index]
        result[index] = 0.5 * (row + row[mirror]) if other == index else row
        if other != index:
            result[other] = row[mirror]
    return result
