"""A PLY file in another variant, with every element and property that it has, also those that the lab does not know.

Numbers keep their declared types and come out exactly; comments stay. Only the data after the last element go.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lab.formats.base import Source
from lab.formats.ply_header import FACE_LISTS, OLD_SPELLING, Header, parse_header
from lab.formats.ply_rows import Table, read_rows
from lab.formats.ply_store import Property
from lab.formats.ply_write import PlyStyle, lines_of
from lab.scene import Array


def transcode_ply(data: bytes, style: PlyStyle, source: Source) -> bytes:
    """The PLY file ``data`` in the variant ``style`` (its colours keep their type). Raises FormatError."""
    header = parse_header(data, source)
    if header.newline == "\r" and not header.order:
        data = data.replace(b"\r", b"\n")
    tables = read_rows(data, header.size, header.order, header.elements, source)
    bodies = [_body(table, style, source) for table in tables]
    return b"".join([_header_text(header, style).encode(), *bodies])


def _header_text(header: Header, style: PlyStyle) -> str:
    lines = []
    elements = iter(header.elements)
    properties: Iterator[Property] = iter(())
    element = ""
    for line in header.lines:
        words = line.split()
        if words[:1] == ["format"]:
            line = f"format {style.encoding} 1.0"
        elif words[:1] == ["element"]:
            current = next(elements)
            element, properties = current.name, iter(current.properties)
        elif words[:1] == ["property"]:
            prop = next(properties)
            name = style.face_list if element == "face" and words[-1] in FACE_LISTS else words[-1]
            counted = f"list {style.types[prop.count_kind]} " if prop.count_kind else ""
            line = f"property {counted}{style.types[prop.kind]} {name}"
        lines.append(line)
    return "\n".join([*lines, ""])


def _body(table: Table, style: PlyStyle, source: Source) -> bytes:
    """The rows of an element. Those with equally long lists are made together, then put in their order."""
    count, lengths = table.element.count, _list_lengths(table)
    if not table.element.properties or not count:
        return b""
    if (lengths == lengths[0]).all():
        rows = _rows(table, np.arange(count), lengths[0].tolist(), style, source)
        return lines_of(rows) if style.encoding == "ascii" else rows.tobytes()
    shapes, shape_of = np.unique(lengths, axis=0, return_inverse=True)
    shape_of = shape_of.reshape(-1)
    groups = [np.flatnonzero(shape_of == number) for number in range(len(shapes))]
    parts = [_rows(table, g, shape.tolist(), style, source) for g, shape in zip(groups, shapes, strict=True)]
    if style.encoding == "ascii":
        lines = np.empty(count, object)
        for group, part in zip(groups, parts, strict=True):
            lines[group] = lines_of(part).splitlines(keepends=True)
        return b"".join(lines.tolist())
    sizes = np.array([part.itemsize for part in parts])[shape_of]
    starts = np.cumsum(sizes) - sizes
    body = np.empty(int(sizes.sum()), np.uint8)
    for group, part in zip(groups, parts, strict=True):
        places = starts[group][:, None] + np.arange(part.itemsize)
        body[places] = np.frombuffer(part.tobytes(), np.uint8).reshape(len(group), -1)
    return body.tobytes()


def _list_lengths(table: Table) -> Array:
    """(rows, lists) the lengths of each row's lists."""
    lengths = [values[0] for values in table.columns.values() if isinstance(values, tuple)]
    return np.stack(lengths, axis=1) if lengths else np.zeros((table.element.count, 0), np.int64)


def _rows(table: Table, chosen: Array, lengths: list[int], style: PlyStyle, source: Source) -> Array:
    """The chosen rows, whose lists have these lengths, as a structured array."""
    order = {"binary_big_endian": ">"}.get(style.encoding, "<")
    fields: list[tuple[str, str, int]] = []
    values: list[Array] = []
    left = list(lengths)
    for prop in table.element.properties:
        column = table.columns[prop.name]
        if isinstance(column, tuple):
            counts, items = column
            length = left.pop(0)
            assert prop.count_kind is not None
            fields.append((f"{len(fields)}", order + prop.count_kind, 1))
            values.append(_fitting(counts[chosen][:, None], prop.name, prop.count_kind, chosen, table, source))
            first = np.cumsum(counts) - counts
            block = items[first[chosen][:, None] + np.arange(length)]
        else:
            length, block = 1, column[chosen][:, None]
        fields.append((f"{len(fields)}", order + prop.kind, length))
        values.append(_fitting(block, prop.name, prop.kind, chosen, table, source))
    rows = np.empty(len(chosen), [(name, kind, (length,)) for name, kind, length in fields])
    for (name, _, _), block in zip(fields, values, strict=True):
        rows[name] = block
    return rows


def _fitting(block: Array, name: str, kind: str, chosen: Array, table: Table, source: Source) -> Array:
    """``block`` (N, k) as it is, after making sure that its declared type holds it; text may say anything."""
    if kind[0] == "f" or block.dtype == np.dtype(kind):
        return block
    limits = np.iinfo(kind)
    good = (block == np.floor(block)) & (block >= limits.min) & (block <= limits.max)
    if good.all():
        return block
    row, column = np.argwhere(~good)[0]
    raise source.error(
        table.place(int(chosen[row])),
        f"the property “{name}” is {float(block[row, column]):g}, which its type “{OLD_SPELLING[kind]}” cannot hold",
        "Correct the type in the header",
    )
