"""Who kept the UI thread: a thread of its own looks at the UI thread's stack whenever that does not answer."""

from __future__ import annotations

import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from PySide6.QtCore import QObject, Qt, QTimer

LATE_MS = 16.0  # a picture of a screen that shows sixty a second
_BEAT_MS = 4
_LOOK_MS = 2.0
_DEPTH = 6  # frames of a stack that are told
_SHOWN = 12  # stacks
_HALF = 0.5  # of the time between two looks: less on the processor is waiting
_ROOT = Path(__file__).resolve().parent.parent.parent
_OWN = Path(__file__).resolve().parent

Stack = tuple[str, ...]
"""What the thread did, then its frames, the innermost first, as "file.py:line function"."""


@dataclass
class _Cost:
    """Milliseconds beyond LATE_MS: of all gaps, and of the worst one with what the person did then."""

    total: float = 0.0
    most: float = 0.0
    doing: str = ""


class Blame(QObject):
    """Collects the stacks of the thread that made it, taken while its event loop is late by more than LATE_MS.

    The looks need Python's lock for a moment, and so make all gaps a little longer.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.doing = ""
        """What the person does just now."""
        self._thread = threading.get_ident()
        self._clock = time.pthread_getcpuclockid(self._thread)
        self._alive = time.perf_counter()
        self._lock = threading.Lock()
        self._gap: dict[Stack, float] = defaultdict(float)  # of the gap that is going on
        self._costs: dict[Stack, _Cost] = defaultdict(_Cost)
        self._spent: dict[str, int] = {}
        self._over = threading.Event()
        self._beat = QTimer(self, interval=_BEAT_MS)
        self._beat.setTimerType(Qt.TimerType.PreciseTimer)
        self._beat.timeout.connect(self._live)
        self._beat.start()
        self._watcher = threading.Thread(target=self._watch, name="blame", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self._beat.stop()
        self._watcher.join()
        self._live()

    def stacks(self) -> list[tuple[Stack, float, float, str]]:
        """(stack, milliseconds in all, milliseconds in the worst gap, what was done then), the most first."""
        found = [(stack, cost.total, cost.most, cost.doing) for stack, cost in self._costs.items()]
        return sorted(found, key=lambda item: -item[1])

    def lines(self) -> Iterator[str]:
        """For a person."""
        found = self.stacks()
        yield f"\nThe UI thread in gaps of more than {LATE_MS:.0f} ms, the most first (milliseconds beyond those)\n"
        if not found:
            yield "  no such gap\n"
        for stack, total, most, doing in found[:_SHOWN]:
            yield f"{total:7.0f} ms, at most {most:.0f} at once, during {doing or 'the start'}: {stack[0]}\n"
            yield from (f"          {frame}\n" for frame in stack[1:])

    def _live(self) -> None:
        """The event loop answers: whatever gap there was is over."""
        with self._lock:
            self._alive = time.perf_counter()
            gap, self._gap = self._gap, defaultdict(float)
        for stack, spent in gap.items():
            cost = self._costs[stack]
            cost.total += spent
            if spent > cost.most:
                cost.most, cost.doing = spent, self.doing

    def _watch(self) -> None:
        before, worked_before = time.perf_counter(), time.clock_gettime(self._clock)
        while not self._over.wait(_LOOK_MS / 1000):
            now, worked = time.perf_counter(), time.clock_gettime(self._clock)
            if (now - self._alive) * 1000 > LATE_MS:
                stack = self._look(working=worked - worked_before > _HALF * (now - before))
                with self._lock:
                    if (now - self._alive) * 1000 > LATE_MS:
                        self._gap[stack] += (now - before) * 1000
            before, worked_before = now, worked

    def _look(self, *, working: bool) -> Stack:
        """What the UI thread is at, and if it waits, which other thread works meanwhile."""
        stack = _stack(sys._current_frames().get(self._thread))
        before, self._spent = self._spent, _spent()
        if working:
            return ("at work" if stack else "at work in Qt itself (layout, painting, events)", *stack)
        others = {name: spent - before.get(name, spent) for name, spent in self._spent.items()}
        name = max(others, key=lambda name: others[name], default="")
        who = f", while the thread '{name}' works" if name and others[name] > _HALF * _LOOK_MS * 1e6 else ""
        return (f"waits for a processor or for Python's lock{who}", *stack)


def _spent() -> dict[str, int]:
    """Nanoseconds that each thread but the main one and the watching one has had a processor, by its name."""
    here = threading.current_thread(), threading.main_thread()
    spent: dict[str, int] = {}
    for thread in threading.enumerate():
        try:
            words = Path(f"/proc/self/task/{thread.native_id}/schedstat").read_text(encoding="ascii")
        except OSError:  # it just ended, or this system does not tell
            continue
        if thread not in here:
            spent[thread.name] = spent.get(thread.name, 0) + int(words.split()[0])
    return spent


def _stack(frame: FrameType | None) -> Stack:
    """The frames of a thread, down to the probe's own."""
    found: list[str] = []
    while frame is not None and len(found) < _DEPTH and Path(frame.f_code.co_filename).parent != _OWN:
        found.append(_name(frame))
        frame = frame.f_back
    return tuple(found)


def _name(frame: FrameType) -> str:
    path = Path(frame.f_code.co_filename)
    own = path.is_relative_to(_ROOT) and "site-packages" not in path.parts
    return f"{path.relative_to(_ROOT) if own else path.name}:{frame.f_lineno} {frame.f_code.co_name}"
