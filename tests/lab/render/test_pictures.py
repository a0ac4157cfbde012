"""Real pictures of the render process: colours to the byte, drafts against full quality, what hides what."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lab.render.camera import Camera
from lab.render.messages import Style, View
from lab.scene import Lines, Material, Mesh, Points
from tests.lab.render.render_help import Watched, plain_view, sphere, square

GREYS = [0.0, 0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 1.0]


def put(watched: Watched, entity, style: Style | None = None, path: str = "a") -> None:
    watched.client.set_entity(path, entity)
    watched.client.set_style(path, style or Style())


def middle(pixels: np.ndarray) -> np.ndarray:
    return pixels[pixels.shape[0] // 2, pixels.shape[1] // 2]


@pytest.mark.parametrize("draft", [True, False])
def test_unlit_colours_come_out_as_given(watched, draft):
    for value in GREYS:
        color = np.array([value, 1 - value, 0.3])
        put(watched, square(color))
        assert np.abs(middle(watched.pixels(plain_view(), draft)) - color * 255).max() <= 1


def test_style_scalar_and_texture_colours_come_out_as_given(watched):
    put(watched, square(), Style(color=(0.2, 0.4, 0.6)))
    assert np.abs(middle(watched.pixels(plain_view())) - (51, 102, 153)).max() <= 1
    put(watched, replace(square(), scalars={"d": np.full(4, 0.25, np.float32)}), Style(scalar="d", scalar_range=(0, 1)))
    assert np.abs(middle(watched.pixels(plain_view())) - (59, 82, 139)).max() <= 2  # viridis at a quarter: #3b528b
    for color in ((51, 102, 153), (5, 128, 250)):
        texture = np.tile(np.array(color, np.uint8), (8, 8, 1))
        uvs = np.array([[[0, 0], [1, 0], [1, 1]], [[0, 0], [1, 1], [0, 1]]], np.float32)
        put(watched, replace(square(), uvs=uvs, materials=(Material("m", (0.3, 0.3, 0.3), texture),)))
        assert np.abs(middle(watched.pixels(plain_view())) - color).max() <= 2


def test_a_texture_stands_upright(watched):
    texture = np.zeros((8, 8, 3), np.uint8)
    texture[:4] = (250, 20, 20)  # row 0 is the top
    uvs = np.array([[[0, 0], [1, 0], [1, 1]], [[0, 0], [1, 1], [0, 1]]], np.float32)
    put(watched, replace(square(), uvs=uvs, materials=(Material("m", texture=texture),)))
    pixels = watched.pixels(plain_view())
    assert pixels[10, 48, 0] > 240
    assert pixels[54, 48, 0] < 10


@pytest.mark.parametrize("background", [(0.11, 0.12, 0.14), (0.925, 0.933, 0.945), (0, 0, 0)])
def test_the_background_is_exact(watched, background):
    for draft in (True, False):
        pixels = watched.pixels(replace(plain_view(), background=background), draft)
        assert np.abs(pixels - np.array(background) * 255).max() <= 1


@pytest.mark.parametrize("shading", ["lit", "flat", "normals", "depth", "unlit"])
def test_draft_and_full_quality_have_the_same_colours(watched, shading):
    mesh = sphere(3)
    put(watched, replace(mesh, scalars={"d": mesh.verts[:, 1].copy()}), Style(scalar="d"))
    view = replace(plain_view(240, 180, shading, Camera(distance=4)), grid=True)
    draft, full = watched.pixels(view, True), watched.pixels(view, False)
    assert np.abs(draft - full).mean() < 1.0
    inside = np.s_[60:120, 80:160]
    assert np.abs(draft[inside] - full[inside]).max() <= 6
    assert full[inside].std() > 3


def test_full_quality_smooths_edges(watched):
    tilted = square((1, 1, 1))
    put(watched, replace(tilted, verts=tilted.verts @ np.array([[0.8, 0.2, 0], [-0.2, 0.8, 0], [0, 0, 1]], np.float32)))
    draft, full = watched.pixels(plain_view(), True), watched.pixels(plain_view(), False)
    assert set(np.unique(draft)) <= {0, 255}
    assert 6 <= len(np.unique(full)) <= 9  # the eight shares of a pixel
    assert full.mean() == pytest.approx(draft.mean(), rel=0.02)


def test_flat_faces_are_of_one_colour_and_lit_ones_are_not(watched):
    put(watched, sphere(1))
    view = plain_view(240, 180, "flat", Camera(distance=4))
    flat = len(np.unique(watched.pixels(view).reshape(-1, 3), axis=0))
    lit = len(np.unique(watched.pixels(replace(view, shading="lit")).reshape(-1, 3), axis=0))
    assert flat <= 42
    assert lit > 4 * flat


def test_normals_face_the_camera_in_blue(watched):
    put(watched, square())
    assert np.abs(middle(watched.pixels(plain_view(shading="normals"))) - (128, 128, 255)).max() <= 1


def test_the_back_of_a_face_is_seen_and_dimmer(watched):
    put(watched, square((0.8, 0.8, 0.8)))
    view = plain_view(shading="lit")
    front = middle(watched.pixels(view))
    back = middle(watched.pixels(replace(view, camera=view.camera.standard("back"))))
    assert 20 < back[0] < 0.8 * front[0]


def test_what_is_nearer_hides_what_is_behind(watched):
    near, far = square((1, 0, 0)), square((0, 1, 0))
    put(watched, replace(near, verts=near.verts * np.float32(0.5) + np.float32([0, 0, 0.01])), path="a")
    put(watched, far, path="b")
    pixels = watched.pixels(plain_view())
    assert middle(pixels).tolist() == [255, 0, 0]
    assert pixels[4, 48].tolist() == [0, 255, 0]


def test_invisible_and_removed_entities_are_gone(watched):
    put(watched, square((1, 0, 0)))
    assert middle(watched.pixels(plain_view()))[0] == 255
    watched.client.set_style("a", Style(visible=False))
    assert watched.pixels(plain_view()).max() == 0
    watched.client.set_style("a", Style())
    assert middle(watched.pixels(plain_view()))[0] == 255
    watched.client.remove("a")
    assert watched.pixels(plain_view()).max() == 0


@pytest.mark.parametrize("opacity", [0.25, 0.6])
def test_opacity_mixes_with_what_is_behind(watched, opacity):
    near, far = square((1, 0, 0)), square((0, 0, 1))
    put(watched, replace(near, verts=near.verts + np.float32([0, 0, 0.5])), Style(opacity=opacity), path="a")
    put(watched, far, path="b")
    for draft in (True, False):
        wanted = 255 * np.array([opacity, 0, 1 - opacity])
        assert np.abs(middle(watched.pixels(plain_view(), draft)) - wanted).max() <= 1


def test_one_does_not_see_the_back_of_a_translucent_body(watched):
    put(watched, sphere(3), Style(opacity=0.5, color=(1, 1, 1)))
    values = watched.pixels(plain_view(camera=Camera(distance=4)))
    assert set(np.unique(values)) <= {0, 127, 128}


def test_points_have_their_size(watched):
    put(watched, Points(np.zeros((1, 3)), colors=np.array([[1, 0.5, 0]])), Style(point_size=5))
    view = plain_view(97, 65)
    pixels = watched.pixels(view)
    assert (pixels[..., 0] > 0).sum() == 25
    assert middle(pixels).tolist() == [255, 128, 0]
    assert (watched.pixels(replace(view, pixel_scale=2.0))[..., 0] > 0).sum() == 100


def test_large_clouds_are_thinned_in_drafts_only(watched):
    rng = np.random.default_rng(0)
    verts = rng.uniform(-1, 1, (120_000, 3)).astype(np.float32)
    put(watched, Points(verts, colors=np.ones((120_000, 3), np.float32)), Style(point_size=1))
    view = plain_view(480, 320)
    draft, full = watched.pixels(view, True), watched.pixels(view, False)
    assert 0.3 < (draft > 0).mean() / (full > 0).mean() < 1.0


@pytest.mark.parametrize("orthographic", [False, True])
@pytest.mark.parametrize("distance", [1.5, 40.0])
def test_lines_keep_their_width_at_any_distance(watched, orthographic, distance):
    put(watched, Lines(np.array([[-50, 0.0, 0], [50, 0, 0]]), np.array([[0, 1]]), np.array([[1, 1, 1]])))
    camera = Camera(distance=distance, orthographic=orthographic)
    view = replace(plain_view(96, 65, camera=camera), pixel_scale=2.0)  # 1.5 pixels at scale 2
    assert (watched.pixels(view)[:, 48, 0] > 0).sum() == 3


def test_wires_lie_on_the_surface(watched):
    put(watched, sphere(2), Style(color=(1, 1, 1), wireframe=True))
    view = plain_view(240, 180, camera=Camera(distance=4))
    pixels = watched.pixels(view)[..., 0]
    dark = (pixels > 0) & (pixels < 100)
    assert 0.05 < dark.sum() / (pixels > 0).sum() < 0.5
    assert pixels[90, 120] > 0


def test_hidden_arrows_show_faintly(watched):
    body = sphere(3)
    inward = replace(body, vectors={"g": -body.verts * np.float32(0.5)})
    view = plain_view(240, 180, camera=Camera(distance=4))
    put(watched, inward, Style(color=(1, 1, 1)))
    without = watched.pixels(view)
    put(watched, inward, Style(color=(1, 1, 1), arrows={"g": (0, 0, 1)}, arrow_scale=1.0))
    with_arrows = watched.pixels(view)
    inside = np.s_[70:110, 100:140]
    change = without[inside][..., 0] - with_arrows[inside][..., 0]
    assert (change > 20).mean() > 0.1
    assert change.max() < 80  # only a trace of them


def test_data_far_from_zero_looks_the_same(watched):
    origin = np.array([636_600.0, 500.0, 849_200.0])
    body = sphere(3)
    pivot = np.array([0.123, -0.234, 0.345])
    view = plain_view(160, 120, "lit", Camera(pivot=tuple(pivot), distance=4).orbit(0.3, 0.2))
    put(watched, body)
    near = watched.pixels(view)
    put(watched, replace(body, origin=origin))
    far = watched.pixels(replace(view, camera=replace(view.camera, pivot=tuple(origin + pivot))))
    assert np.abs(near - far).max() <= 2


def test_the_grid_lies_below_and_the_box_around(watched):
    put(watched, sphere(3))
    view = plain_view(160, 120, "lit", Camera(distance=6).orbit(0.3, 0.3))
    plain = watched.pixels(view)
    grid = watched.pixels(replace(view, grid=True, grid_color=(1, 1, 1)))
    changed = np.argwhere((grid != plain).any(axis=2))
    assert len(changed) > 200
    assert changed[:, 0].mean() > 60  # rows: in the lower half
    box = watched.pixels(replace(view, bounding_box=True))
    assert (box != plain).any(axis=2).sum() > 100


def test_a_run_that_explodes_does_not_take_the_viewport_along(watched):
    body = sphere(3)
    verts = body.verts.copy()
    verts[::7] = np.nan
    verts[3] = np.inf
    put(watched, Mesh(verts, body.faces))
    put(watched, Mesh(body.verts, np.array([[0, 1, 2], [0, 1, 99999], [-5, 0, 1]])), path="b")
    put(watched, Points(np.full((4, 3), np.nan, np.float32)), path="c")
    assert watched.pixels(plain_view(camera=Camera(distance=4))).max() > 100


def test_reported_ranges_are_those_used(watched):
    mesh = replace(square(), scalars={"d": np.array([1, 2, 3, 4], np.float32)})
    put(watched, mesh, Style(scalar="d"))
    assert watched.draw(plain_view()).scalar_ranges == {"a": (1.0, 4.0)}
    put(watched, mesh, Style(scalar="d", scalar_range=(0, 9)))
    assert watched.draw(plain_view()).scalar_ranges == {"a": (0, 9)}
    put(watched, mesh)
    assert watched.draw(plain_view()).scalar_ranges == {}


def test_tiles_fit_together(offline):
    """A picture larger than a tile is the same, seam and all, as the middle of it drawn alone."""
    body = sphere(3)
    view = View(Camera(distance=4).orbit(0.3, 0.2), 2400, 300, "lit", grid=False, background=(0, 0, 0))
    wide = offline.render({"a": body}, {}, view).astype(int)
    narrow = offline.render({"a": body}, {}, replace(view, width=800)).astype(int)
    assert wide.shape == (300, 2400, 3)
    assert np.abs(wide[:, 800:1600] - narrow).max() <= 3
    assert np.abs(wide[:, 800:1600] - narrow).mean() < 0.02
