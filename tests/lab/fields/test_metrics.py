"""PSNR and SSIM."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lab.fields.metrics import psnr, ssim


def picture(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((24, 30, 3))


def test_psnr_is_ten_decibels_for_each_power_of_ten() -> None:
    truth = np.full((4, 4, 3), 0.5)
    assert psnr(truth + 0.1, truth) == pytest.approx(20.0)  # 10 log10(1 / 0.01)
    assert psnr(truth + 0.01, truth) == pytest.approx(40.0)
    assert psnr(truth, truth) == math.inf


def test_psnr_of_a_part_looks_at_that_alone() -> None:
    truth = np.zeros((4, 4, 3))
    seen = truth.copy()
    seen[:2] = 0.1
    where = np.zeros((4, 4), bool)
    where[:2] = True
    assert psnr(seen, truth, where) == pytest.approx(20.0)
    assert psnr(seen, truth) == pytest.approx(20.0 + 10 * math.log10(2))


def test_equal_pictures_are_alike_and_noise_is_not() -> None:
    truth = picture()
    assert ssim(truth, truth) == pytest.approx(1.0)
    assert ssim(picture(1), truth) < 0.3


def test_ssim_of_flat_pictures_is_its_term_of_brightness() -> None:
    a, b, c1 = 0.4, 0.6, 0.01**2
    alike = ssim(np.full((16, 16, 3), a), np.full((16, 16, 3), b))
    assert alike == pytest.approx((2 * a * b + c1) / (a * a + b * b + c1), abs=1e-9)


def test_ssim_needs_room_for_its_window() -> None:
    with pytest.raises(ValueError, match="more than 10 pixels"):
        ssim(np.zeros((10, 20, 3)), np.zeros((10, 20, 3)))
