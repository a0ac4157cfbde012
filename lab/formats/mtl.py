"""Reading MTL, the material lists of OBJ files: the colour ``Kd`` and the picture ``map_Kd``."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lab.formats.base import Source
from lab.formats.beside import BesideError, read_bytes, read_picture, resolve
from lab.formats.text import normalised, without_comments
from lab.scene import Array, Material

_MOST_BYTES = 16 << 20
_MOST_TEXTURE_BYTES = 1 << 30
_GREY = (0.8, 0.8, 0.8)
_OPTIONS = {  # of map_Kd, and how many words follow each
    "-blendu": 1, "-blendv": 1, "-boost": 1, "-bm": 1, "-cc": 1, "-clamp": 1, "-imfchan": 1, "-mm": 2, "-texres": 1,
    "-type": 1,
}  # fmt: skip
_OPTION_NUMBERS = {"-o", "-s", "-t"}  # followed by one to three numbers


@dataclass
class _Entry:
    diffuse: tuple[float, float, float] = _GREY
    picture: str = ""


class Library:
    """The materials of one model. Whatever is missing becomes a warning and a plain grey."""

    def __init__(self, source: Source) -> None:
        self.dropped: list[str] = []
        self._source = source
        self._folder = source.path.parent
        self._entries: dict[str, _Entry] = {}
        self._pictures: dict[str, Array | None] = {}
        self._bytes = 0
        self._failed = False

    def read(self, names: str) -> None:
        """Read the file of a line ``mtllib``: one name with blanks in it, or several names."""
        try:
            resolve(self._folder, names)
            listed = [names]
        except BesideError:
            listed = names.split() if names.lower().count(".mtl") > 1 else [names]
        for name in listed:
            try:
                self._parse(read_bytes(self._folder, name, _MOST_BYTES))
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

    def _parse(self, data: bytes) -> None:
        entry = _Entry()
        for line in without_comments(normalised(data)).decode("utf-8", "replace").split("\n"):
            keyword, _, rest = line.strip().replace("\t", " ").partition(" ")
            rest = rest.strip()
            if keyword == "newmtl":
                entry = self._entries.setdefault(rest, _Entry())
            elif keyword == "Kd":
                entry.diffuse = _color(rest, entry.diffuse)
            elif keyword.lower() == "map_kd":
                entry.picture = _file_name(rest)
            elif keyword == "d" and _is_number(rest) and float(rest) < 1:
                self.dropped.append("opacity")
            elif keyword.lower() in ("map_bump", "bump", "norm", "map_ks", "map_ka", "map_d", "map_ns", "disp"):
                self.dropped.append(f"texture map “{keyword}”")

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


def _file_name(text: str) -> str:
    """The file name behind the options of a ``map_Kd`` line; it may hold blanks and be quoted."""
    words = text.split(" ")
    while (words and words[0] in _OPTIONS) or (words and words[0] in _OPTION_NUMBERS):
        option = words.pop(0)
        if option in _OPTIONS:
            del words[: _OPTIONS[option]]
            continue
        for _ in range(3):
            if words and _is_number(words[0]):
                words.pop(0)
    return " ".join(words).strip().strip('"')


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
