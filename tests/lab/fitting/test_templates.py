"""Templates: the sphere of PyTorch3D, hulls of every shape, and meshes of the person's own."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from pytorch3d.utils import ico_sphere as peer_sphere
from scipy.spatial import ConvexHull

from lab.experiment import ExperimentError
from lab.fitting.sampling import SurfaceSampler, signed_volume
from lab.fitting.target import Target
from lab.fitting.templates import hull_template, ico_sphere, make_template
from lab.fitting.topology import build_topology
from lab.scene import Array, Mesh, Points
from tests.lab.fitting.fitting_help import blob, bumpy_mesh, cube

AREAS = (9.575028, 11.665932, 12.329848, 12.506494, 12.551353)
VOLUMES = (2.536345, 3.658712, 4.047045, 4.152740, 4.179739)


@pytest.mark.parametrize("level", range(5))
def test_the_sphere_is_the_references(level: int) -> None:
    verts, faces = ico_sphere(level)
    assert len(verts) == 10 * 4**level + 2
    assert len(faces) == 20 * 4**level
    assert len(build_topology(faces, len(verts)).edges) == 30 * 4**level
    assert SurfaceSampler(verts, faces).area == pytest.approx(AREAS[level], abs=2e-6)
    assert signed_volume(verts, faces) == pytest.approx(VOLUMES[level], abs=2e-6)
    peer = peer_sphere(level)
    assert np.allclose(verts, peer.verts_packed().numpy(), atol=1e-6)
    assert torch.equal(torch.tensor(faces).long(), peer.faces_packed())


def slab() -> Array:
    return np.random.default_rng(0).uniform(-1, 1, (500, 3)) * (1.0, 1.0, 0.05)


@pytest.mark.parametrize(
    "points", [cube()[0], blob(400).verts, slab(), slab()[:, [2, 0, 1]]], ids=["cube", "body", "slab", "upright slab"]
)
def test_a_hull_is_closed_even_and_faces_outwards(points: Array) -> None:
    verts, faces = hull_template(points, 4)
    hull = ConvexHull(points)
    assert build_topology(faces, len(verts)).watertight
    assert 0.9 * hull.volume < signed_volume(verts, faces) <= hull.volume * 1.001
    outside = (hull.equations[:, :3] @ verts.T + hull.equations[:, 3:]).max(axis=0)
    assert np.abs(outside).max() < 1e-4 * np.ptp(points)  # every vertex lies on the hull
    corners = verts[faces].astype(np.float64)
    areas = 0.5 * np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    assert areas.min() > 0.01 * areas.mean()


@pytest.mark.parametrize("points", [np.random.default_rng(0).normal(size=(50, 3)) * (1, 1, 0), np.zeros((3, 3))])
def test_points_without_a_hull_say_so(points: Array) -> None:
    with pytest.raises(ExperimentError, match="no convex hull"):
        hull_template(points, 2)


def test_coarse_to_fine_begins_two_levels_coarser() -> None:
    target = Target(blob(200))
    for kind in ("ico-sphere", "convex hull"):
        for level, start in ((4, 2), (1, 0)):
            template = make_template(kind, level, True, None, target)
            assert len(template.faces) == 20 * 4**start
            assert template.levels == level - start
    assert make_template("ico-sphere", 3, False, None, target).levels == 0


def test_an_own_mesh_stays_where_it_is() -> None:
    target = Target(bumpy_mesh())
    own = Mesh(target.geometry.verts * np.float32(0.9), target.geometry.faces)  # type: ignore[union-attr]
    template = make_template("own mesh", 4, False, own, target)
    assert template.note == ""
    assert template.faces is own.faces
    assert np.allclose(target.frame.restore(template.verts), own.verts, atol=1e-5)


def test_an_own_meshs_origin_counts() -> None:
    mesh = bumpy_mesh()
    shifted = Mesh(mesh.verts - np.float32([100.0, 0.0, 0.0]), mesh.faces, origin=np.array([100.0, 0.0, 0.0]))
    target = Target(mesh)
    template = make_template("own mesh", 4, False, shifted, target)
    assert np.allclose(template.verts, target.verts, atol=1e-4)


@pytest.mark.parametrize(("scale", "shift"), [(100.0, 0.0), (0.01, 0.0), (1.0, 50.0)])
def test_an_own_mesh_elsewhere_is_moved_onto_the_target(scale: float, shift: float) -> None:
    verts, faces = cube()
    target = Target(bumpy_mesh())
    template = make_template("own mesh", 4, False, Mesh(verts * scale + shift, faces), target)
    assert "moved onto it" in template.note
    centre = 0.5 * (target.verts.min(axis=0) + target.verts.max(axis=0))
    assert np.allclose(template.verts.mean(axis=0), centre, atol=1e-5)
    size = np.linalg.norm(np.ptp(template.verts, axis=0))
    assert size == pytest.approx(np.linalg.norm(np.ptp(target.verts, axis=0)), rel=1e-4)


@pytest.mark.parametrize(
    ("own", "words"),
    [
        (None, "no mesh is chosen"),
        (Points(cube()[0]), "point cloud"),
        (Mesh(cube()[0] * np.nan, cube()[1]), "not finite"),
        (Mesh(cube()[0] * 0.0, cube()[1]), "same place"),
    ],
)
def test_what_is_no_template_says_why(own: Mesh | Points | None, words: str) -> None:
    with pytest.raises(ExperimentError, match=words):
        make_template("own mesh", 4, False, own, Target(bumpy_mesh()))
