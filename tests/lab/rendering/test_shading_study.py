"""The shading lab: pictures that agree, terms that add up to the pixel, the course's images, quick and full."""

import numpy as np
import pytest

from lab.chapters.rendering.shading import DEPTH, DIFFERENCE, GREY, NORMALS, SHADING, TURNTABLE, ShadingParams
from lab.examples import example_path
from lab.formats.files import read
from lab.params import build
from lab.rendering.look import camera_of, look_of
from lab.rendering.shading_study import ShadingStudy
from lab.rendering.views import BACKGROUNDS, subject_of, to_screen
from lab.scene import Material, Mesh, Points
from lab.shading.course import course_image
from lab.study import Film, StudyContext, StudyError

SMALL = {"width": 96, "height": 72, "pixel_x": 52.5, "pixel_y": 26.5}


@pytest.fixture(scope="module")
def spot():
    return read(example_path("spot")).entity


@pytest.fixture(scope="module")
def study():
    return ShadingStudy()


def ask(study, geometry, action="", **values):
    ctx = StudyContext(inputs={"object": geometry}, action=action)
    return list(study.boards(build(ShadingParams, SMALL | values), ctx))


def numbers(board):
    table = board.panes["terms"]
    return dict(zip(table.cells[0], np.stack(table.cells[1:4], axis=1), strict=True))


def test_the_first_board_is_a_good_one(study, spot):
    board = list(study.boards(build(ShadingParams, {}), StudyContext(inputs={"object": spot})))[-1]
    assert {pane.key for row in SHADING.panes for pane in row} == set(board.panes)
    assert board.notes == ()
    assert board.panes["render"].pixels.shape == (240, 320, 3)
    ground = (board.panes["render"].pixels == to_screen(BACKGROUNDS[GREY])).all(axis=2)
    assert 0.5 < ground.mean() < 0.95
    assert not ground[int(board.panes["render"].marks[0].y), int(board.panes["render"].marks[0].x)]


@pytest.mark.parametrize("given", SHADING.presets, ids=lambda preset: preset.title)
def test_every_preset_shows_the_object_and_the_pixel_adds_up(study, spot, given):
    scale = 72 / given.values.get("height", 240)
    shape = {"width": round(given.values.get("width", 320) * scale), "height": 72}
    values = given.values | shape | {"pixel_x": 178.5 * 72 / 240, "pixel_y": 36.5}
    board = ask(study, spot, **values)[-1]
    found = numbers(board)
    terms = sum(value for name, value in found.items() if name not in ("texel", "sum = pixel"))
    assert found["sum = pixel"] == pytest.approx(terms)
    mark = board.panes["render"].marks[0]
    assert np.array_equal(to_screen(found["sum = pixel"]), board.panes["render"].pixels[int(mark.y), int(mark.x)])
    assert np.unique(board.panes["render"].pixels.reshape(-1, 3), axis=0).shape[0] > 1


@pytest.mark.parametrize("values", [{"interpolation": "flat"}, {"interpolation": "Gouraud"}, {"model": "Blinn-Phong"}])
@pytest.mark.parametrize("samples", [1, 2, 3])
@pytest.mark.parametrize("x", [52.5, 40.5, 30.5])
def test_the_terms_are_those_of_the_render(study, spot, values, samples, x):
    board = ask(study, spot, samples=samples, pixel_x=x, specular_red=0.2, light_red=0.5, **values)[-1]
    shown = board.panes["render"].pixels[26, int(x)].astype(int)
    assert np.abs(to_screen(numbers(board)["sum = pixel"]).astype(int) - shown).max() <= 1


def test_the_rasteriser_and_the_rays_agree(study, spot):
    """Each sees through the pixels' centres; they differ only where an edge passes through one."""
    board = ask(study, spot, width=160, height=120)[-1]
    assert board.figures["Pixels that differ"] <= 3
    differs = (board.panes["render"].pixels != board.panes["raycast"].pixels).any(axis=2)
    assert differs.mean() < 0.02


def test_shadows_are_in_the_ray_cast_only(study, spot):
    lit = ask(study, spot, light="directional", towards_x=0.9, towards_y=1.1, towards_z=0.2)[-1]
    dark = ask(
        study, spot, light="directional", towards_x=0.9, towards_y=1.1, towards_z=0.2, shadows=True, compare=DIFFERENCE
    )[-1]
    assert np.array_equal(lit.panes["render"].pixels, dark.panes["render"].pixels)
    before, after = (board.panes["raycast"].pixels.astype(int) for board in (lit, dark))
    assert (after <= before).all()
    assert (after < before).any(axis=2).sum() > 20
    assert dark.panes["compare"].values.max() > 0.1


@pytest.mark.parametrize("name", ["front", "back", "dark", "green", "red", "blue"])
def test_presets_are_the_courses_images(spot, name):
    (preset,) = [preset for preset in SHADING.presets if preset.title == f"Course: {name}"]
    params = build(ShadingParams, preset.values)
    image = course_image(name)
    camera, look = camera_of(params, subject_of(spot)[0]), look_of(params)
    assert (camera.width, camera.height) == (512, 512)
    assert np.allclose(camera.c2w, image.camera.c2w)
    assert [camera.fx, camera.cx] == pytest.approx([image.camera.fx, image.camera.cx])
    assert look.material == image.look.material
    (light,), (other,) = look.lights, image.look.lights
    assert light.location == pytest.approx(other.location)
    assert (light.ambient, light.diffuse, light.specular) == (other.ambient, other.diffuse, other.specular)
    assert (look.model, look.interpolation, look.background, look.plain) == ("Phong", "Phong", (1, 1, 1), (1, 1, 1))


def test_the_light_behind_leaves_the_ambient_term(study, spot):
    board = ask(study, spot, light_x=-1.2, light_y=0.0, light_z=6.0)[-1]
    found = numbers(board)
    assert board.figures["n · l"] < 0
    assert not found["diffuse"].any()
    assert not found["specular"].any()
    assert found["sum = pixel"] == pytest.approx(found["ambient"])
    assert any("behind" in note.text for note in board.notes)


def test_ambient_light_is_texel_times_ambient(study, spot):
    board = ask(study, spot, light="ambient", light_ambient=0.5)[-1]
    assert numbers(board)["sum = pixel"] == pytest.approx([0.465, 0.33, 0.18])
    assert "n · l" not in board.figures


def test_the_background_is_told_of(study, spot):
    board = ask(study, spot, pixel_x=2.5, pixel_y=2.5)[-1]
    assert numbers(board)["sum = pixel"] == pytest.approx(BACKGROUNDS[GREY])
    assert "Face" not in board.figures
    assert "normal" not in board.panes["world"].entities


def test_arrows_stand_at_the_probed_point(study, spot):
    world = ask(study, spot)[-1].panes["world"]
    starts = [world.entities[name].verts[0] for name in ("normal", "eye", "to light", "mirrored")]
    assert np.allclose(starts, world.entities["ray"].verts[1], atol=1e-4)
    assert [handle.key for handle in world.handles] == ["light"]


def test_a_texture_is_shown(study):
    """A wall with a texture of two pixels, red and blue: 35 % from its left the texel is 65 % red and 35 % blue."""
    wall = Mesh(
        np.array([[-1.0, -1.0, 0.0], [1.0, -1.0, 0.0], [1.0, 1.0, 0.0], [-1.0, 1.0, 0.0]]),
        np.array([[0, 1, 2], [0, 2, 3]]),
        uvs=np.array([[[0, 0], [1, 0], [1, 1]], [[0, 0], [1, 1], [0, 1]]]),
        face_materials=np.zeros(2),
        materials=(Material("two", texture=np.array([[[255, 0, 0], [0, 0, 255]]], np.uint8)),),
    )
    values = {"azimuth": 0.0, "elevation": 0.0, "distance": 2.0, "fov": 90.0, "light": "ambient", "light_ambient": 1.0}
    size = {"width": 60, "height": 60, "pixel_y": 30.5}  # 30 px wide in the middle
    board = ask(study, wall, pixel_x=25.5, **values, **size)[-1]  # 10.5 px into it: u = 0.35
    assert numbers(board)["texel"] == pytest.approx([0.65, 0.0, 0.35], abs=1e-3)
    off = ask(study, wall, pixel_x=25.5, texture=False, **values, **size)[-1]
    assert numbers(off)["texel"] == pytest.approx([0.93, 0.66, 0.36])
    assert off.panes["viewport"].styles["object"].color is not None
    assert board.panes["viewport"].styles["object"].color is None


def test_depth_and_normals(study, spot):
    depth = ask(study, spot, compare=DEPTH)[-1].panes["compare"]
    assert 1.0 < np.nanmin(depth.values) < np.nanmax(depth.values) < 4.0
    normals = ask(study, spot, compare=NORMALS)[-1].panes["compare"].pixels
    assert len(np.unique(normals.reshape(-1, 3), axis=0)) > 100


def test_a_large_picture_has_a_quick_one_before_it(study, spot):
    quick, full = ask(study, spot, width=640, height=480, pixel_x=356.5, pixel_y=200.5)
    assert quick.panes["render"].size == full.panes["render"].size == (640, 480)
    assert quick.panes["render"].pixels.shape < full.panes["render"].pixels.shape == (480, 640, 3)
    assert quick.panes["render"].marks == full.panes["render"].marks
    assert len(ask(study, spot)) == 1


def test_a_turn_comes_back(study, spot):
    *_, board = ask(study, spot, action=TURNTABLE, frames=8)
    film = board.results["turntable"]
    assert isinstance(film, Film)
    assert film.frames.shape == (8, 72, 96, 3)
    assert np.array_equal(film.frames[0], board.panes["render"].pixels)
    assert not np.array_equal(film.frames[4], film.frames[0])
    assert board.results["depth"].values.shape == (72, 96)


def test_answers_do_not_depend_on_what_was_asked_before(study, spot):
    ask(study, spot, azimuth=20.0, samples=2, shadows=True)
    old, new = ask(study, spot)[-1], ask(ShadingStudy(), spot)[-1]
    assert old.figures == new.figures
    for pane in ("render", "raycast", "compare"):
        assert np.array_equal(old.panes[pane].pixels, new.panes[pane].pixels)


def test_a_light_without_direction_is_an_error(study, spot):
    with pytest.raises(StudyError, match="direction"):
        ask(study, spot, light="directional", towards_x=0.0, towards_y=0.0, towards_z=0.0)


@pytest.mark.parametrize("geometry", [None, Points(np.random.default_rng(0).random((9, 3)))])
def test_nothing_to_shade_is_an_error(study, geometry):
    with pytest.raises(StudyError, match="choose"):
        ask(study, geometry)
