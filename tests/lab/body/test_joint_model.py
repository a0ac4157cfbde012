"""Joints and landmarks: the same places as the skinned mesh has, and Jacobians against finite differences."""

import numpy as np
import pytest

from lab.body.joint_model import JointModel
from lab.body.library import load_body
from lab.body.posing import Poser
from lab.body.skeleton import PARENTS, joint

LANDMARKS = ("nose", "left_heel", "right_big_toe", "left_index")


@pytest.fixture(scope="module")
def model() -> JointModel:
    return JointModel(load_body("neutral"), LANDMARKS)


def random_body(model: JointModel, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(0, 1, model.betas), rng.normal(0, 0.5, (model.joints, 3)), rng.normal(0, 1, 3)


def test_at_rest_the_points_are_the_regressed_joints_and_the_template_s_vertices(model: JointModel) -> None:
    data = model.data
    joints = data.J_regressor @ data.v_template.astype(np.float64)
    verts = data.v_template[[data.landmarks[name] for name in LANDMARKS]]
    assert np.allclose(model.rest(()), np.concatenate([joints, verts]), atol=1e-6)
    assert np.allclose(model.forward((), np.zeros((24, 3))).points, model.rest(()), atol=1e-12)


def test_the_points_are_where_the_skinned_body_has_them(model: JointModel) -> None:
    betas, pose, transl = random_body(model, 1)
    poser = Poser(model.data)
    posed = poser.pose(poser.shape(betas), pose, transl)
    places = model.forward(betas, pose, transl)
    assert np.allclose(places.points[:24], posed.joints, atol=1e-5)
    for row, name in enumerate(LANDMARKS, start=24):
        assert np.allclose(places.points[row], posed.verts[model.data.landmarks[name]], atol=2e-5)
    assert np.allclose(places.rotations, posed.rotations, atol=1e-9)


@pytest.mark.parametrize("scale", [1.0, 0.0])
def test_the_jacobian_is_that_of_finite_differences(model: JointModel, scale: float) -> None:
    betas, pose, transl = random_body(model, 2)
    pose = scale * pose
    start = np.concatenate([pose.reshape(-1), transl, betas])
    analytic = model.jacobian(model.forward(betas, pose, transl))
    assert analytic.shape == (24 + len(LANDMARKS), 3, 72 + 3 + model.betas)

    def points(x: np.ndarray) -> np.ndarray:
        return model.forward(x[75:], x[:72], x[72:75]).points

    step = 1e-6
    for column in range(len(start)):
        nudge = np.zeros_like(start)
        nudge[column] = step
        numeric = (points(start + nudge) - points(start - nudge)) / (2 * step)
        assert np.allclose(analytic[:, :, column], numeric, atol=1e-8), column


def test_a_joint_moves_exactly_what_hangs_on_it(model: JointModel) -> None:
    betas, pose, transl = random_body(model, 3)
    jacobian = model.jacobian(model.forward(betas, pose, transl))
    elbow = joint("left_elbow")
    moved = np.abs(jacobian[:24, :, 3 * elbow : 3 * elbow + 3]).max(axis=(1, 2)) > 1e-9
    below = set()
    for number in range(24):
        above = PARENTS[number]
        while above >= 0:
            if above == elbow:
                below.add(number)
            above = PARENTS[above]
    assert set(np.flatnonzero(moved)) == below == {joint("left_wrist"), joint("left_hand")}


def test_further_vertices_are_points_and_too_many_betas_are_refused() -> None:
    data = load_body("neutral")
    nose = data.landmarks["nose"]
    model = JointModel(data, verts=[nose], betas=4)
    assert model.betas == 4
    assert np.allclose(model.rest(())[24], data.v_template[nose])
    with pytest.raises(ValueError, match="at most 4"):
        model.rest(np.zeros(5))
    with pytest.raises(ValueError, match="no 'tail'"):
        JointModel(data, ("tail",))
