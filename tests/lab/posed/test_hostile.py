"""Damaged files of every format end in a PosedError, or are read as far as they make sense: never anything else."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

from lab.posed.images import PosedError
from lab.posed.load import load_images
from tests.lab.posed import writers

ROUNDS = 40


@pytest.fixture(scope="module")
def sets(tmp_path_factory):
    """A good set of each format, by the file that is then damaged."""
    root = tmp_path_factory.mktemp("sets")
    writers.blender(root / "blender", count=4)
    writers.nerfstudio(root / "nerfstudio", writers.INTRINSICS | {"k1": 0.01})
    writers.colmap(root / "text", True)
    writers.colmap(root / "binary", False, "OPENCV", (80.0, 80.0, 47.0, 37.5, 0.01, 0.0, 0.0, 0.0))
    writers.llff(root / "llff")
    return root


@pytest.mark.parametrize(
    "name",
    [
        "blender/transforms_train.json",
        "nerfstudio/transforms.json",
        "nerfstudio/images/frame_00000.png",
        "text/sparse/0/cameras.txt",
        "text/sparse/0/images.txt",
        "text/sparse/0/points3D.txt",
        "binary/sparse/0/cameras.bin",
        "binary/sparse/0/images.bin",
        "binary/sparse/0/points3D.bin",
        "llff/poses_bounds.npy",
    ],
)
def test_random_damage(sets, tmp_path, name):
    folder = name.split("/")[0]
    shutil.copytree(sets / folder, tmp_path / folder)
    path = tmp_path / name
    whole, rng = path.read_bytes(), np.random.default_rng(0)
    count, told = len(load_images(tmp_path / folder, max_size=24)), 0
    for number in range(ROUNDS):
        data = bytearray(whole)
        if number % 4 == 0:
            data = data[: rng.integers(1, len(data))]
        for at in rng.integers(0, len(data), 1 + number % 5):
            data[at] = rng.integers(0, 256)
        path.write_bytes(data)
        try:
            images = load_images(tmp_path / folder, max_size=24)
        except PosedError:
            told += 1
        else:
            told += len(images) < count and any(remark.startswith("Left out") for remark in images.remarks)
            assert np.isfinite([images.lower, images.upper]).all()
            assert all(np.isfinite(camera.c2w).all() for camera in images.cameras)
    assert told, "none of the damage was noticed"
