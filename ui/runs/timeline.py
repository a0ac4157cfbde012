"""The timeline: the whole run as a line that one can drag along, play back, and branch from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lab.scene import Array
from ui.look.icon_binding import IconBook
from ui.look.theme import Theme, ThemeManager, figures

_SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
_PLAY_SECONDS = 10.0  # the whole run, at speed 1
_TICK_MS = 40
_MARGIN = 12  # px beside the line, so that its ends can be grabbed
_MB = 1 << 20
_NARROWEST, _ROOMY = 560, 700  # px


class Timeline(QWidget):
    """Shows how far a run is, which of its steps were kept, and lets one look at any of these while it goes on."""

    scrubbed = Signal(object)
    """A step to look at, or None for the newest."""
    branchRequested = Signal(int)
    """Go on from this step as a new run."""
    budgetChanged = Signal(int)
    """Bytes that the recordings may take."""

    def __init__(self, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._budget = 512 * _MB
        self._icons = IconBook(themes)
        self._track = _Track(themes.theme)
        self._track.moved.connect(self._go)
        themes.changed.connect(self._track.set_theme)
        self.setAccessibleName("Timeline")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocusProxy(self._track)
        self._track.keyed.connect(self._key)

        self._play = self._button("run", "Play", "Play the run back from here (Space, with the timeline in focus).")
        self._play.clicked.connect(self._toggle_play)
        self._first = self._button("first", "First", "The first step (Home).")
        self._first.clicked.connect(self._to_first)
        self._live = self._button("live", "Live", "Follow the newest step (End).")
        self._live.setText("Live")
        self._live.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._live.setCheckable(True)
        self._live.clicked.connect(lambda: self._go(None))
        self._branch = self._button(
            "branch", "Continue from here", "Go on from the step shown as a new run, with the values set in the panel."
        )
        self._branch.setText("Continue from here")
        self._branch.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._branch.clicked.connect(self._ask_branch)
        self._speed = QComboBox()
        for speed in _SPEEDS:
            self._speed.addItem(f"{speed:g}x", speed)
        self._speed.setCurrentIndex(_SPEEDS.index(1.0))
        self._speed.setToolTip("Speed of playing back; at 1x the whole run takes 10 seconds.")
        self._speed.setAccessibleName("Playing speed")
        self._readout = QLabel("")
        self._readout.setFont(figures(self._readout.font()))
        self._readout.setAccessibleName("Step shown")
        self._memory = QToolButton()
        self._memory.setFont(figures(self._memory.font()))
        self._memory.setToolTip("Memory that the recordings take, of what they may take. Press to change it.")
        self._memory.setAccessibleName("Recording memory")
        self._memory.clicked.connect(self._ask_budget)

        row = QHBoxLayout()
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(4)
        for widget in (self._first, self._play, self._speed, self._live, self._readout):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self._branch)
        row.addWidget(self._memory)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.setSpacing(2)
        layout.addWidget(self._track)
        layout.addLayout(row)

        self._player = QTimer(self)
        self._player.setInterval(_TICK_MS)
        self._player.timeout.connect(self._tick)
        self._head = 0.0
        self._shows_pause = False
        self.set_usage(0, self._budget)
        self._refresh()

    def minimumSizeHint(self) -> QSize:
        return QSize(_NARROWEST, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room, the buttons do without words; their tips have them."""
        beside, alone = Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly
        self._branch.setToolButtonStyle(beside if self.width() >= _ROOMY else alone)
        self._live.setToolButtonStyle(beside if self.width() >= _ROOMY else alone)
        super().resizeEvent(event)

    def _button(self, icon: str, name: str, tip: str) -> QToolButton:
        button = QToolButton()
        self._icons.bind(button, icon)
        button.setIconSize(QSize(16, 16))
        button.setToolTip(tip)
        button.setAccessibleName(name)
        return button

    # --- what the window asks -------------------------------------------------------------------------------------

    def set_range(self, first: int, last: int, total: int, keyframe_steps: Sequence[int] | Array) -> None:
        """The run has made the steps ``first`` to ``last`` of ``total``; those of ``keyframe_steps`` can be shown."""
        self._track.set_range(first, last, max(total, last), np.asarray(keyframe_steps, np.int64))
        self._refresh()

    def clear(self) -> None:
        """No run is there."""
        self.stop_playing()
        self._track.set_range(0, -1, 0, np.empty(0, np.int64))
        self._track.set_position(None)
        self._refresh()

    def set_position(self, step: int | None) -> None:
        """The step that is shown; None follows the newest."""
        self._track.set_position(step)
        self._refresh()

    @property
    def position(self) -> int | None:
        """The step that is shown, None for the newest."""
        return self._track.position

    def set_usage(self, used: int, budget: int) -> None:
        """Bytes that the recordings take, of what they may."""
        self._budget = budget
        self._memory.setText(f"{used / _MB:,.0f} of {budget / _MB:,.0f} MB")

    @property
    def playing(self) -> bool:
        """Whether the run is being played back."""
        return self._player.isActive()

    def stop_playing(self) -> None:
        """Stand still."""
        self._player.stop()
        self._refresh()

    # --- moving ---------------------------------------------------------------------------------------------------

    def _go(self, step: int | None) -> None:
        """Show the nearest step that was kept, and tell."""
        if step is not None:
            step = self._track.nearest(step)
            self._head = float(step if step is not None else 0)
        self._track.set_position(step)
        self._refresh()
        self.scrubbed.emit(step)

    def _to_first(self) -> None:
        self._go(self._track.first)

    def _neighbour(self, direction: int) -> None:
        """The keyframe before or after the one shown."""
        kept = self._track.kept
        if not len(kept):
            return
        position = self._track.last if self._track.position is None else self._track.position
        if direction > 0:
            later = kept[kept > position]
            self._go(int(later[0]) if len(later) else None)
        else:
            earlier = kept[kept < position]
            self._go(int(earlier[-1]) if len(earlier) else int(kept[0]))

    def _toggle_play(self) -> None:
        if self.playing:
            self.stop_playing()
            return
        if not len(self._track.kept):
            return
        position = self._track.position
        at_end = position is None or position >= int(self._track.kept[-1])
        self._head = float(self._track.first if at_end else position or 0)
        self._player.start()
        self._go(int(self._head))

    def _tick(self) -> None:
        length = max(self._track.last - self._track.first, 1)
        self._head += float(self._speed.currentData()) * length * _TICK_MS / 1000 / _PLAY_SECONDS
        if self._head >= self._track.last:
            self.stop_playing()
            self._go(None)
            return
        step = self._track.nearest(int(self._head))
        if step != self._track.position:
            head = self._head
            self._go(step)
            self._head = head

    def _key(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        actions = {
            Qt.Key.Key_Left: lambda: self._neighbour(-1),
            Qt.Key.Key_Right: lambda: self._neighbour(1),
            Qt.Key.Key_Home: self._to_first,
            Qt.Key.Key_End: lambda: self._go(None),
            Qt.Key.Key_Space: self._toggle_play,
        }
        action = actions.get(key)
        if action is None:
            event.ignore()
            return
        if key != Qt.Key.Key_Space:
            self.stop_playing()
        action()

    # --- asking ---------------------------------------------------------------------------------------------------

    def _ask_branch(self) -> None:
        step = self._track.position
        if step is None and len(self._track.kept):
            step = int(self._track.kept[-1])
        if step is not None:
            self.stop_playing()
            self.branchRequested.emit(step)

    def _ask_budget(self) -> None:
        megabytes, accepted = QInputDialog.getInt(
            self,
            "Recording memory",
            "Megabytes for the kept steps of all runs.\nWhen they are used up, every second step is let go.",
            self._budget // _MB,
            16,
            65_536,
            64,
        )
        if accepted:
            self.budgetChanged.emit(megabytes * _MB)

    def _refresh(self) -> None:
        track = self._track
        there = len(track.kept) > 0
        for widget in (self._play, self._first, self._live, self._branch, self._speed):
            widget.setEnabled(there)
        self._live.setChecked(there and track.position is None)
        if self.playing != self._shows_pause:
            self._shows_pause = self.playing
            self._icons.rebind(self._play, "pause" if self.playing else "run")
            self._play.setAccessibleName("Pause playing" if self.playing else "Play")
        if not there:
            self._readout.setText("No run yet")
        elif track.position is None:
            self._readout.setText(f"step {track.last:,} of {track.total:,}")
        else:
            self._readout.setText(f"step {track.position:,} of {track.total:,} (shown)")


class _Track(QWidget):
    """The line itself: what is done, what was kept, and the handle."""

    moved = Signal(object)
    keyed = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.first, self.last, self.total = 0, -1, 0
        self.kept: Array = np.empty(0, np.int64)
        self.position: int | None = None
        self.setFixedHeight(28)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip("Drag to look at an earlier step; Left and Right go from one kept step to the next.")
        self.setAccessibleName("Steps of the run")

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def set_range(self, first: int, last: int, total: int, kept: Array) -> None:
        self.first, self.last, self.total, self.kept = first, last, total, kept
        self.update()

    def set_position(self, step: int | None) -> None:
        self.position = step
        self.update()

    def nearest(self, step: int) -> int | None:
        """The kept step nearest to ``step``."""
        if not len(self.kept):
            return None
        return int(self.kept[np.abs(self.kept - step).argmin()])

    def _x(self, step: float) -> float:
        length = max(self.total - self.first, 1)
        return _MARGIN + (step - self.first) / length * (self.width() - 2 * _MARGIN)

    def _step(self, x: float) -> int:
        share = (x - _MARGIN) / max(self.width() - 2 * _MARGIN, 1)
        return round(self.first + min(max(share, 0.0), 1.0) * (self.total - self.first))

    def paintEvent(self, _event: QPaintEvent) -> None:
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        middle = self.height() / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.border))
        painter.drawRoundedRect(QRectF(_MARGIN, middle - 2, self.width() - 2 * _MARGIN, 4), 2, 2)
        if self.last < self.first:
            return
        painter.setBrush(QColor(theme.muted))
        painter.drawRoundedRect(QRectF(_MARGIN, middle - 2, max(self._x(self.last) - _MARGIN, 4), 4), 2, 2)
        self._paint_kept(painter, middle)
        shown = self.last if self.position is None else self.position
        painter.setPen(QPen(QColor(theme.text if self.hasFocus() else theme.panel), 2))
        painter.setBrush(QColor(theme.accent))
        painter.drawEllipse(QPointF(self._x(shown), middle), 7, 7)

    def _paint_kept(self, painter: QPainter, middle: float) -> None:
        """A tick per kept step, but not more than one every 3 px."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(QPen(QColor(self._theme.muted), 1))
        every = max(1, int(np.ceil(3 * len(self.kept) / max(self._x(self.last) - _MARGIN, 1))))
        for step in self.kept[::every]:
            x = round(self._x(float(step)))
            painter.drawLine(x, round(middle + 5), x, round(middle + 8))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self._drag(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._drag(event)

    def _drag(self, event: QMouseEvent) -> None:
        if len(self.kept):
            step = self._step(event.position().x())
            self.moved.emit(None if step >= self.last else step)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        self.keyed.emit(event)
        if not event.isAccepted():
            super().keyPressEvent(event)
