"""Rows of panes: hidden, maximised, and their sizes kept."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtWidgets import QApplication

from lab.study import Pane
from ui.studies.arrangement import Arrangement
from ui.studies.panes.frame import PaneFrame
from ui.studies.panes.picture import PicturePane
from ui.studies.panes.text import TextPane


@pytest.fixture
def make(themes, shown):
    def arrangement() -> Arrangement:
        def frame(key: str, kind: str) -> PaneFrame:
            pane = Pane(key, key.upper(), kind)
            body = PicturePane(pane, themes) if kind == "picture" else TextPane(pane, themes)
            return PaneFrame(pane, body, themes)

        rows = [[frame("a", "picture"), frame("b", "picture")], [frame("c", "text"), frame("d", "text")]]
        return shown(Arrangement(rows), 1006, 1006)

    return arrangement


def settle() -> None:
    """Let Qt lay out what was shown or hidden."""
    QApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)
    QApplication.processEvents()


def seen(arrangement: Arrangement) -> str:
    return "".join(key for key, frame in arrangement._frames.items() if frame.isVisible())


def test_panes_that_are_not_shown_leave_their_room_to_the_others(make):
    arrangement = make()
    assert seen(arrangement) == "abcd"
    arrangement.show_only({"a"})
    settle()
    assert seen(arrangement) == "a"
    assert arrangement._frames["a"].width() == arrangement.width()
    assert arrangement._frames["a"].height() == arrangement.height()
    arrangement.show_only({"a", "c", "d"})
    settle()
    assert seen(arrangement) == "acd"


def test_pictures_get_more_room_than_words(make):
    arrangement = make()
    assert arrangement._frames["a"].height() == pytest.approx(600, abs=3)
    assert arrangement._frames["c"].height() == pytest.approx(400, abs=3)
    assert arrangement._frames["a"].width() == pytest.approx(500, abs=3)


def test_one_pane_takes_all_of_it_and_gives_it_back(make):
    arrangement = make()
    before = {key: frame.size() for key, frame in arrangement._frames.items()}
    arrangement.maximise("c")
    settle()
    assert seen(arrangement) == "c"
    assert arrangement._frames["c"].caption.maximise.accessibleName() == "C: show all panes again"
    arrangement.maximise("c")
    settle()
    assert seen(arrangement) == "abcd"
    assert {key: frame.size() for key, frame in arrangement._frames.items()} == before


def test_a_maximised_pane_that_goes_away_gives_the_stage_back(make):
    arrangement = make()
    arrangement.maximise("c")
    settle()
    arrangement.show_only({"a", "b"})
    settle()
    assert seen(arrangement) == "ab"


def drag(qtbot, splitter, by: int) -> None:
    """Pull the first handle of a splitter to the right."""
    handle = splitter.handle(1)
    middle = handle.rect().center()
    qtbot.mousePress(handle, Qt.MouseButton.LeftButton, pos=middle)
    qtbot.mouseMove(handle, middle + QPoint(by, 0))
    qtbot.mouseRelease(handle, Qt.MouseButton.LeftButton, pos=middle + QPoint(by, 0))


def test_sizes_are_remembered_even_of_hidden_panes(qtbot, make):
    first = make()
    drag(qtbot, first._rows[0], 200)
    wide = first._frames["a"].width()
    assert wide == pytest.approx(700, abs=5)
    first.show_only({"b", "c", "d"})
    settle()
    state = json.loads(json.dumps(first.state()))
    second = make()
    second.restore(state)
    settle()
    assert second._frames["a"].width() == pytest.approx(wide, abs=3)
    first.show_only({"a", "b", "c", "d"})
    settle()
    assert first._frames["a"].width() == pytest.approx(wide, abs=3)


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"rows": [1], "columns": [[1, 1]], "maximised": "a"},
        {"rows": [0, 5], "columns": [[1, 1], [1, 1]]},
        {"rows": "x", "columns": 3, "maximised": "zzz"},
        {"rows": [1, 1], "columns": [[1, 1], [1, None]], "maximised": 7},
    ],
)
def test_a_state_of_something_else_is_left_aside(make, state):
    arrangement = make()
    before = arrangement._frames["a"].size()
    arrangement.restore(state)
    settle()
    arrangement.maximise(arrangement.maximised)
    settle()
    assert arrangement._frames["a"].size() == before
