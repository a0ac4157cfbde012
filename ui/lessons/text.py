"""The text of a lesson: a small subset of Markdown, read into blocks. No Qt, so that the typesetter can use it too.

    # Title               ## Heading              ## Heading {edge}      (the heading of the term "edge")
    A paragraph with **bold**, *italic*, `code`, $v_i$ and [a link](term:edge).
    - a list item
    > A card: something to try, with links.
    ```equation chamfer
    alt: What the equation says, read aloud.
    [[chamfer|\\mathcal{L}_\\mathrm{cham}]] &= ...
    ```

Links go to ``term:KEY``, ``preset:TITLE`` or ``set:PARAMETER=VALUE``. In an equation each line of the fence is a line
of its own, aligned at "&"; ``[[term|...]]`` is the part in that term's hue; the notation is LaTeX's, as far as
matplotlib's mathtext knows it.
"""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

_PART = re.compile(r"\[\[(\w+)\|(.*?)\]\]")
_HEADING = re.compile(r"(#{1,3}) (.+?)(?: \{(\w+)\})?$")
_FENCE = re.compile(r"```equation ([\w-]+)$")
_INLINE = re.compile(
    r"\*\*(?P<bold>.+?)\*\*|\*(?P<italic>.+?)\*|`(?P<code>[^`]+)`|\$(?P<math>[^$]+)\$"
    r"|\[(?P<text>[^\]]+)\]\((?P<target>[^)]+)\)"
)
_MATH = re.compile(
    r"(?P<mark>[_^])(?:\{(?P<group>[^}]*)\}|(?P<single>.))|\\(?P<name>[a-zA-Z]+)|(?P<letters>[A-Za-z]+)|(?P<rest>.)"
)
_SYMBOLS = {
    "beta": "β",
    "delta": "δ",
    "eta": "η",
    "theta": "θ",
    "mu": "μ",
    "Pi": "Π",
    "rho": "ρ",
    "sigma": "σ",
    "tau": "τ",
    "in": " ∈ ",
    "times": " × ",
    "cdot": " · ",
    "leq": " ≤ ",
}


class LessonError(ValueError):
    """A lesson that cannot be read; the message names the line and what was expected."""


@dataclass(frozen=True)
class Part:
    """A piece of an equation's line, in LaTeX notation; term: the loss term whose hue it has, or None."""

    latex: str
    term: str | None = None


@dataclass(frozen=True)
class EquationLine:
    """left: what stands before the alignment mark; right: the rest."""

    left: tuple[Part, ...]
    right: tuple[Part, ...]


@dataclass(frozen=True)
class Equation:
    """A displayed equation. alt: the same in words. source: the text that it was read from."""

    name: str
    alt: str
    lines: tuple[EquationLine, ...]
    source: str

    @property
    def digest(self) -> str:
        """What the typeset file carries, to tell that it belongs to this source."""
        return hashlib.sha256(self.source.encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Heading:
    level: int
    text: str
    term: str | None = None


@dataclass(frozen=True)
class Paragraph:
    text: str


@dataclass(frozen=True)
class Item:
    """An item of a list."""

    text: str


@dataclass(frozen=True)
class Card:
    """A framed paragraph: something to try."""

    text: str


Block = Heading | Paragraph | Item | Card | Equation


def parse(text: str) -> tuple[Block, ...]:
    """The blocks of a lesson. Raises LessonError."""
    return tuple(_blocks(iter(enumerate(text.splitlines(), 1))))


def _blocks(lines: Iterator[tuple[int, str]]) -> Iterator[Block]:
    make: Callable[[str], Block] = Paragraph
    pending: list[str] = []
    for number, raw in lines:
        line = raw.strip()
        heading, fence = _HEADING.match(line), _FENCE.match(line)
        starts = line.startswith(("- ", "> "))
        if pending and (not line or heading or fence or (starts and not (make is Card and line.startswith("> ")))):
            yield make(" ".join(pending))
            pending, make = [], Paragraph
        if heading:
            yield Heading(len(heading[1]), heading[2], heading[3])
        elif fence:
            yield _equation(fence[1], number, lines)
        elif line.startswith("```"):
            raise LessonError(f"line {number}: expected ```equation NAME, found {line!r}")
        elif line:
            if starts:
                make = Item if line.startswith("- ") else Card
            pending.append(line[2:] if starts else line)
    if pending:
        yield make(" ".join(pending))


def _equation(name: str, start: int, lines: Iterator[tuple[int, str]]) -> Equation:
    source = []
    for _, line in lines:
        if line.strip() == "```":
            break
        source.append(line.strip())
    else:
        raise LessonError(f"line {start}: the equation {name!r} is not closed; expected a line of ```")
    if not source or not source[0].startswith("alt: "):
        raise LessonError(f"line {start}: the equation {name!r} has to begin with a line 'alt: what it says in words'")
    rows = tuple(_equation_line(line) for line in source[1:] if line)
    return Equation(name, source[0].removeprefix("alt: "), rows, "\n".join(source))


def _equation_line(line: str) -> EquationLine:
    left, mark, right = line.partition("&")
    return EquationLine(_parts(left), _parts(right)) if mark else EquationLine((), _parts(line))


def _parts(text: str) -> tuple[Part, ...]:
    parts, end = [], 0
    for match in _PART.finditer(text):
        parts += [Part(text[end : match.start()].strip()), Part(match[2].strip(), match[1])]
        end = match.end()
    parts.append(Part(text[end:].strip()))
    return tuple(part for part in parts if part.latex)


def to_html(text: str, link_color: Callable[[str], str], code_color: str) -> str:
    """Inline Markdown as the rich text that Qt reads. link_color: link target -> "#rrggbb"."""
    out, end = [], 0
    for match in _INLINE.finditer(text):
        out.append(html.escape(text[end : match.start()], quote=False))
        out.append(_span(match, link_color, code_color))
        end = match.end()
    out.append(html.escape(text[end:], quote=False))
    return "".join(out)


def _span(match: re.Match[str], link_color: Callable[[str], str], code_color: str) -> str:
    if match["bold"]:
        return f"<b>{to_html(match['bold'], link_color, code_color)}</b>"
    if match["italic"]:
        return f"<i>{to_html(match['italic'], link_color, code_color)}</i>"
    if match["code"]:
        return f'<code style="color:{code_color}">{html.escape(match["code"])}</code>'
    if match["math"]:
        return _math(match["math"])
    target = html.escape(match["target"])
    style = f"color:{link_color(match['target'])}; text-decoration:none; font-weight:600"
    return f'<a href="{target}" style="{style}">{to_html(match["text"], link_color, code_color)}</a>'


def _math(latex: str) -> str:
    """Simple mathematics within a sentence: italic letters, sub- and superscripts, a few symbols."""
    out = []
    for match in _MATH.finditer(latex):
        if match["mark"]:
            tag = "sub" if match["mark"] == "_" else "sup"
            out.append(f"<{tag}>{_math(match['group'] if match['group'] is not None else match['single'])}</{tag}>")
        elif match["name"]:
            if match["name"] not in _SYMBOLS:
                raise LessonError(f"unknown symbol \\{match['name']} in ${latex}$; known are {', '.join(_SYMBOLS)}")
            out.append(_SYMBOLS[match["name"]])
        elif match["letters"]:
            out.append(f"<i>{match['letters']}</i>")
        else:
            out.append(html.escape(match["rest"]))
    return "".join(out)


def words(blocks: tuple[Block, ...]) -> int:
    """How many words a reader reads: everything but the equations."""
    text = " ".join(block.text for block in blocks if not isinstance(block, Equation))
    return len(re.findall(r"[\w’'.,-]*\w", re.sub(r"\]\([^)]*\)", "]", text)))
