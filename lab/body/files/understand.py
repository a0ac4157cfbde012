"""From the arrays of a file, whichever of SMPL's layouts it has, to a checked BodyData."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.sparse import csr_matrix, issparse

from lab.body.data import BodyData
from lab.body.files.base import Content, NotABody
from lab.body.files.families import FAMILIES, JOINT_NAMES, SHAPES_OF_SMPLX, landmarks
from lab.body.files.sparse import SparseParts, csr_of
from lab.scene import Array

_MOST_VERTS: Final = 200_000
_MOST_FACES: Final = 400_000
_MOST_BETAS: Final = 1_000
_MOST_UVS: Final = 1_200_000
_WEIGHTS_OFF: Final = 1e-3  # half floats of weights that sum to 1 are off by less
_LONGEST_WORD: Final = 60
_LARGEST: Final = 1e4  # metres; beyond it, single precision has no millimetres left

_GENDERS: Final = {"female": "female", "male": "male", "neutral": "neutral", "f": "female", "m": "male", "n": "neutral"}


def understand(content: Content, stem: str) -> BodyData:
    """The body of a file's ``content``; stem: the file's name without its suffix, the model's name.

    Raises NotABody with the first thing that is wrong.
    """
    v_template = _floats(content, "v_template", (None, 3))
    count = len(v_template)
    if not 4 <= count <= _MOST_VERTS:
        raise NotABody(f"it has {count:,} vertices; a body has 4 to {_MOST_VERTS:,}")
    faces = _faces(content, count)
    parents = _parents(content)
    joints = len(parents)
    family = FAMILIES.get(joints)
    if family is None:
        raise NotABody(f"it has {joints} joints; a body has 24 (SMPL), 52 (SMPL-H) or 55 (SMPL-X)")
    shapedirs = _shapedirs(content, count, family)
    weights = _weights(content, count, joints)
    return BodyData(
        name=stem,
        v_template=v_template,
        faces=faces,
        shapedirs=shapedirs,
        posedirs=_posedirs(content, count, joints),
        weights=weights,
        J_regressor=_regressor(content, count, joints),
        parents=parents,
        joint_names=JOINT_NAMES[family],
        gender=_gender(content, stem),
        family=family,
        uvs=_uvs(content, len(faces)),
        beta_words=_beta_words(content, shapedirs.shape[2]),
        symmetry=_symmetry(content, count),
        landmarks=_landmarks(content, count) or landmarks(family, count),
    )


# --- arrays in general ------------------------------------------------------------------------------------------------


def _array(content: Content, name: str, kinds: str, words: str) -> Array:
    value = content.get(name)
    if value is None:
        raise NotABody(f"it has no “{name}”, which every body model has")
    if not isinstance(value, np.ndarray):
        raise NotABody(f"its “{name}” is no array")
    if value.dtype.kind not in kinds:
        raise NotABody(f"its “{name}” should be {words} and is of the type {value.dtype}")
    return value


def _check_shape(array: Array, name: str, shape: tuple[int | None, ...]) -> None:
    if array.ndim == len(shape) and all(want in (None, got) for want, got in zip(shape, array.shape, strict=True)):
        return
    expected = " x ".join("any" if want is None else f"{want:,}" for want in shape)
    found = " x ".join(f"{got:,}" for got in array.shape) or "a single value"
    raise NotABody(f"its “{name}” should be {expected} and is {found}")


def _finite(array: Array, name: str) -> Array:
    """As read-only float32."""
    with np.errstate(over="ignore"):
        numbers = np.ascontiguousarray(array, np.float32)
    if not np.isfinite(numbers).all():
        raise NotABody(f"its “{name}” has values that are no numbers (NaN or infinity)")
    if numbers.size and max(numbers.max(), -numbers.min()) > _LARGEST:
        raise NotABody(f"its “{name}” has values above {_LARGEST:,.0f}; a body is in metres")
    return _frozen(numbers)


def _floats(content: Content, name: str, shape: tuple[int | None, ...]) -> Array:
    array = _array(content, name, "fiu", "numbers")
    _check_shape(array, name, shape)
    return _finite(array, name)


def _indices(array: Array, name: str, count: int, what: str) -> None:
    if array.size and (int(array.min()) < 0 or int(array.max()) >= count):
        bad = int(array.min()) if int(array.min()) < 0 else int(array.max())
        raise NotABody(f"its “{name}” points to {what} {bad:,}, and there are {count:,}, counted from 0")


def _frozen(array: Array) -> Array:
    array = array.view()
    array.flags.writeable = False
    return array


# --- the parts --------------------------------------------------------------------------------------------------------


def _faces(content: Content, count: int) -> Array:
    name = "f" if "f" in content else "faces"
    faces = _array(content, name, "ui", "whole numbers")
    _check_shape(faces, name, (None, 3))
    if not 1 <= len(faces) <= _MOST_FACES:
        raise NotABody(f"it has {len(faces):,} faces; a body has 1 to {_MOST_FACES:,}")
    _indices(faces, name, count, "vertex")
    return _frozen(np.ascontiguousarray(faces, np.int32))


def _parents(content: Content) -> Array:
    """(J,) int64, -1 for the root. The table's second row are the joints' ids, to which the first row points."""
    table = _array(content, "kintree_table", "ui", "whole numbers")
    if table.ndim != 2 or table.shape[0] != 2 or not 1 <= table.shape[1] <= 256:
        raise NotABody("its “kintree_table” should have 2 rows, parents and joints")
    above, ids = table[0].tolist(), table[1].tolist()
    columns = {number: column for column, number in enumerate(ids)}
    parents = [-1] + [columns.get(parent, -1) for parent in above[1:]]
    if len(columns) != len(ids) or any(not 0 <= parent < joint for joint, parent in enumerate(parents) if joint):
        raise NotABody("its “kintree_table” is no tree in which each joint comes after its parent")
    return _frozen(np.array(parents, np.int64))


def _shapedirs(content: Content, count: int, family: str) -> Array:
    array = _array(content, "shapedirs", "fiu", "numbers")
    _check_shape(array, "shapedirs", (count, 3, None))
    betas = array.shape[2]
    if not 1 <= betas <= _MOST_BETAS:
        raise NotABody(f"its “shapedirs” has {betas:,} shapes; 1 to {_MOST_BETAS:,} are expected")
    if family == "SMPL-X":
        array = array[:, :, : SHAPES_OF_SMPLX.get(betas, betas)]
    return _finite(array, "shapedirs")


def _posedirs(content: Content, count: int, joints: int) -> Array | None:
    if content.get("posedirs") is None:
        return None
    return _floats(content, "posedirs", (count, 3, 9 * (joints - 1)))


def _weights(content: Content, count: int, joints: int) -> Array:
    weights = _floats(content, "weights", (count, joints))
    sums = weights.sum(axis=1, dtype=np.float64)
    worst = int(np.abs(sums - 1.0).argmax())
    if abs(sums[worst] - 1.0) > _WEIGHTS_OFF:
        raise NotABody(f"its “weights” of vertex {worst:,} sum to {sums[worst]:.3g}, and not to 1")
    if weights.min() < -_WEIGHTS_OFF:
        raise NotABody(f"its “weights” have negative values, the least is {weights.min():.3g}")
    return weights


def _regressor(content: Content, count: int, joints: int) -> csr_matrix:
    value = content.get("J_regressor")
    if value is None and "J_regressor_data" in content:
        value = _regressor_of_parts(content, count, joints)
    if value is not None and not isinstance(value, np.ndarray) and not issparse(value):
        raise NotABody("its “J_regressor” is neither an array nor a sparse matrix")
    if value is None:
        raise NotABody("it has no “J_regressor”, which every body model has")
    if value.shape == (count, joints) != (joints, count):
        value = value.T
    if value.shape != (joints, count):
        found = " x ".join(f"{side:,}" for side in value.shape)
        raise NotABody(f"its “J_regressor” should be {joints} x {count:,} and is {found}")
    regressor = csr_matrix(value, dtype=np.float32)
    _finite(regressor.data, "J_regressor")
    sums = np.asarray(regressor.sum(axis=1)).ravel()
    if np.abs(sums - 1.0).max() > 0.05:
        raise NotABody("its “J_regressor” has rows that do not sum to 1")
    regressor.sum_duplicates()
    return regressor


def _regressor_of_parts(content: Content, count: int, joints: int) -> csr_matrix:
    """A CSR matrix that was saved as its arrays."""
    data = _floats(content, "J_regressor_data", (None,))
    columns = _array(content, "J_regressor_indices", "ui", "whole numbers")
    starts = _array(content, "J_regressor_indptr", "ui", "whole numbers")
    return csr_of(SparseParts("csr", (joints, count), data, columns, starts), "J_regressor")


def _uvs(content: Content, faces: int) -> Array | None:
    """(F, 3, 2) a corner, or by ``ft`` (F, 3) into ``vt`` (T, 2)."""
    if content.get("vt") is None:
        return None
    uvs = _array(content, "vt", "fiu", "numbers")
    if uvs.ndim == 3:
        _check_shape(uvs, "vt", (faces, 3, 2))
        return _finite(uvs, "vt")
    _check_shape(uvs, "vt", (None, 2))
    corners = content.get("ft")
    if not isinstance(corners, np.ndarray) or corners.dtype.kind not in "ui" or len(uvs) > _MOST_UVS:
        return None
    _check_shape(corners, "ft", (faces, 3))
    _indices(corners, "ft", len(uvs), "texture coordinate")
    return _finite(uvs[corners], "vt")


def _symmetry(content: Content, count: int) -> Array | None:
    value = content.get("vert_sym_idxs")
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "ui":
        return None
    _check_shape(value, "vert_sym_idxs", (count,))
    _indices(value, "vert_sym_idxs", count, "vertex")
    return _frozen(value.astype(np.int64))


# --- words ------------------------------------------------------------------------------------------------------------


def _words(content: Content, name: str) -> list[str]:
    value = content.get(name)
    if not isinstance(value, np.ndarray) or value.dtype.kind != "U" or value.ndim != 1 or len(value) > _MOST_BETAS:
        return []
    return ["".join(char for char in str(word) if char.isprintable())[:_LONGEST_WORD] for word in value]


def _beta_words(content: Content, betas: int) -> tuple[str, ...]:
    given = _words(content, "beta_words")[:betas]
    return (*given, *(f"Shape {number + 1}" for number in range(len(given), betas)))


def _landmarks(content: Content, count: int) -> dict[str, int]:
    names, verts = _words(content, "landmark_names"), content.get("landmark_verts")
    if not names or not isinstance(verts, np.ndarray) or verts.dtype.kind not in "ui":
        return {}
    _check_shape(verts, "landmark_verts", (len(names),))
    _indices(verts, "landmark_verts", count, "vertex")
    return dict(zip(names, verts.tolist(), strict=True))


def _gender(content: Content, stem: str) -> str:
    """As the file says, else by the words of its name: SMPL_MALE, basicModel_f_lbs_10_207_0_v1.0.0."""
    value = content.get("gender")
    word = str(value.item()) if isinstance(value, np.ndarray) and value.size == 1 else str(value or "")
    words = [word.lower(), *stem.lower().replace("-", "_").replace(".", "_").split("_")]
    return next((_GENDERS[word] for word in words if word in _GENDERS), "neutral")
