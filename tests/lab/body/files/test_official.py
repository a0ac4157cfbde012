"""Every layout in which bodies are offered, written as its makers write it."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.sparse import coo_matrix, csr_matrix

from lab.body.data import BodyData
from lab.body.files.families import JOINT_NAMES
from lab.body.files.reader import read_body
from lab.body.skeleton import JOINTS, PARENTS
from tests.lab.body.synthetic import (
    Ch,
    Select,
    content,
    parents_of,
    write_npz,
    write_pickle,
    write_python2_pickle,
)


def check(data: BodyData, table: dict[str, Any], family: str, betas: int) -> None:
    """The body is what was written, and read-only."""
    count = len(table["v_template"])
    assert data.family == family
    assert data.joint_names == JOINT_NAMES[family]
    np.testing.assert_array_equal(data.parents, parents_of(family))
    np.testing.assert_allclose(data.v_template, table["v_template"], atol=1e-6)
    np.testing.assert_array_equal(data.faces, table["f"])
    np.testing.assert_allclose(data.weights, table["weights"], atol=1e-6)
    assert data.posedirs is not None
    np.testing.assert_allclose(data.posedirs, table["posedirs"], atol=1e-6)
    np.testing.assert_allclose(data.J_regressor.toarray(), table["J_regressor"].toarray(), atol=1e-6)
    assert data.shapedirs.shape == (count, 3, betas)
    assert (data.v_template.dtype, data.faces.dtype) == (np.float32, np.int32)
    assert not any(array.flags.writeable for array in (data.v_template, data.faces, data.shapedirs, data.weights))
    assert data.beta_words == tuple(f"Shape {number + 1}" for number in range(betas))


def test_the_trees_of_the_families() -> None:
    assert len(JOINT_NAMES["SMPL-H"]) == 52
    assert len(JOINT_NAMES["SMPL-X"]) == 55
    assert JOINT_NAMES["SMPL"] == JOINTS
    for family in ("SMPL-H", "SMPL-X"):
        names, parents = JOINT_NAMES[family], parents_of(family)
        assert tuple(parents[:22]) == PARENTS[:22]
        assert len(set(names)) == len(names) == len(parents)
        assert names[parents[names.index("left_index1")]] == "left_wrist"
        assert names[parents[names.index("right_thumb3")]] == "right_thumb2"


@pytest.mark.parametrize("protocol", [0, 1, 2])
@pytest.mark.parametrize("betas", [10, 300])
def test_smpl_1_0_with_chumpy_of_python_2(tmp_path: Path, protocol: int, betas: int) -> None:
    table = content(verts=96, betas=betas)
    wrapped = {**table, **{name: Ch(table[name]) for name in ("v_template", "shapedirs", "posedirs", "weights")}}
    path = write_python2_pickle(tmp_path / "basicModel_f_lbs_10_207_0_v1.0.0.pkl", wrapped, protocol)
    assert b"chumpy.ch\nCh" in path.read_bytes()
    assert b"scipy.sparse.csc\ncsc_matrix" in path.read_bytes()
    data = read_body(path)
    check(data, table, "SMPL", betas)
    np.testing.assert_allclose(data.shapedirs, table["shapedirs"], atol=1e-6)
    assert data.gender == "female"
    assert data.symmetry is not None
    np.testing.assert_array_equal(data.symmetry, table["vert_sym_idxs"])


def test_a_part_of_an_array_that_chumpy_selected(tmp_path: Path) -> None:
    table = content(verts=96)
    chosen = np.arange(96 * 30)[::-1].copy()
    reversed_ = np.ascontiguousarray(table["shapedirs"].ravel()[::-1])
    wrapped = {**table, "shapedirs": Select(Ch(reversed_), chosen, (96, 3, 10))}
    data = read_body(write_python2_pickle(tmp_path / "model.pkl", wrapped))
    np.testing.assert_allclose(data.shapedirs, table["shapedirs"], atol=1e-6)


@pytest.mark.parametrize("write", [write_python2_pickle, write_pickle, write_npz])
def test_smpl_1_1_of_the_real_size(tmp_path: Path, write: Callable[..., Path]) -> None:
    table = content(verts=6890)
    suffix = ".npz" if write is write_npz else ".pkl"
    data = read_body(write(tmp_path / f"SMPL_MALE{suffix}", table))
    check(data, table, "SMPL", 10)
    assert data.gender == "male"
    assert data.name == "SMPL_MALE"
    assert data.landmarks["nose"] == 332  # REFERENCE IV.2
    assert data.landmarks["head_top"] == 411
    assert data.landmarks["right_heel"] == 6787
    assert len(data.landmarks) == 12


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("layout", ["csc", "csr", "coo", "dense", "transposed"])
def test_pickles_of_python_3(tmp_path: Path, protocol: int, layout: str) -> None:
    table = content(verts=96)
    regressor = table["J_regressor"]
    made: dict[str, Callable[[Any], Any]] = {
        "csc": lambda matrix: matrix,
        "csr": csr_matrix,
        "coo": coo_matrix,
        "dense": lambda matrix: matrix.toarray(),
        "transposed": lambda matrix: matrix.T.tocsr(),
    }
    data = read_body(write_pickle(tmp_path / "smpl.pkl", {**table, "J_regressor": made[layout](regressor)}, protocol))
    check(data, table, "SMPL", 10)


@pytest.mark.parametrize("write", [write_python2_pickle, write_pickle, write_npz])
@pytest.mark.parametrize(
    ("family", "stored", "kept"), [("SMPL-H", 16, 16), ("SMPL-X", 20, 10), ("SMPL-X", 400, 300), ("SMPL-X", 10, 10)]
)
def test_smpl_h_and_smpl_x(tmp_path: Path, write: Callable[..., Path], family: str, stored: int, kept: int) -> None:
    table = content(family, verts=110, betas=stored)
    suffix = ".npz" if write is write_npz else ".pkl"
    data = read_body(write(tmp_path / f"SMPLX_NEUTRAL{suffix}", table))
    check(data, table, family, kept)
    np.testing.assert_allclose(data.shapedirs, table["shapedirs"][:, :, :kept], atol=1e-6)
    assert data.gender == "neutral"
    assert data.landmarks == {}


def test_what_a_body_does_not_need_is_left_alone(tmp_path: Path) -> None:
    table = content(verts=96)
    extra = {**table, "joint2num": np.array({"pelvis": 0}, dtype=object), "hands_mean": np.zeros(45)}
    check(read_body(write_npz(tmp_path / "a.npz", extra)), table, "SMPL", 10)
    check(read_body(write_pickle(tmp_path / "a.pkl", extra)), table, "SMPL", 10)


def test_texture_coordinates_by_corner_and_by_index(tmp_path: Path) -> None:
    table = content(verts=96)
    uvs = np.random.default_rng(0).uniform(size=(50, 2)).astype(np.float32)
    corners = np.random.default_rng(1).integers(0, 50, (96, 3))
    for extra in ({"vt": uvs, "ft": corners.astype(np.uint32)}, {"vt": uvs[corners]}):
        data = read_body(write_npz(tmp_path / "a.npz", {**table, **extra}))
        np.testing.assert_array_equal(data.uvs, uvs[corners])


def test_half_precision_and_the_open_files_names(tmp_path: Path) -> None:
    table = content(verts=96)
    matrix = table.pop("J_regressor").tocsr()
    parts = {"data": matrix.data, "indices": matrix.indices, "indptr": matrix.indptr, "shape": np.array(matrix.shape)}
    table["posedirs"] = table["posedirs"].astype(np.float16)
    table |= {f"J_regressor_{name}": array for name, array in parts.items()}
    table |= {"beta_words": np.array(["Height", "Weight"]), "gender": np.array("female")}
    table |= {"landmark_names": np.array(["nose", "head_top"]), "landmark_verts": np.array([3, 5])}
    data = read_body(write_npz(tmp_path / "a.npz", table))
    assert data.posedirs is not None
    assert data.posedirs.dtype == np.float32
    np.testing.assert_array_equal(data.J_regressor.toarray(), matrix.toarray().astype(np.float32))
    assert data.beta_words[:3] == ("Height", "Weight", "Shape 3")
    assert data.landmarks == {"nose": 3, "head_top": 5}
    assert data.gender == "female"


def test_a_body_without_pose_correctives(tmp_path: Path) -> None:
    table = content(verts=96)
    del table["posedirs"]
    assert read_body(write_npz(tmp_path / "a.npz", table)).posedirs is None


def test_big_endian_numbers(tmp_path: Path) -> None:
    table = content(verts=96)
    swapped = {**table, "v_template": table["v_template"].astype(">f8"), "weights": table["weights"].astype(">f4")}
    check(read_body(write_pickle(tmp_path / "a.pkl", swapped)), table, "SMPL", 10)
    check(read_body(write_npz(tmp_path / "a.npz", swapped)), table, "SMPL", 10)
