"""Volume rendering and sampling, against closed forms and PyTorch3D."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pytorch3d.renderer.implicit.sample_pdf import sample_pdf

from lab.fields.classic.marching import OPEN_END, distances, opacities, weights_of
from lab.fields.classic.sampling import by_weight, refined, stratified

DOUBLE = torch.float64


@pytest.mark.parametrize("samples", [1, 7, 64])
def test_a_constant_density_has_the_closed_form(samples):
    """C = c (1 - exp(-sigma d)), however many samples: the rule is exact for constant densities."""
    sigma, length, color = 1.7, 0.8, torch.tensor([0.2, 0.5, 0.9], dtype=DOUBLE)
    places = 2.0 + length * torch.arange(samples, dtype=DOUBLE)[None] / samples
    delta = distances(places, torch.tensor([2.0 + length], dtype=DOUBLE))
    weights, left = weights_of(opacities(torch.full_like(places, sigma), delta))
    seen = (weights[..., None] * color).sum(dim=1)[0]
    torch.testing.assert_close(seen, color * (1 - math.exp(-sigma * length)))
    assert float(left) == pytest.approx(math.exp(-sigma * length))


@given(st.lists(st.floats(0.0, 50.0), min_size=1, max_size=30), st.floats(0.001, 2.0))
def test_weights_and_what_is_left_add_up_to_one(densities, step):
    sigma = torch.tensor([densities], dtype=DOUBLE)
    weights, left = weights_of(opacities(sigma, torch.full_like(sigma, step)))
    assert float(weights.sum() + left) == pytest.approx(1.0, abs=1e-12)
    assert (weights >= 0).all()


def test_two_samples_by_hand():
    weights, left = weights_of(torch.tensor([[0.5, 0.25]], dtype=DOUBLE))
    assert weights[0].tolist() == [0.5, 0.125]
    assert float(left) == 0.375


def test_an_open_end_makes_the_last_sample_opaque():
    places = torch.tensor([[1.0, 2.0, 4.0]], dtype=DOUBLE)
    delta = distances(places, None)
    assert delta.tolist() == [[1.0, 2.0, OPEN_END]]
    _, left = weights_of(opacities(torch.tensor([[0.0, 0.0, 1e-3]], dtype=DOUBLE), delta))
    assert float(left) == 0.0


def test_the_courses_opacity_knows_no_distance():
    sigma = torch.tensor([[0.3, 1.0]], dtype=DOUBLE)
    torch.testing.assert_close(opacities(sigma, None), 1 - torch.exp(-sigma))


def test_weights_have_the_gradient_of_finite_differences():
    sigma = torch.rand((3, 6), generator=torch.Generator().manual_seed(0), dtype=DOUBLE, requires_grad=True)
    delta = torch.full((3, 6), 0.4, dtype=DOUBLE)
    assert torch.autograd.gradcheck(lambda s: weights_of(opacities(s, delta)), (sigma,))


def test_stratified_samples_stay_in_their_bins():
    near, far = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 6.0])
    even = stratified(near, far, 5)
    assert even.tolist() == [[1.0, 1.5, 2.0, 2.5, 3.0], [2.0, 3.0, 4.0, 5.0, 6.0]]
    moved = stratified(near, far, 5, torch.Generator().manual_seed(0))
    borders = 0.5 * (even[:, 1:] + even[:, :-1])
    assert (moved[:, 1:] >= borders).all()
    assert (moved[:, :-1] <= borders).all()
    assert not torch.equal(moved, even)


@pytest.mark.parametrize("random", [None, 0])
def test_a_spike_of_the_coarse_weights_takes_all_fine_samples(random):
    edges = torch.linspace(0.0, 1.0, 33, dtype=DOUBLE)[None]
    weights = torch.zeros((1, 32), dtype=DOUBLE)
    weights[0, 20] = 1e6
    generator = None if random is None else torch.Generator().manual_seed(random)
    found = by_weight(edges, weights, 200, generator)[0, 1:-1]  # the ends of the even ones are the ends of the ray
    assert ((found >= edges[0, 20]) & (found <= edges[0, 21])).all()


def test_sampling_by_weight_is_that_of_pytorch3d():
    random = torch.Generator().manual_seed(5)
    edges = torch.cumsum(torch.rand((40, 17), generator=random) + 0.05, dim=1)
    weights = torch.rand((40, 16), generator=random) + 0.1  # a bin of next to nothing magnifies rounding
    theirs = sample_pdf(edges, weights, 50, det=True, eps=1e-5)
    torch.testing.assert_close(by_weight(edges, weights, 50), theirs, atol=2e-4, rtol=0)


def test_fine_samples_join_the_coarse_ones_in_order_and_carry_no_gradient():
    places = stratified(torch.zeros(3), torch.ones(3), 16)
    weights = torch.rand((3, 16), requires_grad=True)
    found = refined(places, weights, 20, torch.Generator().manual_seed(2))
    assert found.shape == (3, 36)
    assert (found[:, 1:] >= found[:, :-1]).all()
    assert all(bool((found[0] == place).any()) for place in places[0])
    assert not found.requires_grad
