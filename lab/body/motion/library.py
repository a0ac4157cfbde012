"""The clips that come with the lab, by name, and those of a person's own files."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Final

from lab.body.library import load_body
from lab.body.motion.amass import read_amass
from lab.body.motion.bvh import read_bvh
from lab.body.motion.clip import Clip
from lab.body.motion.prepared import leg_length
from lab.body.posing import Poser
from lab.body.skeleton import JOINTS
from lab.formats.base import FormatError
from lab.scene import Array

FOLDER: Final = Path(__file__).resolve().parents[3] / "assets" / "body" / "motion"

CLIPS: Final = (
    *("walk", "run", "jump", "dance_a", "dance_b", "kick", "punch", "spin", "spinkick", "backflip", "cartwheel"),
    *("roll", "crawl", "getup_facedown", "getup_faceup"),
)
"""The bundled clips, as they are named in their files."""


def load_clip(name_or_path: str | os.PathLike[str]) -> Clip:
    """A bundled clip by its name in CLIPS, or the motion in an .npz (AMASS) or .bvh file. Raises FormatError."""
    path = FOLDER / f"{name_or_path}.npz" if name_or_path in CLIPS else Path(name_or_path)
    if path.suffix.lower() not in (".npz", ".bvh"):
        raise FormatError(f"{path.name} is no motion file. Choose an .npz as AMASS has it, or a .bvh.")
    try:
        status = path.stat()
    except OSError as error:
        raise FormatError(f"There is no file {path.name}. Choose an .npz or .bvh file.") from error
    return _load(path.resolve(), status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4)
def _load(path: Path, changed: int, size: int) -> Clip:
    """``changed`` and ``size`` make a file that was written anew another one."""
    rest = neutral_rest()
    return read_bvh(path, rest) if path.suffix.lower() == ".bvh" else read_amass(path, rest, leg_length(rest))


@lru_cache(maxsize=1)
def neutral_rest() -> Array:
    """(24, 3) joints of the neutral body at rest, metres."""
    return Poser(load_body("neutral")).shape(()).joints[: len(JOINTS)]
