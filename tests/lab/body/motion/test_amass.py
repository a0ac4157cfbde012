"""AMASS files of every layout, the bundled clips, and what is wrong with a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab.body.motion.amass import read_amass, to_amass
from lab.body.motion.build_clips import build
from lab.body.motion.clip import Clip
from lab.body.motion.library import CLIPS, FOLDER, load_clip, neutral_rest
from lab.body.motion.prepared import leg_length
from lab.body.motion.tracks import track
from lab.body.skeleton import joint
from lab.formats.base import FormatError
from lab.motions import so3

REST = neutral_rest()
LEG = leg_length(REST)


def saved(tmp_path: Path, **content: Any) -> Path:
    np.savez(tmp_path / "clip.npz", **content)
    return tmp_path / "clip.npz"


def read(tmp_path: Path, **content: Any) -> Clip:
    return read_amass(saved(tmp_path, **content), REST, LEG)


@pytest.mark.parametrize(("width", "kept"), [(66, 22), (72, 24), (156, 22), (165, 22)])
def test_the_first_joints_of_every_family_are_smpls(tmp_path: Path, width: int, kept: int) -> None:
    poses = np.random.default_rng(0).normal(0, 0.2, (5, width))
    poses[:, :3] = 0
    clip = read(tmp_path, poses=poses, trans=np.zeros((5, 3)), mocap_framerate=60.0)
    np.testing.assert_allclose(clip.poses[:, :kept].reshape(5, -1), poses[:, : 3 * kept])
    assert not clip.poses[:, kept:].any()
    assert clip.fps == 60.0


@pytest.mark.parametrize("name", ["mocap_framerate", "mocap_frame_rate"])
def test_the_rate_has_two_names_and_fast_ones_are_thinned(tmp_path: Path, name: str) -> None:
    poses = np.arange(9)[:, None] * np.ones(72) * 0.01
    clip = read(tmp_path, poses=poses, trans=np.zeros((9, 3)), **{name: np.array(120.0)})
    assert clip.fps == 60.0
    np.testing.assert_allclose(clip.poses[:, 5, 0], [0, 0.02, 0.04, 0.06, 0.08])


def test_z_up_is_turned_to_y_up(tmp_path: Path) -> None:
    """A person who stands in a world whose Z is up has the root turned about X by 90 degrees."""
    poses = np.zeros((3, 72))
    poses[:, 0] = np.pi / 2
    trans = np.array([[0.0, -1.0, 0.9], [0.1, -1.0, 0.9], [0.2, -1.0, 0.9]]) - REST[0]
    clip = read(tmp_path, poses=poses, trans=trans, mocap_framerate=30.0)
    np.testing.assert_allclose(so3.exp(clip.poses[:, 0]), np.tile(np.eye(3), (3, 1, 1)), atol=1e-9)
    np.testing.assert_allclose(clip.root, [[0, 0.9, 1], [0.1, 0.9, 1], [0.2, 0.9, 1]], atol=1e-9)


def test_what_the_file_says_about_its_axes_is_believed(tmp_path: Path) -> None:
    poses = np.zeros((2, 72))
    poses[:, 0] = np.pi / 2  # somebody who lies on the back, in a world whose Y is up
    clip = read(tmp_path, poses=poses, trans=np.zeros((2, 3)), up_axis="Y")
    np.testing.assert_allclose(clip.poses[:, 0], poses[:, :3])
    assert clip.fps == 30.0, "30 where the file does not say"


def test_root_and_body_may_come_apart(tmp_path: Path) -> None:
    clip = read(tmp_path, root_orient=np.full((2, 3), 0.1), pose_body=np.full((2, 63), 0.2), trans=np.zeros((2, 3)))
    assert clip.poses[1, 0, 0] == pytest.approx(0.1)
    assert clip.poses[1, 21, 2] == pytest.approx(0.2)


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    clip = load_clip("run")
    others = {"betas": np.array([1.0, -2.0]), "gender": "female", "loops": float(clip.loops)}
    content = to_amass(clip.poses, clip.root - REST[0], clip.fps, clip.leg, **others)
    again = read(tmp_path, **content)
    np.testing.assert_allclose(again.poses, clip.poses, atol=1e-6)
    np.testing.assert_allclose(again.root, clip.root, atol=1e-6)
    assert (again.fps, again.leg, again.gender, again.loops) == (clip.fps, clip.leg, "female", clip.loops)
    np.testing.assert_array_equal(again.betas, [1, -2])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"trans": np.zeros((2, 3))}, "it has no poses"),
        ({"poses": np.zeros((2, 70))}, r"its poses are \(2, 70\)"),
        ({"poses": np.zeros((0, 72))}, r"its poses are \(0, 72\)"),
        ({"poses": np.full((2, 72), np.nan)}, "not finite"),
        ({"poses": np.zeros((2, 72)), "trans": np.zeros((3, 3))}, r"its trans is \(3, 3\)"),
        ({"poses": np.zeros((2, 72)), "mocap_framerate": 0.0}, "mocap_framerate is not one number"),
        ({"poses": np.zeros((2, 72)), "mocap_framerate": "fast"}, "mocap_framerate is not one number"),
        ({"poses": np.array([["a"] * 72])}, "it has no poses"),
        ({"poses": np.zeros((50_001, 66), np.int8)}, "50,001 frames"),
    ],
)
def test_what_is_no_motion_is_refused(tmp_path: Path, content: dict[str, Any], said: str) -> None:
    with pytest.raises(FormatError, match=r"clip\.npz cannot be read: .*" + said):
        read(tmp_path, **content)


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="Python objects"):
        read(tmp_path, poses=np.array([{"a": 1}], dtype=object))


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    whole = saved(tmp_path, poses=np.zeros((2, 72))).read_bytes()
    for data in (b"", b"no zip", whole[: len(whole) // 2]):
        (tmp_path / "bad.npz").write_bytes(data)
        with pytest.raises(FormatError, match=r"bad\.npz cannot be read"):
            read_amass(tmp_path / "bad.npz", REST, LEG)


# --- what is bundled --------------------------------------------------------------------------------------------------


def test_all_bundled_clips_are_there_and_no_others() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.npz")) == sorted(CLIPS)
    assert (FOLDER / "LICENSE.DeepMimic-MIT").exists()
    assert sum(path.stat().st_size for path in FOLDER.glob("*.npz")) < 1_000_000


@pytest.mark.parametrize("name", CLIPS)
def test_a_bundled_clip_is_a_person_in_the_labs_axes(name: str) -> None:
    clip = load_clip(name)
    assert len(clip) > 20
    assert 0.5 < clip.seconds < 10
    assert clip.leg == pytest.approx(0.831, abs=1e-3)
    assert 0.05 < clip.root[:, 1].min() < clip.root[:, 1].max() < 2.0
    tracks = track(clip.quaternions, clip.root, REST)
    up = tracks.rotations[:, 0, :, 1]
    knees = so3.exp(clip.poses[:, joint("left_knee")])
    assert up[:, 1].max() > 0.9 or name in ("crawl",)
    assert np.percentile(knees[:, 2, 1], 90) > -0.2, "knees bend back"


def test_walking_goes_forwards() -> None:
    clip = load_clip("walk")
    facing = track(clip.quaternions, clip.root, REST).rotations[:, 0, :, 2].mean(axis=0)
    way = (clip.root[-1] - clip.root[0]) / np.linalg.norm(clip.root[-1] - clip.root[0])
    assert facing @ way > 0.95


def test_the_builder_writes_what_the_reader_reads(tmp_path: Path) -> None:
    rest = [0.1, 0, 0.85, 0] + [1.0, 0, 0, 0] * 4 + [0.0] + [1.0, 0, 0, 0] * 2 + [0.0]
    rest += [1.0, 0, 0, 0] + [0.0] + [1.0, 0, 0, 0] * 2 + [0.0]
    (tmp_path / "humanoid3d_x.txt").write_text(f'{{"Loop": "wrap", "Frames": [{rest}, {rest}]}}')
    build(tmp_path / "humanoid3d_x.txt", tmp_path / "x.npz")
    clip = load_clip(tmp_path / "x.npz")
    assert (len(clip), clip.loops) == (2, True)
    np.testing.assert_allclose(clip.root[0], [0, 0.85, 0], atol=1e-6)
