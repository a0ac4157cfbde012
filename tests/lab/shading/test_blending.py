"""Blending: PyTorch3D's functions, and REFERENCE III.2's checks."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
import torch
from pytorch3d.renderer import BlendParams
from pytorch3d.renderer.blending import sigmoid_alpha_blend, softmax_rgb_blend

from lab.shading.blending import HARD, Blend, sigmoid, weigh


class Fragments(NamedTuple):
    """What PyTorch3D's blending asks of a rasteriser."""

    pix_to_face: torch.Tensor
    dists: torch.Tensor
    zbuf: torch.Tensor


@pytest.mark.parametrize("gamma", [1e-4, 1e-2, 1.0])
def test_weights_are_those_of_pytorch3d(gamma: float) -> None:
    rng = np.random.default_rng(0)
    counts = rng.integers(0, 6, 40)
    found = np.arange(5) < counts[:, None]
    zbuf = np.where(found, np.sort(rng.uniform(1.5, 4.0, (40, 5)), axis=1), -1)
    dists = np.where(found, rng.normal(0, 1e-3, (40, 5)), -1)
    colors = rng.random((40, 5, 3))
    fragments = Fragments(*(torch.tensor(array)[None, None] for array in (np.where(found, 0, -1), dists, zbuf)))
    params = BlendParams(sigma=1e-3, gamma=gamma, background_color=(0.1, 0.5, 0.9))
    theirs = softmax_rgb_blend(torch.tensor(colors)[None, None], fragments, params)[0, 0].numpy()
    ours = weigh(dists, zbuf, found, Blend(sigma=1e-3, gamma=gamma))
    rgb = np.einsum("pk,pkc->pc", ours.face, colors) + ours.background[:, None] * [0.1, 0.5, 0.9]
    np.testing.assert_allclose(rgb, theirs[:, :3], atol=1e-6)
    np.testing.assert_allclose(ours.alpha, theirs[:, 3], atol=1e-6)
    np.testing.assert_allclose(ours.face.sum(axis=1) + ours.background, 1.0)
    single = fragments._replace(dists=fragments.dists.float())
    alpha = sigmoid_alpha_blend(torch.tensor(colors, dtype=torch.float32)[None, None], single, params)[0, 0, :, 3]
    np.testing.assert_allclose(ours.alpha, alpha, atol=1e-5)


@pytest.mark.parametrize(("count", "alpha"), [(1, 0.5), (2, 0.75)])
def test_an_edge_through_the_pixels_centre(count: int, alpha: float) -> None:
    ours = weigh(np.zeros((1, count)), np.full((1, count), 2.0), np.ones((1, count), bool), Blend())
    np.testing.assert_allclose(ours.alpha, alpha)


def test_hard_takes_the_first_face_or_the_background() -> None:
    found = np.array([[True, True], [False, False]])
    ours = weigh(np.full((2, 2), -1e-3), np.array([[1.0, 2.0], [-1, -1]]), found, HARD)
    np.testing.assert_array_equal(ours.face, [[1, 0], [0, 0]])
    np.testing.assert_array_equal(ours.background, [0, 1])
    np.testing.assert_array_equal(ours.alpha, [1, 0])


def test_sigmoid_does_not_overflow() -> None:
    with np.errstate(over="raise"):
        np.testing.assert_array_equal(sigmoid(np.array([-1e5, 0.0, 1e5])), [0.0, 0.5, 1.0])
