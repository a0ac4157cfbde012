"""Binning: every pixel that a face can touch is in one of its tiles; each tile is done once, by whatever threads."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.kernels.crew import Crew
from lab.raster.tiles import TILE, bin_faces, sum_of_entries
from tests.lab.raster.test_silhouette import triangles


@settings(max_examples=40)
@given(
    st.integers(0, 10_000),
    st.integers(1, 20),
    st.tuples(st.integers(1, 90), st.integers(1, 90)),
    st.sampled_from([0.0, 1e-3, 0.1]),
)
def test_every_pixel_within_the_blur_is_in_a_box_and_a_tile_of_its_face(seed, count, size, blur):
    ndc, faces = triangles(seed, count, spread=1.5)
    tiles = bin_faces(ndc, faces, size, blur)
    height, width = size
    side, margin = min(size), np.sqrt(blur)
    x = width / side * (1 - (2 * np.arange(width) + 1) / width)
    y = height / side * (1 - (2 * np.arange(height) + 1) / height)
    for f, face in enumerate(faces):
        lower, upper = ndc[face, :2].min(axis=0) - margin, ndc[face, :2].max(axis=0) + margin
        rows, columns = (
            np.flatnonzero((y >= lower[1]) & (y <= upper[1])),
            np.flatnonzero((x >= lower[0]) & (x <= upper[0])),
        )
        mine = {t for t in range(tiles.count) if f in tiles.faces[tiles.starts[t] : tiles.starts[t + 1]]}
        if len(rows) and len(columns):
            first_row, last_row, first_column, last_column = tiles.boxes[f]
            assert first_row <= rows[0] <= rows[-1] <= last_row
            assert first_column <= columns[0] <= columns[-1] <= last_column
            touched = {r // TILE * tiles.columns + c // TILE for r in rows for c in columns}
            assert touched <= mine


def test_within_a_tile_faces_come_in_their_order():
    ndc, faces = triangles(1, 50)
    tiles = bin_faces(ndc, faces, (64, 64), 1e-3)
    for t in range(tiles.count):
        own = tiles.faces[tiles.starts[t] : tiles.starts[t + 1]]
        assert (np.diff(own) > 0).all()


def test_culling_leaves_out_what_is_wound_clockwise():
    ndc = np.array([[-0.5, -0.5, 1], [0.5, -0.5, 1], [0, 0.5, 1]])
    both = np.array([[0, 1, 2], [0, 2, 1]])
    assert sorted(set(bin_faces(ndc, both, (8, 8), 0.0).faces)) == [0, 1]
    assert len(set(bin_faces(ndc, both, (8, 8), 0.0, cull_backfaces=True).faces)) == 1


def test_every_tile_is_done_once():
    ndc, faces = triangles(2, 80)
    tiles = bin_faces(ndc, faces, (200, 120), 1e-2)
    with Crew(3) as crew:
        for threads in (None, crew):
            done = np.zeros(tiles.count, int)

            def work(first, last, done=done):
                done[first:last] += 1

            tiles.share(threads, work)
            assert (done == 1).all()


def test_entries_are_summed_up_at_their_vertices():
    ndc, faces = triangles(2, 3)
    faces = np.array([[0, 1, 2], [0, 1, 3]], np.int32)
    tiles = bin_faces(ndc, faces, (32, 32), 1.0)
    values = np.ones((len(tiles.faces), 3, 2))
    counts = np.bincount(tiles.faces, minlength=2)
    assert np.array_equal(
        sum_of_entries(tiles, values, faces, 5)[:, 0], [counts.sum(), counts.sum(), counts[0], counts[1], 0]
    )
