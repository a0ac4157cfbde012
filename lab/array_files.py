"""Numbers under their names as a file: .npz for numpy, .json for everything else."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lab.files import atomic_write, explain
from lab.film import ExportError
from lab.run_report import ReportError, save_document
from lab.scene import Array

ARRAY_SUFFIXES = (".npz", ".json")

_PLAIN = "fiubU"  # kinds of arrays that are read again without unpickling


def save_arrays(path: str | Path, values: Mapping[str, Array | float | str]) -> None:
    """Save arrays, numbers and words, name -> value, by the suffix of ``path``; the file is complete or not there.

    In .json, arrays become lists, and a number that is not finite becomes null. Raises ExportError without values, for
    another suffix, for values of other kinds, or when it cannot be saved.
    """
    path = Path(path)
    if path.suffix.lower() not in ARRAY_SUFFIXES:
        raise ExportError(f"'{path.name}': the name of a file for numbers ends in .npz or .json.")
    if not values:
        raise ExportError(f"There are no numbers that could be saved as '{path.name}'.")
    try:
        if path.suffix.lower() == ".json":
            save_document(path, values)
        else:
            content = _packed(path, values)
            with atomic_write(path) as temporary:
                temporary.write_bytes(content)
    except ReportError as error:
        raise ExportError(str(error)) from error
    except OSError as error:
        raise ExportError(f"{path.name} cannot be saved: {explain(error)}.") from error


def _packed(path: Path, values: Mapping[str, Array | float | str]) -> bytes:
    arrays = {name: np.asarray(value) for name, value in values.items()}
    for name, array in arrays.items():
        if array.dtype.kind not in _PLAIN:
            raise ExportError(f"'{path.name}' cannot hold '{name}', which is neither numbers nor words.")
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]
    return stream.getvalue()
