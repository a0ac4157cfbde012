"""Surfaces of fields: where they are, closed, outward, coloured, and without what floats about."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from lab.fields.surface import surface
from lab.geometry import stats
from lab.scene import Mesh
from tests.lab.fields.small_fields import ball


def signed_volume(mesh: Mesh) -> float:
    a, b, c = mesh.verts[mesh.faces].astype(float).transpose(1, 0, 2)
    return float((np.cross(a, b) * c).sum() / 6)


def test_the_surface_of_a_ball_is_a_sphere() -> None:
    mesh = surface(ball(0.7, 48))
    away = np.linalg.norm(mesh.verts, axis=1)
    sigma = math.log(2) / (2 / 48)  # half of the light in one cell
    radius = 0.7 - math.log(math.expm1(sigma / 60)) / 40  # where the ball's raw density is that
    assert abs(away - radius).max() < 0.1 * 2 / 48
    assert signed_volume(mesh) == pytest.approx(4 / 3 * np.pi * radius**3, rel=0.01)
    assert stats(mesh).watertight
    assert mesh.normals is not None
    assert (np.einsum("nc,nc->n", mesh.normals, mesh.verts) > 0).all()


def test_it_has_the_colours_that_one_sees() -> None:
    mesh = surface(ball(0.7))
    assert mesh.colors is not None
    red = mesh.colors[:, 0]
    expected = 1 / (1 + np.exp(-3.0 * mesh.verts[:, 0]))
    np.testing.assert_allclose(red, expected, atol=0.05)
    np.testing.assert_allclose(mesh.colors[:, 1:], 0.5, atol=1e-3)


def test_colours_that_depend_on_the_view_are_seen_straight_on() -> None:
    field = ball(0.7, harmonics=4)
    color = np.array(field.color)
    color[:, 1, 3] = 4.0  # greener for rays towards +Z, which meet the far side from within: the side of -Z
    mesh = surface(replace(field, color=color))
    assert mesh.colors is not None
    assert mesh.colors[mesh.verts[:, 2] < -0.6, 1].min() > 0.9
    assert mesh.colors[mesh.verts[:, 2] > 0.6, 1].max() < 0.1


def test_space_that_no_ray_reached_is_full() -> None:
    field = ball(0.7)
    line = np.linspace(-1.0, 1.0, 33)
    away = np.linalg.norm(np.stack(np.meshgrid(line, line, line, indexing="ij")), axis=0)
    rows = np.where(away < 0.4, -1, field.rows).astype(np.int32)
    whole, hollow = surface(field, parts=0), surface(replace(field, rows=rows), parts=0)
    assert len(hollow.faces) == len(whole.faces)


def test_what_floats_about_is_left_out() -> None:
    field = ball(0.5)
    density = np.array(field.density)
    density[field.rows[16, 16, 27]] = 8.0  # a speck, at 0.69 m
    assert field.rows[16, 16, 27] >= 0
    field = replace(field, density=density)
    assert np.linalg.norm(surface(field).verts, axis=1).max() < 0.55
    assert np.linalg.norm(surface(field, parts=2).verts, axis=1).max() > 0.6


def test_an_object_that_the_box_cuts_off_is_closed_there() -> None:
    field = ball(0.7)
    cut = replace(field, rows=field.rows[:, :20], upper=np.array([1.0, -1.0 + 2 * 19 / 32, 1.0]))
    assert stats(surface(cut)).watertight


def test_an_empty_field_has_no_surface() -> None:
    field = ball()
    mesh = surface(replace(field, density=np.full_like(field.density, -9.0)))
    assert mesh.faces.shape == (0, 3)
