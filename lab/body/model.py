"""SMPL as a PyTorch module: batched, differentiable, in single or double precision, on any device (REFERENCE IV.2).

Source: M. Loper, N. Mahmood, J. Romero, G. Pons-Moll, M. J. Black, "SMPL: A Skinned Multi-Person Linear Model" (2015),
equations 2 to 12.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from torch import Tensor

from lab.body.data import BodyData
from lab.body.sparse_product import SparseProduct
from lab.scene import Array

_SPARSE = 0.25  # of the pose correctives may be other than zero for the sparse product to be the faster one


@dataclass(frozen=True, eq=False)
class BodyOutput:
    """Posed bodies, metres, world. verts: (N, V, 3). joints: (N, J, 3). landmarks: (N, L, 3), see landmark_names."""

    verts: Tensor
    joints: Tensor
    landmarks: Tensor


class BodyModel(torch.nn.Module):
    """Skinned bodies from betas and poses.

    Buffers only, no parameters: hand over tensors that require gradients. ``to`` moves it to a device or a dtype.
    num_betas: how many betas there are. landmark_names: (L,). parents: (J,), -1 for the root.
    """

    v_template: Tensor
    faces: Tensor
    _shapes: Tensor
    _rest_joints: Tensor
    _joint_shapes: Tensor
    _correctives: Tensor | None
    _weights: Tensor
    _landmark_verts: Tensor
    _order: Tensor

    def __init__(self, data: BodyData, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        count, betas = len(data.v_template), data.shapedirs.shape[2]
        self.num_betas = betas
        self.num_joints = len(data.parents)
        self.parents = tuple(int(parent) for parent in data.parents)
        self.landmark_names = tuple(data.landmarks)
        self._levels = torch.nn.ModuleList(_levels(self.parents))
        listed = [0, *(child for level in cast(Iterable[_Level], self._levels) for child in level.joints.tolist())]

        def keep(name: str, array: Array, kind: torch.dtype = dtype) -> None:
            self.register_buffer(name, torch.from_numpy(np.array(array)).to(kind).contiguous())

        regressor = data.J_regressor.astype(np.float64)
        shapes = data.shapedirs.reshape(count, 3 * betas).astype(np.float64)
        keep("v_template", data.v_template)
        keep("faces", data.faces, torch.int64)
        keep("_shapes", data.shapedirs.reshape(3 * count, betas).T)
        keep("_rest_joints", regressor @ data.v_template.astype(np.float64))
        keep("_joint_shapes", np.asarray(regressor @ shapes).reshape(3 * self.num_joints, betas).T)
        keep("_weights", data.weights)
        keep("_order", np.array([listed.index(joint) for joint in range(self.num_joints)]), torch.int64)
        keep("_landmark_verts", np.array(list(data.landmarks.values()), np.int64), torch.int64)
        self.register_buffer("_correctives", None)
        self._few_correctives: SparseProduct | None = None
        if data.posedirs is not None:
            basis = data.posedirs.reshape(3 * count, -1).T
            if np.count_nonzero(basis) < _SPARSE * basis.size:
                self._few_correctives = SparseProduct(basis, dtype)
            else:
                keep("_correctives", basis)

    def shape(self, betas: Tensor) -> tuple[Tensor, Tensor]:
        """The bodies at rest: verts (N, V, 3) and joints (N, J, 3), which depend on the shape only.

        betas: (N, B), with B at most num_betas; the others are 0.
        """
        if betas.ndim != 2 or betas.shape[1] > self.num_betas:
            raise ValueError(f"betas: expected (N, at most {self.num_betas}), found {tuple(betas.shape)}")
        used = betas.shape[1]
        verts = self.v_template + (betas @ self._shapes[:used]).view(len(betas), -1, 3)
        joints = self._rest_joints + (betas @ self._joint_shapes[:used]).view(len(betas), -1, 3)
        return verts, joints

    def forward(
        self,
        betas: Tensor,
        body_pose: Tensor,
        global_orient: Tensor,
        transl: Tensor | None = None,
        *,
        pose_correctives: bool = True,
    ) -> BodyOutput:
        """Pose bodies. Any argument may have one row for all N, if the others have N.

        betas: (N, B). body_pose: (N, J - 1, 3) or (N, 3 (J - 1)), axis-angle of all joints but the root, radians.
        global_orient: (N, 3) axis-angle of the root, about the pelvis. transl: (N, 3) metres, added last.
        Raises ValueError on wrong shapes.
        """
        rest, joints = self.shape(betas)
        rotations = axis_angle_to_matrix(self._pose(body_pose, global_orient))
        if pose_correctives:
            rest = rest + self._corrections(rotations)
        frames, moves = self._kinematics(rotations, joints)
        verts = self._skin(rest, _without_rest(frames, moves, joints))
        posed_joints = joints + moves
        if transl is not None:
            verts, posed_joints = verts + transl[:, None], posed_joints + transl[:, None]
        return BodyOutput(verts, posed_joints, verts[:, self._landmark_verts])

    def _pose(self, body_pose: Tensor, global_orient: Tensor) -> Tensor:
        """(N, J, 3) of both parts."""
        expected = 3 * (self.num_joints - 1)
        if body_pose.ndim not in (2, 3) or body_pose.shape[1:].numel() != expected:
            raise ValueError(f"body_pose: expected (N, {expected}), found {tuple(body_pose.shape)}")
        if global_orient.ndim != 2 or global_orient.shape[1] != 3:
            raise ValueError(f"global_orient: expected (N, 3), found {tuple(global_orient.shape)}")
        count = max(len(body_pose), len(global_orient))
        body = body_pose.reshape(len(body_pose), self.num_joints - 1, 3).expand(count, -1, -1)
        return torch.cat([global_orient[:, None].expand(count, -1, -1), body], dim=1)

    def _corrections(self, rotations: Tensor) -> Tensor:
        """Pose blend shapes: (N, V, 3) of rotations (N, J, 3, 3), or a single 0 where the model has none."""
        features = (rotations[:, 1:] - _eye(rotations)).flatten(1)
        if self._few_correctives is not None:
            return self._few_correctives(features).reshape(len(features), -1, 3)
        if self._correctives is None:
            return rotations.new_zeros(())
        return (features @ self._correctives).view(len(features), -1, 3)

    def _kinematics(self, rotations: Tensor, joints: Tensor) -> tuple[Tensor, Tensor]:
        """Each joint's rotation in the world (N, J, 3, 3), and how far it was carried (N, J, 3), level by level."""
        count = max(len(rotations), len(joints))
        rotations, joints = rotations.expand(count, -1, -1, -1), joints.expand(count, -1, -1)
        eye = _eye(rotations)
        frames, moves = [rotations[:, :1]], [torch.zeros_like(joints[:, :1])]
        for level in cast(Iterable[_Level], self._levels):
            parent_frames, parent_moves = frames[-1][:, level.rows], moves[-1][:, level.rows]
            bones = joints[:, level.joints] - joints[:, level.above]
            frames.append(parent_frames @ rotations[:, level.joints])
            moves.append(parent_moves + ((parent_frames - eye) @ bones[..., None])[..., 0])
        return torch.cat(frames, dim=1)[:, self._order], torch.cat(moves, dim=1)[:, self._order]

    def _skin(self, rest: Tensor, motions: Tensor) -> Tensor:
        """v + sum of w [R - I | t] v. rest: (N, V, 3). motions: (N, J, 3, 4)."""
        count = max(len(rest), len(motions))
        blended = (self._weights @ motions.reshape(len(motions), self.num_joints, 12)).view(len(motions), -1, 3, 4)
        rest, blended = rest.expand(count, -1, -1), blended.expand(count, -1, -1, -1)
        return rest + (blended[..., :3] @ rest[..., None])[..., 0] + blended[..., 3]


def axis_angle_to_matrix(vectors: Tensor) -> Tensor:
    """Rodrigues' formula: (..., 3) radians -> (..., 3, 3), exactly I at zero, with exact gradients there.

    R = I + sinc(t) K + 1/2 sinc(t/2)² K², t = |w|. Near 0 the factors are series in t², as the root has no slope there.
    """
    squared = (vectors * vectors).sum(dim=-1)
    small = squared < 1e-3
    t = torch.where(small, torch.ones_like(squared), squared).sqrt()
    first = torch.where(small, _series(squared, (1.0, -1 / 6, 1 / 120, -1 / 5040, 1 / 362880)), t.sin() / t)
    half = torch.where(small, _series(squared, (1 / 2, -1 / 24, 1 / 720, -1 / 40320)), 2 * ((t / 2).sin() / t) ** 2)
    x, y, z = vectors.unbind(dim=-1)
    zero = torch.zeros_like(x)
    skew = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], dim=-1).unflatten(-1, (3, 3))
    return _eye(vectors) + first[..., None, None] * skew + half[..., None, None] * (skew @ skew)


def _series(squared: Tensor, factors: tuple[float, ...]) -> Tensor:
    total = torch.full_like(squared, factors[-1])
    for factor in factors[-2::-1]:
        total = total * squared + factor
    return total


def _without_rest(frames: Tensor, moves: Tensor, joints: Tensor) -> Tensor:
    """G' - [I | 0]: (N, J, 3, 4), what skinning adds to a vertex; exactly 0 for joints that stand still."""
    turned = frames - _eye(frames)
    shift = moves - (turned @ joints[..., None])[..., 0]
    return torch.cat([turned, shift[..., None]], dim=-1)


def _eye(like: Tensor) -> Tensor:
    return torch.eye(3, dtype=like.dtype, device=like.device)


class _Level(torch.nn.Module):
    """The joints of one depth. joints, above: themselves and their parents. rows: those parents in the level above."""

    joints: Tensor
    above: Tensor
    rows: Tensor

    def __init__(self, joints: list[int], above: list[int], rows: list[int]) -> None:
        super().__init__()
        for name, numbers in (("joints", joints), ("above", above), ("rows", rows)):
            self.register_buffer(name, torch.tensor(numbers))  # on the model's device, as a list would be copied there


def _levels(parents: tuple[int, ...]) -> list[_Level]:
    """The joints below the root, by their depth."""
    levels, before = [], [0]
    while joints := [joint for joint, parent in enumerate(parents) if parent in before and joint]:
        above = [parents[joint] for joint in joints]
        levels.append(_Level(joints, above, [before.index(parent) for parent in above]))
        before = joints
    return levels
