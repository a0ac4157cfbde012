"""The notes of a study."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QToolButton

from lab.study import Note
from ui.studies.notes import NoteStack

INFO, WARNING, ERROR = Note("info", "One.", "Do this."), Note("warning", "Two."), Note("error", "Three.")


@pytest.fixture
def stack(themes, shown):
    return shown(NoteStack(themes))


def test_the_gravest_comes_first(stack):
    stack.show_notes((INFO, WARNING, ERROR))
    assert stack.texts() == ("Three.", "Two.", "One. Do this.")
    stack.show_notes((INFO,))
    assert stack.texts() == ("One. Do this.",)
    stack.show_notes(())
    assert stack.texts() == ()


def dismiss(stack: NoteStack, place: int) -> None:
    bar = stack._bars[place]
    next(b for b in bar.findChildren(QToolButton) if b.accessibleName() == "Dismiss").click()


def test_a_dismissed_note_stays_away_until_the_study_drops_it(stack):
    stack.show_notes((INFO, WARNING))
    dismiss(stack, 0)
    assert stack.texts() == ("One. Do this.",)
    stack.show_notes((INFO, WARNING, ERROR))
    stack.show_notes((INFO, WARNING))
    assert stack.texts() == ("One. Do this.",)
    stack.show_notes((INFO,))
    stack.show_notes((INFO, WARNING))
    assert stack.texts() == ("Two.", "One. Do this.")
