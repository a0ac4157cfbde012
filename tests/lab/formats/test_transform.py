"""Units and up-axis on import."""

from __future__ import annotations

import numpy as np
import pytest

from lab.formats import transform
from lab.formats.transform import rotation
from lab.geometry import face_normals, stats
from lab.scene import Mesh, Points, bounds

UPS = ("x", "y", "z", "-x", "-y", "-z")
AXES = {"x": (1, 0, 0), "y": (0, 1, 0), "z": (0, 0, 1), "-x": (-1, 0, 0), "-y": (0, -1, 0), "-z": (0, 0, -1)}


@pytest.mark.parametrize("up", UPS)
def test_the_named_axis_becomes_y_by_a_proper_rotation(up):
    turn = rotation(up)
    assert (turn @ AXES[up]).tolist() == [0, 1, 0]
    np.testing.assert_array_equal(turn @ turn.T, np.eye(3))
    assert np.linalg.det(turn) == 1


@pytest.mark.parametrize("up", UPS)
def test_everything_of_a_mesh_turns_together(cube, up):
    normals = face_normals(cube.verts, cube.faces)[np.array([0, 4, 6, 8, 10, 2, 0, 4])]
    mesh = Mesh(cube.verts, cube.faces, normals, vectors={"pull": cube.verts}, origin=np.array([1e6, 2e6, 3e6]))
    turned = transform(mesh, scale=0.5, up=up)
    turn = rotation(up)
    np.testing.assert_array_equal(turned.verts, (cube.verts @ turn.T * 0.5).astype(np.float32))
    np.testing.assert_array_equal(turned.origin, turn @ [1e6, 2e6, 3e6] * 0.5)
    np.testing.assert_array_equal(turned.normals, normals @ turn.T)
    np.testing.assert_array_equal(turned.vectors["pull"], cube.verts @ turn.T)
    assert turned.faces is cube.faces
    figures = stats(turned)
    assert figures.watertight
    assert figures.area == pytest.approx(6 * 0.25)
    outward = face_normals(turned.verts, turned.faces) @ np.float32([1, 1, 1])  # still outwards: faces about the centre
    centres = (turned.verts[turned.faces].mean(axis=1) - turned.verts.mean(axis=0)) @ np.float32([1, 1, 1])
    np.testing.assert_array_equal(np.sign(outward), np.sign(np.round(centres, 3)))


def test_a_laser_scan_in_millimetres(cloud):
    scan = Points(np.array([[1000, 2000, 3000]]), origin=np.array([0, 0, 1000.0]))
    lower, _ = bounds(transform(scan, scale=0.001, up="z"))
    assert lower.tolist() == [1, 4, -2]


def test_nothing_to_do_is_nothing_done(cube):
    assert transform(cube) is cube


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_impossible_scales(cube, scale):
    with pytest.raises(ValueError, match="scale: expected a positive number"):
        transform(cube, scale=scale)
    with pytest.raises(ValueError, match="up: expected one of"):
        transform(cube, up="w")
