"""Paths: where cameras stand and look, evenness of the starts, errors of views."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.cameras.model import inverse
from lab.motions import se3, so3
from lab.pose import paths


def test_view_from_is_pytorch3d_s_look_at() -> None:
    """REFERENCE I.3: look-at centre for (3, 50°, 0°) is (0, 2.29813, 1.92836)."""
    view = paths.view_from(3.0, 50.0, 0.0)
    assert inverse(view)[:3, 3] == pytest.approx([0.0, 2.29813, 1.92836], abs=1e-5)
    assert view[:3, 3] == pytest.approx([0.0, 0.0, -3.0])  # the object is straight ahead


def test_roll_turns_about_the_axis() -> None:
    rolled = paths.view_from(3.0, 20.0, 30.0, 90.0)
    upright = paths.view_from(3.0, 20.0, 30.0)
    assert (rolled @ inverse(upright))[:3, :3] == pytest.approx(so3.exp([0, 0, np.pi / 2]), abs=1e-12)


@given(st.integers(50, 400))
def test_starts_are_even(count: int) -> None:
    directions = paths.fibonacci(count)
    assert np.linalg.norm(directions, axis=1) == pytest.approx(1.0)
    apart = np.arccos(np.clip(directions @ directions.T - 2 * np.eye(count), -1, 1)).min(axis=1)
    even = np.sqrt(4 * np.pi / count)  # side of a square cell of the same area
    assert apart.min() > 0.6 * even
    assert apart.max() < 1.3 * even


@pytest.mark.parametrize("path", [paths.orbit, paths.wobble])
def test_paths_are_smooth_and_keep_the_object_ahead(path) -> None:
    views = path(60, 3.0, 3.0)
    assert so3.orthogonality_error(views[:, :3, :3]).max() < 1e-12
    turns = np.degrees(so3.angle_between(views[1:, :3, :3], views[:-1, :3, :3]))
    assert 0.5 < turns.max() < 12.0
    assert (views[:, 2, 3] < -2.0).all()


def test_a_random_path_belongs_to_its_seed() -> None:
    first, again, other = (paths.random(30, 4.0, 3.0, np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.allclose(first, other)
    turns = np.degrees(so3.angle_between(first[1:, :3, :3], first[:-1, :3, :3]))
    assert turns == pytest.approx(4.0)
    sideways = np.abs(first[:, :2, 3]) / -first[:, 2, 3:]
    assert sideways.max() < 0.2


@given(st.floats(0.0, 3.0), st.floats(-1.0, 1.0))
def test_errors_are_angle_and_shift(angle: float, shift: float) -> None:
    truth = paths.view_from(4.0, 10.0, 20.0)
    view = se3.matrix(truth[:3, :3] @ so3.exp([0.0, angle, 0.0]), truth[:3, 3] + [shift, 0, 0])
    turned, moved = paths.errors(view, truth)
    assert turned == pytest.approx(np.degrees(angle), abs=1e-5)
    assert moved == pytest.approx(100 * abs(shift) / 4.0, abs=1e-9)
