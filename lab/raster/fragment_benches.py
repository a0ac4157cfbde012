"""The fragments of 5,120 faces and their gradient, against PyTorch3D's own rasteriser on the processor."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from pytorch3d.renderer import FoVPerspectiveCameras, RasterizationSettings, look_at_view_transform
from pytorch3d.renderer import MeshRasterizer as PyTorch3DRasterizer
from pytorch3d.renderer.mesh.rasterizer import Fragments
from pytorch3d.structures import Meshes

from lab.bench import Figure, alternate
from lab.fitting.templates import ico_sphere
from lab.kernels.crew import usable_threads
from lab.raster.module import MeshRasterizer

SIZES = (128, 256)
LEVEL = 4
FACES_PER_PIXEL = 50
BLUR_RADIUS = 9.2102e-4  # ln(1 / 1e-4 - 1) 1e-4: the course's


def fragments() -> Iterator[Figure]:
    """Forward and backward at K = 50 and the course's blur, of both as modules of torch.

    Raises RuntimeError where the two do not find the same faces, but for a few that are equally far.
    """
    torch.set_num_threads(usable_threads())  # PyTorch3D's forward uses them
    verts, faces = ico_sphere(LEVEL)
    moving, indices = torch.tensor(verts, requires_grad=True), torch.tensor(faces).long()
    mesh = Meshes([moving], [indices])
    R, T = look_at_view_transform(2.7, 20.0, 30.0)
    cameras = FoVPerspectiveCameras(R=R, T=T)
    for size in SIZES:
        settings = RasterizationSettings(size, BLUR_RADIUS, FACES_PER_PIXEL)
        ours = MeshRasterizer(cameras, settings, sane_barycentrics=False)
        peer = PyTorch3DRasterizer(cameras, settings)
        found: dict[str, torch.Tensor] = {}
        times = alternate(
            lambda ours=ours, found=found: found.update(ours=_once(ours, mesh, moving)),  # type: ignore[misc]
            lambda peer=peer, found=found: found.update(peer=_once(peer, mesh, moving)),  # type: ignore[misc]
            rounds=1,
        )
        same = float((found["ours"] == found["peer"]).double().mean())
        if same < 0.999:
            raise RuntimeError(f"the fragments differ from PyTorch3D's: only {same:.2%} are of the same face")
        note = f"{len(faces):,} faces, K = {FACES_PER_PIXEL}, forward and backward, {same:.3%} the same faces"
        yield Figure(f"fragments {size}", *times, note=note)


def _once(rasterizer: PyTorch3DRasterizer, mesh: Meshes, moving: torch.Tensor) -> torch.Tensor:
    """Forward, and the gradient of a sum over everything; the faces found."""
    found: Fragments = rasterizer(mesh)
    assert found.dists is not None
    total = found.zbuf.sum() + found.dists.sum() + found.bary_coords[..., 0].sum()
    torch.autograd.grad(total, moving)
    return found.pix_to_face
