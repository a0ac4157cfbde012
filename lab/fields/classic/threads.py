"""Work with torch on several threads, each with a part of the rays to itself.

torch's own way splits every single operation, and its threads wait for each other after each one. On two cores that a
window and a renderer use as well, that takes two to five times as long as no threads at all (measured).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch

from lab.kernels.crew import Crew

_LEAST, _MOST = 6_000, 8
"""Samples of a part that are worth a thread's while, and parts."""


class Threads:
    """The threads of a trainer; on CUDA there is only the calling one. ``close`` them."""

    def __init__(self, device: torch.device) -> None:
        self._crew = Crew() if device.type == "cpu" else None

    def parts(self, samples: int) -> int:
        """Into how many parts so many samples are split; it does not depend on the machine, so that runs repeat."""
        return 1 if self._crew is None else min(max(samples // _LEAST, 1), _MOST)

    def share(self, tasks: Sequence[Callable[[], Any]]) -> None:
        """Do all tasks; on the CPU side by side, each on one thread. Raises what they raise."""
        if self._crew is None:
            for task in tasks:
                task()
            return
        with self.alone():
            self._crew.share([lambda task=task: _alone(task) for task in tasks])

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Within it, the calling thread's operations are not split; on CUDA it changes nothing."""
        before = torch.get_num_threads()
        try:
            if self._crew is not None:
                torch.set_num_threads(1)
            yield
        finally:
            torch.set_num_threads(before)

    def close(self) -> None:
        """End the helpers."""
        if self._crew is not None:
            self._crew.close()


def _alone(task: Callable[[], Any]) -> None:
    torch.set_num_threads(1)
    task()
