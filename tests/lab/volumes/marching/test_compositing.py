"""Emission and absorption along a ray: closed forms, and PyTorch3D's ray marchers."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pytorch3d.renderer import AbsorptionOnlyRaymarcher, EmissionAbsorptionRaymarcher

from lab.scene import Array
from lab.volumes.marching.compositing import INFINITE, Form, March, march
from lab.volumes.marching.kernels import composite

OPACITY, DENSITY = Form(1.0, False), Form(1.0, True)


def along(
    densities: list[float] | Array, form: Form, *, norm: float = 1.0, near: float = 1.0, far: float = 3.0
) -> March:
    """A grey ray with these densities at even depths from 1 to 3 m, the last one before far by one step."""
    near, far = 1.0, 3.0
    count = len(densities)
    lengths = near + (far - near) * np.arange(count) / count
    values = np.concatenate([np.reshape(densities, (count, 1)), np.full((count, 3), 0.5)], axis=1)
    return march(values, lengths, norm, far, form)


def test_ten_samples_of_three_tenths() -> None:
    assert along([0.3] * 10, OPACITY).result[3] == pytest.approx(0.9717524751)


def test_four_halves() -> None:
    found = along([0.5] * 4, OPACITY)
    assert found.weight.tolist() == [0.5, 0.25, 0.125, 0.0625]
    assert found.transmittance.tolist() == [1.0, 0.5, 0.25, 0.125]
    assert found.result.tolist() == [0.46875, 0.46875, 0.46875, 0.9375]
    assert found.gathered[1].tolist() == [0.375, 0.375, 0.375, 0.75]


@pytest.mark.parametrize("count", [1, 7, 200])
def test_a_uniform_slab_with_lengths_does_not_depend_on_the_number_of_samples(count: int) -> None:
    found = along([1.5] * count, DENSITY, norm=1.2)
    assert 1.0 - found.result[3] == pytest.approx(np.exp(-1.5 * 1.2 * 2.0))
    assert along([0.1] * count, OPACITY).result[3] == pytest.approx(1.0 - 0.9**count)


def test_an_infinite_last_step_is_opaque() -> None:
    found = along([0.0, 0.0, 1e-3], Form(1.0, True, infinite=True))
    assert found.steps[-1] == pytest.approx(INFINITE, rel=1e-6)
    assert found.result[3] == pytest.approx(1.0)
    assert along([0.0, 0.0, 1e-3], DENSITY).result[3] < 1e-3


def test_densities_of_a_field_become_the_opacities_of_a_reference_length() -> None:
    found = along([2.0, 2.0], Form(1.0, False, reference=0.25))
    assert found.opacity == pytest.approx(1.0 - np.exp(-0.5))


def test_an_opacity_is_never_more_than_one() -> None:
    assert along([0.5, 3.0, 0.5], OPACITY).weight == pytest.approx([0.5, 0.5, 0.0])


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=40))
def test_weights_add_up_to_the_opacity_and_the_rest_is_let_through(opacities: list[float]) -> None:
    found = along(opacities, OPACITY)
    assert found.weight.sum() == pytest.approx(found.result[3], abs=1e-12)
    assert 1.0 - found.result[3] == pytest.approx(np.prod(1.0 - np.array(opacities)), abs=1e-12)


def some(rays: int = 6, samples: int = 20) -> tuple[Array, Array, Array]:
    """Values (R, S, 4) float32, depths (R, S), norms (R,)."""
    rng = np.random.default_rng(3)
    values = rng.random((rays, samples, 4)).astype(np.float32)
    values[..., 0] *= values[..., 0] > 0.5
    return values, np.sort(rng.uniform(1.0, 3.0, (rays, samples)), axis=1), rng.uniform(1.0, 1.3, rays)


def test_opacities_march_as_with_pytorch3d() -> None:
    values, lengths, norms = some()
    rays = torch.from_numpy(values)[None]
    theirs = EmissionAbsorptionRaymarcher()(rays[..., :1], rays[..., 1:])[0].numpy()
    absorbed = AbsorptionOnlyRaymarcher()(rays[..., :1])[0].numpy()
    mine = np.stack([march(values[k], lengths[k], norms[k], 3.0, OPACITY).result for k in range(len(values))])
    assert np.abs(mine - theirs).max() < 1e-6
    assert np.abs(mine[:, 3:] - absorbed).max() < 1e-6


@pytest.mark.parametrize("form", [OPACITY, Form(4.0, True), Form(2.0, True, True), Form(3.0, False, reference=0.1)])
def test_the_picture_s_kernel_agrees_with_the_ray_that_is_taken_apart(form: Form) -> None:
    values, lengths, norms = some()
    out = np.empty((len(values), 5))
    end = form.last(3.0)
    composite(0, len(values), values, lengths, norms, end, form.amount, form.physical, form.reference, out)
    for k, row in enumerate(out):
        found = march(values[k], lengths[k], norms[k], 3.0, form)
        assert row[:4] == pytest.approx(found.result, abs=1e-12)
        assert row[4] == pytest.approx((found.weight * lengths[k]).sum(), abs=1e-12)
