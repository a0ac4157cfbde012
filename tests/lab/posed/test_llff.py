"""poses_bounds.npy: hostile headers, counts that do not match, bad rows."""

from __future__ import annotations

import io

import numpy as np
import pytest

from lab.posed.images import PosedError
from lab.posed.load import load_images
from tests.lab.posed import writers


def header(descr: str, shape: tuple[int, ...]) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": descr, "fortran_order": False, "shape": shape})
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        header("<f8", (2**40, 17)),
        header("|O", (3, 17)) + bytes(600),
        header("<f8", (3, 16)) + bytes(16 * 24),
        header("<f8", (0, 17)),
        b"\x93NUMPY\x01\x00\xff\xff" + b"x" * 65_535,
        b"\x93NUMPY\x09\x00",
    ],
)
def test_a_header_that_lies_takes_no_memory(tmp_path, content):
    writers.llff(tmp_path)
    (tmp_path / "poses_bounds.npy").write_bytes(content)
    with pytest.raises(PosedError, match=r"poses_bounds\.npy"):
        load_images(tmp_path)


def test_pickles_are_not_opened(tmp_path):
    class Trap:
        def __reduce__(self):
            return (pytest.fail, ("a pickle was opened",))

    writers.llff(tmp_path)
    np.save(tmp_path / "poses_bounds.npy", np.array([[Trap()] * 17], object), allow_pickle=True)
    with pytest.raises(PosedError):
        load_images(tmp_path)


def test_counts_must_match_and_bad_rows_are_left_out(tmp_path):
    writers.llff(tmp_path)
    rows = np.load(tmp_path / "poses_bounds.npy")
    rows[3, 5] = np.nan
    rows[4, 15:] = 5.0, 1.0
    np.save(tmp_path / "poses_bounds.npy", rows)
    images = load_images(tmp_path)
    assert len(images) == 10
    assert any("depths" in remark for remark in images.remarks)
    (tmp_path / "images" / "IMG_0000.png").unlink()
    with pytest.raises(PosedError, match="12 poses, but there are 11 pictures"):
        load_images(tmp_path)


def test_forward_facing_cameras_get_the_box_between_their_depths(tmp_path):
    """Five cameras side by side, looking along -Z: the box is what they see from 2 to 4 m, computed by hand."""
    rows = []
    for number, x in enumerate((-0.2, -0.1, 0.0, 0.1, 0.2)):
        matrix = np.stack([[0, -1, 0], [1, 0, 0], [0, 0, 1], [x, 0, 0], [20, 40, 40]], axis=1)
        rows.append([*matrix.ravel(), 2.0, 4.0])
        writers.save(tmp_path / "images" / f"{number}.png", np.zeros((20, 40, 3), np.uint8))
    np.save(tmp_path / "poses_bounds.npy", np.array(rows, float))
    images = load_images(tmp_path)
    assert images.lower == pytest.approx([-0.2 - 2.0, -1.0, -4.0])
    assert images.upper == pytest.approx([0.2 + 2.0, 1.0, -2.0])
