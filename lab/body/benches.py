"""The body's forward pass, measured against SMPL written down plainly with einsum, as ports of the original do it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from torch import Tensor

from lab.bench import Figure, alternate
from lab.body.data import BodyData
from lab.body.library import load_body
from lab.body.model import BodyModel
from lab.body.posing import Poser
from lab.kernels.crew import usable_threads
from lab.scene import Array

_POSES = 16


def forward() -> Iterator[Figure]:
    """One body with new betas and a new pose each time: the numpy of studies, the module, and its gradients."""
    data = load_body("neutral")
    peer, poser, model = PlainBody(data), Poser(data), BodyModel(data)
    rng = np.random.default_rng(0)
    betas, poses = rng.normal(size=(_POSES, 10)), rng.normal(scale=0.3, size=(_POSES, len(data.parents), 3))
    turns = {"numpy": 0, "module": 0, "peer": 0}

    def take(who: str) -> tuple[Array, Array]:
        turns[who] = (turns[who] + 1) % _POSES
        return betas[turns[who]], poses[turns[who]]

    def ours_numpy() -> None:
        shape, pose = take("numpy")
        poser.pose(poser.shape(shape), pose)

    def tensors(who: str) -> tuple[Tensor, Tensor]:
        shape, pose = take(who)
        return torch.tensor(shape[None], dtype=torch.float32), torch.tensor(pose[None], dtype=torch.float32)

    def ours_module() -> None:
        shape, pose = tensors("module")
        model(shape, pose[:, 1:], pose[:, 0])

    def peers() -> None:
        peer(*tensors("peer"))

    def gradients(posed: Tensor, *by: Tensor) -> None:
        torch.autograd.grad(posed.square().sum(), by)

    def ours_backward() -> None:
        shape, pose = (tensor.requires_grad_() for tensor in tensors("module"))
        gradients(model(shape, pose[:, 1:], pose[:, 0]).verts, shape, pose)

    def peers_backward() -> None:
        shape, pose = (tensor.requires_grad_() for tensor in tensors("peer"))
        gradients(peer(shape, pose), shape, pose)

    _best_threads(peers_backward)
    size = f"{len(data.v_template):,} vertices, 10 betas and 72 pose numbers, against plain einsum in PyTorch"
    with torch.no_grad():
        yield Figure("body numpy", *alternate(ours_numpy, peers, rounds=25), note=size)
        yield Figure("body module", *alternate(ours_module, peers, rounds=25), note=size)
    note = f"the same with gradients, {torch.get_num_threads()} threads"
    yield Figure("body gradients", *alternate(ours_backward, peers_backward, rounds=25, ours_a_round=3), note=note)


def _best_threads(peer: Callable[[], object]) -> None:
    """Give PyTorch the number of threads with which ``peer`` is faster, one or all."""
    times = {}
    for threads in sorted({1, usable_threads()}):
        torch.set_num_threads(threads)
        peer()
        start = time.perf_counter()
        for _ in range(5):
            peer()
        times[threads] = time.perf_counter() - start
    torch.set_num_threads(min(times, key=lambda threads: times[threads]))


class PlainBody:
    """SMPL line by line: all columns of everything, 4 x 4 matrices, joint after joint."""

    def __init__(self, data: BodyData) -> None:
        assert data.posedirs is not None
        self._template, self._shapes = torch.tensor(data.v_template), torch.tensor(data.shapedirs)
        count = len(data.v_template)
        self._correctives = torch.tensor(np.ascontiguousarray(data.posedirs.reshape(3 * count, -1).T))
        self._regressor = torch.tensor(data.J_regressor.toarray())
        self._weights, self._parents = torch.tensor(data.weights), data.parents.tolist()

    def __call__(self, betas: Tensor, pose: Tensor) -> Tensor:
        """(N, V, 3) of betas (N, B) and pose (N, J, 3)."""
        shaped = self._template + torch.einsum("bl,mkl->bmk", betas, self._shapes)
        joints = torch.einsum("bik,ji->bjk", shaped, self._regressor)
        rotations = self._rotations(pose.reshape(-1, 3)).view(len(pose), -1, 3, 3)
        features = (rotations[:, 1:] - torch.eye(3)).reshape(len(pose), -1)
        posed = shaped + (features @ self._correctives).view(len(pose), -1, 3)
        transforms = self._transforms(rotations, joints)
        blended = torch.einsum("vj,bjkl->bvkl", self._weights, transforms)
        homogeneous = torch.cat([posed, torch.ones_like(posed[..., :1])], dim=-1)
        return torch.einsum("bvkl,bvl->bvk", blended, homogeneous)[..., :3]

    @staticmethod
    def _rotations(vectors: Tensor) -> Tensor:
        angles = (vectors + 1e-8).norm(dim=1, keepdim=True)
        x, y, z = (vectors / angles).unbind(dim=1)
        zero = torch.zeros_like(x)
        skew = torch.stack([zero, -z, y, z, zero, -x, -y, x, zero], dim=1).view(-1, 3, 3)
        sin, cos = angles.sin()[..., None], angles.cos()[..., None]
        return torch.eye(3) + sin * skew + (1 - cos) * (skew @ skew)

    def _transforms(self, rotations: Tensor, joints: Tensor) -> Tensor:
        """SMPL's G', (N, J, 4, 4)."""
        relative = torch.cat([joints[:, :1], joints[:, 1:] - joints[:, self._parents[1:]]], dim=1)
        bottom = torch.tensor([0.0, 0.0, 0.0, 1.0]).expand(len(joints), 1, 4)
        chain: list[Tensor] = []
        for joint, parent in enumerate(self._parents):
            local = torch.cat([torch.cat([rotations[:, joint], relative[:, joint, :, None]], dim=2), bottom], dim=1)
            chain.append(local if parent < 0 else chain[parent] @ local)
        world = torch.stack(chain, dim=1)
        rest = torch.einsum("bjkl,bjl->bjk", world[..., :3], joints)
        return torch.cat([world[..., :3], (world[..., 3] - rest)[..., None]], dim=-1)
