"""The controls that a form is made of: slider, number field, choice and switch.

None of them takes the mouse wheel unless it has the focus, so that scrolling a form never changes a value.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QWheelEvent
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QComboBox, QSizePolicy, QSlider, QWidget

from ui.forms.number_scale import Scale, format_number, parse_number
from ui.look.style_sheet import mix
from ui.look.theme import Theme, ThemeManager, figures

_TICKS = 1000  # positions of a slider
_HANDLE = 7.0  # px, radius
_BOX_WIDTH = 86
_KEYS = {
    Qt.Key.Key_Left: -0.01,
    Qt.Key.Key_Down: -0.01,
    Qt.Key.Key_Right: 0.01,
    Qt.Key.Key_Up: 0.01,
    Qt.Key.Key_PageDown: -0.1,
    Qt.Key.Key_PageUp: 0.1,
}


class ValueSlider(QSlider):
    """A slider over a Scale. It shows its default as a notch, and the hue of its loss term if it has one."""

    edited = Signal(float)
    """The value that the person chose with it."""

    def __init__(self, scale: Scale, default: float, color: Callable[[], str], themes: ThemeManager) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._scale = scale
        self._default = scale.position(default)
        self._color = color
        self._themes = themes
        self._number = default
        self._setting = False
        self.setRange(0, _TICKS)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.valueChanged.connect(self._moved)

    def set_number(self, value: float) -> None:
        """Show a value; emits nothing."""
        self._number = value
        self._setting = True
        self.setValue(round(self._scale.position(value) * _TICKS))
        self._setting = False

    def set_scale(self, scale: Scale, default: float) -> None:
        """Other limits and another notch; ``set_number`` has to follow."""
        self._scale, self._default = scale, scale.position(default)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, 18)

    def minimumSizeHint(self) -> QSize:
        return QSize(60, 18)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta().y()
        if self.hasFocus() and turn:
            self._nudge(math.copysign(0.01, turn))
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _KEYS:
            self._nudge(_KEYS[Qt.Key(event.key())])
        else:
            super().keyPressEvent(event)

    def _nudge(self, way: float) -> None:
        """Go by ``way`` of the slider's length, or as much further as it takes to reach another value."""
        position = self._scale.position(self._number)
        value, target = self._number, position
        while value == self._number and 0.0 <= target <= 1.0:
            target += way
            value = self._scale.value(target)
        if value != self._number:
            self.edited.emit(value)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self._follow(event)
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self.isSliderDown():
            self._follow(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.setSliderDown(False)
        self.update()

    def _follow(self, event: QMouseEvent) -> None:
        way = max(1.0, self.width() - 2 * _HANDLE)
        self.setValue(round((event.position().x() - _HANDLE) / way * _TICKS))

    def _moved(self, tick: int) -> None:
        if not self._setting:
            self.edited.emit(self._scale.value(tick / _TICKS))

    def paintEvent(self, event: QEvent) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        way = self.width() - 2 * _HANDLE
        handle = _HANDLE + way * self.value() / _TICKS
        color = QColor(self._color() if self.isEnabled() else mix(theme.muted, theme.panel, 0.5))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.border))
        painter.drawRoundedRect(QRectF(_HANDLE, middle - 2, way, 4), 2, 2)
        painter.setBrush(color)
        painter.drawRoundedRect(QRectF(_HANDLE, middle - 2, handle - _HANDLE, 4), 2, 2)
        painter.setBrush(QColor(theme.muted))
        painter.drawRect(QRectF(_HANDLE + way * self._default - 0.5, middle + 5, 1, 4))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(theme.text), 1.5))
            painter.drawEllipse(QPointF(handle, middle), _HANDLE + 1, _HANDLE + 1)
        lively = self.isEnabled() and (self.underMouse() or self.isSliderDown())
        painter.setPen(QPen(QColor(theme.panel), 2))
        painter.setBrush(color.lighter(115) if lively and theme.dark else color)
        painter.drawEllipse(QPointF(handle, middle), _HANDLE - 0.5, _HANDLE - 0.5)


class NumberBox(QAbstractSpinBox):
    """A field for one number. Anything can be typed; what is not allowed is said, and undone when one leaves."""

    edited = Signal(float)
    """A new value, when Enter is pressed, the field is left or an arrow is used."""
    problem = Signal(str)
    """What is wrong with the text as typed so far; "" when nothing is."""

    def __init__(self, scale: Scale, value: float, check: Callable[[object], float]) -> None:
        super().__init__()
        self._scale = scale
        self._check = check
        self._value = value
        self._dirty = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFixedWidth(_BOX_WIDTH)
        self.setFont(figures(self.font()))
        self.lineEdit().setText(format_number(value))
        self.lineEdit().textEdited.connect(self._typed)
        self.editingFinished.connect(self._commit)

    @property
    def number(self) -> float:
        """The last allowed value."""
        return self._value

    def set_number(self, value: float) -> None:
        """Show a value; emits nothing. What is being typed is given up."""
        self._value = value
        self._dirty = False
        self.lineEdit().setText(format_number(value))

    def set_scale(self, scale: Scale, check: Callable[[object], float]) -> None:
        """Other limits; ``set_number`` has to follow."""
        self._scale, self._check = scale, check

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:
        flags = QAbstractSpinBox.StepEnabledFlag.StepNone
        if self._value > self._scale.minimum:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepDownEnabled
        if self._value < self._scale.maximum:
            flags |= QAbstractSpinBox.StepEnabledFlag.StepUpEnabled
        return flags

    def stepBy(self, steps: int) -> None:
        self._commit()
        value = self._value
        for _ in range(abs(steps)):
            value = self._scale.step(value, 1 if steps > 0 else -1)
        self._accept(value)
        self.selectAll()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self._dirty:
            self.set_number(self._value)
            self.problem.emit("")
            return
        super().keyPressEvent(event)

    def _typed(self, text: str) -> None:
        self._dirty = True
        self.problem.emit(self._parse(text)[1])

    def _parse(self, text: str) -> tuple[float, str]:
        """The value of a text and what is wrong with it."""
        try:
            typed = parse_number(text)
            return self._check(int(typed) if typed.is_integer() else typed), ""
        except ValueError as error:
            found = f"expected a number, found '{text.strip()}'" if "could not convert" in str(error) else str(error)
            return self._value, found

    def _commit(self) -> None:
        if self._dirty:
            value, wrong = self._parse(self.text())
            self.problem.emit(wrong)
            self.set_number(self._value)
            if not wrong:
                self._accept(value)

    def _accept(self, value: float) -> None:
        if value != self._value:
            self.set_number(value)
            self.edited.emit(value)


class ChoiceBox(QComboBox):
    """A combo box that leaves the wheel to the form, and may be narrower than its longest entry."""

    def __init__(self, choices: Sequence[str] = ()) -> None:
        super().__init__()
        self.addItems(list(choices))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.setMinimumWidth(96)

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self.hasFocus():
            super().wheelEvent(event)
        else:
            event.ignore()


class Switch(QAbstractButton):
    """On or off, as a small switch."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(36, 22)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QEvent) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(2, 3, 32, 16)
        painter.setPen(QPen(QColor(theme.text), 1.5) if self.hasFocus() else QPen(QColor(self._edge(theme)), 1))
        painter.setBrush(QColor(self._fill(theme)))
        painter.drawRoundedRect(track, 8, 8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._knob(theme)))
        painter.drawEllipse(QPointF(26 if self.isChecked() else 10, 11), 5.5, 5.5)

    def _edge(self, theme: Theme) -> str:
        return theme.border if not self.isEnabled() else theme.accent if self.isChecked() else theme.muted

    def _fill(self, theme: Theme) -> str:
        if not self.isEnabled():
            return mix(theme.accent, theme.panel, 0.75) if self.isChecked() else theme.panel
        return theme.accent if self.isChecked() else theme.field

    def _knob(self, theme: Theme) -> str:
        if not self.isEnabled():
            return theme.border
        return theme.on_accent if self.isChecked() else theme.muted
