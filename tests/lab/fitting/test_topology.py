"""Topology against PyTorch3D's, and against meshes that can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from pytorch3d.ops import SubdivideMeshes
from pytorch3d.structures import Meshes

from lab.fitting.topology import Subdivision, Topology, build_topology
from lab.scene import Array
from tests.lab.fitting.fitting_help import cube, grid, noisy_sphere, odd_mesh


def meshes(verts: Array, topology: Topology) -> Meshes:
    return Meshes([torch.tensor(verts, dtype=torch.float32)], [torch.tensor(topology.faces).long()])


def random_faces(seed: int, vert_count: int, face_count: int) -> Array:
    """Any faces at all, also ones that name a vertex twice."""
    return np.random.default_rng(seed).integers(0, vert_count, (face_count, 3)).astype(np.int32)


def test_edges_and_their_faces_are_pytorch3ds() -> None:
    for verts, topology in (noisy_sphere(2), odd_mesh()):
        peer = meshes(verts, topology)
        assert np.array_equal(topology.edges, peer.edges_packed().numpy())
        assert np.array_equal(topology.face_edges, peer.faces_packed_to_edges_packed().numpy())


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), verts=st.integers(3, 12), faces=st.integers(1, 20))
def test_edges_of_any_faces_are_pytorch3ds(seed: int, verts: int, faces: int) -> None:
    topology = build_topology(random_faces(seed, verts, faces), verts)
    peer = meshes(np.zeros((verts, 3)), topology)
    assert np.array_equal(topology.edges, peer.edges_packed().numpy())
    assert np.array_equal(topology.face_edges, peer.faces_packed_to_edges_packed().numpy())
    assert topology.edge_faces.sum() == 3 * faces


def test_a_cube_has_eighteen_edges_of_two_faces_each() -> None:
    topology = build_topology(cube()[1], 8)
    assert topology.edges.shape == (18, 2)
    assert (topology.edge_faces == 2).all()
    assert topology.hinges.shape == (18, 4)
    assert topology.watertight
    assert not topology.boundary_verts.any()


def test_neighbours_are_the_other_ends_of_a_vertexs_edges() -> None:
    _, topology = odd_mesh()
    for vert in range(topology.vert_count):
        at = slice(topology.neighbour_starts[vert], topology.neighbour_starts[vert + 1])
        found = sorted(topology.neighbours[at])
        own = topology.edges[(topology.edges == vert).any(axis=1)]
        assert found == sorted(own.sum(axis=1) - vert)
        assert (topology.edges[topology.neighbour_edges[at]] == vert).any(axis=1).all()
    assert topology.neighbour_starts[12] - topology.neighbour_starts[11] == 0  # the isolated vertex


def test_an_edge_of_three_faces_has_three_pairs_and_one_of_four_has_six() -> None:
    _, topology = odd_mesh()
    hinges = {tuple(hinge[:2]): 0 for hinge in topology.hinges}
    for hinge in topology.hinges:
        hinges[tuple(hinge[:2])] += 1
    assert hinges[0, 1] == 3
    assert hinges[6, 7] == 6
    opposite = {frozenset(hinge[2:]) for hinge in topology.hinges if tuple(hinge[:2]) == (0, 1)}
    assert opposite == {frozenset(pair) for pair in ((2, 3), (2, 4), (3, 4))}
    assert not topology.watertight


def test_the_boundary_of_a_grid_is_its_rim() -> None:
    verts, faces = grid(3)
    topology = build_topology(faces, len(verts))
    rim = ((verts[:, :2] == 0.0) | (verts[:, :2] == 3.0)).any(axis=1)
    assert np.array_equal(topology.boundary_verts, rim)
    assert not topology.watertight


def test_subdivision_is_pytorch3ds() -> None:
    for verts, topology in (noisy_sphere(1), odd_mesh()):
        features = np.random.default_rng(0).normal(size=(len(verts), 2)).astype(np.float32)
        peer, peer_features = SubdivideMeshes()(meshes(verts, topology), torch.tensor(features))
        subdivision = Subdivision(topology)
        assert np.array_equal(subdivision.faces, peer.faces_packed().numpy())
        assert np.allclose(subdivision.refine(verts), peer.verts_packed().numpy(), atol=1e-7)
        assert np.allclose(subdivision.refine(features), peer_features.numpy(), atol=1e-7)


def test_read_only_faces_stay_the_same_object() -> None:
    faces = cube()[1]
    faces.flags.writeable = False
    assert build_topology(faces, 8).faces is faces
    writeable = cube()[1]
    topology = build_topology(writeable, 8)
    writeable[0] = 7
    assert not (topology.faces[0] == 7).all()
    assert not topology.faces.flags.writeable


@pytest.mark.parametrize("faces", [np.array([[0, 1, 3]]), np.array([[0, -1, 2]])])
def test_an_index_out_of_range_is_refused(faces: Array) -> None:
    with pytest.raises(ValueError, match="indices from 0 to 2"):
        build_topology(faces, 3)


def test_no_faces_are_a_topology_too() -> None:
    topology = build_topology(np.zeros((0, 3), np.int32), 3)
    assert len(topology.edges) == len(topology.hinges) == 0
    assert not topology.watertight
    assert np.array_equal(topology.neighbour_starts, [0, 0, 0, 0])
