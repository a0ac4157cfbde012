"""Lenses: distortion against formulas by hand, sizes, and straightening."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.posed.images import PosedError
from lab.posed.lens import Lens, Straightener

LENS = Lens(100.0, 110.0, 60.0, 40.0, 120, 90)


def test_distortion_by_hand():
    lens = Lens(k=(0.1, 0.01), p=(0.02, -0.03))
    x, y = lens.distorted(np.array([0.5]), np.array([-0.2]))
    r = 0.25 + 0.04
    radial = 1 + 0.1 * r + 0.01 * r * r
    assert x == pytest.approx(0.5 * radial + 2 * 0.02 * 0.5 * -0.2 + -0.03 * (r + 2 * 0.25))
    assert y == pytest.approx(-0.2 * radial + 0.02 * (r + 2 * 0.04) + 2 * -0.03 * 0.5 * -0.2)
    divided, _ = Lens(k=(0.1, 0, 0, 0.3)).distorted(np.array([1.0]), np.array([0.0]))
    assert divided == pytest.approx(1.1 / 1.3)
    bent, _ = Lens(kind="fisheye", k=(0.1,)).distorted(np.array([1.0]), np.array([0.0]))
    assert bent == pytest.approx(np.pi / 4 * (1 + 0.1 * (np.pi / 4) ** 2))


def test_an_angle_and_a_size_make_a_focal_length():
    lens = Lens(angle_x=np.radians(60)).sized(200, 100)
    assert lens.fx == lens.fy == pytest.approx(100 / np.tan(np.radians(30)))
    assert (lens.cx, lens.cy) == (100, 50)


def test_numbers_follow_the_resolution():
    half = LENS.sized(60, 45)
    assert (half.fx, half.fy, half.cx, half.cy) == (50, 55, 30, 20)
    assert LENS.sized(121, 90).width == 121, "a pixel more or less is rounding"
    with pytest.raises(PosedError, match="90 x 120, but its camera is for 120 x 90"):
        LENS.sized(90, 120)


@given(st.floats(-0.25, 0.4), st.floats(-0.02, 0.02))
def test_no_pixel_of_a_straightened_picture_is_blank(k1, p1):
    lens = Lens(100.0, 100.0, 60.0, 45.0, 120, 90, k=(k1,), p=(p1, 0.0))
    pinhole = lens.pinhole()
    x, y = np.meshgrid(np.arange(120) + 0.5, np.arange(90) + 0.5)
    u, v = lens.source(pinhole, x, y)
    assert u.min() >= -0.5
    assert u.max() <= 120.5
    assert v.min() >= -0.5
    assert v.max() <= 90.5
    assert pinhole.fx >= 100.0


def test_straightening_a_ramp_gives_the_ramp_at_the_sources_place():
    """Between pixels it is bilinear, which is exact for a plane of brightness."""
    lens = Lens(100.0, 100.0, 60.0, 45.0, 120, 90, k=(-0.15, 0.02))
    ramp = np.broadcast_to((2 * np.arange(120) + 1).astype(np.uint8)[None, :, None], (90, 120, 1))
    straight = Straightener(lens)
    x, y = np.meshgrid(np.arange(120) + 0.5, np.arange(90) + 0.5)
    u, _ = lens.source(straight.pinhole, x, y)
    inner = (u > 0.5) & (u < 119.5)
    assert np.abs(straight(ramp)[..., 0] - 2 * u)[inner].max() <= 0.51


@pytest.mark.parametrize("lens", [Lens(k=(900.0,)), Lens(k=(float("nan"),)), Lens(0.0), Lens(float("inf"))])
def test_what_no_lens_can_be_is_refused(lens):
    with pytest.raises(PosedError):
        lens.sized(100, 80).pinhole() if lens.fx else lens.sized(100, 80)
