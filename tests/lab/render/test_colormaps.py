"""Colour maps against the published tables, and the mapping of values."""

from __future__ import annotations

import numpy as np
import pytest

from lab.render import colormaps

ENDS = {  # first, middle (128) and last entry of the published tables
    "viridis": ("440154", "21918c", "fde725"),
    "plasma": ("0d0887", "cc4778", "f0f921"),
    "coolwarm": ("3b4cc0", "dddcdc", "b40426"),
    "turbo": ("30123b", "a4fc3c", "7a0403"),
    "grey": ("000000", "808080", "ffffff"),
}


@pytest.mark.parametrize("name", colormaps.NAMES)
def test_the_published_colours(name):
    table = colormaps.table(name)
    assert table.shape == (256, 3)
    assert table.dtype == np.uint8
    for index, wanted in zip((0, 128, 255), ENDS[name], strict=True):
        assert np.abs(table[index].astype(int) - list(bytes.fromhex(wanted))).max() <= 3


def test_an_unknown_map_is_named():
    with pytest.raises(KeyError, match=r"no colour map 'jet'; there are viridis"):
        colormaps.table("jet")


def test_values_are_mapped_between_the_limits():
    colors = colormaps.apply("grey", np.array([-1, 0, 0.5, 1, 9], np.float32), (0, 1))
    assert np.allclose(colors[:, 0], [0, 0, 128 / 255, 1, 1], atol=1e-6)


def test_no_number_and_no_width():
    colors = colormaps.apply("grey", np.array([np.nan, 0, np.inf], np.float32), (0, 1))
    assert np.allclose(colors[0], colormaps.NO_VALUE)
    assert np.allclose(colors[2], colormaps.NO_VALUE)
    middle = colormaps.apply("grey", np.array([3, np.nan], np.float32), (3, 3))
    assert np.allclose(middle[0], 128 / 255)
    assert np.allclose(middle[1], colormaps.NO_VALUE)


def test_own_range_ignores_what_is_not_finite():
    assert colormaps.own_range(np.array([2, np.nan, -1, np.inf])) == (-1, 2)
    assert colormaps.own_range(np.array([np.nan])) == (0, 0)
    assert colormaps.own_range(np.zeros(0)) == (0, 0)
