"""Surfaces from points: a sphere comes back, and its faces point outwards."""

from __future__ import annotations

import numpy as np
import pytest

from lab.data.objects import body
from lab.data.reconstruct import ball_pivoting, estimate_normals, poisson
from lab.data.scan import Scan, pool
from lab.fitting.sampling import signed_volume
from lab.fitting.templates import ico_sphere
from lab.geometry import stats
from lab.scene import Mesh


@pytest.fixture(scope="module")
def scan() -> Scan:
    """3,000 points of a sphere."""
    return pool(body(Mesh(*ico_sphere(4))), np.random.default_rng(0)).take(slice(3000))


def test_poisson_closes_a_sphere(scan: Scan) -> None:
    assert scan.normals is not None
    surface = poisson(scan.points, scan.normals, 5)
    assert stats(Mesh(surface.verts, surface.faces)).watertight
    assert np.linalg.norm(surface.verts, axis=1) == pytest.approx(1.0, abs=0.03)
    assert signed_volume(surface.verts, surface.faces) == pytest.approx(4.0 / 3.0 * np.pi, rel=0.02)


def test_trimming_takes_away_vertices(scan: Scan) -> None:
    assert scan.normals is not None
    whole, trimmed = poisson(scan.points, scan.normals, 4), poisson(scan.points, scan.normals, 4, trim=0.2)
    assert len(trimmed.verts) == pytest.approx(0.8 * len(whole.verts), rel=0.02)


def test_ball_pivoting_joins_the_points_themselves(scan: Scan) -> None:
    assert scan.normals is not None
    surface = ball_pivoting(scan.points, scan.normals, 1.5)
    assert np.array_equal(surface.verts, scan.points)
    assert len(surface.faces) > 0.9 * (2 * len(scan.points) - 4)
    assert signed_volume(surface.verts, surface.faces) == pytest.approx(4.0 / 3.0 * np.pi, rel=0.1)


def test_estimated_normals_point_outwards(scan: Scan) -> None:
    normals = estimate_normals(scan.points)
    assert np.einsum("ij,ij->i", normals, scan.points).min() > 0.95


def test_estimated_normals_face_the_viewpoint(scan: Scan) -> None:
    inside = estimate_normals(scan.points, viewpoint=np.zeros(3))
    assert np.einsum("ij,ij->i", inside, scan.points).max() < -0.95
