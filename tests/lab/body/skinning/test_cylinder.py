"""The cylinder with two joints: closed, round, and weighted as told."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lab.body.posing import Poser
from lab.body.skinning.cylinder import LENGTH, RADIUS, cylinder
from lab.body.skinning.words import volume


def test_it_is_closed_and_looks_outwards() -> None:
    data = cylinder(0.3)
    edges = np.concatenate([data.faces[:, [0, 1]], data.faces[:, [1, 2]], data.faces[:, [2, 0]]])
    ways = {(int(a), int(b)) for a, b in edges}
    assert len(ways) == len(edges)
    assert ways == {(b, a) for a, b in ways}  # each edge once in either direction
    prism = 24 * math.sin(2 * math.pi / 48) * RADIUS**2 * LENGTH  # over a regular polygon of 48 sides
    assert volume(data.v_template, data.faces) == pytest.approx(prism, rel=1e-5)


def test_its_joints_are_at_the_bottom_and_in_the_middle_of_the_axis() -> None:
    joints = Poser(cylinder(0.3)).shape(()).joints
    np.testing.assert_allclose(joints, [[0, 0, 0], [0, LENGTH / 2, 0]], atol=1e-6)


@pytest.mark.parametrize("softness", [0.0, 0.3, 0.9])
def test_the_weights_go_from_one_joint_to_the_other(softness: float) -> None:
    data = cylinder(softness)
    height = data.v_template[:, 1] - LENGTH / 2
    np.testing.assert_allclose(data.weights.sum(axis=1), 1.0, atol=1e-6)
    np.testing.assert_allclose(data.weights[np.abs(height) < 1e-6], 0.5, atol=1e-6)
    above, below = height > softness / 2 + 1e-6, height < -softness / 2 - 1e-6
    assert above.any()
    assert (data.weights[above] == [0, 1]).all()
    assert below.any()
    assert (data.weights[below] == [1, 0]).all()


def test_softness_is_the_length_that_both_joints_hold() -> None:
    data = cylinder(0.4)
    quarter = np.abs(data.v_template[:, 1] - (LENGTH / 2 + 0.1)) < 1e-6  # three quarters of the way: 3 s² - 2 s³
    np.testing.assert_allclose(data.weights[quarter, 1], 3 * 0.75**2 - 2 * 0.75**3, atol=1e-5)
    assert quarter.any()
