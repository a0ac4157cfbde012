"""The course's three meshes have the counts, sizes, windings and the flaw that the reference tells of."""

from __future__ import annotations

import numpy as np
import pytest

from lab.batching.shapes import course_batch, cube, diamond, dodecahedron
from lab.fitting.sampling import signed_volume
from lab.geometry import stats, unique_edges


def test_counts_of_the_course() -> None:
    counts = {name: (len(mesh.verts), len(mesh.faces)) for name, mesh in course_batch().items()}
    assert counts == {"cube": (8, 12), "diamond": (6, 9), "dodecahedron": (20, 36)}
    assert sum(verts for verts, _ in counts.values()) == 34


def test_cube_and_diamond_are_wound_inwards_and_the_dodecahedron_outwards() -> None:
    assert signed_volume(cube().verts, cube().faces) == pytest.approx(-8.0)
    assert signed_volume(diamond().verts, diamond().faces) == pytest.approx(-368550.0)
    edge = np.sqrt(5.0) - 1.0  # of the dodecahedron about [-1, 1]³
    volume = (15.0 + 7.0 * np.sqrt(5.0)) / 4.0 * edge**3
    assert signed_volume(dodecahedron().verts, dodecahedron().faces) == pytest.approx(volume, rel=1e-6)


def test_the_diamond_has_one_face_too_many() -> None:
    _, uses = unique_edges(diamond().faces)
    assert sorted(uses.tolist()).count(3) == 2
    assert uses.tolist().count(1) == 1
    assert len(uses) == 13
    assert np.abs(diamond().verts).max() == pytest.approx(78.75)


@pytest.mark.parametrize(("mesh", "verts", "edges"), [(cube(), 8, 18), (dodecahedron(), 20, 54)])
def test_the_closed_ones_fulfil_euler(mesh, verts, edges) -> None:
    figures = stats(mesh)
    assert figures.watertight
    assert figures.edges == edges == 3 * verts - 6
    assert figures.faces == 2 * verts - 4


def test_the_dodecahedron_is_regular() -> None:
    verts = dodecahedron().verts
    assert np.allclose(np.linalg.norm(verts, axis=1), np.sqrt(3.0))
    triangles = verts[dodecahedron().faces].reshape(12, 3, 3, 3)
    normals = np.cross(triangles[:, :, 1] - triangles[:, :, 0], triangles[:, :, 2] - triangles[:, :, 0])
    normals /= np.linalg.norm(normals, axis=2, keepdims=True)
    assert np.allclose(normals, normals[:, :1], atol=1e-5)  # the three triangles of a pentagon lie in one plane
