"""Radiance fields in files: a .npz of a field's arrays, told from others by "dl3d_field"."""

from __future__ import annotations

import math
import os
from pathlib import Path

import numpy as np

from lab.array_files import save_arrays
from lab.files import explain
from lab.formats.base import FormatError, readable
from lab.npz import DAMAGE, NpzError, read_npz
from lab.scene import Array, Field

SUFFIX = ".npz"
VERSION = 1

_MARK = "dl3d_field"
_ARRAYS = {"rows": 3, "density": 1, "color": 3, "lower": 1, "upper": 1, "scale": 0}  # name -> dimensions
_MOST_BYTES = 4 << 30
_MOST_VERTICES = 1 << 29  # of the whole grid, 800 along each side
_ADVICE = "Choose a field that the lab has saved, such as by “Save what was found” after training one."


def field_arrays(field: Field) -> dict[str, Array | float | str]:
    """What a file of a field holds: its arrays by their names, ``scale``, and the version under "dl3d_field"."""
    arrays: dict[str, Array | float | str] = {
        _MARK: np.array(VERSION),
        "rows": field.rows,
        "density": field.density,
        "color": field.color,
        "lower": field.lower,
        "upper": field.upper,
        "scale": field.scale,
    }
    return arrays if field.sky is None else {**arrays, "sky": field.sky}


def save_field(path: str | os.PathLike[str], field: Field) -> None:
    """Save a field; the file is complete or as it was before. Raises ExportError."""
    save_arrays(Path(path), field_arrays(field))


def load_field(path: str | os.PathLike[str]) -> Field:
    """The field in a file that ``save_field`` wrote. Nothing in it is executed. Raises FormatError."""
    path = Path(path)
    try:
        return _understood(read_npz(path, (*_ARRAYS, "sky", _MARK), _MOST_BYTES))
    except OSError as error:
        raise FormatError(f"{path.name} cannot be read: {explain(error)}.") from error
    except MemoryError as error:
        raise FormatError(f"{path.name} cannot be read: there is not enough memory for it.") from error
    except DAMAGE as error:
        cause = str(error) if isinstance(error, NpzError) else "it is damaged"
        raise FormatError(readable(f"{path.name} cannot be read: {cause}.") + f" {_ADVICE}") from error


def _understood(arrays: dict[str, Array]) -> Field:
    """Raises NpzError."""
    if _MARK not in arrays:
        raise NpzError("it holds no radiance field")
    version = arrays.pop(_MARK)
    if version.shape != () or version.dtype.kind not in "iu" or int(version) != VERSION:
        raise NpzError("it was saved by a newer version of the lab")
    for name, dimensions in _ARRAYS.items():
        if name not in arrays:
            raise NpzError(f"it has no “{name}”")
        if arrays[name].ndim != dimensions or arrays[name].dtype.kind not in "fiu":
            raise NpzError(f"its “{name}” is of the wrong shape or type")
    if math.prod(arrays["rows"].shape) > _MOST_VERTICES:
        raise NpzError(f"its grid of {' x '.join(map(str, arrays['rows'].shape))} vertices is too large")
    if not all(np.isfinite(array).all() for array in arrays.values()):
        raise NpzError("it holds numbers that are not finite")
    try:
        field = Field(**{**arrays, "scale": float(arrays["scale"])})  # type: ignore[arg-type]
    except ValueError as error:
        raise NpzError(f"it makes no sense ({error})") from error
    if field.rows.min() < -1 or field.rows.max() >= len(field.density):
        raise NpzError("its vertices point to rows that are not there")
    return field
