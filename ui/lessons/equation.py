"""A typeset equation whose terms have the hues of their loss terms, and can be pointed at."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.look.style_sheet import mix
from ui.look.theme import ThemeManager

_SVG = "{http://www.w3.org/2000/svg}"
_INDENT = 8.0  # px, left of an equation; also how far a highlight reaches beyond its term
_PAD = 3.0
_FADED = 0.6  # share of the background in the terms that are not pointed at


@dataclass(frozen=True)
class Piece:
    """One part of an equation: its path data, the box that it fills (px at the file's size) and its loss term."""

    data: str
    box: QRectF
    term: str | None


@dataclass(frozen=True)
class EquationArt:
    """What assets/lessons/typeset.py wrote: the pieces, their extent and the equation in words."""

    pieces: tuple[Piece, ...]
    size: QSize
    alt: str
    digest: str

    @classmethod
    def load(cls, path: Path) -> EquationArt:
        """Read a typeset file. Raises FileNotFoundError; the message names the script that makes it."""
        if not path.is_file():
            raise FileNotFoundError(f"{path} is missing: run python assets/lessons/typeset.py")
        root = ET.parse(path).getroot()
        pieces = tuple(_piece(group) for group in root.iter(f"{_SVG}g"))
        _, _, width, height = (float(value) for value in root.attrib["viewBox"].split())
        title = root.find(f"{_SVG}title")
        alt = title.text if title is not None and title.text else ""
        return cls(pieces, QSize(round(width), round(height)), alt, root.attrib["data-source"])

    def terms(self) -> tuple[str, ...]:
        """The loss terms in it, in order."""
        return tuple(dict.fromkeys(piece.term for piece in self.pieces if piece.term))

    def renderer(self, color: Callable[[str | None], str]) -> QSvgRenderer:
        """The equation in colours; color: loss term, or None for what belongs to none -> "#rrggbb"."""
        paths = "".join(f'<path fill="{color(piece.term)}" d="{piece.data}"/>' for piece in self.pieces)
        size = f'viewBox="0 0 {self.size.width()} {self.size.height()}"'
        return QSvgRenderer(QByteArray(f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{paths}</svg>'.encode()))


def _piece(group: ET.Element) -> Piece:
    x, y, width, height = (float(value) for value in group.attrib["data-box"].split())
    path = group.find(f"{_SVG}path")
    if path is None:
        raise ValueError("an equation's group has no path: run python assets/lessons/typeset.py")
    return Piece(path.attrib["d"], QRectF(x, y, width, height), group.attrib.get("data-term"))


class EquationView(QWidget):
    """Paints an equation in the theme's colours, sharp at any screen density.

    The pointer over a term, or the arrow keys while it has the focus, choose a term; a click or Enter opens it. In an
    equation of a single term, the whole of it is that term.
    """

    termHovered = Signal(object)
    termClicked = Signal(str)

    def __init__(self, art: EquationArt, themes: ThemeManager, hue: Callable[[str], str]) -> None:
        super().__init__()
        self._art = art
        self._themes = themes
        self._hue = hue
        self._lit: str | None = None
        self._renderer: QSvgRenderer | None = None
        self._terms = art.terms()
        self.setAccessibleName(art.alt)
        self.setToolTip("")
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        if self._terms:
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setAccessibleDescription("The arrow keys choose a term, Enter shows its slider and its curve.")
        themes.changed.connect(self._repaint)

    @property
    def terms(self) -> tuple[str, ...]:
        """The loss terms in the equation, in order."""
        return self._terms

    @property
    def lit(self) -> str | None:
        """The term that stands out."""
        return self._lit

    def highlight(self, term: str | None) -> None:
        """Let a term stand out, if it is in this equation; None for none."""
        term = term if term in self._terms else None
        if term != self._lit:
            self._lit = term
            self._repaint()

    def term_at(self, position: QPointF) -> str | None:
        """The term under a position of the widget, px."""
        frame = self._frame()
        if not self._terms or not frame.adjusted(-_INDENT, -_PAD, _INDENT, _PAD).contains(position):
            return None
        if len(self._terms) == 1:
            return self._terms[0]
        return next((p.term for p in self._art.pieces if p.term and self._box(p).contains(position)), None)

    def center_of(self, term: str) -> QPointF:
        """The middle of the first part of a term, px in the widget."""
        return next(self._box(piece).center() for piece in self._art.pieces if piece.term == term)

    # --- size and paint ------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        return QSize(self._art.size.width() + round(2 * _INDENT), self._art.size.height() + round(2 * _PAD))

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def _scale(self) -> float:
        return min(1.0, (self.width() - 2 * _INDENT) / self._art.size.width())

    def _frame(self) -> QRectF:
        """Where the equation is painted, px."""
        scale = self._scale()
        width, height = self._art.size.width() * scale, self._art.size.height() * scale
        return QRectF(_INDENT, (self.height() - height) / 2, width, height)

    def _box(self, piece: Piece) -> QRectF:
        frame, scale = self._frame(), self._scale()
        corner = frame.topLeft() + piece.box.topLeft() * scale
        return QRectF(corner, piece.box.size() * scale).adjusted(-_PAD, -_PAD, _PAD, _PAD)

    def _color(self, term: str | None) -> str:
        theme = self._themes.theme
        color = self._hue(term) if term else theme.text
        faded = self._lit is not None and len(self._terms) > 1 and term != self._lit
        return mix(color, theme.panel, _FADED) if faded else color

    def _repaint(self) -> None:
        self._renderer = None
        self.update()

    def paintEvent(self, event: QEvent) -> None:
        if self._renderer is None:
            self._renderer = self._art.renderer(self._color)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._lit:
            color = QColor(self._hue(self._lit))
            color.setAlphaF(0.16)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            for piece in self._art.pieces:
                if piece.term == self._lit:
                    painter.drawRoundedRect(self._box(piece), 4, 4)
        self._renderer.render(painter, self._frame())
        if self.hasFocus():
            painter.setPen(QPen(QColor(self._themes.theme.accent), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    # --- pointing ------------------------------------------------------------------------------------------------

    def _point(self, term: str | None) -> None:
        if term != self._lit:
            self.highlight(term)
            self.termHovered.emit(term)
        self.setCursor(Qt.CursorShape.PointingHandCursor if term else Qt.CursorShape.ArrowCursor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point(self.term_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._point(None)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        term = self.term_at(event.position())
        if term and event.button() == Qt.MouseButton.LeftButton:
            self.termClicked.emit(term)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1}
        if event.key() in steps:
            step = steps[Qt.Key(event.key())]
            at = self._terms.index(self._lit) + step if self._lit in self._terms else min(step, 0)
            self._point(self._terms[at % len(self._terms)])
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.termClicked.emit(self._lit or self._terms[0])
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QEvent) -> None:
        self._point(None)
        self.update()
