"""Euler angles against PyTorch3D in all twelve orders, and in gimbal lock."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from pytorch3d.transforms import euler_angles_to_matrix, matrix_to_euler_angles

from lab.motions import euler, so3


@pytest.mark.parametrize("order", euler.ORDERS)
def test_all_orders_agree_with_pytorch3d(order: euler.Order) -> None:
    angles = np.random.default_rng(0).uniform(-math.pi, math.pi, (100, 3))
    R = euler.to_matrix(angles, order)
    np.testing.assert_allclose(R, euler_angles_to_matrix(torch.tensor(angles), order).numpy(), atol=1e-13)
    theirs = matrix_to_euler_angles(torch.tensor(R), order).numpy()
    np.testing.assert_allclose(euler.from_matrix(R, order), theirs, atol=1e-9)


def test_a_matrix_by_hand() -> None:
    # XYZ: first X in the world, so that the last column of Rx(90) Ry(90) is Rx(90) x = x
    R = euler.to_matrix([math.pi / 2, math.pi / 2, 0], "XYZ")
    np.testing.assert_allclose(R, [[0, 0, 1], [1, 0, 0], [0, 1, 0]], atol=1e-15)


@pytest.mark.parametrize("order", euler.ORDERS)
@pytest.mark.parametrize("distance", [0.0, 1e-13, 1e-10, 1e-8, 1e-4])
def test_the_rotation_comes_back_in_and_next_to_gimbal_lock(order: euler.Order, distance: float) -> None:
    for lock in (math.pi / 2, -math.pi / 2) if order in euler.TAIT_BRYAN else (0.0, math.pi):
        R = euler.to_matrix([0.7, lock - math.copysign(distance, lock - 1), -1.9], order)
        np.testing.assert_allclose(euler.to_matrix(euler.from_matrix(R, order), order), R, atol=2e-9)


@pytest.mark.parametrize("order", euler.ORDERS)
def test_in_gimbal_lock_the_last_angle_is_0_and_two_axes_coincide(order: euler.Order) -> None:
    lock = math.pi / 2 if order in euler.TAIT_BRYAN else 0.0
    angles = euler.from_matrix(euler.to_matrix([0.4, lock, 0.5], order), order)
    assert angles[2] == 0.0
    axes = euler.axes(angles, order)
    assert abs(axes[:, 0] @ axes[:, 2]) == pytest.approx(1.0)
    assert np.linalg.det(axes) == pytest.approx(0.0, abs=1e-12)
    assert euler.lock_distance(angles, order) == pytest.approx(0.0, abs=1e-7)


@pytest.mark.parametrize("order", euler.ORDERS)
def test_the_axes_carry_the_rates_of_the_angles_to_the_angular_velocity(order: euler.Order) -> None:
    angles, step = np.array([0.3, 0.8, -1.1]), 1e-6
    R = euler.to_matrix(angles, order)
    for index, unit in enumerate(np.eye(3)):
        ahead, behind = euler.to_matrix(angles + step * unit, order), euler.to_matrix(angles - step * unit, order)
        velocity = so3.vee((ahead - behind) / (2 * step) @ R.T, tolerance=1e-8)
        np.testing.assert_allclose(velocity, euler.axes(angles, order)[:, index], atol=1e-9)


def test_the_distance_from_lock_is_that_of_the_middle_angle() -> None:
    assert euler.lock_distance([1.0, math.radians(60), 2.0], "YXZ") == pytest.approx(math.radians(30))
    assert euler.lock_distance([1.0, math.radians(60), 2.0], "ZXZ") == pytest.approx(math.radians(60))


def test_an_order_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="expected one of XYZ"):
        euler.to_matrix([0, 0, 0], "XXY")  # type: ignore[arg-type]
