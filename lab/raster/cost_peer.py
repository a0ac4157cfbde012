"""The same pictures by PyTorch3D's own functions, on the processor, with its autograd."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from pytorch3d.ops import interpolate_face_attributes
from pytorch3d.renderer.blending import BlendParams, sigmoid_alpha_blend, softmax_rgb_blend
from pytorch3d.renderer.mesh.rasterize_meshes import rasterize_meshes
from pytorch3d.renderer.mesh.rasterizer import Fragments
from pytorch3d.structures import Meshes

from lab.chapters.rendering.cost import COLORS, SILHOUETTE
from lab.raster.cost_scene import Case


def peer_pass(case: Case, what: str, faces_per_pixel: int) -> Callable[[], torch.Tensor]:
    """Forward and backward of one picture with the K nearest faces; what is measured is among ``cost.KINDS``.

    The call gives alpha (H, W), the colours (H, W, 4), or the fragments' dists (H, W, K).
    """
    ndc, faces = case.mesh
    index = torch.tensor(faces, dtype=torch.int64)
    rng = np.random.default_rng(0)
    colors = torch.from_numpy(rng.uniform(size=(len(faces), 3, 3)).astype(np.float32))
    blend = BlendParams(sigma=case.sigma, gamma=1e-4)

    def run() -> torch.Tensor:
        verts = torch.tensor(ndc, requires_grad=True)
        found = Fragments(
            *rasterize_meshes(
                Meshes([verts], [index]),
                case.size,
                case.blur_radius,
                faces_per_pixel,
                perspective_correct=what != SILHOUETTE,
                clip_barycentric_coords=True,
            )
        )
        picture = _shade(found, what, colors, blend)
        torch.autograd.grad(sum(part.sum() for part in picture), verts)
        return picture[-1][0].detach()

    return run


def _shade(found: Fragments, what: str, colors: torch.Tensor, blend: BlendParams) -> tuple[torch.Tensor, ...]:
    if what == SILHOUETTE:
        return (sigmoid_alpha_blend(torch.ones(*found.pix_to_face.shape, 3), found, blend)[..., 3],)
    if what == COLORS:
        texels = interpolate_face_attributes(found.pix_to_face, found.bary_coords, colors)
        return (softmax_rgb_blend(texels, found, blend),)
    return found.zbuf, found.bary_coords, found.dists
