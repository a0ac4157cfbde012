"""The fused rasterisers as functions of PyTorch, with gradients, on the CPU."""

from __future__ import annotations

from typing import Any

import torch

from lab.raster.points import SoftPoints
from lab.raster.silhouette import SoftSilhouette
from lab.raster.soft import SoftRender


def soft_silhouette(ndc: torch.Tensor, renderer: SoftSilhouette) -> torch.Tensor:
    """(H, W) alpha of ``ndc`` (V, 3), differentiable. One call of backward follows each call."""
    return _Silhouette.apply(ndc, renderer)  # type: ignore[no-any-return]


def soft_render(
    ndc: torch.Tensor, corner_colors: torch.Tensor, renderer: SoftRender
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """rgb (H, W, 3), alpha and depth (H, W), differentiable. ndc: (V, 3); corner_colors: (F, 3, 3)."""
    return _Render.apply(ndc, corner_colors, renderer)  # type: ignore[no-any-return]


def soft_points(ndc: torch.Tensor, features: torch.Tensor, renderer: SoftPoints) -> torch.Tensor:
    """(H, W, C), differentiable. ndc: (P, 3); features: (P, C)."""
    return _Points.apply(ndc, features, renderer)  # type: ignore[no-any-return]


class _Silhouette(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, ndc: torch.Tensor, renderer: SoftSilhouette) -> torch.Tensor:
        ctx.renderer, ctx.dtype = renderer, ndc.dtype
        return torch.from_numpy(renderer.forward(ndc.detach().numpy())).to(ndc.dtype)

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor, None]:
        return torch.from_numpy(ctx.renderer.backward(grads[0].numpy())).to(ctx.dtype), None


class _Render(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, ndc: torch.Tensor, corner_colors: torch.Tensor, renderer: SoftRender) -> Any:
        ctx.renderer, ctx.dtype = renderer, ndc.dtype
        picture = renderer.forward(ndc.detach().numpy(), corner_colors.detach().numpy())
        return tuple(torch.from_numpy(a).to(ndc.dtype) for a in (picture.rgb, picture.alpha, picture.depth))

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, None]:
        to_ndc, to_colors = ctx.renderer.backward(*(grad.numpy() for grad in grads))
        return torch.from_numpy(to_ndc).to(ctx.dtype), torch.from_numpy(to_colors).to(ctx.dtype), None


class _Points(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, ndc: torch.Tensor, features: torch.Tensor, renderer: SoftPoints) -> torch.Tensor:
        ctx.renderer, ctx.dtype = renderer, ndc.dtype
        return torch.from_numpy(renderer.forward(ndc.detach().numpy(), features.detach().numpy())).to(ndc.dtype)

    @staticmethod
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, None]:
        to_ndc, to_features = ctx.renderer.backward(grads[0].numpy())
        return torch.from_numpy(to_ndc).to(ctx.dtype), torch.from_numpy(to_features).to(ctx.dtype), None
