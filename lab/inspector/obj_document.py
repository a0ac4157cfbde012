"""An OBJ file with its material lists, looked at; and a material list of its own."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lab.formats.base import plural
from lab.formats.beside import BesideError, picture_size, read_bytes
from lab.formats.mtl import MOST_BYTES, Entry, listed_names, parse_mtl
from lab.formats.obj import joined
from lab.inspector.document import MaterialInfo, Part
from lab.inspector.ply_rows import short
from lab.inspector.text_document import TextDocument
from lab.scene import Array

_STATEMENTS: Mapping[str, tuple[str, str, str]] = {
    "v": ("x y z [red green blue]", "real", "coordinates"),
    "vt": ("u [v]", "real", "texture coordinates"),
    "vn": ("x y z", "real", "normals"),
    "f": ("corners", "whole", "faces"),
    "usemtl": ("name", "word", "materials"),
    "mtllib": ("file", "word", "materials"),
    "o": ("name", "word", "dropped"),
    "g": ("names", "word", "dropped"),
    "s": ("number", "word", "dropped"),
    "l": ("corners", "whole", "dropped"),
    "p": ("corners", "whole", "dropped"),
    "#": ("comment", "word", "passed over"),
}
_MOST_LISTS = 16


class ObjDocument(TextDocument):
    """text: the file's text or its beginning. folder: where its material lists are."""

    def __init__(self, text: bytes, folder: Path, *, cut: bool) -> None:
        super().__init__(text, "Wavefront OBJ", cut=cut)
        self._folder = folder
        table, self._which = self.count_statements()
        self._rank = {word: rank for rank, word in enumerate(table)}
        self._found: dict[str, Array] = {}
        self._vertex_lines = self._lines_of("v")
        self.vertices = len(self._vertex_lines)
        self._lists = {name: self._read_list(name) for name in self._list_names()}
        self.parts = tuple(self._part(word, count, size) for word, (count, size) in table.items())
        self.materials = self._materials()

    def joined(self, text: bytes) -> bytes:
        return joined(text)

    def line_of(self, vertex: int) -> int | None:
        return int(self._vertex_lines[vertex]) + 1 if 0 <= vertex < self.vertices else None

    # --- the parts --------------------------------------------------------------------------------------------------

    def _lines_of(self, word: str) -> Array:
        """The lines, from 0, that begin with the word."""
        if word not in self._found:
            self._found[word] = np.flatnonzero(self._which == self._rank.get(word, -2))
        return self._found[word]

    def _part(self, word: str, count: int, size: int) -> Part:
        name, kind, use = _STATEMENTS.get(word, ("", "", "dropped"))
        if word == "f":
            name = self._face_shapes()
        return Part(word, name, kind, count, size, use)

    def _face_shapes(self) -> str:
        """ "a/b/c: 12 triangles, 3 quads, negative indices"."""
        faces = self._lines_of("f")
        corners = self._lines.counts[faces] - 1
        shapes = [
            plural(int(np.count_nonzero(chosen)), name)
            for name, chosen in (("triangle", corners == 3), ("quad", corners == 4), ("polygon", corners > 4))
            if chosen.any()
        ]
        sample = self._lines.line(int(faces[0])).split()
        corner = sample[1] if len(sample) > 1 else b""
        style = {0: "a", 1: "a/b", 2: "a//c" if b"//" in corner else "a/b/c"}.get(corner.count(b"/"), "a")
        mask = np.zeros(len(self._lines), bool)
        mask[faces] = True
        negative = ["negative indices"] if b"-" in self._lines.select(mask) else []
        return f"{style}: " + ", ".join(shapes + negative)

    # --- the materials ----------------------------------------------------------------------------------------------

    def _list_names(self) -> list[str]:
        names: list[str] = []
        for index in self._lines_of("mtllib")[:_MOST_LISTS].tolist():
            names += listed_names(self._folder, _behind(self._lines.line(index)))
        return list(dict.fromkeys(names))

    def _read_list(self, name: str) -> list[Entry] | str:
        """The materials of a list, or why it cannot be read."""
        try:
            return parse_mtl(read_bytes(self._folder, name, MOST_BYTES))
        except BesideError as error:
            return str(error)

    def _materials(self) -> tuple[MaterialInfo, ...]:
        uses = self._lines_of("usemtl")
        names = [_behind(self._lines.line(index)) for index in uses.tolist()]
        faces = self._lines_of("f")
        ends = np.append(uses[1:], len(self._lines))
        counts: dict[str, int] = {}
        for name, count in zip(names, np.searchsorted(faces, ends) - np.searchsorted(faces, uses), strict=True):
            counts[name] = counts.get(name, 0) + int(count)
        found = []
        for file, entries in self._lists.items():
            if not isinstance(entries, str):
                found += [
                    material_info(e, self._folder, f"{file}, line {e.line}", counts.get(e.name, 0)) for e in entries
                ]
        known = {material.name for material in found}
        missing = [name for name in dict.fromkeys(names) if name not in known]
        return (*found, *(MaterialInfo(name, "in no list", (), "", "", counts[name]) for name in missing))

    # --- the meaning of a line --------------------------------------------------------------------------------------

    def meaning(self, index: int, words: list[str]) -> str:
        rest = " ".join(words[1:])
        match words[0]:
            case "v":
                return self._vertex(index, words[1:])
            case "vt" | "vn":
                what = "texture coordinate" if words[0] == "vt" else "normal"
                number = int(np.searchsorted(self._lines_of(words[0]), index))
                return f"{what} {number:,}, called {number + 1:,} in faces: {_numbers(words[1:])}"
            case "f":
                return self._face(index, words[1:])
            case "usemtl":
                return f"the faces from here on have the material “{rest}”"
            case "mtllib":
                problems = [f"{name}: {e}" for name in listed_names(self._folder, rest)
                            if isinstance(e := self._lists.get(name), str)]  # fmt: skip
                return "the materials are in this file" + (f"; {problems[0]}" if problems else "")
            case "o" | "g":
                return f"the {'object' if words[0] == 'o' else 'group'} “{rest}” begins; dropped"
            case "s":
                return f"smoothing group {rest}; dropped" if rest not in ("off", "0") else "no smoothing from here on"
        known = _STATEMENTS.get(words[0])
        return "dropped" if known else "not understood; passed over"

    def _vertex(self, index: int, words: list[str]) -> str:
        number = int(np.searchsorted(self._vertex_lines, index))
        text = f"vertex {number:,}, called {number + 1:,} in faces: {_numbers(words[:3])}"
        return text + (f", colour {_numbers(words[3:6])}" if len(words) >= 6 else "")

    def _face(self, index: int, corners: list[str]) -> str:
        number = int(np.searchsorted(self._lines_of("f"), index))
        before = int(np.searchsorted(self._vertex_lines, index))
        verts = []
        for corner in corners[:8]:
            word = corner.split("/")[0]
            try:
                verts.append(f"{int(word) - 1 if int(word) > 0 else before + int(word):,}")
            except ValueError:
                verts.append("?")
        text = f"face {number:,}: vertices {' '.join(verts)}{' …' if len(corners) > 8 else ''} (from 0)"
        return text + (f", {len(corners) - 2:,} triangles" if len(corners) > 3 else "")


class MtlDocument(TextDocument):
    """A material list. folder: where its pictures are."""

    def __init__(self, text: bytes, folder: Path, *, cut: bool) -> None:
        super().__init__(text, "Wavefront MTL, a material list", cut=cut)
        table, _ = self.count_statements()
        self.parts = tuple(
            Part(word, _MEANINGS.get(word.lower(), ""), "", count, size, _use(word))
            for word, (count, size) in table.items()
        )
        entries = parse_mtl(text)
        self.materials = tuple(material_info(entry, folder, f"line {entry.line}", 0) for entry in entries)

    def meaning(self, index: int, words: list[str]) -> str:
        return _MEANINGS.get(words[0].lower(), "not understood; passed over")


_MEANINGS: Mapping[str, str] = {
    "newmtl": "a new material begins",
    "ka": "ambient colour",
    "kd": "diffuse colour: the colour of the surface",
    "ks": "specular colour: that of highlights",
    "ke": "emitted colour",
    "ns": "shininess: how small highlights are",
    "ni": "optical density",
    "d": "opacity, 1 is solid",
    "tr": "transparency, 0 is solid",
    "illum": "the lighting model's number",
    "map_kd": "picture of the diffuse colour",
    "map_ka": "picture of the ambient colour",
    "map_ks": "picture of the specular colour",
    "map_ns": "picture of the shininess",
    "map_d": "picture of the opacity",
    "map_bump": "picture of bumps",
    "bump": "picture of bumps",
    "#": "comment",
}


def _use(word: str) -> str:
    if word.lower() in ("newmtl", "kd", "map_kd"):
        return "materials"
    return "passed over" if word == "#" else "dropped"


def material_info(entry: Entry, folder: Path, place: str, faces: int) -> MaterialInfo:
    """A material, with what was found of its picture."""
    picture = ""
    if entry.picture:
        try:
            width, height = picture_size(folder, entry.picture)
            picture = f"{width:,} × {height:,} pixels"
        except BesideError as error:
            picture = f"missing: {error}"
    return MaterialInfo(entry.name, place, tuple(entry.values.items()), entry.picture, picture, faces)


def _behind(line: bytes) -> str:
    """What stands behind the first word, as the reader takes it."""
    return line.replace(b"\t", b" ").partition(b" ")[2].split(b" #")[0].strip().decode("utf-8", "replace")


def _numbers(words: list[str]) -> str:
    shown = []
    for word in words:
        try:
            shown.append(short(float(word)))
        except ValueError:
            shown.append("?")
    return " ".join(shown)
