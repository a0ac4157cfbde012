"""The solver, the flips and the camera's stage: numbers that can be worked by hand."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.body.library import load_body
from lab.body.posing import Poser
from lab.body.skeleton import joint
from lab.body.smplify.camera_stage import place, turned_round
from lab.body.smplify.fit import Body, load_prior
from lab.body.smplify.flips import BONES, between, flipped
from lab.body.smplify.objective import Look, Objective
from lab.body.smplify.observed import Lens, observe
from lab.body.smplify.solver import Iterate, descend, step
from lab.experiment import ExperimentError
from lab.motions import so3

NAMES = tuple(f"{side}_{part}" for part in ("shoulder", "hip", "elbow", "knee", "ankle") for side in ("left", "right"))
vectors = st.tuples(*[st.floats(-2.0, 2.0)] * 3).filter(lambda v: np.linalg.norm(v) > 0.1).map(np.array)


@pytest.fixture(scope="module")
def body() -> Body:
    return Body.of(load_body("neutral"))


def valley(x: np.ndarray) -> Look:
    """Rosenbrock's: 100 (y - x^2)^2 + (1 - x)^2."""
    r = np.array([10.0 * (x[1] - x[0] ** 2), 1.0 - x[0]])
    j = np.array([[-20.0 * x[0], 10.0], [-1.0, 0.0]])
    return Look(float(r @ r), {}, 2 * r @ j, 2 * j.T @ j, np.zeros(0), None)  # type: ignore[arg-type]


def test_it_arrives_at_the_end_of_a_bent_valley() -> None:
    now = Iterate(np.array([-1.2, 1.0]), valley(np.array([-1.2, 1.0])))
    values = [now.look.value]
    for _ in range(60):
        now = step(now, valley, tolerance=0.0)
        values.append(now.look.value)
    assert np.allclose(now.x, [1.0, 1.0], atol=1e-6)
    assert all(b <= a for a, b in pairwise(values))


def test_a_step_is_no_longer_than_the_stride_and_what_is_not_free_stays() -> None:
    start = Iterate(np.array([-1.2, 1.0]), valley(np.array([-1.2, 1.0])))
    assert np.abs(step(start, valley, stride=0.05).x - start.x).max() <= 0.05 + 1e-12
    held = descend(start.x, valley, 30, free=np.array([1]))
    assert held.x[0] == -1.2
    assert held.x[1] == pytest.approx(1.44, abs=1e-3)


@given(vectors, vectors)
def test_the_smallest_turn_takes_one_direction_to_the_other(a: np.ndarray, b: np.ndarray) -> None:
    R = between(a, b)
    assert np.allclose(R @ a / np.linalg.norm(a), b / np.linalg.norm(b), atol=1e-8)
    cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
    assert so3.angle(R) == pytest.approx(np.arccos(np.clip(cosine, -1, 1)), abs=1e-6)


def test_opposite_directions_are_half_a_turn_apart() -> None:
    assert np.allclose(between(np.array([0.0, 1.0, 0.0]), np.array([0.0, -2.0, 0.0])) @ [0, 1, 0], [0, -1, 0])


@pytest.mark.parametrize("bone", BONES)
def test_a_flipped_bone_is_mirrored_in_depth_and_the_next_keeps_its_direction(
    body: Body, bone: tuple[str, str, str]
) -> None:
    rng = np.random.default_rng(5)
    x = np.zeros(body.model.unknowns)
    x[:72], x[72:75] = 0.3 * rng.normal(size=72), (0.0, 0.0, -200.0)  # so far that all rays are parallel

    def bones(at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        points = body.model.forward((), at[:72], at[72:75]).points
        first, second, third = (points[joint(name)] for name in bone)
        return second - first, third - second

    (before, next_before), (after, next_after) = bones(x), bones(flipped(body.model, x, bone))
    assert np.allclose(after, before * [1.0, 1.0, -1.0], atol=5e-3)
    assert np.allclose(next_after, next_before, atol=1e-9)
    again = flipped(body.model, flipped(body.model, x, bone), bone)
    assert np.allclose(bones(again)[0], before, atol=1e-9)


def seen(body: Body, x: np.ndarray, lens: Lens) -> Objective:
    points = body.model.forward((), x[:72], x[72:75]).points
    xy = lens.project(points[[body.model.index(name) for name in NAMES]])
    return body.objective(load_prior(""), NAMES, xy, np.ones(len(NAMES)), lens)


@pytest.mark.parametrize("yaw", [0.0, 0.7, np.pi])
def test_the_camera_stage_finds_where_a_body_stands_and_how_it_is_turned(body: Body, yaw: float) -> None:
    x = np.zeros(body.model.unknowns)
    x[:3], x[72:75] = so3.log(so3.exp([0.0, 0.0, 0.3]) @ so3.exp([0.0, yaw, 0.0])), (0.4, -0.1, -4.0)
    objective = seen(body, x, Lens.of((800, 600)))
    found = place(objective, np.zeros(69), yaw if yaw == np.pi else 0.0)
    assert np.allclose(found[72:75], x[72:75], atol=0.35)
    assert so3.angle_between(so3.exp(found[:3]), so3.exp(x[:3])) < 0.3
    assert not found[3:72].any()


def test_turned_round_looks_the_other_way_with_the_head_still_up() -> None:
    x = np.zeros(85)
    x[:3] = 0.1, 0.4, 0.2
    before, after = so3.exp(x[:3]), so3.exp(turned_round(x)[:3])
    assert np.allclose(after[:, 1], before[:, 1])
    assert np.allclose(after[:, 2], -before[:, 2])


def test_too_few_joints_are_refused_in_a_sentence(body: Body) -> None:
    with pytest.raises(ExperimentError, match="Only 2 joints"):
        observe(body.model, NAMES, np.zeros((10, 2)), np.array([0, 0, 1, 1, 1, 1, 0, 0, 0, 0.0]))


def test_a_lens_projects_as_a_pinhole_and_its_derivative_is_that_of_finite_differences() -> None:
    lens = Lens(500.0, 320.0, 240.0, (480, 640))
    assert np.allclose(lens.project(np.array([[0.2, 0.1, -2.0]])), [[370.0, 215.0]])
    assert np.allclose(lens.ray(np.array([370.0, 215.0]), 2.0), [0.2, 0.1, -2.0])
    point, slope = np.array([[0.2, 0.1, -2.0]]), lens.derivative(np.array([[0.2, 0.1, -2.0]]))[0]
    for axis in range(3):
        nudge = 1e-6 * np.eye(3)[axis]
        numeric = (lens.project(point + nudge) - lens.project(point - nudge))[0] / 2e-6
        assert np.allclose(slope[:, axis], numeric, atol=1e-4)
    assert Lens.of((400, 300)).focal == pytest.approx(480.0)


def test_the_body_s_points_are_the_poser_s(body: Body) -> None:
    pose = 0.2 * np.random.default_rng(1).normal(size=(24, 3))
    poser = Poser(body.data)
    posed = poser.pose(poser.shape(()), pose, (0.0, 0.0, -3.0))
    assert np.allclose(body.model.forward((), pose, (0.0, 0.0, -3.0)).points[:24], posed.joints, atol=1e-5)
