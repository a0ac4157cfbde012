"""Typesets the equations of the lessons: ``python assets/lessons/typeset.py`` writes equations/*.svg beside this file.

The files are committed, so that the program itself needs no matplotlib (it is in the "dev" extra). Each carries the
digest of the source that it was made from; a test tells when a lesson was edited and this script not run.
Each part of an equation is one group: ``data-term`` says which loss term's hue it takes, ``data-box`` where it lies.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path as Outline
from matplotlib.textpath import TextToPath

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent))  # this is a script: the lab's packages are beside its grandparent folder

from ui.lessons.text import Equation, EquationLine, Part, parse  # noqa: E402

SIZE = 16.0  # px of the letters; all lengths in the file are at this size
LINE_GAP = 9.0
INDENT = 22.0  # of lines without an alignment mark, behind the first
MARGIN = 2.0
FONT = FontProperties(math_fontfamily="stix", size=SIZE)


@dataclass(frozen=True)
class Placed:
    """A typeset part: left edge and baseline, px, and its extent."""

    part: Part
    x: float
    baseline: float
    width: float
    ascent: float
    descent: float


def measure(part: Part) -> tuple[float, float, float]:
    """Advance width, ascent and descent of a part, px."""
    width, height, descent = TextToPath().get_text_width_height_descent(f"${part.latex}$", FONT, ismath=True)
    return float(width), float(height - descent), float(descent)


def place(equation: Equation) -> tuple[list[Placed], float, float]:
    """Every part in its place, and the width and height of the whole, px."""
    column = max((sum(measure(part)[0] for part in line.left) for line in equation.lines), default=0.0)
    placed: list[Placed] = []
    top = right = MARGIN
    for line in equation.lines:
        sizes = [measure(part) for part in (*line.left, *line.right)]
        baseline = top + max(ascent for _, ascent, _ in sizes)
        x = MARGIN + _start(line, column)
        for part, (width, ascent, descent) in zip((*line.left, *line.right), sizes, strict=True):
            placed.append(Placed(part, x, baseline, width, ascent, descent))
            x += width
        right = max(right, x)
        top = baseline + max(descent for _, _, descent in sizes) + LINE_GAP
    return placed, right + MARGIN, top - LINE_GAP + MARGIN


def _start(line: EquationLine, column: float) -> float:
    """Where a line begins: its left side ends at the alignment mark; a line without one is indented."""
    if line.left:
        return column - sum(measure(part)[0] for part in line.left)
    return column if column else INDENT


def path_data(part: Part, x: float, y: float) -> str:
    """The outline of a part as SVG path data, its baseline starting at (x, y); empty for a mere space."""
    to_path = TextToPath()
    vertices, codes = to_path.get_text_path(FONT, f"${part.latex}$", ismath=True)
    if not len(vertices):
        return ""
    outline = Outline(np.asarray(vertices) * (SIZE / to_path.FONT_SCALE), codes)
    return "".join(_segments(outline, x, y))


def _segments(outline: Outline, x: float, y: float) -> Iterator[str]:
    letters = {Outline.MOVETO: "M", Outline.LINETO: "L", Outline.CURVE3: "Q", Outline.CURVE4: "C"}
    for vertices, code in outline.iter_segments(curves=True, simplify=False):
        if code == Outline.CLOSEPOLY:
            yield "Z"
            continue
        points = (f"{x + px:.2f} {y - py:.2f}" for px, py in vertices.reshape(-1, 2))
        yield letters[code] + " ".join(points)


def svg(equation: Equation) -> str:
    """The equation as an SVG document."""
    placed, width, height = place(equation)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.1f}" height="{height:.1f}" '
        f'viewBox="0 0 {width:.1f} {height:.1f}" data-source="{equation.digest}">',
        f"<title>{escape(equation.alt)}</title>",
    ]
    for item in placed:
        box = f"{item.x:.1f} {item.baseline - item.ascent:.1f} {item.width:.1f} {item.ascent + item.descent:.1f}"
        term = f' data-term="{item.part.term}"' if item.part.term else ""
        if data := path_data(item.part, item.x, item.baseline):
            lines.append(f'<g fill="currentColor" data-box="{box}"{term}><path d="{data}"/></g>')
    return "\n".join([*lines, "</svg>", ""])


def main() -> None:
    """Typeset the equations of all lessons and remove the files of those that are gone."""
    folder = HERE / "equations"
    folder.mkdir(exist_ok=True)
    written = set()
    for lesson in sorted(HERE.glob("*.md")):
        for block in parse(lesson.read_text(encoding="utf-8")):
            if isinstance(block, Equation):
                target = folder / f"{lesson.stem}-{block.name}.svg"
                target.write_text(svg(block), encoding="utf-8")
                written.add(target)
    for stale in set(folder.glob("*.svg")) - written:
        stale.unlink()
    sys.stdout.write(f"{len(written)} equations typeset\n")


if __name__ == "__main__":
    main()
