"""Pictures: every pixel's depth against PyTorch3D's rasteriser, clipping, colours, points, coarse pictures."""

import numpy as np
import pytest
import torch
from pytorch3d.renderer import FoVPerspectiveCameras, MeshRasterizer, RasterizationSettings
from pytorch3d.structures import Meshes

from lab.cameras.conventions import to_pytorch3d_fov
from lab.cameras.model import CameraModel, focal_from_fov, look_at
from lab.cameras.picture import BACKGROUND, Clip, Painter, pytorch3d_clip, quick_is_rough, ray_bundle, shown
from lab.cameras.projection import rays
from lab.scene import Material, Mesh, Points
from tests.lab.cameras.cameras_help import batched, theirs

EMPTY = np.round(255 * np.array(BACKGROUND))


def camera(eye=(1.0, 1.5, 2.5), width=40, height=30, **changes):
    focal = focal_from_fov(50, height)
    given = {"fx": focal, "fy": focal, "cx": width / 2, "cy": height / 2, "near": 0.1} | changes
    return CameraModel(look_at(np.array(eye), np.zeros(3)), width=width, height=height, **given)


def cube(size=1.0, **changes):
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * size / 2
    faces = [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1]]
    faces += [[2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3]]
    return Mesh(corners, np.array(faces), **changes)


def square(z, half=1.0, **changes):
    """A square across the lab's -Z axis."""
    verts = np.array([[-half, -half, z], [half, -half, z], [half, half, z], [-half, half, z]])
    return Mesh(verts, np.array([[0, 1, 2], [0, 2, 3]]), **changes)


def ahead(**changes):
    """A camera at the origin that looks along -Z."""
    given = {"fx": 20.0, "fy": 20.0, "cx": 10.0, "cy": 10.0, "width": 20, "height": 20} | changes
    return CameraModel(np.eye(4), **given)


def rasterised(mesh, there, size):
    settings = RasterizationSettings(image_size=size, bin_size=0)
    meshes = Meshes([torch.tensor(np.array(mesh.verts))], [torch.tensor(np.array(mesh.faces)).long()])
    z = MeshRasterizer(there, settings)(meshes).zbuf[0, ..., 0].numpy()
    return np.where(z < 0, np.nan, z)


def agree(ours, expected):
    """The same pixels, but for a few at outlines, where rounding decides, and the same depths."""
    both = np.isfinite(ours) & np.isfinite(expected)
    assert both.sum() > 50
    assert (np.isfinite(ours) != np.isfinite(expected)).sum() <= 0.01 * ours.size
    assert np.allclose(ours[both], expected[both], atol=1e-4)


@pytest.mark.parametrize("shift", [0.0, 6.0])
@pytest.mark.parametrize("orthographic", [False, True])
def test_depths_are_those_of_pytorch3ds_rasteriser(shift, orthographic):
    from lab.cameras.conventions import to_pytorch3d

    one = camera(cx=20 + shift, cy=15 - shift, fx=20.0, fy=16.0, orthographic=orthographic)
    expected = rasterised(cube(), theirs(to_pytorch3d(one)), (30, 40))
    agree(Painter().shoot(cube(), one).depth, expected)


@pytest.mark.parametrize("near", [0.1, 4.9])
def test_the_near_clip_is_pytorch3ds(near):
    """With znear at 4.9 the corners that are nearer than 2.45 m are cut off, and the inside shows."""
    one = camera(near=near, far=5.0)
    other = to_pytorch3d_fov(one)
    there = FoVPerspectiveCameras(
        R=batched(other.R), T=batched(other.T), znear=near, zfar=5.0, fov=other.fov_deg, aspect_ratio=other.aspect_ratio
    )
    found = Painter().shoot(cube(), one, pytorch3d_clip(one)).depth
    agree(found, rasterised(cube(), there, (30, 40)))
    assert (np.nanmin(found) < 2.45) == (near == 0.1)


def test_pytorch3d_clips_nothing_in_orthographic_pictures_or_without_znear():
    assert pytorch3d_clip(camera(near=1.0)).lower == 0.5
    assert pytorch3d_clip(camera(near=1.0), has_near=False).lower == 0
    assert pytorch3d_clip(camera(near=1.0, orthographic=True)).lower == 0


def test_clip_takes_what_lies_between():
    for z, clip, seen in (
        (-2, Clip(), True),
        (-2, Clip(2.1), False),
        (-2, Clip(1.9, 2.1), True),
        (-2, Clip(0, 1.9), False),
    ):
        assert np.isfinite(Painter().shoot(square(z), ahead(), clip).depth).any() == seen
    assert not np.isfinite(Painter().shoot(square(2.0), ahead()).depth).any()


def test_the_light_stands_at_the_camera():
    """A face across the view is lit in full, one at 60 degrees to it gets the ambient 1/4 and 3/4 of the cosine."""
    white = Material(diffuse=(1.0, 1.0, 1.0))
    flat = square(-2.0, materials=(white,), face_materials=np.zeros(2))
    assert Painter().shoot(flat, ahead(orthographic=True)).pixels[10, 10, 0] == 255
    turn = np.radians(60)
    verts = flat.verts @ np.array([[np.cos(turn), 0, -np.sin(turn)], [0, 1, 0], [np.sin(turn), 0, np.cos(turn)]])
    tilted = Mesh(verts - verts.mean(axis=0) + [0, 0, -2], flat.faces, materials=(white,), face_materials=np.zeros(2))
    assert Painter().shoot(tilted, ahead(orthographic=True)).pixels[10, 10, 0] == pytest.approx(255 * 0.625, abs=1)


def test_colours_are_interpolated_over_a_face():
    colors = np.array([[1, 0, 0], [0, 1, 0], [0, 1, 0], [1, 0, 0]])
    row = Painter().shoot(square(-2.0, 1.0, colors=colors), ahead(orthographic=True, fx=10.0, fy=10.0)).pixels[10]
    assert row[0] == pytest.approx([255 * 0.975, 255 * 0.025, 0], abs=2)
    assert row[19] == pytest.approx([255 * 0.025, 255 * 0.975, 0], abs=2)


def test_the_empty_picture():
    nothing = Mesh(np.zeros((0, 3)), np.zeros((0, 3)))
    for geometry in (nothing, Points(np.zeros((0, 3)))):
        shot = Painter().shoot(geometry, ahead())
        assert (shot.pixels == EMPTY).all()
        assert np.isnan(shot.depth).all()


def test_the_nearest_point_is_on_top():
    cloud = Points(
        np.array([[0.0, 0, -3], [0, 0, -2], [0, 0, -4], [0, 0, 5]]),
        colors=np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 1]]),
    )
    shot = Painter().shoot(cloud, ahead())
    assert np.argwhere(np.isfinite(shot.depth)).tolist() == [[10, 10]]
    assert shot.depth[10, 10] == 2
    assert shot.pixels[10, 10].tolist() == [0, 255, 0]


def test_points_and_mesh_far_from_zero_keep_their_digits():
    """With an origin of 600 km the picture is the one at the origin."""
    away = np.array([6e5, 0.0, 5e6])
    near, far = camera(), camera()
    far = far.moved(np.block([[far.rotation, (far.center + away)[:, None]], [0, 0, 0, 1]]))
    for geometry in (cube(), Points(cube().verts)):
        moved = type(geometry)(**{**vars(geometry), "origin": away})
        assert np.allclose(
            Painter().shoot(moved, far).depth, Painter().shoot(geometry, near).depth, atol=1e-4, equal_nan=True
        )


def test_a_quick_picture_is_small_and_shows_the_same():
    big = camera(width=400, height=300)
    painter = Painter()
    full, quick = painter.shoot(cube(), big), painter.shoot_quick(cube(), big, 100)
    assert quick.pixels.shape == (75, 100, 3)
    assert shown(quick, big).size == shown(full, big).size == (400, 300)
    there = full.depth[2::4, 2::4]  # half a pixel of the full picture off the quick one's centres
    both = np.isfinite(there) & np.isfinite(quick.depth)
    assert (np.isfinite(there) != np.isfinite(quick.depth)).mean() < 0.02
    assert np.median(np.abs(there[both] - quick.depth[both])) < 0.02  # metres
    assert quick_is_rough(cube(), big, 100)
    assert not quick_is_rough(cube(), big, 400)


def test_a_quick_picture_of_many_points_shows_some_of_them():
    cloud = Points(np.random.default_rng(0).normal(size=(100_000, 3)))
    one = camera(eye=(0.0, 0, 9))
    assert quick_is_rough(cloud, one, 400)
    painter = Painter()
    quick, full = (
        np.isfinite(s.depth).sum() for s in (painter.shoot_quick(cloud, one, 400), painter.shoot(cloud, one))
    )
    assert 0.5 * full < quick <= full


def test_another_mesh_is_another_picture():
    painter = Painter()
    first = painter.shoot(square(-2.0), ahead()).depth[10, 10]
    assert (first, painter.shoot(square(-3.0), ahead()).depth[10, 10]) == pytest.approx((2, 3))


@pytest.mark.parametrize("orthographic", [False, True])
def test_the_fast_rays_are_the_exact_ones(orthographic):
    one = camera(cx=3.0, cy=40.0, fx=21.0, orthographic=orthographic)
    x, y = np.meshgrid(np.arange(40) + 0.5, np.arange(30) + 0.5)
    origins, directions = rays(one, np.stack([x.ravel(), y.ravel()], axis=1))
    bundle = ray_bundle(one, 0.7, np.array([1.0, 2, 3])).reshape(-1, 6)
    assert np.allclose(bundle[:, 3:], directions, atol=1e-6)
    assert np.allclose(bundle[:, :3], origins + 0.7 * directions - [1, 2, 3], atol=1e-6)
