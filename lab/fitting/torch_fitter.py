"""The moving mesh of a fit by PyTorch3D's own operators and autograd: for CUDA, and the reference of the tests.

On CUDA the gradients are added up in no fixed order, so there the same run is the same up to rounding only.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from pytorch3d.loss import chamfer_distance, mesh_edge_loss, mesh_laplacian_smoothing, mesh_normal_consistency
from pytorch3d.ops import mesh_face_areas_normals
from pytorch3d.structures import Meshes

from lab.fitting.fitter import moments, moments_state
from lab.fitting.target import Target
from lab.fitting.topology import Subdivision, Topology, build_topology
from lab.scene import Array

LARGEST_SEED = 2**63 - 1


class TorchFitter:
    """A Fitter on a torch device. state: from ``start_state``, or from ``state`` of either kind of fitter."""

    def __init__(self, state: Mapping[str, Any], target: Target, optimiser: str, seed: int, device: str) -> None:
        self._device = torch.device(device)
        self._target = target
        self._target_verts = self._tensor(target.verts)
        self._target_normals = None if target.normals is None else self._tensor(target.normals)
        if target.faces is not None:
            self._target_faces = self._tensor(target.faces).long()
            self._target_areas = mesh_face_areas_normals(self._target_verts, self._target_faces)[0]
        self._set_mesh(np.asarray(state["base"], np.float32), build_topology(state["faces"], len(state["base"])))
        self._offsets = self._tensor(state["offsets"]).requires_grad_()
        self._optimiser = moments(state, optimiser)
        self._optimiser.map(self._tensor)
        self._rng = torch.Generator(self._device)
        self._rng.manual_seed(seed % LARGEST_SEED)
        if state.get("random_kind") == self._device.type:
            self._rng.set_state(torch.from_numpy(np.array(state["random"])))
        self._random_before = self._rng.get_state()
        self._values: dict[str, torch.Tensor] = {}

    def _tensor(self, array: Array) -> torch.Tensor:
        return torch.tensor(np.asarray(array), device=self._device)

    def _set_mesh(self, base: Array, topology: Topology) -> None:
        self.topology: Topology = topology
        self._base = base
        self._base_mesh = Meshes([self._tensor(base)], [self._tensor(topology.faces).long()])
        self._base_mesh.edges_packed()  # kept by the meshes that are made of it
        self._base_mesh.laplacian_packed()

    def evaluate(self, samples: int, laplacian: str) -> dict[str, float]:
        self._random_before = self._rng.get_state()
        mesh = self._base_mesh.offset_verts(self._offsets)
        points, normals = self._target_points(samples)
        with torch.no_grad():
            areas = mesh_face_areas_normals(mesh.verts_packed(), mesh.faces_packed())[0]
            total = areas.sum()
        if bool(torch.isfinite(total) & (total > 0.0)):
            face_ids, bary = self._draw(areas, samples)
            self._values = self._chamfer_terms(mesh, face_ids, bary, points, normals)
        else:
            self._values = {"chamfer": self._offsets.sum() * float("nan")}
        self._values |= {
            "edge": mesh_edge_loss(mesh),
            "normal": mesh_normal_consistency(mesh),
            "laplacian": mesh_laplacian_smoothing(mesh, laplacian),
        }
        numbers = torch.stack([value.detach().reshape(()) for value in self._values.values()]).tolist()
        return dict(zip(self._values, numbers, strict=True))

    def _draw(self, areas: torch.Tensor, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Face ids (count,) and barycentric coordinates (count, 3), as ``sample_points_from_meshes`` makes them."""
        face_ids = torch.multinomial(areas, count, replacement=True, generator=self._rng)
        u, v = torch.rand(2, count, generator=self._rng, device=self._device)
        root = u.sqrt()
        return face_ids, torch.stack([1.0 - root, root * (1.0 - v), root * v], dim=1)

    def _target_points(self, count: int) -> tuple[torch.Tensor, torch.Tensor | None]:
        if self._target.faces is not None:
            face_ids, bary = self._draw(self._target_areas, count)
            return _on_faces(self._target_verts, self._target_faces, face_ids, bary)
        if len(self._target_verts) <= count:
            return self._target_verts, self._target_normals
        pick = torch.randint(len(self._target_verts), (count,), generator=self._rng, device=self._device)
        return self._target_verts[pick], None if self._target_normals is None else self._target_normals[pick]

    def _chamfer_terms(
        self,
        mesh: Meshes,
        face_ids: torch.Tensor,
        bary: torch.Tensor,
        points: torch.Tensor,
        normals: torch.Tensor | None,
    ) -> dict[str, torch.Tensor]:
        own, own_normals = _on_faces(mesh.verts_packed(), mesh.faces_packed(), face_ids, bary)
        if normals is None:
            return {"chamfer": chamfer_distance(own[None], points[None])[0]}
        value, normals_value = chamfer_distance(
            own[None], points[None], x_normals=own_normals[None], y_normals=normals[None]
        )
        return {"chamfer": value, "normals": normals_value}

    def gradients(self) -> Mapping[str, Array]:
        return {term: self._gradient(value).cpu().numpy() for term, value in self._values.items()}

    def _gradient(self, value: torch.Tensor) -> torch.Tensor:
        if not value.requires_grad:
            return torch.zeros_like(self._offsets)
        gradient = torch.autograd.grad(value.reshape(()), self._offsets, retain_graph=True, allow_unused=True)[0]
        return torch.zeros_like(self._offsets) if gradient is None else gradient

    def update(self, weight: Mapping[str, float], rate: float, momentum: float) -> None:
        parts = [weight[term] * value.reshape(()) for term, value in self._values.items() if weight[term] != 0.0]
        total = self._gradient(torch.stack(parts).sum()) if parts else torch.zeros_like(self._offsets)
        self._values = {}
        with torch.no_grad():
            self._optimiser.step(self._offsets, total, rate, momentum)

    def subdivide(self) -> Subdivision:
        subdivision = Subdivision(self.topology)
        base = subdivision.refine(self._base)
        self._set_mesh(base, build_topology(subdivision.faces, len(base)))

        def refine(values: torch.Tensor) -> torch.Tensor:
            return self._tensor(subdivision.refine(values.detach().cpu().numpy()))

        self._offsets = refine(self._offsets).requires_grad_()
        self._optimiser.map(refine)
        return subdivision

    def verts(self) -> Array:
        return self._base + self.offsets()

    def offsets(self) -> Array:
        return _array(self._offsets)

    def rewind(self, offsets: Array) -> None:
        self._offsets = self._tensor(offsets).requires_grad_()
        self._optimiser.clear()

    def state(self) -> dict[str, Any]:
        return {
            "base": self._base,
            "faces": self.topology.faces,
            "offsets": self.offsets(),
            "random_kind": self._device.type,
            "random": self._random_before.numpy().copy(),
            **moments_state(self._optimiser, _array(self._optimiser.first), _array(self._optimiser.second)),
        }


def _array(tensor: torch.Tensor) -> Array:
    """A copy of its own."""
    return tensor.detach().cpu().numpy().copy()


def _on_faces(
    verts: torch.Tensor, faces: torch.Tensor, face_ids: torch.Tensor, bary: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Points (n, 3) and their unit normals (n, 3), as ``sample_points_from_meshes`` makes them."""
    corners = verts[faces[face_ids]]
    normals = torch.linalg.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 1])
    normals = normals / normals.norm(dim=1, keepdim=True).clamp(min=sys.float_info.epsilon)
    return (bary[:, :, None] * corners).sum(dim=1), normals
