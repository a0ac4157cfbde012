"""The fused rasterisers inside PyTorch: gradcheck in float64, through a camera."""

from __future__ import annotations

import numpy as np
import torch

from lab.raster.points import SoftPoints
from lab.raster.silhouette import SoftSilhouette
from lab.raster.soft import SoftRender
from lab.raster.torch_ops import soft_points, soft_render, soft_silhouette
from tests.lab.raster.test_silhouette import triangles

SIZE = (7, 9)


def inputs() -> tuple[torch.Tensor, np.ndarray]:
    ndc, faces = triangles(4, 2, spread=0.3)
    return torch.tensor(ndc, dtype=torch.float64, requires_grad=True), faces


def test_the_silhouette():
    ndc, faces = inputs()
    renderer = SoftSilhouette(faces, SIZE, sigma=1e-2, blur_radius=9.0, dtype=np.float64)
    assert torch.autograd.gradcheck(lambda x: soft_silhouette(x, renderer), [ndc], atol=1e-5, eps=1e-7)


def test_the_picture():
    ndc, faces = inputs()
    colors = torch.rand(len(faces), 3, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    colors.requires_grad_()
    renderer = SoftRender(faces, SIZE, sigma=1e-2, gamma=0.1, blur_radius=9.0, z_far=10, dtype=np.float64)
    assert torch.autograd.gradcheck(
        lambda x, c: soft_render(x, c, renderer), [ndc, colors], atol=1e-4, rtol=2e-3, eps=1e-7
    )


def test_the_points():
    ndc, _ = inputs()
    features = torch.rand(6, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0), requires_grad=True)
    renderer = SoftPoints(SIZE, 0.6, dtype=np.float64)
    assert torch.autograd.gradcheck(lambda x, f: soft_points(x, f, renderer), [ndc, features], atol=1e-5, eps=1e-7)


def test_a_loss_of_float32_tensors_reaches_what_they_were_made_from():
    ndc, faces = inputs()
    shift = torch.zeros(3, requires_grad=True)
    renderer = SoftSilhouette(faces, SIZE, sigma=1e-2)
    alpha = soft_silhouette(ndc.detach().float() + shift, renderer)
    assert alpha.dtype == torch.float32
    alpha.sum().backward()
    assert shift.grad is not None
    assert torch.isfinite(shift.grad).all()
    assert shift.grad.abs().sum() > 0


def test_one_renderer_serves_several_poses_before_their_gradients():
    ndc, faces = triangles(2, 5)
    silhouette = SoftSilhouette(faces, (20, 20), sigma=1e-3)
    painter = SoftRender(faces, (20, 20), sigma=1e-3, gamma=1e-2)
    splats = SoftPoints((20, 20), 0.2)
    rng = torch.Generator().manual_seed(0)
    paint, features = torch.rand(len(faces), 3, 3, generator=rng), torch.rand(len(ndc), 3, generator=rng)
    for picture in (
        lambda place: soft_silhouette(place, silhouette),
        lambda place: soft_render(place, paint, painter)[0],
        lambda place: soft_points(place, features, splats),
    ):
        apart = []
        for shift in (0.0, 0.1):
            place = torch.tensor(ndc + np.float32(shift), requires_grad=True)
            picture(place).sum().backward()
            apart.append(place.grad)
        places = [torch.tensor(ndc + np.float32(shift), requires_grad=True) for shift in (0.0, 0.1)]
        sum(picture(place).sum() for place in places).backward()
        together = [place.grad for place in places]
        assert not torch.equal(*apart)
        assert all(torch.equal(one, other) for one, other in zip(apart, together, strict=True))
