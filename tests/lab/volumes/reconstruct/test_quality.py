"""Masks, fog, floaters and depths."""

from __future__ import annotations

import math

import numpy as np
import pytest

from lab.fields.inputs import mixed, on_black
from lab.fields.trainer import Seen
from lab.posed.images import PosedImages
from lab.scene import Array, Field
from lab.volumes.reconstruct.doctor import Doctor, EmptyDoctor, depth_range, floaters, unseen
from lab.volumes.reconstruct.quality import VolumeJudge, fit_to, mask_iou
from tests.lab.volumes.reconstruct.small_volumes import pictures


class Painter:
    """Shows the truth, or half of it."""

    def __init__(self, images: PosedImages, opacity: float = 1.0) -> None:
        assert images.alphas is not None
        truths = mixed(images, 0.0) / 255
        self._seen = {
            camera.key: Seen(truth.astype(np.float32), alpha / 255 * opacity, np.zeros_like(truth[..., 0]))
            for camera, truth, alpha in zip(images.cameras, truths, images.alphas, strict=True)
        }

    def render(self, camera):  # type: ignore[no-untyped-def]
        return self._seen[camera.key]


def blocks(*corners: tuple[int, int, int]) -> Field:
    """A field of 16 vertices a side with an opaque cube of 3 at each corner."""
    raw: Array = np.full((16, 16, 16), -20.0, np.float16)
    for x, y, z in corners:
        raw[x : x + 3, y : y + 3, z : z + 3] = 10.0
    rows = np.arange(16**3, dtype=np.int32).reshape(16, 16, 16)
    return Field(rows, raw.reshape(-1), np.zeros((16**3, 3, 1), np.float16), np.zeros(3), np.ones(3), 60.0)


def test_iou_of_areas_worked_by_hand() -> None:
    opacity = np.zeros((4, 4))
    opacity[:2] = 0.5
    mask = np.zeros((2, 4, 4), bool)
    mask[0, :, :2] = True
    assert mask_iou([opacity], mask) == pytest.approx(4 / 12)
    assert mask_iou([opacity, np.full((4, 4), 0.49)], mask) == pytest.approx((4 / 12 + 1) / 2)


def test_a_perfect_volume_gets_perfect_marks() -> None:
    images = pictures(40, 4).judging
    judge = VolumeJudge(images, mixed(images, 0.0))
    assert judge.quick(Painter(images)).psnr > 100  # type: ignore[arg-type]
    assert judge.iou > 0.9  # alphas at the outline are not 0 or 1
    opaque, fog = judge.shares
    assert 0.15 < opaque < 0.3
    assert fog < 0.1
    judge.quick(Painter(images, 0.45))  # type: ignore[arg-type]
    assert judge.iou == 0.0
    opaque, fog = judge.shares
    assert opaque == 0.0
    assert fog > 0.15


def test_without_masks_there_is_no_iou() -> None:
    images = pictures(24, 4)
    judge = VolumeJudge(on_black(images).judging, mixed(images.judging, 0.0))
    judge.quick(Painter(images.judging))  # type: ignore[arg-type]
    assert math.isnan(judge.iou)


def test_the_fit_is_the_psnr_of_all_pictures_at_once() -> None:
    images = pictures(24, 4).training
    truths = mixed(images, 0.0)
    off = truths.copy()
    off[0] = np.clip(off[0].astype(int) + 51, 0, 255)
    asked: list[None] = []
    found, iou = fit_to(Painter(images), images, off, lambda: asked.append(None))  # type: ignore[arg-type]
    mse = float(np.square((off.astype(float) - truths) / 255).mean())
    assert found == pytest.approx(-10 * math.log10(mse), abs=1e-3)
    assert iou > 0.9
    assert len(asked) == 4


def test_what_floats_is_counted() -> None:
    assert floaters(blocks((2, 2, 2))) == (0, 0.0)
    assert floaters(blocks()) == (0, 0.0)
    count, share = floaters(blocks((2, 2, 2), (5, 5, 5), (10, 2, 2), (10, 10, 10)))
    assert count == 2  # the first two touch at a corner
    assert share == pytest.approx(0.5)


def test_the_doctor_names_fog_and_floaters_once() -> None:
    doctor, field = Doctor(), blocks((2, 2, 2), (10, 10, 10))
    assert list(doctor.look(50, 0.0, 0.9, 0.9, field)) == []
    fog, loose = doctor.look(100, 0.0, 0.9, 0.9, field)
    assert "90%" in fog.text
    assert "1 piece floats beside the largest one, 50%" in loose.text
    assert list(doctor.look(150, 0.0, 0.9, 0.9, field)) == []
    assert list(Doctor().look(100, 0.2, 0.1, 0.9, blocks((2, 2, 2)))) == []


def test_the_doctor_names_a_wall_where_masks_know_better() -> None:
    (wall,) = Doctor().look(100, 0.95, 0.0, 0.2, blocks((2, 2, 2)))
    assert "wall: 95%" in wall.text
    assert list(Doctor().look(100, 0.95, 0.0, 0.97, blocks((2, 2, 2)))) == []  # a large object
    assert list(Doctor().look(100, 0.95, 0.0, math.nan, blocks((2, 2, 2)))) == []  # a scene with walls


def test_only_what_is_empty_is_called_black() -> None:
    images = pictures(40, 4).judging
    truths = mixed(images, 0.0)
    for opacity, said in ((0.0, 1), (1.0, 0)):
        judge = VolumeJudge(images, truths)
        judge.seen = [Seen(np.zeros((40, 40, 3)), np.full((40, 40), opacity), np.zeros((40, 40)))]
        empty = EmptyDoctor(judge)
        notices = [notice for step in (0, 50, 100) for notice in empty.look(step, judge.black)]
        assert len(notices) == said
        assert all("black" in notice.text for notice in notices)


def test_depths_of_the_course_s_set_up() -> None:
    """REFERENCE III.3: cameras 2.7 m away; the object's box is about 1.3 to 4 m before them."""
    images = pictures(24, 40)
    first, last = depth_range(images, images.lower, images.upper)
    assert 1.0 < first < 1.6
    assert 3.8 < last < 4.4
    box = depth_range(images, np.zeros(3), np.zeros(3))
    assert box == pytest.approx((2.7, 2.7), abs=1e-6)


def test_samples_that_miss_or_end_too_early_are_named() -> None:
    images = pictures(24, 6)
    (early,) = unseen(images, 0.1, 3.0)
    assert early.level == "info"
    assert "3 m" in early.text
    (missed,) = unseen(images, 0.1, 0.5)
    assert missed.level == "warning"
    assert list(unseen(images, 0.1, 4.5)) == []
