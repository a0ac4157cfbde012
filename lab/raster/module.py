"""A drop-in for PyTorch3D's MeshRasterizer that is fast without a GPU: the same inputs, Fragments and gradients.

Only the rasterisation is the lab's own. Cameras transform as in PyTorch3D, by torch, so that gradients reach them, and
near clipping and culling to the frustum are PyTorch3D's. Tensors on CUDA go to PyTorch3D's own rasteriser.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from pytorch3d.renderer import MeshRasterizer as PyTorch3DRasterizer
from pytorch3d.renderer import RasterizationSettings
from pytorch3d.renderer.mesh.clip import ClipFrustum, clip_faces, convert_clipped_rasterization_to_original_faces
from pytorch3d.renderer.mesh.rasterizer import Fragments
from pytorch3d.renderer.utils import parse_image_size
from pytorch3d.structures import Meshes

from lab.kernels.crew import Crew
from lab.raster.fragments import Rules, draw, draw_backward, for_kernels

_FLOATS = (torch.float32, torch.float64)


class MeshRasterizer(PyTorch3DRasterizer):
    """PyTorch3D's MeshRasterizer with the lab's rasteriser under it.

    cameras, raster_settings: as PyTorch3D's; ``bin_size``, ``max_faces_per_bin`` and ``max_faces_opengl`` do nothing on
    the processor. sane_barycentrics: as in ``Rules``; False for PyTorch3D's order of steps, with which gradients
    explode (REFERENCE III.2) where barycentrics are not clipped.
    """

    def __init__(
        self,
        cameras: Any = None,
        raster_settings: RasterizationSettings | None = None,
        *,
        sane_barycentrics: bool = True,
    ) -> None:
        super().__init__(cameras, raster_settings)
        self.sane_barycentrics = sane_barycentrics

    def forward(self, meshes_world: Meshes, **kwargs: Any) -> Fragments:
        """The fragments of a batch of meshes: pix_to_face (N, H, W, K) int64 counts faces through the batch.

        kwargs: ``cameras`` and ``raster_settings`` for this call, and what the cameras take.
        """
        if meshes_world.device.type != "cpu":
            return super().forward(meshes_world, **kwargs)
        settings: Any = kwargs.get("raster_settings", self.raster_settings)
        cameras: Any = kwargs.get("cameras", self.cameras)
        meshes = self.transform(meshes_world, **kwargs)  # says so where there are no cameras
        perspective = settings.perspective_correct
        if perspective is None:
            perspective = bool(cameras.is_perspective())
        clip = settings.clip_barycentric_coords
        rules = Rules(
            settings.faces_per_pixel,
            settings.blur_radius,
            perspective,
            settings.blur_radius > 0.0 if clip is None else clip,
            settings.cull_backfaces,
            self.sane_barycentrics,
        )
        z_clip = settings.z_clip_value if settings.z_clip_value is not None else _z_clip(cameras, perspective)
        size = parse_image_size(settings.image_size)
        return rasterize_meshes(meshes, size, rules, z_clip, settings.cull_to_frustum)


def _z_clip(cameras: Any, perspective: bool) -> float | None:
    """PyTorch3D's default: half of the near plane's distance, where the camera has one and is perspective."""
    near = cameras.get_znear()
    if isinstance(near, torch.Tensor):
        near = near.min().item()
    return None if near is None or not perspective else float(near) / 2


def rasterize_meshes(
    meshes: Meshes, size: tuple[int, int], rules: Rules, z_clip: float | None, cull_to_frustum: bool
) -> Fragments:
    """The fragments of a batch of meshes in NDC, float32 or float64: as PyTorch3D's function of this name.

    size: (H, W). z_clip: metres, or None for no clipping. cull_to_frustum: leave out faces beside the square [-1, 1]².
    Raises ValueError for vertices of another dtype, and for float64 ones that have to be clipped or culled.
    """
    verts, faces = meshes.verts_packed(), meshes.faces_packed()
    if verts.dtype not in _FLOATS:
        raise ValueError(f"verts: expected float32 or float64, found {verts.dtype}")
    starts, counts = meshes.mesh_to_faces_packed_first_idx(), meshes.num_faces_per_mesh()
    behind = z_clip is not None and len(verts) > 0 and bool((verts[:, 2] < z_clip).any())
    if not (behind or cull_to_frustum):
        return Fragments(*_Draw.apply(verts, faces, None, starts, counts, size, rules))
    if verts.dtype != torch.float32:
        raise ValueError(f"verts: PyTorch3D needs float32 where faces cross the near plane, found {verts.dtype}")
    frustum = ClipFrustum(
        left=-1, right=1, top=-1, bottom=1, perspective_correct=rules.perspective_correct, z_clip_value=z_clip,
        cull=cull_to_frustum,
    )  # fmt: skip
    clipped = clip_faces(verts[faces], starts, counts, frustum)
    corners = clipped.face_verts.reshape(-1, 3)
    parts = torch.arange(len(corners)).reshape(-1, 3)
    halves = clipped.clipped_faces_neighbor_idx
    pix_to_face, zbuf, bary, dists = _Draw.apply(
        corners, parts, halves, clipped.mesh_to_face_first_idx, clipped.num_faces_per_mesh, size, rules
    )
    pix_to_face, bary = convert_clipped_rasterization_to_original_faces(pix_to_face, bary, clipped)
    return Fragments(pix_to_face, zbuf, bary, dists)


class _Draw(torch.autograd.Function):
    """Batches of meshes to the four tensors of Fragments; the gradient goes to the vertices."""

    @staticmethod
    def forward(
        ctx: Any,
        verts: torch.Tensor,
        faces: torch.Tensor,
        halves: torch.Tensor | None,
        starts: torch.Tensor,
        counts: torch.Tensor,
        size: tuple[int, int],
        rules: Rules,
    ) -> tuple[torch.Tensor, ...]:
        """faces: (F, 3), packed; halves: (F,), as ``Clipped.neighbours``; starts, counts: (N,), of a mesh's faces."""
        ndc = for_kernels(verts.detach().numpy())
        indices = for_kernels(faces.numpy(), np.int32)
        neighbours = np.zeros(0, np.int32) if halves is None else halves.numpy().astype(np.int32)
        images = []
        for first, last in _ranges(starts, counts):
            own = neighbours[first:last]
            own = np.where(own < 0, own, own - np.int32(first))
            images.append(draw(ndc, indices[first:last], own, size, rules, _crew()))
        ids = [torch.from_numpy(image.pix_to_face).long() for image in images]
        for image, first in zip(ids, starts.tolist(), strict=True):
            if first:
                image += first * (image >= 0)
        pix_to_face = _stacked(ids)
        zbuf, bary, dists = (
            _stacked([torch.from_numpy(getattr(image, name)) for image in images]) for name in ("zbuf", "bary", "dists")
        )
        ctx.sources, ctx.starts = [image.source for image in images], starts.tolist()
        ctx.save_for_backward(verts, pix_to_face)
        ctx.mark_non_differentiable(pix_to_face)
        return pix_to_face, zbuf, bary, dists

    @staticmethod
    @torch.autograd.function.once_differentiable  # type: ignore[untyped-decorator]
    def backward(ctx: Any, _: Any, grad_zbuf: Any, grad_bary: Any, grad_dists: Any) -> tuple[torch.Tensor | None, ...]:
        verts, pix_to_face = ctx.saved_tensors
        grad = torch.zeros_like(verts)
        for n, (source, first) in enumerate(zip(ctx.sources, ctx.starts, strict=True)):
            ids = pix_to_face[n].numpy()
            local = for_kernels(ids - first if first else ids, np.int32)  # empty places stay below 0
            grads = [for_kernels(part[n].numpy()) for part in (grad_zbuf, grad_bary, grad_dists)]
            grad += torch.from_numpy(draw_backward(source, local, grads[0], grads[1], grads[2], _crew()))
        return (grad, None, None, None, None, None, None)


def _stacked(images: list[torch.Tensor]) -> torch.Tensor:
    """(N, ...) of N images, without a copy of a single one."""
    return images[0][None] if len(images) == 1 else torch.stack(images)


def _ranges(starts: torch.Tensor, counts: torch.Tensor) -> Iterator[tuple[int, int]]:
    for first, count in zip(starts.tolist(), counts.tolist(), strict=True):
        yield first, first + count


def _crew() -> Crew:
    """The threads that all rasterizers of this process share: a forked process makes its own."""
    return _crew_of(os.getpid())


@functools.lru_cache(maxsize=1)
def _crew_of(process: int) -> Crew:
    return Crew()
