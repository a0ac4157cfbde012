"""The thickness along a limb."""

from __future__ import annotations

import numpy as np
import pytest

from lab.body.library import load_body
from lab.body.posing import Poser
from lab.body.skeleton import JOINTS
from lab.body.skinning.cylinder import LENGTH, RADIUS, cylinder
from lab.body.skinning.profile import Slices


def slices_of(softness: float = 0.6) -> tuple[Slices, np.ndarray]:
    data = cylinder(softness)
    joints = np.array([[0.0, 0.0, 0.0], [0.0, LENGTH / 2, 0.0]])
    return Slices(data, data.v_template, joints, 1), data.v_template


def test_a_cylinder_is_as_thick_everywhere() -> None:
    slices, verts = slices_of()
    thickness = slices.thickness(verts[slices.rows])
    width = 1.5 * (slices.at[1] - slices.at[0])  # the slices are soft: their depth counts, too
    np.testing.assert_allclose(thickness, np.hypot(RADIUS, width), rtol=2e-3)


def test_a_limb_that_is_drawn_to_half_its_width_is_half_as_thick() -> None:
    slices, verts = slices_of()
    rest = slices.thickness(verts[slices.rows])
    half = slices.thickness(verts[slices.rows] * np.float32(0.5))
    np.testing.assert_allclose(half, 0.5 * rest, rtol=1e-5)
    np.testing.assert_allclose(slices.thickness(verts[slices.rows] + 7.0), rest, rtol=1e-4)


def test_every_joint_of_a_body_has_slices_in_its_limb() -> None:
    data = load_body("neutral")
    shaped = Poser(data).shape(())
    for joint, name in enumerate(JOINTS):
        slices = Slices(data, shaped.verts, shaped.joints, joint)
        thickness = slices.thickness(shaped.verts[slices.rows])
        assert np.isfinite(thickness).sum() >= 5, name
        assert 0.005 < np.nanmean(thickness) < 0.25, name


def test_an_upper_arm_is_thinner_than_the_belly() -> None:
    data = load_body("neutral")
    shaped = Poser(data).shape(())
    means = {}
    for name in ("left_elbow", "spine1"):
        slices = Slices(data, shaped.verts, shaped.joints, JOINTS.index(name))
        means[name] = float(np.nanmedian(slices.thickness(shaped.verts[slices.rows])))
    assert means["left_elbow"] == pytest.approx(0.04, abs=0.02)
    assert means["spine1"] > 2 * means["left_elbow"]
