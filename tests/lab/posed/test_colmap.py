"""COLMAP's models: rows by hand, and files whose counts lie."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from lab.posed.colmap_binary import BinaryModel
from lab.posed.colmap_rows import MODELS, Camera
from lab.posed.colmap_text import TextModel
from lab.posed.images import PosedError
from lab.posed.load import load_images
from tests.lab.posed import writers
from tests.lab.posed.writers import DOTS, ring


@pytest.fixture
def both(tmp_path):
    """The same model in both forms."""
    poses = ring()
    for name, write in (("text", writers.colmap_text), ("binary", writers.colmap_binary)):
        (tmp_path / name).mkdir()
        write(tmp_path / name, poses, "RADIAL", (80.0, 47.0, 37.5, 0.1, -0.02))
    return TextModel(tmp_path / "text"), BinaryModel(tmp_path / "binary"), tmp_path


def test_text_and_binary_say_the_same(both):
    text, binary, _ = both
    assert text.cameras() == binary.cameras() == {1: Camera("RADIAL", 96, 72, (80.0, 47.0, 37.5, 0.1, -0.02))}
    for one, other in zip(text.images(), binary.images(), strict=True):
        assert (one.name, one.camera) == (other.name, other.camera)
        assert np.array_equal(one.pose, other.pose)
    assert len(text.images()) == 12
    assert np.array_equal(text.points().verts, DOTS.astype(np.float32))
    assert np.array_equal(text.points().colors, binary.points().colors)


def test_parameters_are_in_colmaps_order():
    lens = Camera("FULL_OPENCV", 96, 72, (81.0, 82.0, 47.0, 37.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)).lens()
    assert (lens.fx, lens.fy, lens.cx, lens.cy) == (81.0, 82.0, 47.0, 37.0)
    assert lens.k == (0.1, 0.2, 0.5, 0.6, 0.7, 0.8)
    assert lens.p == (0.3, 0.4)
    lens = Camera("SIMPLE_RADIAL", 96, 72, (80.0, 47.0, 37.0, -0.1)).lens()
    assert (lens.fx, lens.fy, lens.k) == (80.0, 80.0, (-0.1,))
    lens = Camera("OPENCV_FISHEYE", 96, 72, (81.0, 82.0, 47.0, 37.0, 0.1, 0.2, 0.3, 0.4)).lens()
    assert (lens.kind, lens.k) == ("fisheye", (0.1, 0.2, 0.3, 0.4))
    assert dict(MODELS)["THIN_PRISM_FISHEYE"] == 12


@pytest.mark.parametrize(
    "camera", [Camera("FOV", 9, 9, (1, 1, 4, 4, 1)), Camera("NEW", 9, 9, ()), Camera("PINHOLE", 9, 9, (1,))]
)
def test_lenses_that_cannot_be_straightened_are_refused(camera):
    with pytest.raises(PosedError, match=r"cannot be straightened|parameters"):
        camera.lens()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cameras.bin", struct.pack("<Q", 2**63)),
        ("cameras.bin", struct.pack("<Q", 1)),
        ("cameras.bin", b"\1"),
        ("cameras.bin", struct.pack("<QiiQQ", 1, 1, 99, 4, 4) + bytes(64)),
        ("images.bin", struct.pack("<Q", 2**40) + bytes(900)),
        ("images.bin", struct.pack("<Qi7di", 1, 1, *[0.0] * 7, 1) + b"a" * 2000),
        ("images.bin", struct.pack("<Qi7di", 1, 1, *[0.0] * 7, 1) + b"a\0" + struct.pack("<Q", 2**61)),
        ("points3D.bin", struct.pack("<Q", 2**62) + bytes(100)),
        ("points3D.bin", struct.pack("<Q", 1) + struct.pack("<Q3d3BdQ", 1, 0, 0, 0, 1, 2, 3, 0.0, 2**60)),
    ],
)
def test_counts_that_lie_are_found_out_before_memory_is_taken(both, name, content):
    _, binary, folder = both
    (folder / "binary" / name).write_bytes(content)
    with pytest.raises(PosedError, match=name):
        {"cameras.bin": binary.cameras, "images.bin": binary.images, "points3D.bin": binary.points}[name]()


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("cameras.txt", "1 PINHOLE 96"),
        ("cameras.txt", "1 PINHOLE wide 72 1 1 1 1"),
        ("cameras.txt", "-1 PINHOLE 96 72 1 1 1 1"),
        ("images.txt", "1 0 0 0"),
        ("images.txt", "1 1 0 0 0 0 0 x 1 a.png"),
        ("points3D.txt", "1 0 0"),
        ("points3D.txt", "1 0 0 0 red 0 0 1"),
    ],
)
def test_a_bad_line_is_named(both, name, line):
    text, _, folder = both
    (folder / "text" / name).write_text(f"# comment\n{line}\n")
    with pytest.raises(PosedError, match=f"{name}, line 2"):
        {"cameras.txt": text.cameras, "images.txt": text.images, "points3D.txt": text.points}[name]()


def test_a_bad_row_among_good_ones_is_left_out(tmp_path):
    poses = writers.colmap(tmp_path, True)
    path = tmp_path / "sparse" / "0" / "images.txt"
    lines = path.read_text().splitlines()
    lines[1] = "1 nan 0 0 0 0 0 0 1 000.png"
    lines[3] = lines[3].replace(" 1 001.png", " 9 001.png")
    lines[5] = lines[5].replace("002.png", "../../002.png")
    path.write_text("\n".join(lines))
    images = load_images(tmp_path)
    assert len(images) == len(poses) - 3
    said = " ".join(images.remarks)
    for words in ("not finite", "its camera 9", "outside of the folder"):
        assert words in said, words


def test_without_its_pictures_a_model_says_where_they_belong(tmp_path):
    writers.colmap(tmp_path, False)
    (tmp_path / "images").rename(tmp_path / "elsewhere")
    with pytest.raises(PosedError, match="'images'"):
        load_images(tmp_path)


def test_points_that_are_not_finite_are_dropped(tmp_path):
    writers.colmap(tmp_path, True)
    path = tmp_path / "sparse" / "0" / "points3D.txt"
    path.write_text(path.read_text() + "9 nan 0 0 1 2 3 0\n10 1e300 0 0 1 2 3 0\n")
    assert len(load_images(tmp_path).points.verts) == len(DOTS)
