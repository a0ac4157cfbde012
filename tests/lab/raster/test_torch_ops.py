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
