"""Measurements of hand-made bodies whose sizes are known, and the search for a shape that has them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from lab.body.data import BodyData
from lab.body.library import load_body
from lab.body.measure import MEASURES, fit_betas, measure, tape
from lab.body.posing import Poser
from lab.body.skeleton import JOINTS, PARENTS, joint
from lab.scene import Array
from tests.lab.body.synthetic import T_POSE

SIDES = 64
HULL = 2 * SIDES * np.sin(np.pi / SIDES)  # the girth of a regular polygon in a circle of radius 1


def tube(start: Array, end: Array, radii: list[float], across: tuple[Array, Array]) -> tuple[Array, Array]:
    """Rings of SIDES points from one place to another, and the faces between them."""
    angles = 2 * np.pi * np.arange(SIDES) / SIDES
    circle = np.cos(angles)[:, None] * across[0] + np.sin(angles)[:, None] * across[1]
    places = np.linspace(start, end, len(radii))
    verts = np.concatenate([place + radius * circle for place, radius in zip(places, radii, strict=True)])
    here = np.arange(SIDES)
    faces = []
    for ring in range(len(radii) - 1):
        a, b = ring * SIDES + here, ring * SIDES + (here + 1) % SIDES
        faces += [np.stack([a, b, a + SIDES], 1), np.stack([b, b + SIDES, a + SIDES], 1)]
    return verts, np.concatenate(faces)


def cylinder_man() -> BodyData:
    """A torso from the floor (y = 0) to y = 1.7 of radius 0.15, 0.12 about y = 1.1, and an arm through each shoulder.

    Beta 1 makes everything twice as wide (x, z), beta 2 raises all by half its height; betas of 0.1 are 10 %.
    """
    x, y, z = np.eye(3)
    heights = np.linspace(0, 1.7, 171)
    radii = [0.12 if abs(height - 1.1) < 0.045 else 0.15 for height in heights]
    torso, torso_faces = tube(0 * y, 1.7 * y, radii, (x, z))
    arm, arm_faces = tube(0.1 * x + 1.25 * y, 0.8 * x + 1.25 * y, [0.3] * 8, (y, z))  # thick, down to y = 0.95
    verts = np.concatenate([torso, arm, arm * (-1, 1, 1)])
    faces = np.concatenate([torso_faces, arm_faces + len(torso), arm_faces + len(torso) + len(arm)])
    weights = np.zeros((len(verts), 24))
    weights[: len(torso), joint("spine1")] = 1.0
    weights[len(torso) : len(torso) + len(arm), joint("left_elbow")] = 1.0
    weights[len(torso) + len(arm) :, joint("right_shoulder")] = 1.0
    regressor = np.linalg.lstsq(np.c_[verts, np.ones(len(verts))].T, np.c_[T_POSE, np.ones(24)].T, rcond=None)[0].T
    shapedirs = np.stack([verts * (1, 0, 1), verts * (0, 0.5, 0)], axis=2)
    return BodyData(
        "cylinder",
        verts.astype(np.float32),
        faces.astype(np.int32),
        shapedirs.astype(np.float32),
        None,
        weights.astype(np.float32),
        csr_matrix(regressor),
        np.array(PARENTS),
        JOINTS,
    )


MAN = cylinder_man()


def test_a_man_of_cylinders() -> None:
    sizes = measure(MAN, [0.0])
    assert tuple(sizes) == MEASURES
    expected = {
        "height": 1.7,
        "chest": 0.15 * HULL,
        "waist": 0.12 * HULL,
        "hip": 0.15 * HULL,
        "arm_length": 0.49,  # x from 0.18 to 0.67
        "leg_length": np.hypot(0.01, 0.37) + 0.38 + 0.07,
    }
    for name, length in expected.items():
        assert sizes[name] == pytest.approx(length, abs=1e-5), name


def test_measures_follow_the_shape() -> None:
    sizes, wide, tall = measure(MAN, [0.0]), measure(MAN, [0.2]), measure(MAN, [0.0, 0.2])
    assert wide["waist"] == pytest.approx(1.2 * sizes["waist"], rel=1e-5)
    assert wide["arm_length"] == pytest.approx(1.2 * sizes["arm_length"], rel=1e-5)
    assert wide["height"] == pytest.approx(sizes["height"], rel=1e-6)
    assert tall["height"] == pytest.approx(1.1 * sizes["height"], rel=1e-5)
    assert tall["chest"] == pytest.approx(sizes["chest"], rel=1e-5)


def test_shaped_bodies_and_betas_measure_the_same() -> None:
    shaped = Poser(MAN).shape([0.3, -0.2])
    assert measure(MAN, shaped) == measure(MAN, [0.3, -0.2])
    assert tape(MAN) is tape(MAN)


def test_betas_that_have_the_sizes() -> None:
    wanted = {"waist": 1.3 * 0.12 * HULL, "height": 1.1 * 1.7}
    betas = fit_betas(MAN, wanted)
    np.testing.assert_allclose(betas, (0.3, 0.2), atol=0.002)
    assert measure(MAN, betas)["height"] == pytest.approx(wanted["height"], abs=1e-3)


def test_sizes_that_nobody_has_are_met_as_nearly_as_can_be() -> None:
    np.testing.assert_allclose(fit_betas(MAN, {"height": 50.0}), (0.0, 5.0), atol=1e-3)


def test_nothing_wanted_and_nonsense_wanted() -> None:
    np.testing.assert_array_equal(fit_betas(MAN, {}), np.zeros(2))
    with pytest.raises(ValueError, match="no measure 'nose'"):
        fit_betas(MAN, {"nose": 0.1})
    for length in (0.0, -1.0, np.nan):
        with pytest.raises(ValueError, match="above 0"):
            fit_betas(MAN, {"height": length})


@pytest.fixture(scope="module")
def neutral() -> BodyData:
    return load_body("neutral")


def test_the_bundled_body_has_human_sizes(neutral: BodyData) -> None:
    sizes = measure(neutral, np.zeros(10))
    ranges = {
        "height": (1.5, 1.9),
        "chest": (0.75, 1.2),
        "waist": (0.55, 1.1),
        "hip": (0.75, 1.25),
        "arm_length": (0.42, 0.65),
        "leg_length": (0.75, 1.05),
        "inseam": (0.65, 0.95),
    }
    for name, (least, most) in ranges.items():
        assert least < sizes[name] < most, name
    assert sizes["waist"] < min(sizes["chest"], sizes["hip"])


def test_sizes_of_a_shape_are_found_again(neutral: BodyData) -> None:
    rng = np.random.default_rng(0)
    for _ in range(3):
        wanted = measure(neutral, rng.normal(size=10))
        found = fit_betas(neutral, wanted)
        sizes = measure(neutral, found)
        for name in MEASURES:
            assert sizes[name] == pytest.approx(wanted[name], abs=1e-3), name
        assert np.abs(found).max() <= 5


def test_of_all_shapes_with_a_height_the_most_ordinary_is_found(neutral: BodyData) -> None:
    rng = np.random.default_rng(1)
    betas = rng.normal(size=10)
    found = fit_betas(neutral, {"height": measure(neutral, betas)["height"]})
    assert np.linalg.norm(found) < np.linalg.norm(betas)
