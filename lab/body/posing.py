"""SMPL for sliders: shape and pose in numpy, as fast as a mouse moves (REFERENCE IV.2).

It keeps what did not change: the shape of the last betas, the correctives of joints that stand still, and the arrays
themselves, so that equal questions give the same objects.

Source: M. Loper, N. Mahmood, J. Romero, G. Pons-Moll, M. J. Black, "SMPL: A Skinned Multi-Person Linear Model" (2015).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lab.body.data import BodyData
from lab.body.posing_kernels import correct, move_joints, skin
from lab.body.skeleton import JOINTS, PARENTS
from lab.motions import so3
from lab.scene import Array


@dataclass(frozen=True, eq=False)
class Shaped:
    """A body at rest. verts: (V, 3) float32; joints: (J, 3) float64; metres. betas: (B,) float64, which made it."""

    verts: Array
    joints: Array
    betas: Array


@dataclass(frozen=True, eq=False)
class Posed:
    """A body in a pose. World: metres, Y up.

    verts: (V, 3) float32. joints: (J, 3) float64. rotations: (J, 3, 3) float64, of each joint in the world.
    transforms: (J, 4, 4) float64, from each joint's frame, whose axes are the world's at rest, to the world.
    corrected: (V, 3) float32, the shaped template with the pose correctives, before skinning.
    """

    verts: Array
    joints: Array
    rotations: Array
    transforms: Array
    corrected: Array


def joint_rotations(pose: npt.ArrayLike) -> Array:
    """The rotations of axis-angle vectors, radians: (..., J, 3) -> (..., J, 3, 3) float64, exactly I at zero."""
    return so3.exp(pose)


def forward_kinematics(rotations: npt.ArrayLike, joints: npt.ArrayLike, parents: npt.ArrayLike | None = None) -> Array:
    """Each joint's frame in the world, SMPL's G: (J, 4, 4) float64.

    rotations: (J, 3, 3), each relative to its parent. joints: (J, 3) at rest, metres; the root stays where it is.
    parents: (J,), -1 for the root, each before its children; None: SMPL's tree.
    """
    return _kinematics(
        np.ascontiguousarray(rotations, np.float64),
        np.ascontiguousarray(joints, np.float64),
        np.asarray(PARENTS if parents is None else parents, np.int64),
    )[0]


def pose_for(data: BodyData, pose: npt.ArrayLike) -> Array:
    """A pose as (J, 3) float64 for a model; one of SMPL's 24 joints moves the joints of the same name in any family.

    pose: (J, 3), (3 J,), (24, 3) or (72,), axis-angle, radians. Raises ValueError for another size.
    """
    given = np.asarray(pose, np.float64)
    joints = len(data.parents)
    if given.size == 3 * joints:
        return given.reshape(joints, 3)
    if given.size != 3 * len(JOINTS):
        raise ValueError(f"pose: expected {joints} x 3 numbers, or SMPL's 24 x 3, found {given.shape}")
    full = np.zeros((joints, 3))
    for name, vector in zip(JOINTS, given.reshape(-1, 3), strict=True):
        if name in data.joint_names:
            full[data.joint_names.index(name)] = vector
    return full


class Poser:
    """Shapes and poses one body. Not for several threads at once."""

    def __init__(self, data: BodyData) -> None:
        self.data = data
        self._template_joints = np.asarray(data.J_regressor @ data.v_template.astype(np.float64))
        count, betas = len(data.v_template), data.shapedirs.shape[2]
        flat = data.shapedirs.reshape(3 * count, betas)
        self._shapes = np.ascontiguousarray(flat.T)  # a row a beta
        of_joints = data.J_regressor @ data.shapedirs.reshape(count, 3 * betas).astype(np.float64)
        self._shape_joints = np.asarray(of_joints).reshape(-1, 3, betas)
        self._bones, self._weights = strongest_weights(data.weights)
        self._correctives = None if data.posedirs is None else _Correctives(data.posedirs)
        self._shaped: Shaped | None = None
        self._asked: tuple[Shaped, bytes, bool] | None = None
        self._posed: Posed | None = None

    def shape(self, betas: npt.ArrayLike) -> Shaped:
        """The body at rest with these betas: (B,) or fewer, the others are 0. Equal betas give the same object.

        Raises ValueError for more than the model has.
        """
        given = np.asarray(betas, np.float64).reshape(-1)
        most = len(self._shapes)
        if len(given) > most:
            raise ValueError(f"betas: expected at most {most}, found {len(given)}")
        full = np.zeros(most)
        full[: len(given)] = given
        if self._shaped is None or not np.array_equal(full, self._shaped.betas):
            used = np.flatnonzero(full)
            moved = full[used].astype(np.float32) @ self._shapes[used]
            verts = self.data.v_template + moved.reshape(-1, 3)
            joints = self._template_joints + self._shape_joints[:, :, used] @ full[used]
            self._shaped = Shaped(_frozen(verts), _frozen(joints), _frozen(full))
        return self._shaped

    def pose(
        self,
        shaped: Shaped,
        pose: npt.ArrayLike,
        transl: npt.ArrayLike = (0.0, 0.0, 0.0),
        *,
        correctives: bool = True,
    ) -> Posed:
        """The body in a pose. Equal arguments give the same object as the last time.

        pose: (J, 3) or SMPL's (24, 3), see ``pose_for``: axis-angle, radians; the root turns about the pelvis.
        transl: (3,) metres, added last. correctives: whether pose blend shapes are added. Raises ValueError.
        """
        vectors = pose_for(self.data, pose)
        shift = np.asarray(transl, np.float64).reshape(3)
        asked = (shaped, vectors.tobytes() + shift.tobytes(), correctives)
        if self._posed is None or self._asked is None or not _same(asked, self._asked):
            self._posed = self._make(shaped, joint_rotations(vectors), shift, correctives)
            self._asked = asked
        return self._posed

    def _make(self, shaped: Shaped, rotations: Array, transl: Array, correctives: bool) -> Posed:
        corrected = shaped.verts
        if correctives and self._correctives is not None:
            offsets = self._correctives.offsets(rotations)
            corrected = shaped.verts if offsets is None else _frozen(shaped.verts + offsets)
        transforms, motions = _kinematics(rotations, shaped.joints, self.data.parents)
        verts = np.empty_like(corrected)
        skin(corrected, motions.astype(np.float32), self._bones, self._weights, transl.astype(np.float32), verts)
        transforms[:, :3, 3] += transl
        _frozen(transforms)
        return Posed(_frozen(verts), transforms[:, :3, 3], transforms[:, :3, :3], transforms, corrected)


class _Correctives:
    """Pose blend shapes, joint by joint, with the vertices that each one moves.

    The open model's are mostly zeros, and a mouse turns one joint at a time: what each joint adds is kept until that
    joint turns. The parts are summed in the same order always, so that the result does not depend on what was before.
    """

    def __init__(self, posedirs: Array) -> None:
        count, _, features = posedirs.shape
        self._joints = features // 9
        rows, bases, starts = [], [], [0]
        for joint in range(self._joints):
            block = posedirs[:, :, 9 * joint : 9 * joint + 9]
            moved = np.flatnonzero(block.any(axis=(1, 2)))
            rows.append(moved.astype(np.int32))
            bases.append(np.ascontiguousarray(block[moved].reshape(-1, 9).T).reshape(-1))
            starts.append(starts[-1] + len(moved))
        self._rows, self._bases = np.concatenate(rows), np.concatenate(bases).astype(np.float32, copy=False)
        self._starts = np.array(starts)
        self._parts = np.zeros(3 * starts[-1], np.float32)
        self._features = np.zeros((self._joints, 9), np.float32)
        self._offsets = np.zeros((count, 3), np.float32)

    def offsets(self, rotations: Array) -> Array | None:
        """(V, 3) float32, valid until the next call, or None where no joint but the root is turned."""
        features = (rotations[1:] - np.eye(3)).astype(np.float32).reshape(-1, 9)
        if not features.any():
            return None
        moved = (features != self._features).any(axis=1)
        if moved.any():
            correct(features, moved, self._starts, self._rows, self._bases, self._parts, self._offsets)
            self._features = features
        return self._offsets


def strongest_weights(weights: Array) -> tuple[Array, Array]:
    """Each vertex' joints and weights, without the zeros: bones (V, K) int32 and weights (V, K) float32.

    weights: (V, J). K: the most joints that any vertex has; others are padded with weight 0. The strongest is first.
    """
    most = max(int(np.count_nonzero(weights, axis=1).max()), 1)
    bones = np.argsort(-np.abs(weights), axis=1, kind="stable")[:, :most].astype(np.int32)
    return _frozen(np.ascontiguousarray(bones)), _frozen(np.take_along_axis(weights, bones, axis=1).astype(np.float32))


def _kinematics(rotations: Array, joints: Array, parents: Array) -> tuple[Array, Array]:
    transforms = np.zeros((len(parents), 4, 4))
    transforms[:, 3, 3] = 1.0
    motions = np.empty((len(parents), 3, 4))
    move_joints(rotations, joints, parents, transforms, motions)
    return transforms, motions


def _same(asked: tuple[Shaped, bytes, bool], before: tuple[Shaped, bytes, bool]) -> bool:
    return asked[0] is before[0] and asked[1:] == before[1:]


def _frozen(array: Array) -> Array:
    array.flags.writeable = False
    return array
