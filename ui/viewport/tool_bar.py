"""The small bars over the viewports: the tools, and what the tool in use has to say and to set."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)

from ui.look.icon_binding import IconBook
from ui.look.theme import figures
from ui.scene.fields import NumberField
from ui.viewport.clip import AXES, ClipPlane
from ui.viewport.measure import Measurement
from ui.viewport.tools import SceneTools

_TICKS = 1000
_AXIS_WORDS = {"x": "Across x", "y": "Across y", "z": "Across z", "view": "View"}


class ToolBar(QWidget):
    """Stands at the top left of the viewports: the tools in a row, and the bars of clip and measure."""

    def __init__(self, tools: SceneTools, icons: IconBook, parent: QWidget) -> None:
        super().__init__(parent)
        self._tools = tools
        self.clip_bar = ClipBar(tools.clip, icons, self)
        self.measure_bar = MeasureBar(tools.measurement, icons, self)
        self._bars = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._bars.setContentsMargins(0, 0, 0, 0)
        self._bars.setSpacing(6)
        for bar in (self._make_row(), self.clip_bar, self.measure_bar):
            self._bars.addWidget(bar, 0, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        tools.clip.changed.connect(self._show)
        tools.measurement.changed.connect(self._show)
        self._show()

    def set_in_row(self, on: bool) -> None:
        """All bars beside each other, above the viewports; or below each other, over the one viewport."""
        way = QBoxLayout.Direction
        self._bars.setDirection(way.LeftToRight if on else way.TopToBottom)
        self.adjustSize()

    def _make_row(self) -> QFrame:
        bar = _frame("Tools")
        for name, action in self._tools.actions.items():
            if name == "measure":
                _row(bar).addWidget(_gap())
            button = QToolButton()
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly)
            button.setIconSize(QSize(18, 18))
            button.setAccessibleName(action.text())
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            _row(bar).addWidget(button)
        return bar

    def _show(self) -> None:
        measurement = self._tools.measurement
        self.clip_bar.setVisible(self._tools.clip.on)
        self.measure_bar.setVisible(measurement.active or len(measurement.points) > 1)
        self.adjustSize()


class ClipBar(QFrame):
    """Axis, place and side of the clipping plane."""

    def __init__(self, clip: ClipPlane, icons: IconBook, parent: QWidget) -> None:
        super().__init__(parent)
        _dress(self, "Clipping plane")
        self._clip = clip
        self._filling = False
        self.axis = QComboBox()
        self.axis.setAccessibleName("Direction of the plane")
        self.axis.setToolTip("The direction that the plane stands across")
        for name in AXES:
            self.axis.addItem(_AXIS_WORDS[name], name)
        self.axis.activated.connect(lambda index: clip.set_axis(AXES[index]))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _TICKS)
        self.slider.setMinimumWidth(160)
        self.slider.setAccessibleName("Place of the plane")
        self.slider.setToolTip("Where the plane stands, from one side of the scene to the other")
        self.slider.valueChanged.connect(self._slide)
        self.number = NumberField("Place of the plane in metres", 0.01, 4)
        self.number.setSuffix(" m")
        self.number.setKeyboardTracking(False)
        self.number.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.number.setFixedWidth(104)
        self.number.setToolTip("Metres from the world's origin")
        self.number.valueChanged.connect(self._type)
        self.flip = _button("flip", "Cut the other side away", icons, clip.flip)
        self.close_button = _button("close", "Show the scene whole (C)", icons, lambda: clip.set_on(False))
        for widget in (self.axis, self.slider, self.number, self.flip, self.close_button):
            _row(self).addWidget(widget)
        clip.changed.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        self._filling = True
        low, high = self._clip.limits
        self.axis.setCurrentIndex(AXES.index(self._clip.axis))
        share = (self._clip.offset - low) / (high - low) if high > low else 0.5
        self.slider.setValue(round(share * _TICKS))
        self.number.setSingleStep(max((high - low) / 100, 1e-4))
        self.number.setValue(self._clip.offset)
        self._filling = False

    def _slide(self, ticks: int) -> None:
        if not self._filling:
            low, high = self._clip.limits
            self._clip.set_offset(low + (high - low) * ticks / _TICKS)

    def _type(self, metres: float) -> None:
        if not self._filling:
            self._clip.set_offset(metres)


class MeasureBar(QFrame):
    """What was measured, to copy and to clear."""

    def __init__(self, measurement: Measurement, icons: IconBook, parent: QWidget) -> None:
        super().__init__(parent)
        _dress(self, "Measurement")
        self._measurement = measurement
        self.text = QLabel()
        self.text.setFont(figures(self.font()))
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.text.setContentsMargins(6, 0, 6, 0)
        self.copy = _button("copy", "Copy all points and distances as a table", icons, self._copy)
        self.clear = _button("trash", "Clear the measurement (Del)", icons, measurement.clear)
        for widget in (self.text, self.copy, self.clear):
            _row(self).addWidget(widget)
        measurement.changed.connect(self._fill)
        self._fill()

    def _fill(self) -> None:
        self.text.setText(self._measurement.summary())
        some = bool(self._measurement.points)
        self.copy.setVisible(len(self._measurement.points) > 1)
        self.clear.setVisible(some)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self._measurement.table())


def _frame(name: str) -> QFrame:
    frame = QFrame()
    _dress(frame, name)
    return frame


def _dress(frame: QFrame, name: str) -> None:
    frame.setProperty("role", "card")
    frame.setAccessibleName(name)
    frame.setCursor(Qt.CursorShape.ArrowCursor)
    row = QHBoxLayout(frame)
    row.setContentsMargins(3, 3, 3, 3)
    row.setSpacing(2)


def _row(frame: QFrame) -> QHBoxLayout:
    layout = frame.layout()
    assert isinstance(layout, QHBoxLayout)
    return layout


def _gap() -> QFrame:
    line = QFrame()
    line.setFixedWidth(9)
    return line


def _button(icon: str, tip: str, icons: IconBook, run: Callable[[], object]) -> QToolButton:
    button = QToolButton()
    button.setToolTip(tip)
    button.setAccessibleName(tip)
    button.setIconSize(QSize(16, 16))
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(lambda: run())
    icons.bind(button, icon)
    return button
