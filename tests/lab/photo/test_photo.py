"""Reading photos, and making them fit."""

from __future__ import annotations

import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lab.formats import FormatError
from lab.photo.photo import Letterbox, Photo, load_photo, read_pixels, resized, shrunk
from tests.lab.photo.photo_help import disc, orange_on_grey, save

PIXELS = orange_on_grey(disc(), noise=4.0)


def test_lossless_files_keep_every_pixel(tmp_path: Path) -> None:
    for name, options in (("a.png", {}), ("a.webp", {"lossless": True}), ("a.bmp", {})):
        photo = load_photo(save(tmp_path / name, PIXELS, **options))
        assert photo.pixels.dtype == np.float32
        np.testing.assert_array_equal(np.rint(photo.pixels * 255), PIXELS)
        assert photo.alpha is None
        assert (photo.size, photo.name) == ((60, 80), name)


def test_transparency_is_kept_and_full_opacity_is_none(tmp_path: Path) -> None:
    alpha = (disc() * 255).astype(np.uint8)
    photo = load_photo(save(tmp_path / "a.png", np.dstack([PIXELS, alpha])))
    assert photo.alpha is not None
    np.testing.assert_array_equal(photo.alpha, disc())
    opaque = load_photo(save(tmp_path / "b.png", np.dstack([PIXELS, np.full_like(alpha, 255)])))
    assert opaque.alpha is None


def test_the_orientation_of_the_camera_is_applied(tmp_path: Path) -> None:
    pixels = np.zeros((16, 32, 3), np.uint8)
    pixels[:8, :8] = 255  # a white corner at the top left, as the sensor saw it
    exif = Image.Exif()
    exif[0x0112] = 6  # "the camera was turned: rotate by 90 degrees clockwise to show"
    photo = load_photo(save(tmp_path / "turned.jpg", pixels, exif=exif, quality=95))
    assert photo.size == (32, 16)
    assert photo.pixels[:7, 9:].min() > 0.9  # at the top right now
    assert photo.pixels[9:].max() < 0.1


def test_what_phones_call_jpeg_is_read(tmp_path: Path) -> None:
    second = Image.fromarray(PIXELS[:20, :20])  # such as a depth map behind the photo
    file = tmp_path / "phone.jpg"
    Image.fromarray(PIXELS).save(file, format="MPO", save_all=True, append_images=[second], quality=95)
    photo = load_photo(file)
    assert photo.size == (60, 80)
    assert np.abs(photo.pixels * 255 - PIXELS).mean() < 6  # it halves the resolution of colours


def test_grey_palette_and_deep_pictures_are_read(tmp_path: Path) -> None:
    grey = np.arange(64, dtype=np.uint8).reshape(8, 8)
    np.testing.assert_array_equal(read_pixels(save(tmp_path / "l.png", grey))[..., 1], grey)
    deep = np.linspace(0, 65535, 64).astype(np.uint16).reshape(8, 8)
    found = read_pixels(save(tmp_path / "deep.png", deep))
    np.testing.assert_array_equal(found[..., 0], np.rint(deep / 257))
    palette = Image.fromarray(PIXELS).quantize(8)
    palette.save(tmp_path / "p.png")
    np.testing.assert_array_equal(read_pixels(tmp_path / "p.png")[..., :3], np.asarray(palette.convert("RGB")))


def _png(width: int, height: int) -> bytes:
    """A PNG that says to be so large, and holds nothing."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = b""
    for kind, data in ((b"IHDR", header), (b"IDAT", zlib.compress(b"")), (b"IEND", b"")):
        chunks += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + chunks


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"hello, I am not a picture", "no PNG, JPEG, WebP or BMP"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC"),
        (_png(10_001, 10_000), "at most 100 million"),
        (_png(65_000, 65_000), "at most 100 million"),
        (_png(100, 100), "damaged"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(tmp_path: Path, content: bytes, words: str) -> None:
    file = tmp_path / "bad.png"
    file.write_bytes(content)
    with pytest.raises(FormatError, match=words) as caught:
        load_photo(file)
    assert str(caught.value).startswith("bad.png")
    assert str(caught.value).endswith(".")


def test_a_cut_file_a_missing_one_and_a_pipe(tmp_path: Path) -> None:
    whole = save(tmp_path / "a.jpg", PIXELS).read_bytes()
    (tmp_path / "cut.jpg").write_bytes(whole[: len(whole) // 2])
    os.mkfifo(tmp_path / "pipe.png")
    for name, words in (("cut.jpg", "Truncated|truncated"), ("none.png", "no such file"), ("pipe.png", "not a file")):
        with pytest.raises(FormatError, match=words):
            load_photo(tmp_path / name)


@given(st.binary(max_size=200), st.integers(0, 400))
def test_no_damage_is_worse_than_a_sentence(tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int) -> None:
    folder = tmp_path_factory.mktemp("noise")
    data = bytearray(save(folder / "a.webp", PIXELS[:20, :20]).read_bytes())
    data[at : at + len(noise)] = noise
    (folder / "b.webp").write_bytes(data)
    try:
        shape = load_photo(folder / "b.webp").pixels.shape
    except FormatError:
        return
    assert shape[2] == 3


def test_a_smaller_photo_holds_the_means() -> None:
    pixels = np.random.default_rng(0).random((8, 12, 3), np.float32)
    small = resized(Photo(pixels), 6)
    assert small.size == (4, 6)
    np.testing.assert_allclose(small.pixels, pixels.reshape(4, 2, 6, 2, 3).mean((1, 3)), atol=1e-6)
    assert resized(small, 100) is small
    with pytest.raises(ValueError, match="longest"):
        resized(small, 0)


def test_transparent_pixels_have_no_say_in_the_colours() -> None:
    pixels = np.zeros((2, 2, 3), np.float32)
    pixels[:, 0] = (1.0, 0.5, 0.0)  # the right half is black and transparent
    alpha = np.array([[1, 0], [1, 0]], np.float32)
    small = resized(Photo(pixels, alpha), 1)
    np.testing.assert_allclose(small.pixels[0, 0], (1.0, 0.5, 0.0), atol=1e-6)
    assert small.alpha is not None
    assert small.alpha[0, 0] == 0.5


def test_a_letterbox_by_hand() -> None:
    box = Letterbox.of((100, 200), (128, 128))
    assert (box.inner, box.top, box.left) == ((64, 128), 32, 0)
    assert box.scale == (0.64, 0.64)
    put = box.put(np.ones((100, 200), np.float32))
    assert put.shape == (128, 128)
    assert put[:32].max() == put[96:].max() == 0
    assert put[32:96].min() == 1
    assert box.to_box(100.0, 50.0) == (64.0, 64.0)
    with pytest.raises(ValueError, match="sizes"):
        Letterbox.of((0, 3), (4, 4))


@given(st.tuples(*[st.integers(1, 90)] * 4), st.floats(0, 1), st.floats(0, 1))
def test_letterboxes_hold_the_whole_photo(sides: tuple[int, ...], across: float, down: float) -> None:
    photo, size = sides[:2], sides[2:]
    box = Letterbox.of(photo, size)
    x, y = across * photo[1], down * photo[0]
    there = box.to_box(x, y)
    assert -1e-9 <= there[0] <= size[1] + 1e-9
    assert -1e-9 <= there[1] <= size[0] + 1e-9
    np.testing.assert_allclose(box.to_photo(*there), (x, y), atol=1e-9)
    filled = box.put(np.ones(photo, np.float32))
    assert filled.sum() == pytest.approx(box.inner[0] * box.inner[1])
    assert box.take(filled).shape == box.inner
    assert box.inner[0] == size[0] or box.inner[1] == size[1]


def test_an_odd_ratio_keeps_what_is_even_and_stays_within_bounds() -> None:
    np.testing.assert_allclose(shrunk(np.full((30, 50), 0.3, np.float32), (7, 9)), 0.3, atol=1e-6)
    values = np.random.default_rng(1).random((30, 50, 2), np.float32)
    small = shrunk(values, (7, 9))
    assert small.shape == (7, 9, 2)
    assert values.min() <= small.min() <= small.max() <= values.max()
    np.testing.assert_allclose(small.mean((0, 1)), values.mean((0, 1)), atol=0.01)
