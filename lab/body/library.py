"""The bodies that come with the lab, by name, and those of a person's own files."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Final

from lab.body.data import BodyData
from lab.body.files.base import BodyFileError
from lab.body.files.reader import read_body

FOLDER: Final = Path(__file__).resolve().parents[2] / "assets" / "body"

BODIES: Final = ("neutral", "female", "male", "neutral_full", "female_full", "male_full")
"""The bundled models; "_full" ones have twice as many vertices."""

_KEPT = 4  # models in memory; a full one has some 40 MB


def load_body(name_or_path: str | os.PathLike[str]) -> BodyData:
    """A bundled body by its name in BODIES, or the one in an .npz or .pkl file.

    The same object is given again while the file is unchanged. Raises BodyFileError with a sentence.
    """
    path = FOLDER / f"{name_or_path}.npz" if name_or_path in BODIES else Path(name_or_path)
    if not path.exists():
        if name_or_path in BODIES:
            raise BodyFileError(f"The body {name_or_path} is missing. Restore assets/body from the repository.")
        known = ", ".join(BODIES)
        raise BodyFileError(f"There is no file {path.name}. Choose an .npz or .pkl file, or one of: {known}.")
    status = path.stat()
    return _load(path.resolve(), status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=_KEPT)
def _load(path: Path, changed: int, size: int) -> BodyData:
    """``changed`` and ``size`` make a file that was written anew another one."""
    return read_body(path)
