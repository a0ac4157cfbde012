"""An inspection as text for a terminal, and as plain data for JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from typing import Any

from lab.formats.base import plural
from lab.inspector.inspect import Inspection

_WIDEST = 44


def as_text(inspection: Inspection) -> str:
    """The inspection for people: what it is, its parts, its materials, its first lines, what the lab makes of it."""
    return "\n".join([*_blocks(inspection), ""])


def as_data(inspection: Inspection) -> dict[str, Any]:
    """The inspection as JSON can hold it."""
    return dataclasses.asdict(inspection)


def size_text(nbytes: int) -> str:
    """ "824 bytes", "1.2 MB" (a million bytes)."""
    if nbytes < 1000:
        return plural(nbytes, "byte")
    for unit, factor in (("kB", 1e3), ("MB", 1e6)):
        if nbytes < 999.5 * factor:
            return f"{nbytes / factor:.3g} {unit}"
    return f"{nbytes / 1e9:.3g} GB"


def full_size(nbytes: int) -> str:
    """ "824 bytes", "1.2 MB (1,200,345 bytes)"."""
    return size_text(nbytes) if nbytes < 1000 else f"{size_text(nbytes)} ({nbytes:,} bytes)"


def _blocks(i: Inspection) -> Iterator[str]:
    yield f"{i.name}: {i.kind}, {full_size(i.nbytes)}"
    if i.parts:
        yield "\nElements"
        rows = [(p.element, p.name, p.type, f"{p.count:,}", f"{p.nbytes:,}", p.use) for p in i.parts]
        yield from _table(("element", "property", "type", "count", "bytes", "use"), rows, right={3, 4})
    if i.materials:
        yield "\nMaterials"
        for material in i.materials:
            values = ", ".join(f"{key} {words}" for key, words in material.values)
            picture = f"; picture “{material.texture}”: {material.picture}" if material.texture else ""
            used = f"; {plural(material.faces, 'face')}" if material.faces else ""
            yield f"  {material.name} ({material.place}): {values or 'no values'}{picture}{used}"
    if i.lines:
        first, last = i.lines[0].number, i.lines[-1].number
        yield f"\nContent, {first:,} to {last:,} of {i.total:,} lines"
        yield from _table(("place", "content", "meaning"), [(x.place, x.text, x.meaning) for x in i.lines])
    if i.figures:
        yield "\nGeometry"
        yield from _table(None, [(label, _figure(value)) for label, value in i.figures.items()])
    if i.kept or i.dropped:
        yield "\nReading it"
        yield f"  keeps   {', '.join(i.kept)}"
        if i.dropped:
            yield f"  drops   {', '.join(i.dropped)}"
    if i.findings or i.error:
        yield "\nFindings"
        yield from (f"  {f.level}: {f.text} {f.advice}".rstrip() for f in i.findings)
        if i.error:
            yield f"  error: {i.error}"


def _figure(value: float | str | bool) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,.6g}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value


def _table(
    head: Sequence[str] | None, rows: Sequence[Sequence[str]], right: frozenset[int] | set[int] = frozenset()
) -> Iterator[str]:
    """Rows in columns; all but the last column are cut at a width that a terminal can hold."""
    lines = [list(head), *map(list, rows)] if head else [list(row) for row in rows]
    last = len(lines[0]) - 1
    for line in lines:
        line[:last] = [cell if len(cell) <= _WIDEST else cell[: _WIDEST - 1] + "…" for cell in line[:last]]
    widths = [max(len(line[column]) for line in lines) for column in range(last + 1)]
    for line in lines:
        cells = [c.rjust(w) if n in right else c.ljust(w) for n, (c, w) in enumerate(zip(line, widths, strict=True))]
        yield ("  " + "  ".join(cells)).rstrip()
