"""The soft picture against PyTorch3D's; gradients against differences of pictures, and the slope of an edge by hand."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from pytorch3d.renderer import (
    BlendParams,
    Materials,
    MeshRasterizer,
    MeshRenderer,
    PerspectiveCameras,
    PointLights,
    RasterizationSettings,
    SoftPhongShader,
    TexturesVertex,
)
from pytorch3d.structures import Meshes

from lab.cameras.conventions import to_pytorch3d
from lab.chapters.rendering.soft import ALPHA, LIGHT, PYTORCH3D, RGB, SoftParams
from lab.examples import example_path
from lab.formats.files import read
from lab.params import build
from lab.rendering.soft_scene import SoftScene, blend_of, camera_of
from lab.rendering.views import PLAIN, camera_at, subject_of
from lab.scene import Mesh
from lab.shading.blending import sigmoid


@pytest.fixture(scope="module")
def bob():
    subject, _ = subject_of(read(example_path("bob")).entity)
    return subject


@pytest.mark.parametrize("channel", [RGB, ALPHA])
@pytest.mark.parametrize("vertex", [90, 117])
def test_the_vertex_gradient_is_the_difference_of_whole_pictures(bob, channel, vertex):
    """In float32 pictures, with a step a thousand times as wide; nothing changes outside of the window."""
    params = build(SoftParams, {"size": 40, "sigma": 1e-3, "channel": channel, "axis": "y", "faces_per_pixel": 150})
    camera, mesh, step = camera_of(params, bob), bob.shown, 1e-3
    change = SoftScene(mesh).gradient(params, camera, vertex)
    ends = []
    for sign in (1, -1):
        verts = mesh.verts.astype(np.float64)
        verts[vertex, 1] += sign * step
        picture = SoftScene(replace(mesh, verts=verts)).picture(params, camera)
        ends.append(picture.alpha if channel == ALPHA else picture.rgb.mean(axis=2))
    whole = (ends[0].astype(np.float64) - ends[1]) / (2 * step)
    assert np.abs(change).max() > 0.1
    close = np.isclose(change, whole, rtol=0, atol=0.02 * np.abs(change).max())
    assert close.mean() > 0.998  # the wider step takes a pixel across a face's blur radius here and there
    assert not whole[change == 0].any()


def test_the_slope_of_an_edge_by_hand():
    """alpha = sigmoid(s |s| / sigma), s NDC inside of a straight edge; d alpha / d s = 2 |s| alpha (1 - alpha) / sigma.

    The camera stands 1 m away and sees 2 m of the plane z = 0: NDC are metres, +x to the left. The vertex that is moved
    lies far above, so that at the row in the middle the edge moves by (20 - 0.025) / 40 of it.
    """
    verts = np.array([[0.0, 20.0, 0.0], [0.0, -20.0, 0.0], [-40.0, 0.0, 0.0]])
    mesh = Mesh(verts, np.array([[0, 2, 1]]))
    params = build(SoftParams, {"size": 40, "sigma": 1e-3, "channel": ALPHA, "axis": "x"})
    camera = camera_at(np.zeros(3), 1.0, 0.0, 0.0, 90.0, (40, 40))
    change = SoftScene(mesh).gradient(params, camera, 0)[20]
    x = (2 * np.arange(40) + 1 - 40) / 40  # metres to the right; inside is to the left
    alpha = sigmoid(-x * np.abs(x) / 1e-3)
    expected = 0.499375 * 2 * np.abs(x) * alpha * (1 - alpha) / 1e-3
    near = np.abs(x) < 0.09  # within the blur radius outside, 0.096
    assert change[near] == pytest.approx(expected[near], abs=2e-3 * expected.max())
    assert not change[x > 0.1].any()


def test_the_lights_gradient_is_that_of_the_colours(bob):
    params = build(SoftParams, {"size": 40, "of": LIGHT, "axis": "z", "sigma": 1e-3, "gamma": 1e-2})
    camera, scene, step = camera_of(params, bob), SoftScene(bob.shown), 1e-2
    change = scene.gradient(params, camera, 0)
    moved = [scene.picture(replace(params, light_z=params.light_z + d), camera).rgb.mean(axis=2) for d in (step, -step)]
    assert change == pytest.approx((moved[0] - moved[1]) / (2 * step), abs=2e-3)
    assert np.abs(change).max() > 0.02


@pytest.mark.parametrize("sigma", [1e-4, 3e-3])
def test_the_picture_is_pytorch3ds(bob, sigma):
    """SoftPhongShader, with the same light, material and blending, and PyTorch3D's own barycentrics."""
    values = {"size": 24, "sigma": sigma, "gamma": 1e-2, "faces_per_pixel": 60, "correction": PYTORCH3D}
    params = build(SoftParams, values)
    camera, mesh = camera_of(params, bob), bob.shown
    ours = SoftScene(mesh).picture(params, camera)
    there = to_pytorch3d(camera)
    cameras = PerspectiveCameras(
        R=torch.tensor(there.R, dtype=torch.float32)[None],
        T=torch.tensor(there.T, dtype=torch.float32)[None],
        focal_length=torch.tensor(there.focal_length, dtype=torch.float32)[None],
    )
    lights = PointLights(
        ambient_color=((0.35,) * 3,),
        diffuse_color=((0.6,) * 3,),
        specular_color=((0.3,) * 3,),
        location=((params.light_x, params.light_y, params.light_z),),
    )
    settings = RasterizationSettings(
        image_size=24, blur_radius=blend_of(params).blur_radius, faces_per_pixel=60, perspective_correct=True
    )
    shader = SoftPhongShader(
        cameras=cameras,
        lights=lights,
        materials=Materials(shininess=32.0),
        blend_params=BlendParams(sigma=sigma, gamma=1e-2),
    )
    colors = TexturesVertex(torch.tensor(PLAIN).expand(1, len(mesh.verts), 3))
    given = Meshes([torch.tensor(np.array(mesh.verts))], [torch.tensor(np.array(mesh.faces))], colors)
    theirs = MeshRenderer(MeshRasterizer(cameras, settings), shader)(given)[0].numpy()
    assert ours.alpha == pytest.approx(theirs[..., 3], abs=1e-4)
    assert ours.rgb == pytest.approx(theirs[..., :3], abs=2e-3)
    assert 0.1 < ours.alpha.mean() < 0.9
