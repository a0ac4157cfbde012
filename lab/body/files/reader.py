"""Reads a body model, whatever file it is in."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from lab.body.data import BodyData
from lab.body.files.base import MOST_BYTES, WANTED, BodyFileError, Content, NotABody
from lab.body.files.pickles import read_pickle
from lab.body.files.understand import understand
from lab.files import explain
from lab.formats.base import readable
from lab.npz import DAMAGE, NpzError, read_npz

_ZIP = b"PK"
_ADVICE = "Choose an SMPL, SMPL-H or SMPL-X model as .npz or .pkl, as its makers offer it."


def read_body(path: str | os.PathLike[str]) -> BodyData:
    """The body model in an .npz or .pkl file. Its arrays are read-only, and nothing in the file is executed.

    Raises BodyFileError when it cannot be read, is damaged, hostile, or no body.
    """
    path = Path(path)
    try:
        _check_file(path)
        return understand(_content(path), path.stem)
    except OSError as error:
        raise BodyFileError(f"{path.name} cannot be read: {explain(error)}.") from error
    except MemoryError as error:
        raise BodyFileError(f"{path.name} cannot be read: there is not enough memory for it.") from error
    except DAMAGE as error:
        cause = str(error) if isinstance(error, NotABody | NpzError) else "it is damaged or is no body model"
        raise BodyFileError(readable(f"{path.name} cannot be read: {cause}.") + f" {_ADVICE}") from error


def _content(path: Path) -> Content:
    """By its first bytes, and not by its name: a zip of arrays, or a pickle."""
    with open(path, "rb") as file:
        zipped = file.read(len(_ZIP)) == _ZIP
    return {**read_npz(path, WANTED)} if zipped else read_pickle(path, WANTED)


def _check_file(path: Path) -> None:
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        raise NotABody("it is not a file but a folder, a device or a pipe")
    if not 0 < status.st_size <= MOST_BYTES:
        raise NotABody(f"it has {status.st_size:,} bytes, and 1 to {MOST_BYTES:,} are expected")
