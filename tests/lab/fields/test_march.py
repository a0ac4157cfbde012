"""Rays through fields: closed forms, what is behind and before, and a slow marcher to compare with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lab.fields.march import FieldView
from lab.fields.rays import rays_of
from lab.scene import Array, Field
from tests.lab.fields.small_fields import ball, camera, slab

AHEAD = np.array([[0.0, 0.0, -1.0]], np.float32)
BEFORE = np.array([[0.1, 0.05, 3.0]], np.float32)


@pytest.mark.parametrize("sigma", [0.1, 1.0, 5.0])
def test_a_uniform_slab_gives_the_closed_form(sigma: float) -> None:
    seen = FieldView(slab(sigma, 1.0)).draw(BEFORE, AHEAD, stop=0.0)[0]
    opacity = 1 - np.exp(-sigma)  # REFERENCE III.4: C = c (1 - exp(-sigma d))
    assert seen[3] == pytest.approx(opacity, abs=2e-3)
    dropped = 1e-3 / (1 - np.exp(-sigma / 64))  # light of samples too faint for a colour, at most
    np.testing.assert_allclose(seen[:3], opacity * np.array([0.8, 0.4, 0.2]), atol=3e-3 + (dropped if sigma > 2 else 0))


def test_light_that_is_left_shows_the_sky() -> None:
    sky = np.tile(np.array([0.2, 0.6, 1.0], np.float16), (4, 8, 1))
    view = FieldView(replace(slab(1.0), sky=sky))
    with_sky, without = (view.draw(BEFORE, AHEAD, stop=0.0, sky=on)[0] for on in (True, False))
    np.testing.assert_allclose(with_sky[:3] - without[:3], np.exp(-1.0) * sky[0, 0], atol=3e-3)
    assert with_sky[3] == without[3]


def test_a_ray_ends_at_its_limit() -> None:
    half = FieldView(slab(2.0)).draw(BEFORE, AHEAD, limits=np.array([3.0], np.float32), stop=0.0)[0]
    assert half[3] == pytest.approx(1 - np.exp(-1.0), abs=0.02)


def test_the_depth_of_a_ball_is_its_near_side() -> None:
    seen = FieldView(ball()).render(camera(size=33))
    assert seen.depth[16, 16] == pytest.approx(3.0 - 0.7, abs=0.05)
    assert seen.opacity[16, 16] > 0.99
    assert seen.opacity[0, 0] == 0.0
    assert seen.depth[0, 0] == 0.0


def test_normals_look_outward() -> None:
    normals = FieldView(ball()).normals(camera(size=33))
    np.testing.assert_allclose(normals[16, 16], [0, 0, 1], atol=0.05)
    assert normals[16, 22, 0] > 0.3  # to the right of the middle, to the right
    assert normals[10, 16, 1] > 0.3


def test_empty_space_is_jumped_over_without_a_difference() -> None:
    field = ball()
    full = replace(
        field,
        rows=np.arange(field.rows.size, dtype=np.int32).reshape(field.rows.shape),
        density=_everywhere(field, field.density[:, None], -30.0)[:, 0],
        color=_everywhere(field, field.color.reshape(len(field.color), -1), 0.0).reshape(-1, 3, 1),
    )
    sparse, dense = (FieldView(f).render(camera((1.5, 1.0, 2.5))) for f in (field, full))
    np.testing.assert_allclose(sparse.color, dense.color, atol=0.025)


def _everywhere(field: Field, values: Array, usual: float) -> Array:
    full = np.full((field.rows.size, values.shape[1]), usual, values.dtype)
    flat = field.rows.reshape(-1)
    full[flat >= 0] = values[flat[flat >= 0]]
    return full


def test_it_agrees_with_a_slow_marcher() -> None:
    field = ball(harmonics=4)
    color = np.array(field.color)
    color[:, 2, 3] = 1.5  # blue towards +Z
    field = replace(field, color=color)
    origins, directions = rays_of(camera((2.0, 0.7, 2.0), 12))
    fast = FieldView(field).draw(origins, directions, stop=0.0)
    slow = np.array([_slow(field, o.astype(float), d.astype(float)) for o, d in zip(origins, directions, strict=True)])
    np.testing.assert_allclose(fast[:, :4], slow, atol=4e-3)


def _slow(field: Field, origin: Array, direction: Array) -> Array:
    """The same samples, one by one, in float64."""
    edge = (field.upper - field.lower) / (np.array(field.rows.shape) - 1)
    with np.errstate(divide="ignore"):
        ends = np.sort([(field.lower - origin) / direction, (field.upper - origin) / direction], axis=0)
    near, far, step = max(ends[0].max(), 0.0), ends[1].min(), 0.5 * edge.min()
    basis = np.concatenate([[1.0], direction])
    left, light = 1.0, np.zeros(3)
    for t in np.arange(near + 0.5 * step, far, step):
        at = (origin + t * direction - field.lower) / edge
        low = np.clip(at.astype(int), 0, np.array(field.rows.shape) - 2)
        rows = field.rows[tuple(slice(i, i + 2) for i in low)]
        if (rows < 0).any():
            continue
        x, y, z = ([1 - f, f] for f in at - low)
        weights = np.einsum("i,j,k->ijk", x, y, z)
        raw = (weights * field.density[rows].astype(float)).sum()
        color = np.einsum("ijk,ijkcb,b->c", weights, field.color[rows].astype(float), basis)
        alpha = 1 - np.exp(-field.scale * np.logaddexp(0, raw) * step)
        light += left * alpha / (1 + np.exp(-color))
        left *= 1 - alpha
    return np.array([*light, 1 - left])


def test_a_newer_field_takes_the_place_of_an_older_one() -> None:
    field = ball()
    view = FieldView(field)
    before = view.render(camera()).color
    view.update(replace(field, color=field.color + np.float16(3.0)))
    assert view.render(camera()).color.mean() > before.mean() + 0.05
    view.update(field)
    np.testing.assert_array_equal(view.render(camera()).color, before)


def test_rows_that_are_not_there_are_refused() -> None:
    field = ball()
    with pytest.raises(ValueError, match="expected less than"):
        FieldView(replace(field, density=field.density[:10], color=field.color[:10]))


def test_what_is_occupied_is_known() -> None:
    lower, upper = FieldView(ball(0.3)).occupied or (np.zeros(3), np.zeros(3))
    assert (lower < -0.3).all()
    assert (upper > 0.3).all()
    assert (upper - lower).max() < 1.6


def test_parallel_rays_see_the_ball_as_large_everywhere() -> None:
    near, far = (replace(camera((0, 0, z)), orthographic=True, fx=12.0, fy=12.0) for z in (2.0, 5.0))
    view = FieldView(ball())
    np.testing.assert_allclose(view.render(near).opacity, view.render(far).opacity, atol=0.1)


def test_a_field_without_vertices_is_see_through() -> None:
    empty = ball()
    rows = np.full_like(empty.rows, -1)
    nothing = replace(empty, rows=rows, density=empty.density[:0], color=empty.color[:0])
    assert FieldView(nothing).render(camera(size=8)).opacity.max() == 0
