"""The airplane is sound, and points where it says."""

from __future__ import annotations

import numpy as np

from lab import geometry
from lab.motions.airplane import airplane
from lab.scene import Mesh


def signed_volume(mesh: Mesh) -> float:
    a, b, c = np.moveaxis(mesh.verts[mesh.faces].astype(float), 1, 0)
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def test_every_part_of_the_airplane_is_closed_and_faces_outwards() -> None:
    mesh = airplane()
    welded = np.unique(mesh.verts.round(6), axis=0, return_inverse=True)[1].reshape(-1)
    assert geometry.stats(Mesh(mesh.verts, welded[mesh.faces])).boundary_edges == 0
    body_faces = len(mesh.faces) - 7 * 12
    assert signed_volume(Mesh(mesh.verts, mesh.faces[:body_faces])) > 0.05
    for part in range(7):
        block = mesh.faces[body_faces + 12 * part : body_faces + 12 * (part + 1)]
        centred = mesh.verts - mesh.verts[block].mean(axis=(0, 1))
        assert signed_volume(Mesh(centred, block)) > 0.002


def test_the_airplane_points_to_z_and_up_to_y_with_a_red_left_wing() -> None:
    mesh = airplane()
    assert mesh.verts[:, 2].max() == -mesh.verts[:, 2].min() == 1.0
    assert mesh.verts[:, 1].max() > -2 * mesh.verts[:, 1].min()  # the fin
    assert mesh.colors is not None
    left, right = mesh.verts[:, 0].argmax(), mesh.verts[:, 0].argmin()
    assert mesh.colors[left].argmax() == 0  # red
    assert mesh.colors[right].argmax() == 1  # green
    assert airplane() is mesh
