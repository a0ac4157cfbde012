"""Both optimisers against torch's."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lab.fitting.optimiser import Optimiser


@pytest.mark.parametrize("library", ["numpy", "torch"])
@pytest.mark.parametrize(("kind", "rate", "momentum"), [("SGD", 0.3, 0.9), ("SGD", 1.0, 0.0), ("Adam", 0.05, 0.9)])
def test_the_steps_are_torchs(kind: str, rate: float, momentum: float, library: str) -> None:
    rng = np.random.default_rng(0)
    start = rng.normal(size=(20, 3)).astype(np.float32)
    expected = torch.nn.Parameter(torch.tensor(start))
    peer: torch.optim.Optimizer
    if kind == "SGD":
        peer = torch.optim.SGD([expected], lr=rate, momentum=momentum)
    else:
        peer = torch.optim.Adam([expected], lr=rate, betas=(momentum, 0.999))
    convert = torch.tensor if library == "torch" else np.array
    values = convert(start)
    ours = Optimiser(kind, convert(np.zeros_like(start)), convert(np.zeros_like(start)))
    for _ in range(25):
        gradient = rng.normal(size=start.shape).astype(np.float32)
        expected.grad = torch.tensor(gradient)
        peer.step()
        ours.step(values, convert(gradient), rate, momentum)
    assert np.asarray(values).dtype == np.float32
    assert np.allclose(np.asarray(values), expected.detach().numpy(), rtol=2e-5, atol=2e-6)
    assert ours.updates == 25


def test_a_cleared_optimiser_is_a_new_one() -> None:
    optimiser = Optimiser("Adam", np.ones((2, 3)), np.ones((2, 3)), 7)
    optimiser.clear()
    assert not optimiser.first.any()
    assert not optimiser.second.any()
    assert optimiser.updates == 0
