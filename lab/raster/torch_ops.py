"""The fused rasterisers as functions of PyTorch, with gradients, on the CPU.

A renderer may serve several calls before their gradients are asked for: it holds its last pass, and makes an earlier
one again when the gradient comes to it.
"""

from __future__ import annotations

from typing import Any

import torch

from lab.raster.points import SoftPoints
from lab.raster.silhouette import SoftSilhouette
from lab.raster.soft import SoftRender


def soft_silhouette(ndc: torch.Tensor, renderer: SoftSilhouette) -> torch.Tensor:
    """(H, W) alpha of ``ndc`` (V, 3), differentiable."""
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
        alpha = _run(ctx, renderer, ndc)
        return torch.from_numpy(alpha).to(ndc.dtype)

    @staticmethod
    @torch.autograd.function.once_differentiable  # type: ignore[untyped-decorator]
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor, None]:
        return torch.from_numpy(_again(ctx).backward(grad.numpy())).to(grad.dtype), None


class _Render(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, ndc: torch.Tensor, corner_colors: torch.Tensor, renderer: SoftRender) -> Any:
        picture = _run(ctx, renderer, ndc, corner_colors)
        return tuple(torch.from_numpy(a).to(ndc.dtype) for a in (picture.rgb, picture.alpha, picture.depth))

    @staticmethod
    @torch.autograd.function.once_differentiable  # type: ignore[untyped-decorator]
    def backward(ctx: Any, *grads: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, None]:
        to_ndc, to_colors = _again(ctx).backward(*(grad.numpy() for grad in grads))
        ndc, colors = ctx.saved_tensors
        return torch.from_numpy(to_ndc).to(ndc.dtype), torch.from_numpy(to_colors).to(colors.dtype), None


class _Points(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, ndc: torch.Tensor, features: torch.Tensor, renderer: SoftPoints) -> torch.Tensor:
        return torch.from_numpy(_run(ctx, renderer, ndc, features)).to(ndc.dtype)

    @staticmethod
    @torch.autograd.function.once_differentiable  # type: ignore[untyped-decorator]
    def backward(ctx: Any, grad: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, None]:
        to_ndc, to_features = _again(ctx).backward(grad.numpy())
        ndc, features = ctx.saved_tensors
        return torch.from_numpy(to_ndc).to(ndc.dtype), torch.from_numpy(to_features).to(features.dtype), None


def _run(ctx: Any, renderer: Any, *inputs: torch.Tensor) -> Any:
    """The renderer's forward; what the way back needs is remembered."""
    made = renderer.forward(*(tensor.detach().numpy() for tensor in inputs))
    ctx.save_for_backward(*inputs)
    ctx.renderer, ctx.made_in = renderer, renderer.passes
    return made


def _again(ctx: Any) -> Any:
    """The renderer, as it was after this node's forward: it holds its last pass only, and makes another one again."""
    renderer = ctx.renderer
    if renderer.passes != ctx.made_in:
        renderer.forward(*(tensor.detach().numpy() for tensor in ctx.saved_tensors))
        ctx.made_in = renderer.passes
    return renderer
