"""Where the answers to a study's questions come from: a process of its own, or a thread of this one."""

from __future__ import annotations

import signal
import threading
import traceback
from collections.abc import Callable
from typing import Any, Protocol

from lab.channel import ChannelClosed, Child, Outbox
from lab.studies.messages import Answered, Ask, Cancel, StudyDied, StudyEvent
from lab.studies.service import Questions, serve

_MODULE = "lab.studies.server"
_NICE = 2  # the window goes first, then the answers, then the pictures of them
_GRACE = 0.3  # seconds that the process gets to leave at the end

OnEvent = Callable[[StudyEvent], None]


class StudySource(Protocol):
    """Answers questions. Each event comes from a thread of the source's own."""

    @property
    def pid(self) -> int | None:
        """The process that computes; None while there is none."""
        ...

    def ask(self, ask: Ask) -> None:
        """Put a question; never blocks. Starts what is needed."""
        ...

    def cancel(self, number: int) -> None:
        """The answer to a question is not wanted any more; never blocks."""
        ...

    def stop_now(self) -> None:
        """End what is at work by force, where that is possible."""
        ...

    def close(self) -> None:
        """End everything. No event comes after this returns."""
        ...


class StudyProcess:
    """A study process, started by the first question, and again by the first one after its death."""

    def __init__(self, on_event: OnEvent) -> None:
        self._on_event = on_event
        self._lock = threading.Lock()
        self._outbox: Outbox | None = None
        self._child: Child | None = None
        self._waiting: list[Any] = []  # until there is a process
        self._running = False
        self._closed = False
        self._forced = False
        self._at: int | None = None  # the question at work
        self._thread: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        child = self._child
        return None if child is None else child.process.pid

    def ask(self, ask: Ask) -> None:
        with self._lock:
            if self._closed:
                return
            self._at = ask.number
            self._post(ask)
            if not self._running:
                self._running = True
                self._thread = threading.Thread(target=self._live, name="study process", daemon=True)
                self._thread.start()

    def cancel(self, number: int) -> None:
        with self._lock:
            self._post(Cancel(number))

    def stop_now(self) -> None:
        with self._lock:
            if self._child is not None:
                self._forced = True
                self._child.process.kill()

    def close(self) -> None:
        with self._lock:
            self._closed = True
            child = self._child
        if child is not None:
            child.process.kill()  # it has nothing to save
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout=5.0)

    def _post(self, message: Ask | Cancel) -> None:
        if self._outbox is not None:
            self._outbox.post(message)
        else:
            self._waiting = [message] if isinstance(message, Ask) else [*self._waiting, message]

    def _live(self) -> None:
        """The life of one process."""
        try:
            child = Child(_MODULE, nice=_NICE)
        except OSError as error:
            self._bury(f"The process of the studies cannot be started: {error.strerror or error}.", str(error))
            return
        with self._lock:
            self._child, self._outbox, self._forced = child, Outbox(child.channel), False
            for message in self._waiting:
                self._outbox.post(message)
            self._waiting = []
            if self._closed:
                child.process.kill()
        details = ""
        try:
            while True:
                event = child.channel.receive()
                self._take(event)
        except ChannelClosed:
            pass
        except Exception:  # noqa: BLE001 - it sent what this process cannot read: like a crash
            details = traceback.format_exc()
        status = child.close(_GRACE)
        self._bury(_cause(status, self._forced), details or child.errors())

    def _take(self, event: StudyEvent) -> None:
        with self._lock:
            if isinstance(event, Answered) and event.number == self._at:
                self._at = None
            closed = self._closed
        if not closed:
            self._on_event(event)

    def _bury(self, sentence: str, details: str) -> None:
        with self._lock:
            if self._outbox is not None:
                self._outbox.close()
            number, self._at = self._at, None
            self._child = self._outbox = None
            self._running = False
            self._waiting = []
            closed = self._closed
        if not closed:
            self._on_event(StudyDied(number, sentence, details))


class StudyThread:
    """Answers in a thread of this process, for a debugger."""

    def __init__(self, on_event: OnEvent) -> None:
        self._questions = Questions()
        self._on_event = on_event
        self._thread: threading.Thread | None = None
        self.pid: int | None = None

    def ask(self, ask: Ask) -> None:
        self._questions.post(ask)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="studies", daemon=True)
            self._thread.start()

    def cancel(self, number: int) -> None:
        self._questions.post(Cancel(number))

    def stop_now(self) -> None:
        """There is nothing that could be ended by force."""

    def close(self) -> None:
        self._questions.close()
        if self._thread is not None:
            self._thread.join(timeout=2.0)

    def _work(self) -> None:
        serve(self._questions, self._on_event)


def _cause(status: int, forced: bool) -> str:
    if forced:
        return "The study was stopped. Change a value to go on."
    if status == -signal.SIGKILL:
        return (
            "The process of the study was ended by the system, probably because the memory ran out. "
            "Use less detail or close other programs; the next change starts it again."
        )
    reason = f"signal {-status}" if status < 0 else f"exit status {status}"
    return f"The process of the study ended unexpectedly ({reason}). The next change starts it again."
