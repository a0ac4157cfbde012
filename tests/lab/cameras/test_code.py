"""The code runs, and makes the camera that was shown."""

import numpy as np
import pytest
import torch

from lab.cameras.code import code
from lab.cameras.conventions import BlenderCamera, from_blender, world_turn
from lab.cameras.model import CameraModel, look_at
from lab.cameras.projection import pixels

POINTS = np.random.default_rng(3).normal(size=(10, 3)) * 0.3


def camera(orthographic=False):
    c2w = look_at(np.array([1.2, 0.8, -2.0]), np.array([0.1, 0.2, 0]))
    focal = 150.0 if orthographic else 300.0
    return CameraModel(c2w, focal, 0.8 * focal, 170, 100, 320, 240, 0.2, 50, orthographic)


def run(convention, world, one, **options):
    names = {}
    exec(code(one, convention, world, **options), names)
    return names


@pytest.mark.parametrize("orthographic", [False, True])
@pytest.mark.parametrize("world", ["y", "z"])
@pytest.mark.parametrize("in_ndc", [True, False])
def test_pytorch3d(orthographic, world, in_ndc):
    one = camera(orthographic)
    there = run("PyTorch3D", world, one, in_ndc=in_ndc)["cameras"]
    given = torch.tensor(POINTS @ world_turn(world).T, dtype=torch.float32)
    screen = there.transform_points_screen(given)
    assert np.allclose(screen.reshape(-1, 3)[:, :2], pixels(one, POINTS)[0], atol=2e-3)


@pytest.mark.parametrize("world", ["y", "z"])
def test_opencv(world):
    one = camera()
    names = run("OpenCV", world, one)
    x = (POINTS @ world_turn(world).T) @ names["R"].T + names["t"]
    assert np.allclose((x / x[:, 2:] @ names["K"].T)[:, :2], pixels(one, POINTS)[0], atol=2e-3)
    assert (names["width"], names["height"]) == (320, 240)


@pytest.mark.parametrize("orthographic", [False, True])
@pytest.mark.parametrize("world", ["y", "z"])
def test_opengl(orthographic, world):
    one = camera(orthographic)
    names = run("OpenGL", world, one)
    given = np.concatenate([POINTS @ world_turn(world).T, np.ones((10, 1))], axis=1)
    clip = given @ (names["projection"] @ names["view"]).T
    ndc = clip[:, :2] / clip[:, 3:]
    assert np.allclose((ndc * [1, -1] + 1) / 2 * [320, 240], pixels(one, POINTS)[0], atol=2e-3)


@pytest.mark.parametrize("orthographic", [False, True])
def test_blender(orthographic, monkeypatch):
    """Blender is not here: a scene of plain objects takes what the code sets, and is read back."""
    import sys
    from types import ModuleType, SimpleNamespace

    data = SimpleNamespace(lens=50.0, ortho_scale=6.0)
    scene = SimpleNamespace(camera=SimpleNamespace(data=data), render=SimpleNamespace())
    bpy, mathutils = ModuleType("bpy"), ModuleType("mathutils")
    bpy.context, mathutils.Matrix = SimpleNamespace(scene=scene), np.array
    monkeypatch.setitem(sys.modules, "bpy", bpy)
    monkeypatch.setitem(sys.modules, "mathutils", mathutils)
    one = camera(orthographic)
    run("Blender", "z", one)
    render = scene.render
    back = from_blender(
        BlenderCamera(
            scene.camera.matrix_world,
            (render.resolution_x, render.resolution_y),
            data.lens,
            data.sensor_width,
            24.0,
            data.sensor_fit,
            data.shift_x,
            data.shift_y,
            (render.pixel_aspect_x, render.pixel_aspect_y),
            data.clip_start,
            data.clip_end,
            data.type == "ORTHO",
            data.ortho_scale,
        )
    )
    assert back.orthographic == orthographic
    assert np.allclose(pixels(back, POINTS)[0], pixels(one, POINTS)[0], atol=1e-3)
