"""Bars of the window: the tool bar's fields and the status bar."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QSpinBox,
    QToolBar,
    QToolButton,
    QWidget,
)

from lab.render.messages import Hit
from ui.look.icon_binding import IconBook
from ui.look.theme import figures
from ui.look.units import significant
from ui.window.actions import Actions, plain
from ui.window.settings import VIEW_SHARES

_BUDGETS_MB = (128, 256, 512, 1024, 2048, 4096, 8192)
_MB = 1 << 20
_STATES = {
    "starting": "Starting the worker",
    "idle": "Ready",
    "preparing": "Preparing",
    "running": "Running",
    "paused": "Paused",
    "evaluating": "Measuring the result",
}


class _PrimaryButton(QToolButton):
    """Triggers an action, in the accent colour and with an icon of its own."""

    def __init__(self, action: QAction) -> None:
        super().__init__()
        self._action = action
        self.setProperty("primary", True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.clicked.connect(action.trigger)
        action.changed.connect(self._follow)
        self._follow()

    def _follow(self) -> None:
        words = plain(self._action.text())
        self.setText(words)
        self.setAccessibleName(words)
        self.setToolTip(self._action.toolTip())
        self.setEnabled(self._action.isEnabled())


class MainBar(QToolBar):
    """Open and save, the run, its device, seed and memory, what it leaves to the view, and the theme."""

    seedChanged = Signal(int)
    budgetChanged = Signal(int)
    """Bytes."""
    shareChanged = Signal(int)
    """Percent of the time that the view may draw while a run works."""

    def __init__(self, actions: Actions, icons: IconBook, parent: QWidget) -> None:
        super().__init__("Tool bar", parent)
        self.setObjectName("tool bar")
        self.setMovable(False)
        self.setIconSize(QSize(20, 20))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._add(actions, "open", words=True)
        self._add(actions, "save")
        self.addSeparator()
        self.run_button = _PrimaryButton(actions["run"])
        icons.bind(self.run_button, "run", lambda theme: theme.on_accent)
        self.addWidget(self.run_button)
        for name in ("pause", "step", "stop", "restart"):
            self._add(actions, name)
        self.addSeparator()
        self.device = QComboBox()
        self.device.addItem("cpu")
        self.device.setAccessibleName("Device")
        self.device.setToolTip("What the run computes on")
        self.seed = QSpinBox()
        self.seed.setRange(0, 2**31 - 1)
        self.seed.setAccessibleName("Seed")
        self.seed.setToolTip("Start of the random numbers: the same seed gives the same run")
        self.seed.setFont(figures(self.font()))
        self.seed.setFixedWidth(88)
        self.seed.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.seed.valueChanged.connect(self.seedChanged)
        self.budget = QComboBox()
        self.budget.setAccessibleName("Recording memory")
        self.budget.setToolTip("Memory that the recordings of all runs may take")
        for size in _BUDGETS_MB:
            self.budget.addItem(f"{size} MB" if size < 1024 else f"{size // 1024} GB", size * _MB)
        self.budget.activated.connect(lambda index: self.budgetChanged.emit(self.budget.itemData(index)))
        self.share = QSlider(Qt.Orientation.Horizontal)
        self.share.setRange(*VIEW_SHARES)
        self.share.setFixedWidth(84)
        self.share.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.share.setAccessibleName("Share of the view")
        self.share.valueChanged.connect(self._on_share)
        fields = (("cpu", self.device), ("seed", self.seed), ("memory", self.budget), ("eye", self.share))
        for icon, widget in fields:
            self.addWidget(_labelled(icon, widget, icons))
        gap = QWidget()
        gap.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(gap)
        self._add(actions, "theme")

    def _add(self, actions: Actions, name: str, *, words: bool = False) -> QToolButton:
        self.addAction(actions[name])
        button = self.widgetForAction(actions[name])
        assert isinstance(button, QToolButton)
        style = Qt.ToolButtonStyle
        button.setToolButtonStyle(style.ToolButtonTextBesideIcon if words else style.ToolButtonIconOnly)
        button.setAccessibleName(actions[name].text().replace("&", ""))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _on_share(self, percent: int) -> None:
        self.share.setToolTip(
            f"The view may draw for {percent} % of the time while a run works: "
            "more moves smoother, less leaves more to the run"
        )
        self.shareChanged.emit(percent)

    def set_devices(self, devices: Sequence[str]) -> None:
        """What the worker can compute on; a choice only where there is one."""
        chosen = self.device.currentText()
        self.device.clear()
        self.device.addItems(list(devices))
        self.device.setCurrentText(chosen)
        self.device.setEnabled(len(devices) > 1)

    def set_budget(self, budget_bytes: int) -> None:
        """Show another budget; one that is not in the list is added to it."""
        index = self.budget.findData(budget_bytes)
        if index < 0:
            self.budget.addItem(f"{budget_bytes / _MB:.0f} MB", budget_bytes)
            index = self.budget.count() - 1
        self.budget.setCurrentIndex(index)


class Status(QWidget):
    """The line at the bottom: what the lab does, how far and how fast, and what lies under the mouse."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state, self._step, self._rate, self._hover = QLabel(), QLabel(), QLabel(), QLabel()
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(24)
        for label, name, width in (
            (self._state, "State", 0),
            (self._step, "Step", 0),
            (self._rate, "Speed", 0),
            (self._hover, "Under the mouse", 0),
        ):
            label.setFont(figures(self.font()))
            label.setAccessibleName(name)
            label.setMinimumWidth(width)
        self._state.setMinimumWidth(120)
        self._hover.setProperty("role", "muted")
        self._hover.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._hover.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        layout.addWidget(self._state)
        layout.addWidget(self._step)
        layout.addWidget(self._rate)
        layout.addWidget(self._hover, 1)

    def show_state(self, state: str, work: str) -> None:
        """What the lab does; work: which part of it."""
        self._set(self._state, work or _STATES[state])

    def show_step(self, step: int | None, total: int, shown: int | None) -> None:
        """How far the run is, and which step is looked at instead; None for no run."""
        text = "" if step is None else f"Step {max(step, 0):,}" + (f" of {total:,}" if total else "")
        if shown is not None:
            text += f", showing {shown:,}"
        self._set(self._step, text)

    def show_rate(self, rate: float | None) -> None:
        """Steps per second."""
        self._set(self._rate, "" if rate is None else f"{rate:.1f} steps/s")

    def show_hit(self, hit: Hit | None) -> None:
        """What lies under the mouse."""
        if hit is None:
            self._set(self._hover, "")
            return
        where = "  ".join(f"{axis} {significant(float(x))}" for axis, x in zip("xyz", hit.position, strict=True))
        parts = [hit.path] if hit.kind == "field" else [hit.path, f"{hit.kind} {hit.index:,}"]
        if hit.kind == "face":
            parts.append(f"vertex {hit.vertex:,}")
        if hit.barycentric is not None:
            parts.append("(" + ", ".join(f"{x:.2f}" for x in np.asarray(hit.barycentric).tolist()) + ")")
        self._set(self._hover, "   ".join([*parts, f"{where} m"]))

    def texts(self) -> tuple[str, ...]:
        """State, step, speed and what is under the mouse, as shown."""
        return self._state.text(), self._step.text(), self._rate.text(), self._hover.text()

    @staticmethod
    def _set(label: QLabel, text: str) -> None:
        if label.text() != text:
            label.setText(text)


def _labelled(icon: str, widget: QWidget, icons: IconBook) -> QWidget:
    """A widget with an icon before it."""
    holder = QWidget()
    mark = QToolButton()
    mark.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    mark.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    mark.setIconSize(QSize(16, 16))
    mark.setToolTip(widget.toolTip())
    icons.bind(mark, icon)
    layout = QHBoxLayout(holder)
    layout.setContentsMargins(4, 0, 4, 0)
    layout.setSpacing(0)
    layout.addWidget(mark)
    layout.addWidget(widget)
    return holder
