"""The gradient through SE(3)'s exponential against PyTorch3D's autograd and finite differences; Adam against torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pytorch3d.transforms import se3_exp_map

from lab.motions import se3
from lab.registration.exponent import Adam, left_jacobian, loss_and_gradient

numbers = st.floats(-2.5, 2.5, allow_subnormal=False)
RNG = np.random.default_rng(0)
POINTS, GOALS, WEIGHTS = RNG.normal(size=(30, 3)), RNG.normal(size=(30, 3)), RNG.random(30)


@settings(max_examples=25, deadline=None)
@given(st.tuples(*[numbers] * 6))
def test_gradient_by_finite_differences(xi) -> None:
    at, h = np.array(xi), 1e-5
    _, gradient = loss_and_gradient(at, POINTS, GOALS, WEIGHTS)
    for axis in range(6):
        move = h * np.eye(6)[axis]
        up, down = (loss_and_gradient(at + sign * move, POINTS, GOALS, WEIGHTS)[0] for sign in (1, -1))
        assert (up - down) / (2 * h) == pytest.approx(gradient[axis], abs=2e-6)


@pytest.mark.parametrize("xi", [(0.3, -0.2, 0.5, 0.4, 1.1, -0.7), (1.0, 2.0, 3.0, 0.0, 0.0, np.pi / 2)])
def test_value_and_gradient_are_those_of_pytorch3d(xi) -> None:
    value, gradient = loss_and_gradient(np.array(xi), POINTS, GOALS, WEIGHTS)
    exponent = torch.tensor(xi, dtype=torch.float64, requires_grad=True)
    matrix = se3_exp_map(exponent[None])[0]  # for row vectors
    moved = torch.tensor(POINTS) @ matrix[:3, :3] + matrix[3, :3]
    squared = ((moved - torch.tensor(GOALS)) ** 2).sum(dim=1)
    loss = (torch.tensor(WEIGHTS) * squared).sum() / WEIGHTS.sum()
    loss.backward()
    assert value == pytest.approx(float(loss.detach()), rel=1e-9)
    assert gradient == pytest.approx(exponent.grad.numpy(), rel=1e-7, abs=1e-9)


def test_gradient_at_no_motion_is_force_and_torque() -> None:
    _, gradient = loss_and_gradient(np.zeros(6), POINTS, GOALS, np.ones(30))
    pull = 2.0 * (POINTS - GOALS) / 30.0
    assert gradient[:3] == pytest.approx(pull.sum(axis=0))
    assert gradient[3:] == pytest.approx(np.cross(POINTS, pull).sum(axis=0))


@settings(max_examples=25, deadline=None)
@given(st.tuples(*[numbers] * 6))
def test_left_jacobian_takes_small_changes_to_the_left(xi) -> None:
    at = np.array(xi)
    step = 1e-6 * np.array([0.5, -1.0, 0.3, 0.8, 0.2, -0.4])
    exact = se3.exp(at + step)
    assert np.abs(se3.exp(left_jacobian(at) @ step) @ se3.exp(at) - exact).max() < 1e-10


def test_left_jacobian_of_many_turns_is_still_exact() -> None:
    at = np.array([1.0, 2.0, -1.0, 15.0, -9.0, 4.0])
    step = 1e-6 * np.ones(6)
    assert np.abs(se3.exp(left_jacobian(at) @ step) @ se3.exp(at) - se3.exp(at + step)).max() < 1e-9


def test_adam_is_torch_s() -> None:
    theirs = torch.zeros(3, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.Adam([theirs], lr=0.05)
    ours, value = Adam(3), np.zeros(3)
    for gradient in np.random.default_rng(1).normal(size=(20, 3)):
        theirs.grad = torch.tensor(gradient)
        optimiser.step()
        value = value + ours.step(gradient, 0.05)
    assert value == pytest.approx(theirs.detach().numpy(), abs=1e-12)
    twin = Adam(3)
    twin.restore(ours.state())
    assert np.array_equal(twin.step(np.ones(3), 0.1), ours.step(np.ones(3), 0.1))
