"""Arrays as files .npz and .json."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from lab.array_files import save_arrays
from lab.film import ExportError

VALUES = {"pose": np.arange(6.0).reshape(2, 3), "ok": np.array([True]), "gender": "male", "fps": 30.0, "n": 3}


def test_npz_keeps_shapes_types_and_words(tmp_path: Path) -> None:
    save_arrays(tmp_path / "a.npz", VALUES)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as found:
        assert set(found) == set(VALUES)
        for name, value in VALUES.items():
            np.testing.assert_array_equal(found[name], value)
        assert found["pose"].dtype == np.float64


def test_json_keeps_lists_and_has_no_nan(tmp_path: Path) -> None:
    save_arrays(tmp_path / "a.json", {**VALUES, "gap": np.array([1.0, np.nan])})
    found = json.loads((tmp_path / "a.json").read_text())
    assert found["pose"] == [[0, 1, 2], [3, 4, 5]]
    assert (found["gap"], found["gender"], found["n"]) == ([1.0, None], "male", 3)


@given(hnp.arrays(st.sampled_from([np.float32, np.float64, np.int32]), hnp.array_shapes(max_dims=3, max_side=4)))
def test_every_number_comes_back(tmp_path_factory, array) -> None:
    path = tmp_path_factory.mktemp("arrays") / "a.npz"
    save_arrays(path, {"a": array})
    with np.load(path, allow_pickle=False) as found:
        np.testing.assert_array_equal(found["a"], array)
        assert found["a"].dtype == array.dtype


def test_what_cannot_be_saved_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    for path, values, words in (
        (tmp_path / "a.txt", VALUES, r"ends in \.npz or \.json"),
        (tmp_path / "a.npz", {}, "no numbers"),
        (tmp_path / "a.npz", {"a": np.array([{}], dtype=object)}, "'a', which is neither"),
        (tmp_path / "a.json", {"a": {1, 2}}, "type set"),
        (tmp_path / "missing" / "a.npz", VALUES, "a.npz cannot be saved"),
        (tmp_path / "missing" / "a.json", VALUES, "cannot be saved"),
    ):
        with pytest.raises(ExportError, match=words):
            save_arrays(path, values)
    assert list(tmp_path.iterdir()) == []
