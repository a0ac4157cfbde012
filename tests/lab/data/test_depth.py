"""Depth cameras: the pinhole by hand, ray casting by formula, back-projection onto the surface."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.data.caster import Caster
from lab.data.depth import back_project, frustum, look_at, orbit, visible
from lab.fitting.surface import SurfaceTree
from lab.fitting.templates import ico_sphere
from tests.lab.data.shapes import CUBE_FACES, CUBE_VERTS

FRONT = look_at(np.array([0.0, 0.0, 3.0]), np.zeros(3), 90.0, 40, 30)
"""Looks along -Z, with a focal length of 15 pixels."""


def test_the_pinhole_by_hand() -> None:
    assert np.diag(FRONT.K)[:2] == pytest.approx([15.0, 15.0])
    pixels, depth = FRONT.project(np.array([[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 2.0], [0.0, 0.0, 5.0]]))
    assert depth.tolist() == [3.0, 3.0, 1.0, -2.0]
    assert pixels[0] == pytest.approx([20.0, 15.0])
    assert pixels[1] == pytest.approx([25.0, 15.0])  # +X to the right
    assert pixels[2] == pytest.approx([20.0, 0.0])  # +Y up
    assert np.isnan(pixels[3]).all()


def test_depth_is_along_the_view_and_not_along_the_ray() -> None:
    camera = look_at(np.array([0.0, 0.0, 3.2]), np.zeros(3), 90.0, 40, 30)
    depth, faces = Caster(CUBE_VERTS, CUBE_FACES).depth(camera)
    seen = np.isfinite(depth)
    assert depth.shape == (30, 40)
    assert np.unique(np.round(depth[seen], 5)).tolist() == [pytest.approx(2.2)]  # the front side is flat
    assert seen.sum() == 14 * 14  # 1 m is 15 / 2.2 = 6.8 pixels: those with centres as near to (20, 15)
    assert set(np.unique(faces[seen])) <= {10, 11}


def test_back_projected_pixels_lie_on_the_surface() -> None:
    verts, faces = ico_sphere(3)
    camera = look_at(np.array([1.0, 2.0, 1.5]), np.array([0.1, 0.0, 0.0]), 50.0, 64, 48)
    depth, _ = Caster(verts, faces).depth(camera)
    points = back_project(depth, camera)
    assert len(points) == np.isfinite(depth).sum() > 500
    assert SurfaceTree(verts.astype(np.float32), faces).distances(points).max() < 1e-5
    pixels, z = camera.project(points.astype(np.float64))
    rows, columns = np.nonzero(np.isfinite(depth))
    assert pixels == pytest.approx(np.stack([columns, rows], axis=1) + 0.5, abs=1e-3)
    assert z == pytest.approx(depth[rows, columns], abs=1e-5)


@given(st.floats(-180, 180), st.floats(-90, 90), st.floats(0.5, 20.0))
def test_a_camera_looks_at_its_target_from_its_place(azimuth: float, elevation: float, distance: float) -> None:
    target = np.array([1.0, -2.0, 3.0])
    eye = orbit(target, azimuth, elevation, distance)
    camera = look_at(eye, target, 40.0, 32, 24)
    assert np.linalg.norm(eye - target) == pytest.approx(distance)
    assert camera.eye == pytest.approx(eye, abs=1e-9)
    pixels, depth = camera.project(target[None])
    assert pixels[0] == pytest.approx([16.0, 12.0], abs=1e-6)
    assert depth[0] == pytest.approx(distance)
    R = camera.world_to_camera[:3, :3]
    assert pytest.approx(np.eye(3), abs=1e-12) == R @ R.T
    assert np.linalg.det(R) == pytest.approx(1.0)


def test_the_orbit_begins_at_plus_z_and_turns_to_plus_x() -> None:
    assert orbit(np.zeros(3), 0.0, 0.0, 2.0) == pytest.approx([0.0, 0.0, 2.0])
    assert orbit(np.zeros(3), 90.0, 0.0, 2.0) == pytest.approx([2.0, 0.0, 0.0])
    assert orbit(np.zeros(3), 0.0, 90.0, 2.0) == pytest.approx([0.0, 2.0, 0.0])


def test_a_camera_needs_somewhere_to_look() -> None:
    with pytest.raises(ValueError, match="where it looks"):
        look_at(np.ones(3), np.ones(3), 40.0, 8, 6)


def test_points_behind_points_are_hidden() -> None:
    verts, _ = ico_sphere(4)
    coarse = look_at(np.array([0.0, 0.0, 4.0]), np.zeros(3), 40.0, 24, 24)
    seen = visible(verts, coarse, 0.05)
    assert not seen[verts[:, 2] < -0.3].any()
    assert seen[verts[:, 2] > 0.9].mean() > 0.9
    assert not visible(verts + np.array([0.0, 0.0, 9.0]), coarse, 0.05).any()  # behind the camera


def test_the_frustum_goes_through_the_corners_of_the_picture() -> None:
    verts, edges = frustum(FRONT, 1.5)
    assert verts[0].tolist() == [0.0, 0.0, 3.0]
    pixels, depth = FRONT.project(verts[1:].astype(np.float64))
    assert depth == pytest.approx([1.5] * 4)
    assert pixels == pytest.approx(np.array([[0, 0], [40, 0], [40, 30], [0, 30]]), abs=1e-4)
    assert edges.shape == (8, 2)
