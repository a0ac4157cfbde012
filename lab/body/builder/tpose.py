"""From MakeHuman's relaxed pose to SMPL's rest pose: arms along the x axis, palms down, feet parallel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.sparse import csr_matrix

from lab.body.builder.rings import from_skin
from lab.body.builder.skin import cube, cubes_of
from lab.body.builder.surface import Surface
from lab.body.skeleton import JOINTS, PARENTS, joint
from lab.scene import Array

CLAVICLE: Final = np.deg2rad(9.0)  # it rises a little with the arm
SPREAD: Final = np.deg2rad(2.5)  # of each leg, so that the thighs do not touch
FOREARM_ROLL: Final = 0.6  # the share of the palm's turn that the forearm takes; the wrist takes the rest
PELVIS: Final = (0.0, -0.24, 0.03)  # metres; about where SMPL's models have it
AXES: Final = np.eye(3)


@dataclass(frozen=True)
class Markers:
    """joints: (24, N) sparse, the joints as means of the base mesh's N vertices, rows sum to 1.

    knuckles, toe: by side, "l" and "r", the vertices that mark the first and last knuckle, and the second toe.
    """

    joints: csr_matrix
    knuckles: dict[str, tuple[Array, Array]]
    toe: dict[str, Array]


def markers(groups: dict[str, Any], surface: Surface, weights: Array, base: Array) -> Markers:
    """The markers that the rest pose needs. weights: (V, 24); base: (N, 3) metres, the base mesh.

    Raises SourceError.
    """
    table = np.zeros((len(JOINTS), len(base)))
    for index, name in enumerate(JOINTS):
        marked = cubes_of(groups, name)
        table[index, marked] = 1.0 / len(marked)
    for index, row in from_skin(base[surface.ids], weights, surface.mirror, table @ base).items():
        table[index] = 0.0
        table[index, surface.ids] = row
    sides = ("l", "r")
    return Markers(
        csr_matrix(table),
        {s: (cube(groups, f"{s}-finger-2-1"), cube(groups, f"{s}-finger-5-1")) for s in sides},
        {s: cube(groups, f"{s}-toe-2-1") for s in sides},
    )


def rotation(axis: Array, angle: float) -> Array:
    """(3, 3): the rotation about a unit axis (Rodrigues)."""
    cross = np.cross(axis, AXES).T  # cross @ v = axis x v
    return AXES + np.sin(angle) * cross + (1.0 - np.cos(angle)) * (cross @ cross)


def turn(start: Array, end: Array) -> Array:
    """(3, 3): the smallest rotation that brings one direction onto another one."""
    a, b = start / np.linalg.norm(start), end / np.linalg.norm(end)
    axis = np.cross(a, b)
    sine = float(np.linalg.norm(axis))
    return rotation(axis / sine, float(np.arctan2(sine, a @ b))) if sine > 1e-12 else AXES.copy()


def roll_to(axis: Array, vector: Array, wanted: Array) -> float:
    """The angle about ``axis`` that brings ``vector`` nearest to ``wanted``, both seen along the axis."""
    return float(np.arctan2(np.cross(vector, wanted) @ axis, vector @ wanted - (vector @ axis) * (wanted @ axis)))


def rest_rotations(joints: Array, verts: Array, marks: Markers) -> Array:
    """(24, 3, 3) float64: each joint's rotation, in the world, from one base mesh's own pose to the rest pose."""
    result = np.tile(AXES, (len(JOINTS), 1, 1))
    for side, sign in (("left", 1.0), ("right", -1.0)):
        _arm(result, joints, verts, marks, side, sign)
        _leg(result, joints, verts, marks, side, sign)
    return result


def _arm(result: Array, joints: Array, verts: Array, marks: Markers, side: str, sign: float) -> None:
    collar, shoulder, elbow, wrist, hand = (
        joint(f"{side}_{name}") for name in ("collar", "shoulder", "elbow", "wrist", "hand")
    )
    along = sign * AXES[0]
    down = -AXES[1]
    result[collar] = rotation(AXES[2], sign * CLAVICLE)
    upper = turn(result[collar] @ (joints[elbow] - joints[shoulder]), along) @ result[collar]
    # A bent elbow's forearm lies in front of the upper arm: its hinge then is vertical.
    forearm = upper @ (joints[wrist] - joints[elbow])
    upper = rotation(along, roll_to(along, forearm, AXES[2])) @ upper
    lower = turn(upper @ (joints[wrist] - joints[elbow]), along) @ upper
    first, last = (verts[index].mean(axis=0) - joints[wrist] for index in marks.knuckles[side[0]])
    palm = lower @ np.cross(last, first) * sign
    angle = roll_to(along, palm, down)
    result[shoulder] = upper
    result[elbow] = rotation(along, FOREARM_ROLL * angle) @ lower
    middle = 0.5 * (first + last)
    straight = turn(rotation(along, angle) @ lower @ middle, along) @ rotation(along, angle) @ lower
    result[wrist] = result[hand] = straight


def _leg(result: Array, joints: Array, verts: Array, marks: Markers, side: str, sign: float) -> None:
    hip, knee, ankle, foot = (joint(f"{side}_{name}") for name in ("hip", "knee", "ankle", "foot"))
    leg = joints[ankle] - joints[hip]
    out = np.arctan2(leg[0] * sign, -leg[1])
    result[hip] = result[knee] = rotation(AXES[2], -sign * (out - SPREAD))
    direction = verts[marks.toe[side[0]]].mean(axis=0) - joints[ankle]
    result[ankle] = result[foot] = rotation(AXES[1], -float(np.arctan2(direction[0], direction[2])))


def to_rest(verts: Array, weights: Array, ids: Array, marks: Markers) -> tuple[Array, Array]:
    """One base mesh in the rest pose, the pelvis at PELVIS: the surface (V, 3) and the joints (24, 3), float64 metres.

    verts: (N, 3) all vertices of the base mesh. weights: (V, 24), ids: (V,) of the surface's vertices.
    """
    joints = marks.joints @ verts.astype(np.float64)
    rotations = rest_rotations(joints, verts.astype(np.float64), marks)
    placed = joints.copy()
    for index, parent in enumerate(PARENTS):
        if parent >= 0:
            placed[index] = placed[parent] + rotations[parent] @ (joints[index] - joints[parent])
    shift = placed - np.einsum("jab,jb->ja", rotations, joints)
    blend = (weights @ rotations.reshape(len(JOINTS), 9)).reshape(-1, 3, 3)
    surface = np.einsum("vab,vb->va", blend, verts[ids]) + weights @ shift
    offset = np.array(PELVIS) - placed[0]
    return surface + offset, placed + offset
