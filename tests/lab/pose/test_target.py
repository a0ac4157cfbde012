"""Windows and patches of a target: exact means, outlines at their place, distances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.pose.target import Target, Window
from lab.scene import Array


def disc(size: int, radius: float, row: float, column: float) -> Array:
    rows, columns = np.indices((size, size))
    return np.asarray((rows - row) ** 2 + (columns - column) ** 2 <= radius**2, np.float32)


def test_the_window_of_a_whole_image_has_pytorch3ds_pixels() -> None:
    """Pixel centre i of S at NDC 1 - (2 i + 1) / S; the long side of 2:1 spans [-2, 2] (REFERENCE I.3)."""
    window = Window.whole((64, 128))
    assert window.left - 0.5 * window.step == pytest.approx(2.0 - 2.0 / 128 * 1.0)
    assert window.top - 0.5 * window.step == pytest.approx(1.0 - 1.0 / 64)
    assert window.middle == pytest.approx((0.0, 0.0))


def test_a_patch_of_the_whole_window_is_the_image() -> None:
    rng = np.random.default_rng(0)
    target = Target(rng.random((32, 48)), rng.random((32, 48, 3)))
    patch = target.patch(Window.whole((32, 48)))
    assert patch.mask == pytest.approx(target.mask, abs=1e-6)
    assert patch.rgb is not None
    assert patch.rgb == pytest.approx(target.rgb, abs=1e-6)
    assert patch.valid == pytest.approx(np.ones((32, 48)))


@given(st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.floats(0.01, 0.2))
def test_a_patch_keeps_the_area_and_tells_what_is_beyond(x: float, y: float, step: float) -> None:
    target = Target(disc(64, 14.0, 30.0, 35.0))
    patch = target.patch(Window(x + 8 * step, y + 8 * step, step, (16, 16)))
    assert patch.mask.min() >= -1e-5
    assert patch.mask.max() <= 1.0 + 1e-5
    assert (patch.mask <= patch.valid + 1e-5).all()
    if 16 * step > 2.0 + 2 * max(abs(x), abs(y)):  # the window holds the image
        assert patch.mask.sum() * step**2 == pytest.approx(target.mask.sum() * (2 / 64) ** 2, rel=1e-3)


def test_the_levels_are_means() -> None:
    target = Target(disc(64, 14.0, 30.0, 35.0))
    assert [level.size for level in target.levels] == [(64, 64), (32, 32), (16, 16)]
    assert target.levels[2].mask[7, 8] == pytest.approx(target.mask[28:32, 32:36].mean())


def test_the_outline_lies_where_the_disc_ends() -> None:
    patch = Target(disc(96, 30.0, 47.5, 47.5)).patch(Window.whole((96, 96)))
    radii = np.linalg.norm(patch.contour - 47.5, axis=1)
    assert radii.mean() == pytest.approx(30.0, abs=0.15)
    assert radii.std() < 0.4
    assert patch.field[47, 47] == pytest.approx(-30.0, abs=1.0)
    assert patch.field[47, 90] == pytest.approx(42.5 - 30.0, abs=0.5)


def test_what_reaches_the_border_has_no_outline_there() -> None:
    target = Target(disc(64, 30.0, 31.5, 0.0))
    patch = target.patch(Window.whole(target.size))
    assert target.cut
    assert patch.contour[:, 0].min() >= 0.0
    assert np.linalg.norm(patch.contour - [0.0, 31.5], axis=1).min() > 28.0
    assert not Target(disc(64, 14.0, 30.0, 35.0)).cut


def test_distances_are_zero_on_the_outline_and_signed() -> None:
    distances = Target(disc(64, 14.0, 30.0, 35.0)).distances
    assert distances[30, 35] == pytest.approx(-14.5 * 2 / 64, abs=2 / 64)
    assert distances[30, 59] == pytest.approx(9.5 * 2 / 64, abs=1 / 64)


def test_a_window_around_the_mask_is_never_finer_than_the_image() -> None:
    target = Target(disc(64, 6.0, 20.0, 44.0))
    close = target.around(256)
    assert close.step == pytest.approx(2 / 64)
    patch = target.patch(close)
    assert set(np.unique(patch.mask)) <= {0.0, 1.0}
    assert patch.mask.sum() == target.mask.sum()
    assert target.around(8).size == (8, 8)


def test_wrong_shapes_and_empty_masks() -> None:
    with pytest.raises(ValueError, match="rgb"):
        Target(np.zeros((8, 8)), np.zeros((8, 9, 3)))
    with pytest.raises(ValueError, match="none"):
        _ = Target(np.zeros((8, 8))).box
