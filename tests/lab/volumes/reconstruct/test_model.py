"""The course's volume and its rays: REFERENCE III.3."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from pytorch3d.renderer import EmissionAbsorptionRaymarcher
from pytorch3d.renderer.implicit.renderer import VolumeSampler
from pytorch3d.renderer.implicit.utils import RayBundle

from lab.fields.rays import rays_of
from lab.volumes.reconstruct.model import DepthRaymarcher, VolumeModel, cameras_of
from lab.volumes.reconstruct.options import VolumeOptions
from tests.lab.volumes.reconstruct.small_volumes import camera, options


def test_it_begins_as_even_grey_fog() -> None:
    volumes = VolumeModel(options()).volumes(2)
    assert volumes.densities().shape == (2, 1, 24, 24, 24)
    assert volumes.features().shape == (2, 3, 24, 24, 24)
    assert torch.allclose(volumes.densities(), torch.tensor(0.0179862), atol=1e-6)
    assert torch.equal(volumes.features(), torch.full_like(volumes.features(), 0.5))


def test_the_course_spaces_voxels_and_samples_as_the_reference_says() -> None:
    course = VolumeOptions()
    assert (course.voxels - 1) * course.voxel / 2 == pytest.approx(1.48828, abs=1e-5)
    assert course.spacing == pytest.approx(2.9 / 149)


def test_samples_at_voxel_centres_are_the_voxels() -> None:
    model = VolumeModel(options(voxels=5, voxel=0.5, center=(0.25, -1.0, 2.0)))
    with torch.no_grad():
        model.densities.copy_(torch.randn(1, 5, 5, 5, generator=torch.Generator().manual_seed(0)))
    line = torch.arange(5) * 0.5 - 1.0
    z, y, x = torch.meshgrid(line + 2.0, line - 1.0, line + 0.25, indexing="ij")
    places = torch.stack([x, y, z], dim=-1).reshape(1, -1, 3)
    bundle = RayBundle(places, torch.ones_like(places), torch.zeros(1, 125, 1), torch.zeros(1, 125, 2))
    found = VolumeSampler(model.volumes(1))(bundle)[0]
    assert torch.allclose(found.reshape(5, 5, 5), torch.sigmoid(model.densities[0]), atol=1e-5)


def test_equal_samples_hide_as_the_reference_says() -> None:
    bundle = SimpleNamespace(lengths=torch.linspace(1.0, 4.0, 10)[None], directions=torch.tensor([[0.0, 0.0, -2.0]]))
    seen = DepthRaymarcher()(torch.full((1, 10, 1), 0.3), torch.full((1, 10, 3), 0.4), ray_bundle=bundle)[0]
    opacity = 0.9717525
    assert seen[4].item() == pytest.approx(opacity, abs=1e-6)
    assert torch.allclose(seen[:3], torch.tensor(0.4 * opacity), atol=1e-6)
    weights = 0.3 * 0.7 ** np.arange(10)
    assert seen[3].item() == pytest.approx(float((weights * 2.0 * np.linspace(1, 4, 10)).sum()), abs=1e-5)


@pytest.mark.parametrize("height", [24, 14])
def test_its_rays_are_those_of_the_lab(height: int) -> None:
    seen = camera((0.8, 1.0, 2.0), 24, height)
    rays: list[RayBundle] = []

    class Keeping(EmissionAbsorptionRaymarcher):
        def forward(self, *samples: torch.Tensor, ray_bundle: RayBundle, **rest: object) -> torch.Tensor:
            rays.append(ray_bundle)
            return super().forward(*samples, **rest)

    VolumeModel(options())(cameras_of([seen], torch.device("cpu")), 24, height, Keeping())
    origins, directions = rays_of(seen)
    found = rays[0].directions[0].detach().numpy()
    assert found.shape == (height, 24, 3)
    unit = found / np.linalg.norm(found, axis=2, keepdims=True)
    np.testing.assert_allclose(unit.reshape(-1, 3), directions, atol=2e-6)
    along = found.reshape(-1, 3) @ -seen.rotation[:, 2]
    np.testing.assert_allclose(along, 1.0, atol=1e-5)  # lengths are depths
    np.testing.assert_allclose(rays[0].origins[0].detach().numpy().reshape(-1, 3), origins, atol=1e-5)
    assert rays[0].lengths[0, 0, 0, [0, -1]].tolist() == pytest.approx([0.1, 3.0])
