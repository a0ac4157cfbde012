"""The study "Shape and pose": sliders, pulled joints, echoes, undo, buttons and what is saved."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab.body.library import load_body
from lab.body.limits import excess
from lab.body.posing import Poser
from lab.body.presets import POSTURES
from lab.body.record import load_pose
from lab.body.skeleton import JOINTS, MIRROR, joint
from lab.body.studio.study import BodyStudy
from lab.chapters.body.body import (
    BETA_WORDS,
    BODY,
    EULER,
    FIT,
    OWN,
    RANDOM_POSE,
    RANDOM_SHAPE,
    RESET_POSE,
    RESET_SHAPE,
    VECTOR,
    BodyParams,
)
from lab.chapters.body.body import (
    MIRROR as MIRROR_ACTION,
)
from lab.motions import euler, so3
from lab.number_files import read_numbers
from lab.params import build, with_components
from lab.params import values as values_of
from lab.scene import Mesh
from lab.study import Board, Data, Handle, StudyContext, StudyError, Table, View3D
from tests.lab.body.synthetic import content, write_npz

SQUAT = next(posture for posture in POSTURES if posture.title == "Squat").pose


class Form:
    """What the window does: it keeps the values, asks, and takes over what the board has."""

    def __init__(self) -> None:
        self.study = BodyStudy()
        self.values = values_of(BodyParams())
        self.board = self.ask()

    def ask(self, action: str = "", *, take: bool = True, **values: Any) -> Board:
        new = with_components(values, self.values)
        changed = frozenset(name for name, value in new.items() if value != self.values[name])
        self.values.update(new)
        return self._answer(changed, action, take)

    def set(self, values: dict[str, Any]) -> Board:
        """Also names of components."""
        return self.ask(**with_components(values, self.values))

    def take(self, board: Board) -> Board:
        """An answer arrives, and is asked about again as an echo."""
        return self.ask(**board.values)

    def _answer(self, changed: frozenset[str], action: str, take: bool) -> Board:
        (board,) = self.study.boards(build(BodyParams, self.values), StudyContext({}, changed, action))
        if take:
            self.values.update(board.values)
            self.board = board
        return board

    @property
    def pose(self) -> np.ndarray:
        return np.reshape(self.values["pose"], (24, 3))

    def handle(self, key: str) -> Handle:
        return handle(self.board, key)


def view(board: Board) -> View3D:
    content = board.panes["body"]
    assert isinstance(content, View3D)
    return content


def handle(board: Board, key: str) -> Handle:
    return next(found for found in view(board).handles if found.key == key)


def mesh(board: Board) -> Mesh:
    body = view(board).entities["body"]
    assert isinstance(body, Mesh)
    return body


@pytest.fixture
def form() -> Form:
    return Form()


# --- sliders ----------------------------------------------------------------------------------------------------------


def test_at_the_beginning_the_template_stands_on_the_floor_and_nothing_is_changed(form: Form) -> None:
    data = load_body("neutral")
    verts = mesh(form.board).verts
    assert verts[:, 1].min() == pytest.approx(0.0, abs=1e-5)
    assert verts - verts[0] == pytest.approx(data.v_template - data.v_template[0], abs=1e-5)
    assert form.board.values == {}


def test_sliders_give_what_the_body_model_gives(form: Form) -> None:
    board = form.set({"betas[0]": 1.5, "betas[3]": -0.5, "pose[48]": 0.4, "pose[12]": 0.9, "grounded": False})
    board = form.set({"transl[0]": 0.25})
    poser = Poser(load_body("neutral"))
    posed = poser.pose(poser.shape(form.values["betas"]), form.values["pose"], (0.25, 0.0, 0.0))
    assert mesh(board).verts == pytest.approx(posed.verts, abs=1e-6)


def test_what_did_not_change_is_the_same_object(form: Form) -> None:
    before, again = mesh(form.board), mesh(form.ask(dots=False))
    assert again is before
    turned = mesh(form.set({"pose[48]": 0.3}))
    assert turned.faces is before.faces
    assert turned.verts is not before.verts


def test_a_pose_beyond_the_limits_is_put_back_and_without_them_it_stays(form: Form) -> None:
    knee = 3 * joint("left_knee")
    board = form.set({f"pose[{knee}]": -0.5})
    assert board.values["pose"][knee] == 0.0
    board = form.set({"limits": False, f"pose[{knee}]": -0.5})
    assert "pose" not in board.values
    assert form.pose[joint("left_knee"), 0] == -0.5


@pytest.mark.parametrize("grounded", [True, False])
def test_a_taller_body_still_stands_on_the_floor(form: Form, grounded: bool) -> None:
    board = form.set({"betas[0]": 2.0, "pose[3]": -0.8, "grounded": grounded})
    assert (abs(mesh(board).verts[:, 1].min()) < 1e-5) == grounded


# --- Euler angles -----------------------------------------------------------------------------------------------------


def test_euler_angles_follow_the_pose_and_the_pose_follows_them(form: Form) -> None:
    form.ask(angles=EULER, joint="left_shoulder", limits=False)
    form.set({"pose[48]": 0.3, "pose[49]": -0.4, "pose[50]": 0.5})
    rotation = so3.exp(form.pose[joint("left_shoulder")])
    assert form.values["euler"] == pytest.approx(euler.from_matrix(rotation, "XYZ"), abs=1e-12)
    board = form.ask(euler=(0.2, 0.6, -0.7))
    assert "euler" not in board.values  # not taken out of the person's hand
    assert so3.exp(form.pose[joint("left_shoulder")]) == pytest.approx(
        euler.to_matrix((0.2, 0.6, -0.7), "XYZ"), abs=1e-12
    )
    form.ask(joint="head")
    assert form.values["euler"] == pytest.approx((0.0, 0.0, 0.0), abs=1e-12)
    assert form.pose[joint("head")] == pytest.approx(np.zeros(3), abs=1e-12)


def test_late_echoes_do_not_take_euler_angles_out_of_the_hand(form: Form) -> None:
    form.ask(angles=EULER, joint="left_shoulder")
    answers = [form.ask(take=False, euler=(0.1 * step, 0.2 * step, -0.1 * step)) for step in (1, 2, 3)]
    late = form.ask(take=False, **answers[0].values)
    assert np.array_equal(mesh(late).verts, mesh(answers[2]).verts)
    assert "euler" not in late.values
    moved = form.ask(take=False, euler=(0.4, 0.8, -0.4), **answers[1].values)
    assert "euler" not in moved.values
    expected = so3.log(euler.to_matrix((0.4, 0.8, -0.4), "XYZ"))
    assert moved.values["pose"][48:51] == pytest.approx(expected, abs=1e-9)


# --- pulling ----------------------------------------------------------------------------------------------------------


def grab(form: Form, name: str) -> np.ndarray:
    found = form.handle(f"pull {name}")
    form.ask(**found.sets)
    return np.array(found.position)


def at(place: np.ndarray) -> dict[str, Any]:
    return {f"pull_{axis}": float(value) for axis, value in zip("xyz", place, strict=True)}


def test_a_click_chooses_a_joint_and_moves_nothing(form: Form) -> None:
    form.ask(pose=SQUAT)
    before = form.pose.copy()
    board = form.ask(**form.handle("pull right_knee").sets)
    assert form.values["joint"] == "right_knee"
    assert np.array_equal(form.pose, before)
    assert handle(board, "turn").params[3:] == tuple(f"pose[{3 * joint('right_knee') + axis}]" for axis in range(3))


def test_a_joint_follows_the_hand_and_the_feet_stay(form: Form) -> None:
    feet = [form.handle(f"pull {name}").position for name in ("left_ankle", "right_foot")]
    start = grab(form, "left_wrist")
    for share in np.linspace(0, 1, 12):
        target = start + share * np.array([-0.3, 0.3, 0.2])
        form.ask(**at(target))
    assert form.handle("pull left_wrist").position == pytest.approx(target, abs=0.012)
    after = [form.handle(f"pull {name}").position for name in ("left_ankle", "right_foot")]
    assert np.array(after) == pytest.approx(np.array(feet), abs=0.006)
    assert not excess(form.pose)[1:].any()
    assert form.values["transl"][1] == 0.0  # it stands where it stood


@pytest.mark.parametrize("angles", [VECTOR, EULER])
def test_late_echoes_of_answers_do_not_move_the_body(form: Form, angles: str) -> None:
    form.ask(angles=angles)
    start = grab(form, "right_wrist")
    first = form.ask(take=False, **at(start + np.array([0.1, 0.1, 0.1])))
    second = form.ask(take=False, **at(start + np.array([0.2, 0.2, 0.1])))
    late = form.ask(take=False, **first.values)
    assert np.array_equal(mesh(late).verts, mesh(second).verts)
    assert late.values["pose"] == second.values["pose"]
    third = form.ask(take=False, **at(start + np.array([0.25, 0.2, 0.1])))  # the form still has the pose of the first
    assert handle(third, "pull right_wrist").position == pytest.approx(start + np.array([0.25, 0.2, 0.1]), abs=0.012)
    settled = form.take(third)
    assert settled.values == {}


def test_two_pulls_after_each_other_add_up(form: Form) -> None:
    for name, by in (("left_wrist", [-0.2, 0.2, 0.1]), ("right_wrist", [0.2, 0.3, 0.1]), ("left_wrist", [0.0, 0.1, 0])):
        before = {name: np.array(form.handle(f"pull {name}").position) for name in ("left_wrist", "right_wrist")}
        start = grab(form, name)
        form.ask(**at(start + by))
        assert form.handle(f"pull {name}").position == pytest.approx(start + by, abs=0.02)
    other = form.handle("pull right_wrist").position
    assert np.linalg.norm(other - before["right_wrist"]) < 0.1


def test_undo_brings_a_pose_back_and_redo_the_next(form: Form) -> None:
    names = ("pose", "transl", "pull", "grip", "pull_x", "pull_y", "pull_z", "joint", "euler")
    states = [{name: form.values[name] for name in names}]
    for name in ("left_wrist", "head", "left_wrist"):
        start = grab(form, name)
        form.ask(**at(start + np.array([0.05, 0.1, 0.1])))
        states.append({name: form.values[name] for name in names})
    for state in (*reversed(states[:-1]), *states[1:]):
        form.ask(**state)
        assert form.values["pose"] == state["pose"]
        assert form.values["transl"] == state["transl"]


def test_a_preset_after_a_pull_is_taken_though_the_pull_began_in_it(form: Form) -> None:
    start = grab(form, "left_wrist")
    board = form.ask(take=False, **at(start + np.array([-0.2, 0.3, 0.2])))
    form.take(board)
    assert form.pose.any()
    form.ask(pose=(0.0,) * 72)
    assert not form.pose.any()


def test_a_slider_after_a_pull_begins_where_the_pull_ended(form: Form) -> None:
    start = grab(form, "left_wrist")
    form.ask(**at(start + np.array([-0.2, 0.3, 0.2])))
    pulled = form.pose.copy()
    form.set({"pose[46]": 0.2})
    pulled[15, 1] = 0.2
    assert form.pose == pytest.approx(pulled, abs=1e-12)


def test_a_study_that_begins_with_a_finished_pull_does_not_pull_again(form: Form) -> None:
    start = grab(form, "left_wrist")
    form.ask(**at(start + np.array([-0.2, 3.0, 0.2])))
    (board,) = BodyStudy().boards(build(BodyParams, form.values), StudyContext({}, frozenset(form.values)))
    assert board.values == {}
    assert mesh(board).verts == pytest.approx(mesh(form.board).verts, abs=1e-6)


def test_the_rings_turn_in_the_frame_of_the_parent(form: Form) -> None:
    form.set({"joint": "left_elbow", "pose[48]": 0.4, "pose[50]": -0.9, "pose[55]": -1.0})
    poser = Poser(load_body("neutral"))
    posed = poser.pose(poser.shape([]), form.values["pose"])
    ring = form.handle("turn")
    above = posed.rotations[joint("left_shoulder")]
    assert so3.exp(ring.basis) == pytest.approx(above, abs=1e-9)
    assert so3.exp(ring.basis) @ so3.exp(ring.rotation) == pytest.approx(posed.rotations[joint("left_elbow")], abs=1e-9)


# --- buttons ----------------------------------------------------------------------------------------------------------


def test_mirroring_exchanges_left_and_right(form: Form) -> None:
    form.set({"pose[48]": 0.4, "pose[50]": -0.9, "pose[12]": 0.7, "transl[0]": 0.3})
    joints = np.array([form.handle(f"pull {name}").position for name in JOINTS])
    before = form.values["pose"]
    form.ask(MIRROR_ACTION)
    after = np.array([form.handle(f"pull {name}").position for name in JOINTS])
    assert after == pytest.approx(joints[list(MIRROR)] * [-1.0, 1.0, 1.0], abs=0.004)  # the body is nearly symmetric
    form.ask(MIRROR_ACTION)
    assert form.values["pose"] == pytest.approx(before, abs=1e-12)


def test_resets_bring_the_template_back(form: Form) -> None:
    first = mesh(form.board).verts
    form.ask(RANDOM_SHAPE)
    form.ask(RANDOM_POSE)
    assert any(form.values["pose"])
    assert any(form.values["betas"])
    form.ask(RESET_POSE)
    board = form.ask(RESET_SHAPE)
    assert mesh(board).verts == pytest.approx(first, abs=1e-6)


def test_chance_gives_a_new_pose_each_time_within_the_limits(form: Form) -> None:
    poses = []
    for _ in range(4):
        board = form.ask(RANDOM_POSE)
        poses.append(form.values["pose"])
        assert not excess(form.pose)[1:].any()
        assert mesh(board).verts[:, 1].min() == pytest.approx(0.0, abs=1e-5)
    assert len(set(poses)) == 4
    other = Form()
    other.ask(RANDOM_POSE)
    assert other.values["pose"] == poses[0]  # the same seed


def test_measurements_are_met(form: Form) -> None:
    with pytest.raises(StudyError, match="all are 0"):
        form.ask(FIT)
    form.ask(height=180.0, waist=90.0)
    board = form.ask(FIT)
    assert float(str(board.figures["Height"]).split()[0]) == pytest.approx(180.0, abs=0.5)
    assert float(str(board.figures["Waist"]).split()[0]) == pytest.approx(90.0, abs=0.5)
    assert board.notes == ()
    form.ask(height=240.0)
    board = form.ask(FIT)
    assert board.notes[0].level == "warning"
    assert "height" in board.notes[0].text


# --- the rest ---------------------------------------------------------------------------------------------------------


def test_figures_tell_the_truth(form: Form) -> None:
    figures = form.ask(pose=SQUAT).figures
    data = load_body("neutral")
    height = float(np.ptp(data.v_template[:, 1]))
    assert float(str(figures["Height"]).split()[0]) == pytest.approx(100 * height, abs=0.06)
    litres = float(str(figures["Volume"]).split()[0])
    assert 40 < litres < 90
    assert float(str(figures["Weight"]).split()[0]) == pytest.approx(1.01 * litres, abs=0.2)
    assert set(figures) <= set(BODY.figures)
    knee = joint("left_knee")
    assert form.set({f"pose[{3 * knee}]": np.radians(150)}).figures["At a limit"] == "Left knee"


def test_what_is_saved_is_what_is_seen(form: Form) -> None:
    board = form.set({"pose": SQUAT, "betas[1]": 1.0, "transl[0]": 0.5})
    data, saved = board.results["pose"], board.results["mesh"]
    assert isinstance(data, Data)
    assert saved is mesh(board)
    poser = Poser(load_body("neutral"))
    pose = np.concatenate([data.values["global_orient"], data.values["body_pose"]])
    posed = poser.pose(poser.shape(data.values["betas"]), pose, data.values["transl"])
    assert posed.verts == pytest.approx(mesh(board).verts, abs=1e-5)


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_a_saved_pose_can_be_read_again(form: Form, tmp_path: Path, suffix: str) -> None:
    data = form.set({"pose": SQUAT, "betas[1]": 1.0}).results["pose"]
    assert isinstance(data, Data)
    path = tmp_path / f"pose{suffix}"
    if suffix == ".npz":
        np.savez(path, **data.values)  # type: ignore[arg-type]
    else:
        path.write_text(json.dumps({name: np.asarray(value).tolist() for name, value in data.values.items()}))
    assert read_numbers(path, "pose", 72) == pytest.approx(SQUAT, abs=1e-12)
    assert read_numbers(path, "betas", 10) == form.values["betas"]
    assert load_pose(path).pose == pytest.approx(np.reshape(SQUAT, (24, 3)), abs=1e-12)


def test_more_is_shown_by_choice(form: Form) -> None:
    assert set(form.board.panes) == {"body"}
    board = form.ask(bones=True, ghost=True, side=True, table=True, dots=False, rings=False)
    assert set(board.panes) == {"body", "second", "table", "shape"}
    assert set(view(board).entities) == {"body", "bones", "T-pose"}
    assert view(board).handles == ()
    table = board.panes["table"]
    assert isinstance(table, Table)
    assert len(table) == 24
    assert table.marked == JOINTS.index(form.values["joint"])


def test_the_names_of_the_sliders_are_the_words_of_the_neutral_model() -> None:
    words = load_body("neutral").beta_words[: len(BETA_WORDS)]
    assert tuple(word.split(",")[0] for word in words) == BETA_WORDS


def test_an_own_file_is_chosen_first_and_read_with_care(form: Form, tmp_path: Path) -> None:
    params = build(BodyParams, {"model": OWN})
    with pytest.raises(StudyError, match="choose a SMPL model"):
        list(form.study.boards(params, StudyContext({})))
    broken = tmp_path / "body.npz"
    broken.write_bytes(b"no archive")
    with pytest.raises(StudyError, match=r"body\.npz"):
        list(form.study.boards(replace(params, own=str(broken)), StudyContext({})))
    with pytest.raises(StudyError, match="unknown action"):
        form.ask("nothing")


@pytest.mark.parametrize("family", ["SMPL", "SMPL-H", "SMPL-X"])
def test_an_own_file_of_any_family_can_be_shaped_and_pulled(form: Form, tmp_path: Path, family: str) -> None:
    path = write_npz(tmp_path / "own.npz", content(family, betas=8))
    form.ask(model=OWN, own=str(path))
    board = form.set({"betas[0]": 1.0, "betas[9]": 1.0, "pose[54]": 0.1})
    assert "8 betas" in board.notes[0].text
    assert len(mesh(board).verts) == 240
    start = grab(form, "left_wrist")
    form.ask(**at(start + np.array([-0.1, 0.1, 0.1])))
    assert form.handle("pull left_wrist").position == pytest.approx(start + np.array([-0.1, 0.1, 0.1]), abs=0.02)
