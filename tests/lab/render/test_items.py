"""What drafts and pictures at rest show of an entity, without drawing anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from lab.render.camera import Camera
from lab.render.coarse import Limits
from lab.render.drawing import Piece
from lab.render.frustum import frustum_of
from lab.render.items import Interrupted, Item
from lab.render.messages import Style, View
from lab.render.topology import Memory
from lab.scene import Entity, Image, Lines, Mesh, Points
from tests.lab.render.render_help import sphere

LIMITS = Limits(faces=4000, lines=3000, points=500, at_rest=2000)
VIEW = View(Camera(distance=4), 400, 300)


class Staged:
    """An item that notes which parts it discarded."""

    def __init__(self, entity: Entity, style: Style | None = None) -> None:
        self.gone: list[str] = []
        self.memory = Memory()
        self.item = Item("a", entity, LIMITS, self.memory, self.gone.append)
        self.item.style = style or Style()

    def pieces(self, draft: bool, view: View = VIEW, pause: Callable[[], None] = lambda: None) -> list[Piece]:
        assert self.item.box is not None
        frustum = frustum_of(view.camera, view.width, view.height, *self.item.box)
        self.item.build(view, frustum, draft=draft, pause=pause)
        return [part.piece for part in self.item.parts]

    def only(self, draft: bool, view: View = VIEW) -> Piece:
        (piece,) = self.pieces(draft, view)
        return piece


def cloud(count: int, **more: object) -> Points:
    verts = np.random.default_rng(0).uniform(-1, 1, (count, 3)).astype(np.float32)
    return Points(verts, **more)


def test_small_entities_are_the_same_in_drafts_and_at_rest():
    for entity in (sphere(3), cloud(500), Lines(np.eye(3), [[0, 1]])):
        staged = Staged(entity)
        assert staged.only(True) is staged.only(False)


def test_a_draft_of_a_large_mesh_is_coarse_and_works_nothing_out_for_full_quality():
    staged = Staged(sphere(5), Style(wireframe=True))
    faces, wires = staged.pieces(True)
    assert 2000 < len(faces.indices) < 6500
    assert len(wires.indices) <= 3000
    assert [part.name for part in staged.item.all_parts()] == ["a\ndraft0", "a\ndraft1"]
    whole, all_wires = staged.pieces(False)
    assert (len(whole.indices), len(all_wires.indices)) == (20_480, 30_720)
    assert staged.pieces(True) == [faces, wires]  # the same as before, nothing was made anew
    assert staged.gone == []


def test_coarse_faces_are_not_shown_as_if_they_were_those_of_the_mesh():
    flat = replace(VIEW, shading="flat")
    draft, rest = Staged(sphere(5)).only(True, flat), Staged(sphere(5)).only(False, flat)
    assert len(draft.verts) < len(draft.indices)  # shared: a smooth surface
    assert len(rest.verts) == 3 * len(rest.indices)


def test_faces_that_are_all_there_stay_flat_when_only_the_wires_are_thinned():
    staged = Staged(sphere(4), Style(wireframe=True))
    staged.item._limits = Limits(faces=6000, lines=3000)
    faces, wires = staged.pieces(True, replace(VIEW, shading="flat"))
    assert len(faces.verts) == 3 * len(faces.indices) == 3 * 5120
    assert len(wires.indices) <= 3000


def test_moving_vertices_keep_the_coarse_faces_and_drop_what_was_shown_at_rest():
    fine = sphere(5)
    staged = Staged(fine)
    first = staged.only(True)
    staged.pieces(False)
    staged.item.put(replace(fine, verts=fine.verts * np.float32(2)))
    assert staged.gone == ["a\nrest0"]
    moved = staged.only(True)
    assert moved.indices is first.indices
    np.testing.assert_allclose(moved.verts, 2 * first.verts)
    assert staged.gone == ["a\nrest0", "a\ndraft0"]
    staged.item.drop()
    assert staged.gone[2:] == ["a\ndraft0"]
    assert not staged.item.all_parts()


def test_vector_fields_are_the_same_in_drafts():
    fine = sphere(5)
    staged = Staged(replace(fine, vectors={"g": fine.verts}), Style(arrows={"g": (1, 0, 0)}))
    coarse, arrows = staged.pieces(True)
    whole, same = staged.pieces(False)
    assert arrows.xray
    assert same is arrows
    assert len(coarse.verts) < len(whole.verts)


def test_a_huge_cloud_shows_some_of_its_points_far_away_and_all_of_them_close_by():
    verts = cloud(50_000).verts
    staged = Staged(Points(verts, colors=np.abs(verts)), Style(point_size=1))
    first = staged.only(True)  # before anything was sorted
    assert len(first.verts) == 500
    rest = staged.only(False)
    assert len(rest.verts) == pytest.approx(2000, rel=0.1)
    np.testing.assert_array_equal(rest.albedo, np.abs(rest.verts))
    assert rest.size == 1
    assert len(staged.only(True).verts) == pytest.approx(500, rel=0.1)
    into = replace(VIEW.camera, distance=0.05, orthographic=True)  # a thin needle through the cloud
    close = staged.only(False, replace(VIEW, camera=into))
    pixels, _ = into.project(verts, VIEW.width, VIEW.height)
    inside = ((pixels > 0.01) & (pixels < np.array((VIEW.width, VIEW.height)) - 0.01)).all(axis=1)
    shown = {tuple(vert) for vert in close.verts.tolist()}
    assert 5 < inside.sum() < 500
    assert all(tuple(vert) in shown for vert in verts[inside].tolist())


def test_a_huge_cloud_out_of_view_is_nothing():
    staged = Staged(cloud(50_000))
    assert staged.pieces(False)
    away = replace(VIEW, camera=replace(VIEW.camera, pivot=(0.0, 0.0, 50.0)).standard("back"))
    assert staged.pieces(True, away) == staged.pieces(False, away) == []
    assert len(staged.only(True).verts) == pytest.approx(500, rel=0.1)


def test_fewer_points_are_larger():
    staged = Staged(cloud(2000), Style(point_size=3))
    staged.pieces(False)
    assert staged.only(True).size == pytest.approx(6, rel=0.05)  # a quarter of them
    assert staged.only(False).size == 3
    assert Staged(cloud(600), Style(point_size=3)).only(True).size == pytest.approx(3 * np.sqrt(2), rel=0.05)


def test_a_point_of_a_plain_cloud_has_the_same_shade_however_many_there_are():
    staged = Staged(cloud(50_000))
    draft, rest = staged.only(True), staged.only(False)
    shades = {tuple(v): shade for v, shade in zip(rest.verts.tolist(), rest.albedo[:, 0].tolist(), strict=True)}
    common = [
        (shades[tuple(v)], s)
        for v, s in zip(draft.verts.tolist(), draft.albedo[:, 0], strict=True)
        if tuple(v) in shades
    ]
    assert len(common) > 10
    for one, other in common:
        assert one == pytest.approx(other)


def test_the_range_of_a_scalar_is_that_of_all_points():
    verts = cloud(50_000).verts
    values = np.zeros(50_000, np.float32)
    values[123] = 10.0
    staged = Staged(Points(verts, scalars={"v": values}), Style(scalar="v", colormap="grey"))
    assert staged.item.scalar_range() == (0, 10)
    assert staged.only(True).albedo.max() < 0.01


def test_sorting_a_cloud_goes_on_where_it_was_interrupted():
    staged = Staged(cloud(50_000))
    allowed, calls = 1, 0

    def pause() -> None:
        nonlocal calls
        calls += 1
        if calls >= allowed:
            raise Interrupted

    rounds = 0
    while True:
        calls, rounds = 0, rounds + 1
        try:
            staged.pieces(False, pause=pause)
        except Interrupted:
            assert len(staged.only(True).verts) == pytest.approx(500, rel=0.1)  # drafts go on meanwhile
            if staged.item.cells is None:
                continue
        break
    assert rounds > 5  # one step each time, and yet it comes to an end
    assert len(staged.only(False).verts) == pytest.approx(2000, rel=0.1)


def test_other_colours_need_no_sorting():
    first = cloud(50_000)
    staged = Staged(first)
    staged.pieces(False)
    cells = staged.item.cells
    assert cells is not None
    staged.item.put(Points(first.verts, colors=np.ones((50_000, 3), np.float32)))
    assert staged.item.cells is cells
    assert (staged.only(False).albedo == 1).all()
    staged.item.put(cloud(40_000))
    assert staged.item.cells is None


def test_nothing_is_remembered_of_values_that_are_gone():
    """A run that streams scalars would else keep the last ones of many steps."""
    verts = cloud(1000).verts
    staged = Staged(Points(verts, scalars={"v": verts[:, 0].copy()}), Style(scalar="v"))
    for step in range(5):
        staged.item.put(Points(verts, scalars={"v": np.full(1000, step, np.float32)}))
        assert staged.item.scalar_range() == (step, step)
    assert len(staged.memory._results) == 1
    staged.item.drop()
    assert not staged.memory._results


def test_a_mesh_without_faces_is_a_cloud_and_an_image_is_nothing():
    staged = Staged(Mesh(cloud(50_000).verts, np.zeros((0, 3))))
    piece = staged.only(True)
    assert (piece.kind, len(piece.verts)) == ("points", 500)
    assert staged.only(True) is piece
    image = Staged(Image(np.zeros((4, 4, 3), np.uint8))).item
    assert not image.visible
    assert image.parts == []
