"""The four steps, and what is in between."""

from __future__ import annotations

import numpy as np
import pytest

from lab.body.library import load_body
from lab.body.posing import Poser
from lab.body.skeleton import JOINTS, PARENTS, joint
from lab.body.skinning.stages import Asked, Stage, Stages
from lab.chapters.body.skinning import DUAL, LINEAR

BETAS = (1.5, -1.0, 0.5)
POSE = np.random.default_rng(7).normal(scale=0.5, size=(24, 3))


@pytest.fixture(scope="module")
def stages() -> Stages:
    return Stages(load_body("neutral"))


def at(stages: Stages, step: float, pose: np.ndarray = POSE, skinning: str = LINEAR, correctives: bool = True) -> Stage:
    return stages.at(Asked(step, BETAS, pose, correctives, skinning), stages.data.weights)


def test_the_four_steps_are_the_models_own(stages: Stages) -> None:
    data, poser = stages.data, Poser(stages.data)
    shaped = poser.shape(BETAS)
    posed = poser.pose(shaped, POSE)
    np.testing.assert_array_equal(at(stages, 0.0).verts, data.v_template)
    np.testing.assert_array_equal(at(stages, 1.0).verts, shaped.verts)
    np.testing.assert_array_equal(at(stages, 2.0).verts, posed.corrected)
    np.testing.assert_allclose(at(stages, 3.0).verts, posed.verts, atol=1e-6)
    np.testing.assert_allclose(at(stages, 3.0).joints, posed.joints, atol=1e-9)


def test_between_two_steps_the_surface_is_between_them(stages: Stages) -> None:
    for step in (0.25, 1.25):
        before, here, after = (at(stages, value).verts for value in (step - 0.25, step, step + 0.75))
        np.testing.assert_allclose(here, 0.75 * before + 0.25 * after, atol=1e-6)


def test_step_three_is_on_its_way_a_pose_on_its_way(stages: Stages) -> None:
    """Half of the turn with all of the correctives; near its ends it meets the steps around it."""
    half = at(stages, 2.5)
    np.testing.assert_allclose(half.rotations, at(stages, 3.0, 0.5 * POSE).rotations, atol=1e-9)
    np.testing.assert_array_equal(half.before, at(stages, 3.0).before)
    assert np.abs(at(stages, 2.0 + 1e-5).verts - at(stages, 2.0).verts).max() < 1e-4
    assert np.abs(at(stages, 3.0 - 1e-5).verts - at(stages, 3.0).verts).max() < 1e-4


def test_without_correctives_step_two_adds_nothing(stages: Stages) -> None:
    stage = at(stages, 3.0, correctives=False)
    np.testing.assert_array_equal(stage.corrected, stage.shaped)


@pytest.mark.parametrize("skinning", [LINEAR, DUAL])
def test_turning_a_joint_moves_exactly_its_subtree(stages: Stages, skinning: str) -> None:
    knee = joint("left_knee")
    pose = np.zeros((24, 3))
    pose[knee, 0] = 1.0
    stage = at(stages, 3.0, pose, skinning, correctives=False)
    below = [knee]
    for index, parent in enumerate(PARENTS):
        if parent in below:
            below.append(index)
    assert {JOINTS[index] for index in below} == {"left_knee", "left_ankle", "left_foot"}
    held = stages.data.weights[:, below].sum(axis=1) > 0
    way = np.linalg.norm(stage.verts - stage.before, axis=1)
    assert way[~held].max() < 1e-6
    assert way[stages.data.weights[:, below].sum(axis=1) > 0.99].min() > 1e-3


@pytest.mark.parametrize("skinning", [LINEAR, DUAL])
def test_turning_the_pelvis_is_rigid_about_the_pelvis_and_needs_no_correctives(stages: Stages, skinning: str) -> None:
    pose = np.zeros((24, 3))
    pose[0] = [0.0, np.pi / 2, 0.0]
    stage = at(stages, 3.0, pose, skinning)
    np.testing.assert_array_equal(stage.corrected, stage.shaped)
    arm = stage.shaped - stage.shape_joints[0]
    quarter = np.stack([arm[:, 2], arm[:, 1], -arm[:, 0]], axis=1)  # about y: z goes to x, x to -z
    np.testing.assert_allclose(stage.verts, quarter + stage.shape_joints[0], atol=2e-6)


def test_what_did_not_change_stays_the_same_array(stages: Stages) -> None:
    first = at(stages, 3.0)
    again = at(stages, 3.0)
    assert again is first
    painted = stages.at(Asked(2.0, BETAS, POSE, True, LINEAR), stages.data.weights)
    other = stages.at(Asked(2.0, BETAS, POSE, True, LINEAR), stages.data.weights.copy())
    assert other.verts is painted.verts  # nothing is skinned yet
    assert other.normals is painted.normals
