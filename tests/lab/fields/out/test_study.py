"""The study "Fly and film": its panes, its way through keyframes, and what its buttons leave."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from lab.cameras.model import look_at
from lab.chapters.fields.film import (
    ADD,
    FILM,
    KEYS,
    MAKE_DEPTHS,
    MAKE_FILM,
    MAKE_MESH,
    MAKE_POINTS,
    MESH,
    MOST_KEYS,
    POINTS,
    REMOVE,
    ROTATION,
    SPIRAL,
    TIMED,
    WAY,
    FilmParams,
)
from lab.experiment import Cancelled
from lab.fields.files import save_field
from lab.fields.march import FieldView
from lab.fields.out.film import Lens
from lab.fields.out.keys import Subject, Way
from lab.fields.out.study import FilmStudy
from lab.geometry import stats
from lab.params import build, with_components
from lab.scene import Field, Mesh, Points
from lab.study import Board, Data, Film, Picture, Plot, StudyContext, StudyError, View3D
from tests.lab.fields.small_fields import ball

BALL = ball()
SMALL = {"width": 40, "height": 30, "seconds": 0.5, "rate": 8}
SUBJECT = Subject(np.zeros(3), 1.0)


def params(**values: Any) -> FilmParams:
    return build(FilmParams, {**SMALL, **values})


def boards(study: FilmStudy, action: str = "", field: Field = BALL, **values: Any) -> list[Board]:
    return list(study.boards(params(**values), StudyContext({"field": field}, action=action)))


def last(action: str = "", **values: Any) -> Board:
    return boards(FilmStudy(), action, **values)[-1]


def world(board: Board) -> View3D:
    found = board.panes["world"]
    assert isinstance(found, View3D)
    return found


def picture(board: Board, key: str = "frame") -> Picture:
    found = board.panes[key]
    assert isinstance(found, Picture)
    return found


@pytest.mark.parametrize("preset", FILM.presets, ids=lambda preset: preset.title)
def test_every_preset_answers_with_panes_that_there_are(preset: Any) -> None:
    values = {**preset.values, **SMALL, "points": 500}
    board = last(**values)
    below = {"depth", "speed"} if values.get("shown", WAY) == WAY else {"surface"}
    assert set(board.panes) == {"world", "frame", *below}
    assert set(board.panes) <= {pane.key for row in FILM.panes for pane in row}
    assert world(board).entities["field"] is BALL
    assert all(any(label.startswith(known) for known in FILM.figures) for label in board.figures)


def test_the_frame_is_what_the_camera_sees_at_this_time() -> None:
    board = last(time=0.2)
    p = params(time=0.2)
    study_way = world(board).entities["camera"]
    pose = Way(p, _subject()).at(np.array([0.2]))[0]
    seen = FieldView(BALL).render(Lens(40, 30, p.fov).camera(pose))
    np.testing.assert_array_equal(picture(board).pixels, (seen.color * 255 + 0.5).astype(np.uint8))
    values = picture(board, "depth").values
    assert values is not None
    assert board.figures["Nearest (m)"] == pytest.approx(float(np.nanmin(values)))
    assert np.linalg.norm(study_way.verts[0] - pose[:3, 3]) < 0.1  # type: ignore[union-attr]


def _subject() -> Subject:
    from lab.fields.out.film import object_of

    return Subject(*object_of(BALL))


def test_a_quick_frame_comes_before_a_large_one_and_only_then() -> None:
    study = FilmStudy()
    first, second = boards(study, width=320, height=200)
    assert max(picture(first).pixels.shape) == 160
    assert picture(first).stands_for == picture(second).stands_for == (320, 200)
    assert picture(second).pixels.shape == (200, 320, 3)
    assert len(boards(study)) == 1


def test_what_does_not_change_is_the_same_object() -> None:
    study = FilmStudy()
    before, after = boards(study, time=0.0)[-1], boards(study, time=0.3)[-1]
    assert world(before).entities["way"] is world(after).entities["way"]
    speeds = [board.panes["speed"] for board in (before, after)]
    assert isinstance(speeds[0], Plot)
    assert isinstance(speeds[1], Plot)
    assert speeds[0].curves["metres a second"][1] is speeds[1].curves["metres a second"][1]
    meshes = [boards(study, shown=MESH, time=time)[-1].results["mesh"] for time in (0.0, 0.3)]
    assert meshes[0] is meshes[1]


# --- the way ----------------------------------------------------------------------------------------------------------


def test_an_orbit_does_not_show_its_first_frame_twice() -> None:
    assert Way(params(), SUBJECT).times().tolist() == [0.0, 0.125, 0.25, 0.375]
    assert Way(params(turns=0.5), SUBJECT).times()[-1] == 0.5
    ends = Way(params(), SUBJECT).at(np.array([0.0, 0.5]))
    np.testing.assert_allclose(ends[0], ends[1], atol=1e-9)


def test_speeds_of_an_orbit_are_known() -> None:
    metres, radians = Way(params(elevation=0.0, seconds=4.0), SUBJECT).speeds(np.array([0.0, 1.7, 4.0]))
    distance = 1.1 / np.sin(np.radians(20))
    np.testing.assert_allclose(radians, 2 * np.pi / 4, rtol=1e-4)
    np.testing.assert_allclose(metres, distance * 2 * np.pi / 4, rtol=1e-4)


def test_keyframes_begin_as_the_orbit() -> None:
    board = last(route=KEYS)
    assert board.values["count"] == 6
    assert board.values["loop"] is True
    p = params(**board.values)
    made = Way(replace(p, pace=TIMED), _subject()).at(np.arange(6) / 6 * 0.5)
    np.testing.assert_allclose(made, Way(params(), _subject()).at(np.arange(6) / 6 * 0.5), atol=1e-5)
    again = last(**board.values)
    assert dict(again.values) == {}
    assert len(world(again).handles) == 7


def test_the_keyframe_in_hand_can_be_dragged_and_the_others_clicked() -> None:
    values = dict(last(route=KEYS).values) | {"key": 2}
    handles = {handle.key: handle for handle in world(last(**values)).handles}
    assert handles["key 2"].kind == "point"
    assert handles["key 3"].kind == "dot"
    assert handles["key 3"].sets == {"key": 3}
    moved = with_components({name: 5.0 + i for i, name in enumerate(handles["key 2"].params)}, values)
    board = last(**{**values, **moved})
    way = world(board).entities["way"].verts  # type: ignore[union-attr]
    assert np.linalg.norm(way - [5.0, 6.0, 7.0], axis=1).min() < 0.1
    assert world(board).handles[1].position == (5.0, 6.0, 7.0)
    aimed = with_components(dict.fromkeys(handles["looks at"].params, 1.0), values)
    p = params(**{**values, **aimed, "pace": TIMED})
    eye = np.array(handles["key 2"].position)
    np.testing.assert_allclose(Way(p, SUBJECT).at(np.array([0.5 / 6]))[0], look_at(eye, np.ones(3)), atol=1e-6)


def test_a_keyframe_is_added_where_the_camera_is() -> None:
    values = dict(last(route=KEYS).values)
    before = Way(params(**values), _subject()).at(np.array([0.2]))[0]
    board = last(ADD, time=0.2, **values)
    assert board.values["count"] == 7
    assert board.values["key"] == 4  # the way from the third to the fourth has the time 0.2 in it
    keys = np.array(board.values["keys"]).reshape(-1, 2, 3)
    np.testing.assert_allclose(keys[3, 0], before[:3, 3], atol=1e-5)
    np.testing.assert_allclose(look_at(*keys[3]), before, atol=1e-4)


def test_a_removed_keyframe_is_gone_and_two_remain() -> None:
    values = dict(last(route=KEYS).values) | {"key": 3}
    kept = np.delete(np.array(values["keys"]).reshape(-1, 6)[:6], 2, axis=0)
    board = last(REMOVE, **values)
    np.testing.assert_array_equal(np.array(board.values["keys"]).reshape(-1, 6)[:5], kept)
    with pytest.raises(StudyError, match="two keyframes"):
        last(REMOVE, **{**values, "count": 2})


def test_a_spiral_becomes_keyframes_and_no_more_than_there_may_be() -> None:
    values = dict(last(ADD, route=SPIRAL, turns=2.0).values)
    assert values["count"] == 14
    assert values["loop"] is False
    for _ in range(MOST_KEYS - 14):
        values |= last(ADD, **values).values
    with pytest.raises(StudyError, match="which is the most"):
        last(ADD, **values)


def test_a_camera_must_not_stand_on_what_it_looks_at() -> None:
    values = dict(last(route=KEYS).values)
    keys = list(values["keys"])
    keys[3:6] = keys[0:3]
    with pytest.raises(StudyError, match="Keyframe 1 stands on the point"):
        last(**{**values, "keys": tuple(keys)})


def test_a_way_through_its_target_is_refused() -> None:
    values = dict(last(route=KEYS).values)
    keys = (0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, -2.0, 0.0, 0.0, 0.0, *values["keys"][12:])
    through = {**values, "keys": keys, "count": 2, "loop": False, "time": 0.25}
    with pytest.raises(StudyError, match="goes through the point"):
        last(**through)
    assert last(**through, gaze=ROTATION).figures["Way (m)"] == pytest.approx(4.0)


# --- what buttons make ------------------------------------------------------------------------------------------------


def test_a_film_has_the_frame_of_each_time_and_stays_until_the_way_changes() -> None:
    study = FilmStudy()
    film = boards(study, MAKE_FILM)[-1].results["film"]
    assert isinstance(film, Film)
    assert film.frames.shape == (4, 30, 40, 3)
    assert film.fps == 8
    for number, time in enumerate((0.0, 0.125, 0.25, 0.375)):
        np.testing.assert_array_equal(film.frames[number], picture(boards(study, time=time)[-1]).pixels)
    assert boards(study, time=0.1)[-1].results["film"] is film
    assert "film" not in boards(study, elevation=20.0)[-1].results


def test_depth_maps_come_with_their_cameras() -> None:
    found = last(MAKE_DEPTHS).results["depths"]
    assert isinstance(found, Data)
    depth, c2w = np.asarray(found.values["depth"]), np.asarray(found.values["c2w"])
    assert depth.shape == (4, 30, 40)
    (fx, _, cx), (_, fy, cy), _ = np.asarray(found.values["intrinsics"]).tolist()
    row, column = 15, 20
    z = float(depth[1, row, column])
    point = c2w[1] @ [(column + 0.5 - cx) / fx * z, -(row + 0.5 - cy) / fy * z, -z, 1.0]
    assert np.linalg.norm(point[:3]) == pytest.approx(0.73, abs=0.04)  # on the ball


def test_a_film_that_memory_cannot_hold_is_refused() -> None:
    with pytest.raises(StudyError, match="GB of memory"):
        last(MAKE_FILM, seconds=120.0, rate=60, width=1920, height=1920)


def test_a_film_can_be_cancelled() -> None:
    def stop() -> None:
        raise Cancelled

    asked = FilmStudy().boards(params(), StudyContext({"field": BALL}, action=MAKE_FILM, checkpoint=stop))
    assert "film" not in next(asked).results
    with pytest.raises(Cancelled):
        next(asked)


def test_the_mesh_is_a_result_with_its_figures() -> None:
    board = last(MAKE_MESH, faces=800, smooth=0)
    assert board.values == {"shown": MESH}
    mesh = board.results["mesh"]
    assert isinstance(mesh, Mesh)
    surface = board.panes["surface"]
    assert isinstance(surface, View3D)
    assert surface.entities[MESH] is mesh
    assert stats(mesh).watertight is board.figures["Watertight"] is True
    assert board.figures["Faces"] == len(mesh.faces) <= 800
    assert board.figures["Volume (m³)"] == pytest.approx(4 / 3 * np.pi * 0.76**3, rel=0.08)


def test_points_are_as_many_as_were_asked_for() -> None:
    cloud = last(MAKE_POINTS, points=700).results["points"]
    assert isinstance(cloud, Points)
    assert len(cloud.verts) == 700
    again = last(shown=POINTS, points=700).results["points"]
    np.testing.assert_array_equal(cloud.verts, again.verts)  # type: ignore[union-attr]


@pytest.mark.parametrize("shown", [MESH, POINTS])
def test_an_empty_field_has_no_surface_and_the_study_says_so(shown: str) -> None:
    empty = replace(BALL, density=np.full_like(BALL.density, -15.0))
    with pytest.raises(StudyError, match="The field is empty"):
        boards(FilmStudy(), shown=shown, field=empty)
    assert boards(FilmStudy(), field=empty)[-1].figures["Seen"] == 0.0


def test_an_unknown_button_is_refused() -> None:
    with pytest.raises(StudyError, match="no button"):
        last("dance")


def test_without_a_field_there_is_one_of_spot() -> None:
    board = list(FilmStudy().boards(params(), StudyContext({})))[-1]
    assert "has just trained" in board.notes[0].text
    assert float(board.figures["Seen"]) > 0.1


def test_a_file_of_a_field_can_be_filmed_without_a_window(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    from lab.cli import execute, parse

    save_field(tmp_path / "ball.npz", BALL)
    size = ["--width", "40", "--height", "30", "--seconds", "0.5", "--rate", "8"]
    asked = ["run", FILM.key, "--field", str(tmp_path / "ball.npz"), *size, "--action", "film"]
    assert execute(parse([*asked, "--out", str(tmp_path / "ball.mp4")])) == 0
    assert (tmp_path / "ball.mp4").stat().st_size > 0
    assert "Frames" in capsys.readouterr().out
