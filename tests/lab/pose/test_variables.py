"""The pose's numbers: PyTorch3D's look-at, exact gradients, retractions."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from pytorch3d.renderer import look_at_rotation, look_at_view_transform

from lab.motions import so3
from lab.pose.variables import FreePose, LookAt, Pose, PoseGradient, Variables, pose_errors
from lab.scene import Array

WEIGHTS = np.random.default_rng(3).normal(size=(3, 3)), np.array([0.3, -1.2, 0.7]), np.array([0.9, -0.4])


def scalar(pose: Pose) -> float:
    """Some smooth function of a pose, with a known gradient by R, T and focal."""
    a, b, c = WEIGHTS
    return float((a * pose.R).sum() + b @ pose.T + c @ pose.focal)


def numeric(variables: Variables, step: float = 1e-6) -> Array:
    parts = []
    for axis in np.eye(variables.count) * step:
        parts.append((scalar(variables.moved(axis).pose) - scalar(variables.moved(-axis).pose)) / (2 * step))
    return np.array(parts)


def test_the_look_at_pose_is_pytorch3ds() -> None:
    R, T = look_at_view_transform(3.0, 50.0, 0.0)
    pose = Pose.looking_at([0.0, 3 * np.sin(np.radians(50)), 3 * np.cos(np.radians(50))], np.zeros(3), 1.7)
    assert pytest.approx(R[0].numpy(), abs=1e-6) == pose.R
    assert pytest.approx(T[0].numpy(), abs=1e-6) == pose.T
    assert pose.center == pytest.approx([0.0, 2.29813, 1.92836], abs=1e-5)  # REFERENCE I.3


def test_the_gradient_by_the_position_is_that_of_the_courses_loop() -> None:
    position = torch.tensor([3.0, 6.9, 2.5], requires_grad=True)
    R = look_at_rotation(position[None])[0]
    T = -(R.T @ position)
    a, b, _ = (torch.tensor(w, dtype=torch.float32) for w in WEIGHTS)
    ((a * R).sum() + b @ T).backward()
    variables = LookAt(np.array([3.0, 6.9, 2.5]), np.zeros(3), 1.7)
    ours = variables.pull(PoseGradient(WEIGHTS[0], WEIGHTS[1], np.zeros(2)))
    assert position.grad is not None
    assert ours == pytest.approx(position.grad.numpy(), rel=1e-4)


@given(st.integers(0, 2**31))
def test_the_gradients_agree_with_finite_differences(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pose = Pose(so3.random(rng), rng.normal(size=3) + np.array([0.0, 0.0, 4.0]), np.array([1.7, 1.5]), np.zeros(2))
    free = FreePose(pose, rng.normal(size=3), unit=0.7, zoom=True)
    gradient = PoseGradient(*WEIGHTS)
    assert free.pull(gradient) == pytest.approx(numeric(free), abs=1e-6)
    position = rng.normal(size=3)
    position *= 3.0 / np.linalg.norm(position)
    if abs(position[1]) < 2.7:
        course = LookAt(position, np.array([0.1, 0.2, -0.1]), 1.7)
        assert course.pull(gradient) == pytest.approx(numeric(course), abs=1e-5)


@given(st.integers(0, 2**31))
def test_a_turn_leaves_the_pivot_where_it_is_and_stays_rigid(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pose = Pose(so3.random(rng), rng.normal(size=3), np.array([1.7, 1.5]), np.zeros(2))
    pivot = rng.normal(size=3)
    turned = pose.turned(rng.normal(size=3), np.zeros(3), pivot)
    assert turned.view(pivot) == pytest.approx(pose.view(pivot), abs=1e-12)
    assert so3.orthogonality_error(turned.R) < 1e-12
    shifted = pose.turned(np.zeros(3), [0.1, 0.2, 0.3], pivot, 0.5)
    assert pytest.approx([0.1, 0.2, 0.3]) == shifted.T - pose.T
    assert shifted.focal == pytest.approx(pose.focal * np.exp(0.5))


def test_a_pose_is_the_labs_camera_and_back() -> None:
    pose = Pose.looking_at([1.0, 2.0, 3.0], [0.1, 0.0, 0.0], 1.7)
    camera = pose.camera((128, 256))
    assert camera.fx == pytest.approx(1.7 * 64)
    assert camera.center == pytest.approx([1.0, 2.0, 3.0])
    back = Pose.of(camera)
    assert pytest.approx(pose.R) == back.R
    assert pytest.approx(pose.T) == back.T
    assert back.focal == pytest.approx(1.7)


def test_errors_of_a_pose() -> None:
    true = Pose.looking_at([0.0, 0.0, 4.0], np.zeros(3), 1.7)
    assert pose_errors(true, true, np.zeros(3)) == pytest.approx((0.0, 0.0), abs=1e-9)
    found = true.turned(np.radians([0.0, 3.0, 0.0]), [0.0, 0.0, 0.2], np.zeros(3))
    assert pose_errors(found, true, np.zeros(3)) == pytest.approx((3.0, 5.0))
