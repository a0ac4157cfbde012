"""The list of chapters: one is open, and its activities can be chosen."""

from __future__ import annotations

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from lab.chapter import activities, chapters
from ui.window.chapter_tree import ChapterTree


def test_every_activity_can_be_chosen(qtbot: QtBot) -> None:
    tree = ChapterTree()
    qtbot.addWidget(tree)
    for key in activities():
        with qtbot.waitSignal(tree.activityChosen) as chosen:
            tree.choose(key)
        assert chosen.args == [key]


def test_only_the_open_chapter_shows_its_activities(qtbot: QtBot) -> None:
    tree = ChapterTree()
    qtbot.addWidget(tree)
    tree.resize(240, 600)
    tree.show()
    first, second = list(chapters().values())[:2]
    for number, chapter in enumerate((first, second)):
        heading = tree.topLevelItem(number)
        assert heading is not None
        with qtbot.waitSignal(tree.activityChosen) as chosen:
            where = tree.visualItemRect(heading).center()
            qtbot.mouseClick(tree.viewport(), Qt.MouseButton.LeftButton, pos=where)
        assert chosen.args == [chapter.activities[0].key]
        expanded = [tree.topLevelItem(i).isExpanded() for i in range(tree.topLevelItemCount())]  # type: ignore[union-attr]
        assert expanded == [i == number for i in range(len(expanded))]


def test_a_key_that_is_unknown_opens_the_first_activity(qtbot: QtBot) -> None:
    tree = ChapterTree()
    qtbot.addWidget(tree)
    with qtbot.waitSignal(tree.activityChosen) as chosen:
        tree.choose("gone")
    assert chosen.args == [next(iter(activities()))]
