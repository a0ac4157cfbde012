"""The way to the pixel: each stage and matrix against PyTorch3D's, facts of REFERENCE I.3, and what is clipped."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pytorch3d.renderer import (
    FoVPerspectiveCameras,
    MeshRasterizer,
    OrthographicCameras,
    PerspectiveCameras,
    RasterizationSettings,
)
from pytorch3d.structures import Meshes

from lab.cameras.conventions import to_opencv, to_opengl, to_pytorch3d, to_pytorch3d_fov
from lab.cameras.model import CameraError, CameraModel, focal_from_fov
from lab.cameras.projection import pixels, rays, stages, unproject
from tests.lab.cameras.cameras_help import assert_close, batched, cameras, points_in_front, theirs


@settings(max_examples=40, deadline=None)
@given(cameras())
def test_every_stage_is_pytorch3ds(camera):
    points = points_in_front(camera)
    there = theirs(to_pytorch3d(camera))
    world, view, ndc, screen = stages(camera, points)
    assert np.array_equal(world.coordinates, points)
    to_view = there.get_world_to_view_transform()
    assert np.allclose(view.matrix, to_view.get_matrix()[0], atol=1e-5)
    assert np.allclose(view.coordinates, to_view.transform_points(batched(points))[0], atol=1e-5)
    assert np.allclose(ndc.matrix, there.get_projection_transform().get_matrix()[0], rtol=1e-5)
    assert_close(there.transform_points_ndc(batched(points))[0], ndc.coordinates, camera)
    assert_close(there.transform_points_screen(batched(points))[0], screen.coordinates, camera)


@settings(max_examples=20, deadline=None)
@given(cameras(orthographic=False, centred=True))
def test_the_fov_familys_depth_is_pytorch3ds(camera):
    other = to_pytorch3d_fov(camera)
    assume(1 < other.fov_deg < 150)  # beyond, the tangent has few digits in float32
    there = FoVPerspectiveCameras(
        R=batched(other.R),
        T=batched(other.T),
        znear=torch.tensor([other.znear], dtype=torch.float32),
        zfar=torch.tensor([other.zfar], dtype=torch.float32),
        fov=torch.tensor([other.fov_deg], dtype=torch.float32),
        aspect_ratio=torch.tensor([other.aspect_ratio], dtype=torch.float32),
    )
    points = points_in_front(camera)
    ndc = stages(camera, points, family="fov")[2]
    assert np.allclose(ndc.matrix, there.get_projection_transform().get_matrix()[0], rtol=1e-5, atol=1e-5)
    assert np.allclose(ndc.coordinates, there.transform_points_ndc(batched(points))[0], rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("depth", [1.0, 3.0, 100.0])
def test_ndc_depth_of_the_fov_camera(depth):
    camera = CameraModel(np.diag([-1.0, 1, -1, 1]), 100, 100, 50, 50, 100, 100, 1.0, 100.0)
    z = stages(camera, np.array([[0, 0, depth]]), family="fov")[2].coordinates[0, 2]
    assert z == pytest.approx(100 / 99 - 100 / (99 * depth))
    assert {1.0: z == pytest.approx(0, abs=1e-12), 100.0: z == pytest.approx(1)}.get(depth, 0 < z < 1)


@given(cameras())
def test_all_conventions_arrive_at_the_same_pixel(camera):
    points = points_in_front(camera)
    expected, _ = pixels(camera, points)
    for convention in ("PyTorch3D", "OpenCV", "OpenGL"):
        assert np.allclose(stages(camera, points, convention)[-1].coordinates[:, :2], expected, rtol=1e-9, atol=1e-7)


@given(cameras(orthographic=False))
def test_opencvs_stages_are_its_formula(camera):
    points = points_in_front(camera)
    other = to_opencv(camera)
    own = points @ other.R.T + other.t
    _, seen, normalised, pixel = stages(camera, points, "OpenCV")
    assert np.allclose(seen.coordinates, own)
    assert np.allclose(normalised.coordinates[:, :2], own[:, :2] / own[:, 2:])
    assert np.allclose(pixel.coordinates[:, :2], (own / own[:, 2:] @ other.K.T)[:, :2])


@given(cameras())
def test_opengls_clip_box_runs_from_near_to_far(camera):
    other = to_opengl(camera)
    for depth, z in ((camera.near, -1), (camera.far, 1)):
        clip = other.projection @ [0, 0, -depth, 1]
        assert clip[2] / clip[3] == pytest.approx(z, abs=1e-9)


def test_blender_has_no_stages():
    with pytest.raises(CameraError, match="choose"):
        stages(CameraModel(np.eye(4), 1, 1, 1, 1, 2, 2), np.zeros((1, 3)), "Blender")


@given(cameras(), st.integers(0, 99))
def test_unproject_undoes_project(camera, seed):
    points = points_in_front(camera, seed)
    at, depth = pixels(camera, points)
    assert np.allclose(unproject(camera, at, depth), points, atol=1e-8)


@settings(max_examples=20, deadline=None)
@given(cameras())
def test_unproject_is_pytorch3ds(camera):
    points = points_in_front(camera)
    there = theirs(to_pytorch3d(camera))
    at = stages(camera, points)[2].coordinates[:, :2]
    depth = pixels(camera, points)[1]
    xy_depth = np.concatenate([at, depth[:, None]], axis=1)
    found = there.unproject_points(batched(xy_depth))[0]
    focal = 2 * min(camera.fx, camera.fy) / min(camera.width, camera.height)
    rounding = 1e-6 * np.abs(at).max() * depth.max() / focal  # theirs is float32, divided by the focal length
    assert np.allclose(found, points, rtol=1e-4, atol=1e-4 + rounding)


@given(cameras())
def test_rays_go_through_their_points(camera):
    points = points_in_front(camera)
    at, depth = pixels(camera, points)
    origins, directions = rays(camera, at)
    assert np.allclose(origins + directions * depth[:, None], points, atol=1e-8)


def test_points_behind_have_no_pixel():
    camera = CameraModel(np.eye(4), 100, 100, 50, 50, 100, 100)
    at, depth = pixels(camera, np.array([[0, 0, 1.0], [0, 0, 0], [0, 0, -2]]))
    assert np.isnan(at[:2]).all()
    assert np.array_equal(at[2], [50, 50])
    assert np.array_equal(depth, [-1, 0, 2])


def test_pixel_centres_in_ndc():
    """REFERENCE I.3: the centre of pixel i of S stands at NDC 1 - (2i + 1)/S."""
    camera = CameraModel(np.diag([-1.0, 1, -1, 1]), 4, 4, 4, 4, 8, 8)
    for i in range(8):
        point = unproject(camera, np.array([[i + 0.5, i + 0.5]]), np.ones(1))
        assert stages(camera, point)[2].coordinates[0, :2] == pytest.approx([1 - (2 * i + 1) / 8] * 2)


def test_sizes_and_depth():
    """Perspective size falls with 1/Z; orthographic size does not depend on it."""
    ends = np.array([[-0.5, 0, -2.0], [0.5, 0, -2.0], [-0.5, 0, -4.0], [0.5, 0, -4.0]])
    for orthographic, ratio in ((False, 2.0), (True, 1.0)):
        x = pixels(CameraModel(np.eye(4), 100, 100, 50, 50, 100, 100, orthographic=orthographic), ends)[0][:, 0]
        assert (x[1] - x[0]) / (x[3] - x[2]) == pytest.approx(ratio)


# --- what PyTorch3D's rasteriser keeps ------------------------------------------------------------------------------


def drawn(camera, z):
    """Whether a triangle across the axis, z metres ahead, is drawn."""
    size = abs(z) + 1
    verts = torch.tensor([[-size, -size, z], [size, -size, z], [0, 2 * size, z]], dtype=torch.float32)
    settings = RasterizationSettings(image_size=4, bin_size=0)
    fragments = MeshRasterizer(camera, settings)(Meshes([verts], [torch.tensor([[0, 1, 2]])]))
    return bool((fragments.pix_to_face >= 0).any())


@pytest.mark.parametrize(
    ("z", "seen"), [(0.4, False), (0.49, False), (0.51, True), (0.6, True), (1.0, True), (99.0, True), (500.0, True)]
)
def test_near_clips_at_half_of_znear_and_far_never(z, seen):
    assert drawn(FoVPerspectiveCameras(znear=1.0, zfar=100.0), z) == seen


@pytest.mark.parametrize(("z", "seen"), [(-0.1, False), (0.01, True), (500.0, True)])
@pytest.mark.parametrize("kind", [PerspectiveCameras, OrthographicCameras])
def test_cameras_without_znear_clip_nothing_in_front_of_them(kind, z, seen):
    assert drawn(kind(), z) == seen


def test_focal_lengths_of_both_sides():
    assert focal_from_fov(90, 100) == pytest.approx(50)
