"""Inverse kinematics: joints come to where they are pulled, feet stay, limits hold, and nothing ever explodes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.body.ik import Chain, Pull
from lab.body.library import load_body
from lab.body.limits import clamp, excess
from lab.body.posing import Poser
from lab.body.skeleton import JOINTS, joint

FEET = tuple(joint(name) for name in ("left_ankle", "left_foot", "right_ankle", "right_foot"))
ZERO = np.zeros(3)


@pytest.fixture(scope="module")
def poser() -> Poser:
    return Poser(load_body("neutral"))


@pytest.fixture(scope="module")
def chain(poser: Poser) -> Chain:
    return Chain(poser.shape([]).joints)


def packed(pose: np.ndarray, transl: np.ndarray = ZERO) -> np.ndarray:
    return np.concatenate([pose.reshape(-1), transl])


def places(chain: Chain, pose: np.ndarray, transl: np.ndarray = ZERO) -> np.ndarray:
    return chain.forward(packed(pose, transl))[0]


def settled(chain: Chain, pose: np.ndarray, pull: Pull, rounds: int = 6) -> tuple[np.ndarray, np.ndarray, float]:
    """As while a hand rests: each answer is where the next search begins."""
    found = chain.pull(pose, ZERO, pull)
    for _ in range(rounds):
        found = chain.pull(pose, ZERO, pull, (found.pose, found.transl))
    return found.pose, found.transl, found.off


def test_joints_are_where_the_body_model_has_them(poser: Poser, chain: Chain) -> None:
    rng = np.random.default_rng(0)
    pose, transl = rng.normal(scale=0.6, size=(24, 3)), rng.normal(size=3)
    posed = poser.pose(poser.shape([]), pose, transl)
    found, rotations = chain.forward(packed(pose, transl))
    assert found == pytest.approx(posed.joints, abs=1e-12)
    assert rotations == pytest.approx(posed.rotations, abs=1e-12)


def test_the_jacobian_is_that_of_finite_differences(chain: Chain) -> None:
    x = np.random.default_rng(1).normal(scale=0.7, size=75)
    jacobian, _ = chain.jacobian(x, *chain.forward(x), np.arange(24))
    step = 1e-6
    slopes = [(chain.forward(x + step * e)[0] - chain.forward(x - step * e)[0]) / (2 * step) for e in np.eye(75)]
    assert jacobian == pytest.approx(np.stack(slopes, axis=-1), abs=1e-8)


def test_a_pull_of_nothing_changes_nothing(chain: Chain) -> None:
    pose = clamp(np.random.default_rng(2).normal(scale=0.3, size=(24, 3)))
    wrist = joint("left_wrist")
    found = chain.pull(pose, ZERO, Pull(wrist, places(chain, pose)[wrist], FEET))
    assert np.array_equal(found.pose, pose)
    assert np.array_equal(found.transl, ZERO)


@pytest.mark.parametrize(
    ("name", "by"),
    [
        ("left_wrist", (-0.2, 0.25, 0.15)),
        ("right_wrist", (0.1, -0.3, 0.2)),
        ("left_elbow", (-0.05, 0.15, 0.05)),
        ("pelvis", (0.05, -0.2, 0.0)),
        ("left_ankle", (0.05, 0.3, 0.1)),
        ("head", (0.05, -0.1, 0.1)),
    ],
)
def test_a_joint_comes_to_where_it_is_pulled_and_the_feet_stay(
    chain: Chain, name: str, by: tuple[float, float, float]
) -> None:
    pose, index = np.zeros((24, 3)), joint(name)
    pins = tuple(pin for pin in FEET if not (name == "left_ankle" and JOINTS[pin].startswith("left")))
    target = places(chain, pose)[index] + by
    found, transl, off = settled(chain, pose, Pull(index, target, pins))
    after = places(chain, found, transl)
    assert off < 0.02
    assert off == pytest.approx(float(np.linalg.norm(after[index] - target)), abs=1e-9)
    assert after[list(pins)] == pytest.approx(places(chain, pose)[list(pins)], abs=0.004)
    assert not excess(found)[1:].any()


@settings(max_examples=12)
@given(st.integers(0, 10**6), st.sampled_from(JOINTS), st.floats(0.05, 12.0))
def test_no_pull_explodes(seed: int, name: str, reach: float) -> None:
    chain = Chain(Poser(load_body("neutral")).shape([]).joints)
    rng = np.random.default_rng(seed)
    pose = clamp(rng.normal(scale=0.3, size=(24, 3)))
    index = joint(name)
    direction = rng.normal(size=3)
    target = places(chain, pose)[index] + reach * direction / np.linalg.norm(direction)
    found = chain.pull(pose, ZERO, Pull(index, target, FEET))
    assert np.isfinite(packed(found.pose, found.transl)).all()
    assert not excess(found.pose)[1:].any()
    assert found.off <= reach + 1e-9  # never further off than before
    bones = np.linalg.norm(places(chain, found.pose) - places(chain, found.pose)[0], axis=1)
    assert bones.max() < 2.0


def test_a_target_out_of_reach_stretches_the_arm_towards_it(chain: Chain) -> None:
    pose = np.zeros((24, 3))
    pose[joint("left_elbow"), 1] = -1.2
    shoulder, elbow, wrist = (joint(f"left_{name}") for name in ("shoulder", "elbow", "wrist"))
    found, transl, _ = settled(chain, pose, Pull(wrist, np.array([4.0, 0.4, 0.3]), FEET), rounds=20)
    after = places(chain, found, transl)
    upper, lower = after[elbow] - after[shoulder], after[wrist] - after[elbow]
    cosine = upper @ lower / np.linalg.norm(upper) / np.linalg.norm(lower)
    assert np.degrees(np.arccos(min(cosine, 1.0))) < 15  # it was bent by 69°
    assert after[list(FEET)] == pytest.approx(places(chain, pose)[list(FEET)], abs=0.02)


def test_a_drag_is_smooth_and_comes_back(chain: Chain) -> None:
    pose, wrist = np.zeros((24, 3)), joint("right_wrist")
    start = places(chain, pose)[wrist]
    begin, jumps = None, []
    for share in [*np.linspace(0, 1, 20), *np.linspace(1, 0, 20)]:
        found = chain.pull(pose, ZERO, Pull(wrist, start + share * np.array([0.4, 0.5, 0.4]), FEET), begin)
        if begin is not None:
            jumps.append(float(np.abs(found.pose - begin[0]).max()))
        begin = found.pose, found.transl
    assert np.degrees(max(jumps)) < 25  # for 4 cm at a time
    assert begin is not None
    assert np.degrees(np.abs(begin[0]).max()) < 1.0


def test_without_following_the_pelvis_stays(chain: Chain) -> None:
    pose, wrist = np.zeros((24, 3)), joint("left_wrist")
    pull = Pull(wrist, places(chain, pose)[wrist] + [-0.3, 0.3, 0.2], follow=False)
    found = chain.pull(pose, ZERO, pull)
    assert places(chain, found.pose, found.transl)[0] == pytest.approx(places(chain, pose)[0], abs=1e-4)
    assert np.abs(found.pose[joint("left_knee")]).max() < 1e-3
    assert found.off < 0.02


def test_without_feet_that_stay_a_pelvis_carries_the_body(chain: Chain) -> None:
    pose = np.zeros((24, 3))
    found = chain.pull(pose, ZERO, Pull(0, places(chain, pose)[0] + [0.0, 1.0, 0.0]))
    assert found.transl == pytest.approx([0.0, 1.0, 0.0], abs=0.05)
    assert np.abs(found.pose).max() < 1e-6


def test_without_limits_a_knee_goes_the_wrong_way(chain: Chain) -> None:
    pose, ankle = np.zeros((24, 3)), joint("left_ankle")
    pose[joint("left_knee"), 0] = -0.3
    target = places(chain, pose)[ankle] + [0.0, 0.15, 0.15]
    free = chain.pull(pose, ZERO, Pull(ankle, target, follow=False, limits=False))
    held = chain.pull(pose, ZERO, Pull(ankle, target, follow=False))
    assert free.pose[joint("left_knee"), 0] < -0.3
    assert held.pose[joint("left_knee"), 0] >= 0


def test_a_prior_makes_joints_give_way_together(chain: Chain) -> None:
    precision = np.zeros((69, 69))
    first, second = 3 * (joint("left_shoulder") - 1) + 2, 3 * (joint("right_shoulder") - 1) + 2
    difference = np.zeros(69)
    difference[first], difference[second] = 1.0, -1.0
    precision += 100 * np.outer(difference, difference)  # both shoulders turn alike
    pose, wrist = np.zeros((24, 3)), joint("left_wrist")
    target = places(chain, pose)[wrist] + [-0.05, 0.2, 0.0]
    alone = chain.pull(pose, ZERO, Pull(wrist, target, FEET))
    alike = chain.pull(pose, ZERO, Pull(wrist, target, FEET, precision=precision))
    right = joint("right_shoulder")
    assert abs(alone.pose[right, 2]) < 0.05
    assert alike.pose[right, 2] == pytest.approx(alike.pose[joint("left_shoulder"), 2], abs=0.1)
    assert alike.pose[right, 2] > 0.1


def test_joints_of_another_number_are_refused() -> None:
    with pytest.raises(ValueError, match=r"expected \(24, 3\), found \(3, 3\)"):
        Chain(np.eye(3))
