"""Large data in the real render process: drafts look like full quality, nothing old stays, memory stays bounded."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import psutil
import pytest

from lab.render.camera import Camera
from lab.render.messages import Picked, Style, View
from lab.render.picking import Picker
from lab.scene import Array, Material, Mesh, Points
from tests.lab.render.render_help import Watched, plain_view, sphere
from tests.lab.render.test_cells import cells_of, shell

VIEW = plain_view(320, 240, "lit", Camera(distance=3.5).orbit(0.3, 0.2))


@pytest.fixture
def own() -> Iterator[Watched]:
    watched = Watched()
    watched.ready()
    yield watched
    watched.client.close()


@pytest.fixture(scope="module")
def fine() -> Mesh:
    """81,920 faces, and not quite a ball."""
    ball = sphere(6)
    return Mesh(ball.verts * (1 + 0.08 * np.sin(5 * ball.verts[:, :1] + 3 * ball.verts[:, 1:2])), ball.faces)


def seen(watched: Watched, view: View, draft: bool) -> Array:
    """The picture, brought to the view's size: on a busy machine drafts are smaller."""
    pixels = watched.pixels(view, draft)
    rows, columns = (np.arange(n) * m // n for n, m in zip((view.height, view.width), pixels.shape, strict=False))
    return pixels[rows][:, columns]


def difference(one: Array, other: Array) -> float:
    """The mean difference of two pictures, of 255, where either shows something."""
    shown = (one > 0).any(axis=2) | (other > 0).any(axis=2)
    assert shown.mean() > 0.05
    return float(np.abs(one.astype(int) - other)[shown].mean())


@pytest.mark.parametrize("shading", ["lit", "flat", "normals", "depth", "unlit"])
def test_a_coarse_draft_looks_like_the_picture_at_rest(watched, fine, shading):
    watched.client.set_entity("a", fine)
    watched.client.set_style("a", Style())
    view = replace(VIEW, shading=shading)
    assert difference(seen(watched, view, True), seen(watched, view, False)) < 4


def test_a_textured_mesh_has_its_colours_in_drafts(watched, fine):
    texture = np.zeros((32, 32, 3), np.uint8)
    texture[:16], texture[16:] = (255, 200, 0), (0, 120, 255)
    uvs = (fine.verts[fine.faces][..., :2] * np.float32(0.4) + np.float32(0.5)).astype(np.float32)
    painted = replace(fine, uvs=uvs, materials=(Material("m", texture=texture),))
    watched.client.set_entity("a", painted)
    watched.client.set_style("a", Style())
    assert difference(seen(watched, VIEW, True), seen(watched, VIEW, False)) < 8


def test_a_huge_cloud_looks_alike_in_drafts(watched):
    verts = shell(700_000)
    watched.client.set_entity("a", Points(verts, colors=np.abs(verts)))
    watched.client.set_style("a", Style(point_size=3))
    at_first, full = seen(watched, VIEW, True), seen(watched, VIEW, False)
    for draft in (at_first, seen(watched, VIEW, True)):
        assert difference(draft, full) < 12


def test_nothing_of_an_interrupted_picture_is_seen(watched, fine):
    """A large mesh at rest, then a smaller one whose picture in full quality is given up: the old one is gone."""
    watched.client.set_entity("a", fine)
    watched.client.set_style("a", Style())
    assert seen(watched, VIEW, False).max() > 0
    small = Mesh(fine.verts * np.float32(0.5), fine.faces)
    for _ in range(3):
        watched.client.set_entity("a", small)
        watched.client.draw(VIEW, False)
        watched.sent()
        draft = seen(watched, VIEW, True)
        whole = seen(watched, VIEW, False)
        assert difference(draft, whole) < 6
        assert not draft[:40].any()
        small = Mesh(fine.verts * np.float32(0.45), fine.faces)


def test_a_cut_through_a_large_mesh(watched, fine):
    watched.client.set_entity("a", fine)
    watched.client.set_style("a", Style(color=(1, 1, 1)))
    view = plain_view(200, 200, "unlit")  # 2 metres high, from +Z
    cut = replace(view, clip=(1.0, 0.0, 0.0, -0.25))
    for draft in (True, False):
        shown = seen(watched, cut, draft)[100, :, 0] > 127
        assert np.flatnonzero(shown)[0] == pytest.approx(125, abs=2)
    outside = replace(view, clip=(1.0, 0.0, 0.0, -5.0))
    assert seen(watched, outside, True).max() == seen(watched, outside, False).max() == 0
    assert seen(watched, view, True).max() == 255


def test_memory_stays_bounded_while_one_looks_around_in_a_huge_cloud(own):
    own.draw(VIEW, False)
    process = psutil.Process(own.client.pid)
    empty = process.memory_info().rss
    verts = shell(2_000_000)
    cloud = Points(verts, colors=np.abs(verts))
    own.client.set_entity("a", cloud)

    def look_around(turns: int) -> int:
        for turn in range(turns):
            view = replace(VIEW, camera=replace(VIEW.camera, distance=1.5).orbit(0.2 * turn, 0.0))
            own.draw(view, True)
            own.draw(view, False)
        return process.memory_info().rss

    warm = look_around(3)
    assert warm - empty < 2 * cloud.nbytes + 250e6  # what Filament and OpenGL make of 600,000 points as well
    assert look_around(4) - warm < 40e6


def test_points_are_found_by_cell_as_without():
    verts = shell(20_000)
    cloud, cells = {"a": Points(verts, origin=np.array([100.0, 0, 0]))}, {"a": cells_of(verts)}
    picker, found = Picker(), 0
    rng = np.random.default_rng(0)
    for orthographic in (False, True):
        camera = replace(Camera(pivot=(100.0, 0, 0), distance=2.5).orbit(0.4, 0.3), orthographic=orthographic)
        for x, y in rng.uniform(0, (300, 200), (25, 2)):
            plain, by_cell = (
                picker.pick(cloud, {"a": Style()}, camera, x, y, (300, 200), cells=known) for known in ({}, cells)
            )
            assert (plain is None) == (by_cell is None)
            if plain is not None and by_cell is not None:
                assert plain.index == by_cell.index
                found += 1
    assert found > 15


def test_a_point_of_a_huge_cloud_that_no_picture_shows_can_be_picked(watched):
    """Of 700,000 points a picture holds 600,000; those that are picked are among all."""
    verts = shell(700_000)
    watched.client.set_entity("a", Points(verts))
    watched.client.set_style("a", Style())
    view = View(Camera(distance=3.5), 400, 300)
    watched.draw(view, False)
    near = np.flatnonzero(verts[:, 2] > 0.999)
    pixels, _ = view.camera.project(verts[near], 400, 300)
    for index, (x, y) in zip(near[:10], pixels[:10], strict=True):
        watched.client.pick(view, x, y)
        hit = watched.next(Picked).hit
        assert hit.index == index
