"""What is saved is read back equal."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lab.posed.images import PosedError, PosedImages
from lab.posed.load import load_images
from lab.posed.make import Views, make_images, spot
from lab.posed.save import save_images
from lab.scene import Points


@pytest.fixture(scope="module")
def images() -> PosedImages:
    return make_images(spot(), Views(count=12, held_out=2, size=40, path="sphere"))


@pytest.mark.parametrize("masks", [True, False])
def test_round_trip(tmp_path, images, masks):
    rng = np.random.default_rng(0)
    points = Points(rng.normal(size=(9, 3)).astype(np.float32), colors=rng.random((9, 3)).astype(np.float32))
    saved = replace(images, points=points, alphas=images.alphas if masks else None)
    path = save_images(saved, tmp_path / "set")
    again = load_images(path)
    assert np.array_equal(again.pixels, images.pixels)
    assert np.array_equal(again.alphas, images.alphas) if masks else again.alphas is None
    assert np.array_equal(again.held_out, images.held_out)
    assert [name.removesuffix(".png") for name in again.names] == list(images.names)
    for one, other in zip(again.cameras, images.cameras, strict=True):
        assert one.c2w == pytest.approx(other.c2w, abs=1e-12)
        assert (one.fx, one.fy, one.cx, one.cy) == (other.fx, other.fy, other.cx, other.cy)
    assert (again.lower, again.upper) == (pytest.approx(images.lower), pytest.approx(images.upper))
    assert again.points.verts == pytest.approx(points.verts, abs=1e-6)
    assert again.points.colors == pytest.approx(points.colors, abs=1 / 255)


def test_names_become_files_that_stay_in_the_folder_and_differ(tmp_path, images):
    names = ("../../evil", "a/b.png", "a_b.jpg", "ü", "", "x" * 300, *images.names[6:])
    save_images(replace(images, names=names), tmp_path / "set")
    files = {file.name for file in (tmp_path / "set" / "images").iterdir()}
    assert len(files) == 12
    assert {path.name for path in tmp_path.iterdir()} == {"set"}
    assert len(load_images(tmp_path / "set")) == 12


def test_a_place_that_cannot_be_written_is_said(tmp_path, images):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(PosedError, match="cannot be saved"):
        save_images(images, tmp_path / "taken")
