"""The object: its working frame, its coarser copies, its edges and its light."""

from __future__ import annotations

import numpy as np
import pytest

from lab.cameras.model import CameraModel, look_at
from lab.fitting.templates import ico_sphere
from lab.pose.model import COURSE, STUDIO, Model, Shape, base_colors, signed_volume
from lab.pose.trials import load_object
from lab.scene import Array, Material, Mesh


def ball(level: int = 3, scale: float = 1.0, origin: Array | None = None) -> Mesh:
    verts, faces = ico_sphere(level)
    return Mesh(verts * np.float32(scale), faces, origin=np.zeros(3) if origin is None else origin)


def test_an_object_of_handy_size_stays_where_it_is() -> None:
    model = Model.of(ball())
    assert model.scale == 1.0
    assert not model.flipped
    assert model.center == pytest.approx(np.zeros(3), abs=1e-6)
    assert model.radius == pytest.approx(np.sqrt(3.0), rel=0.01)


def test_a_large_one_far_away_is_two_metres_wide_and_its_cameras_go_back() -> None:
    model = Model.of(ball(scale=300.0, origin=np.array([1e5, 0.0, 0.0])))
    assert np.ptp(model.shape.verts, axis=0) == pytest.approx([2.0] * 3, rel=0.01)
    camera = CameraModel(look_at(np.array([0.0, 0.0, 4.0]), np.zeros(3)), 100, 100, 64, 64, 128, 128)
    assert model.to_world(camera).center == pytest.approx([1e5, 0.0, 1200.0], rel=0.01)
    assert model.points_to_world(model.shape.verts)[:, 0].mean() == pytest.approx(1e5, abs=1.0)


def test_coarser_copies_keep_the_size_and_the_colour() -> None:
    model = load_object("spot")
    for shape, most in ((model.coarse, 1200), (model.rough, 300)):
        assert 0.5 * most < len(shape.faces) <= most
        assert np.ptp(shape.verts, axis=0) == pytest.approx(np.ptp(model.shape.verts, axis=0), rel=0.16)
        assert shape.colors.mean() == pytest.approx(model.shape.colors.mean(), abs=0.05)


def test_every_edge_of_a_closed_mesh_has_two_wings() -> None:
    verts, faces = ico_sphere(2)
    shape = Shape(verts.astype(float), faces, np.zeros((len(faces), 3, 3), np.float32))
    edges, offsets, corners = shape.wings
    assert len(edges) == 3 * len(faces) // 2
    assert set(np.diff(offsets)) == {2}
    known = {tuple(sorted(face)) for face in faces.tolist()}
    for number in (0, 17, len(edges) - 1):
        for corner in corners[offsets[number] : offsets[number + 1]]:
            assert tuple(sorted([*edges[number].tolist(), int(corner)])) in known


def test_the_signed_volume_tells_which_way_faces_are_wound() -> None:
    mesh = ball(4)
    volume = signed_volume(mesh.verts.astype(float), mesh.faces)
    assert volume == pytest.approx(4 / 3 * np.pi, rel=0.02)
    turned = Mesh(mesh.verts, np.ascontiguousarray(mesh.faces[:, ::-1]))
    assert signed_volume(turned.verts.astype(float), turned.faces) == pytest.approx(-volume)
    assert Model.of(turned).flipped


def test_the_light_of_the_course_is_pytorch3ds_ambient_and_diffuse() -> None:
    """Ambient 0.5, diffuse 0.3: what faces the light has 0.8, what faces away 0.5 (REFERENCE II.1)."""
    colors = Model.of(ball(), COURSE).shape.colors
    assert colors.max() == pytest.approx(0.8, abs=0.01)
    assert colors.min() == pytest.approx(0.5)
    assert Model.of(ball(), STUDIO).shape.colors.min() < 0.35


def test_colours_of_vertices_textures_and_materials() -> None:
    verts, faces = np.eye(3, dtype=np.float32), np.array([[0, 1, 2]], np.int32)
    assert base_colors(Mesh(verts, faces)) == pytest.approx(np.ones((1, 3, 3)))
    assert base_colors(Mesh(verts, faces, colors=np.eye(3)))[0] == pytest.approx(np.eye(3))
    owner = np.zeros(1, np.int32)
    red = Mesh(verts, faces, materials=(Material(diffuse=(1.0, 0.0, 0.0)),), face_materials=owner)
    assert base_colors(red)[0] == pytest.approx(np.tile([1.0, 0.0, 0.0], (3, 1)))
    texture = np.zeros((2, 2, 3), np.uint8)
    texture[0, 0] = 255  # row 0 is the top, where v is near 1
    uvs = np.array([[[0.1, 0.9], [0.9, 0.9], [0.1, 0.1]]], np.float32)
    painted = Mesh(verts, faces, uvs=uvs, materials=(Material(texture=texture),), face_materials=owner)
    assert base_colors(painted)[0].mean(axis=1) == pytest.approx([1.0, 0.0, 0.0])
