"""Reading MTL, the material lists of OBJ files.

The lab keeps the colour ``Kd`` and the picture ``map_Kd``; whatever else a material says is known, for the file
inspector and to tell what is dropped.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from lab.formats.base import Source
from lab.formats.beside import BesideError, read_bytes, read_picture, resolve
from lab.formats.text import normalised, without_comments
from lab.scene import Array, Material

MOST_BYTES = 16 << 20
"""Of a material list."""
_MOST_VALUES = 256
_MOST_TEXTURE_BYTES = 1 << 30
_GREY = (0.8, 0.8, 0.8)
_OPTIONS = {  # of map_Kd, and how many words follow each
    "-blendu": 1, "-blendv": 1, "-boost": 1, "-bm": 1, "-cc": 1, "-clamp": 1, "-imfchan": 1, "-mm": 2, "-texres": 1,
    "-type": 1,
}  # fmt: skip
_MAPS = {"map_bump", "bump", "norm", "map_ks", "map_ka", "map_d", "map_ns", "disp", "decal", "refl"}
_OPTION_NUMBERS = {"-o", "-s", "-t"}  # followed by one to three numbers


@dataclass
class Entry:
    """A material as the file has it. values: keyword -> the words behind it. line: of its ``newmtl``."""

    name: str
    line: int
    values: dict[str, str] = field(default_factory=dict)

    @property
    def diffuse(self) -> tuple[float, float, float]:
        """``Kd``, in [0, 1]."""
        return _color(self.values.get("Kd", ""), _GREY)

    @property
    def picture(self) -> str:
        """The file name of ``map_Kd``, or ""."""
        return file_name(self.values.get("map_Kd", ""))

    def dropped(self) -> Iterator[tuple[str, str]]:
        """What the lab does not keep of it: its kind and its keyword."""
        for keyword, words in self.values.items():
            if keyword.lower() in _MAPS:
                yield "texture maps", keyword
            elif keyword in ("d", "Tr"):
                number = words.split()[-1] if words.split() else ""
                if is_number(number) and (float(number) < 1 if keyword == "d" else float(number) > 0):
                    yield "opacity", keyword
            elif keyword not in ("Kd", "map_Kd"):
                yield "material values", keyword


def parse_mtl(data: bytes) -> list[Entry]:
    """The materials of a list, in order; of two with one name, the second adds to the first. Never fails."""
    entries: dict[str, Entry] = {}
    entry = Entry("", 0)  # for values before the first name: they mean nothing
    for number, line in enumerate(without_comments(normalised(data)).decode("utf-8", "replace").split("\n"), start=1):
        keyword, _, rest = line.strip().replace("\t", " ").partition(" ")
        rest = rest.strip()
        if keyword == "newmtl":
            entry = entries.setdefault(rest, Entry(rest, number))
        elif keyword and len(entry.values) < _MOST_VALUES:
            entry.values["map_Kd" if keyword.lower() == "map_kd" else keyword] = rest
    return list(entries.values())


class Library:
    """The materials of one model. Whatever is missing becomes a warning and a plain grey."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._folder = source.path.parent
        self._entries: dict[str, Entry] = {}
        self._pictures: dict[str, Array | None] = {}
        self._bytes = 0
        self._failed = False

    @property
    def names(self) -> list[str]:
        """Of all materials in the lists."""
        return list(self._entries)

    def read(self, names: str) -> None:
        """Read the file of a line ``mtllib``: one name with blanks in it, or several names."""
        for name in listed_names(self._folder, names):
            try:
                for entry in parse_mtl(read_bytes(self._folder, name, MOST_BYTES)):
                    self._entries.setdefault(entry.name, Entry(entry.name, entry.line)).values.update(entry.values)
            except BesideError as error:
                self._failed = True
                self._source.warn(f"Left out the material list “{name}”: {error}.")

    def material(self, name: str) -> Material:
        """The material ``name``, with its picture; a plain grey one when no list has it."""
        entry = self._entries.get(name)
        if entry is None:
            if name and not self._failed:
                self._source.warn(f"The material “{name}” is in none of the material lists; it is shown grey.")
            return Material(name, _GREY)
        return Material(name, entry.diffuse, self._picture(entry.picture) if entry.picture else None)

    def dropped(self, names: Iterable[str]) -> list[str]:
        """What is not kept of the materials with these names."""
        found: dict[str, list[str]] = {}
        for name in names:
            for kind, keyword in self._entries[name].dropped() if name in self._entries else ():
                if keyword not in found.setdefault(kind, []):
                    found[kind].append(keyword)
        return [kind if kind == "opacity" else f"{kind} {', '.join(keys)}" for kind, keys in found.items()]

    def _picture(self, name: str) -> Array | None:
        if name not in self._pictures:
            self._pictures[name] = self._load(name)
        return self._pictures[name]

    def _load(self, name: str) -> Array | None:
        if self._bytes > _MOST_TEXTURE_BYTES:
            self._source.warn(f"Left out the texture “{name}”: the textures before it already fill 1 GiB.")
            return None
        try:
            pixels = read_picture(self._folder, name)
        except BesideError as error:
            self._source.warn(f"Left out the texture “{name}”: {error}.")
            return None
        self._bytes += pixels.nbytes
        return pixels


def listed_names(folder: Path, names: str) -> list[str]:
    """The files of a line ``mtllib``: one name with blanks in it, or several names."""
    try:
        resolve(folder, names)
    except BesideError:
        return names.split() if names.lower().count(".mtl") > 1 else [names]
    return [names]


def _color(text: str, default: tuple[float, float, float]) -> tuple[float, float, float]:
    """Three numbers in [0, 1] (one stands for all three); the default for what is not."""
    try:
        values = [float(word) for word in text.split()[:3]]
    except ValueError:  # "spectral" and "xyz" colours
        return default
    if not values or not all(math.isfinite(value) for value in values):
        return default
    values = [min(max(value, 0.0), 1.0) for value in values]
    return (values[0], values[1], values[2]) if len(values) == 3 else (values[0],) * 3


def file_name(text: str) -> str:
    """The file name behind the options of a ``map_Kd`` line; it may hold blanks and be quoted."""
    words = text.split(" ")
    while (words and words[0] in _OPTIONS) or (words and words[0] in _OPTION_NUMBERS):
        option = words.pop(0)
        if option in _OPTIONS:
            del words[: _OPTIONS[option]]
            continue
        for _ in range(3):
            if words and is_number(words[0]):
                words.pop(0)
    return " ".join(words).strip().strip('"')


def is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
