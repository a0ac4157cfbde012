"""Normals: as PyTorch3D's, and those of a cube by hand."""

from __future__ import annotations

import numpy as np
import torch
from pytorch3d.structures import Meshes

from lab.examples import example_path
from lab.formats import read
from lab.scene import Array, Mesh
from lab.shading.normals import creased, flat, smooth


def cube() -> tuple[Array, Array]:
    """The unit cube about zero, wound outwards."""
    verts = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], np.float32) / 2
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    return verts, np.array([tri for a, b, c, d in quads for tri in ((a, b, c), (a, c, d))], np.int32)


def test_smooth_and_flat_are_pytorch3ds() -> None:
    mesh = read(example_path("bob")).entity
    assert isinstance(mesh, Mesh)
    theirs = Meshes([torch.tensor(np.array(mesh.verts))], [torch.tensor(np.array(mesh.faces))])
    np.testing.assert_allclose(smooth(mesh.verts, mesh.faces), theirs.verts_normals_packed(), atol=2e-5)
    np.testing.assert_allclose(flat(mesh.verts, mesh.faces), theirs.faces_normals_packed(), atol=2e-4)


def test_sharp_edges_of_a_cube_stay() -> None:
    verts, faces = cube()
    found = creased(verts, faces, 45.0)
    np.testing.assert_allclose(found, np.repeat(flat(verts, faces)[:, None], 3, axis=1), atol=1e-12)


def test_a_wide_crease_is_smooth() -> None:
    verts, faces = cube()
    np.testing.assert_allclose(creased(verts, faces, 180.0), smooth(verts, faces)[faces], atol=1e-12)


def test_a_fold_is_kept_on_one_side_of_the_angle_only() -> None:
    """Two faces that meet at 60 degrees: at 61 they share a normal along the fold, at 59 they do not."""
    height = np.sqrt(3.0)
    verts = np.array([[0, 0, 0], [0, 0, 1], [1, 0, 0], [-1 / 2, height / 2, 0]])
    faces = np.array([[0, 1, 2], [1, 0, 3]], np.int32)
    apart, together = creased(verts, faces, 59.0), creased(verts, faces, 61.0)
    one, other = flat(verts, faces)
    np.testing.assert_allclose(one @ other, 0.5, atol=1e-6)
    np.testing.assert_allclose(apart[0, 0], one, atol=1e-12)
    np.testing.assert_allclose(together[0, 0], (one + other) / np.sqrt(3), atol=1e-6)
    np.testing.assert_allclose(together[0, 2], one, atol=1e-12)
