"""Reading pictures: by area, with transparency, many kinds, within a bound of memory."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lab.posed import pictures
from lab.posed.capture import Shot, inside
from lab.posed.images import PosedError
from lab.posed.lens import Lens
from lab.posed.names import may_be_posed
from lab.posed.pictures import read_pictures


def read(files, max_size=1000, masks=True):
    shots = [Shot(file.name, file, np.eye(4), Lens(100.0)) for file in files]
    return read_pictures(shots, max_size=max_size, masks=masks, report=lambda fraction, text: None)


def smooth(height: int, width: int) -> np.ndarray:
    """(H, W, 3) uint8 without fine detail, which JPEG keeps."""
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(x / width * 9 + i) + np.cos(y / height * (7 + i)) for i in range(3)]
    return (127 + 60 * np.stack(waves, axis=-1)).astype(np.uint8)


@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.bmp", "a.webp"])
def test_each_kind_is_read_smaller_by_area(tmp_path, name):
    whole = smooth(480, 640)
    Image.fromarray(whole).save(tmp_path / name, **({"quality": 95} if name != "a.bmp" else {}))
    found = read([tmp_path / name], max_size=80)
    assert found.pixels.shape == (1, 60, 80, 3)
    assert found.alphas is None
    mean = whole.reshape(60, 8, 80, 8, 3).mean(axis=(1, 3))
    assert np.abs(found.pixels[0] - mean).max() <= 4
    assert found.lenses[0].fx == pytest.approx(100.0 / 8)


def test_a_jpeg_decoded_at_an_eighth_keeps_everything_in_its_place(tmp_path):
    """Its size is no multiple of eight; waves of ten pixels would show a shift of a tenth of a pixel."""
    x = (np.arange(1003) + 0.5) / 1003 * 100
    whole = np.repeat((127 + 100 * np.sin(2 * np.pi * x / 10))[None, :, None], 757, axis=0).repeat(3, axis=2)
    Image.fromarray(whole.astype(np.uint8)).save(tmp_path / "a.jpg", quality=95)
    found = read([tmp_path / "a.jpg"], max_size=100).pixels[0, 30, :, 0].astype(float)
    exact = np.array([whole[0, round(i * 10.03) : round((i + 1) * 10.03), 0].mean() for i in range(100)])
    assert np.abs(found - exact)[3:-1].max() < 6


def test_what_is_transparent_has_no_say_in_the_colour(tmp_path):
    """Two by two pixels become one: one opaque red, three green that nobody sees."""
    quad = np.tile(
        np.array([[[255, 0, 0, 255], [0, 255, 0, 0]], [[0, 255, 0, 0], [0, 255, 0, 0]]], np.uint8), (4, 4, 1)
    )
    Image.fromarray(quad).save(tmp_path / "a.png")
    found = read([tmp_path / "a.png"], max_size=4)
    assert found.pixels[0, 0, 0].tolist() == [255, 0, 0]
    assert found.alphas[0, 0, 0] == 64
    over_black = read([tmp_path / "a.png"], max_size=4, masks=False)
    assert over_black.alphas is None
    assert over_black.pixels[0, 0, 0].tolist() == [64, 0, 0]


def test_only_if_all_have_a_mask_it_is_used(tmp_path):
    clear = np.full((8, 8, 4), 200, np.uint8)
    clear[:, :4, 3] = 0
    Image.fromarray(clear).save(tmp_path / "a.png")
    Image.fromarray(clear[..., :3]).save(tmp_path / "b.png")
    found = read([tmp_path / "a.png", tmp_path / "b.png"])
    assert found.alphas is None
    assert any("Only 1 of 2" in remark for remark in found.remarks)
    assert (found.pixels[0, :, :4] == 0).all(), "black is behind it"


def test_sixteen_bits_and_palettes(tmp_path):
    Image.fromarray(np.full((4, 4), 32_896, np.uint16)).save(tmp_path / "deep.png")
    Image.fromarray(np.full((4, 4, 3), 77, np.uint8)).convert("P").save(tmp_path / "flat.png")
    found = read([tmp_path / "deep.png", tmp_path / "flat.png"])
    assert (found.pixels[0] == 128).all()
    assert np.abs(found.pixels[1].astype(int) - 77).max() <= 26, "the web palette's nearest grey"


def test_memory_is_bounded_by_making_all_smaller(tmp_path, monkeypatch):
    files = []
    for number in range(4):
        files.append(tmp_path / f"{number}.png")
        Image.fromarray(smooth(40, 80)).save(files[-1])
    monkeypatch.setattr(pictures, "MOST_BYTES", 4 * 4 * 20 * 40)
    found = read(files)
    assert found.pixels.shape == (4, 20, 40, 3)
    assert any("fit into" in remark for remark in found.remarks)


def test_huge_headers_are_refused_without_decoding(tmp_path):
    """A bitmap's header that claims 60,000 x 60,000 pixels."""
    Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(tmp_path / "a.bmp")
    data = bytearray((tmp_path / "a.bmp").read_bytes())
    data[18:26] = (60_000).to_bytes(4, "little") * 2
    (tmp_path / "a.bmp").write_bytes(data)
    with pytest.raises(PosedError, match=r"60,000 x 60,000|no PNG"):
        read([tmp_path / "a.bmp"])


@pytest.mark.parametrize("name", ["../a.png", "/a.png", "b/../../a.png", "", None, "a\0.png", "..\\a.png"])
def test_no_name_leads_out_of_the_folder(tmp_path, name):
    with pytest.raises(PosedError):
        inside(tmp_path, name)


def test_names_within_the_folder_are_found(tmp_path):
    assert inside(tmp_path, "./b/../c/d.png") == tmp_path.resolve() / "c" / "d.png"
    assert inside(tmp_path, "c\\d.png") == tmp_path.resolve() / "c" / "d.png"


def test_what_may_be_posed(tmp_path):
    (tmp_path / "transforms.json").touch()
    assert may_be_posed(str(tmp_path))
    assert may_be_posed(str(tmp_path / "transforms.json"))
    assert not may_be_posed(str(tmp_path / "cow.ply"))
