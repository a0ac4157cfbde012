"""The normalised frame, what is drawn from a target, and distances to it."""

from __future__ import annotations

import numpy as np
import open3d
import pytest

from lab.experiment import ExperimentError
from lab.fitting.sampling import Samples
from lab.fitting.target import Target, normalising_frame
from lab.kernels.crew import Crew
from lab.scene import Array, Mesh, Points
from tests.lab.fitting.fitting_help import blob, bumpy_mesh, cube


def test_the_frame_is_the_courses() -> None:
    verts = np.array([[1, 2, 3], [3, 2, 3], [1, 8, 3], [3, 8, 3]], np.float32)
    frame = normalising_frame(verts)
    assert np.allclose(frame.centre, (2, 5, 3))
    assert frame.scale == 3.0
    normalised = frame.normalise(verts)
    assert np.allclose(normalised[0], (-1 / 3, -1, 0))
    assert np.abs(normalised).max() == 1.0
    assert np.array_equal(frame.restore(normalised), verts)


@pytest.mark.parametrize(
    ("verts", "words"),
    [
        (np.zeros((3, 3)), "3 points"),
        (np.full((9, 3), 2.0), "same place"),
        (np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [np.nan, 0, 0]]), "not finite"),
        (np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [np.inf, 0, 0]]), "not finite"),
    ],
)
def test_targets_that_cannot_be_fitted_say_why(verts: Array, words: str) -> None:
    with pytest.raises(ExperimentError, match=words):
        Target(Points(verts))


def test_a_mesh_without_area_says_so() -> None:
    verts = np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0], [3, 0, 0]])
    with pytest.raises(ExperimentError, match="no area"):
        Target(Mesh(verts, np.array([[0, 1, 2], [1, 2, 3]])))


def test_a_mesh_without_faces_is_a_cloud() -> None:
    target = Target(Mesh(cube()[0], np.zeros((0, 3), np.int32)))
    assert target.is_cloud
    assert not target.has_normals


def test_a_mesh_gives_new_samples_with_face_normals() -> None:
    target, rng = Target(bumpy_mesh()), np.random.default_rng(0)
    choice = target.pick(200, rng)
    assert isinstance(choice, Samples)
    points, normals = target.points(choice)
    assert points.shape == normals.shape == (200, 3)  # type: ignore[union-attr]
    assert np.allclose(np.linalg.norm(normals, axis=1), 1.0, atol=1e-5)  # type: ignore[arg-type]
    again, _ = target.points(target.pick(200, rng))
    assert not np.array_equal(points, again)


def test_a_small_cloud_is_taken_whole_and_its_tree_is_kept() -> None:
    cloud = blob(100, normals=True)
    target = Target(cloud)
    assert target.pick(100, np.random.default_rng(0)) is None
    assert target.tree(None) is target.tree(None)
    points, normals = target.points(None)
    assert len(points) == 100
    assert np.array_equal(normals, cloud.normals)  # type: ignore[arg-type]


def test_a_large_cloud_gives_some_of_its_points_with_their_normals() -> None:
    cloud = blob(1000, normals=True)
    target = Target(cloud)
    points, normals = target.points(target.pick(50, np.random.default_rng(0)))
    nearest, squared = target.tree(None).tree.query(points)
    assert not squared.any()
    assert np.array_equal(normals, cloud.normals[nearest])  # type: ignore[index, arg-type]
    assert len(np.unique(nearest)) > 40


def test_distances_to_a_cloud_are_in_its_units() -> None:
    cloud = blob(500)
    target = Target(cloud)
    away = target.frame.normalise(cloud.verts + np.float32([0.0, 0.0, 10.0]))
    expected = [np.linalg.norm(cloud.verts - vert - (0, 0, 10), axis=1).min() for vert in cloud.verts[:20]]
    assert np.allclose(target.distances(away)[:20], expected, rtol=1e-4)
    assert np.allclose(target.distances(target.verts), 0.0)


def test_distances_to_a_mesh_are_those_of_its_faces() -> None:
    verts, faces = cube()
    target = Target(Mesh(4.0 * verts, faces))  # side 8
    points = np.array([[0, 0, 0], [7, 1, 2], [0, 5, 6], [5, 6, 6], [4, 4, 4], [0, 3.9, 0]])
    expected = [4.0, 3.0, np.hypot(1, 2), 3.0, 0.0, 0.1]
    found = target.distances(target.frame.normalise(points.astype(np.float32)))
    assert np.allclose(found, expected, atol=1e-4)


def test_points_on_a_mesh_have_no_distance() -> None:
    target = Target(bumpy_mesh(3))
    assert target.sampler is not None
    assert target.faces is not None
    on_surface = target.sampler.draw(500, np.random.default_rng(1)).points(target.verts, target.faces)
    assert target.distances(on_surface).max() < 1e-6


def test_distances_to_a_mesh_are_open3ds() -> None:
    target = Target(bumpy_mesh(2))
    scene = open3d.t.geometry.RaycastingScene()
    assert target.faces is not None
    scene.add_triangles(open3d.core.Tensor(target.verts), open3d.core.Tensor(target.faces.astype(np.uint32)))
    points = np.random.default_rng(0).normal(size=(2000, 3)).astype(np.float32)
    expected = scene.compute_distance(open3d.core.Tensor(points)).numpy() * target.frame.scale
    assert np.allclose(target.distances(points), expected, rtol=1e-4, atol=1e-6)
    with Crew(3) as crew:
        assert np.array_equal(target.distances(points, crew), target.distances(points))
