"""What the person does to the values of studies, as commands that can be undone: one for each gesture."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtGui import QUndoCommand, QUndoStack

from lab.chapter import Activity
from lab.params import declared
from ui.forms.row import plain_words
from ui.studies.panel import StudyPanel

_QUICK = 1.0  # seconds; the same thing done again sooner belongs to the same gesture, such as a key held down
_MOST_NAMES = 3
_OBJECTS = ("geometry", "geometries")  # they come and go with the scene, whose history is another


class EditValues(QUndoCommand):
    """Some parameters of a study have other values. apply: shows values in the study's form."""

    def __init__(
        self,
        apply: Callable[[Mapping[str, Any]], None],
        before: Mapping[str, Any],
        after: Mapping[str, Any],
        text: str,
    ) -> None:
        super().__init__(text)
        self._apply = apply
        self._before, self._after = dict(before), dict(after)
        self._done = True  # whoever makes it has changed the values already

    def redo(self) -> None:
        if not self._done:
            self._apply(self._after)
        self._done = True

    def undo(self) -> None:
        self._done = False
        self._apply(self._before)

    def extend(self, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        """The gesture went on, or others followed from it."""
        self._before = {**before, **self._before}
        self._after.update(after)

    @property
    def changes_nothing(self) -> bool:
        """Whether everything is back where it was."""
        return self._before == self._after


@dataclass
class _Gesture:
    """What the person does now. command: None as long as no value is another one; sealed: it is over."""

    panel: StudyPanel
    key: str
    title: str
    at: float
    command: EditValues | None = None
    sealed: bool = False


class ValueEdits:
    """Watches the values of the studies' panels and keeps each gesture in the window's history.

    Values that change while no one does anything, or because of what was done (a joint that was pulled changes the
    pose), belong to the gesture before. What follows from an undo is no gesture. show: opens the activity with a key.
    """

    def __init__(self, stack: QUndoStack, show: Callable[[str], None]) -> None:
        self._stack = stack
        self._show = show
        self._settled: dict[StudyPanel, dict[str, Any]] = {}
        self._gesture: _Gesture | None = None
        self._ours = False
        stack.indexChanged.connect(lambda _: self._on_index())

    def follow(self, panel: StudyPanel) -> None:
        """Keep what the person does in a panel from now on."""
        self._settled[panel] = panel.form.values()
        panel.gesture.connect(lambda title, held: self.begin(panel, title, title, held=held))
        panel.gestureEnded.connect(self.seal)
        panel.valuesChanged.connect(lambda values: self.take(panel, values))

    def begin(self, panel: StudyPanel, title: str, key: str, *, held: bool = False) -> None:
        """The person is about to change values, or goes on with it.

        title: for the menu. key: the same for what can be one gesture. held: something is in their hand meanwhile.
        """
        now = time.monotonic()
        gesture = self._gesture
        same = gesture is not None and (gesture.panel, gesture.key) == (panel, key) and not gesture.sealed
        if gesture is not None and same and (held or now - gesture.at < _QUICK):
            gesture.title, gesture.at = title, now
        else:
            self._gesture = _Gesture(panel, key, title, now)

    def seal(self) -> None:
        """The person let go: what they do next is another gesture. One that changed nothing is forgotten."""
        gesture = self._gesture
        if gesture is None:
            return
        self.take(gesture.panel, gesture.panel.form.values())
        gesture.sealed = True
        if gesture.command is not None and gesture.command.changes_nothing:
            gesture.command.setObsolete(True)
            gesture.command = None
            self._stack.undo()

    def take(self, panel: StudyPanel, values: Mapping[str, Any]) -> None:
        """A panel has these values now."""
        settled = self._settled[panel]
        names = [name for name, value in values.items() if value != settled[name]]
        self._settled[panel] = dict(values)
        objects = {param.name for param in declared(panel.activity.params) if param.kind in _OBJECTS}
        before = {name: settled[name] for name in names if name not in objects}
        if before and self._gesture is not None and self._gesture.panel is panel:
            self._keep(self._gesture, before, {name: values[name] for name in before})

    def _keep(self, gesture: _Gesture, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
        if gesture.command is None:
            gesture.command = EditValues(partial(self._apply, gesture.panel), before, after, gesture.title)
            self._ours = True
            self._stack.push(gesture.command)
            self._ours = False
            return
        gesture.command.extend(before, after)
        if gesture.command.actionText() != gesture.title:
            gesture.command.setText(gesture.title)
            self._stack.undoTextChanged.emit(gesture.title)

    def _apply(self, panel: StudyPanel, values: Mapping[str, Any]) -> None:
        """Undo or redo."""
        self._gesture = None
        self._show(panel.activity.key)
        panel.set_values(dict(values))
        self._settled[panel] = panel.form.values()

    def _on_index(self) -> None:
        """Something else was done, undone or forgotten: nothing more can be added to the last command."""
        if not self._ours:
            self._gesture = None


def title_of(activity: Activity, names: Iterable[str]) -> str:
    """What is changed when these parameters, or components such as "pose[5]", get other values."""
    known = {param.name: param for param in declared(activity.params)}
    words: dict[str, None] = {}
    for name in names:
        whole, _, place = name.partition("[")
        param = known.get(whole)
        if param is None:
            continue
        index = int(place.removesuffix("]") or 0) if place else 0
        page = index // max(1, len(param.names))
        words[plain_words(param.pages[page]) if place and page < len(param.pages) else param.label] = None
    found = list(words)
    return ", ".join(found[:_MOST_NAMES]) + ("…" if len(found) > _MOST_NAMES else "")
