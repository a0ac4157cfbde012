"""OpenEXR files, there and back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lab.shading.exr import ExrError, read_exr, write_exr


def test_depths_come_back_bit_for_bit(tmp_path: Path) -> None:
    depth = np.random.default_rng(0).normal(size=(5, 7)).astype(np.float32) * 1e3
    depth[0, 0], depth[1, 1], depth[2, 2] = np.nan, np.inf, -0.0
    write_exr(tmp_path / "a.exr", {"Z": depth})
    found = read_exr(tmp_path / "a.exr")
    assert list(found) == ["Z"]
    assert found["Z"].dtype == np.float32
    np.testing.assert_array_equal(found["Z"], depth)


def test_colours_and_depth_in_one_file(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    channels = {name: rng.random((4, 6), np.float32) for name in ("R", "G", "B", "Z")}
    write_exr(tmp_path / "b.exr", channels)
    found = read_exr(tmp_path / "b.exr")
    assert sorted(found) == ["B", "G", "R", "Z"]
    for name, values in channels.items():
        np.testing.assert_array_equal(found[name], values)


@pytest.mark.parametrize("channels", [{}, {"R": np.zeros((2, 3)), "G": np.zeros((3, 2))}, {"Z": np.zeros(4)}])
def test_shapes_that_do_not_fit_are_refused(tmp_path: Path, channels: dict[str, np.ndarray]) -> None:
    with pytest.raises(ExrError, match="expected one"):
        write_exr(tmp_path / "c.exr", channels)


def test_a_folder_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_exr(tmp_path / "none" / "d.exr", {"Z": np.zeros((2, 2), np.float32)})


def test_other_and_damaged_files_are_named(tmp_path: Path) -> None:
    other = tmp_path / "other.exr"
    other.write_bytes(b"\x89PNG\r\n")
    with pytest.raises(ExrError, match=r"other\.exr is no OpenEXR file"):
        read_exr(other)
    write_exr(tmp_path / "whole.exr", {"Z": np.random.default_rng(2).random((40, 40), np.float32)})
    damaged = tmp_path / "damaged.exr"
    damaged.write_bytes((tmp_path / "whole.exr").read_bytes()[:500])
    with pytest.raises(ExrError, match=r"damaged\.exr is damaged"):
        read_exr(damaged)
