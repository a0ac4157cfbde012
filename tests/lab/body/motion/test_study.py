"""The study "Motion": what it shows and says, what stays the same object, and what it saves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab.body.library import load_body
from lab.body.motion.amass import read_amass
from lab.body.motion.film import camera_for, film
from lab.body.motion.library import CLIPS, neutral_rest
from lab.body.motion.prepared import leg_length
from lab.body.motion.study import MotionStudy
from lab.body.posing import Poser
from lab.body.prior import PosePrior
from lab.chapters.body import motion as declared
from lab.chapters.body.motion import FILM, JOINT, MOTION, OWN, SPEED, MotionParams
from lab.formats.gltf_animation import write_animation
from lab.params import build
from lab.scene import Mesh
from lab.study import Animation, Board, Data, Film, Plot, StudyContext, StudyError, View3D
from tests.lab.body.motion.skeletons import bvh
from tests.lab.formats.test_gltf_animation import Glb


@pytest.fixture(scope="module")
def study() -> MotionStudy:
    return MotionStudy()


def ask(study: MotionStudy, action: str = "", **values: Any) -> Board:
    boards = list(study.boards(build(MotionParams, values), StudyContext({}, action=action)))
    return boards[-1]


def view(board: Board) -> View3D:
    found = board.panes["body"]
    assert isinstance(found, View3D)
    return found


def body(board: Board) -> Mesh:
    found = view(board).entities["body"]
    assert isinstance(found, Mesh)
    return found


def test_the_declaration_knows_all_clips() -> None:
    assert sorted(declared.CLIPS.values()) == sorted(CLIPS)


def test_every_preset_fills_every_pane(study: MotionStudy) -> None:
    panes = {pane.key for row in MOTION.panes for pane in row}
    for preset in MOTION.presets:
        board = ask(study, **preset.values)
        assert set(board.panes) == panes, preset.title
        assert set(MOTION.figures) <= set(board.figures)
        assert board.figures["Below the floor"]


def test_time_runs_within_the_clip(study: MotionStudy) -> None:
    low, high = ask(study).spans["time"]
    assert (low, high) == (0.0, pytest.approx(38 / 30, rel=1e-3))
    assert ask(study, speed=2.0).spans["time"][1] == pytest.approx(high / 2)
    end, past = body(ask(study, time=high)), body(ask(study, time=100.0))
    np.testing.assert_allclose(past.verts, end.verts, atol=1e-5)


def test_speed_reaches_the_same_poses_sooner(study: MotionStudy) -> None:
    slow, fast = body(ask(study, time=0.8, clip="jump")).verts, body(ask(study, time=0.4, clip="jump", speed=2.0)).verts
    np.testing.assert_allclose(slow, fast, atol=1e-6)


def test_what_does_not_change_with_time_is_the_same_object(study: MotionStudy) -> None:
    first, second = ask(study, time=0.1, ghosts=2, spacing=0.2), ask(study, time=0.12, ghosts=2, spacing=0.2)
    assert body(first).faces is body(second).faces
    assert body(first).verts is not body(second).verts
    for name in ("way", "footprints", "ghosts/2"):
        assert view(first).entities[name] is view(second).entities[name]
    assert first.panes["curves"].curves is second.panes["curves"].curves  # type: ignore[union-attr]
    for name in ("motion", "animation"):
        assert first.results[name] is second.results[name]


def test_an_equal_question_has_an_equal_answer(study: MotionStudy) -> None:
    values = {"clip": "spin", "time": 0.77, "betas": (1.0, 0.0, -1.0, 0.0)}
    first = body(ask(study, **values)).verts.copy()
    ask(study, clip="roll", time=0.3)
    np.testing.assert_array_equal(body(ask(study, **values)).verts, first)
    np.testing.assert_array_equal(body(ask(MotionStudy(), **values)).verts, first)


def test_in_place_stays_over_one_spot(study: MotionStudy) -> None:
    far = body(ask(study, clip="run", time=0.7)).verts
    near = body(ask(study, clip="run", time=0.7, in_place=True)).verts
    shift = near - far
    np.testing.assert_allclose(shift, np.broadcast_to(shift[0], shift.shape), atol=1e-5)
    assert abs(shift[0, 1]) < 1e-6
    assert abs(shift[0, 2]) > 0.5


def test_ghosts_are_poses_of_other_times(study: MotionStudy) -> None:
    entities = view(ask(study, clip="cartwheel", time=1.0, ghosts=2, spacing=0.2)).entities
    ghosts = {name: entity for name, entity in entities.items() if name.startswith("ghosts/")}
    assert set(ghosts) == {"ghosts/3", "ghosts/4", "ghosts/6", "ghosts/7"}
    other = body(ask(study, clip="cartwheel", time=1.2))
    np.testing.assert_allclose(ghosts["ghosts/6"].verts, other.verts, atol=1e-5)


def test_curves_have_a_point_a_frame_and_say_where_time_is(study: MotionStudy) -> None:
    for kind, joint_name in (("feet above the floor", "head"), (JOINT, "left_knee"), (SPEED, "head")):
        plot = ask(study, curves=kind, joint=joint_name, time=0.5, speed=0.5).panes["curves"]
        assert isinstance(plot, Plot)
        assert plot.at == 0.5
        for x, y in plot.curves.values():
            assert len(x) == len(y) == 39
            assert x[-1] == pytest.approx(2 * 38 / 30, rel=1e-3)


def test_the_knee_of_a_walk_bends_by_some_sixty_degrees(study: MotionStudy) -> None:
    plot = ask(study, curves=JOINT, joint="left_knee").panes["curves"]
    assert isinstance(plot, Plot)
    assert 45 < np.ptp(plot.curves["Left knee x"][1]) < 80


def test_figures_are_of_this_pose(study: MotionStudy) -> None:
    board = ask(study, time=0.5)
    pose = board.results["pose"]
    assert isinstance(pose, Data)
    energy = PosePrior.load().energy(np.asarray(pose.values["body_pose"]))
    assert board.figures["Pose prior"] == pytest.approx(energy, abs=0.01)
    assert "39 frames" in str(board.figures["Length"])


def test_the_saved_motion_is_what_was_shown(study: MotionStudy, tmp_path: Path) -> None:
    board = ask(study, clip="run", time=12 / 30.0012, betas=(1.0, 0.0, 0.0, 0.0))
    saved = board.results["motion"]
    assert isinstance(saved, Data)
    np.savez(tmp_path / "run.npz", **saved.values)  # type: ignore[arg-type]
    clip = read_amass(tmp_path / "run.npz", neutral_rest(), 0.8)
    poser = Poser(load_body("neutral"))
    shaped = poser.shape((1.0, 0.0, 0.0, 0.0))
    trans = np.asarray(saved.values["trans"])[12]
    assert clip.leg == pytest.approx(leg_length(shaped.joints[:24]))
    np.testing.assert_allclose(poser.pose(shaped, clip.poses[12], trans).verts, body(board).verts, atol=1e-4)


def test_the_saved_animation_moves_as_the_body_does(study: MotionStudy, tmp_path: Path) -> None:
    board = ask(study, clip="kick", betas=(0.0, 1.0, 0.0, 0.0))
    animation = board.results["animation"]
    assert isinstance(animation, Animation)
    write_animation(tmp_path / "kick.glb", animation)
    glb = Glb(tmp_path / "kick.glb")
    data = load_body("neutral")
    poser = Poser(data)
    shaped = poser.shape((0.0, 1.0))
    motion = board.results["motion"]
    assert isinstance(motion, Data)
    vertex = _written_vertices(glb, shaped.verts)
    for frame in (0, 20, 46):
        pose = np.asarray(motion.values["poses"])[frame].reshape(24, 3)
        posed = poser.pose(shaped, pose, np.asarray(motion.values["trans"])[frame], correctives=False)
        np.testing.assert_allclose(glb.posed(frame), posed.verts[vertex], atol=1e-4)


def _written_vertices(glb: Glb, verts: np.ndarray) -> np.ndarray:
    """Which vertex each written one is: they are split at the seams of the texture coordinates."""
    places = {row.tobytes(): number for number, row in enumerate(np.ascontiguousarray(verts, np.float32))}
    return np.array([places[row.tobytes()] for row in np.ascontiguousarray(glb.attributes()["POSITION"])])


def test_a_film_has_every_frame_and_what_stops_it_is_passed_on(study: MotionStudy) -> None:
    board = ask(study, FILM, film_height=120, clip="run")
    made = board.results["film"]
    assert isinstance(made, Film)
    assert made.frames.shape == (25, 120, 214, 3)
    assert made.fps == pytest.approx(30, rel=1e-3)
    assert np.abs(made.frames[0].astype(int) - made.frames[12]).max() > 60, "something moves"

    class Stop(Exception):
        pass

    def report(fraction: float | None, text: str) -> None:
        if fraction and fraction > 0.3:
            raise Stop

    with pytest.raises(Stop):
        list(study.boards(MotionParams(film_height=120), StudyContext({}, action=FILM, report=report)))


def test_the_film_has_the_whole_way_in_view() -> None:
    root = np.array([[0.0, 0.9, 0.0], [3.0, 1.2, 4.0]])
    camera = camera_for(root, 240)
    corners = np.concatenate([root + np.array([0, 0.9, 0]), root * [1, 0, 1]])
    seen = (corners - camera.center) @ camera.rotation
    x, y = camera.cx - camera.fx * seen[:, 0] / seen[:, 2], camera.cy + camera.fy * seen[:, 1] / seen[:, 2]
    assert np.all((x > 0) & (x < camera.width) & (y > 0) & (y < camera.height))


def test_a_film_of_one_triangle() -> None:
    verts = np.array([[-0.5, 0, 0], [0.5, 0, 0], [0, 1.8, 0]], np.float32)
    frames = film(
        lambda number: verts, np.array([[0, 1, 2]], np.int32), np.array([[0.0, 0.9, 0]]), 121, lambda share: None
    )
    assert frames.shape == (1, 120, 214, 3)


def test_a_persons_own_files_are_played(study: MotionStudy, tmp_path: Path) -> None:
    (tmp_path / "mine.bvh").write_text(bvh([{}, {"LeftLeg": (60.0, 0, 0)}], seconds=0.5))
    board = ask(study, clip=OWN, own=str(tmp_path / "mine.bvh"))
    assert board.spans["time"] == (0.0, pytest.approx(0.5))
    assert "2 frames" in str(board.figures["Length"])


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"clip": OWN}, "Choose an .npz"),
        ({"clip": OWN, "own": "none.npz"}, "There is no file none.npz"),
        ({"own_model": "none.pkl"}, r"none\.pkl"),
    ],
)
def test_what_is_missing_is_said(study: MotionStudy, values: dict[str, str], said: str) -> None:
    with pytest.raises(StudyError, match=said):
        ask(study, **values)


def test_a_button_that_is_none_is_refused(study: MotionStudy) -> None:
    with pytest.raises(StudyError, match="unknown action"):
        ask(study, "dance")
