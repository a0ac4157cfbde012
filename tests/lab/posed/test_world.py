"""Where is up and where is the object, from cameras, masks and points."""

from __future__ import annotations

import numpy as np
import pytest

from lab.cameras.model import CameraModel, look_at, pose
from lab.motions import so3
from lab.posed.checks import complaints, looking, looks_at_box
from lab.posed.images import PosedImages
from lab.posed.make import Views, make_images, spot
from lab.posed.paths import camera_at, directions
from lab.posed.world import meeting_point, scene_box, upright
from lab.scene import Points


def ring(center=(0.0, 0.0, 0.0), count=20, elevation=20.0) -> list[CameraModel]:
    cameras = [camera_at(a, e, 3.0, 50.0, 64) for a, e in directions("circle", count, elevation).tolist()]
    return [camera.moved(pose(camera.rotation, camera.center + center)) for camera in cameras]


def row() -> list[CameraModel]:
    """Side by side along X, looking along -Z."""
    return [
        CameraModel(pose(np.eye(3), np.array([x, 0, 0])), 50, 50, 32, 32, 64, 64) for x in np.linspace(-0.3, 0.3, 7)
    ]


def test_axes_meet_at_the_middle_of_a_ring_wherever_it_is():
    assert meeting_point(ring((5.0, -2.0, 7.0))) == pytest.approx([5.0, -2.0, 7.0])
    assert meeting_point(row()) is None
    outward = [c.moved(pose(c.rotation @ np.diag([-1.0, 1.0, -1.0]), c.center)) for c in ring()]
    assert meeting_point(outward) is None


def test_up_is_the_files_unless_the_cameras_lie_on_their_side():
    cameras = [camera.c2w for camera in ring()]
    turn, guess = upright(cameras, "y")
    assert np.array_equal(turn, np.eye(3))
    assert guess == ""
    turn, guess = upright(cameras, "z")
    assert turn == pytest.approx(np.eye(3)), "Z up, as the file is thought to be, would lay all cameras down"
    assert "up" in guess
    odd = so3.exp([0.4, -1.1, 0.7])
    turn, guess = upright([pose(odd @ c[:3, :3], odd @ c[:3, 3]) for c in cameras], "cameras")
    assert turn @ odd @ [0, 1, 0] == pytest.approx([0, 1, 0])
    assert "average" in guess
    upside_down = [pose(np.diag([1.0, -1, -1]) @ c[:3, :3], np.diag([1.0, -1, -1]) @ c[:3, 3]) for c in cameras]
    assert upright(upside_down, "cameras")[0] @ [0, -1, 0] == pytest.approx([0, 1, 0])


def test_masks_tell_the_box_nearly_as_the_mesh_does():
    images = make_images(spot(), Views(size=64, path="sphere", count=30))
    (lower, upper), how = scene_box(images.cameras, images.alphas)
    assert "masks" in how
    assert (lower <= images.lower + 0.06).all(), "the margin of the mesh's own box is 0.11"
    assert (upper >= images.upper - 0.06).all()
    assert (upper - lower <= (images.upper - images.lower) + 0.25).all()


def test_points_about_the_middle_tell_the_box_and_far_ones_do_not():
    rng = np.random.default_rng(0)
    near, far = rng.uniform(-0.5, 0.5, (500, 3)), rng.normal(0, 40, (300, 3))
    points = Points(np.concatenate([near, far[np.linalg.norm(far, axis=1) > 5]]).astype(np.float32))
    (lower, upper), how = scene_box(ring(), None, points)
    assert "points" in how
    assert lower == pytest.approx([-0.6] * 3, abs=0.03)
    assert upper == pytest.approx([0.6] * 3, abs=0.03)


def test_without_both_it_is_what_the_cameras_see():
    (lower, upper), _ = scene_box(ring())
    assert upper == pytest.approx([3.0 * np.tan(np.radians(25))] * 3)
    assert lower == pytest.approx(-upper)


def test_cameras_side_by_side_get_a_guess_that_says_so():
    (lower, upper), how = scene_box(row())
    assert "guess" in how
    assert upper[2] == pytest.approx(-0.6), "as far ahead as they are spread"
    assert (lower < upper).all()


def images_of(cameras, lower=(-0.5,) * 3, upper=(0.5,) * 3) -> PosedImages:
    count = len(cameras)
    return PosedImages(
        np.zeros((count, 64, 64, 3), np.uint8),
        None,
        tuple(cameras),
        tuple(f"p{i}" for i in range(count)),
        np.arange(count) == 1,
        np.array(lower),
        np.array(upper),
    )


def test_a_camera_that_looks_away_is_named():
    cameras = ring()
    eye = cameras[3].center
    cameras[3] = cameras[3].moved(look_at(eye, 2 * eye))
    images = images_of(cameras)
    assert np.flatnonzero(~looking(images)).tolist() == [3]
    said = complaints(images)
    assert len(said) == 1
    assert "1 of 20" in said[0]
    assert "'p3'" in said[0]
    assert looks_at_box(cameras[3], eye - 1, eye + 1), "one that stands within sees it"


def test_odd_lenses_few_views_and_repetitions_are_said():
    cameras = ring(count=8)
    cameras[0] = CameraModel(cameras[0].c2w, 5.0, 5.0, 60.0, 32.0, 64, 64)
    cameras[2] = cameras[1]
    said = " ".join(complaints(images_of(cameras)))
    for words in ("principal point", "field of view", "only 7 pictures", "same place"):
        assert words in said, words
    assert complaints(images_of(ring())) == []
