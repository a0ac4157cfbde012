"""The header of a PLY file: its grammar, its types in both spellings, and what each property means to the lab.

Reader and file inspector share this module, so that the inspector cannot tell another story than the reader.
Source: Turk, "The PLY Polygon File Format" (1994); REFERENCE I.2.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from lab.formats.base import SCALARS_KEPT, Source
from lab.formats.ply_store import Element, Property

OLD_SPELLING: Mapping[str, str] = MappingProxyType(
    {"i1": "char", "u1": "uchar", "i2": "short", "u2": "ushort", "i4": "int", "u4": "uint", "f4": "float",
     "f8": "double"}
)  # fmt: skip
NEW_SPELLING: Mapping[str, str] = MappingProxyType(
    {"i1": "int8", "u1": "uint8", "i2": "int16", "u2": "uint16", "i4": "int32", "u4": "uint32", "f4": "float32",
     "f8": "float64"}
)  # fmt: skip
"""Both spellings of the types, by numpy's code without byte order."""

ORDERS: Mapping[str, str] = MappingProxyType({"ascii": "", "binary_little_endian": "<", "binary_big_endian": ">"})
"""The three encodings, and numpy's sign of their byte order."""

SCALAR_PREFIX = "scalar_"
"""Before the names of scalar fields that would be taken for something else; CloudCompare writes it before all."""

FACE_LISTS = ("vertex_indices", "vertex_index")
NORMALS = (("nx", "ny", "nz"), ("normal_x", "normal_y", "normal_z"))
COLORS = (("red", "green", "blue"), ("r", "g", "b"), ("diffuse_red", "diffuse_green", "diffuse_blue"))
UVS = (("s", "t"), ("u", "v"), ("texture_u", "texture_v"))

_TYPES = {word: code for spelling in (OLD_SPELLING, NEW_SPELLING) for code, word in spelling.items()}
_LONGEST_HEADER = 1 << 20


@dataclass
class Header:
    """encoding: a key of ORDERS. textures: names from the comments "TextureFile". size: bytes up to the body.

    lines: the header's lines without their ends, that of "end_header" included. newline: what ends them.
    """

    encoding: str
    elements: list[Element] = field(default_factory=list)
    textures: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    newline: str = "\n"
    size: int = 0

    @property
    def order(self) -> str:
        return ORDERS[self.encoding]


class _HeaderError(Exception):
    """A line of the header makes no sense; the message is a clause."""


def parse_header(data: bytes, source: Source) -> Header:
    """The header at the beginning of ``data``. Raises FormatError that names the line."""
    first = re.match(rb"ply[ \t]*(\r?\n|\r)", data)
    if first is None:
        raise source.error(
            "line 1", "a PLY file begins with the line “ply”, this one does not", "Check what kind of file it is"
        )
    # after a lone carriage return a line feed is the first byte of the body
    ending = rb"\r" if first[1] == b"\r" else rb"\r?\n"
    end = re.search(rb"(?<=[\r\n])end_header[ \t]*(" + ending + rb")", data[:_LONGEST_HEADER])
    if end is None:
        raise source.truncated("header", "the line “end_header” is missing")
    text = data[: end.start(1)].decode("utf-8", "replace")
    header = Header("", lines=re.split(r"\r\n|\n|\r", text), newline=end[1].decode(), size=end.end())
    for number, line in enumerate(header.lines[1:-1], start=2):
        try:
            _parse_line(header, line)
        except _HeaderError as error:
            raise source.error(f"line {number}", str(error), "The header is damaged; export the file again") from error
    if not header.encoding:
        raise source.error("header", "the line “format …” is missing", "The header is damaged; export the file again")
    return header


def _parse_line(header: Header, line: str) -> None:
    match line.split():
        case [] | ["obj_info", *_] | ["comment"]:
            return
        case ["comment", *rest]:
            if rest[0] == "TextureFile" and len(rest) > 1:
                header.textures.append(line.split("TextureFile", 1)[1].strip())
        case ["format", name, _] if name in ORDERS:
            header.encoding = name
        case ["element", name, count]:
            header.elements.append(Element(name, _count(count)))
        case ["property", "list", count_type, item_type, name]:
            _add_property(header, Property(name, _type(item_type), _count_type(count_type)))
        case ["property", kind, name]:
            _add_property(header, Property(name, _type(kind)))
        case _:
            raise _HeaderError(f"“{line.strip()[:60]}” is no line of a PLY header")


def _count(word: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", word):
        raise _HeaderError(f"“{word[:24]}” is no count of elements")
    return int(word)


def _type(word: str) -> str:
    if word not in _TYPES:
        raise _HeaderError(f"“{word[:24]}” is no type of a PLY property")
    return _TYPES[word]


def _count_type(word: str) -> str:
    kind = _type(word)
    if kind[0] == "f":
        raise _HeaderError(f"a list cannot be counted by numbers of type “{word}”")
    return kind


def _add_property(header: Header, prop: Property) -> None:
    if not header.elements:
        raise _HeaderError("a property comes before the first element")
    properties = header.elements[-1].properties
    taken, name = {other.name for other in properties}, prop.name
    while name in taken:  # some programs write a name twice
        name += "_"
    properties.append(Property(name, prop.kind, prop.count_kind))


# --- what the properties mean ---------------------------------------------------------------------------------------


def find_group(names: Sequence[str], spellings: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The first spelling of which all names are there, or ()."""
    return next((group for group in spellings if all(name in names for name in group)), ())


def vertex_roles(element: Element) -> dict[str, str]:
    """What the lab makes of each vertex property: "position", "normal", "colour", "texture", "scalar" or "dropped"."""
    single = [prop.name for prop in element.properties if prop.count_kind is None]
    roles = dict.fromkeys((prop.name for prop in element.properties), "dropped")
    roles |= dict.fromkeys((name for name in single if name in ("x", "y", "z")), "position")
    for role, spellings in (("normal", NORMALS), ("colour", COLORS), ("texture", UVS)):
        roles |= dict.fromkeys(find_group(single, spellings), role)
    rest = [name for name in single if roles[name] == "dropped" and name != "alpha"]
    return roles | dict.fromkeys(rest[:SCALARS_KEPT], "scalar")


def face_list(element: Element) -> str:
    """The name of the list that holds the corners of the faces: the usual ones, else the first list; "" for none."""
    lists = [prop.name for prop in element.properties if prop.count_kind is not None]
    known = next((name for name in FACE_LISTS if name in lists), "")
    return known or next((name for name in lists if name != "texcoord"), "")


def face_roles(element: Element) -> dict[str, str]:
    """What the lab makes of each face property: "corners", "texture" or "dropped"."""
    roles = dict.fromkeys((prop.name for prop in element.properties), "dropped")
    roles |= {name: "texture" for name in ("texcoord", "texnumber") if name in roles}
    return roles | ({face_list(element): "corners"} if face_list(element) else {})
