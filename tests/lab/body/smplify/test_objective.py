"""The terms of SMPLify's objective: values by hand, gradients by finite differences."""

import numpy as np
import pytest

from lab.body.library import load_body
from lab.body.skeleton import joint
from lab.body.smplify.capsules import PAIRS, PARTS, Capsule, fit_capsule
from lab.body.smplify.fit import Body, load_prior
from lab.body.smplify.objective import (
    COLLISION,
    DATA,
    LIMITS,
    POSE,
    SHAPE,
    TERMS,
    Objective,
    bending,
    robust,
)
from lab.body.smplify.observed import TALL, Lens
from lab.body.smplify.stages import EASE, STAGES
from lab.chapters.body.smplify import SmplifyParams

NAMES = ("nose", "left_shoulder", "right_shoulder", "left_elbow", "left_wrist", "right_knee", "left_hip", "right_hip")


@pytest.fixture(scope="module")
def body() -> Body:
    return Body.of(load_body("neutral"))


def start(body: Body, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = np.zeros(body.model.unknowns)
    x[:72] = 0.3 * rng.normal(size=72)
    x[72:75] = 0.1, 0.2, -3.0
    x[75:] = 0.5 * rng.normal(size=body.model.betas)
    return x


def hand_in_the_belly() -> np.ndarray:
    pose = np.zeros((24, 3))
    pose[joint("left_shoulder")], pose[joint("left_elbow")] = (1.0, -1.1, -1.4), (0.0, -0.8, 0.0)
    return pose


def objective_of(body: Body, truth: np.ndarray, noise: float = 20.0) -> Objective:
    lens = Lens.of((600, 800), 900.0)
    points = body.model.forward(truth[75:], truth[:72], truth[72:75]).points
    xy = lens.project(points[[body.model.index(name) for name in NAMES]])
    xy = xy + noise * np.random.default_rng(3).normal(size=xy.shape)
    return body.objective(load_prior(""), NAMES, xy, np.linspace(0.3, 1.0, len(NAMES)), lens)


@pytest.mark.parametrize("term", TERMS)
def test_gradients_are_those_of_finite_differences(body: Body, term: str) -> None:
    x = start(body, 1)
    if term == COLLISION:  # a forearm into the belly
        x[:72] = hand_in_the_belly().ravel()
    objective = objective_of(body, start(body, 2))
    weights = dict.fromkeys(TERMS, 0.0) | {term: 1.0}
    look = objective.evaluate(x, weights)
    assert look.terms[term] > 0.0
    columns = range(72) if term == COLLISION else range(len(x))  # collision has a gradient by pose only, as published
    for column in columns:
        nudge = np.zeros_like(x)
        nudge[column] = 1e-6
        above = objective.evaluate(x + nudge, weights).value
        below = objective.evaluate(x - nudge, weights).value
        numeric = (above - below) / 2e-6
        assert look.gradient[column] == pytest.approx(numeric, rel=1e-4, abs=1e-4 * (1 + abs(look.value))), column


def test_collision_has_no_gradient_by_shape_and_place(body: Body) -> None:
    x = np.zeros(body.model.unknowns)
    x[:72] = hand_in_the_belly().ravel()
    x[74] = -3.0
    found = body.spheres.energy(body.model.forward((), x[:72], x[72:75]))
    assert np.abs(found.gradient[:72]).max() > 0.0
    assert not found.gradient[72:].any()


def test_the_robust_distance_levels_off_at_sigma_squared() -> None:
    assert robust(np.array([0.0]))[0] == 0.0
    assert robust(np.array([100.0**2]))[0] == pytest.approx(100.0**2 / 2)
    assert robust(np.array([1e12]))[0] == pytest.approx(100.0**2, rel=1e-6)


def test_the_data_term_is_that_of_the_equation(body: Body) -> None:
    truth = start(body, 2)
    objective = objective_of(body, truth, noise=0.0)
    weights = dict.fromkeys(TERMS, 1.0)
    # not 0: the middle of the hips' pictures is not quite the picture of their middle
    assert objective.evaluate(truth, weights).terms[DATA] < 0.1
    x = truth.copy()
    x[72] += 0.05
    look = objective.evaluate(x, weights)
    observed = objective.observed
    square = (look.apart * observed.scale) ** 2
    by_hand = sum(w**2 * 1e4 * e / (1e4 + e) for w, e in zip(observed.weight, square, strict=True))
    assert look.terms[DATA] == pytest.approx(by_hand)
    seen = observed.xy[observed.confidence > 0.05]
    assert np.ptp(seen, axis=0).max() * observed.scale == pytest.approx(TALL)


def test_each_hip_has_no_weight_and_their_middle_has_some(body: Body) -> None:
    observed = objective_of(body, start(body, 2)).observed
    weight = dict(zip(observed.names, observed.weight, strict=True))
    assert weight["left_hip"] == weight["right_hip"] == 0.0
    assert weight["mid_hip"] > 0.0


def test_joint_limits_resist_elbows_and_knees_that_bend_the_wrong_way() -> None:
    x = np.zeros(85)
    assert bending(x, 85).value == pytest.approx(4 * 100.0)  # (10 exp(0))^2 each
    x[55], x[58], x[12], x[15] = 0.5, -0.5, -0.5, -0.5
    assert bending(x, 85).value == pytest.approx(4 * 100.0 * np.exp(1.0))
    x[[55, 58, 12, 15]] *= -1.0
    assert bending(x, 85).value == pytest.approx(4 * 100.0 * np.exp(-1.0))


def test_at_a_mean_the_pose_prior_is_minus_the_log_of_its_weight(body: Body) -> None:
    objective = objective_of(body, start(body, 2))
    prior = objective.prior
    x = start(body, 4)
    for component in range(len(prior)):
        x[3:72] = prior.means[component]
        value = objective.evaluate(x, dict.fromkeys(TERMS, 1.0)).terms[POSE]
        assert value <= -prior.log_weights[component] + 1e-9
    assert objective.evaluate(x, dict.fromkeys(TERMS, 1.0)).terms[SHAPE] == pytest.approx(x[75:] @ x[75:])


def test_the_stages_are_those_of_the_paper() -> None:
    assert [(stage.pose, stage.shape) for stage in STAGES] == [(404.0, 100.0), (404.0, 50.0), (57.4, 10.0), (4.78, 5.0)]
    last = STAGES[-1].weights({LIMITS: 2.0})
    assert last[POSE] == pytest.approx(4.78**2)
    assert last[LIMITS] == pytest.approx(2.0 * (0.317 * 4.78) ** 2)
    assert STAGES[-1].weights({})[LIMITS] == pytest.approx(EASE * (0.317 * 4.78) ** 2)
    assert SmplifyParams().limits_weight == EASE
    assert last[COLLISION] == 1000.0
    assert last[SHAPE] == 25.0
    assert last[DATA] == 1.0


def test_there_are_20_capsules_and_23_pairs_the_same_left_and_right() -> None:
    assert len(PARTS) == 20
    assert len(PAIRS) == len(set(map(frozenset, PAIRS))) == 23
    swap = {"left": "right", "right": "left"}

    def mirrored(name: str) -> str:
        side, _, rest = name.partition("_")
        return f"{swap[side]}_{rest}" if side in swap else name

    pairs = set(map(frozenset, PAIRS))
    assert {frozenset(map(mirrored, pair)) for pair in pairs} == pairs
    assert {name for pair in PAIRS for name in pair} <= set(PARTS)


def test_a_capsule_is_fitted_to_a_tube() -> None:
    angles = np.linspace(0.0, 2.0 * np.pi, 41)[:-1]
    heights = np.linspace(-0.5, 0.5, 101)
    tube = np.array([[0.1 * np.cos(a), h, 0.1 * np.sin(a)] for h in heights for a in angles])
    capsule: Capsule = fit_capsule(tube, np.array([0.0, 1.0, 0.0]))
    assert capsule.radius == pytest.approx(0.1, abs=0.005)
    ends = np.sort(capsule.ends[:, 1])
    assert ends[1] == pytest.approx(0.45 - capsule.radius, abs=0.01)  # 90 % of the vertices, round ends
    assert ends[0] == pytest.approx(-ends[1])


def test_arms_at_the_sides_do_not_collide_and_a_hand_in_the_chest_does(body: Body) -> None:
    def energy(pose: np.ndarray) -> float:
        return body.spheres.energy(body.model.forward((), pose)).value

    pose = np.zeros((24, 3))
    assert energy(pose) < 1e-6
    pose[16, 2], pose[17, 2] = -1.2, 1.2
    assert energy(pose) < 1e-3
    assert energy(hand_in_the_belly()) > 0.5


def test_behind_the_camera_the_objective_is_infinite(body: Body) -> None:
    objective = objective_of(body, start(body, 2))
    x = start(body, 2)
    x[74] = 1.0
    assert objective.value(x, dict.fromkeys(TERMS, 1.0)) == np.inf
