"""Joints and landmarks as functions of shape and pose, with their derivatives: SMPL without its skin.

A body is fitted to a few dozen points (inverse kinematics, SMPLify), and for them neither the mesh nor automatic
differentiation is needed. A joint's rotation vector turns all that hangs on it about the joint, so that each column of
the Jacobian is a cross product: axis x (point - joint). The points agree with ``lab.body.posing.Poser``.

Source: M. Loper et al., "SMPL: A Skinned Multi-Person Linear Model" (2015); REFERENCE IV.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lab.body.data import BodyData
from lab.body.posing import pose_for
from lab.motions import so3
from lab.scene import Array


@dataclass(frozen=True, eq=False)
class Places:
    """Where the points are in one pose. World: metres, Y up; all float64.

    points: (K, 3), the J joints and then the landmarks. rotations: (J, 3, 3) of the joints in the world. betas: (B,).
    pose: (J, 3). local: (J, 3, 3), each joint's own rotation. joints: (J, 3), without transl. rest: (J, 3), in rest.
    bound: (L, J, 3), each landmark as each joint would carry it, without transl. template: (L, 3), the landmarks at
    rest with the pose correctives.
    """

    points: Array
    rotations: Array
    betas: Array
    pose: Array
    local: Array
    joints: Array
    rest: Array
    bound: Array
    template: Array


class JointModel:
    """The joints of a body and some of its landmarks. Holds no state between calls.

    landmarks: names in ``data.landmarks``. verts: further vertices to follow, by number. betas: how many are used, at
    most those of the model. Raises ValueError for a landmark that the model does not have.
    """

    def __init__(
        self, data: BodyData, landmarks: Sequence[str] = (), *, verts: Sequence[int] = (), betas: int = 10
    ) -> None:
        unknown = [name for name in landmarks if name not in data.landmarks]
        if unknown:
            raise ValueError(f"landmarks: the body {data.name} has no {unknown[0]!r}")
        self.names = (*data.joint_names, *landmarks, *(f"vertex {vert}" for vert in verts))
        self.parents = np.asarray(data.parents, np.int64)
        self.betas = min(betas, data.shapedirs.shape[2])
        self.data = data
        count = len(data.v_template)
        shapes = data.shapedirs[:, :, : self.betas].astype(np.float64)
        self._rest = np.asarray(data.J_regressor @ data.v_template.astype(np.float64))
        of_joints = data.J_regressor @ shapes.reshape(count, -1)
        self._shapes = np.asarray(of_joints).reshape(-1, 3, self.betas)
        chosen = np.array([*(data.landmarks[name] for name in landmarks), *verts], np.int64)
        self._landmarks = data.v_template[chosen].astype(np.float64)
        self._landmark_shapes = shapes[chosen]
        self._weights = data.weights[chosen].astype(np.float64)
        features = 9 * (len(self.parents) - 1)
        posedirs = None if data.posedirs is None else data.posedirs[chosen].astype(np.float64)
        self._posedirs = np.zeros((len(chosen), 3, features)) if posedirs is None else posedirs
        self.below = _subtrees(self.parents)

    @property
    def joints(self) -> int:
        """J."""
        return len(self.parents)

    @property
    def unknowns(self) -> int:
        """3 J + 3 + B: columns of the Jacobian: pose, transl, betas."""
        return 3 * self.joints + 3 + self.betas

    def index(self, name: str) -> int:
        """The row of a joint or landmark among the points. Raises ValueError for an unknown name."""
        return self.names.index(name)

    def rest(self, betas: npt.ArrayLike) -> Array:
        """The points of the unposed body: (K, 3), metres. betas: (B,) or fewer."""
        full = self.full_betas(betas)
        return np.concatenate([self._rest + self._shapes @ full, self._landmarks + self._landmark_shapes @ full])

    def full_betas(self, betas: npt.ArrayLike) -> Array:
        """(B,) from as many or fewer numbers. Raises ValueError for more."""
        given = np.asarray(betas, np.float64).reshape(-1)
        if len(given) > self.betas:
            raise ValueError(f"betas: expected at most {self.betas}, found {len(given)}")
        return np.concatenate([given, np.zeros(self.betas - len(given))])

    def forward(self, betas: npt.ArrayLike, pose: npt.ArrayLike, transl: npt.ArrayLike = (0.0, 0.0, 0.0)) -> Places:
        """The points in a pose.

        betas: (B,) or fewer. pose: (J, 3) or SMPL's (24, 3), axis-angle, radians. transl: (3,) metres, added last.
        """
        full, vectors = self.full_betas(betas), pose_for(self.data, pose)
        local = so3.exp(vectors)
        rest = self._rest + self._shapes @ full
        rotations, joints = local.copy(), rest.copy()
        for joint, parent in enumerate(self.parents):
            if parent >= 0:
                rotations[joint] = rotations[parent] @ local[joint]
                joints[joint] = joints[parent] + rotations[parent] @ (rest[joint] - rest[parent])
        features = (local[1:] - np.eye(3)).reshape(-1)
        template = self._landmarks + self._landmark_shapes @ full + self._posedirs @ features
        bound = np.einsum("jab,ljb->lja", rotations, template[:, None] - rest) + joints
        landmarks = np.einsum("lj,lja->la", self._weights, bound)
        points = np.concatenate([joints, landmarks]) + np.asarray(transl, np.float64).reshape(3)
        return Places(points, rotations, full, vectors, local, joints, rest, bound, template)

    def jacobian(self, places: Places) -> Array:
        """The derivative of the points with respect to (pose, transl, betas): (K, 3, 3 J + 3 + B), by rotation vectors.

        Columns: 3 j + i is the i-th number of joint j's axis-angle vector; then transl; then betas.
        """
        joints, landmarks = self.joints, len(self._landmarks)
        result = np.zeros((joints + landmarks, 3, self.unknowns))
        poses = result[:, :, : 3 * joints].reshape(joints + landmarks, 3, joints, 3)  # a view, written below
        axes, turned = self.axes(places)
        # what hangs on each joint: of a joint itself 0 or 1, of a landmark the weight of the joints below
        share = np.concatenate([self.below.T, self._weights @ self.below.T])
        moment = np.concatenate(
            [
                self.below.T[:, :, None] * places.joints[:, None],
                np.einsum("lk,jk,lka->lja", self._weights, self.below, places.bound, optimize=True),
            ]
        )
        arms = moment - share[:, :, None] * places.joints  # (K, J, 3)
        poses[:] = np.cross(axes[None], arms[:, :, None, :], axis=-1).transpose(0, 3, 1, 2)
        blended = np.einsum("lj,jab->lab", self._weights, places.rotations)
        per_joint = self._posedirs.reshape(landmarks, 3, joints - 1, 9)
        fixes = np.einsum("lbjf,jif->lbji", per_joint, turned[1:], optimize=True)
        poses[joints:, :, 1:] += np.einsum("lab,lbji->laji", blended, fixes, optimize=True)
        result[:, :, 3 * joints : 3 * joints + 3] = np.eye(3)
        result[:, :, 3 * joints + 3 :] = self._shape_jacobian(places, blended)
        return result

    def axes(self, places: Places) -> tuple[Array, Array]:
        """The world axis about which each number of a pose turns, (J, 3, 3) [joint, number], and d local, (J, 3, 9)."""
        lefts = so3.left_jacobian(places.pose)
        above = np.concatenate([np.eye(3)[None], places.rotations[self.parents[1:]]])
        axes = np.swapaxes(above @ lefts, -1, -2)
        turned = so3.hat(np.swapaxes(lefts, -1, -2)) @ places.local[:, None]
        return axes, turned.reshape(self.joints, 3, 9)

    def _shape_jacobian(self, places: Places, blended: Array) -> Array:
        moved = self._shapes.copy()
        for joint, parent in enumerate(self.parents):
            if parent >= 0:
                moved[joint] = moved[parent] + places.rotations[parent] @ (self._shapes[joint] - self._shapes[parent])
        held = moved - np.einsum("jab,jbs->jas", places.rotations, self._shapes)
        landmarks = blended @ self._landmark_shapes + np.einsum("lj,jas->las", self._weights, held)
        return np.concatenate([moved, landmarks])


def _subtrees(parents: Array) -> Array:
    """(J, J) float64: 1 where the joint of the column hangs on, or is, the joint of the row."""
    below = np.eye(len(parents))
    for joint in range(len(parents) - 1, 0, -1):
        below[parents[joint]] += below[joint]
    return below
