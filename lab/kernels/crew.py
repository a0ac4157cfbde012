"""A few helper threads that run kernels side by side.

Plain sleeping threads instead of Numba's own: those of OpenMP spin for milliseconds after each parallel loop, which
takes the processor from the window and the renderer on a small machine.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Any

MOST_THREADS = 4


def usable_threads() -> int:
    """How many threads pay off here: the processor cores this process may use, four at most."""
    return min(MOST_THREADS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)


class Crew:
    """The calling thread and ``threads - 1`` helpers. Use it as a context manager, or call ``close``.

    Only functions that release the interpreter lock (kernels) gain from it.
    """

    def __init__(self, threads: int | None = None) -> None:
        self.threads = usable_threads() if threads is None else threads
        if self.threads < 1:
            raise ValueError(f"threads: expected 1 or more, found {threads}")
        self._helpers: ThreadPoolExecutor | None = None
        if self.threads > 1:
            self._helpers = ThreadPoolExecutor(self.threads - 1, thread_name_prefix="kernels")

    def start(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        """``function(*arguments)`` on a helper, or at once where there is none. Its result or error is the Future's."""
        if self._helpers is not None:
            return self._helpers.submit(function, *arguments)
        done: Future[Any] = Future()
        done.set_result(function(*arguments))
        return done

    def share(self, tasks: Sequence[Callable[[], Any]]) -> None:
        """Do all ``tasks``: each thread, also the calling one, takes the next when it is free. Raises what they do."""
        left = deque(tasks)

        def work() -> None:
            while True:
                try:
                    task = left.popleft()  # two threads never get the same one
                except IndexError:
                    return
                task()

        waiting = [self.start(work) for _ in range(min(self.threads, len(tasks)) - 1)] if self._helpers else []
        work()
        for future in waiting:
            future.result()

    def close(self) -> None:
        """End the helpers; what is asked for afterwards is done by the calling thread."""
        helpers, self._helpers = self._helpers, None
        if helpers is not None:
            helpers.shutdown(wait=True)

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
