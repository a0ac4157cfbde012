"""The person's own sequences: real video files and folders, and what is said of bad ones."""

from __future__ import annotations

from pathlib import Path

import imageio.v2 as imageio
import numpy as np
import pytest
from PIL import Image

from lab.experiment import ExperimentError
from lab.pose.footage import Reading, read_folder, read_video

READING = Reading(most=50, skip=1, short_side=48, fov_deg=50.0)


def told(*_: object) -> None:
    """Takes progress."""


def square(left: int, size: tuple[int, int] = (96, 128)) -> np.ndarray:
    """(H, W, 3) uint8: a red square of 40 pixels on green."""
    pixels = np.tile(np.array([40, 160, 60], np.uint8), (*size, 1))
    pixels[30:70, left : left + 40] = (220, 40, 30)
    return pixels


@pytest.fixture
def video(tmp_path: Path) -> Path:
    file = tmp_path / "square.mp4"
    with imageio.get_writer(file, fps=25, macro_block_size=16, quality=9) as writer:
        for number in range(12):
            writer.append_data(square(10 + 5 * number))
    return file


def middle(mask: np.ndarray) -> float:
    """The mean column of a mask."""
    return float((mask.sum(axis=0) * np.arange(mask.shape[1])).sum() / mask.sum())


def test_a_video_is_read_and_cut_out_by_its_background(video: Path) -> None:
    footage = read_video(str(video), READING, told)
    assert len(footage) == 12
    assert footage.lens.size == (48, 64)
    assert not footage.lit
    for number in (0, 5, 11):
        frame = footage.frame(number)
        assert frame.truth is None
        assert frame.mask.sum() == pytest.approx(20 * 20, rel=0.08)
        assert middle(frame.mask) == pytest.approx((10 + 5 * number + 20) / 2 - 0.5, abs=0.5)
        assert frame.rgb[25, int(middle(frame.mask))] == pytest.approx([220 / 255, 40 / 255, 30 / 255], abs=0.08)


def test_every_third_picture_up_to_a_number(video: Path) -> None:
    footage = read_video(str(video), Reading(3, 3, 48, 50.0), told)
    assert len(footage) == 3
    assert middle(footage.frame(2).mask) == pytest.approx((10 + 30 + 20) / 2 - 0.5, abs=0.5)


def test_a_folder_in_order_of_name_with_masks_beside(tmp_path: Path) -> None:
    for number in (2, 0, 1):
        Image.fromarray(square(10 + 10 * number)).save(tmp_path / f"shot{number}.png")
    masked = np.zeros((96, 128), np.uint8)
    masked[:, 100:] = 255
    Image.fromarray(masked).save(tmp_path / "shot1_mask.png")
    footage = read_folder(str(tmp_path / "shot2.png"), READING, told)
    middles = [middle(footage.frame(number).mask) for number in range(len(footage))]
    assert middles == pytest.approx([14.5, 56.5, 24.5], abs=0.3)


def test_transparency_is_a_mask(tmp_path: Path) -> None:
    alpha = np.zeros((96, 128), np.uint8)
    alpha[20:60, 20:80] = 255
    Image.fromarray(np.dstack([square(5), alpha])).save(tmp_path / "a.png")
    footage = read_folder(str(tmp_path / "a.png"), READING, told)
    assert footage.frame(0).mask.sum() == pytest.approx(20 * 30)


def test_a_picture_without_the_object_has_an_empty_mask(tmp_path: Path) -> None:
    Image.fromarray(square(20)).save(tmp_path / "a.png")
    Image.fromarray(np.full((96, 128, 3), 90, np.uint8)).save(tmp_path / "b.png")
    footage = read_folder(str(tmp_path / "a.png"), READING, told)
    assert footage.frame(0).mask.any()
    assert not footage.frame(1).mask.any()


def test_bad_input_is_told(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match="No video is chosen"):
        read_video("", READING, told)
    with pytest.raises(ExperimentError, match="not there any more"):
        read_video(str(tmp_path / "gone.mp4"), READING, told)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video at all" * 50)
    with pytest.raises(ExperimentError, match="cannot be read as a video"):
        read_video(str(broken), READING, told)
    with pytest.raises(ExperimentError, match="no pictures"):
        read_folder(str(broken), READING, told)


def test_bad_pictures_are_told(tmp_path: Path) -> None:
    Image.fromarray(np.full((96, 128, 3), 90, np.uint8)).save(tmp_path / "grey.png")
    with pytest.raises(ExperimentError, match="mask is empty"):
        read_folder(str(tmp_path / "grey.png"), READING, told)
    Image.fromarray(square(5)).save(tmp_path / "a.png")
    Image.fromarray(np.zeros((10, 10), np.uint8)).save(tmp_path / "a_mask.png")
    with pytest.raises(ExperimentError, match="10 x 10 pixels and the photo 128 x 96"):
        read_folder(str(tmp_path / "a.png"), READING, told)
    (tmp_path / "a_mask.png").unlink()
    Image.fromarray(square(5, (128, 96))).save(tmp_path / "b.png")
    with pytest.raises(ExperimentError, match="another shape"):
        read_folder(str(tmp_path / "a.png"), READING, told)
