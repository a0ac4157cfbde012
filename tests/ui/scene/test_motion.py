"""Moving what stands in the scene: exact to float32, origins respected, all else untouched."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from lab.scene import Lines, Mesh, Points
from ui.scene.motion import Motion, moved, turn_xyz
from ui.scene.transform_form import xyz_of

RNG = np.random.default_rng(0)
VERTS = RNG.normal(size=(50, 3)).astype(np.float32)
NORMALS = (VERTS / np.linalg.norm(VERTS, axis=1, keepdims=True)).astype(np.float32)
numbers = st.floats(-2, 2)
triples = st.tuples(numbers, numbers, numbers)


def mesh(origin=(0.0, 0.0, 0.0)) -> Mesh:
    return Mesh(
        VERTS,
        np.array([[0, 1, 2], [2, 3, 4]]),
        normals=NORMALS,
        colors=np.full((50, 3), 0.5, np.float32),
        scalars={"height": VERTS[:, 1]},
        vectors={"gradient": VERTS * 3},
        origin=np.array(origin),
    )


@settings(max_examples=50)
@given(
    triples, triples, triples, st.floats(0.2, 4), st.sampled_from([(0.0, 0.0, 0.0), (637_000.0, 12.0, -4_850_000.0)])
)
def test_points_go_where_the_similarity_takes_them(pivot, shift, turn, factor, origin):
    pivot = tuple(np.array(pivot) + origin)
    R = Rotation.from_rotvec(turn).as_matrix()
    entity = mesh(origin)
    after = moved(entity, Motion(pivot, shift, R, factor))
    world = entity.origin + entity.verts.astype(float)
    expected = factor * (world - pivot) @ R.T + pivot + shift
    assert np.allclose(after.origin + after.verts.astype(float), expected, atol=2e-5, rtol=0)
    assert np.allclose(after.normals, NORMALS @ R.T, atol=1e-6)
    assert np.allclose(after.vectors["gradient"], 3 * VERTS @ R.T, atol=1e-5)
    assert after.faces is entity.faces
    assert after.colors is entity.colors
    assert after.scalars["height"] is entity.scalars["height"]


def test_an_entity_near_zero_keeps_no_origin_and_a_scan_keeps_its_own():
    assert not moved(mesh(), Motion(shift=(1, 2, 3))).origin.any()
    scan = moved(mesh((5e5, 0, 0)), Motion(shift=(1, 2, 3)))
    assert np.allclose(scan.origin, (5e5 + 1, 2, 3), atol=0)
    assert np.array_equal(scan.verts, VERTS)
    away = moved(mesh(), Motion(shift=(1e7, 0, 0)))
    assert np.allclose(away.origin, (1e7, 0, 0), atol=0), "float32 would lose its shape there"
    assert np.array_equal(away.verts, VERTS)


def test_nothing_is_the_same_object():
    entity = mesh()
    assert moved(entity, Motion()) is entity
    assert Motion().is_identity
    assert not Motion(factor=2).is_identity
    assert not Motion(rotation=turn_xyz((0, 0, 1))).is_identity


def test_clouds_and_lines_move_too():
    R = turn_xyz((0, 0, 90))
    cloud = moved(Points(VERTS), Motion(rotation=R))
    assert isinstance(cloud, Points)
    assert np.allclose(cloud.verts[:, 0], -VERTS[:, 1], atol=1e-6)
    line = Lines(VERTS, np.array([[0, 1]]), colors=np.ones((1, 3)))
    after = moved(line, Motion(shift=(0, 1, 0)))
    assert isinstance(after, Lines)
    assert after.edges is line.edges
    assert np.allclose(after.verts, VERTS + np.float32([0, 1, 0]))


def test_progress_comes_to_one_over_all_arrays():
    told: list[float] = []
    zeros = np.zeros((200_000, 3), np.float32)
    moved(Points(zeros, normals=zeros), Motion(rotation=turn_xyz((0, 90, 0))), told.append)
    assert len(told) >= 4
    assert told == sorted(told)
    assert told[len(told) // 2 - 1] == pytest.approx(0.5)
    assert told[-1] == pytest.approx(1)


def test_without_a_turn_normals_stay_the_same_arrays():
    entity = mesh()
    after = moved(entity, Motion(shift=(0, 1, 0), factor=2))
    assert after.normals is entity.normals
    assert after.vectors["gradient"] is entity.vectors["gradient"]


def test_turns_come_in_the_order_x_y_z():
    expected = Rotation.from_euler("xyz", (20, 30, -50), degrees=True).as_matrix()  # lower case: about fixed axes
    assert np.allclose(turn_xyz((20, 30, -50)), expected)


@given(st.tuples(st.floats(-179, 179), st.floats(-89, 89), st.floats(-179, 179)))
def test_angles_come_back(degrees):
    assert np.allclose(xyz_of(turn_xyz(degrees)), degrees, atol=1e-6)


@pytest.mark.parametrize("degrees", [(30, 90, 0), (10, -90, 70)])
def test_gimbal_lock_gives_angles_of_the_same_rotation(degrees):
    R = turn_xyz(degrees)
    found = xyz_of(R)
    assert found[0] == 0
    assert np.allclose(turn_xyz(found), R, atol=1e-6)
