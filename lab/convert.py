"""Convert a file into another format or variant, and say what was lost on the way.

Pure of any command line: the command ``./dl3d convert`` is in lab/file_commands.py.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from pathlib import Path

from lab.files import atomic_write, explain
from lab.formats import FormatError, Loaded, Progress, Up, read, transform, write
from lab.formats.base import Source, no_progress
from lab.formats.obj_write import ObjStyle
from lab.formats.ply_transcode import transcode_ply
from lab.formats.ply_write import PlyStyle
from lab.scene import Mesh, Points

DROPPABLE = ("normals", "colors", "textures", "scalars", "faces")
"""What may be left out on purpose."""


class NotSavedError(FormatError):
    """The file was read, but its conversion cannot be saved; the message is a sentence."""


@dataclass(frozen=True)
class Conversion:
    """What became of a file. loaded: what was read of it. saved: what was written; lost: what the target cannot keep.

    complete: the target holds all that the file holds, also what the lab does not know (PLY to PLY).
    notes: sentences on what to know about the target.
    """

    loaded: Loaded
    saved: Mesh | Points
    lost: tuple[str, ...]
    complete: bool
    notes: tuple[str, ...] = ()


def convert(
    source: Path,
    target: Path,
    *,
    scale: float = 1.0,
    up: Up = "y",
    drop: frozenset[str] = frozenset(),
    ply: PlyStyle | None = None,
    obj: ObjStyle | None = None,
    progress: Progress = no_progress,
) -> Conversion:
    """Read ``source`` and save it as ``target``, whose suffix says the format. Raises FormatError when it
    cannot be read, and NotSavedError when it cannot be saved.

    scale, up: as in lab.formats.transform; the axis ``up`` of the file becomes +Y. drop: some of DROPPABLE.
    A PLY file that is only to become another variant of PLY keeps everything that it holds.
    """
    style = ply or PlyStyle()
    loaded = read(source, progress=lambda fraction, text: progress(0.5 * fraction, text))
    same = scale == 1.0 and up == "y" and not drop and style.colors == "uchar"
    if same and source.suffix.lower() == target.suffix.lower() == ".ply":
        return Conversion(loaded, loaded.entity, (), True, _transcode(source, target, style))
    entity = without(transform(loaded.entity, scale=scale, up=up), drop)
    try:
        lost = write(target, entity, ply=style, obj=obj, progress=lambda f, text: progress(0.5 + 0.5 * f, text))
    except FormatError as error:
        raise NotSavedError(str(error)) from error
    return Conversion(loaded, entity, lost, False, _about_up(loaded, target, up))


def without(entity: Mesh | Points, drop: frozenset[str]) -> Mesh | Points:
    """``entity`` without some of DROPPABLE. Raises ValueError for other names."""
    unknown = sorted(drop - set(DROPPABLE))
    if unknown:
        raise ValueError(f"drop: expected some of {', '.join(DROPPABLE)}; found {unknown[0]!r}")
    if "normals" in drop:
        entity = dataclasses.replace(entity, normals=None)
    if "colors" in drop:
        entity = dataclasses.replace(entity, colors=None)
    if "scalars" in drop:
        entity = dataclasses.replace(entity, scalars={}, vectors={})
    if isinstance(entity, Mesh) and "textures" in drop:
        entity = dataclasses.replace(entity, uvs=None, face_materials=None, materials=())
    if isinstance(entity, Mesh) and "faces" in drop:
        return Points(entity.verts, entity.normals, entity.colors, entity.scalars, entity.vectors, entity.origin)
    return entity


def _transcode(path: Path, target: Path, style: PlyStyle) -> tuple[str, ...]:
    """Write the PLY file in another variant; returns what to know about it."""
    source = Source(path)
    data = transcode_ply(source.read(), style, source)
    try:
        with atomic_write(target) as temporary:
            temporary.write_bytes(data)
    except OSError as error:
        raise NotSavedError(f"{target.name} cannot be saved in {target.parent}: {explain(error)}.") from error
    pictures = re.findall(rb"(?m)^comment TextureFile[ \t]+([^\r\n]+)", data[: data.find(b"end_header")])
    if pictures and path.resolve().parent != target.resolve().parent:
        names = ", ".join(f"“{name.decode('utf-8', 'replace').strip()}”" for name in pictures)
        return (f"It refers to the pictures {names}, which stay in the folder of {path.name}: copy them.",)
    return ()


def _about_up(loaded: Loaded, target: Path, up: Up) -> tuple[str, ...]:
    if loaded.up == "z" and up == "y" and target.suffix.lower() == ".glb":
        return ("In laser scans z points up, in glTF y does: the option --up z turns it.",)
    return ()
