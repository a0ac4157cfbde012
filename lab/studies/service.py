"""Answers questions, the newest first, in whatever process or thread it is put."""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from lab.channel import ChannelClosed
from lab.chapter import find_study
from lab.params import ParamError, build, check_geometry, declared
from lab.run.failures import is_out_of_memory
from lab.scene import same
from lab.studies.messages import Answer, Answered, Ask, Cancel, Progressed, StudyEvent
from lab.study import Cancelled, Study, StudyContext, StudyError

_BETWEEN_REPORTS = 0.05  # seconds


class Questions:
    """Where questions wait: only the newest. An action that was not yet carried out goes over to the newer one."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._newest: Ask | None = None
        self._cancelled = -1
        self._closed = False

    def post(self, message: Ask | Cancel) -> None:
        """A question, or its end. From any thread; never blocks."""
        with self._changed:
            if isinstance(message, Cancel):
                self._cancelled = max(self._cancelled, message.number)
                if self._newest is not None and self._newest.number <= message.number:
                    self._newest = None
            else:
                waiting = self._newest
                if waiting is not None and waiting.activity == message.activity and not message.action:
                    message = replace(message, action=waiting.action)
                self._newest = message
            self._changed.notify_all()

    def close(self) -> None:
        """Nothing more will come."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def next(self) -> Ask | None:
        """The newest question; waits for one. None once it is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._newest is not None)
            ask, self._newest = self._newest, None
            return None if self._closed else ask

    def superseded(self) -> bool:
        """Whether there is a newer question, or nobody waits any more."""
        with self._changed:
            return self._closed or self._newest is not None

    def cancelled(self, number: int) -> bool:
        """Whether this question need not be answered at all."""
        with self._changed:
            return self._closed or number <= self._cancelled


def serve(questions: Questions, emit: Callable[[StudyEvent], None]) -> None:
    """Answer questions until there are no more. Raises only what ``emit`` raises."""
    desk = _Desk(questions, emit)
    while (ask := questions.next()) is not None:
        desk.answer(ask)


class _Desk:
    """Keeps the study that was asked last, and what it was asked."""

    def __init__(self, questions: Questions, emit: Callable[[StudyEvent], None]) -> None:
        self._questions = questions
        self._emit = emit
        self._key = ""
        self._study: Study | None = None
        self._inputs: dict[str, Any] = {}
        self._finished: dict[str, Any] | None = None  # parameters and inputs of the last question that was finished

    def answer(self, ask: Ask) -> None:
        start = time.monotonic()
        complete, sentence, details = False, "", ""
        try:
            complete = self._boards(ask, start)
        except Cancelled:
            pass
        except ChannelClosed:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a study raises becomes a sentence; the process lives on
            sentence, details = _explain(error), traceback.format_exc()
        self._emit(Answered(ask.number, complete, time.monotonic() - start, sentence, details))

    def _boards(self, ask: Ask, start: float) -> bool:
        """Send every board; False when a newer question came between."""
        activity = find_study(ask.activity)
        params: Any = build(activity.params, ask.values)
        check_geometry(params, ask.inputs)
        if self._study is None or self._key != ask.activity:
            self._key, self._study, self._finished = ask.activity, activity.load(), None
        inputs = {name: self._known(name, given) for name, given in ask.inputs.items()}
        asked = {param.name: getattr(params, param.name) for param in declared(activity.params)} | {
            f"input {name}": entity for name, entity in inputs.items()
        }
        reporter = _Reporter(ask.number, self._questions, self._emit)
        ctx = StudyContext(
            inputs=inputs,
            changed=self._changed(asked),
            action=ask.action,
            seed=ask.seed,
            report=reporter.report,
            checkpoint=reporter.checkpoint,
        )
        boards = iter(self._study.boards(params, ctx))
        for board in boards:
            self._emit(Answer(ask.number, board, time.monotonic() - start))
            reporter.interruptible = True
            if self._questions.superseded():
                return False
        self._finished = asked
        return True

    def _known(self, name: str, given: Any) -> Any:
        """The object that came for this parameter before, if it is the same: what a study keeps by identity, holds."""
        before = self._inputs.get(name)
        self._inputs[name] = before if same(before, given) else given
        return self._inputs[name]

    def _changed(self, asked: dict[str, Any]) -> frozenset[str]:
        before = self._finished
        names = {name.removeprefix("input ") for name, value in asked.items() if not _same(before, name, value)}
        return frozenset(names)


def _same(before: dict[str, Any] | None, name: str, value: Any) -> bool:
    if before is None or name not in before:
        return False
    old = before[name]
    return old is value if name.startswith("input ") else bool(old == value)


class _Reporter:
    """A question's progress, and whether it is still wanted."""

    def __init__(self, number: int, questions: Questions, emit: Callable[[StudyEvent], None]) -> None:
        self._number = number
        self._questions = questions
        self._emit = emit
        self._at = float("-inf")
        self.interruptible = False

    def report(self, fraction: float | None, text: str) -> None:
        self.checkpoint()
        now = time.monotonic()
        if now - self._at >= _BETWEEN_REPORTS:
            self._at = now
            self._emit(Progressed(self._number, fraction, text))

    def checkpoint(self) -> None:
        if self._questions.cancelled(self._number) or (self.interruptible and self._questions.superseded()):
            raise Cancelled


def _explain(error: Exception) -> str:
    """What went wrong, in a sentence for the person."""
    if isinstance(error, StudyError | ParamError) or type(error).__module__.startswith("lab."):
        return str(error)
    if is_out_of_memory(error):
        return "There was not enough memory for this. Use less detail, or close other programs."
    if isinstance(error, ImportError):
        return f"A part that this activity needs cannot be loaded: {error}. './dl3d doctor' shows what is missing."
    reason = str(error).strip().partition("\n")[0]
    found = f"{type(error).__name__}: {reason}" if reason else type(error).__name__
    return f"Something went wrong that this activity does not expect ({found}). Change a value to try again."
