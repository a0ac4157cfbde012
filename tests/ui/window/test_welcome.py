"""The empty lab: examples, last files, and the one click that starts everything."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

from lab.chapter import find
from lab.examples import examples
from ui.look.theme import ThemeManager
from ui.window.welcome import Welcome


@pytest.fixture
def welcome(qtbot):
    themes = ThemeManager()
    themes.apply()
    widget = Welcome(find("mesh-fitting"), themes)
    qtbot.addWidget(widget)
    widget.resize(760, 700)
    widget.show()
    return widget


def buttons(welcome: Welcome) -> dict[str, QToolButton]:
    return {button.accessibleName(): button for button in welcome.findChildren(QToolButton)}


def test_every_example_is_a_picture_that_opens_it(qtbot, welcome):
    for example in examples():
        button = buttons(welcome)[f"Open the example {example.title}"]
        assert not button.icon().isNull()
        assert example.credit in button.toolTip()
        with qtbot.waitSignal(welcome.exampleChosen) as chosen:
            qtbot.keyClick(button, Qt.Key.Key_Space)
        assert chosen.args == [example.name]


def test_the_first_button_starts_and_the_second_opens(qtbot, welcome):
    assert welcome.start.text() == "Open spot and fit it"
    with qtbot.waitSignal(welcome.startRequested):
        welcome.start.click()
    with qtbot.waitSignal(welcome.openRequested):
        welcome.open.click()


def test_only_files_that_are_there_are_offered(qtbot, welcome, tmp_path):
    there, gone = tmp_path / "there.ply", tmp_path / "gone.ply"
    there.write_text("ply")
    welcome.set_recent_files([str(gone), str(there)])
    assert f"Open {gone}" not in buttons(welcome)
    with qtbot.waitSignal(welcome.fileChosen) as chosen:
        buttons(welcome)[f"Open {there}"].click()
    assert chosen.args == [str(there)]
    assert welcome._recent_title.isVisible()
    welcome.set_recent_files([])
    assert not welcome._recent_title.isVisible()


def test_the_examples_reflow_where_it_is_narrow(qtbot, welcome):
    def columns() -> int:
        cards = [b for name, b in buttons(welcome).items() if name.startswith("Open the example")]
        return len({card.x() for card in cards})

    qtbot.waitUntil(lambda: columns() == 4 or columns() == 5)
    welcome.resize(380, 700)
    qtbot.waitUntil(lambda: columns() == 2)
    assert not welcome.horizontalScrollBar().isVisible()
