"""Heavy file work in a short-lived process of its own.

The window's process must never hold its interpreter lock for long, so files are read, written and exported here. A job
that is cancelled is killed, and one that crashes on a damaged file takes nothing along.
"""

from __future__ import annotations

import importlib
import inspect
import os
import pickle
import signal
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from lab.channel import Channel, ChannelClosed, Child, child_channel
from lab.files import remove_leftovers
from lab.scene import Mesh, Points

FUNCTIONS = frozenset(
    {
        "lab.formats.work:load",
        "lab.formats.work:save",
        "lab.formats.work:measure",
        "lab.export:export_video",
        "lab.export:export_ply_sequence",
        "lab.export:export_curves_csv",
        "lab.run.recording_file:load",
        "lab.run.recording_file:save",
        "lab.run_report:save_document",
        "lab.studies.saving:save_film",
        "lab.studies.saving:save_values",
        "lab.workspace:load",
        "lab.workspace:save",
    }
)
"""All that a job may run. A function that takes ``progress`` gets a callable (fraction, text)."""

_NICE = 5
_BETWEEN_REPORTS = 0.05  # seconds

OnProgress = Callable[[float, str], None]
OnDone = Callable[[Any], None]
OnFailed = Callable[[str, str], None]


class Job:
    """One function at work in a process of its own, started at once.

    function: "module:name", one of FUNCTIONS; arguments: by name, numpy and plain data. doing: what it is, to begin a
    sentence with ("Loading spot.ply"). The callbacks come from the job's own thread: on_progress(fraction, text), then
    exactly one of on_done(result) and on_failed(sentence, details), or neither after ``cancel``.
    """

    def __init__(
        self,
        function: str,
        arguments: Mapping[str, Any],
        *,
        doing: str,
        on_done: OnDone,
        on_failed: OnFailed,
        on_progress: OnProgress | None = None,
    ) -> None:
        if function not in FUNCTIONS:
            raise ValueError(f"function: {function!r} is none of the functions that a job may run")
        self._request = (function, dict(arguments))
        self._doing = doing
        self._on_done, self._on_failed, self._on_progress = on_done, on_failed, on_progress
        self._lock = threading.Lock()
        self._child: Child | None = None
        self._cancelled = False
        self._thread = threading.Thread(target=self._run, name=doing, daemon=True)
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """The process, or None before it was started."""
        child = self._child
        return None if child is None else child.process.pid

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def cancel(self) -> None:
        """Kill the process and forget the result; its temporary files are removed. Returns at once."""
        with self._lock:
            self._cancelled = True
            if self._child is not None:
                self._child.process.kill()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the job has ended and its last callback has returned; False when the time is over."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            child = Child("lab.jobs", nice=_NICE)
        except OSError as error:
            self._on_failed(f"{self._doing} failed: no process could be started ({error}).", traceback.format_exc())
            return
        with self._lock:
            self._child = child
            if self._cancelled:
                child.process.kill()
        try:
            last_words = self._follow(child)
        except ChannelClosed:
            last_words = None
        status = child.close()
        if last_words is None or self._cancelled:
            self._remove_leftovers(child.process.pid)
        if self._cancelled:
            return
        match last_words:
            case ("done", result):
                self._on_done(result)
            case ("failed", sentence, details):
                self._on_failed(sentence, details)
            case _:
                self._on_failed(_obituary(self._doing, status), child.errors())

    def _follow(self, child: Child) -> Any:
        """Send the request and pass progress on; returns the last message. Raises ChannelClosed."""
        try:
            child.channel.send(self._request)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            return "failed", f"{self._doing} failed: its data cannot be sent ({error}).", traceback.format_exc()
        while True:
            message = child.channel.receive()
            if message[0] != "progress":
                return message
            if self._on_progress is not None and not self._cancelled:
                self._on_progress(message[1], message[2])

    def _remove_leftovers(self, pid: int) -> None:
        for name in ("path", "folder"):
            value = self._request[1].get(name)
            if isinstance(value, (str, Path)):
                remove_leftovers(value if name == "folder" else os.path.dirname(os.path.realpath(value)), pid)


def _obituary(doing: str, status: int) -> str:
    if status == -signal.SIGKILL:
        return (
            f"{doing} was ended by the system, probably because the memory ran out. Close other programs and try again."
        )
    reason = f"signal {-status}" if status < 0 else f"exit status {status}"
    return f"{doing} failed: its process ended unexpectedly ({reason}). The rest of the lab is not affected."


# --- the usual jobs -------------------------------------------------------------------------------------------------


def load_job(
    path: str | os.PathLike[str],
    *,
    on_done: OnDone,
    on_failed: OnFailed,
    on_progress: OnProgress | None = None,
    scale: float = 1.0,
    up: str = "y",
) -> Job:
    """Read a file; the result is (Opened, Stats or None). scale, up: see ``lab.formats.transform``."""
    arguments = {"path": os.path.abspath(path), "scale": scale, "up": up}
    doing = f"Loading {Path(path).name}"
    return Job(
        "lab.formats.work:load", arguments, doing=doing, on_done=on_done, on_failed=on_failed, on_progress=on_progress
    )


def save_job(
    path: str | os.PathLike[str],
    entity: Mesh | Points,
    *,
    on_done: OnDone,
    on_failed: OnFailed,
    on_progress: OnProgress | None = None,
    ascii: bool = False,
) -> Job:
    """Save a mesh or point cloud; the result names what the format cannot keep, such as ("colours",)."""
    arguments = {"path": os.path.abspath(path), "entity": entity, "ascii": ascii}
    doing = f"Saving {Path(path).name}"
    return Job(
        "lab.formats.work:save", arguments, doing=doing, on_done=on_done, on_failed=on_failed, on_progress=on_progress
    )


def stats_job(entity: Mesh | Points, *, on_done: OnDone, on_failed: OnFailed) -> Job:
    """Measure a mesh or point cloud; the result is a Stats."""
    return Job("lab.formats.work:measure", {"entity": entity}, doing="Measuring", on_done=on_done, on_failed=on_failed)


# --- in the process -------------------------------------------------------------------------------------------------


def _main() -> None:
    channel = child_channel()
    try:
        function, arguments = channel.receive()
        channel.send(_perform(function, arguments, channel))
    except ChannelClosed:  # the lab is gone, and nobody waits for the result
        return


def _perform(function: str, arguments: dict[str, Any], channel: Channel) -> tuple[Any, ...]:
    """The last message: ("done", result) or ("failed", sentence, details)."""
    try:
        if function not in FUNCTIONS:
            raise ValueError(f"{function!r} is none of the functions that a job may run")
        module, _, name = function.partition(":")
        call = getattr(importlib.import_module(module), name)
        if "progress" in inspect.signature(call).parameters:
            arguments = {**arguments, "progress": _Reporter(channel)}
        return "done", call(**arguments)
    except MemoryError:
        return (
            "failed",
            "There is not enough memory for this. Close other programs and try again.",
            traceback.format_exc(),
        )
    except ChannelClosed:
        raise
    except Exception as error:  # noqa: BLE001 - the end of the process's world: every failure becomes a message
        return "failed", _sentence(error), traceback.format_exc()


def _sentence(error: Exception) -> str:
    """The lab's own errors are sentences already."""
    if type(error).__module__.startswith("lab."):
        return str(error)
    return f"Something went wrong that the lab did not expect ({type(error).__name__}: {error})."


class _Reporter:
    """Sends progress on, at a rate that a person can see."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._last = 0.0

    def __call__(self, fraction: float, text: str) -> None:
        now = time.monotonic()
        if now - self._last >= _BETWEEN_REPORTS:
            self._last = now
            self._channel.send(("progress", float(fraction), text))


if __name__ == "__main__":
    _main()
