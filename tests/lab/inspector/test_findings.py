"""What is worth saying about a surface: numbers worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.formats import Loaded
from lab.geometry import stats
from lab.inspector.findings import against_the_grain, findings, signed_volume, unused_vertices
from lab.scene import Mesh

TETRAHEDRON = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
OUTWARDS = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]], np.int32)


def said(mesh, **loaded):
    return [f.text for f in findings(Loaded(mesh, "a", **loaded), stats(mesh))]


def test_the_volume_of_a_tetrahedron_is_a_sixth():
    assert signed_volume(TETRAHEDRON, OUTWARDS) == pytest.approx(1 / 6)
    assert signed_volume(TETRAHEDRON, OUTWARDS[:, ::-1]) == pytest.approx(-1 / 6)
    assert signed_volume(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32)) == 0


@given(st.tuples(*[st.floats(-50, 50)] * 3), st.floats(0.5, 4))
def test_the_volume_does_not_know_where_the_body_is_and_grows_with_the_cube_of_its_size(shift, scale):
    moved = TETRAHEDRON.astype(np.float64) * scale + np.array(shift)
    assert signed_volume(moved, OUTWARDS) == pytest.approx(scale**3 / 6, rel=1e-9)


def test_a_face_wound_the_other_way_has_three_edges_against_the_grain():
    assert against_the_grain(OUTWARDS) == 0
    turned = OUTWARDS.copy()
    turned[0] = turned[0, ::-1]
    assert against_the_grain(turned) == 3
    assert any(
        "3 edges between faces that are wound in opposite senses" in text for text in said(Mesh(TETRAHEDRON, turned))
    )


def test_winding_and_holes():
    assert said(Mesh(TETRAHEDRON, OUTWARDS)) == ["Closed and wound outwards: it encloses a volume of 0.1666667."]
    (inwards,) = said(Mesh(TETRAHEDRON, OUTWARDS[:, ::-1]))
    assert inwards.startswith("Wound inwards: the signed volume is -0.1666667.")
    assert said(Mesh(TETRAHEDRON, OUTWARDS[:3])) == ["Not closed: 3 boundary edges. It has no inside."]


def test_vertices_that_are_too_many():
    verts = np.concatenate([TETRAHEDRON, TETRAHEDRON[1:2], [[9, 9, 9]]]).astype(np.float32)
    faces = OUTWARDS.copy()
    faces[3, 0] = 4  # the same place as vertex 1
    mesh = Mesh(verts, faces)
    assert unused_vertices(mesh) == 1
    assert "1 vertex that no face uses." in said(mesh)
    assert "1 vertex at a place where there is one already: the surface is cut there." in said(mesh)


def test_sizes_and_axes():
    assert any("longest side is 2000" in text for text in said(Mesh(TETRAHEDRON * 2000, OUTWARDS)))
    assert any("longest side is only 0.0005" in text for text in said(Mesh(TETRAHEDRON * np.float32(0.0005), OUTWARDS)))
    assert any("z points up" in text for text in said(Mesh(TETRAHEDRON, OUTWARDS), up="z"))
    assert said(Mesh(TETRAHEDRON, OUTWARDS), warnings=("Left out 1 point.",))[0] == "Left out 1 point."
