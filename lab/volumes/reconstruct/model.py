"""The course's volume: a density and a colour in every voxel, rendered by PyTorch3D's own classes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from pytorch3d.renderer import (
    EmissionAbsorptionRaymarcher,
    NDCMultinomialRaysampler,
    PerspectiveCameras,
    VolumeRenderer,
)
from pytorch3d.structures import Volumes
from torch import Tensor, nn

from lab.cameras.conventions import to_pytorch3d
from lab.cameras.model import CameraModel
from lab.scene import Array
from lab.volumes.reconstruct.options import VolumeOptions


class VolumeModel(nn.Module):
    """densities: (1, D, H, W) and colors: (3, D, H, W), logits, x along W, y along H and z along D.

    Voxels hold sigmoid(logit); in between, PyTorch3D interpolates those (not the logits).
    """

    def __init__(self, options: VolumeOptions) -> None:
        super().__init__()
        self._options = options
        shape = (options.voxels,) * 3
        self.densities = nn.Parameter(torch.full((1, *shape), float(options.first_density)))
        self.colors = nn.Parameter(torch.zeros(3, *shape))

    def volumes(self, count: int) -> Volumes:
        """The volume, ``count`` times the same."""
        densities, colors = torch.sigmoid(self.densities), torch.sigmoid(self.colors)
        return Volumes(
            densities=densities[None].expand(count, *densities.shape),
            features=colors[None].expand(count, *colors.shape),
            voxel_size=self._options.voxel,
            volume_translation=[-c for c in self._options.center],
        )

    def forward(self, cameras: PerspectiveCameras, width: int, height: int, raymarcher: nn.Module) -> Tensor:
        """What the cameras see: (N, height, width, C), C as the marcher has it; red, green, blue, ..., opacity."""
        options = self._options
        sampler = NDCMultinomialRaysampler(
            image_width=width,
            image_height=height,
            n_pts_per_ray=options.points,
            min_depth=options.near,
            max_depth=options.far,
        )
        return VolumeRenderer(sampler, raymarcher)(cameras=cameras, volumes=self.volumes(len(cameras)))[0]


class DepthRaymarcher(EmissionAbsorptionRaymarcher):
    """Also marches how far a sample is: red, green, blue, the weighted sum of metres along the ray, opacity."""

    def forward(self, rays_densities: Tensor, rays_features: Tensor, ray_bundle: Any, **options: Any) -> Tensor:
        """See PyTorch3D."""
        away = ray_bundle.lengths * ray_bundle.directions.norm(dim=-1, keepdim=True)
        return super().forward(rays_densities, torch.cat([rays_features, away[..., None]], dim=-1), **options)


def cameras_of(cameras: Sequence[CameraModel], device: torch.device) -> PerspectiveCameras:
    """The cameras as PyTorch3D has them."""
    there = [to_pytorch3d(camera) for camera in cameras]

    def stacked(values: list[Array]) -> Tensor:
        return torch.tensor(np.stack(values), dtype=torch.float32, device=device)

    return PerspectiveCameras(
        R=stacked([camera.R for camera in there]),
        T=stacked([camera.T for camera in there]),
        focal_length=stacked([camera.focal_length for camera in there]),
        principal_point=stacked([camera.principal_point for camera in there]),
        device=device,
    )
