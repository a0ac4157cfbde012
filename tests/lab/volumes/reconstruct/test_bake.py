"""The course's volume as a Field."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from lab.fields.march import FieldView
from lab.fields.metrics import psnr
from lab.volumes.reconstruct.bake import Baker, mean_length, raw_of, sigma_of
from lab.volumes.reconstruct.options import Dials
from lab.volumes.reconstruct.trainer import CourseVolume
from tests.lab.volumes.reconstruct.small_volumes import camera, options, pictures


def test_the_mean_ray_is_between_the_reference_s_ends() -> None:
    seen = camera(size=64)
    x = (np.arange(64) + 0.5 - 32) / seen.fx
    lengths = np.sqrt(1 + x[:, None] ** 2 + x**2)
    assert lengths.min() == pytest.approx(1.0001, abs=1e-4)  # REFERENCE III.3
    assert lengths.max() == pytest.approx(1.2830, abs=1e-4)
    assert mean_length(seen) == pytest.approx(float(lengths.mean()))


def test_opacity_becomes_density_and_back() -> None:
    opacity = np.array([0.0, 0.018, 0.3, 0.9, 0.9999])
    sigma = sigma_of(opacity, 0.04)
    np.testing.assert_allclose(1 - np.exp(-sigma * 0.04), opacity, atol=1e-12)
    raw = raw_of(sigma[1:], 0.5)
    np.testing.assert_allclose(0.5 * np.logaddexp(raw, 0.0), sigma[1:], rtol=1e-9)


def test_the_field_has_the_density_of_the_voxels_at_their_centres() -> None:
    chosen = options(voxels=6, voxel=0.5, center=(0.5, 0.0, -0.25))
    seen = camera()
    density = np.random.default_rng(0).uniform(0.05, 0.16, (6, 6, 6)).astype(np.float32)
    field = Baker(chosen, seen).bake(density, np.zeros((3, 6, 6, 6), np.float32))
    line = (np.arange(6) - 2.5) * 0.5
    z, y, x = np.meshgrid(line - 0.25, line, line + 0.5, indexing="ij")
    inner = np.stack([x, y, z], axis=-1)[1:-1, 1:-1, 1:-1].reshape(-1, 3).astype(np.float32)
    sigma = FieldView(field).densities(inner).reshape(4, 4, 4)
    wanted = sigma_of(density[1:-1, 1:-1, 1:-1], chosen.spacing * mean_length(seen))
    np.testing.assert_allclose(sigma, wanted, rtol=2e-3)


def test_colours_lie_where_their_voxels_do() -> None:
    logits = np.zeros((3, 4, 5, 6), np.float32)
    logits[0, 1, 2, 3] = 4.0  # z, y, x
    field = Baker(options(voxels=6), camera()).bake(np.full((4, 5, 6), 0.5, np.float32), logits)
    assert field.rows.shape == (6, 5, 4)
    assert field.color[field.rows[3, 2, 1], 0, 0] == 4.0
    assert np.count_nonzero(field.color) == 1


def test_the_field_renders_like_the_volume() -> None:
    """Within 0.02 of colour and opacity as a mean: PyTorch3D interpolates what a Field's density is computed from."""
    images = pictures(32, 8)
    volume = CourseVolume(images.training, options(voxels=32, voxel=3 / 32, points=60, far=4.2, batch=4), seed=0)
    for _ in range(40):
        volume.step(Dials(learning_rate=0.2))
    view = FieldView(volume.field())
    for held_out in images.judging.cameras:
        ours, theirs = view.render(held_out), volume.render(held_out)
        assert psnr(ours.color, theirs.color) > 32
        assert float(np.abs(ours.opacity - theirs.opacity).mean()) < 0.03
        both = (ours.opacity > 0.9) & (theirs.opacity > 0.9)
        assert float(np.abs(ours.depth - theirs.depth)[both].mean()) < 0.05


def test_even_fog_hides_as_much_along_the_axis() -> None:
    """Of p = .02 with 60 samples: 1 - .98^n of those n that lie in the volume."""
    volume = CourseVolume(pictures().training, options(points=60, far=4.2, first_density=-3.8918), seed=0)
    seen = camera()
    ours, theirs = FieldView(volume.field()).render(seen).opacity, volume.render(seen).opacity
    np.testing.assert_allclose(ours[8:16, 8:16], theirs[8:16, 8:16], rtol=0.1)


def test_rows_stay_the_same_object_until_they_change() -> None:
    baker = Baker(options(voxels=8), camera())
    density = np.full((8, 8, 8), 0.5, np.float32)
    logits = np.zeros((3, 8, 8, 8), np.float32)
    first, second = baker.bake(density, logits), baker.bake(0.5 * density, logits)
    assert first.rows is second.rows
    density[4:] = 0.0
    third = baker.bake(density, logits)
    assert third.rows is not second.rows
    assert len(third.density) == 5 * 64  # four planes, and one beside them


def test_an_empty_volume_is_still_a_field() -> None:
    volume = CourseVolume(pictures().training, options(first_density=-12.0), seed=0)
    with torch.no_grad():
        field = volume.field()
    assert FieldView(field).render(camera()).opacity.max() < 1e-3
