"""BVH: the text by hand, names of several programs, units, axes, and what is wrong with a file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lab.body.motion.bvh import parse, read_bvh
from lab.body.motion.bvh_names import match
from lab.body.motion.clip import Clip
from lab.body.motion.library import load_clip, neutral_rest
from lab.body.motion.tracks import track
from lab.body.skeleton import joint
from lab.formats.base import FormatError
from lab.motions import so3
from tests.lab.body.motion.skeletons import JOINTS, SMPL_NAMES, bvh

SMALL = """HIERARCHY
ROOT Hips
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT Chest
  {
    OFFSET 0 10 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 0 5 0
    }
  }
}
MOTION
Frames: 2
Frame Time: 0.04
0 0 0 0 0 0 0 0 0
1 2 3 90 0 0 0 90 0
"""


def read(tmp_path: Path, text: str) -> Clip:
    (tmp_path / "test.bvh").write_text(text)
    return read_bvh(tmp_path / "test.bvh", neutral_rest())


def directions(clip: Clip, start: str, end: str) -> np.ndarray:
    places = track(clip.quaternions, clip.root, neutral_rest()).places
    way = places[:, joint(end)] - places[:, joint(start)]
    return np.asarray(way / np.linalg.norm(way, axis=1, keepdims=True))


def test_a_small_file_is_worked_by_hand() -> None:
    motion = parse(SMALL)
    assert [part.name for part in motion.joints] == ["Hips", "Chest", "Chest end"]
    np.testing.assert_array_equal(motion.rest(), [[0, 0, 0], [0, 10, 0], [0, 15, 0]])
    rotations, places = motion.pose()
    np.testing.assert_allclose(places[0], motion.rest())
    # Z by 90 degrees lays the trunk towards -X; X by 90 degrees in the chest's frame then lifts its end to +Z
    np.testing.assert_allclose(places[1], [[1, 2, 3], [-9, 2, 3], [-9, 2, 8]], atol=1e-9)
    np.testing.assert_allclose(rotations[1, 0] @ [1, 0, 0], [0, 1, 0], atol=1e-12)
    assert motion.seconds == 0.04


@pytest.mark.parametrize("order", ["ZXY", "XYZ", "ZYX", "YXZ"])
def test_channels_are_applied_in_the_order_of_the_file(order: str) -> None:
    motion = parse(bvh([{"Hips": (20.0, -50.0, 70.0)}], order=order))
    angles = dict(zip("XYZ", np.radians([20.0, -50.0, 70.0]), strict=True))
    expected = np.eye(3)
    for axis in order:
        expected = expected @ so3.exp(angles[axis] * np.eye(3)["XYZ".index(axis)])
    np.testing.assert_allclose(motion.pose()[0][0, 0], expected, atol=1e-9)


@pytest.mark.parametrize(
    ("prefix", "names"), [("", None), ("mixamorig:", None), ("", SMPL_NAMES), ("m_avg:", SMPL_NAMES)]
)
def test_a_t_pose_is_a_t_pose(tmp_path: Path, prefix: str, names: dict[str, str] | None) -> None:
    clip = read(tmp_path, bvh([{}, {}], prefix=prefix, names=names))
    np.testing.assert_allclose(directions(clip, "left_shoulder", "left_elbow")[0], [1, 0, 0], atol=1e-6)
    np.testing.assert_allclose(directions(clip, "right_elbow", "right_wrist")[0], [-1, 0, 0], atol=1e-6)
    np.testing.assert_allclose(directions(clip, "left_hip", "left_knee")[0], [0, -1, 0], atol=1e-6)
    rotations = track(clip.quaternions, clip.root, neutral_rest()).rotations[0]
    for name in ("left_ankle", "right_ankle", "left_foot"):
        np.testing.assert_allclose(rotations[joint(name)], np.eye(3), atol=1e-6, err_msg="feet stand level")
    assert clip.leg == pytest.approx(0.81)
    np.testing.assert_allclose(clip.root[0], [0, 0.9, 0], atol=1e-9)


def test_a_bent_knee_and_a_lowered_arm_bend_the_bodys(tmp_path: Path) -> None:
    clip = read(tmp_path, bvh([{"LeftLeg": (90.0, 0, 0), "RightArm": (0, 0, 80.0), "LeftForeArm": (0, -60.0, 0)}]))
    np.testing.assert_allclose(directions(clip, "left_knee", "left_ankle")[0], [0, 0, -1], atol=1e-6)
    lowered = [-np.cos(np.radians(80)), -np.sin(np.radians(80)), 0]
    np.testing.assert_allclose(directions(clip, "right_shoulder", "right_elbow")[0], lowered, atol=1e-6)
    forearm = [np.cos(np.radians(60)), 0, np.sin(np.radians(60))]
    np.testing.assert_allclose(directions(clip, "left_elbow", "left_wrist")[0], forearm, atol=1e-6)


def test_a_turned_person_is_turned(tmp_path: Path) -> None:
    clip = read(tmp_path, bvh([{"Hips": (0, 90.0, 0)}]))
    np.testing.assert_allclose(directions(clip, "left_shoulder", "left_elbow")[0], [0, 0, -1], atol=1e-6)


@pytest.mark.parametrize("scale", [1.0, 0.01, 10.0, 1 / 2.54, 0.01 / 0.056444])
def test_the_unit_is_guessed_from_the_legs(tmp_path: Path, scale: float) -> None:
    clip = read(tmp_path, bvh([{}], scale=scale))
    assert clip.leg == pytest.approx(0.81, rel=1e-3)
    assert clip.root[0, 1] == pytest.approx(0.9, rel=1e-3)


def test_z_up_is_turned_to_y_up(tmp_path: Path) -> None:
    plain = read(tmp_path, bvh([{}], root=[(10.0, 95.0, 20.0)]))
    turned = read(tmp_path, bvh([{}], root=[(10.0, 95.0, 20.0)], z_up=True))
    np.testing.assert_allclose(turned.root, plain.root, atol=1e-6)
    np.testing.assert_allclose(so3.exp(turned.poses), so3.exp(plain.poses), atol=1e-6)


def test_a_skeleton_whose_bones_all_lie_along_x_at_rest_is_posed_by_its_first_frame(tmp_path: Path) -> None:
    """As LAFAN1's: each bone is an offset along its own X, and the rotations stand it up."""
    plain = parse(bvh([{}, {"LeftLeg": (70.0, 0, 0), "RightForeArm": (0, 40.0, 0)}]))
    aimed = {name: _aim(name) for name in JOINTS}
    lines, rows = ["HIERARCHY"], [[], []]
    world = [dict(zip([p.name for p in plain.joints], plain.pose()[0][frame], strict=True)) for frame in (0, 1)]

    def write(name: str) -> None:
        parent, offset = JOINTS[name]
        own = aimed[parent].T @ np.array(offset) if parent else np.array(offset)
        lines.extend([f"{'JOINT' if parent else 'ROOT'} {name}", "{", "OFFSET " + " ".join(f"{v:.8f}" for v in own)])
        lines.append(
            f"CHANNELS {3 if parent else 6} {'' if parent else 'Xposition Yposition Zposition '}"
            "Zrotation Yrotation Xrotation"
        )
        for frame in (0, 1):
            above = world[frame][parent] @ aimed[parent] if parent else np.eye(3)
            local = above.T @ world[frame][name] @ aimed[name]
            rows[frame].extend(([] if parent else [0.0, 90.0, 0.0]) + _zyx(local))
        for child, (above_name, _) in JOINTS.items():
            if above_name == name:
                write(child)
        if not any(above_name == name for above_name, _ in JOINTS.values()):
            lines.extend(["End Site", "{", "OFFSET 0 0 0", "}"])
        lines.append("}")

    write("Hips")
    text = "\n".join(
        [*lines, "MOTION", "Frames: 2", "Frame Time: 0.033333", *(" ".join(map(str, row)) for row in rows)]
    )
    odd = read(tmp_path, text)
    straight = read(tmp_path, bvh([{}, {"LeftLeg": (70.0, 0, 0), "RightForeArm": (0, 40.0, 0)}]))
    np.testing.assert_allclose(so3.exp(odd.poses), so3.exp(straight.poses), atol=1e-4)


def _aim(name: str) -> np.ndarray:
    """A frame whose X points along the bone that begins here; the root keeps its own."""
    child = next((offset for above, offset in JOINTS.values() if above == name), None)
    if name == "Hips" or child is None or name == "Spine2":
        return np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    x = np.array(child) / np.linalg.norm(child)
    z = np.cross(x, [0.3, 0.5, 0.8])
    z /= np.linalg.norm(z)
    return np.stack([x, np.cross(z, x), z], axis=1)


def _zyx(R: np.ndarray) -> list[float]:
    y = np.arcsin(np.clip(-R[2, 0], -1, 1))
    return np.degrees([np.arctan2(R[1, 0], R[0, 0]), y, np.arctan2(R[2, 1], R[2, 2])]).tolist()


def test_names_of_cmu_biovision_and_3ds_max() -> None:
    cmu = ["Hips", "LHipJoint", "LeftUpLeg", "LeftLeg", "LeftFoot", "LeftToeBase", "RHipJoint", "RightUpLeg"]
    cmu += ["RightLeg", "RightFoot", "RightToeBase", "LowerBack", "Spine", "Spine1", "Neck", "Neck1", "Head"]
    cmu += ["LeftShoulder", "LeftArm", "LeftForeArm", "LeftHand", "RightShoulder", "RightArm", "RightForeArm"]
    parents = [-1, 0, 1, 2, 3, 4, 0, 6, 7, 8, 9, 0, 11, 12, 13, 14, 15, 13, 17, 18, 19, 13, 21, 22]
    found = {key: cmu[number] for key, number in match(cmu, parents).items()}
    assert (found["left_hip"], found["left_knee"], found["left_ankle"]) == ("LeftUpLeg", "LeftLeg", "LeftFoot")
    assert (found["left_collar"], found["left_shoulder"], found["left_wrist"]) == (
        "LeftShoulder",
        "LeftArm",
        "LeftHand",
    )
    assert (found["spine1"], found["spine2"], found["spine3"]) == ("LowerBack", "Spine", "Spine1")
    biped = ["Bip01 Pelvis", "Bip01 Spine", "Bip01 Neck", "Bip01 Head"]
    biped += [
        f"Bip01 {s} {n}" for s in "LR" for n in ("Thigh", "Calf", "Foot", "Toe0", "Clavicle", "UpperArm", "Forearm")
    ]
    parents = [-1, 0, 1, 2, 0, 4, 5, 6, 2, 8, 9, 0, 11, 12, 13, 2, 15, 16]
    found = {key: biped[number] for key, number in match(biped, parents).items()}
    assert (found["right_hip"], found["right_shoulder"]) == ("Bip01 R Thigh", "Bip01 R UpperArm")
    assert found["left_collar"] == "Bip01 L Clavicle"


def test_names_of_poser_and_toes_that_are_only_an_end() -> None:
    names = ["hip", "abdomen", "chest", "neck"]
    names += [f"{side}{part}" for side in "rl" for part in ("collar", "shldr", "forearm", "hand")]
    names += [f"{side}{part}" for side in "rl" for part in ("buttock", "thigh", "shin", "foot", "foot end")]
    parents = [-1, 0, 1, 2, 2, 4, 5, 6, 2, 8, 9, 10, 0, 12, 13, 14, 15, 0, 17, 18, 19, 20]
    found = {key: names[number] for key, number in match(names, parents).items()}
    assert (found["left_hip"], found["left_foot"], found["right_shoulder"]) == ("lthigh", "lfoot end", "rshldr")
    assert (found["spine1"], found["spine3"]) == ("abdomen", "chest")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("OFFSET 0 10 0", "OFFSET 0 ten 0"), r"line 8: expected a number, found “ten”"),
        (("HIERARCHY", "MOTION"), r"line 1: expected HIERARCHY"),
        (("3 Zrotation", "3 Wrotation"), r"line 9: the channel “Wrotation” is unknown"),
        (("CHANNELS 3", "CHANNELS 9"), r"line 9: a joint has 9 channels"),
        (("Frames: 2", "Frames: 3"), r"3 frames are declared, and it ends after 2"),
        (("Frames: 2", "Frames: 900000000"), r"makes no sense"),
        (("0.04", "0"), r"a frame lasts 0 seconds"),
        (("1 2 3 90 0 0 0 90 0", "1 2 3 90"), r"line 20: expected 9 numbers, found 4"),
        (("1 2 3 90 0 0 0 90 0", "1 2 3 nan 0 0 0 90 0"), r"line 20"),
        (("1 2 3 90 0 0 0 90 0", "1 2 3 x 0 0 0 90 0"), r"line 20: it has something that is no number"),
        (("    End Site", "    Site"), r"line 10: expected JOINT, End Site or a closing brace"),
        (("MOTION\n", "ROOT Other\n"), r"a second skeleton"),
    ],
)
def test_damage_is_told_with_its_line(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    text = SMALL.replace(*change, 1)
    assert text != SMALL
    with pytest.raises(FormatError, match=r"test\.bvh cannot be read: .*" + said):
        read(tmp_path, text)


def test_any_beginning_of_a_file_is_refused_in_a_sentence(tmp_path: Path) -> None:
    for length in range(0, len(SMALL) - 30, 7):
        with pytest.raises(FormatError, match="cannot be read"):
            read(tmp_path, SMALL[:length])


def test_a_skeleton_without_limbs_is_told(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="no left hip"):
        read(tmp_path, SMALL)


def test_ten_thousand_joints_below_each_other_are_refused(tmp_path: Path) -> None:
    deep = "HIERARCHY\nROOT a\n" + "{\nOFFSET 0 0 0\nCHANNELS 0\nJOINT b\n" * 10_000
    with pytest.raises(FormatError, match="more than 1,000 joints"):
        read(tmp_path, deep)


def test_the_library_reads_it_by_its_name(tmp_path: Path) -> None:
    (tmp_path / "mine.BVH").write_text(bvh([{}, {}]))
    assert load_clip(tmp_path / "mine.BVH").name == "mine"
    with pytest.raises(FormatError, match=r"There is no file none\.bvh"):
        load_clip(tmp_path / "none.bvh")
    with pytest.raises(FormatError, match=r"walk\.fbx is no motion file"):
        load_clip("walk.fbx")
