"""Surfaces of fields: where they are, closed, outward, coloured, and without what floats about."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from lab.fields.out.refine import smoothed
from lab.fields.out.surface import points, surface
from lab.geometry import stats
from lab.scene import Array, Field, Mesh
from tests.lab.fields.small_fields import ball

RADIUS, CELLS = 0.7, 48
CELL = 2 / CELLS


def signed_volume(mesh: Mesh) -> float:
    a, b, c = mesh.verts[mesh.faces].astype(float).transpose(1, 0, 2)
    return float((np.cross(a, b) * c).sum() / 6)


def away(mesh: Mesh) -> Array:
    """How far each vertex is from the origin."""
    return np.asarray(np.linalg.norm(mesh.verts, axis=1))


def radius_with_light_gone(opacity: float) -> float:
    """Where so much of the light is gone on a straight way to the middle of the ball, worked out finely in 1D."""
    r = np.linspace(1.0, 0.3, 100_000)
    sigma = 60.0 * np.logaddexp(0, np.clip((RADIUS - r) * 40.0, -8.0, 8.0)) * (r < RADIUS + 0.2)
    depth = np.cumsum(sigma) * (r[0] - r[1])
    return float(np.interp(-math.log1p(-opacity), depth, r))


@pytest.mark.parametrize("opacity", [0.2, 0.6])
def test_the_surface_of_a_ball_is_a_sphere_where_the_light_stops(opacity: float) -> None:
    mesh = surface(ball(RADIUS, CELLS), opacity=opacity)
    over = away(mesh) - radius_with_light_gone(opacity)  # the fifth way is a little longer than the straight one
    assert over.min() > -0.1 * CELL
    assert over.max() < 0.65 * CELL
    assert signed_volume(mesh) == pytest.approx(4 / 3 * np.pi * away(mesh).mean() ** 3, rel=0.02)
    assert stats(mesh).watertight
    assert mesh.normals is not None
    assert (np.einsum("nc,nc->n", mesh.normals, mesh.verts) > 0).all()


def test_the_surface_of_a_density_is_where_the_density_has_that_value() -> None:
    sigma = 20.0
    mesh = surface(ball(RADIUS, CELLS), density=sigma)
    radius = RADIUS - math.log(math.expm1(sigma / 60)) / 40
    assert abs(away(mesh) - radius).max() < 0.25 * CELL


def hollow(field: Field) -> Field:
    """A ball whose inside was learned to be empty."""
    line = np.linspace(-1.0, 1.0, CELLS + 1)
    r = np.linalg.norm(np.stack(np.meshgrid(line, line, line, indexing="ij")), axis=0)
    density = np.array(field.density)
    density[field.rows[(r < 0.5) & (field.rows >= 0)]] = -8.0
    return replace(field, density=density)


def test_what_nobody_sees_has_no_surface() -> None:
    field = hollow(ball(RADIUS, CELLS))
    assert away(surface(field, parts=0)).min() > 0.6
    assert away(surface(field, density=20.0, parts=0)).min() < 0.52  # but the density has one there


def test_a_hole_that_no_picture_saw_lets_no_light_in() -> None:
    field = hollow(ball(RADIUS, CELLS))
    density = np.array(field.density)
    rows = field.rows[23:26, 23:26, 24:]  # 8 cm wide, along +Z
    density[rows[rows >= 0]] = -8.0
    mesh = surface(replace(field, density=density), parts=0)
    assert np.count_nonzero(away(mesh) < 0.45) == 0


def test_space_that_no_ray_reached_is_full() -> None:
    field = ball(0.7)
    line = np.linspace(-1.0, 1.0, 33)
    r = np.linalg.norm(np.stack(np.meshgrid(line, line, line, indexing="ij")), axis=0)
    missing = replace(field, rows=np.where(r < 0.4, -1, field.rows).astype(np.int32))
    whole, without = (surface(one, density=20.0, parts=0) for one in (field, missing))
    assert len(without.faces) == len(whole.faces)


def test_it_has_the_colours_that_one_sees() -> None:
    mesh = surface(ball(RADIUS))
    assert mesh.colors is not None
    expected = 1 / (1 + np.exp(-3.0 * mesh.verts[:, 0]))
    np.testing.assert_allclose(mesh.colors[:, 0], expected, atol=0.06)
    np.testing.assert_allclose(mesh.colors[:, 1:], 0.5, atol=1e-3)


def test_colours_that_depend_on_the_view_are_seen_straight_on() -> None:
    field = ball(RADIUS, harmonics=4)
    color = np.array(field.color)
    color[:, 1, 3] = 4.0  # greener for rays towards +Z, which meet the side of -Z from outside
    mesh = surface(replace(field, color=color))
    assert mesh.colors is not None
    assert mesh.colors[mesh.verts[:, 2] < -0.6, 1].min() > 0.9
    assert mesh.colors[mesh.verts[:, 2] > 0.6, 1].max() < 0.1


def speckled() -> Field:
    """A ball of 0.5 m, and a speck 0.69 m away from its middle."""
    field = ball(0.5)
    density = np.array(field.density)
    density[field.rows[16, 16, 27]] = 8.0
    assert field.rows[16, 16, 27] >= 0
    return replace(field, density=density)


def test_what_floats_about_is_left_out() -> None:
    assert away(surface(speckled())).max() < 0.6
    assert away(surface(speckled(), parts=2)).max() > 0.65


def cut() -> Field:
    """A ball whose box ends at y = 0.19."""
    field = ball(0.7)
    return replace(field, rows=field.rows[:, :20], upper=np.array([1.0, -1.0 + 2 * 19 / 32, 1.0]))


def test_an_object_that_the_box_cuts_off_is_closed_there_unless_it_is_to_stay_open() -> None:
    assert stats(surface(cut())).watertight
    mesh = surface(cut(), closed=False)
    found = stats(mesh)
    assert found.boundary_edges > 0 == found.nonmanifold_edges
    assert mesh.verts[:, 1].max() <= cut().upper[1] + 1e-6
    assert stats(surface(ball(0.7), closed=False)).watertight


def test_smoothing_takes_roughness_away_and_keeps_the_size() -> None:
    sphere = surface(ball(RADIUS))
    rough = sphere.verts + np.random.default_rng(0).normal(0, 0.01, sphere.verts.shape)
    smooth = smoothed(rough, sphere.faces, 10)
    was, now = (np.linalg.norm(verts, axis=1) for verts in (rough, smooth))
    assert now.std() < 0.5 * was.std()
    assert signed_volume(Mesh(smooth, sphere.faces)) == pytest.approx(signed_volume(sphere), rel=0.01)
    np.testing.assert_array_equal(smoothed(rough, sphere.faces, 0), rough)


def test_a_surface_can_be_smooth() -> None:
    mesh, smooth = surface(ball(RADIUS)), surface(ball(RADIUS), smooth=10)
    assert away(smooth).std() < away(mesh).std()
    np.testing.assert_array_equal(smooth.faces, mesh.faces)


@pytest.mark.parametrize("faces", [2000, 400])
def test_fewer_faces_stay_near_and_closed(faces: int) -> None:
    whole, small = surface(ball(RADIUS)), surface(ball(RADIUS), faces=faces)
    assert 0.9 * faces <= len(small.faces) <= faces < len(whole.faces)
    assert stats(small).watertight
    assert away(small).mean() == pytest.approx(away(whole).mean(), abs=0.01)
    assert small.colors is not None
    assert len(small.colors) == len(small.verts)


def test_more_faces_than_there_are_change_nothing() -> None:
    whole = surface(ball(0.5))
    np.testing.assert_array_equal(surface(ball(0.5), faces=10**6).verts, whole.verts)


def test_an_empty_field_has_no_surface() -> None:
    field = ball()
    empty = replace(field, density=np.full_like(field.density, -15.0))
    assert surface(empty).faces.shape == (0, 3)
    assert surface(empty, faces=100, smooth=2).faces.shape == (0, 3)
    with pytest.raises(ValueError, match="no surface"):
        points(empty, 10, np.random.default_rng(0))


def test_points_lie_on_the_surface_evenly_with_its_colours() -> None:
    field = ball(RADIUS, CELLS)
    cloud = points(field, 4000, np.random.default_rng(1))
    radius = radius_with_light_gone(0.2)
    assert len(cloud.verts) == 4000
    assert abs(np.linalg.norm(cloud.verts, axis=1) - radius).max() < 0.65 * CELL
    assert np.abs(cloud.verts.mean(axis=0)).max() < 0.03
    assert cloud.normals is not None
    assert cloud.colors is not None
    assert (np.einsum("nc,nc->n", cloud.normals, cloud.verts) > 0).all()
    np.testing.assert_allclose(cloud.colors[:, 0], 1 / (1 + np.exp(-3.0 * cloud.verts[:, 0])), atol=0.06)
    again = points(field, 4000, np.random.default_rng(1))
    np.testing.assert_array_equal(cloud.verts, again.verts)
