"""The timeline, by mouse and keyboard."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QInputDialog

from ui.look.theme import ThemeManager
from ui.runs.timeline import Timeline

MB = 1 << 20


@pytest.fixture
def timeline(qtbot):
    line = Timeline(ThemeManager())
    qtbot.addWidget(line)
    line.resize(824, 80)
    line.set_range(0, 1000, 2000, np.arange(0, 1001, 10))
    line.show()
    qtbot.waitExposed(line)
    return line


def press(qtbot, timeline, share):
    """Press at a share of the track's line."""
    track = timeline._track
    qtbot.mousePress(track, Qt.MouseButton.LeftButton, pos=QPoint(round(12 + share * (track.width() - 24)), 14))


def test_dragging_shows_the_nearest_kept_step(qtbot, timeline):
    with qtbot.waitSignal(timeline.scrubbed) as signal:
        press(qtbot, timeline, 0.2517)  # of 2000 steps: 503.4
    assert signal.args == [500]
    assert timeline.position == 500
    assert timeline._readout.text() == "step 500 of 2,000 (shown)"


def test_beyond_the_newest_step_is_live(qtbot, timeline):
    timeline.set_position(100)
    with qtbot.waitSignal(timeline.scrubbed) as signal:
        press(qtbot, timeline, 0.9)
    assert signal.args == [None]
    assert timeline._live.isChecked()


@pytest.mark.parametrize(
    ("start", "key", "shown"),
    [
        (500, Qt.Key.Key_Left, 490),
        (500, Qt.Key.Key_Right, 510),
        (None, Qt.Key.Key_Left, 990),
        (1000, Qt.Key.Key_Right, None),
        (0, Qt.Key.Key_Left, 0),
        (500, Qt.Key.Key_Home, 0),
        (500, Qt.Key.Key_End, None),
    ],
)
def test_keys_go_from_kept_step_to_kept_step(qtbot, timeline, start, key, shown):
    timeline.set_position(start)
    with qtbot.waitSignal(timeline.scrubbed) as signal:
        qtbot.keyClick(timeline._track, key)
    assert signal.args == [shown]


def test_playing_goes_forward_and_ends_live(qtbot, timeline):
    seen = []
    timeline.scrubbed.connect(seen.append)
    timeline._speed.setCurrentIndex(timeline._speed.count() - 1)
    timeline.set_position(700)
    qtbot.keyClick(timeline._track, Qt.Key.Key_Space)
    assert timeline.playing
    qtbot.waitUntil(lambda: not timeline.playing, timeout=5000)
    assert seen[0] == 700
    assert seen[-1] is None
    steps = seen[:-1]
    assert steps == sorted(steps)
    assert len(set(steps)) > 3


def test_branching_names_the_step_shown(qtbot, timeline):
    timeline.set_position(400)
    with qtbot.waitSignal(timeline.branchRequested) as signal:
        qtbot.mouseClick(timeline._branch, Qt.MouseButton.LeftButton)
    assert signal.args == [400]
    timeline.set_position(None)
    with qtbot.waitSignal(timeline.branchRequested) as signal:
        qtbot.mouseClick(timeline._branch, Qt.MouseButton.LeftButton)
    assert signal.args == [1000]


def test_the_range_may_grow_while_looking_back(timeline):
    timeline.set_position(400)
    timeline.set_range(0, 1500, 2000, np.arange(0, 1501, 20))
    assert timeline.position == 400


def test_memory_is_shown_and_changed(qtbot, timeline, monkeypatch):
    timeline.set_usage(34 * MB, 512 * MB)
    assert timeline._memory.text() == "34 of 512 MB"
    monkeypatch.setattr(QInputDialog, "getInt", lambda *_: (1024, True))
    with qtbot.waitSignal(timeline.budgetChanged) as signal:
        qtbot.mouseClick(timeline._memory, Qt.MouseButton.LeftButton)
    assert signal.args == [1024 * MB]


def test_without_a_run_nothing_can_be_pressed(timeline):
    timeline.clear()
    assert timeline._readout.text() == "No run yet"
    assert not timeline._play.isEnabled()
    assert not timeline._branch.isEnabled()


def test_in_a_narrow_window_the_buttons_do_without_words(qtbot, timeline):
    timeline.resize(600, 80)
    qtbot.waitUntil(lambda: timeline._branch.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly)
    assert timeline._branch.accessibleName() == "Continue from here"
    timeline.resize(1000, 80)
    qtbot.waitUntil(lambda: timeline._branch.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    assert timeline.minimumSizeHint().width() <= 600
