"""Huge clouds by cell: nothing is lost, what is in view is found, and what is drawn of it is evenly spread."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lab.render.camera import Camera
from lab.render.cells import Cells, evenly_shared, mixture, sorting
from lab.render.frustum import frustum_of, placed
from lab.scene import Array

SIZE = (400, 300)
EVERYTHING = 10**9


def cells_of(verts: Array) -> Cells:
    work = sorting(verts)
    while True:
        try:
            next(work)
        except StopIteration as finished:
            return finished.value


def shell(count: int, seed: int = 0) -> Array:
    """Points on the unit sphere."""
    verts = np.random.default_rng(seed).normal(size=(count, 3))
    return (verts / np.linalg.norm(verts, axis=1, keepdims=True)).astype(np.float32)


def visible(cells: Cells, verts: Array, camera: Camera, most: int, clip=None) -> tuple[Array, int]:
    frustum = frustum_of(camera, *SIZE, verts.min(axis=0), verts.max(axis=0))
    return cells.visible(verts, placed(camera, frustum, np.zeros(3), lift=False), frustum, most, clip)


def in_picture(verts: Array, camera: Camera) -> Array:
    pixels, depths = camera.project(verts, *SIZE)
    inside = (pixels >= 0).all(axis=1) & (pixels <= SIZE).all(axis=1)
    return inside & ((depths > 0) | camera.orthographic)


@given(arrays.arrays(np.float32, st.tuples(st.integers(1, 60), st.just(3)), elements=st.floats(-1e3, 1e3, width=32)))
@settings(max_examples=60, deadline=None)
def test_every_point_lies_in_the_ball_of_just_one_cell(verts):
    cells = cells_of(verts)
    assert sorted(cells.order.tolist()) == list(range(len(verts)))
    assert cells.counts.min() > 0
    of_cell = np.repeat(np.arange(len(cells.counts)), cells.counts)
    away = np.linalg.norm(verts[cells.order].astype(float) - cells.centres[of_cell], axis=1)
    assert (away <= cells.radii[of_cell] * 1.0001 + 1e-4).all()
    np.testing.assert_array_equal(cells.starts, np.cumsum(cells.counts) - cells.counts)


@given(st.integers(1, 3000))
@settings(max_examples=60, deadline=None)
def test_a_mixture_has_each_number_once(count):
    assert sorted(mixture(count).tolist()) == list(range(count))


def test_each_part_of_a_mixture_is_spread_over_all():
    first = np.sort(mixture(100_000)[:100])
    assert np.diff(first).max() < 3000  # 1000 would be perfect
    assert np.diff(first).min() > 300


def test_a_bird_in_the_sky_does_not_gather_the_scan_in_one_cell():
    verts = shell(20_000)
    few = len(cells_of(verts).counts)
    verts[7] = (0, 1e6, 0)
    assert len(cells_of(verts).counts) > 0.9 * few > 1000


def test_points_that_are_all_one_are_one_cell(monkeypatch):
    monkeypatch.setattr("lab.render.cells._MANY", 100)  # more parts of the work than cells
    verts = np.full((1000, 3), 7e5, np.float32)
    cells = cells_of(verts)
    assert cells.counts.tolist() == [1000]
    np.testing.assert_array_equal(cells.centres, verts[:1])
    assert cells.radii.tolist() == [0]
    assert len(visible(cells, verts, Camera(pivot=(7e5, 7e5, 7e5), distance=2.0), 100)[0]) == pytest.approx(100, abs=1)


def test_shares_by_hand():
    counts, sizes = np.array([10, 10, 1, 5]), np.array([2.0, 1.0, 4.0, 0.0])
    share = evenly_shared(np.where(sizes > 0, counts, 0), sizes, 10)
    assert share[2] == 1  # all that it has
    assert share[3] == 0
    assert share[0] + share[1] == pytest.approx(9, abs=1)
    assert share[0] == pytest.approx(6, abs=1)  # twice as large, twice as many
    assert evenly_shared(counts, np.ones(4), 26).tolist() == counts.tolist()


@given(st.integers(1, 5000), st.integers(0, 2**31))
@settings(max_examples=40, deadline=None)
def test_shares_are_about_as_many_as_wanted(most, seed):
    rng = np.random.default_rng(seed)
    counts, sizes = rng.integers(1, 50, 300), rng.uniform(0.01, 1, 300)
    share = evenly_shared(counts, sizes, most)
    assert (share <= counts).all()
    assert (share >= 0).all()
    assert share.sum() == pytest.approx(min(most, counts.sum()), abs=40)


@pytest.mark.parametrize("orthographic", [False, True])
@pytest.mark.parametrize("distance", [4.0, 0.8, 0.05])
def test_all_points_in_the_picture_are_found(orthographic, distance):
    verts = shell(30_000)
    camera = Camera(pivot=(0.1, 0.2, 0.96), distance=distance, orthographic=orthographic).orbit(0.3, 0.2)
    chosen, among = visible(cells_of(verts), verts, camera, EVERYTHING)
    assert len(set(chosen.tolist())) == len(chosen) == among
    wanted = set(np.flatnonzero(in_picture(verts, camera)).tolist())
    missing = wanted - set(chosen.tolist())
    assert len(missing) <= 2  # on the very edge, by rounding
    assert len(chosen) < 1.5 * len(wanted) + 100  # and not much beside them


def test_close_by_everything_is_drawn_and_far_away_a_part():
    verts = shell(60_000)
    cells = cells_of(verts)
    far = Camera(distance=4)
    chosen, among = visible(cells, verts, far, 5000)
    assert among == len(verts)
    assert len(chosen) == pytest.approx(5000, rel=0.03)
    near = replace(far, pivot=(0.0, 0.0, 1.0), distance=0.1)
    chosen, _ = visible(cells, verts, near, 5000)
    front = np.flatnonzero(in_picture(verts, near) & (verts[:, 2] > 0))
    assert np.isin(front, chosen).all()
    assert len(front) > 5


def test_sparse_parts_are_not_thinned_like_dense_ones():
    """One half of the cloud is a hundred times as dense; what is drawn of the other is far more than a hundredth."""
    rng = np.random.default_rng(0)
    dense, thin = rng.uniform((-1, -1, 0), (0, 1, 0), (200_000, 3)), rng.uniform((0, -1, 0), (1, 1, 0), (2000, 3))
    verts = np.concatenate([dense, thin]).astype(np.float32)
    chosen, _ = visible(cells_of(verts), verts, Camera(distance=5), 4000)
    assert len(chosen) == pytest.approx(4000, rel=0.05)
    assert (verts[chosen][:, 0] > 0).sum() > 0.05 * len(chosen)


def test_few_points_come_and_go_while_the_camera_turns():
    verts = shell(60_000)
    cells, camera = cells_of(verts), Camera(distance=4)
    before = set(visible(cells, verts, camera, 5000)[0].tolist())
    after = set(visible(cells, verts, camera.orbit(0.02, 0.0), 5000)[0].tolist())
    assert len(before & after) > 0.95 * len(before)


def test_what_the_plane_cuts_off_takes_no_points():
    verts = shell(60_000)
    chosen, among = visible(cells_of(verts), verts, Camera(distance=4), 5000, clip=(0.0, 1.0, 0.0, -0.5))
    assert among < 0.35 * len(verts)  # a quarter of the area lies above
    assert len(chosen) == pytest.approx(5000, rel=0.05)
    assert (verts[chosen][:, 1] > 0.35).all()


def test_nothing_in_view():
    verts = shell(2000)
    away = Camera(pivot=(0, 0, 50), distance=1.0)
    chosen, among = visible(cells_of(verts), verts, away.standard("back"), 100)
    assert (len(chosen), among) == (0, 0)
