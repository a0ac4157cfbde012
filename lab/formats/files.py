"""One reader and one writer a suffix, and the promise around them: an error is always a FormatError with a sentence."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from lab.files import atomic_write, explain
from lab.formats.base import FormatError, Loaded, Progress, Raw, Source, no_progress, plural
from lab.formats.check import finish
from lab.formats.gltf import read_gltf
from lab.formats.gltf_write import write_glb
from lab.formats.las import read_las
from lab.formats.obj import read_obj
from lab.formats.obj_write import ObjStyle, write_obj
from lab.formats.off import read_off, write_off
from lab.formats.pcd import read_pcd
from lab.formats.ply import read_ply
from lab.formats.ply_write import PlyStyle, write_ply
from lab.formats.stl import read_stl, write_stl
from lab.formats.xyz import read_xyz, write_xyz
from lab.geometry import Stats
from lab.scene import Mesh, Points

if TYPE_CHECKING:
    from collections.abc import Iterator

READABLE: Mapping[str, str] = MappingProxyType(
    {
        ".ply": "PLY",
        ".obj": "Wavefront OBJ",
        ".glb": "glTF binary",
        ".gltf": "glTF",
        ".stl": "STL",
        ".off": "OFF",
        ".pcd": "Point Cloud Library",
        ".las": "LAS laser scan",
        ".laz": "LAZ laser scan",
        ".xyz": "XYZ points",
        ".xyzn": "XYZ points with normals",
        ".xyzrgb": "XYZ points with colours",
        ".csv": "CSV points",
        ".txt": "Text points",
        ".asc": "ASC points",
        ".pts": "PTS points",
    }
)
WRITABLE: Mapping[str, str] = MappingProxyType(
    {
        ".ply": "PLY",
        ".obj": "Wavefront OBJ",
        ".glb": "glTF binary",
        ".stl": "STL",
        ".off": "OFF",
        ".xyz": "XYZ points",
    }
)
_READERS: Mapping[str, Callable[[Source], Raw]] = MappingProxyType(
    {
        ".ply": read_ply,
        ".obj": read_obj,
        ".glb": read_gltf,
        ".gltf": read_gltf,
        ".stl": read_stl,
        ".off": read_off,
        ".pcd": read_pcd,
        ".las": read_las,
        ".laz": read_las,
        ".xyz": read_xyz,
        ".xyzn": read_xyz,
        ".xyzrgb": read_xyz,
        ".csv": read_xyz,
        ".txt": read_xyz,
        ".asc": read_xyz,
        ".pts": read_xyz,
    }
)


def read(path: str | os.PathLike[str], *, progress: Progress | None = None) -> Loaded:
    """Read a mesh or point cloud; the format is chosen by the suffix. Raises FormatError and nothing else.

    progress(fraction, text) is called from time to time, from the same thread.
    """
    return read_with_stats(path, progress=progress)[0]


def read_with_stats(path: str | os.PathLike[str], *, progress: Progress | None = None) -> tuple[Loaded, Stats]:
    """As ``read``, with the figures that were computed on the way."""
    source = Source(Path(path), progress or no_progress)
    reader = _READERS.get(source.path.suffix.lower())
    if reader is None:
        raise FormatError(_unknown(source.path, "opened", READABLE))
    with _damaged_means_error(source), np.errstate(all="ignore"):  # what is not finite is looked for by finish
        return finish(reader(source), source)


@contextmanager
def _damaged_means_error(source: Source) -> Iterator[None]:
    """The last net: whatever a damaged file makes numpy stumble over is still a sentence about that file."""
    try:
        yield
    except MemoryError as error:
        raise source.error(
            "", "there is not enough memory for it", "Close other programs, or thin the file out"
        ) from error
    except OSError as error:
        raise FormatError(f"{source.path.name} cannot be read: {explain(error)}.") from error
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError, struct.error) as error:
        raise source.error("", f"its content makes no sense ({error})", "The file is damaged; get it again") from error


def write(
    path: str | os.PathLike[str],
    entity: Mesh | Points,
    *,
    progress: Progress | None = None,
    ascii: bool = False,
    ply: PlyStyle | None = None,
    obj: ObjStyle | None = None,
) -> tuple[str, ...]:
    """Save atomically; the format is chosen by the suffix. ``ascii`` writes PLY as text, ``ply`` says more about it.

    Coordinates are saved with ``entity.origin`` added. Returns what the format cannot keep, such as ("colours",).
    Raises FormatError; a file of that name is then as it was before.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    report = progress or no_progress
    if suffix not in WRITABLE:
        raise FormatError(_unknown(target, "saved", WRITABLE))
    if len(entity.verts) == 0:
        raise FormatError(f"{target.name} was not saved: there are no vertices to save.")
    if not (np.isfinite(entity.verts).all() and np.isfinite(entity.origin).all()):
        bad = int(np.count_nonzero(~np.isfinite(entity.verts).all(axis=1)))
        raise FormatError(f"{target.name} was not saved: {plural(bad, 'vertex')} not at finite coordinates.")
    if isinstance(entity, Mesh) and len(entity.faces) == 0:
        entity = Points(entity.verts, entity.normals, entity.colors, entity.scalars, entity.vectors, entity.origin)
    try:
        style = ply or PlyStyle()
        style = replace(style, encoding="ascii") if ascii else style
        lost = _write(target, suffix, entity, report, style, obj or ObjStyle())
    except OSError as error:
        raise FormatError(f"{target.name} cannot be saved in {target.parent}: {explain(error)}.") from error
    report(1.0, "Saved")
    return lost


def _write(
    target: Path, suffix: str, entity: Mesh | Points, progress: Progress, ply: PlyStyle, obj: ObjStyle
) -> tuple[str, ...]:
    if suffix == ".stl" and isinstance(entity, Points):
        raise FormatError(f"{target.name} was not saved: STL holds triangles, not points. Choose PLY instead.")
    with atomic_write(target) as path:
        match suffix:
            case ".ply":
                return write_ply(path, entity, progress, style=ply, target=target)
            case ".obj":
                return write_obj(path, entity, progress, style=obj, target=target)
            case ".glb":
                return write_glb(path, entity, progress)
            case ".stl":
                assert isinstance(entity, Mesh)
                return write_stl(path, entity, progress)
            case ".off":
                return write_off(path, entity, progress)
            case _:
                return write_xyz(path, entity, progress)


def _unknown(path: Path, verb: str, known: Mapping[str, str]) -> str:
    kind = f"the ending “{path.suffix}”" if path.suffix else "no ending"
    return f"{path.name} cannot be {verb}: it has {kind}. Known are {', '.join(known)}."
