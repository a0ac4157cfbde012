"""The window's side of a process that works on one photo: the mask painter's, or another that answers alike."""

from __future__ import annotations

import signal
import threading
import traceback
from collections.abc import Callable
from typing import Any

from lab.channel import ChannelClosed, Child, Outbox
from lab.photo.messages import Died

_NICE = 2


class WorkshopProcess:
    """A process that holds one photo, started at once. ``on_event`` is called from a thread of its own.

    module: what it runs; it takes and sends messages as lab.photo.server does. Whatever happens, the last is a Died.
    """

    def __init__(self, on_event: Callable[[Any], None], module: str = "lab.photo.server") -> None:
        self._on_event = on_event
        self._module = module
        self._lock = threading.Lock()
        self._waiting: list[object] = []  # until there is a process
        self._outbox: Outbox | None = None
        self._child: Child | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._live, name="photo", daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The process, None before it was started."""
        child = self._child
        return None if child is None else child.process.pid

    def post(self, request: object) -> None:
        """Ask for something; never blocks."""
        with self._lock:
            if self._outbox is not None:
                self._outbox.post(request)
            else:
                self._waiting.append(request)

    def close(self) -> None:
        """End the process, without waiting for it. No event comes after this returns."""
        with self._lock:
            self._closed = True
            if self._child is not None:
                self._child.process.kill()  # it has nothing to save but what was asked for and awaited

    def _live(self) -> None:
        try:
            child = Child(self._module, nice=_NICE)
        except OSError as error:
            self._tell(Died(f"The photo cannot be worked on: no process could be started ({error}).", ""))
            return
        with self._lock:
            self._child, self._outbox = child, Outbox(child.channel)
            for request in self._waiting:
                self._outbox.post(request)
            self._waiting = []
            if self._closed:
                child.process.kill()
        details = ""
        try:
            while True:
                self._tell(child.channel.receive())
        except ChannelClosed:
            pass
        except Exception:  # noqa: BLE001 - it sent what this process cannot read: like a crash
            details = traceback.format_exc()
        status = child.close(0.3)
        with self._lock:
            self._outbox.close()
        self._tell(Died(_obituary(status), details or child.errors()))

    def _tell(self, event: Any) -> None:
        with self._lock:
            if not self._closed:
                self._on_event(event)


def _obituary(status: int) -> str:
    if status == -signal.SIGKILL:
        return "The photo's process was ended by the system, probably because the memory ran out. Use a smaller photo."
    reason = f"signal {-status}" if status < 0 else f"exit status {status}"
    return f"The photo's process ended unexpectedly ({reason}). Close this window and open it again."
