"""From world to pixel: the table, the code, the marks, near and far, and the facts."""

import numpy as np
import pytest
import torch
from pytorch3d.renderer import FoVPerspectiveCameras, look_at_view_transform

from lab.cameras.pixel_study import PixelStudy
from lab.chapters.cameras.pixel import FOCAL_CAMERAS, PIXEL, SPACES, PixelParams
from lab.examples import example_path
from lab.formats.files import read
from lab.params import build
from lab.scene import Points
from lab.study import StudyContext, StudyError


@pytest.fixture(scope="module")
def spot():
    return read(example_path("spot")).entity


@pytest.fixture(scope="module")
def study():
    return PixelStudy()


def ask(study, geometry, **values):
    return list(study.boards(build(PixelParams, values), StudyContext(inputs={"object": geometry})))


def rows(board):
    table = board.panes["steps"]
    return {space: np.array([column[i] for column in table.cells[1:4]]) for i, space in enumerate(table.cells[0])}


def drawn(picture):
    return np.isfinite(picture.values)


def test_the_first_picture_is_a_good_one(study, spot):
    board = ask(study, spot)[-1]
    assert board.notes == ()
    assert board.figures["Vertex"] == "visible"
    assert {pane.key for row in PIXEL.panes for pane in row} == set(board.panes)
    for name in ("perspective", "orthographic"):
        assert 0.05 < drawn(board.panes[name]).mean() < 0.6
        assert len(board.panes[name].marks) == 1


@pytest.mark.parametrize("given", PIXEL.presets, ids=lambda p: p.title)
def test_every_preset_makes_a_board(study, spot, given):
    board = ask(study, spot, **given.values)[-1]
    assert drawn(board.panes["perspective"]).any()
    assert drawn(board.panes["orthographic"]).any()


def test_the_rows_are_pytorch3ds(study, spot):
    """PyTorch3D's own camera, from its own look_at_view_transform, takes the vertex through the same numbers."""
    board = ask(study, spot, vertex=100, distance=3.0, elevation=-10.0, azimuth=40.0, fov=50.0, near=0.7, far=9.0)[-1]
    at = (spot.verts.min(axis=0) + spot.verts.max(axis=0)) / 2
    R, T = look_at_view_transform(3.0, -10.0, 40.0, at=(tuple(at.tolist()),))
    there = FoVPerspectiveCameras(R=R, T=T, znear=0.7, zfar=9.0, fov=50.0)
    vertex = torch.tensor(spot.verts[100])[None]
    found = rows(board)
    assert np.allclose(found["world"], spot.verts[100])
    assert np.allclose(found["view"], there.get_world_to_view_transform().transform_points(vertex)[0], atol=1e-5)
    assert np.allclose(found["NDC"], there.transform_points_ndc(vertex)[0], atol=1e-5)
    assert np.allclose(found["screen"], there.transform_points_screen(vertex, image_size=(240, 320))[0], atol=1e-3)


@pytest.mark.parametrize("spaces", SPACES)
@pytest.mark.parametrize("family", ["FoV cameras", FOCAL_CAMERAS])
def test_the_code_runs_and_arrives_at_the_pixel(study, spot, spaces, family):
    board = ask(study, spot, spaces=spaces, family=family, width=200, height=300)[-1]
    names = {}
    exec(board.panes["matrices"].text, names)
    last = list(rows(board).values())[3]
    assert np.allclose(names["x"][:3], last, atol=1e-2)
    mark = board.panes["perspective"].marks[0]
    assert (mark.x, mark.y) == pytest.approx(last[:2], abs=1e-9)


def test_the_marked_pixel_shows_the_vertex(study, spot):
    board = ask(study, spot)[-1]
    mark = board.panes["perspective"].marks[0]
    depth = board.panes["perspective"].values[int(mark.y), int(mark.x)]
    assert depth == pytest.approx(board.figures["Depth"], abs=0.05)


def test_perspective_size_falls_with_depth_and_orthographic_stays(study, spot):
    near, far = (ask(study, spot, distance=d, far=50.0)[-1] for d in (4.0, 8.0))
    areas = [[drawn(b.panes[name]).sum() for b in (near, far)] for name in ("perspective", "orthographic")]
    assert areas[0][0] / areas[0][1] == pytest.approx(4, rel=0.25)  # a cow is not flat
    assert areas[1][0] / areas[1][1] == pytest.approx(1, rel=0.01)


def test_nothing_is_culled_at_zfar_and_the_near_clip_is_at_half(study, spot):
    plain = ask(study, spot)[-1]
    beyond = ask(study, spot, far=2.0)[-1]
    assert np.array_equal(drawn(beyond.panes["perspective"]), drawn(plain.panes["perspective"]))
    assert beyond.figures["Beyond far"] > 0.8
    assert any("zfar" in note.text for note in beyond.notes)
    before = ask(study, spot, near=3.0)[-1]  # the nearest point is 1.6 m away: more than 3 / 2
    assert np.array_equal(drawn(before.panes["perspective"]), drawn(plain.panes["perspective"]))
    assert before.figures["Cut away"] == 0
    assert before.figures["Clipped at"] == 1.5
    cut = ask(study, spot, near=4.4)[-1]
    assert np.nanmin(cut.panes["perspective"].values) > 2.2
    assert np.array_equal(drawn(cut.panes["orthographic"]), drawn(plain.panes["orthographic"]))


def test_opengl_cuts_at_both(study, spot):
    board = ask(study, spot, spaces="OpenGL", near=2.2, far=2.6)[-1]
    for name in ("perspective", "orthographic"):
        depth = board.panes[name].values
        assert np.nanmin(depth) >= 2.2 - 1e-5
        assert np.nanmax(depth) <= 2.6 + 1e-5
    assert ask(study, spot, spaces="OpenGL", near=2.2, far=2.6)[-1].figures["Vertex"] == "cut away by near"


def test_focal_length_cameras_clip_nothing(study, spot):
    board = ask(study, spot, family=FOCAL_CAMERAS, near=4.4, far=5.0)[-1]
    assert board.figures["Clipped at"] == 0
    assert "near" not in board.panes["world"].entities
    assert rows(board)["NDC"][2] == pytest.approx(1 / board.figures["Depth"])


def test_what_is_past_the_planes_is_tinted(study, spot):
    plain, tinted = (ask(study, spot, near=4.0, far=4.1, tint=tint)[-1].panes["perspective"] for tint in (False, True))
    on = drawn(plain)
    assert np.array_equal(plain.pixels[~on], tinted.pixels[~on])
    r, _, b = tinted.pixels[on].astype(int).T
    assert (r > b).all()  # orange: all of it is before near
    assert (np.ptp(plain.pixels[on].astype(int), axis=1) < 10).all()


def test_field_of_view_and_focal_length_say_the_same(study, spot):
    angle = ask(study, spot, fov=60.0)[-1]
    focal = ask(study, spot, lens_by="focal length", focal=float(np.sqrt(3)))[-1]
    assert np.allclose(rows(angle)["screen"], rows(focal)["screen"])
    assert "1.7321" in angle.figures["Focal length"]


def test_the_principal_point_moves_the_picture(study, spot):
    here, there = (ask(study, spot, family=FOCAL_CAMERAS, shift_x=shift)[-1] for shift in (0.0, 30.0))
    moved = there.panes["perspective"].pixels[:, 30:]
    same = (moved == here.panes["perspective"].pixels[:, :-30]).all(axis=2)
    assert same.mean() > 0.99
    assert rows(there)["NDC"][0] == pytest.approx(rows(here)["NDC"][0] - 0.25)  # 30 px of 120, to the right is minus


def test_fov_cameras_off_centre_are_warned_of(study, spot):
    assert any(note.level == "warning" for note in ask(study, spot, shift_x=10.0)[-1].notes)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"vertex": 1453}, "visible"),
        ({"vertex": 1453, "azimuth": 0.0}, "hidden"),
        ({"vertex": 1453, "distance": 0.1, "near": 0.01}, "behind"),
        ({"vertex": 1453, "shift_x": 300.0}, "outside"),
        ({"vertex": 1453, "near": 8.0, "far": 9.0}, "cut away by near"),
    ],
)
def test_what_becomes_of_the_vertex(study, spot, values, words):
    """Vertex 1453 is the tip of the nose, which points to -Z."""
    if values.get("azimuth", 150.0) != 0.0:
        values = {"azimuth": 180.0} | values
    assert words in ask(study, spot, **values)[-1].figures["Vertex"]


def test_a_vertex_that_is_not_there_is_the_last_one(study, spot):
    board = ask(study, spot, vertex=1_000_000)[-1]
    assert np.allclose(rows(board)["world"], spot.verts[-1])
    assert any("2,930" in note.text for note in board.notes)


def test_quick_then_full(study, spot):
    quick, full = ask(study, spot, width=640, height=480)
    assert quick.panes["perspective"].size == full.panes["perspective"].size == (640, 480)
    assert quick.panes["perspective"].pixels.shape < full.panes["perspective"].pixels.shape == (480, 640, 3)
    assert quick.panes["world"] is full.panes["world"]
    assert len(ask(study, spot, width=200, height=100)) == 1


def test_answers_do_not_depend_on_what_was_asked_before(study, spot):
    ask(study, spot, azimuth=10.0, near=4.0)
    old, new = ask(study, spot)[-1], ask(PixelStudy(), spot)[-1]
    assert old.figures == new.figures
    assert np.array_equal(old.panes["perspective"].pixels, new.panes["perspective"].pixels)


@pytest.mark.parametrize("elevation", [-90.0, 90.0])
def test_straight_from_above_and_below(study, spot, elevation):
    assert drawn(ask(study, spot, elevation=elevation)[-1].panes["perspective"]).any()


def test_points(study):
    cloud = Points(np.random.default_rng(0).normal(size=(3000, 3)) * 80, origin=np.array([6e5, 0, 5e6]))
    board = ask(study, cloud, vertex=7)[-1]
    assert drawn(board.panes["perspective"]).any()
    assert any("out of the sliders' reach" in note.text for note in board.notes)


@pytest.mark.parametrize("geometry", [None, Points(np.zeros((0, 3)))])
def test_nothing_to_see_is_an_error(study, geometry):
    with pytest.raises(StudyError, match="choose"):
        ask(study, geometry)


def test_near_beyond_far_is_an_error(study, spot):
    with pytest.raises(StudyError, match="near"):
        ask(study, spot, near=5.0, far=1.0)
