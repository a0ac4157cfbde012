"""Contacts, the floor, legs of two bones, and feet that stand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.body.library import load_body
from lab.body.motion.contacts import contacts, floor_height, lift, runs, sliding
from lab.body.motion.library import CLIPS, load_clip, neutral_rest
from lab.body.motion.plant import correction
from lab.body.motion.prepared import Prepared, leg_length, prepare, smoothed
from lab.body.motion.soles import soles
from lab.body.motion.tracks import track
from lab.body.motion.two_bones import move_ankle
from lab.body.motion.wrists import FURTHEST, bend_wrists
from lab.body.posing import Poser, Shaped
from lab.body.skeleton import joint
from lab.motions import so3
from tests.lab.body import synthetic

FPS = 50.0


@pytest.fixture(scope="module")
def poser() -> Poser:
    return Poser(load_body("neutral"))


@pytest.fixture(scope="module")
def shaped(poser: Poser) -> Shaped:
    return poser.shape(())


def laid(poser: Poser, shaped: Shaped, name: str, **options: float | bool) -> Prepared:
    return prepare(load_clip(name), poser.data, shaped, **({"feet_stand": True} | options))  # type: ignore[arg-type]


def step(height: float = 0.0, speed: float = 0.0, frames: int = 20) -> np.ndarray:
    """One point that goes along X: (N, 1, 3)."""
    x = speed * np.arange(frames) / FPS
    return np.stack([x, np.full(frames, height), np.zeros(frames)], axis=-1)[:, None]


def test_a_low_slow_point_stands() -> None:
    assert contacts(step(), FPS).all()
    assert not contacts(step(height=0.2), FPS).any()
    assert not contacts(step(speed=2.0), FPS).any()


def test_a_point_that_only_passes_does_not_stand() -> None:
    points = step(height=0.2)
    points[8:10, 0, 1] = 0.0
    assert not contacts(points, FPS).any()
    points[5:15, 0, 1] = 0.0
    assert contacts(points, FPS)[5:15].all()


def test_a_gap_of_one_frame_is_no_step() -> None:
    points = step()
    points[9, 0, 1] = 0.2
    assert contacts(points, FPS).all()


def test_sliding_is_measured_in_millimetres_a_second() -> None:
    assert sliding(step(speed=0.25), np.ones((20, 1), bool), FPS) == pytest.approx(250.0)
    assert sliding(step(speed=0.25), np.zeros((20, 1), bool), FPS) == 0.0


def test_runs_of_true() -> None:
    assert runs(np.array([True, True, False, True])) == [(0, 2), (3, 4)]
    assert runs(np.zeros(3, bool)) == []


def test_the_floor_is_under_slow_feet() -> None:
    feet = step(height=0.3)
    assert floor_height(feet, np.full(20, 0.28), FPS) == pytest.approx(0.3)
    in_the_air = step(height=1.0)  # somebody who lies with the feet up
    assert floor_height(in_the_air, np.full(20, 0.1), FPS) == pytest.approx(0.1)
    flying = step(height=1.0, speed=5.0)
    assert floor_height(flying, np.full(20, 0.4), FPS) == pytest.approx(0.4)


@given(st.lists(st.floats(-0.3, 0.5), min_size=1, max_size=60))
def test_nothing_stays_below_the_floor(lowest: list[float]) -> None:
    low = np.array(lowest)
    raised = lift(low, FPS)
    assert raised.shape == low.shape
    assert np.all(low + raised >= -1e-9)
    if np.all(low >= 0):
        assert not raised.any()


# --- a leg ------------------------------------------------------------------------------------------------------------

HIP, KNEE, ANKLE = np.array([[0.0, 1.0, 0]]), np.array([[0.0, 0.55, 0.1]]), np.array([[0.02, 0.1, 0.0]])


def moved(target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The new knee and ankle."""
    thigh, shin = move_ankle(HIP, KNEE, ANKLE, target)
    knee = HIP + (thigh @ (KNEE - HIP)[..., None])[..., 0]
    return knee, knee + (shin @ (ANKLE - KNEE)[..., None])[..., 0]


@given(st.tuples(st.floats(-0.3, 0.3), st.floats(0.25, 0.5), st.floats(-0.3, 0.3)))
def test_the_ankle_reaches_its_target(target: tuple[float, float, float]) -> None:
    goal = np.array([target])
    knee, ankle = moved(goal)
    np.testing.assert_allclose(ankle, goal, atol=1e-9)
    assert np.linalg.norm(knee - HIP) == pytest.approx(np.linalg.norm(KNEE - HIP))
    assert np.linalg.norm(ankle - knee) == pytest.approx(np.linalg.norm(ANKLE - KNEE))
    assert np.cross(knee - HIP, ankle - knee)[0] @ np.cross(KNEE - HIP, ANKLE - KNEE)[0] >= -1e-9, "no bend forwards"


def test_a_target_that_is_the_ankle_changes_nothing() -> None:
    thigh, shin = move_ankle(HIP, KNEE, ANKLE, ANKLE)
    np.testing.assert_allclose(thigh, np.eye(3)[None], atol=1e-9)
    np.testing.assert_allclose(shin, np.eye(3)[None], atol=1e-9)


def test_a_target_out_of_reach_is_approached() -> None:
    _, ankle = moved(np.array([[0.0, -5.0, 0.0]]))
    length = np.linalg.norm(KNEE - HIP) + np.linalg.norm(ANKLE - KNEE)
    np.testing.assert_allclose(ankle, HIP - [[0, 0.9995 * length, 0]], atol=1e-6)


def test_a_straight_leg_bends_somewhere() -> None:
    straight = np.array([[0.0, 0.5, 0.0]]), np.array([[0.0, 0.0, 0.0]])
    thigh, shin = move_ankle(HIP, *straight, np.array([[0.0, 0.3, 0.0]]))
    knee = HIP + (thigh @ (straight[0] - HIP)[..., None])[..., 0]
    np.testing.assert_allclose(knee + (shin @ (straight[1] - straight[0])[..., None])[..., 0], [[0, 0.3, 0]], atol=1e-9)


# --- whole motions ----------------------------------------------------------------------------------------------------


def test_a_correction_undoes_the_way_of_what_stands_and_fades() -> None:
    foot = np.concatenate([step(0.01, 0.2, 60), step(0.03, 0.2, 60)], axis=1)
    standing = np.zeros((60, 2), bool)
    standing[20:40, 0] = True
    fixed = foot[:, 0] + correction(foot, standing, FPS)
    np.testing.assert_allclose(np.ptp(fixed[20:40], axis=0), 0, atol=1e-12)
    assert fixed[30, 1] == pytest.approx(0.0)
    np.testing.assert_allclose(fixed[:12], foot[:12, 0], atol=1e-12)
    assert np.abs(np.diff(fixed[:, 0] - foot[:, 0, 0])).max() < 0.02, "it fades smoothly"


def test_a_long_slide_is_meant(poser: Poser) -> None:
    foot = np.repeat(step(0.0, 0.35, 100), 2, axis=1)
    assert not correction(foot, np.ones((100, 2), bool), FPS).any()


def test_heel_and_toe_may_take_turns() -> None:
    foot = np.concatenate([step(0.0, 0.2, 40), step(0.0, 0.1, 40)], axis=1)
    standing = np.zeros((40, 2), bool)
    standing[:25, 0] = standing[20:, 1] = True
    fixed = foot + correction(foot, standing, FPS)[:, None]
    np.testing.assert_allclose(np.diff(fixed[:20, 0, 0]), 0, atol=1e-12)
    np.testing.assert_allclose(np.diff(fixed[25:, 1, 0]), 0, atol=1e-12)
    assert np.abs(np.diff(fixed[:, 1, 0])).max() < 0.1 * 2 / FPS


@pytest.mark.parametrize("name", ["walk", "run", "jump", "kick", "dance_a"])
def test_feet_slide_less_and_nothing_sinks(poser: Poser, shaped: Shaped, name: str) -> None:
    motion = laid(poser, shaped, name)
    assert motion.standing.any()
    assert motion.after.slide < 0.55 * motion.before.slide
    assert motion.after.depth < 2.0


@pytest.mark.parametrize("name", CLIPS)
def test_every_clip_stands_on_the_floor_and_its_joints_stay_as_far_apart(
    poser: Poser, shaped: Shaped, name: str
) -> None:
    motion = laid(poser, shaped, name)
    pose, root = motion.at(0.4 * motion.clip.seconds)
    posed = poser.pose(shaped, pose, root - shaped.joints[0])
    assert posed.verts[:, 1].min() > -0.05
    np.testing.assert_allclose(np.linalg.norm(motion.quaternions, axis=-1), 1, atol=1e-9)
    bones = np.linalg.norm(
        motion.tracks.places[:, joint("left_knee")] - motion.tracks.places[:, joint("left_hip")], axis=1
    )
    np.testing.assert_allclose(bones, bones[0], rtol=1e-9)


def test_planting_keeps_the_direction_of_the_feet(poser: Poser, shaped: Shaped) -> None:
    plain, planted = laid(poser, shaped, "walk", feet_stand=False), laid(poser, shaped, "walk")
    for name in ("left_ankle", "right_ankle"):
        a, b = (motion.tracks.rotations[:, joint(name)] for motion in (plain, planted))
        np.testing.assert_allclose(a, b, atol=1e-7)


def test_longer_legs_make_a_longer_way(poser: Poser) -> None:
    ends = []
    for betas in ((), (2.0,)):
        body = Poser(poser.data).shape(betas)
        motion = laid(poser, body, "walk", feet_stand=False)
        ends.append(np.linalg.norm((motion.root[-1] - motion.root[0])[[0, 2]]) / leg_length(body.joints[:24]))
    assert ends[0] == pytest.approx(ends[1], rel=1e-9)


def test_times_between_frames_are_on_the_sphere_between_them(poser: Poser, shaped: Shaped) -> None:
    motion = laid(poser, shaped, "run")
    for frame in (0, 7, 20):
        pose, root = motion.at(frame / motion.fps)
        np.testing.assert_allclose(so3.exp(pose), so3.from_quaternion(motion.quaternions[frame]), atol=1e-6)
        np.testing.assert_allclose(root, motion.root[frame], atol=1e-6)
    first, middle, last = (so3.exp(motion.at((3 + share) / motion.fps)[0]) for share in (0.0, 0.5, 1.0))
    np.testing.assert_allclose(so3.angle_between(first, middle), so3.angle_between(first, last) / 2, atol=1e-6)
    early, late = motion.at(-5.0), motion.at(1e6)
    np.testing.assert_allclose(early[1], motion.root[0])
    np.testing.assert_allclose(late[1], motion.root[-1])


def test_smoothing_keeps_what_stands_still_and_calms_what_does_not() -> None:
    still = np.tile(so3.quaternion_exp([0.3, 0.2, 0.1]), (30, 24, 1))
    np.testing.assert_allclose(smoothed(still, 4.0), still, atol=1e-12)
    shaking = so3.quaternion_exp(np.random.default_rng(0).normal(0, 0.2, (60, 24, 3)))
    before, after = (np.abs(np.diff(q, axis=0)).mean() for q in (shaking, smoothed(shaking, 4.0)))
    assert after < 0.2 * before


def test_soles_are_found_on_any_body(poser: Poser, shaped: Shaped) -> None:
    points = soles(poser.data, shaped.verts, shaped.joints)
    places = shaped.joints[points.joints] + points.offsets
    heel, toe = places[0], places[1]
    assert heel[2] < shaped.joints[joint("left_ankle"), 2] < toe[2]
    assert toe[1] < shaped.verts[:, 1].min() + 0.03
    assert heel[0] > 0 > places[2, 0]
    assert points.tips["left"][0] > 0.1 > -0.1 > points.tips["right"][0]


def test_wrists_bend_back_on_the_floor_only() -> None:
    rest = neutral_rest()
    tips = {"left": np.array([0.17, 0.0, 0.0]), "right": np.array([-0.17, 0.0, 0.0])}
    pose = np.zeros((40, 24, 3))
    pose[:, joint("left_shoulder"), 2] = -np.pi / 2  # the left arm hangs, the right one is held out
    quaternions = so3.quaternion_exp(pose)
    low = rest[joint("left_shoulder"), 1] - rest[joint("left_wrist"), 0] + rest[joint("left_shoulder"), 0]
    for height, bent in ((0.30, False), (0.06, True)):
        root = np.tile(rest[0] + [0, height - low, 0], (40, 1))
        tracks = track(quaternions, root, rest)
        after = track(bend_wrists(quaternions, tracks, tips, FPS), root, rest)
        wrist = after.places[0, joint("left_wrist"), 1]
        assert wrist == pytest.approx(height)
        tip = wrist + (after.rotations[0, joint("left_wrist")] @ tips["left"])[1]
        assert tip >= -0.005
        turned = so3.angle_between(after.rotations[0, joint("left_wrist")], tracks.rotations[0, joint("left_wrist")])
        assert (0.9 < turned <= FURTHEST) if bent else turned == pytest.approx(0, abs=1e-6)
        np.testing.assert_allclose(after.rotations[:, 21], tracks.rotations[:, 21], atol=1e-9)


@pytest.mark.parametrize("family", ["SMPL", "SMPL-H", "SMPL-X"])
def test_bodies_with_fingers_and_jaws_move_as_well(family: str) -> None:
    data = synthetic.body(family, verts=2400)
    body = Poser(data).shape(())
    points = soles(data, body.verts, body.joints[:24])
    assert points.joints.max() <= (23 if family == "SMPL" else 21), "fingers are carried by their wrist"
    assert points.of_hands.any()
    motion = prepare(load_clip("walk"), data, body, feet_stand=True)
    assert motion.after.slide < motion.before.slide
    assert motion.after.depth < 5.0
