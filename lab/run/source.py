"""Where a run's events come from: the warm worker process, or a thread of this process. Both look the same."""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from typing import Protocol

from lab.channel import ChannelClosed, Child, Outbox
from lab.run.driver import drive, serve
from lab.run.mailbox import Mailbox, MailboxPort
from lab.run.messages import Command, Event, Failed, Finished, RunRequest, Stop, WorkerDied, WorkerReady
from lab.run.warmup import versions, warm_up

_MODULE = "lab.run.worker"
_NICE = 2  # the window goes first


class Source(Protocol):
    """Runs experiments somewhere. Every RunRequest is answered by exactly one Finished, Failed or WorkerDied."""

    @property
    def pid(self) -> int | None:
        """The process that computes; None while there is none."""
        ...

    def start(self) -> None:
        """Let it start, also again after a final WorkerDied; never blocks. WorkerReady tells when it is warm."""
        ...

    def send(self, command: Command) -> None:
        """Give a command; never blocks."""
        ...

    def events(self) -> Iterator[Event]:
        """What happens, until ``close``; blocks in between. For one thread, that lives as long as the source."""
        ...

    def stop_now(self) -> bool:
        """End the run at work by force. True if its process was killed, of which a WorkerDied will tell."""
        ...

    def close(self) -> None:
        """End everything; returns when it is gone. Safe to call twice and from any thread."""
        ...


class WorkerSource:
    """Runs in a process of their own, which is started again by itself when it dies.

    max_deaths: that many within a minute, and the last WorkerDied is final: ``start`` tries again. (Deaths by
    ``stop_now`` do not count.) grace: seconds that the worker gets to leave at the end.
    """

    def __init__(self, *, max_deaths: int = 5, grace: float = 1.5) -> None:
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._outbox: Outbox | None = None
        self._unsent: list[Command] = []  # until there is a worker
        self._open_runs: list[int] = []
        self._may_start = threading.Event()
        self._closing = False
        self._forced = False
        self._deaths: deque[float] = deque(maxlen=max_deaths)
        self._grace = grace

    @property
    def pid(self) -> int | None:
        child = self._child
        return child.process.pid if child is not None else None

    def start(self) -> None:
        self._may_start.set()

    def send(self, command: Command) -> None:
        with self._lock:
            if isinstance(command, RunRequest):
                self._open_runs.append(command.run_id)
            if self._outbox is not None:
                self._outbox.post(command)
            else:
                self._unsent.append(command)

    def stop_now(self) -> bool:
        with self._lock:
            if self._child is None:
                return False
            self._forced = True
            self._child.process.kill()
            return True

    def close(self) -> None:
        with self._lock:
            self._closing = True
            child = self._child
        self._may_start.set()
        if child is not None:
            child.close(self._grace)

    def events(self) -> Iterator[Event]:
        while True:
            self._may_start.wait()
            try:
                child = self._spawn()
            except OSError as error:
                yield from self._cannot_start(error)
                continue
            if child is None:
                return
            unreadable = ""
            try:
                while True:
                    event = child.channel.receive()
                    self._note(event)
                    yield event
            except ChannelClosed:
                pass
            except Exception:  # noqa: BLE001 - the worker sent what this process cannot read: like a crash
                unreadable = traceback.format_exc()
            finally:
                status = child.close(0.0 if unreadable else self._grace)
                closing, forced, runs = self._bury()
            if closing:
                return
            yield from self._report(child, status, forced, runs, unreadable)

    def _spawn(self) -> Child | None:
        """A new worker, which gets the commands that wait; None when everything is to end."""
        if self._closing:
            return None
        child = Child(_MODULE, nice=_NICE)
        outbox = Outbox(child.channel)
        with self._lock:
            if not self._closing:
                self._child, self._outbox = child, outbox
                for command in self._unsent:
                    outbox.post(command)
                self._unsent.clear()
                return child
        outbox.close()
        child.close(self._grace)
        return None

    def _bury(self) -> tuple[bool, bool, list[int]]:
        """Forget the dead worker. Returns whether all is to end, whether it was killed on purpose, and its runs."""
        with self._lock:
            if self._outbox is not None:
                self._outbox.close()
            state = self._closing, self._forced, self._open_runs
            self._child, self._outbox, self._forced, self._open_runs = None, None, False, []
            return state

    def _note(self, event: Event) -> None:
        if isinstance(event, Finished | Failed):
            with self._lock:
                self._open_runs.remove(event.run_id)

    def _report(self, child: Child, status: int, forced: bool, runs: list[int], unreadable: str) -> Iterator[Event]:
        now = time.monotonic()
        if not forced:
            self._deaths.append(now)
        final = len(self._deaths) == self._deaths.maxlen and now - self._deaths[0] < 60 and not forced
        if final:
            self._may_start.clear()
            self._deaths.clear()
        details = unreadable or child.errors()
        sentence = _cause(status, forced, bool(unreadable), details)
        if final:
            sentence += " This happened several times in a row, so it waits; Run tries once more."
        for run_id in runs[:-1]:
            yield Failed(run_id, -1, sentence, details)
        yield WorkerDied(runs[-1] if runs else None, sentence, details, final)

    def _cannot_start(self, error: OSError) -> Iterator[Event]:
        self._may_start.clear()
        with self._lock:
            runs, self._open_runs = self._open_runs, []
            self._unsent.clear()
        sentence = f"The process that computes cannot be started: {error.strerror or error}. Run tries once more."
        for run_id in runs[:-1]:
            yield Failed(run_id, -1, sentence, str(error))
        yield WorkerDied(runs[-1] if runs else None, sentence, str(error), final=True)


def _cause(status: int, forced: bool, unreadable: bool, errors: str) -> str:
    """Why a worker ended, as a sentence."""
    if forced:
        return "The process that computes was stopped by force."
    if unreadable:
        return "The process that computes sent something that cannot be read, and was ended."
    if status == -signal.SIGKILL:
        return "The process that computes was killed by signal 9 (often: out of memory)."
    if status < 0:
        try:
            name = f" ({signal.Signals(-status).name})"
        except ValueError:  # a real-time signal has no name
            name = ""
        return f"The process that computes crashed by signal {-status}{name}."
    lines = errors.strip().splitlines()
    last = f": {lines[-1]}" if lines else ""
    return f"The process that computes ended by itself with status {status}{last.rstrip('.')}."


class InProcessSource:
    """Runs in a thread of this process: for a debugger, and where there is nothing to keep fluid.

    ``stop_now`` cannot end a thread: the run ends at its next step or checkpoint. warm: import torch and compile at
    the start, as the worker does, and not in the first run.
    """

    def __init__(self, *, warm: bool = True) -> None:
        self._warm = warm
        self._mailbox = Mailbox()
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    @property
    def pid(self) -> int | None:
        return os.getpid()

    def start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._work, name="runs", daemon=True)
            self._thread.start()

    def send(self, command: Command) -> None:
        self._mailbox.post(command)

    def stop_now(self) -> bool:
        self._mailbox.post(Stop())
        return False

    def events(self) -> Iterator[Event]:
        while (event := self._events.get()) is not None:
            yield event

    def close(self) -> None:
        self._mailbox.close()
        if self._thread is not None:
            self._thread.join(timeout=2.0)
        self._events.put(None)

    def _work(self) -> None:
        start = time.monotonic()
        try:
            devices = warm_up() if self._warm else ("cpu",)
            self._events.put(WorkerReady(versions(), devices, time.monotonic() - start))
            serve(self._mailbox, self._events.put)
        except Exception as error:  # noqa: BLE001 - the thread of a worker that died
            sentence = f"The part that computes cannot go on ({type(error).__name__}: {error}). Run tries once more."
            self._events.put(WorkerDied(None, sentence, traceback.format_exc(), final=True))


def run_headless(
    request: RunRequest, on_event: Callable[[Event], object], mailbox: Mailbox | None = None
) -> Finished | Failed:
    """Make one run in this thread; ``on_event`` gets every event, the last of which is returned.

    mailbox: to post commands to, also from a signal handler: ``mailbox.post(Stop())``. A single frame is sent, the
    first, unless Credit is posted; ``keyframe_every=0`` makes no snapshot beyond that.
    """
    last: list[Event] = []

    def emit(event: Event) -> None:
        last[:] = [event]
        on_event(event)

    drive(request, MailboxPort(mailbox or Mailbox(), emit))
    end = last[0]
    assert isinstance(end, Finished | Failed)
    return end
