"""Sampling by area, face normals and volumes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chisquare, kstest

from lab.fitting.sampling import SurfaceSampler, face_normals, signed_volume
from lab.fitting.templates import ico_sphere
from tests.lab.fitting.fitting_help import cube, noisy_sphere

TRIANGLES = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [2, 0, 1], [0, 3, 1]], float)
FACES = np.array([[0, 1, 2], [3, 4, 5], [0, 1, 1]], np.int32)  # areas 1/2, 3 and 0


def test_faces_are_drawn_by_their_area() -> None:
    sampler = SurfaceSampler(TRIANGLES, FACES)
    assert sampler.area == pytest.approx(3.5)
    counts = np.bincount(sampler.draw(70_000, np.random.default_rng(0)).face_ids, minlength=3)
    assert counts[2] == 0
    assert chisquare(counts[:2], [10_000, 60_000]).pvalue > 0.001


def test_faces_of_a_large_uneven_mesh_are_drawn_by_their_area() -> None:
    verts, topology = noisy_sphere(2, 0.2)
    corners = verts[topology.faces].astype(np.float64)
    areas = 0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    drawn = SurfaceSampler(verts, topology.faces).draw(200_000, np.random.default_rng(1)).face_ids
    counts = np.bincount(drawn, minlength=len(areas))
    assert chisquare(counts, 200_000 * areas / areas.sum()).pvalue > 0.001


def test_points_are_uniform_on_a_face() -> None:
    samples = SurfaceSampler(TRIANGLES, FACES[:1]).draw(20_000, np.random.default_rng(2), np.float64)
    assert np.allclose(samples.bary.sum(axis=1), 1.0)
    assert (samples.bary >= 0.0).all()
    x, y, z = samples.points(TRIANGLES, FACES[:1]).T
    assert not z.any()
    # the distance from any side of a triangle has the distribution 1 - (1 - d)²
    for distance in (x, y, 1.0 - x - y):
        assert kstest(distance, lambda d: 1.0 - (1.0 - d) ** 2).pvalue > 0.001


def test_points_are_the_barycentric_mix_of_the_corners() -> None:
    verts, topology = noisy_sphere(2)
    samples = SurfaceSampler(verts, topology.faces).draw(100, np.random.default_rng(3))
    expected = (samples.bary[..., None] * verts[topology.faces[samples.face_ids]]).sum(axis=1)
    assert np.allclose(samples.points(verts, topology.faces), expected, atol=1e-6)


def test_the_same_generator_draws_the_same() -> None:
    verts, topology = noisy_sphere(2)
    first, second = (SurfaceSampler(verts, topology.faces).draw(50, np.random.default_rng(7)) for _ in range(2))
    assert np.array_equal(first.face_ids, second.face_ids)
    assert np.array_equal(first.bary, second.bary)


@pytest.mark.parametrize("scale", [0.0, np.nan, np.inf])
def test_a_mesh_without_area_is_refused(scale: float) -> None:
    verts = np.full(TRIANGLES.shape, scale)
    with pytest.raises(ValueError, match="no area"):
        SurfaceSampler(verts, FACES)
    with pytest.raises(ValueError, match="no area"):
        SurfaceSampler(TRIANGLES, FACES[:0])


def test_normals_point_outwards_and_volumes_are_signed() -> None:
    verts, faces = cube()
    assert np.allclose(face_normals(verts, faces), np.round(verts[faces].mean(axis=1)))
    assert signed_volume(verts, faces) == pytest.approx(8.0)
    assert signed_volume(verts + 5.0, faces) == pytest.approx(8.0)
    assert signed_volume(*cube(inwards=True)) == pytest.approx(-8.0)
    sphere, sphere_faces = ico_sphere(2)
    assert ((face_normals(sphere, sphere_faces) * sphere[sphere_faces].mean(axis=1)).sum(axis=1) > 0.0).all()


def test_a_face_without_area_has_a_zero_normal() -> None:
    assert not face_normals(TRIANGLES, FACES)[2].any()
