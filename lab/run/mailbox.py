"""The commands that wait for a run, and the end of the line that a run itself holds."""

from __future__ import annotations

import queue
from collections import deque
from collections.abc import Callable
from typing import Protocol

from lab.run.messages import Command, Event, RunRequest, Stop


class Port(Protocol):
    """A run's side of the line: commands come in, events go out."""

    @property
    def superseded(self) -> bool:
        """Another run is asked for: this one is to end."""
        ...

    def poll(self) -> list[Command]:
        """The commands that came since the last call; never blocks."""
        ...

    def wait(self, timeout: float | None = None) -> None:
        """Return as soon as there is a command or another run is asked for, at the latest after ``timeout`` seconds."""
        ...

    def emit(self, event: Event) -> None:
        """Hand an event to whoever watches."""
        ...


class Mailbox:
    """Commands in the order in which they came. Any thread, and a signal handler, may post; one thread takes.

    A RunRequest is a barrier: the commands behind it are for that run, and stay until it was taken.
    """

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._arrived: deque[Command] = deque()
        self._closed = False

    def post(self, command: Command) -> None:
        """Leave a command; never blocks."""
        self._queue.put(command)

    def close(self) -> None:
        """Nothing more will come: the run at work is to end without evaluation, and no other one begins."""
        for last in (Stop(), Stop(), None):
            self._queue.put(last)

    @property
    def superseded(self) -> bool:
        """A RunRequest waits, or the mailbox is closed."""
        self._collect()
        return self._closed or any(isinstance(command, RunRequest) for command in self._arrived)

    def poll(self) -> list[Command]:
        """The commands in front of the next RunRequest, which stays; never blocks."""
        self._collect()
        taken: list[Command] = []
        while self._arrived and not isinstance(self._arrived[0], RunRequest):
            taken.append(self._arrived.popleft())
        return taken

    def wait(self, timeout: float | None = None) -> None:
        """Return once a command waits or the mailbox is closed, at the latest after ``timeout`` seconds."""
        self._collect()
        if not self._arrived and not self._closed:
            try:
                self._keep(self._queue.get(timeout=timeout))
            except queue.Empty:
                return

    def next_request(self) -> RunRequest | None:
        """The next run to make; blocks. None once the mailbox is closed.

        Commands in front of it are dropped: they were for a run that has ended.
        """
        while not self._closed:
            self.poll()
            if self._arrived:
                request = self._arrived.popleft()
                assert isinstance(request, RunRequest)
                return request
            self.wait()
        return None

    def _collect(self) -> None:
        while True:
            try:
                self._keep(self._queue.get_nowait())
            except queue.Empty:
                return

    def _keep(self, command: Command | None) -> None:
        if command is None:
            self._closed = True
        else:
            self._arrived.append(command)


class MailboxPort:
    """A Port made of a mailbox and a function that takes the events."""

    def __init__(self, mailbox: Mailbox, emit: Callable[[Event], None]) -> None:
        self._mailbox = mailbox
        self.poll = mailbox.poll
        self.wait = mailbox.wait
        self.emit = emit

    @property
    def superseded(self) -> bool:
        return self._mailbox.superseded
