"""The stages of the builder, on small cases worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from lab.body.builder import correctives, regressor, rings, shapes, skin, surface, tpose, words
from lab.body.builder.people import Person, draw, recipe, thirds
from lab.body.builder.regressor import convex_weights, regress, sphere_directions
from lab.body.builder.source import BaseMesh, SourceError
from lab.body.builder.surface import Surface, adjacency, cotangents, fairing, mirror_map
from lab.body.builder.thin import closest, thin
from lab.body.skeleton import JOINTS, MIRROR, joint
from lab.scene import Array


def ball(around: int = 24) -> tuple[Array, Array]:
    """A sphere of quads, those of a cube's gridded sides: verts (V, 3), quads (Q, 4). Symmetric, with some at x = 0."""
    side = around // 2
    grid = np.linspace(-1.0, 1.0, side + 1)
    verts: dict[tuple[float, ...], int] = {}
    quads: list[list[int]] = []
    for axis in range(3):
        for sign in (-1.0, 1.0):
            for i in range(side):
                for j in range(side):
                    corners = []
                    for a, b in ((i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)):
                        point = np.zeros(3)
                        point[axis], point[(axis + 1) % 3], point[(axis + 2) % 3] = sign, grid[a], grid[b]
                        corners.append(verts.setdefault(tuple(np.round(point, 9).tolist()), len(verts)))
                    quads.append(corners if sign > 0 else corners[::-1])
    points = np.array(list(verts))
    return points / np.linalg.norm(points, axis=1, keepdims=True), np.array(quads)


def triangles(quads: Array) -> Array:
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def test_amounts_of_a_person_sum_to_one() -> None:
    for value in (0.0, 0.2, 0.5, 0.9, 1.0):
        assert sum(thirds(value, "x").values()) == pytest.approx(1.0)
    person = Person(0.3, 0.4, 0.7, 0.2, 0.6, 0.9, 0.5, 0.5, (0.2, 0.3, 0.5))
    shares = list(recipe(person))
    assert sum(share for name, share in shares if "/universal-" in name) == pytest.approx(1.0)
    origins = [share for name, share in shares if name.count("-") == 2 and "universal" not in name]
    assert sum(origins) == pytest.approx(1.0)


@given(st.integers(0, 1000), st.sampled_from(["female", "male", "neutral"]))
def test_people_are_adults_within_the_ranges(seed: int, gender: str) -> None:
    person = draw(np.random.default_rng(seed), gender)
    assert person == draw(np.random.default_rng(seed), gender)
    assert all(0.0 <= value <= 1.0 for value in (person.male, person.age, person.weight, person.height, person.cup))
    assert gender == "neutral" or person.male == (gender == "male")
    assert sum(person.origins) == pytest.approx(1.0)


def test_bones_follow_their_joints() -> None:
    parents = {"eye.L": "head", "finger1-2.R": "finger1-1.R", "special.L": "eye.L", "loop": "loop"}
    expected = {"eye.L": "head", "finger3-1.L": "left_hand", "finger1-2.R": "right_wrist", "special.L": "head"}
    for bone, name in {**expected, "toe1-1.R": "right_foot", "spine05": "pelvis", "clavicle.L": "left_collar"}.items():
        assert JOINTS[skin.joint_of_bone(bone, parents)] == name
    for bone in ("loop", "unknown"):
        with pytest.raises(SourceError):
            skin.joint_of_bone(bone, parents)


@given(st.integers(0, 10_000))
def test_tidy_weights_are_symmetric_and_few(seed: int) -> None:
    rng = np.random.default_rng(seed)
    table = rng.integers(0, 3, (6, 24)).astype(float)  # many ties
    table[:, 0] += 0.1
    tidy = skin.tidy(table, np.array([1, 0, 2, 4, 3, 5]))
    assert np.allclose(tidy.sum(axis=1), 1.0)
    assert np.allclose(tidy[[1, 0, 2, 4, 3, 5]][:, MIRROR], tidy)
    with pytest.raises(SourceError):
        skin.tidy(np.zeros((1, 24)), np.array([0]))


def test_rotations_are_those_of_scipy() -> None:
    axis = np.array([2.0, -1.0, 0.5])
    axis /= np.linalg.norm(axis)
    assert tpose.rotation(axis, 0.7) == pytest.approx(Rotation.from_rotvec(0.7 * axis).as_matrix())
    start, end = np.array([1.0, 2.0, 3.0]), np.array([-2.0, 0.5, 1.0])
    turned = tpose.turn(start, end) @ start
    assert turned / np.linalg.norm(turned) == pytest.approx(end / np.linalg.norm(end))
    angle = tpose.roll_to(axis, start, end)
    rolled = tpose.rotation(axis, angle) @ start
    flat = [v - axis * (v @ axis) for v in (rolled, end)]
    assert flat[0] / np.linalg.norm(flat[0]) == pytest.approx(flat[1] / np.linalg.norm(flat[1]))


def test_principal_components_find_the_ways_people_differ() -> None:
    rng = np.random.default_rng(0)
    ways = np.linalg.qr(rng.normal(size=(60, 3)))[0].T.reshape(3, 20, 3)
    amounts = rng.normal(size=(80, 3)) * (0.3, 0.1, 0.05)
    verts = rng.normal(size=(20, 3)) + np.einsum("nk,kvc->nvc", amounts, ways)
    found = shapes.components(verts.astype(np.float32), 3)
    assert np.cov(found.scores.T) == pytest.approx(np.eye(3), abs=1e-6)
    assert found.explained == pytest.approx(1.0)
    assert found.error < 1e-6
    sizes = np.linalg.norm(found.directions.reshape(-1, 3), axis=0)
    assert sizes == pytest.approx(amounts.std(axis=0, ddof=1), rel=0.1)
    with pytest.raises(ValueError, match="do not vary in 5 ways"):
        shapes.components(verts.astype(np.float32), 5)


def test_convex_weights_recover_a_known_mean() -> None:
    rng = np.random.default_rng(1)
    columns = rng.normal(size=(90, 30))
    true = np.zeros(30)
    true[[3, 8, 20]] = (0.5, 0.3, 0.2)
    assert convex_weights(columns, columns @ true) == pytest.approx(true, abs=1e-6)
    few = convex_weights(columns, columns.mean(axis=1), most=5)
    assert (few > 0).sum() <= 5
    assert few.sum() == pytest.approx(1.0)
    assert few.min() >= 0.0


def test_candidates_lie_all_around() -> None:
    directions = sphere_directions(60)
    assert np.linalg.norm(directions, axis=1) == pytest.approx(np.ones(60))
    assert np.abs(directions.mean(axis=0)).max() < 0.02
    verts, _ = ball()
    allowed = verts[:, 0] >= 0.0
    near = regressor.around(verts, np.array([0.3, 0.0, 0.0]), allowed)
    assert allowed[near].all()
    assert (np.ptp(verts[near], axis=0) > (0.9, 1.5, 1.5)).all()


def test_regressor_is_exact_symmetric_and_sparse() -> None:
    rng = np.random.default_rng(2)
    verts, _ = ball(16)
    mirror = mirror_map(verts)
    people = np.stack([verts * rng.uniform(0.5, 1.5, 3) for _ in range(12)]).astype(np.float32)
    spots = rng.uniform(-0.25, 0.25, (24, 3))
    spots = 0.5 * (spots + spots[list(MIRROR)] * (-1, 1, 1))
    joints = np.stack([spots * (person.max(axis=0) - person.min(axis=0)) for person in people]).astype(float)
    table = regress(shapes.Crowd(people, joints), mirror).toarray()
    assert np.allclose(table @ people[0], joints[0], atol=1e-4)
    assert np.allclose(table[:, mirror][list(MIRROR)], table)
    assert np.allclose(table.sum(axis=1), 1.0)
    assert (table > 0).sum(axis=1).max() <= 60


def test_ring_weights_are_even_and_keep_the_place() -> None:
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    points = np.stack([np.cos(turn), np.zeros(24), np.sin(turn)], axis=1) * 0.1
    assert rings.ring_weights(points, np.zeros(3)) == pytest.approx(np.full(24, 1 / 24), abs=1e-6)
    aside = rings.ring_weights(points, np.array([0.0, 0.0, -0.03]))
    assert aside @ points == pytest.approx([0.0, 0.0, -0.03], abs=1e-4)
    assert aside.min() >= 0.0


def test_fairing_restores_a_dented_sphere_and_keeps_planes() -> None:
    verts, quads = ball()
    faces = triangles(quads)
    region = verts[:, 2] > 0.85
    dented = verts.copy()
    dented[region, 2] -= 0.4
    smooth = fairing(faces, region, verts)
    faired = smooth @ dented
    assert np.array_equal(faired[~region], verts[~region])
    assert np.abs(np.linalg.norm(faired[region], axis=1) - 1.0).max() < 0.03
    assert np.allclose(smooth.sum(axis=1), 1.0)
    nothing = fairing(faces, np.zeros(len(verts), bool), verts)
    assert np.array_equal(nothing @ dented, dented)


def test_cotangents_vanish_on_constants_and_sum_up_the_area() -> None:
    verts, quads = ball(32)
    laplacian, areas = cotangents(verts, triangles(quads))
    assert np.abs(laplacian @ np.ones(len(verts))).max() < 1e-9
    assert areas.sum() == pytest.approx(4 * np.pi, rel=0.02)
    assert adjacency(triangles(quads), len(verts)).sum() == 2 * (len(verts) + len(triangles(quads)) - 2)  # Euler


def symmetric_surface() -> tuple[Array, Surface]:
    verts, quads = ball()
    shifted = np.concatenate([verts, verts * 0.2 + (2, 0, 0), verts * 0.2 - (2, 0, 0)])
    both = np.concatenate([quads, quads + len(verts), quads + 2 * len(verts)])
    uvs = np.random.default_rng(0).uniform(size=(len(shifted), 2))
    names = np.repeat(surface.GROUPS, len(quads))
    return shifted, surface.choose(BaseMesh(shifted, uvs, both, both.copy(), names))


def test_the_surface_is_closed_and_symmetric() -> None:
    verts, chosen = symmetric_surface()
    assert len(chosen.faces) == 2 * 3 * len(ball()[1])
    faces = {tuple(sorted(face)) for face in chosen.faces.tolist()}
    assert {tuple(sorted(face)) for face in chosen.mirror[chosen.faces].tolist()} == faces
    assert words.volume(verts, chosen.faces) == pytest.approx(4.1 / 3 * np.pi * 1.016, rel=0.05)
    assert chosen.left.sum() * 2 == len(chosen.faces)
    with pytest.raises(SourceError, match="not symmetric"):
        mirror_map(verts + 0.1)


def test_the_light_mesh_is_closed_symmetric_and_near() -> None:
    verts, chosen = symmetric_surface()
    light = thin(verts, chosen, len(verts) // 2)
    points = light.carry @ verts
    edges = np.concatenate([light.faces[:, [0, 1]], light.faces[:, [1, 2]], light.faces[:, [2, 0]]]).astype(np.int64)
    key, back = edges @ [len(points), 1], edges @ [1, len(points)]
    assert len(np.unique(key)) == len(key)
    assert np.array_equal(np.sort(key), np.sort(back))
    assert np.allclose(points[light.mirror] * (-1, 1, 1), points)
    assert len(points) == pytest.approx(len(verts) / 2, rel=0.1)
    body = np.abs(points[:, 0]) < 1.5
    assert np.abs(np.linalg.norm(points[body], axis=1) - 1.0).max() < 0.03
    assert np.allclose(light.carry.sum(axis=1), 1.0)


def test_closest_points_of_a_triangle() -> None:
    corners = np.tile([[[0.0, 0, 0], [1, 0, 0], [0, 1, 0]]], (4, 1, 1))
    points = np.array([[0.2, 0.3, 5.0], [2.0, -1.0, 0.0], [0.5, -1.0, 0.0], [1.0, 1.0, 0.0]])
    expected = [[0.5, 0.2, 0.3], [0, 1, 0], [0.5, 0.5, 0], [0, 0.5, 0.5]]
    assert closest(points, corners) == pytest.approx(np.array(expected))


def test_words_are_different_and_signs_make_them_true() -> None:
    names = list(words.WORDS)
    table = np.zeros((4, len(names)))
    table[0, names.index("height")] = -0.9
    table[0, names.index("legs")] = -0.8
    table[1, names.index("bulk")] = 0.7
    table[2, names.index("bulk")] = 0.6
    table[2, names.index("face")] = -0.3
    told, signs = words.describe(names, table)
    assert told == ("Taller, longer legs", "Heavier", "Wider face, slimmer", "Fine shape 4")
    assert signs.tolist() == [-1, 1, -1, 1]


def test_volume_of_a_ball() -> None:
    verts, quads = ball(48)
    assert words.volume(verts, triangles(quads)) == pytest.approx(4 / 3 * np.pi, rel=0.01)


def test_delta_mush_leaves_rigid_motions_alone() -> None:
    verts, quads = ball(16)
    verts = verts * (1.0, 2.0, 0.7)
    mush = correctives.DeltaMush(verts, triangles(quads))
    turn = Rotation.from_rotvec([0.4, -0.8, 1.1]).as_matrix()
    moved = verts @ turn.T + (1.0, 2.0, 3.0)
    assert np.allclose(mush(moved), moved, atol=1e-9)


def test_features_vanish_for_the_root_and_are_row_major() -> None:
    pose = np.zeros((24, 3))
    pose[0] = (1.0, 2.0, 0.5)
    assert not correctives.features(pose).any()
    pose[5] = (0.2, -0.3, 0.4)
    expected = Rotation.from_rotvec(pose[5]).as_matrix() - np.eye(3)
    assert correctives.features(pose)[9 * 4 : 9 * 5].reshape(3, 3) == pytest.approx(expected)


def test_ridge_regression_recovers_linear_correctives() -> None:
    rng = np.random.default_rng(4)
    mirror = np.array([1, 0, 2])
    true = rng.normal(size=(3, 3, 207)).astype(np.float32) * 0.01
    true = 0.5 * (true + correctives.mirrored(true, mirror))
    poses = np.stack([correctives.random_pose(rng) for _ in range(1500)])
    inputs = np.stack([correctives.features(pose) for pose in poses])
    lessons = correctives.Lessons(inputs, np.einsum("nf,vcf->nvc", inputs, true).astype(np.float32))
    found = correctives.solve(lessons, np.ones((3, 23), bool), mirror)
    before, after = correctives.residual(found, lessons)
    assert after < 0.1 * before
    nothing = correctives.solve(lessons, np.zeros((3, 23), bool), mirror)
    assert not nothing.any()


def test_mirrored_correctives_correct_the_mirrored_pose() -> None:
    rng = np.random.default_rng(5)
    mirror = np.array([1, 0, 3, 2, 4])
    posedirs = rng.normal(size=(5, 3, 207))
    pose = rng.normal(size=(24, 3)) * 0.5
    other = (pose * (1, -1, -1))[list(MIRROR)]
    given_offsets = posedirs @ correctives.features(pose)
    image = correctives.mirrored(posedirs, mirror) @ correctives.features(other)
    assert image == pytest.approx(given_offsets[mirror] * (-1, 1, 1))
    assert correctives.mirrored(correctives.mirrored(posedirs, mirror), mirror) == pytest.approx(posedirs)


def test_random_poses_bend_both_sides_alike() -> None:
    rng = np.random.default_rng(6)
    poses = np.stack([correctives.random_pose(rng) for _ in range(400)])
    assert not poses[:, 0].any()
    left, right = poses[:, joint("left_elbow")].mean(axis=0), poses[:, joint("right_elbow")].mean(axis=0)
    assert left == pytest.approx(right * (1, -1, -1), abs=0.15)
    assert left[1] < -0.4
