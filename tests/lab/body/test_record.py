"""Poses as files: both ways, and as other tools write them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab.body.files.base import BodyFileError
from lab.body.record import BodyPose, load_pose, pose_of, save_pose, smpl_pose
from tests.lab.body.synthetic import body

RNG = np.random.default_rng(0)
POSE = RNG.normal(scale=0.5, size=(24, 3))
RECORD = BodyPose("female", RNG.normal(size=10), POSE, np.array([1.0, 2.0, 3.0]), {"focal": np.array(500.0)})


@pytest.mark.parametrize("name", ["a.npz", "a.json", "b.JSON"])
def test_there_and_back(tmp_path: Path, name: str) -> None:
    save_pose(tmp_path / name, RECORD)
    again = load_pose(tmp_path / name)
    assert (again.model, again.gender) == ("female", "female")
    for field in ("betas", "pose", "transl"):
        np.testing.assert_array_equal(getattr(again, field), getattr(RECORD, field))
    assert again.camera is not None
    assert float(again.camera["focal"]) == 500.0


def test_the_names_are_those_of_smpl_and_amass(tmp_path: Path) -> None:
    save_pose(tmp_path / "a.npz", RECORD)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as file:
        assert {"betas", "gender", "mocap_framerate"} <= set(file)
        shapes = {name: file[name].shape for name in ("global_orient", "body_pose", "transl", "poses", "trans")}
        assert shapes == {"global_orient": (3,), "body_pose": (69,), "transl": (3,), "poses": (1, 72), "trans": (1, 3)}
        np.testing.assert_array_equal(file["poses"][0].reshape(24, 3), POSE)
    assert RECORD.to_document() == json.loads(json.dumps(RECORD.to_document()))


def write(path: Path, **values: Any) -> Path:
    with open(path, "wb") as file:
        np.savez(file, **values)
    return path


@pytest.mark.parametrize(("joints", "gender"), [(24, "male"), (52, b"male"), (55, "male")])
def test_a_sequence_of_amass_gives_its_first_frame(tmp_path: Path, joints: int, gender: str | bytes) -> None:
    poses = RNG.normal(size=(7, 3 * joints)).astype(np.float32)
    trans = RNG.normal(size=(7, 3))
    values = {"poses": poses, "trans": trans, "betas": np.ones(16), "gender": np.array(gender), "dmpls": np.ones(3)}
    record = load_pose(write(tmp_path / "walk.npz", **values, mocap_framerate=120.0))
    np.testing.assert_array_equal(record.pose, poses[0].reshape(joints, 3).astype(float))
    np.testing.assert_array_equal(record.transl, trans[0])
    assert record.model == "male"
    assert record.camera is None
    assert len(record.betas) == 16


def test_body_poses_of_smpl_and_smplx(tmp_path: Path) -> None:
    root = np.array([0.1, 0.2, 0.3])
    record = load_pose(write(tmp_path / "a.npz", body_pose=POSE[1:].reshape(1, 69), global_orient=root[None]))
    np.testing.assert_array_equal(record.pose, np.concatenate([root[None], POSE[1:]]))
    record = load_pose(write(tmp_path / "a.npz", body_pose=POSE[1:22].reshape(63)))  # SMPL-X's has no hands
    np.testing.assert_array_equal(record.pose[1:22], POSE[1:22])
    assert record.pose.shape == (24, 3)
    assert not record.pose[22:].any()
    assert not record.betas.any()
    (tmp_path / "a.json").write_text(json.dumps({"body_pose": POSE[1:].tolist(), "global_orient": root.tolist()}))
    np.testing.assert_array_equal(load_pose(tmp_path / "a.json").pose[1:], POSE[1:])


def test_poses_for_other_families() -> None:
    larger = RNG.normal(size=(55, 3))
    np.testing.assert_array_equal(smpl_pose(larger)[:22], larger[:22])
    assert not smpl_pose(larger)[22:].any()
    np.testing.assert_array_equal(smpl_pose(POSE), POSE)
    record = BodyPose("neutral", np.zeros(10), larger)
    assert pose_of(record, body(verts=48)).shape == (24, 3)
    assert pose_of(record, body("SMPL-X", verts=110)) is record.pose


def test_a_file_does_not_choose_which_other_file_is_opened(tmp_path: Path) -> None:
    path = write(tmp_path / "a.npz", poses=np.zeros((1, 72)), model=np.array("/home/somebody/own.pkl"))
    assert load_pose(path).model == "neutral"
    own = BodyPose("/home/somebody/own_male.pkl", np.zeros(10), POSE)
    assert own.gender == "male"
    assert own.to_document()["model"] == "own_male.pkl"


@pytest.mark.parametrize(
    ("values", "match"),
    [
        ({"betas": np.zeros(10)}, "no “poses” and no “body_pose”"),
        ({"poses": np.zeros((1, 70))}, "its pose has 70 numbers"),
        ({"poses": np.full((1, 72), np.nan)}, "make no sense"),
        ({"poses": np.zeros((0, 72))}, "holds no numbers"),
        ({"poses": np.zeros((1, 72)), "trans": np.zeros((1, 2))}, "no 3 numbers"),
        ({"poses": np.array(["a"])}, "holds no numbers"),
        ({"poses": np.array([{}], dtype=object)}, "Python objects"),
    ],
)
def test_files_without_a_pose_are_refused(tmp_path: Path, values: dict[str, Any], match: str) -> None:
    with pytest.raises(BodyFileError, match=match):
        load_pose(write(tmp_path / "a.npz", **values))


@pytest.mark.parametrize(
    "text", ["", "[1, 2]", '{"poses": "x"}', '{"poses": [[1], [1, 2]]}', "[" * 100_000, '{"poses"']
)
def test_json_that_is_no_pose_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(BodyFileError, match=r"a\.json cannot be read: "):
        load_pose(tmp_path / "a.json")
    with pytest.raises(BodyFileError, match="no such file"):
        load_pose(tmp_path / "gone.json")
