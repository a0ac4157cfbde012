"""What a study wants the person to see: a card for each note, in the same look as the doctor's line of a run."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from lab.experiment import Notice
from lab.study import Note
from ui.look.theme import ThemeManager
from ui.runs.notices import NoticeBar

_MOST = 3  # more would hide the parameters that they speak of
_RANK = {"error": 0, "warning": 1, "info": 2}


class NoteStack(QWidget):
    """The notes of the newest board, the gravest first. One that was dismissed stays away until the study drops it."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._shown: list[Note] = []
        self._notes: list[Note] = []
        self._dismissed: set[Note] = set()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        self._bars = [NoticeBar(themes) for _ in range(_MOST)]
        for bar in self._bars:
            bar.setAccessibleName("Note")
            layout.addWidget(bar)

    def show_notes(self, notes: Sequence[Note]) -> None:
        """Show these notes in place of the last ones."""
        notes = sorted(notes, key=lambda note: _RANK[note.level])
        if notes == self._notes:
            return
        self._dismissed |= {note for note, bar in zip(self._shown, self._bars, strict=False) if bar.isHidden()}
        self._dismissed &= set(notes)
        self._notes = notes
        self._shown = [note for note in notes if note not in self._dismissed][:_MOST]
        for place, bar in enumerate(self._bars):
            if place < len(self._shown):
                note = self._shown[place]
                bar.show_notice(Notice(0, note.level, note.text, note.advice))
            else:
                bar.clear()

    def texts(self) -> tuple[str, ...]:
        """What is shown."""
        return tuple(bar.text() for bar in self._bars if not bar.isHidden())
