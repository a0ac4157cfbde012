"""Cameras that are corrected while a field is trained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lab.cameras.model import CameraModel
from lab.fields.inputs import mixed
from lab.fields.instant.options import Options
from lab.fields.instant.poses import Poses
from lab.fields.instant.torch_field import TorchInstantField
from lab.fields.instant.trainer import InstantField
from lab.fields.judge import Judge
from lab.motions import so3
from lab.posed.make import Views, make_images, spot

QUICK = Options(cells=16, finer=(30,), rays=2048, refine_cameras=True)
VIEWS = Views(count=26, held_out=4, size=56, path="sphere", camera_noise=1.5)


def error(cameras: tuple[CameraModel, ...], truth: tuple[CameraModel, ...]) -> float:
    """Mean pixels between where the cameras see points of the object."""
    points = np.random.default_rng(0).uniform(-0.8, 0.8, (200, 3))
    apart = [seen(a, points) - seen(b, points) for a, b in zip(cameras, truth, strict=True)]
    return float(np.linalg.norm(apart, axis=2).mean())


def seen(camera: CameraModel, points: np.ndarray) -> np.ndarray:
    local = (points - camera.center) @ camera.rotation
    return camera.fx * local[:, :2] / -local[:, 2:]


def test_cameras_come_back_and_held_out_views_get_better() -> None:
    images, exact = make_images(spot(), VIEWS), make_images(spot(), replace(VIEWS, camera_noise=0.0))
    judge = Judge(images.judging, mixed(images.judging, 0.0))
    scores = {}
    for refined in (False, True):
        field = InstantField(images.training, replace(QUICK, refine_cameras=refined))
        before = error(field.cameras(), exact.training.cameras)
        for _ in range(200):
            field.step()
        scores[refined] = judge.thorough(field).psnr, error(field.cameras(), exact.training.cameras)
    assert scores[False][1] == before > 1.5
    assert scores[True][1] < 0.4 * before
    assert scores[True][0] > scores[False][0] + 3


def test_a_step_and_checkpoints_repeat_themselves() -> None:
    images = make_images(spot(), replace(VIEWS, count=12, size=32)).training
    first, again = (InstantField(images, replace(QUICK, rays=256)) for _ in range(2))
    for _ in range(20):
        first.step()
        again.step()
    state = first.state()
    np.testing.assert_array_equal(state["poses"], again.state()["poses"])
    other = InstantField(images, replace(QUICK, rays=256))
    other.restore(state)
    first.step()
    other.step()
    np.testing.assert_array_equal(first.state()["poses"], other.state()["poses"])
    np.testing.assert_array_equal(first.state()["packed"], other.state()["packed"])


def test_pytorch_moves_them_alike() -> None:
    """Its gradients also know that the first sample of a ray moves with the camera, so that they differ a little."""
    images = make_images(spot(), replace(VIEWS, count=12, size=32)).training
    options = replace(QUICK, rays=512)
    ours, other = InstantField(images, options), TorchInstantField(images, options, device="cpu")
    for _ in range(25):
        ours.step()
        other.step()
    a, b = ours.state()["poses"][0].reshape(-1), other.state()["poses"][0].reshape(-1)
    assert np.corrcoef(a, b)[0, 1] > 0.8


def test_the_means_of_motions_stay_zero_and_cameras_turn_about_the_middle() -> None:
    images = make_images(spot(), replace(VIEWS, count=6, held_out=1, size=16)).training
    poses = Poses(images.cameras, np.array([0.0, 0.1, 0.0]), 2.0)
    assert all(np.array_equal(a.c2w, b.c2w) for a, b in zip(poses.cameras(), images.cameras, strict=True))
    poses.descend(np.random.default_rng(0).normal(size=(5, 6)), 0.01)
    np.testing.assert_allclose(poses.motions.mean(axis=0), 0, atol=1e-12)
    poses.motions[:] = 0
    poses.motions[0, 1] = 0.3
    moved, still = poses.cameras()[0], images.cameras[0]
    distances = [np.linalg.norm(camera.center - [0.0, 0.1, 0.0]) for camera in (moved, still)]
    assert distances[0] == pytest.approx(distances[1])
    np.testing.assert_allclose(moved.rotation, so3.exp(np.array([0.0, 0.3, 0.0])) @ still.rotation)
