"""The doctor's line, the banner and the log."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QApplication

from lab.experiment import Notice
from ui.look.theme import DARK, LIGHT, ThemeManager
from ui.runs.notices import Banner, NoticeBar
from ui.window.log import LogView


@pytest.fixture
def themes(qapp):
    manager = ThemeManager()
    manager.apply()
    return manager


def test_a_notice_says_what_to_do_and_leads_to_its_term(qtbot, themes):
    bar = NoticeBar(themes)
    qtbot.addWidget(bar)
    assert bar.isHidden()
    bar.show_notice(Notice(12, "warning", "The loss explodes.", "Lower the learning rate.", term="edge"))
    assert not bar.isHidden()
    assert bar.text() == "The loss explodes. Lower the learning rate."
    assert DARK.warning in bar.styleSheet()
    with qtbot.waitSignal(bar.termRequested) as signal:
        qtbot.mouseClick(bar._link, Qt.MouseButton.LeftButton)
    assert signal.args == ["edge"]
    bar.show_notice(Notice(13, "info", "All is well."))
    assert bar._link.isHidden()
    bar.clear()
    assert bar.isHidden()


def test_a_banner_keeps_its_details_behind_a_button(qtbot, themes):
    banner = Banner(themes)
    qtbot.addWidget(banner)
    banner.show_message("The worker ended.", "Traceback: 42", "Run again")
    assert banner._details.isHidden()
    qtbot.mouseClick(banner._more, Qt.MouseButton.LeftButton)
    assert not banner._details.isHidden()
    qtbot.mouseClick(banner._copy, Qt.MouseButton.LeftButton)
    assert QApplication.clipboard().text() == "The worker ended.\n\nTraceback: 42"
    with qtbot.waitSignal(banner.actionTriggered):
        qtbot.mouseClick(banner._action, Qt.MouseButton.LeftButton)
    banner.show_message("Something else.")
    assert banner._action.isHidden()
    assert banner._more.isHidden()
    assert banner._details.isHidden()


def test_the_log_is_bounded_and_tells_levels(qtbot, themes):
    log = LogView(themes)
    qtbot.addWidget(log)
    for number in range(2100):
        log.add(f"line {number}")
    log.add("careful", "warning")
    lines = log.text().splitlines()
    assert len(lines) == 2000
    assert lines[-1].endswith("Warning: careful")
    assert lines[-2].endswith("line 2099")


def test_old_lines_of_the_log_stay_readable_in_the_other_theme(qtbot, themes):
    log = LogView(themes)
    qtbot.addWidget(log)
    log.add("hello")
    log.add("careful", "warning")
    before = log.text()
    themes.set_theme("light")

    def color(line):
        cursor = QTextCursor(log._text.document().findBlockByNumber(line))
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock)
        return cursor.charFormat().foreground().color().name()

    assert log.text() == before
    assert [color(0), color(1)] == [LIGHT.text, LIGHT.warning]


def test_a_cleared_log_stays_clear_in_the_other_theme(qtbot, themes):
    log = LogView(themes)
    qtbot.addWidget(log)
    log.add("hello")
    log.clear()
    themes.set_theme("light")
    assert log.text() == ""
