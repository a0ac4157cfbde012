"""Numbers of a camera out of pasted text: Python, numpy's or torch's print, JSON, Blender's Matrix, plain numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import numpy as np

from lab.cameras.model import CameraError
from lab.motions import so3
from lab.scene import Array

_NOISE = re.compile(r"#[^\n]*|//[^\n]*|\b(?:dtype|device|grad_fn|requires_grad)\s*=\s*[^,)\]\n]*")
_TOKEN = re.compile(
    r"""(?P<name>["']?[A-Za-z_][\w.\[\]"']*["']?)\s*(?P<sets>[=:](?!=))
    |(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)(?![\w.])
    |(?P<word>["']?[A-Za-z_][\w.:]*["']?)
    |(?P<open>[\[(])|(?P<close>[\])])|(?P<line>\n|;)""",
    re.VERBOSE,
)
_CENTRE = {"c", "center", "centre", "position", "eye", "location", "camera_center", "cam_pos"}
_INTRINSICS = {"k", "intrinsic", "intrinsics", "intrinsic_matrix", "camera_matrix", "cameramatrix", "mtx"}
_PROJECTION = {"p", "proj", "projection", "projection_matrix"}
_ROUGH = 2e-2  # of R Rᵀ - I: more is no rotation that was merely rounded


@dataclass
class Block:
    """Numbers that belong together. name: "" for none. rows: how many numbers each row has."""

    name: str
    numbers: list[float] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Pasted:
    """What a text holds.

    rotation: (3, 3) float64, a proper rotation, as written. translation: (3,), or None when there is none.
    layout: "columns" with the translation in the last column, "rows" with it in the last row, "apart" when R and T are
    given separately (then rows or columns cannot be told) and "either" for a matrix without translation.
    centre: the translation is named as the camera's place. K: (3, 3) or None. names: of the blocks that were used.
    remarks: sentences on what was found and repaired.
    """

    rotation: Array
    translation: Array | None
    layout: str
    centre: bool = False
    K: Array | None = None
    names: frozenset[str] = frozenset()
    remarks: tuple[str, ...] = ()


def read(text: str) -> Pasted:
    """The camera's numbers in ``text``. Raises CameraError with a sentence when there are none, or no rotation."""
    found = blocks(text)
    if not found:
        raise CameraError("there are no numbers in the text: paste a 4x4, a 3x4, or R and T")
    K = next((_matrix(b, 3, 3) for b in found if _is_intrinsics(b)), None)
    rest = [b for b in found if not _is_intrinsics(b)]
    remarks: list[str] = []
    raw, shift, layout, centre, used = _pose(rest, remarks)
    rotation = _cleaned(raw, remarks)
    names = frozenset(b.name for b in used if b.name)
    return Pasted(rotation, shift, layout, centre, K, names, tuple(remarks))


def blocks(text: str) -> list[Block]:
    """All groups of numbers in ``text``: each bracket, each name, each run of bare lines."""
    found = [Block("")]
    depth = row = 0

    def end_row() -> None:
        nonlocal row
        if row:
            found[-1].rows.append(row)
        row = 0

    def start(name: str) -> None:
        end_row()
        if found[-1].numbers:
            found.append(Block(name))
        elif name:
            found[-1].name = name

    for token in _TOKEN.finditer(_NOISE.sub("", text)):
        if token["sets"]:
            start(token["name"].strip("\"'").split(".")[-1].strip("[]\"'"))
        elif token["number"]:
            found[-1].numbers.append(float(token["number"]))
            row += 1
        elif token["open"]:
            if not depth:
                start(found[-1].name if not found[-1].numbers else "")
            end_row()
            depth += 1
        elif token["close"]:
            end_row()
            depth = max(depth - 1, 0)
        elif token["line"] and not depth:
            end_row()
    end_row()
    return [block for block in found if block.numbers]


def _matrix(block: Block, rows: int, columns: int) -> Array:
    return np.array(block.numbers[: rows * columns]).reshape(rows, columns)


def _is_intrinsics(block: Block) -> bool:
    """A 3x3 that is named so, or looks like K: lower left empty, 1 in the corner, and no rotation."""
    if len(block.numbers) != 9:
        return False
    m = _matrix(block, 3, 3)
    looks = not m[1:, 0].any() and m[2, 1] == 0 and m[2, 2] == 1 and m[0, 0] > 0 and m[1, 1] > 0
    return block.name.lower() in _INTRINSICS or bool(looks and (m[:2, 2].any() or m[0, 0] != 1))


def _pose(found: list[Block], remarks: list[str]) -> tuple[Array, Array | None, str, bool, list[Block]]:
    """Rotation as written, translation, layout, whether that is a centre, and the blocks that were used."""
    whole = next((b for b in found if len(b.numbers) == 16 and b.name.lower() not in _PROJECTION), None)
    if whole is not None:
        return (*_from_4x4(_matrix(whole, 4, 4)), False, [whole])
    if any(len(b.numbers) == 16 for b in found):
        raise CameraError("this is a projection matrix: it says how the lens maps, not where the camera stands")
    for block in found:
        if len(block.numbers) == 12:
            if block.rows == [3, 3, 3, 3]:  # R, and T as a fourth row
                m = _matrix(block, 4, 3)
                return m[:3], m[3], "rows", False, [block]
            m = _matrix(block, 3, 4)
            return m[:, :3], m[:, 3], "columns", False, [block]
        if len(block.numbers) == 7:
            remarks.append("Seven numbers are read as COLMAP writes them: quaternion wxyz, then t.")
            return so3.from_quaternion(block.numbers[:4]), np.array(block.numbers[4:]), "columns", False, [block]
    turn = next((b for b in found if len(b.numbers) == 9), None)
    if turn is None:
        counts = ", ".join(str(len(b.numbers)) for b in found) or "none"
        raise CameraError(f"expected 16, 12 or 9 numbers of a pose, or R and T; found groups of {counts} numbers")
    shift = next((b for b in found if len(b.numbers) == 3), None)
    if shift is None:
        remarks.append("There is no translation: the camera is taken to stand at the world's origin.")
        return _matrix(turn, 3, 3), None, "apart", False, [turn]
    return _matrix(turn, 3, 3), np.array(shift.numbers), "apart", shift.name.lower() in _CENTRE, [turn, shift]


def _from_4x4(m: Array) -> tuple[Array, Array, str]:
    last_row, last_column = np.allclose(m[3], [0, 0, 0, 1]), np.allclose(m[:, 3], [0, 0, 0, 1])
    if last_row and last_column:
        return m[:3, :3], np.zeros(3), "either"
    if last_row:
        return m[:3, :3], m[:3, 3], "columns"
    if last_column:
        return m[:3, :3], m[3, :3], "rows"
    raise CameraError(
        "neither the last row nor the last column of the 4x4 is 0 0 0 1: it is a projection, or a product with one"
    )


def _cleaned(matrix: Array, remarks: list[str]) -> Array:
    """The rotation, without scale and rounding. Raises CameraError for what is none."""
    scale = float(np.cbrt(abs(np.linalg.det(matrix))))
    if not np.isfinite(matrix).all() or scale < 1e-9:
        raise CameraError("the 3x3 part is singular: its rows do not span the space, so it is no rotation")
    unscaled = matrix / scale
    error = float(np.abs(unscaled @ unscaled.T - np.eye(3)).max())
    if error > _ROUGH:
        raise CameraError(f"the 3x3 part is no rotation: R Rᵀ differs from the identity by {error:.2g}")
    if abs(scale - 1) > _ROUGH:
        remarks.append(f"The matrix scales by {scale:.4g}; the scale is left out.")
    if np.linalg.det(matrix) < 0:
        raise CameraError(
            "the determinant is -1: the matrix mirrors. It belongs to a left-handed system (Unity, Direct3D), or one "
            "axis was flipped; flip the sign of one row or column"
        )
    if error > 1e-5:
        remarks.append(f"R is orthonormal to {error:.1g} only, as rounded numbers are; the nearest rotation is used.")
    return np.asarray(so3.project(unscaled))
