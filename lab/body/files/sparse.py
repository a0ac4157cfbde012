"""Sparse matrices from the arrays that files keep of them. Scipy's own code trusts its indices, so they are checked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

import numpy as np
from scipy.sparse import coo_matrix, csc_matrix, csr_matrix

from lab.body.files.base import NotABody
from lab.scene import Array

_LONGEST_SIDE = 1_000_000

Layout = Literal["csr", "csc", "coo"]


@dataclass(frozen=True, eq=False)
class SparseParts:
    """A sparse matrix before it is checked. shape: rows, columns. data: (N,) the values.

    first, second: for "csr" and "csc" scipy's indices (N,) and indptr; for "coo" the rows (N,) and columns (N,).
    """

    layout: Layout
    shape: tuple[int, int]
    data: Array
    first: Array
    second: Array


def csr_of(parts: SparseParts, name: str) -> csr_matrix:
    """The matrix, float32, every index of it inside the shape. Raises NotABody, naming the matrix ``name``."""
    wrong = NotABody(f"its “{name}” is a sparse matrix whose indices make no sense")
    data, first, second = parts.data, parts.first, parts.second
    if data.dtype.kind not in "fiub" or any(array.dtype.kind not in "ui" for array in (first, second)):
        raise wrong
    if any(array.ndim != 1 for array in (data, first, second)) or len(first) != len(data):
        raise wrong
    rows, columns = parts.shape
    if max(rows, columns) > _LONGEST_SIDE:
        raise wrong
    if parts.layout == "coo":
        if len(second) != len(data) or not (_inside(first, rows) and _inside(second, columns)):
            raise wrong
        return cast(csr_matrix, coo_matrix((data.astype(np.float32), (first, second)), shape=parts.shape).tocsr())
    lines, across = (rows, columns) if parts.layout == "csr" else (columns, rows)
    if len(second) != lines + 1 or not _inside(first, across) or not _rises(second, len(data)):
        raise wrong
    kind = csr_matrix if parts.layout == "csr" else csc_matrix
    matrix = kind((data.astype(np.float32), first.astype(np.int32), second.astype(np.int32)), shape=parts.shape)
    return cast(csr_matrix, matrix.tocsr())


def _inside(indices: Array, count: int) -> bool:
    return not len(indices) or (int(indices.min()) >= 0 and int(indices.max()) < count)


def _rises(starts: Array, total: int) -> bool:
    steps = np.diff(starts.astype(np.int64))
    return int(starts[0]) == 0 and int(starts[-1]) == total and (not len(steps) or int(steps.min()) >= 0)
