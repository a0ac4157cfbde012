"""Entities: shapes, ownership and identity."""

import numpy as np
import pytest

from lab.scene import Image, Lines, Mesh, Points, bounds

TRIANGLE = np.array([[0, 0, 0], [1, 0, 0], [0, 2, 0]], np.float32)


def mesh(**changes):
    return Mesh(**{"verts": TRIANGLE, "faces": [[0, 1, 2]], **changes})


def test_arrays_are_converted_and_read_only():
    entity = mesh(scalars={"height": [0, 0, 2]}, vectors={"pull": np.zeros((3, 3), np.float64)})
    assert entity.faces.dtype == np.int32
    assert entity.scalars["height"].dtype == entity.vectors["pull"].dtype == np.float32
    for array in entity.arrays():
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_a_read_only_array_keeps_its_identity():
    faces = np.array([[0, 1, 2]], np.int32)
    faces.flags.writeable = False
    assert mesh(faces=faces).faces is faces


def test_freezing_leaves_the_callers_own_array_writable():
    verts = TRIANGLE.copy()
    entity = mesh(verts=verts)
    assert verts.flags.writeable
    assert not entity.verts.flags.writeable


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"verts": np.zeros((3, 2))}, r"Mesh\.verts: expected shape \(N, 3\), found \(3, 2\)"),
        ({"colors": np.zeros((2, 3))}, r"Mesh\.colors: expected shape \(3, 3\), found \(2, 3\)"),
        ({"uvs": np.zeros((3, 2))}, r"Mesh\.uvs: expected shape \(1, 3, 2\)"),
        ({"scalars": {"h": np.zeros(4)}}, r"Mesh\.scalars\['h'\]: expected shape \(3\), found \(4,\)"),
    ],
)
def test_a_wrong_shape_is_named(changes, words):
    with pytest.raises(ValueError, match=words):
        mesh(**changes)


def test_bounds_are_in_world_coordinates():
    lower, upper = bounds(mesh(origin=[10.0, 20.0, 30.0]))
    np.testing.assert_array_equal(lower, [10, 20, 30])
    np.testing.assert_array_equal(upper, [11, 22, 30])


def test_bounds_of_nothing_are_zero():
    lower, upper = bounds(Points(np.zeros((0, 3))))
    assert not lower.any()
    assert not upper.any()


def test_memory_counts_every_array():
    # 3 verts * 12 bytes + 1 face * 12 bytes + origin 24 bytes + scalar 12 bytes
    assert mesh(scalars={"height": [0, 0, 2]}).nbytes == 36 + 12 + 24 + 12


def test_lines_and_images_check_their_shapes():
    Lines(TRIANGLE, [[0, 1], [1, 2]])
    Image(np.zeros((2, 5, 3), np.uint8))
    with pytest.raises(ValueError, match=r"Image\.pixels: expected shape \(N, N, 3\)"):
        Image(np.zeros((2, 5)))
