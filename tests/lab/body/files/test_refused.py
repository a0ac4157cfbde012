"""Files that are no bodies: what is wrong is said in a sentence."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import csc_matrix

from lab.body.files.base import BodyFileError
from lab.body.files.reader import read_body
from lab.body.library import load_body
from tests.lab.body.synthetic import content, write_npz, write_pickle

Table = dict[str, Any]


def replaced(name: str, change: Callable[[Any], Any]) -> Callable[[Table], None]:
    def apply(table: Table) -> None:
        table[name] = change(table[name])

    return apply


def put(name: str, index: Any, value: Any) -> Callable[[Table], None]:
    def apply(table: Table) -> None:
        table[name] = table[name].copy()
        table[name][index] = value

    return apply


WRONG: list[tuple[Callable[[Table], Any], str]] = [
    (lambda table: table.pop("weights"), "has no “weights”"),
    (lambda table: table.pop("v_template"), "has no “v_template”"),
    (lambda table: table.pop("J_regressor"), "has no “J_regressor”"),
    (put("v_template", (3, 1), np.nan), "“v_template” has values that are no numbers"),
    (put("posedirs", (3, 1, 7), np.inf), "“posedirs” has values that are no numbers"),
    (put("v_template", (0, 0), 1e30), "in metres"),
    (put("weights", (5, 0), 3.0), "“weights” of vertex 5 sum to [34]"),
    (put("f", (0, 2), 96), "“f” points to vertex 96, and there are 96"),
    (put("kintree_table", (0, 3), 20), "no tree"),
    (put("kintree_table", (1, 3), 2), "no tree"),
    (replaced("f", lambda f: f.astype(np.int64) - 1), "points to vertex -1"),
    (replaced("f", lambda f: f.astype(float)), "whole numbers"),
    (replaced("f", lambda f: f[:0]), "0 faces"),
    (replaced("v_template", lambda v: v[:, :2]), "any x 3 and is 96 x 2"),
    (replaced("v_template", lambda v: v[:3]), "3 vertices"),
    (replaced("shapedirs", lambda s: s[:50]), "“shapedirs” should be 96 x 3 x any and is 50 x 3 x 10"),
    (replaced("shapedirs", lambda s: s[:, :, :0]), "0 shapes"),
    (replaced("posedirs", lambda p: p[:, :, :9]), "96 x 3 x 207 and is 96 x 3 x 9"),
    (replaced("weights", lambda w: w[:, :20]), "96 x 24 and is 96 x 20"),
    (replaced("J_regressor", lambda r: r.toarray()[:, :50]), "24 x 96 and is 24 x 50"),
    (replaced("J_regressor", lambda r: csc_matrix(r.toarray() * 2)), "do not sum to 1"),
    (replaced("kintree_table", lambda k: k[:, :16]), "16 joints"),
    (replaced("kintree_table", lambda k: k[0]), "2 rows"),
    (replaced("vert_sym_idxs", lambda s: s + 1), "points to vertex 96"),
    (replaced("v_template", lambda v: v.astype(str)), "should be numbers"),
]


@pytest.mark.parametrize("write", [write_npz, write_pickle])
@pytest.mark.parametrize(("spoil", "match"), WRONG)
def test_what_is_wrong_is_said(
    tmp_path: Path, write: Callable[..., Path], spoil: Callable[[Table], Any], match: str
) -> None:
    table = content(verts=96)
    spoil(table)
    path = write(tmp_path / "model.pkl", table)
    with pytest.raises(BodyFileError, match=match) as caught:
        read_body(path)
    assert str(caught.value).startswith("model.pkl cannot be read: ")
    assert str(caught.value).endswith("as its makers offer it.")


@pytest.mark.parametrize("part", ["indices", "indptr"])
def test_sparse_indices_outside_of_the_matrix(tmp_path: Path, part: str) -> None:
    table = content(verts=96)
    matrix = table["J_regressor"]
    getattr(matrix, part)[-1] = 1000
    with pytest.raises(BodyFileError, match="indices make no sense"):
        read_body(write_pickle(tmp_path / "a.pkl", table))


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "empty.npz").touch()
    with pytest.raises(BodyFileError, match="it has 0 bytes"):
        load_body(tmp_path / "empty.npz")
    with pytest.raises(BodyFileError, match=r"There is no file gone\.pkl"):
        load_body(tmp_path / "gone.pkl")
    with pytest.raises(BodyFileError, match="a folder, a device or a pipe"):
        load_body(tmp_path)
    os.mkfifo(tmp_path / "pipe.pkl")
    with pytest.raises(BodyFileError, match="a folder, a device or a pipe"):
        load_body(tmp_path / "pipe.pkl")
    with pytest.raises(BodyFileError, match="one of: neutral"):
        load_body("netral")
