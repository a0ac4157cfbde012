"""What the rows of a form have in common, and the row of a parameter that is not to be seen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, runtime_checkable

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QEnterEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QVBoxLayout, QWidget

from lab.chapter import Term
from lab.params import Param
from ui.forms.number_scale import format_number
from ui.look.theme import ThemeManager

INPUTS = ("geometry", "geometries", "file", "text")  # what one works on: presets and resets leave it alone
_SHORT = ("number", "integer", "choice", "switch")
_LOCKED = "Fixed while a run goes on. Stop the run to change it."


class RowLabel(QLabel):
    """The name of a parameter; a double click sets it back to its default."""

    doubleClicked = Signal()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.doubleClicked.emit()


class Row(QWidget):
    """A parameter's name, its editor and what is wrong with it. Subclasses add the editor and show its value."""

    changed = Signal()
    """The person changed the value."""
    released = Signal()
    """The person let go of a slider."""
    hovered = Signal(object)
    """The row's loss term, or None when the pointer leaves."""

    def __init__(self, param: Param, themes: ThemeManager, term: Term | None = None) -> None:
        super().__init__()
        self.param = param
        self.themes = themes
        self.term = term
        self._lit = False
        self._locked = False
        self._value: Any = param.default
        self.label = RowLabel(param.label)
        self.label.doubleClicked.connect(self.reset)
        self._problem = QLabel()
        self._problem.setProperty("role", "danger")
        self._problem.setWordWrap(True)
        self._problem.hide()
        self.line = QHBoxLayout()
        self.line.setSpacing(8)
        self.line.addWidget(self.label)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(8, 2, 8, 2)
        self.body.setSpacing(0)
        self.body.addLayout(self.line)
        themes.changed.connect(self.dress)

    # --- value ---------------------------------------------------------------------------------------------------

    @property
    def value(self) -> Any:
        """The parameter's value, always an allowed one."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show a checked value; emits nothing."""
        self._value = self.param.check(value)
        self.show_problem("")
        self.show_value()

    def show_value(self) -> None:
        """Bring the editor in line with ``value``."""
        raise NotImplementedError

    def edit(self, value: Any) -> None:
        """The person chose a value: keep it, show it everywhere and tell."""
        value = self.param.check(value)
        if value != self._value:
            self.set_value(value)
            self.changed.emit()

    def reset(self) -> None:
        """Back to the default, unless the row is fixed during a run."""
        if not self._locked:
            self.edit(self.param.default)

    @property
    def edited(self) -> str:
        """What the person changed last, as "Undo" names it."""
        return self.param.label

    @property
    def held(self) -> bool:
        """Whether the person has it in hand, such as a slider that is dragged."""
        return False

    # --- looks ---------------------------------------------------------------------------------------------------

    def editors(self) -> tuple[QWidget, ...]:
        """What one edits the value with."""
        raise NotImplementedError

    def finish(self) -> None:
        """To be called at the end of a subclass's constructor."""
        self.body.addWidget(self._problem)
        for editor in self.editors():
            editor.setAccessibleName(self.param.label)
            editor.setAccessibleDescription(self.param.doc)
        self.label.setBuddy(self.editors()[0])
        self._describe()
        self.show_value()
        self.dress()

    def dress(self) -> None:
        """Take the colours of the current theme."""
        color = self.themes.term_color(self.term) if self.term else None
        self.label.setStyleSheet(f"color: {color}; font-weight: 600;" if color and not self._locked else "")
        self.update()

    def set_locked(self, locked: bool) -> None:
        """Fixed, because a run goes on that took the value at its start."""
        self._locked = locked
        for widget in (self.label, *self.editors()):
            widget.setEnabled(not locked)
        self._describe()
        self.dress()

    def set_lit(self, lit: bool) -> None:
        """Stand out, because the same term is pointed at elsewhere."""
        if lit != self._lit:
            self._lit = lit
            self.update()

    def show_problem(self, sentence: str) -> None:
        """Say under the row what is wrong; "" for nothing."""
        self._problem.setText(sentence)
        self._problem.setVisible(bool(sentence))

    @property
    def problem(self) -> str:
        """What the row says is wrong."""
        return self._problem.text()

    def _describe(self) -> None:
        for widget in (self, self.label, *self.editors()):
            widget.setToolTip(self._tip())

    def _tip(self) -> str:
        """What the parameter means, its range and unit, and when it can be changed."""
        lines = [f"<p>{self.param.doc}</p>"]
        if self.param.minimum is not None and self.param.maximum is not None:
            unit = f" {self.param.unit}" if self.param.unit else ""
            low, high, usual = (
                format_number(value) for value in (self.param.minimum, self.param.maximum, self.param.default)
            )
            lines.append(f"<p>From {low} to {high}{unit}; usually {usual}{unit}.</p>")
        lines.append(self._when_to_change())
        return "".join(lines)

    def _when_to_change(self) -> str:
        if self._locked:
            return f"<p><b>{_LOCKED}</b></p>"
        return "<p>Can be changed while a run goes on.</p>" if self.param.live else ""

    def enterEvent(self, event: QEnterEvent) -> None:
        if self.term:
            self.hovered.emit(self.term.key)

    def leaveEvent(self, event: QEvent) -> None:
        if self.term:
            self.hovered.emit(None)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        default = f" ({_text(self.param.default)})" if self.param.kind in _SHORT else ""
        action = menu.addAction(f"Reset to default{default}", self.reset)
        action.setEnabled(not self._locked and self._value != self.param.default)
        menu.exec(event.globalPos())
        menu.deleteLater()

    def paintEvent(self, event: QEvent) -> None:
        if self._lit and self.term:
            color = QColor(self.themes.term_color(self.term))
            color.setAlphaF(0.16)
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(color)
            painter.drawRoundedRect(self.rect(), 6, 6)


@runtime_checkable
class BesidePhoto(Protocol):
    """A row whose file belongs to the photo of another row."""

    param: Param

    def follow_photo(self, label: str, path: Callable[[], str]) -> None:
        """Where the photo is told: the label of its row, and what returns its path, "" for none."""


class HiddenRow(Row):
    """A parameter that is not in the form: it only keeps the value that handles and buttons set."""

    def __init__(self, param: Param, themes: ThemeManager) -> None:
        super().__init__(param, themes)
        self.hide()

    def show_value(self) -> None:
        """There is nothing to see."""

    def editors(self) -> tuple[QWidget, ...]:
        return ()


def plain_words(name: str) -> str:
    """A name of the field as a person writes it: "left_elbow" is "Left elbow"."""
    return name[:1].upper() + name[1:].replace("_", " ") if "_" in name or name.islower() else name


def _text(value: Any) -> str:
    """A value as a person reads it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return format_number(value) if isinstance(value, int | float) else str(value)
