"""The soft picture of a mesh, with the fragments that it was made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.kernels.crew import Crew
from lab.raster.fragments import Fragments, rasterize
from lab.scene import Array
from lab.shading.blending import Blend, weigh
from lab.shading.surface import Surface


@dataclass(frozen=True)
class SoftBlend(Blend):
    """A blend that can leave barycentrics unclipped outside of faces: clip False, which PyTorch3D does without blur."""

    clip: bool = True

    def rules(self, orthographic: bool) -> dict[str, Any]:
        """The settings that ``rasterize`` takes, but for near clipping and culling."""
        return {**super().rules(orthographic), "clip_barycentric": self.clip}


@dataclass(frozen=True, eq=False)
class SoftPicture:
    """rgb: (H, W, 3), alpha: (H, W), linear, float. fragments: (H, W, K), what they were made from."""

    rgb: Array
    alpha: Array
    fragments: Fragments


def soft_fragments(ndc: Array, faces: Array, size: tuple[int, int], blend: Blend, near: float, crew: Crew) -> Fragments:
    """The K nearest faces of each pixel of an image of size (height, width), cut ``near`` metres before the camera."""
    return rasterize(ndc, faces, size, z_clip=near, crew=crew, **blend.rules(orthographic=False))


def soft_picture(fragments: Fragments, blend: Blend, surface: Surface) -> SoftPicture:
    """Shade and blend fragments."""
    height, width, _ = fragments.pix_to_face.shape
    taken = fragments.pix_to_face >= 0
    depth_of_stack = int(taken.sum(axis=2).max(initial=0))  # places behind it are empty everywhere
    reached = taken[..., 0]
    face = fragments.pix_to_face[reached][:, :depth_of_stack]
    found = face >= 0
    dtype = fragments.dists.dtype
    colors = np.zeros((*face.shape, 3), dtype)
    colors[found] = surface.colors(face[found], fragments.bary[reached][:, :depth_of_stack][found])
    dists, zbuf = (values[reached][:, :depth_of_stack] for values in (fragments.dists, fragments.zbuf))
    weights = weigh(dists, zbuf, found, blend)
    background = np.array(surface.look.background, dtype)
    rgb = np.empty((height, width, 3), dtype)
    rgb[:] = background
    rgb[reached] = np.einsum("pk,pkc->pc", weights.face, colors) + weights.background[:, None] * background
    alpha = np.zeros((height, width), dtype)
    alpha[reached] = weights.alpha
    return SoftPicture(rgb, alpha, fragments)
