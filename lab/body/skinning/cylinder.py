"""A cylinder with two joints, as a body model: skinning as simple as it can be."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.sparse import csr_matrix

from lab.body.data import BodyData
from lab.chapters.body.skinning import BONES
from lab.scene import Array

LENGTH: Final = 1.2  # metres
RADIUS: Final = 0.12
_RINGS: Final = 97
_AROUND: Final = 48


def cylinder(softness: float) -> BodyData:
    """A closed cylinder along y from 0 to LENGTH, its joints on the axis: one at the bottom, one in the middle.

    softness: metres, the length around the middle joint over which the weights go smoothly from one to the other.
    """
    heights = np.linspace(0.0, LENGTH, _RINGS)
    turn = np.linspace(0.0, 2 * np.pi, _AROUND, endpoint=False)
    circle = np.stack([RADIUS * np.sin(turn), np.zeros(_AROUND), RADIUS * np.cos(turn)], axis=1)
    rings = circle[None] + heights[:, None, None] * [0.0, 1.0, 0.0]
    verts = np.concatenate([rings.reshape(-1, 3), [[0.0, 0.0, 0.0], [0.0, LENGTH, 0.0]]])
    upper = _smooth(verts[:, 1] - LENGTH / 2, softness)
    count = len(verts)
    bottom, middle = np.zeros(count, np.float32), np.zeros(count, np.float32)
    bottom[count - 2] = 1.0
    middle[_RINGS // 2 * _AROUND : (_RINGS // 2 + 1) * _AROUND] = 1.0 / _AROUND
    return BodyData(
        name="cylinder",
        v_template=verts.astype(np.float32),
        faces=_faces(),
        shapedirs=np.zeros((count, 3, 1), np.float32),  # a model without any beta is none of SMPL's
        posedirs=None,
        weights=np.stack([1.0 - upper, upper], axis=1).astype(np.float32),
        J_regressor=csr_matrix(np.stack([bottom, middle])),
        parents=np.array([-1, 0]),
        joint_names=BONES,
    )


def _smooth(along: Array, softness: float) -> Array:
    """From 0 to 1 over ``softness``, with slope 0 at both ends; a step where that is 0, whose middle is one half."""
    if softness <= 0.0:
        return np.asarray(np.heaviside(np.round(along, 9), 0.5))
    share = np.clip(along / softness + 0.5, 0.0, 1.0)
    return np.asarray(share * share * (3.0 - 2.0 * share))


def _faces() -> Array:
    """Counter-clockwise seen from outside."""
    ring, around = np.meshgrid(np.arange(_RINGS - 1), np.arange(_AROUND), indexing="ij")
    a = (ring * _AROUND + around).reshape(-1)
    b = (ring * _AROUND + (around + 1) % _AROUND).reshape(-1)
    c, d = a + _AROUND, b + _AROUND
    side = np.concatenate([np.stack([a, b, d], axis=1), np.stack([a, d, c], axis=1)])
    here = np.arange(_AROUND)
    after, last, count = (here + 1) % _AROUND, (_RINGS - 1) * _AROUND, _RINGS * _AROUND
    bottom = np.stack([np.full(_AROUND, count), after, here], axis=1)
    top = np.stack([np.full(_AROUND, count + 1), last + here, last + after], axis=1)
    return np.concatenate([side, bottom, top]).astype(np.int32)
