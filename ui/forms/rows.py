"""The rows of a form: what they have in common, and those for numbers, choices and switches."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent, QEnterEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from lab.chapter import Term
from lab.params import Param
from ui.forms.controls import ChoiceBox, NumberBox, Switch, ValueSlider
from ui.forms.number_scale import Scale, format_number
from ui.look.icons import icon
from ui.look.theme import ThemeManager

INPUTS = ("geometry", "geometries", "file", "text")  # what one works on: presets and resets leave it alone
_SHORT = ("number", "integer", "choice", "switch")
_CHOICE_WIDTH = 172  # px
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
        if self._locked:
            lines.append(f"<p><b>{_LOCKED}</b></p>")
        elif self.param.live:
            lines.append("<p>Can be changed while a run goes on.</p>")
        return "".join(lines)

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


class NumberRow(Row):
    """A number: a field to type in, and a slider below it where its range suits one."""

    arrows = Signal(str, bool)
    """(term key, whether its arrows shall be shown)."""

    def __init__(self, param: Param, themes: ThemeManager, term: Term | None = None, *, slider: bool = True) -> None:
        super().__init__(param, themes, term)
        scale = Scale.of(param)
        if param.unit:
            unit = QLabel(param.unit)
            unit.setProperty("role", "muted")
            self.line.addWidget(unit)
        self.line.addStretch(1)
        self.arrow_button: QToolButton | None = self._make_arrow_button() if term else None
        self.box = NumberBox(scale, param.default, param.check)
        self.box.edited.connect(self.edit)
        self.box.problem.connect(self.show_problem)
        self.line.addWidget(self.box)
        self.slider: ValueSlider | None = None
        if slider:
            self.slider = ValueSlider(scale, param.default, self._color, themes)
            self.slider.edited.connect(self.edit)
            self.body.addWidget(self.slider)
        self.finish()

    def _color(self) -> str:
        return self.themes.term_color(self.term) if self.term else self.themes.theme.accent

    def _make_arrow_button(self) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.setFixedSize(28, 26)
        button.setAccessibleName(f"{self.param.label}: show what this loss wants")
        button.setToolTip(
            "<p>Show what this loss wants: an arrow on each vertex, the way in which this term alone would move it "
            "(its negative gradient).</p>"
        )
        button.toggled.connect(self._arrows_toggled)
        self.line.addWidget(button)
        return button

    def _arrows_toggled(self, shown: bool) -> None:
        if self.term:
            self.arrows.emit(self.term.key, shown)

    def show_value(self) -> None:
        self.box.set_number(self.value)
        if self.slider:
            self.slider.set_number(self.value)

    def editors(self) -> tuple[QWidget, ...]:
        return (self.box, self.slider) if self.slider else (self.box,)

    def dress(self) -> None:
        super().dress()
        if self.term and self.arrow_button:
            self.arrow_button.setIcon(icon("arrow", self.themes.theme, color=self._color()))


class ChoiceRow(Row):
    """One of several words."""

    def __init__(self, param: Param, themes: ThemeManager) -> None:
        super().__init__(param, themes)
        self.box = ChoiceBox(param.choices)
        self.box.textActivated.connect(self.edit)
        self.line.addStretch(1)
        self.line.addWidget(self.box, 1000)  # all that is left, up to its maximum
        longest = max(self.box.fontMetrics().horizontalAdvance(word) for word in param.choices)
        self.box.setMinimumWidth(_CHOICE_WIDTH)
        self.box.setMaximumWidth(max(_CHOICE_WIDTH, longest + 40))
        self.box.view().setMinimumWidth(longest + 24)
        self.finish()

    def show_value(self) -> None:
        self.box.setCurrentText(self.value)

    def editors(self) -> tuple[QWidget, ...]:
        return (self.box,)


class SwitchRow(Row):
    """On or off."""

    def __init__(self, param: Param, themes: ThemeManager, term: Term | None = None) -> None:
        super().__init__(param, themes, term)
        self.switch = Switch(themes)
        self.switch.toggled.connect(self.edit)
        self.line.addStretch(1)
        self.line.addWidget(self.switch)
        self.finish()

    def show_value(self) -> None:
        self.switch.setChecked(self.value)

    def editors(self) -> tuple[QWidget, ...]:
        return (self.switch,)

    def dress(self) -> None:
        super().dress()
        self.switch.update()


def _text(value: Any) -> str:
    """A value as a person reads it."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return format_number(value) if isinstance(value, int | float) else str(value)
