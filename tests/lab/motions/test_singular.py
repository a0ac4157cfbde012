"""The textbook's log is right in the middle and wrong at both ends; the quaternion's is right everywhere."""

from __future__ import annotations

import math

import numpy as np

from lab.motions import so3
from lab.motions.singular import log_errors, textbook_log

DIRECTION = np.array([2.0, -3.0, 6.0]) / 7


def test_both_are_right_in_the_middle() -> None:
    omega = 1.2 * DIRECTION
    np.testing.assert_allclose(textbook_log(so3.exp(omega)), omega, atol=1e-14)
    textbook, quaternion = log_errors(DIRECTION, np.array([1.2]))
    assert textbook[0] < 1e-6
    assert quaternion[0] < 1e-6


def test_the_textbook_keeps_the_dtype_so_that_its_rounding_shows() -> None:
    assert textbook_log(so3.exp(DIRECTION).astype(np.float32)).dtype == np.float32


def test_only_the_textbook_fails_at_the_ends() -> None:
    angles = np.radians([1e-3, 179.9, 179.99, 180.0])
    textbook, quaternion = log_errors(DIRECTION, angles)
    assert np.all(textbook[1:] > 1e-3)
    assert textbook[0] > 0.1 * angles[0]  # the whole of a tiny turn is lost, as float32 holds its cosine to be 1
    assert np.all(quaternion < 1e-6)


def test_at_half_a_turn_the_opposite_vector_is_as_good() -> None:
    _, quaternion = log_errors(-DIRECTION, np.array([math.pi]))
    assert quaternion[0] < 1e-6
