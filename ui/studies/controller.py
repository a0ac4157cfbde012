"""Puts the open study's questions and takes its boards, one question at a time and always the newest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from lab.chapter import StudyActivity
from lab.params import declared
from lab.scene import Input
from lab.studies.messages import Answer, Answered, Ask, Progressed, StudyDied, StudyEvent
from lab.studies.source import OnEvent, StudySource
from ui.scene.model import SceneModel
from ui.studies.pace import Pace

_BUSY_MS = 250  # a question that takes longer is worth a word
_PATIENCE_MS = 3000  # after a cancel, before the process is ended by force


class StudyController(QObject):
    """The open study, between the window and its process. Lives on the UI thread and never waits.

    make_source: makes the StudySource for a function that takes its events.
    """

    boardReady = Signal(object)
    """A Board of the open study."""
    answered = Signal(bool, float)
    """A question was answered: whether to its end, and in how many seconds."""
    progressed = Signal(object, str)
    """A share in [0, 1] or None, and what is being done."""
    busyChanged = Signal(bool)
    """A question takes long enough to tell, or is answered."""
    refused = Signal(str, str)
    """(a sentence, details): there is no answer to the newest question."""
    needsInput = Signal(str)
    """The label of the geometry that must be chosen first."""
    died = Signal(str, str)
    """(a sentence, details): the study's process ended."""
    _event = Signal(object)

    def __init__(
        self, make_source: Callable[[OnEvent], StudySource], scene: SceneModel, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._scene = scene
        self._activity: StudyActivity | None = None
        self._values: dict[str, Any] = {}
        self._number = 0
        self._at: int | None = None  # the question at work
        self._has_board = False  # it gave a board already
        self._next: str | None = None  # the action of a question that waits, "" for a plain one
        self._busy = False
        self.seed = 0
        self._event.connect(self._take, Qt.ConnectionType.QueuedConnection)  # it comes from the source's thread
        self.source = make_source(self._event.emit)
        self._slow = QTimer(self, singleShot=True, interval=_BUSY_MS)
        self._slow.timeout.connect(lambda: self._set_busy(self._at is not None))
        self._pace = Pace(self)
        self._pace.due.connect(self._go_on)
        self._force = QTimer(self, singleShot=True, interval=_PATIENCE_MS)
        self._force.timeout.connect(self._end_by_force)
        scene.changed.connect(self._on_entity)
        scene.removed.connect(self._on_entity)

    @property
    def activity(self) -> StudyActivity | None:
        """The open study."""
        return self._activity

    @property
    def busy(self) -> bool:
        """Whether a question is at work for longer than a moment."""
        return self._busy

    # --- what the person does ---------------------------------------------------------------------------------------

    def open(self, activity: StudyActivity, values: Mapping[str, Any]) -> None:
        """Ask this study from now on; what another one was asked is given up."""
        if activity is not self._activity:
            self._forget()
        self._activity = activity
        self.ask(values)

    def close_study(self) -> None:
        """No study is looked at; what is at work is given up."""
        self._activity = None
        self._forget()

    def ask(self, values: Mapping[str, Any], action: str = "") -> None:
        """Ask for the boards of these values. While the first board of a question is on its way the newest waits."""
        self._values = dict(values)
        if self._activity is None:
            return
        self._next = action or self._next or ""
        self._go_on()

    def pictured(self, seconds: float) -> None:
        """A view of the study shows a new picture, which took so long to draw."""
        self._pace.pictured(seconds)

    def cancel(self) -> None:
        """Give up the question at work; what heeds no one is ended by force."""
        if self._at is not None:
            self._next = None
            self.source.cancel(self._at)
            self._force.start()

    def _forget(self) -> None:
        """Wait for no answer any more."""
        if self._at is not None:
            self.source.cancel(self._at)
        self._next = None
        self._rest()

    def shutdown(self) -> None:
        """End the process."""
        for timer in (self._slow, self._pace, self._force):
            timer.stop()
        self._activity = None
        self.source.close()

    # --- questions --------------------------------------------------------------------------------------------------

    def _send(self, action: str) -> None:
        assert self._activity is not None
        self._next = None
        inputs = self._inputs(self._activity)
        if inputs is None:
            return
        self._number += 1
        self._at, self._has_board = self._number, False
        self._force.stop()
        self._slow.start()
        self._pace.start()
        self.source.ask(Ask(self._number, self._activity.key, self._values, inputs, self.seed, action))

    def _inputs(self, activity: StudyActivity) -> dict[str, Input | tuple[Input, ...]] | None:
        """The geometry that the values name; None when one that the study cannot do without is not there."""
        found: dict[str, Input | tuple[Input, ...]] = {}
        for param in declared(activity.params):
            if param.kind not in ("geometry", "geometries"):
                continue
            chosen = self._values.get(param.name, param.default)
            paths = (chosen,) if isinstance(chosen, str) else tuple(chosen)
            entities = [entity for path in paths if (entity := self._scene.input(path, param.accepts)) is not None]
            missing = len(entities) < len([path for path in paths if path])
            if missing or not (entities or param.may_be_empty(self._values)):
                self.needsInput.emit(param.label)
                return None
            if entities:
                found[param.name] = entities[0] if param.kind == "geometry" else tuple(entities)
        return found

    def _on_entity(self, path: str) -> None:
        """An object that the study looks at is another one now, or gone."""
        if self._activity is None:
            return
        for param in declared(self._activity.params):
            chosen = self._values.get(param.name, param.default)
            if param.kind in ("geometry", "geometries") and (path == chosen or path in chosen):
                self.ask(self._values)
                return

    # --- answers ----------------------------------------------------------------------------------------------------

    def _take(self, event: StudyEvent) -> None:
        if isinstance(event, StudyDied):
            self._on_death(event)
        elif event.number == self._at:
            match event:
                case Answer():
                    self._has_board = True
                    if self._activity is not None:
                        self._pace.watch(lambda: self.boardReady.emit(event.board))
                    self._go_on()
                case Progressed():
                    if self._busy:
                        self.progressed.emit(event.fraction, event.text)
                case Answered():
                    self._on_answered(event)

    def _on_answered(self, event: Answered) -> None:
        self._rest()
        if event.sentence and self._activity is not None:
            self.refused.emit(event.sentence, event.details)
        self.answered.emit(event.complete, event.seconds)
        self._go_on()

    def _on_death(self, event: StudyDied) -> None:
        self._rest()
        self.died.emit(event.sentence, event.details)
        self._go_on()

    def _go_on(self) -> None:
        """Put the question that waits, unless another one has no board yet or was put only just now."""
        if self._next is None or self._activity is None or (self._at is not None and not self._has_board):
            return
        if not self._pace.waiting:
            self._send(self._next)

    def _rest(self) -> None:
        self._at = None
        self._slow.stop()
        self._force.stop()
        self._set_busy(False)

    def _set_busy(self, busy: bool) -> None:
        if busy != self._busy:
            self._busy = busy
            self.busyChanged.emit(busy)

    def _end_by_force(self) -> None:
        if self._at is not None:
            self.source.stop_now()
