"""Retargeting: bones point the same way, missing joints share the turn, and DeepMimic's frames are understood."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.body.motion.clip import Clip, continuous
from lab.body.motion.deepmimic import read_deepmimic
from lab.body.motion.library import neutral_rest
from lab.body.motion.mirror import mirrored
from lab.body.motion.retarget import retarget, shortest
from lab.body.motion.tracks import Tracks, track
from lab.body.posing import forward_kinematics
from lab.body.skeleton import JOINTS, joint
from lab.formats.base import FormatError
from lab.motions import so3

vectors = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.linalg.norm(v) > 1e-2).map(np.array)


@given(vectors, vectors)
def test_the_shortest_way_reaches_the_direction_and_is_the_shortest(start: np.ndarray, end: np.ndarray) -> None:
    turn = shortest(start, end)
    reached = turn @ start / np.linalg.norm(start)
    np.testing.assert_allclose(reached, end / np.linalg.norm(end), atol=1e-7)
    between = np.arccos(np.clip(start @ end / np.linalg.norm(start) / np.linalg.norm(end), -1, 1))
    assert so3.angle(turn) == pytest.approx(between, abs=1e-6)


def test_opposite_directions_are_half_a_turn_apart() -> None:
    turns = shortest(np.eye(3), -np.eye(3))
    np.testing.assert_allclose((turns @ np.eye(3)[..., None])[..., 0], -np.eye(3), atol=1e-12)


def test_the_spine_shares_the_turn_of_the_chest() -> None:
    chest = so3.exp(np.array([[0.3, 0.6, -0.9]]))
    poses = retarget({"pelvis": np.eye(3)[None], "spine3": chest}, {})
    for name in ("spine1", "spine2", "spine3"):
        np.testing.assert_allclose(poses[0, joint(name)], [0.1, 0.2, -0.3], atol=1e-12)
    assert not poses[0, joint("left_knee")].any(), "what is not known stays at rest"


def test_the_collar_follows_the_arm_and_leaves_it_where_it_is() -> None:
    arm = so3.exp(np.array([[0.0, 0.0, -1.2]]))
    world = {"pelvis": np.eye(3)[None], "spine3": np.eye(3)[None], "left_shoulder": arm}
    poses = retarget(world, {})
    collar, shoulder = so3.exp(poses[0, joint("left_collar")]), so3.exp(poses[0, joint("left_shoulder")])
    np.testing.assert_allclose(collar @ shoulder, arm[0], atol=1e-12)
    assert poses[0, joint("left_collar"), 2] == pytest.approx(-0.22 * 1.2)


def test_tracks_are_smpls_kinematics() -> None:
    rng, rest = np.random.default_rng(1), neutral_rest()
    poses = rng.normal(0, 0.5, (3, 24, 3))
    root = rng.normal(size=(3, 3))
    tracks = track(so3.quaternion_exp(poses), root, rest)
    for number in range(3):
        expected = forward_kinematics(so3.exp(poses[number]), rest)
        np.testing.assert_allclose(tracks.rotations[number], expected[:, :3, :3], atol=1e-12)
        np.testing.assert_allclose(tracks.places[number], expected[:, :3, 3] + root[number] - rest[0], atol=1e-12)


def test_points_are_carried_by_their_joint() -> None:
    turned = Tracks(so3.exp(np.array([0, 0, np.pi / 2]))[None, None], np.array([[[1.0, 2, 3]]]))
    np.testing.assert_allclose(turned.carried(np.array([0]), np.array([[1.0, 0, 0]])), [[[1, 3, 3]]], atol=1e-12)


def test_a_mirror_is_its_own_inverse_and_swaps_the_places() -> None:
    rng, rest = np.random.default_rng(2), neutral_rest()
    pose = rng.normal(0, 0.4, (1, 24, 3))
    np.testing.assert_array_equal(mirrored(mirrored(pose)), pose)
    symmetric = rest.copy()
    for name in JOINTS:
        if name.startswith("left_"):
            symmetric[joint(name.replace("left", "right"))] = rest[joint(name)] * [-1, 1, 1]
        elif not name.startswith("right_"):
            symmetric[joint(name)] *= [0, 1, 1]
    places = [track(so3.quaternion_exp(p), np.zeros((1, 3)), symmetric).places[0] for p in (pose, mirrored(pose))]
    np.testing.assert_allclose(places[1][joint("left_wrist")], places[0][joint("right_wrist")] * [-1, 1, 1], atol=1e-9)


def test_quaternions_are_made_continuous() -> None:
    q = so3.quaternion_exp(np.linspace(0, 3, 9)[:, None] * np.array([0, 1.0, 0]))[:, None]
    flipped = q * np.array([1, -1, -1, 1, -1, 1, 1, -1, 1])[:, None, None]
    np.testing.assert_allclose(continuous(flipped), q)


def test_a_clip_refuses_shapes_that_do_not_agree() -> None:
    with pytest.raises(ValueError, match="expected poses"):
        Clip("bad", np.zeros((2, 22, 3)), np.zeros((2, 3)), 30.0, 0.8)


# --- DeepMimic ------------------------------------------------------------------------------------------------------


def deepmimic(**joints: float) -> list[float]:
    """A frame at rest, with single columns changed: "c21" is column 21."""
    frame = [0.1, 0, 0.85, 0] + [1.0, 0, 0, 0] * 4 + [0.0] + [1.0, 0, 0, 0] * 2 + [0.0]
    frame += [1.0, 0, 0, 0] + [0.0] + [1.0, 0, 0, 0] * 2 + [0.0]
    for column, value in joints.items():
        frame[int(column[1:])] = value
    return frame


def read(tmp_path: Path, *frames: list[float], loop: str = "none") -> Clip:
    (tmp_path / "humanoid3d_test.txt").write_text(json.dumps({"Loop": loop, "Frames": frames}))
    return read_deepmimic(tmp_path / "humanoid3d_test.txt", neutral_rest())


def bone(clip: Clip, start: str, end: str) -> np.ndarray:
    places = track(clip.quaternions, clip.root, neutral_rest()).places[0]
    way = places[joint(end)] - places[joint(start)]
    return np.asarray(way / np.linalg.norm(way))


def test_at_rest_arms_and_legs_hang(tmp_path: Path) -> None:
    clip = read(tmp_path, deepmimic(), deepmimic())
    for start, end in (("left_shoulder", "left_elbow"), ("right_elbow", "right_wrist"), ("left_hip", "left_knee")):
        np.testing.assert_allclose(bone(clip, start, end), [0, -1, 0], atol=1e-9)
    np.testing.assert_allclose(clip.root[0], [0, 0.85, 0])
    assert (clip.name, clip.fps, clip.loops) == ("test", pytest.approx(10.0), False)


def test_knees_bend_back_and_elbows_forwards(tmp_path: Path) -> None:
    clip = read(tmp_path, deepmimic(c20=-np.pi / 2, c43=np.pi / 2), deepmimic())
    np.testing.assert_allclose(bone(clip, "right_knee", "right_ankle"), [0, 0, -1], atol=1e-9)
    np.testing.assert_allclose(bone(clip, "left_elbow", "left_wrist"), [0, 0, 1], atol=1e-9)
    np.testing.assert_allclose(bone(clip, "left_knee", "left_ankle"), [0, -1, 0], atol=1e-9)


def test_its_way_along_x_is_the_labs_along_z(tmp_path: Path) -> None:
    clip = read(tmp_path, deepmimic(c1=1.0, c3=0.5), deepmimic())
    np.testing.assert_allclose(clip.root[0], [-0.5, 0.85, 1.0])


def test_uneven_steps_are_made_even(tmp_path: Path) -> None:
    frames = [deepmimic(c0=0.1, c1=0.0), deepmimic(c0=0.2, c1=1.0), deepmimic(c0=0.0, c1=3.0)]
    clip = read(tmp_path, *frames)
    np.testing.assert_allclose(clip.root[:, 2], [0, 1, 2, 3], atol=1e-9)


@pytest.mark.parametrize(
    "text", ["", "{}", '{"Frames": [[1, 2], [3, 4]]}', '{"Frames": "no"}', '{"Frames": [[0.1, 2], [3]]}']
)
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "x.txt").write_text(text)
    with pytest.raises(FormatError, match=r"x\.txt cannot be read"):
        read_deepmimic(tmp_path / "x.txt", neutral_rest())
