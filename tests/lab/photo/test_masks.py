"""Masks from transparency, files and backgrounds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lab.photo.colors import coordinates
from lab.photo.masks import MaskError, check, find_mask, from_background, from_file
from lab.photo.photo import Photo, load_photo
from lab.photo.regions import connected_to, fill_holes, flood, without_islands
from tests.lab.photo.photo_help import disc, orange_on_grey, save

DISC = disc()


def photo(pixels: np.ndarray, alpha: np.ndarray | None = None) -> Photo:
    return Photo(pixels / np.float32(255), alpha, "cup.png")


def test_the_background_is_found_by_itself() -> None:
    pixels = orange_on_grey(DISC, noise=3.0)
    np.testing.assert_array_equal(from_background(pixels), DISC)
    np.testing.assert_array_equal(find_mask(photo(pixels)), DISC)
    np.testing.assert_array_equal(from_background(pixels, space="rgb"), DISC)


def test_a_border_that_is_partly_the_object_does_not_mislead() -> None:
    mask = disc(60, 80, 38)  # it reaches over the upper and the lower border
    assert mask[0].any()
    found = from_background(orange_on_grey(mask, noise=3.0))
    np.testing.assert_array_equal(found, mask)


def test_holes_are_filled_and_islands_dropped() -> None:
    mask = DISC.copy()
    mask[28:32, 38:42] = False  # a hole of the background's colour
    mask[2:4, 2:4] = True  # a speck
    pixels = orange_on_grey(mask)
    np.testing.assert_array_equal(from_background(pixels), DISC)
    kept = from_background(pixels, islands=0.0)
    assert kept[2, 2]
    np.testing.assert_array_equal(fill_holes(mask)[10:], DISC[10:])
    np.testing.assert_array_equal(without_islands(mask, 0.02)[:10], False)


def test_the_tolerance_decides_what_is_background() -> None:
    pixels = np.full((40, 40, 3), 200, np.uint8)
    pixels[10:30, 10:30] = 190  # 3.8 in L*: a shadow at most
    assert find_mask(photo(pixels), "background", tolerance=3.0)[20, 20]
    with pytest.raises(MaskError, match="empty"):
        find_mask(photo(pixels), "background", tolerance=5.0)
    with pytest.raises(MaskError, match="whole"):
        find_mask(photo(pixels), "background", color=np.array([0.0, 1.0, 0.0]))


def test_transparency_comes_before_the_background() -> None:
    alpha = np.zeros(DISC.shape, np.float32)
    alpha[5:15, 5:25] = 1
    np.testing.assert_array_equal(find_mask(photo(orange_on_grey(DISC), alpha)), alpha > 0.5)
    with pytest.raises(MaskError, match="no transparency"):
        find_mask(photo(orange_on_grey(DISC)), "alpha")


def test_a_file_is_a_mask_by_its_light_or_its_transparency(tmp_path: Path) -> None:
    light = save(tmp_path / "light.png", np.where(DISC, 129, 127).astype(np.uint8))
    clear = save(tmp_path / "clear.png", np.dstack([orange_on_grey(DISC), DISC * np.uint8(200)]))
    picture = photo(orange_on_grey(~DISC))
    for file in (light, clear):
        np.testing.assert_array_equal(find_mask(picture, file=file), DISC)
        np.testing.assert_array_equal(from_file(file), DISC)


def test_what_is_wrong_with_a_file_is_said(tmp_path: Path) -> None:
    picture = photo(orange_on_grey(DISC))
    other = save(tmp_path / "other.png", np.zeros((10, 20), np.uint8))
    with pytest.raises(MaskError, match=r"20 x 10 pixels and the photo 80 x 60"):
        find_mask(picture, "file", file=other)
    with pytest.raises(MaskError, match="no file is chosen"):
        find_mask(picture, "file")
    black = save(tmp_path / "black.png", np.zeros((60, 80), np.uint8))
    with pytest.raises(MaskError, match=r"black\.png: the mask is empty"):
        find_mask(picture, "file", file=black)


def test_a_jpeg_of_a_real_scene_is_cut_out_well(tmp_path: Path) -> None:
    mask = disc(240, 320, 70)
    shade = np.linspace(0.8, 1.1, 320)[None, :, None]  # a lamp at one side
    pixels = np.clip(orange_on_grey(mask, noise=5.0) * shade, 0, 255).astype(np.uint8)
    found = find_mask(load_photo(save(tmp_path / "a.jpg", pixels, quality=85)))
    overlap = (found & mask).sum() / (found | mask).sum()
    assert overlap > 0.96  # JPEG halves the resolution of colours, which widens the outline by half a pixel


def test_checks() -> None:
    assert check(DISC) == ""
    assert "empty" in check(np.zeros((3, 3), bool))
    assert "whole" in check(np.ones((3, 3), bool))


def test_a_flood_takes_what_is_joined_and_alike() -> None:
    two = disc(60, 80, 10) | disc(60, 160, 10)[:, 60:140]
    two[:, 39:41] = False  # cut in two halves
    places = coordinates(orange_on_grey(two))
    seed = int(np.argwhere(two)[0][0]), int(np.argwhere(two)[0][1])
    joined = flood(places, *seed, 5.0)
    np.testing.assert_array_equal(joined, connected_to(two, *seed))
    assert 0 < joined.sum() < two.sum()
    np.testing.assert_array_equal(flood(places, *seed, 5.0, connected=False), two)
    assert flood(places, *seed, 300.0).all()
    with pytest.raises(IndexError, match="row, column"):
        flood(places, 60, 0, 5.0)
    assert not connected_to(two, 0, 0).any()
