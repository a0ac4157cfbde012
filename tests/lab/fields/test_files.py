"""Files of radiance fields: written, read again, and refused in a sentence when they are not what they should be."""

from __future__ import annotations

import pickle
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lab.fields.files import field_arrays, load_field, save_field
from lab.formats import FormatError
from lab.formats.work import load
from lab.scene import Field
from tests.lab.fields.small_fields import ball


def silent(fraction: float, text: str) -> None:
    pass


@pytest.mark.parametrize("sky", [None, np.full((2, 4, 3), 0.25)])
def test_a_field_comes_back_as_it_was(tmp_path: Path, sky: np.ndarray | None) -> None:
    field = replace(ball(harmonics=4), sky=sky, scale=17.5)
    save_field(tmp_path / "ball.npz", field)
    opened, stats = load(str(tmp_path / "ball.npz"), 1.0, "y", silent)
    assert stats is None
    assert opened.name == "ball"
    back = opened.entity
    assert isinstance(back, Field)
    assert back.scale == 17.5
    assert (back.sky is None) == (sky is None)
    for name in ("rows", "density", "color", "lower", "upper", "sky"):
        if getattr(field, name) is not None:
            np.testing.assert_array_equal(getattr(back, name), getattr(field, name))


def spoiled(**changes: object) -> dict[str, object]:
    arrays: dict[str, object] = dict(field_arrays(ball()))
    arrays.update(changes)
    return {name: value for name, value in arrays.items() if value is not None}


ROWS = ball().rows


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dl3d_field": None}, "holds no radiance field"),
        ({"dl3d_field": 7}, "newer version"),
        ({"density": None}, "no “density”"),
        ({"density": np.zeros((3, 3))}, "“density” is of the wrong shape"),
        ({"rows": np.where(ROWS < 0, ROWS, 10**6)}, "rows that are not there"),
        ({"rows": ROWS - 1}, "rows that are not there"),
        ({"rows": np.zeros((1, 1, 1), np.int32)}, "makes no sense"),
        ({"scale": np.nan}, "not finite"),
        ({"scale": -1.0}, "makes no sense"),
        ({"upper": np.array([-2.0, 1.0, 1.0])}, "makes no sense"),
        ({"color": np.zeros((len(ball().density), 3, 7))}, "makes no sense"),
        ({"color": np.array("red")}, "“color” is of the wrong shape"),
    ],
)
def test_what_is_no_field_is_refused_in_a_sentence(tmp_path: Path, changes: dict[str, object], words: str) -> None:
    np.savez(tmp_path / "bad.npz", **spoiled(**changes))  # type: ignore[arg-type]
    with pytest.raises(FormatError, match=r"bad\.npz cannot be read") as error:
        load_field(tmp_path / "bad.npz")
    assert words in str(error.value)


def test_nothing_in_a_file_is_executed(tmp_path: Path) -> None:
    np.savez(tmp_path / "evil.npz", **spoiled(density=np.array([{"a": 1}], object)))  # type: ignore[arg-type]
    with pytest.raises(FormatError, match="Python objects"):
        load_field(tmp_path / "evil.npz")
    (tmp_path / "pickle.npz").write_bytes(pickle.dumps({"density": 1}))
    with pytest.raises(FormatError, match="damaged"):
        load_field(tmp_path / "pickle.npz")


def test_sizes_are_believed_only_where_the_bytes_are_there(tmp_path: Path) -> None:
    save_field(tmp_path / "ball.npz", ball())
    with zipfile.ZipFile(tmp_path / "ball.npz") as good, zipfile.ZipFile(tmp_path / "bomb.npz", "w") as bomb:
        for info in good.infolist():
            content = good.read(info)
            if info.filename == "density.npy":
                content = content.replace(str(len(ball().density)).encode(), b"9" * 9, 1)
            bomb.writestr(info.filename, content)
    with pytest.raises(FormatError, match="bytes"):
        load_field(tmp_path / "bomb.npz")
    (tmp_path / "cut.npz").write_bytes((tmp_path / "ball.npz").read_bytes()[:-40])
    with pytest.raises(FormatError, match="damaged"):
        load_field(tmp_path / "cut.npz")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="cannot be read"):
        load_field(tmp_path / "none.npz")
