"""What files say about posed pictures, before any picture is read."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from lab.cameras.model import pose
from lab.motions import so3
from lab.posed.images import PosedError
from lab.posed.lens import Lens
from lab.scene import Array, Points

Up = Literal["y", "z", "-y", "cameras"]
"""Which way is up in a file's world; "cameras": it does not say, so that the cameras' own ups must tell."""

_SKEW = 0.02  # of R Rᵀ - I: what rounding in files leaves, and is repaired
_NAMED = 4  # pictures that a remark names


@dataclass(frozen=True, eq=False)
class Shot:
    """One picture and its camera. name: as the file calls it. file: of the picture, in the data's folder.

    c2w: (4, 4) float64, the lab's camera axes, the file's world. split: which list of the files it is in, "" for none.
    mask: a picture that is white where the object is. raw: the camera is that of the stored pixels, whatever
    orientation the picture's EXIF data asks for. depths: nearest and farthest that it sees, or None.
    """

    name: str
    file: Path
    c2w: Array
    lens: Lens
    split: Literal["", "train", "val", "test"] = ""
    mask: Path | None = None
    raw: bool = False
    depths: tuple[float, float] | None = None


@dataclass(eq=False)
class Capture:
    """All that the files of one data set say. kind: words for it. up: of its world. box: (2, 3), if it is told.

    remarks: sentences on what was left out or guessed.
    """

    kind: str
    shots: list[Shot]
    up: Up
    points: Points | None = None
    box: Array | None = None
    remarks: list[str] = field(default_factory=list)


class LeftOut:
    """Pictures that cannot be used, by reason; told in one sentence each."""

    def __init__(self) -> None:
        self._names: dict[str, list[str]] = {}

    def add(self, name: str, reason: str) -> None:
        """One more."""
        self._names.setdefault(reason, []).append(name)

    def __len__(self) -> int:
        return sum(map(len, self._names.values()))

    def sentences(self) -> list[str]:
        """A sentence for each reason."""
        return [f"Left out: {listed(names)}: {reason}." for reason, names in self._names.items()]


def listed(names: list[str]) -> str:
    """The first few names, and how many more."""
    shown = ", ".join(f"'{name:.80}'" for name in names[:_NAMED])
    return shown if len(names) <= _NAMED else f"{shown} and {len(names) - _NAMED} more"


def rigid(matrix: Array) -> Array:
    """(4, 4) float64: a pose from a file, (3, 4) or (4, 4): an even scale is taken out, rounding repaired.

    Raises PosedError, with words that follow a name, for one that is not finite, singular, sheared or mirrored.
    """
    matrix = np.asarray(matrix, np.float64)
    if matrix.shape not in ((3, 4), (4, 4)):
        raise PosedError(f"its pose is no matrix of 4 x 4 numbers but {matrix.shape}")
    if not np.isfinite(matrix).all() or np.abs(matrix).max() > 1e9:
        raise PosedError("its pose has numbers that are not finite")
    turn, place = matrix[:3, :3], matrix[:3, 3]
    determinant = float(np.linalg.det(turn))
    if abs(determinant) < 1e-9 * max(float(np.linalg.norm(turn)), 1e-30) ** 3:
        raise PosedError("its pose is singular: the three axes lie in one plane")
    if determinant < 0:
        raise PosedError("its pose mirrors: one axis is flipped")
    turn = turn / math.cbrt(determinant) if abs(determinant - 1) > 1e-9 else turn
    off = float(np.abs(turn @ turn.T - np.eye(3)).max())
    if off > _SKEW:
        raise PosedError("its pose is sheared: the three axes are not at right angles")
    return pose(so3.project(turn) if off > 1e-9 else turn, place)


def inside(folder: Path, name: object) -> Path:
    """The file ``name`` within ``folder``. Raises PosedError, with words that follow a name, for one that leaves it."""
    if not isinstance(name, str) or not name or len(name) > 1024 or "\0" in name:
        raise PosedError("it names no picture")
    relative = name.replace("\\", "/")
    root = os.path.realpath(folder)
    target = os.path.realpath(os.path.join(root, relative))
    if os.path.isabs(relative) or os.path.commonpath([root, target]) != root:
        raise PosedError(f"its picture is outside of the folder '{folder.name}', and nothing is read from there")
    return Path(target)
