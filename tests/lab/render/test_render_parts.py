"""The parts that pictures are made of, in numbers: refinement, arrows, floor, frustum, pieces, pace."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from lab.render import drawing
from lab.render.arrows import MOST, arrow_mesh
from lab.render.camera import Camera
from lab.render.floor import floor_lines, floor_under, round_up_125
from lab.render.frustum import frustum_of, placed
from lab.render.messages import Style
from lab.render.pace import BUDGET, SCALES, Pace
from lab.render.topology import Memory, edge_list, evenly, refined, refinement
from lab.scene import Lines, Material, Mesh, Points
from tests.lab.render.render_help import sphere, square

# --- topology -----------------------------------------------------------------------------------------------------


def test_refinement_of_a_square_by_hand():
    mesh = square()
    edges, faces = refinement(mesh.faces, 4)
    assert edges.tolist() == [[0, 1], [0, 2], [0, 3], [1, 2], [2, 3]]
    assert len(faces) == 8
    verts = refined(mesh.verts, edges)
    assert np.allclose(verts[5], (0, 0, 0))  # the middle of the diagonal 0-2
    a, b, c = (verts[faces[:, i]] for i in range(3))
    areas = np.cross(b - a, c - a)[:, 2] / 2
    assert np.allclose(areas, 0.5)  # each an eighth of 4, all still facing +Z


def test_refinement_keeps_a_closed_surface_closed():
    mesh = sphere(1)
    _, faces = refinement(mesh.faces, len(mesh.verts))
    assert len(edge_list(faces)) == 1.5 * len(faces)


def test_memory_holds_for_the_very_same_array_only():
    memory, made = Memory(kept=2), []
    first, same = np.zeros(3), np.zeros(3)
    for array in (first, first, same):
        memory.of(array, "x", lambda: made.append(1))
    assert len(made) == 2
    memory.of(first, "y", lambda: made.append(1))  # pushes out the oldest, (first, "x")
    memory.of(first, "x", lambda: made.append(1))
    assert len(made) == 4


def test_evenly_chosen_vertices_leave_no_gap():
    verts = sphere(5).verts
    chosen = evenly(verts, 500)
    assert 250 < len(chosen) <= 500
    nearest = np.linalg.norm(verts[:, None] - verts[chosen][None], axis=2).min(axis=1)
    assert nearest.max() < 0.35
    assert len(evenly(verts[:100], 500)) == 100
    assert len(evenly(np.zeros((600, 3), np.float32), 500)) == 1


# --- arrows -------------------------------------------------------------------------------------------------------


def test_arrows_point_where_they_should():
    base = np.array([[0, 0, 0], [5, 0, 0]], np.float32)
    vectors = np.array([[0, 2, 0], [0, 0, 1]], np.float32)
    verts, normals, faces = arrow_mesh(base, vectors, size=10.0, scale=None, typical=2.0)
    assert np.allclose(np.linalg.norm(normals, axis=1), 1, atol=1e-5)
    each = len(verts) // 2
    assert np.allclose(verts[each - 1], (0, 0.6, 0))  # the tip of a typical one: 6 % of the size
    assert np.allclose(verts[-1], (5, 0, 0.3))
    assert faces.max() == len(verts) - 1
    a, b, c = (verts[faces[:14, i]].astype(float) for i in range(3))
    turned = np.cross(b - a, c - a)
    shaft, head = slice(0, 6), slice(6, 14)
    from_axis = (a + b + c) / 3 * [1, 0, 1]
    assert (np.einsum("ij,ij->i", turned, from_axis)[shaft] > 0).all()
    assert np.allclose(turned[head].sum(axis=0), 0, atol=1e-6)  # the head is closed, ...
    assert np.einsum("ij,ij->i", a, turned)[head].sum() > 0  # ... and its faces look outward


def test_a_few_long_arrows_are_cut():
    base = np.zeros((2, 3), np.float32)
    vectors = np.array([[1, 0, 0], [0, 50, 0]], np.float32)
    verts, _, _ = arrow_mesh(base, vectors, size=10.0, scale=None, typical=1.0)
    assert np.allclose(verts[len(verts) // 2 - 1], (0.6, 0, 0))
    assert np.allclose(verts[-1], (0, 1.2, 0))


def test_arrows_by_a_given_scale_and_none_for_nothing():
    base = np.zeros((3, 3), np.float32)
    vectors = np.array([[1, 0, 0], [0, 0, 0], [np.nan, 0, 0]], np.float32)
    verts, _, faces = arrow_mesh(base, vectors, size=1.0, scale=0.25, typical=1.0)
    assert np.allclose(verts[-1], (0.25, 0, 0))
    assert len(verts) == 6 + 5 + 1
    assert len(faces) == 6 + 5 + 3


# --- floor and frustum --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "step"), [(1, 1), (1.1, 2), (2.3, 5), (7, 10), (0.013, 0.02), (0.1, 0.1), (40_000, 50_000)]
)
def test_steps_of_the_grid(value, step):
    assert round_up_125(value) == pytest.approx(step)


def test_the_floor_lies_under_the_scene_on_round_numbers():
    floor = floor_under(np.array([-1.0, 0.5, -1.0]), np.array([1.0, 2.5, 1.0]), None)
    assert 0.45 < floor.centre[1] < 0.5
    assert floor.spacing == 0.5
    assert floor.centre[0] % (5 * floor.spacing) == 0
    assert floor.radius > np.sqrt(2)


def test_the_floor_does_not_tremble_with_a_run():
    lower, upper = np.array([-1.0, -1, -1]), np.array([1.0, 1, 1])
    first = floor_under(lower, upper, None)
    assert floor_under(lower + 0.004, upper * 1.01, first) is first
    assert floor_under(lower - [0, 0.3, 0], upper, first).centre[1] < -1.3


def test_floor_lines_fade_into_the_background():
    floor = floor_under(-np.ones(3), np.ones(3), None)
    verts, edges, colors = floor_lines(floor, (1, 1, 1), (0, 0, 0), axes=True)
    reach = np.linalg.norm(verts[edges].mean(axis=1), axis=1)
    assert np.linalg.norm(verts, axis=1).max() <= floor.radius * (1 + 1e-6)
    assert colors[reach > 0.97 * floor.radius].max() < 0.06
    red = (colors[:, 0] > 0.5) & (colors[:, 1] < 0.4)
    assert np.allclose(verts[edges[red]][..., 2], 0)  # the x axis runs through z = 0


def test_the_frustum_holds_the_scene():
    camera = Camera(distance=5)
    frustum = frustum_of(camera, 800, 600, -np.ones(3), np.ones(3))
    assert 3.8 < frustum.near < 4
    assert 6 < frustum.far < 6.2
    assert (frustum.nearest, frustum.farthest) == (pytest.approx(4), pytest.approx(6))
    left, right, bottom, top = frustum.part(0, 0, 800, 600)[1:5]
    assert (left, right, bottom, top) == (
        -frustum.half_width,
        frustum.half_width,
        -frustum.half_height,
        frustum.half_height,
    )
    assert frustum.part(400, 300, 400, 300)[1:5] == pytest.approx((0, right, bottom, 0))


def test_an_orthographic_camera_sees_what_is_behind_it():
    camera = Camera(distance=1, orthographic=True)
    frustum = frustum_of(camera, 100, 100, np.array([-9.0, -9, -9]), np.array([9.0, 9, 9]))
    assert frustum.near > 0
    at = placed(camera, frustum, np.zeros(3), lift=False) @ [0, 0, 9, 1]
    assert frustum.near < -at[2] < frustum.far


def test_lifting_moves_nothing_in_the_picture():
    for camera in (Camera(distance=5), Camera(distance=5, orthographic=True)):
        frustum = frustum_of(camera, 100, 100, -np.ones(3), np.ones(3))
        plain, lifted = (
            placed(camera, frustum, np.zeros(3), lift=lift) @ [0.3, -0.4, 0.2, 1] for lift in (False, True)
        )
        if not camera.orthographic:
            plain, lifted = plain[:3] / plain[2], lifted[:3] / lifted[2]
            assert np.allclose(plain, lifted)
        else:
            assert np.allclose(plain[:2], lifted[:2])
            assert lifted[2] > plain[2]


def test_large_origins_cancel_in_float64():
    origin = np.array([636_600.0, 500.0, 849_200.0])
    camera = replace(Camera(distance=2), pivot=tuple(origin + 0.25))
    frustum = frustum_of(camera, 100, 100, origin - 1, origin + 1)
    matrix = placed(camera, frustum, origin, lift=False).astype(np.float32)
    assert np.allclose(matrix @ np.array([0.25, 0.25, 0.25, 1], np.float32), (0, 0, -2, 1), atol=1e-6)


# --- pieces -------------------------------------------------------------------------------------------------------


def only(entity, style=None, how="lit", wireframe=False):
    (piece,) = drawing.pieces(entity, style or Style(), how, wireframe, Memory())
    return piece


def test_coarse_meshes_are_refined_for_the_light_alone():
    assert len(only(sphere(1)).indices) == 80 * 16
    assert len(only(sphere(2)).indices) == 320 * 16
    assert len(only(sphere(3)).indices) == 1280 * 4
    assert len(only(sphere(4)).indices) == 5120
    assert only(sphere(1), how="unlit").indices is not None
    assert len(only(sphere(1), how="unlit").indices) == 80


def test_refined_normals_are_unit_and_point_outward():
    piece = only(sphere(2))
    assert np.allclose(np.linalg.norm(piece.normals, axis=1), 1, atol=1e-5)
    direction = piece.verts / np.linalg.norm(piece.verts, axis=1, keepdims=True)
    assert np.einsum("ij,ij->i", piece.normals, direction).min() > 0.98


def test_flat_faces_have_one_normal_each():
    piece = only(square(), how="flat")
    assert piece.verts.shape == (6, 3)
    assert np.allclose(piece.normals, (0, 0, 1))


def test_normals_are_shared_across_a_seam():
    mesh = square()
    bent = Mesh(
        np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0], [0, 1, 0], [0, 0, -1]], np.float32),
        np.array([[0, 1, 2], [3, 4, 5]]),
    )
    piece = only(bent)
    assert np.allclose(piece.normals[0], piece.normals[3])
    assert mesh.normals is None


def test_whose_colour_wins():
    scalar = np.linspace(0, 1, 4).astype(np.float32)
    mesh = replace(square((0.1, 0.2, 0.3)), scalars={"d": scalar})
    assert np.allclose(only(mesh, how="unlit").albedo, (0.1, 0.2, 0.3))
    assert np.allclose(only(mesh, Style(color=(1, 0, 0)), "unlit").albedo, (1, 0, 0))
    by_scalar = only(mesh, Style(color=(1, 0, 0), scalar="d", colormap="grey"), "unlit").albedo
    assert np.allclose(by_scalar[:, 0], scalar, atol=1 / 255)
    assert np.allclose(only(square(), how="unlit").albedo, drawing.DEFAULT_COLOR)
    assert np.allclose(only(mesh, Style(scalar="none such"), "unlit").albedo, (0.1, 0.2, 0.3))


def test_the_range_of_a_scalar():
    mesh = replace(square(), scalars={"d": np.array([1, 2, 3, 4], np.float32)})
    assert drawing.limits_of(mesh, Style(scalar="d")) == (1, 4)
    assert drawing.limits_of(mesh, Style(scalar="d", scalar_range=(0, 9))) == (0, 9)
    assert drawing.limits_of(mesh, Style()) is None


def test_materials_colour_faces_and_split_by_texture():
    texture = np.zeros((2, 2, 3), np.uint8)
    mesh = replace(
        square(),
        uvs=np.zeros((2, 3, 2), np.float32),
        face_materials=np.array([0, 1]),
        materials=(Material("a", (1, 0, 0)), Material("b", (0, 1, 0), texture)),
    )
    plain, textured = drawing.pieces(mesh, Style(), "unlit", False, Memory())
    assert np.allclose(plain.albedo, (1, 0, 0))
    assert plain.texture is None
    assert textured.texture is texture
    assert np.allclose(textured.albedo, 1)
    assert textured.uvs.shape == (3, 2)
    overridden = drawing.pieces(mesh, Style(color=(0, 0, 1)), "unlit", False, Memory())
    assert len(overridden) == 1
    assert overridden[0].texture is None


def test_wires_and_arrows_come_on_top():
    mesh = replace(sphere(4), vectors={"g": sphere(4).verts})
    surface, wires, arrows = drawing.pieces(
        mesh, Style(wireframe=True, arrows={"g": (1, 0, 0), "gone": (0, 1, 0)}), "lit", False, Memory()
    )
    assert surface.kind == "mesh"
    assert (wires.kind, wires.lifted, len(wires.indices)) == ("lines", True, 7680)
    assert arrows.xray
    assert len(arrows.verts) <= MOST * 12


def test_the_same_vertices_keep_their_arrows():
    memory, mesh = Memory(), replace(sphere(4), vectors={"g": sphere(4).verts})
    moved = replace(mesh, verts=mesh.verts * np.float32(1.5) + np.float32(0.3))
    style = Style(arrows={"g": (1, 0, 0)}, arrow_scale=0.1)
    before, after = (drawing.pieces(m, style, "lit", False, memory)[1] for m in (mesh, moved))
    assert len(before.verts) == len(after.verts)


def test_nothing_to_draw():
    empty = np.zeros((0, 3), np.float32)
    assert drawing.pieces(Points(empty), Style(), "lit", False, Memory()) == []
    assert drawing.pieces(Mesh(empty, np.zeros((0, 3))), Style(), "lit", True, Memory()) == []
    assert drawing.pieces(Lines(empty, np.zeros((0, 2))), Style(), "lit", False, Memory()) == []


def test_a_mesh_without_faces_is_drawn_as_points():
    assert only(Mesh(np.ones((3, 3)), np.zeros((0, 3)))).kind == "points"


def test_plain_clouds_are_brighter_with_height():
    verts = np.array([[0, 0, 0], [0, 1, 0]], np.float32)
    low, high = only(Points(verts)).albedo[:, 0]
    assert low < 0.6 * high
    assert np.allclose(only(Points(verts), how="unlit").albedo, drawing.DEFAULT_COLOR)


# --- pace ---------------------------------------------------------------------------------------------------------


def run(pace, seconds_of, drafts=60, size=(1920, 1080)):
    scales = []
    for _ in range(drafts):
        scales.append(pace.scale(*size))
        pace.took(seconds_of(scales[-1]))
    return scales


def test_quick_drafts_stay_at_full_size():
    assert set(run(Pace(), lambda scale: 0.5 * BUDGET)) == {1.0}


def test_slow_pixels_lower_the_scale_until_the_budget_holds():
    scales = run(Pace(), lambda scale: 0.004 + 0.1 * scale**2)
    assert 0.004 + 0.1 * scales[-1] ** 2 <= BUDGET
    assert len(set(scales[20:])) == 1  # and then it stays


def test_slow_vertices_are_not_paid_for_with_pixels():
    scales = run(Pace(), lambda scale: 0.2 + 0.001 * scale**2)
    assert scales[-1] == 1.0
    assert sum(a != b for a, b in itertools.pairwise(scales)) <= 2  # one try, and back


def test_the_scale_rises_when_it_got_easier():
    pace = Pace()
    run(pace, lambda scale: 0.3 * scale**2)
    assert pace.scale(1920, 1080) < 1
    assert run(pace, lambda scale: 0.002, drafts=150)[-1] == 1.0
    assert SCALES[0] == 1.0
