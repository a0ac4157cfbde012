"""Progress of a run on a terminal: one line that changes. In a pipe or a log: a line now and then."""

from __future__ import annotations

import math
import shutil
import time
from collections import deque
from typing import TextIO

_REDRAW_SECONDS = 0.1
_LOG_SECONDS = 10.0
_LOG_PARTS = 10  # besides, a line at each tenth
_RATE_SECONDS = 3.0  # the speed is that of the last seconds
_BAR = 24


class ProgressLine:
    """Shows where a run is. stream: standard error; total: the steps of the run, None until they are known."""

    def __init__(self, stream: TextIO, total: int | None = None, *, quiet: bool = False) -> None:
        self.total = total
        self._stream = stream
        self.quiet = quiet
        self._live = stream.isatty()
        self._shown = ""
        self._shown_at = -math.inf
        self._part = -1
        self._words = ""
        self._times: deque[tuple[float, int]] = deque()

    def stepped(self, step: int, seconds: float, loss: float) -> None:
        """A step was finished, at ``seconds`` on the run's clock."""
        self._times.append((seconds, step))
        while len(self._times) > 2 and seconds - self._times[0][0] > _RATE_SECONDS:
            self._times.popleft()
        if not self.quiet and self._due(step):
            self._show(self._step_text(step, loss))

    def report(self, fraction: float | None, text: str) -> None:
        """Preparation or evaluation goes on; fraction in [0, 1] or None."""
        share = "" if fraction is None else f" {fraction:.0%}"
        if self.quiet or (text == self._words and (not self._live or not self._old(_REDRAW_SECONDS))):
            return
        self._words = text
        self._show(f"{text}{share}" if self._live else text)

    def note(self, text: str) -> None:
        """A line that stays, above the changing one."""
        self._clear()
        self._stream.write(f"{text}\n")
        self._stream.flush()

    def close(self) -> None:
        """The run is over: leave the last line as it is."""
        if self._live and self._shown:
            self._stream.write("\n")
            self._stream.flush()
        self._shown = ""

    def _due(self, step: int) -> bool:
        last = step == self.total
        if self._live:
            return last or self._old(_REDRAW_SECONDS)
        part = step * _LOG_PARTS // self.total if self.total else 0
        if last or part > self._part or self._old(_LOG_SECONDS):
            self._part = part
            return True
        return False

    def _old(self, seconds: float) -> bool:
        return time.monotonic() - self._shown_at >= seconds

    def _step_text(self, step: int, loss: float) -> str:
        words = [f"step {step:,}" if self.total is None else f"step {step:,} of {self.total:,}"]
        if math.isfinite(loss):
            words.append(f"loss {loss:.4g}")
        (first, begin), (now, end) = self._times[0], self._times[-1]
        if now > first and end > begin:
            rate = (end - begin) / (now - first)
            words.append(f"{rate:.1f} steps/s")
            if self.total and self.total > step:
                words.append(f"{_clock((self.total - step) / rate)} left")
        text = "  ".join(words)
        if not self._live or not self.total:
            return text
        done = min(step * _BAR // self.total, _BAR)
        return f"[{'#' * done}{'.' * (_BAR - done)}] {text}"

    def _show(self, text: str) -> None:
        self._shown_at = time.monotonic()
        if not self._live:
            self._stream.write(f"{text}\n")
        else:
            self._clear()
            self._shown = text[: shutil.get_terminal_size().columns - 1]
            self._stream.write(self._shown)
        self._stream.flush()

    def _clear(self) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._shown = ""


def _clock(seconds: float) -> str:
    """Seconds as 0:07, 12:34 or 1:02:03."""
    whole = round(seconds)
    minutes, hours = whole // 60 % 60, whole // 3600
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
