"""What all readers and writers share: the error, the file as a source, and its content before it was checked."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np

from lab.files import explain
from lab.scene import Array, Field, Material, Mesh, Points

Progress = Callable[[float, str], None]
Up = Literal["x", "y", "z", "-x", "-y", "-z"]

SCALARS_KEPT = 16
"""How many further numbers of a vertex become scalar fields; the others are named as dropped."""


_LONGEST = 400  # characters of a sentence


class FormatError(Exception):
    """A file cannot be read or written. The message names the file, the place, the cause and what to do."""


@dataclass(frozen=True)
class Opened:
    """What a file holds that the lab can show.

    name: the file's name without its suffix. warnings: sentences about what was wrong or was changed.
    dropped: what the file also holds and the lab does not keep. up: the axis that points up by the format's own rule
    ("z" for laser scans, "y" where there is no rule); the entity is as in the file, see ``transform``.
    """

    entity: Mesh | Points | Field
    name: str
    warnings: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    up: Up = "y"


@dataclass(frozen=True)
class Loaded(Opened):
    """What a file of a mesh or of a point cloud holds."""

    entity: Mesh | Points


def no_progress(fraction: float, text: str) -> None:
    """Progress that nobody follows."""


def readable(text: str) -> str:
    """Text that may quote a damaged file, as one line that can be printed, and not too long."""
    text = "".join(char if char.isprintable() else "?" for char in text)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 30]} … {text[-20:]}"


class Source:
    """A file being read: its bytes, the warnings about it, and errors and progress in its name."""

    def __init__(self, path: Path, progress: Progress = no_progress) -> None:
        self.path = path
        self.progress = progress
        self.warnings: list[str] = []

    def warn(self, sentence: str) -> None:
        """Something was wrong or was changed, but reading goes on."""
        self.warnings.append(readable(sentence))

    def read(self, most: int = -1) -> bytes:
        """The bytes of the file, all or at most so many of its beginning.

        Raises FormatError when it cannot be read, is no regular file or is empty.
        """
        try:
            with open(self.path, "rb", opener=_open_at_once) as file:
                status = os.fstat(file.fileno())
                if not stat.S_ISREG(status.st_mode):
                    raise FormatError(f"{self.path.name} is not a file but a device or a pipe. Choose a file.")
                data = file.read() if most < 0 else file.read(min(most, status.st_size))
        except OSError as error:
            raise FormatError(f"{self.path.name} cannot be read: {explain(error)}.") from error
        if not data:
            raise FormatError(f"{self.path.name} is empty (0 bytes). Get the file again from where it came.")
        return data

    def error(self, place: str, cause: str, advice: str = "") -> FormatError:
        """A FormatError: "bunny.ply, line 12: <cause>. <advice>." ``place`` may be empty."""
        where = f"{self.path.name}, {place}" if place else self.path.name
        return FormatError(readable(f"{where}: {cause}.") + (f" {advice}." if advice else ""))

    def truncated(self, place: str, cause: str) -> FormatError:
        """The error of a file that ends too early."""
        return self.error(place, cause, "The file is cut off or damaged; get it again from where it came")


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # a pipe without a writer would block for ever


def _name_vertex(index: int) -> str:
    return f"vertex {index:,} (counted from 0)"


def _name_face(index: int) -> str:
    return f"face {index:,} (counted from 0)"


@dataclass
class Raw:
    """The content of a file before it was checked (see ``lab.formats.check``).

    verts: (N, 3) float32 or float64. faces: (F, 3) integers, or None for points. uvs: (F, 3, 2) per corner.
    normals need not be unit, colors are in [0, 1], anything may be NaN or out of range.
    name_vertex, name_face: the place in the file of a vertex or of a triangle, for messages.
    """

    verts: Array
    faces: Array | None = None
    normals: Array | None = None
    colors: Array | None = None
    uvs: Array | None = None
    face_materials: Array | None = None
    materials: tuple[Material, ...] = ()
    scalars: dict[str, Array] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)
    up: Up = "y"
    name_vertex: Callable[[int], str] = _name_vertex
    name_face: Callable[[int], str] = _name_face

    def add_scalars(self, columns: Iterable[tuple[str, Array]]) -> None:
        """Keep the first few columns as scalar fields, and name the others as dropped."""
        for name, values in columns:
            if len(self.scalars) < SCALARS_KEPT and np.issubdtype(values.dtype, np.number):
                self.scalars[name] = values
            else:
                self.dropped.append(name)


def unit_colors(values: Array) -> Array:
    """Colours (N, 3) as float32 in [0, 1]: integers by the range of their type, floats above 1 taken as 0 to 255."""
    if values.dtype.kind in "ui":
        return (values / np.float32(np.iinfo(values.dtype).max)).astype(np.float32)
    finite = values[np.isfinite(values)]
    full = 255.0 if finite.size and finite.max() > 1.0 else 1.0
    return np.clip(np.nan_to_num(values / full), 0.0, 1.0).astype(np.float32)


def fan(starts: Array, counts: Array) -> tuple[Array, Array]:
    """Triangulate polygons as fans from their first corner.

    starts, counts: (P,) where each polygon's corners begin in a flat list, and how many it has (fewer than 3: none).
    Returns corners (T, 3), positions in that list, and polygons (T,), which polygon each triangle came from.
    """
    triangles = np.maximum(counts - 2, 0)
    polygons = np.repeat(np.arange(len(counts)), triangles)
    step = np.arange(len(polygons)) - np.repeat(np.cumsum(triangles) - triangles, triangles)
    first = starts[polygons]
    return np.stack([first, first + step + 1, first + step + 2], axis=1), polygons


def plural(count: int, noun: str) -> str:
    """ "1 face", "12,000 faces", "3 vertices"."""
    if count == 1:
        return f"1 {noun}"
    many = {"vertex": "vertices", "boundary": "boundaries"}.get(noun, f"{noun}s")
    return f"{count:,} {many}"


def left_out(entity: Mesh | Points, *kept: str) -> tuple[str, ...]:
    """What a format that holds only positions, faces and the ``kept`` parts cannot keep of the entity."""
    mesh = entity if isinstance(entity, Mesh) else None
    parts = {
        "normals": entity.normals,
        "colours": entity.colors,
        "textures": None if mesh is None else mesh.uvs,
        "materials": None if mesh is None else mesh.materials,
        "scalar fields": entity.scalars,
        "arrows": entity.vectors,
    }
    return tuple(name for name, part in parts.items() if name not in kept and part is not None and len(part))


def rounds_colors(entity: Mesh | Points) -> bool:
    """Whether colours of one byte, 0 to 255, cannot hold the entity's colours exactly."""
    if entity.colors is None:
        return False
    levels = np.rint(np.clip(entity.colors, 0, 1) * 255).astype(np.float32)
    return not np.array_equal(levels / np.float32(255), entity.colors)
