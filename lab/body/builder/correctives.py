"""Pose correctives: what linear blend skinning gets wrong at the joints, learned from a smooth deformer.

The teacher is delta mush (Mancewicz et al. 2014) over dual quaternion skinning: the skinned surface is smoothed, and
the details that smoothing takes off the rest pose are put back in the local frames. The difference from linear
skinning, undone by the blended transforms, is a correction of the template, and ridge regression on vec(R - I) of the
joints predicts it, as in SMPL (REFERENCE IV.2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.sparse import coo_matrix, csr_matrix
from scipy.spatial.transform import Rotation

from lab.body.builder.surface import adjacency, neighbour_mean
from lab.body.skeleton import JOINTS, MIRROR, PARENTS
from lab.body.skinning.blending import dual_quaternion
from lab.scene import Array

FEATURES: Final = 9 * (len(JOINTS) - 1)
SMOOTHINGS: Final = 14  # steps of the mush
FARTHEST: Final = 0.06  # metres of a correction
FULLNESS: Final = 1.0  # how much the mush takes from dual quaternions, which keep the width that matrices lose
RIDGE: Final = 1.0
SPREAD: Final = 6  # rings around a joint's blend that it may correct
FLAT: Final = 2e-5  # metres; smaller entries are set to 0
PRESENT: Final = 0.7  # the chance of each joint to be moved in a random pose

# joint without side -> mean and spread of the left side's rotation vector in radians; the right side is its mirror
POSES: Final = {
    "hip": ((-0.5, 0.0, 0.1), (0.9, 0.35, 0.4)),
    "knee": ((0.9, 0.0, 0.0), (0.9, 0.08, 0.08)),
    "ankle": ((0.0, 0.0, 0.0), (0.4, 0.15, 0.15)),
    "foot": ((0.0, 0.0, 0.0), (0.25, 0.08, 0.08)),
    "spine1": ((0.1, 0.0, 0.0), (0.3, 0.25, 0.2)),
    "spine2": ((0.1, 0.0, 0.0), (0.3, 0.25, 0.2)),
    "spine3": ((0.0, 0.0, 0.0), (0.25, 0.25, 0.15)),
    "neck": ((0.0, 0.0, 0.0), (0.3, 0.3, 0.25)),
    "head": ((0.0, 0.0, 0.0), (0.3, 0.4, 0.25)),
    "collar": ((0.0, 0.0, 0.0), (0.08, 0.15, 0.2)),
    "shoulder": ((0.0, -0.3, -0.5), (0.4, 0.7, 0.7)),
    "elbow": ((0.0, -1.0, 0.0), (0.3, 0.8, 0.12)),
    "wrist": ((0.0, 0.0, 0.0), (0.4, 0.25, 0.4)),
    "hand": ((0.0, 0.0, 0.0), (0.1, 0.1, 0.3)),
}


def random_pose(rng: np.random.Generator) -> Array:
    """(24, 3) rotation vectors in radians, near what people do; the pelvis stays."""
    pose = np.zeros((len(JOINTS), 3))
    for index, name in enumerate(JOINTS):
        entry = POSES.get(name.removeprefix("left_").removeprefix("right_"))
        if entry is not None and rng.random() < PRESENT:
            pose[index] = np.array(entry[0]) + rng.normal(size=3) * np.array(entry[1])
            pose[index] *= (1.0, -1.0, -1.0) if name.startswith("right_") else (1.0, 1.0, 1.0)
    return pose


def features(pose: Array) -> Array:
    """(207,): vec(R - I) of all joints but the root, row by row."""
    return (Rotation.from_rotvec(pose[1:]).as_matrix() - np.eye(3)).reshape(-1)


def transforms(pose: Array, joints: Array) -> tuple[Array, Array]:
    """(24, 3, 3) world rotations and (24, 3) shifts that take rest points to posed ones. pose, joints: (24, 3)."""
    local = Rotation.from_rotvec(pose).as_matrix()
    turns, places = local.copy(), joints.copy()
    for index, parent in enumerate(PARENTS):
        if parent >= 0:
            turns[index] = turns[parent] @ local[index]
            places[index] = places[parent] + turns[parent] @ (joints[index] - joints[parent])
    return turns, places - np.einsum("jab,jb->ja", turns, joints)


class DeltaMush:
    """The teacher, for one rest surface. verts: (V, 3), faces: (F, 3)."""

    def __init__(self, verts: Array, faces: Array) -> None:
        count = len(verts)
        self._faces = faces
        self._mean = neighbour_mean(faces, count)
        corners = coo_matrix(
            (np.ones(3 * len(faces)), (faces.reshape(-1), np.repeat(np.arange(len(faces)), 3))), (count, len(faces))
        )
        self._gather = corners.tocsr()
        links = adjacency(faces, count)
        self._neighbour = links.indices[links.indptr[:-1]]
        smooth = self._smooth(verts)
        self._details = np.einsum("vba,vb->va", self._frames(smooth), verts - smooth)

    def __call__(self, posed: Array) -> Array:
        """The smooth deformation for skinned vertices (V, 3)."""
        smooth = self._smooth(posed)
        return smooth + np.einsum("vab,vb->va", self._frames(smooth), self._details)

    def _smooth(self, verts: Array) -> Array:
        for _ in range(SMOOTHINGS):
            verts = 0.5 * (verts + self._mean @ verts)
        return verts

    def _frames(self, verts: Array) -> Array:
        a, b, c = (verts[self._faces[:, corner]] for corner in range(3))
        normal = _unit(self._gather @ np.cross(b - a, c - a))
        along = verts[self._neighbour] - verts
        tangent = _unit(along - normal * np.einsum("va,va->v", along, normal)[:, None])
        return np.stack([tangent, np.cross(normal, tangent), normal], axis=2)


def _unit(vectors: Array) -> Array:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)


@dataclass(frozen=True)
class Lessons:
    """Poses and the corrections of the template they want. inputs: (N, 207) float64, wanted: (N, V, 3) float32 m."""

    inputs: Array
    wanted: Array


def teach(verts: Array, faces: Array, weights: Array, joints: Array, poses: Array) -> Lessons:
    """The corrections for each pose. poses: (N, 24, 3); weights: (V, 24), joints: (24, 3)."""
    mush = DeltaMush(verts, faces)
    wanted = np.zeros((len(poses), *verts.shape), np.float32)
    for row, pose in enumerate(poses):
        turns, shifts = transforms(pose, joints)
        blend = (weights @ turns.reshape(-1, 9)).reshape(-1, 3, 3)
        posed = np.einsum("vab,vb->va", blend, verts) + weights @ shifts
        motions = np.concatenate([turns - np.eye(3), shifts[:, :, None]], axis=2)
        wide = dual_quaternion(verts.astype(np.float32), motions, weights.astype(np.float32))
        missing = mush(FULLNESS * wide + (1.0 - FULLNESS) * posed) - posed
        undone = np.linalg.solve(blend + 1e-6 * np.eye(3), missing[..., None])[..., 0]
        length = np.linalg.norm(undone, axis=1, keepdims=True)
        wanted[row] = undone * np.minimum(1.0, FARTHEST / np.maximum(length, 1e-9))
    return Lessons(np.stack([features(pose) for pose in poses]), wanted)


def reach(weights: Array, mean: csr_matrix) -> Array:
    """(V, 23) bool: which joints may correct a vertex: those blended with their parent on or near it."""
    own, parent = weights[:, 1:], weights[:, list(PARENTS[1:])]
    field = (own * parent > 1e-3).astype(np.float64)
    for _ in range(SPREAD):
        field = np.maximum(field, mean @ field)
    return field > 0.02


def solve(lessons: Lessons, near: Array, mirror: Array) -> Array:
    """(V, 3, 207) float32: the pose blend shapes by ridge regression, symmetric. near: (V, 23) bool, mirror: (V,)."""
    people, count = len(lessons.inputs), len(near)
    near = near | near[mirror][:, [j - 1 for j in MIRROR[1:]]]
    result = np.zeros((count, 3, FEATURES), np.float32)
    patterns, which = np.unique(near, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        columns = np.flatnonzero(np.repeat(pattern, 9))
        chosen = np.flatnonzero(which.ravel() == number)
        if len(columns):
            inputs = lessons.inputs[:, columns]
            right = inputs.T @ lessons.wanted[:, chosen].reshape(people, -1).astype(np.float64)
            solved = np.linalg.solve(inputs.T @ inputs + RIDGE * np.eye(len(columns)), right)
            result[chosen[:, None], :, columns[None, :]] = solved.reshape(len(columns), -1, 3).transpose(1, 0, 2)
    result = 0.5 * (result + mirrored(result, mirror))
    result[np.abs(result) < FLAT] = 0.0
    return result


@dataclass(frozen=True, eq=False)
class Learned:
    """posedirs: (V, 3, 207) float32. before, after: metres, what is wrong on unseen poses without and with them."""

    posedirs: Array
    before: float
    after: float


def learn(
    verts: Array, faces: Array, weights: Array, joints: Array, mirror: Array, *, poses: int, unseen: int, seed: int
) -> Learned:
    """The pose blend shapes of one rest surface (V, 3), from ``poses`` random poses, tried on ``unseen`` others."""
    rng = np.random.default_rng(seed)
    drawn = [random_pose(rng) for _ in range(poses + unseen)]
    near = reach(weights, neighbour_mean(faces, len(verts)))
    shapes = solve(teach(verts, faces, weights, joints, np.stack(drawn[:poses])), near, mirror)
    before, after = residual(shapes, teach(verts, faces, weights, joints, np.stack(drawn[poses:])))
    return Learned(shapes, before, after)


def mirrored(shapes: Array, mirror: Array) -> Array:
    """Pose blend shapes (V, 3, 207) of the mirror image: the left elbow's become the right elbow's."""
    flip = np.array([-1.0, 1.0, 1.0], shapes.dtype)
    table = shapes.reshape(len(shapes), 3, len(JOINTS) - 1, 3, 3)[mirror][:, :, [j - 1 for j in MIRROR[1:]]]
    signs = np.einsum("c,a,b->cab", flip, flip, flip)[None, :, None]
    return (table * signs).reshape(shapes.shape)


def residual(shapes: Array, lessons: Lessons) -> tuple[float, float]:
    """Root mean square metres of what is wrong without and with the blend shapes, over the vertices they may move."""
    moved = shapes.any(axis=(1, 2))
    wanted = lessons.wanted[:, moved].astype(np.float64)
    given = np.einsum("nf,vcf->nvc", lessons.inputs, shapes[moved], optimize=True)
    return _rms(wanted), _rms(wanted - given)


def _rms(offsets: Array) -> float:
    return float(np.sqrt(np.mean(np.sum(offsets**2, axis=2))))
