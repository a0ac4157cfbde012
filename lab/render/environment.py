"""What the render process finds in its environment, set by whoever starts it: libraries read it when they load."""

from __future__ import annotations

import os

_MOST_THREADS = 8


def environment(extra: dict[str, str] | None = None) -> dict[str, str]:
    """Variables for the render process; what the person set is kept, and ``extra`` goes before everything."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    wanted = {
        # Open3D converts each picture with OpenMP and numpy multiplies small matrices with OpenBLAS. Their second
        # threads gain nothing at this size, and wait for the next picture by spinning, at the cost of a run.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        # Buffers of whole pictures come and go in several threads; with an arena for each, 150 MB more stay resident.
        "MALLOC_ARENA_MAX": "1",
        # Mesa's software OpenGL takes every core for itself, which on two of them a run and the window would miss.
        "LP_NUM_THREADS": os.environ.get("LP_NUM_THREADS") or str(min(max(cores - 1, 1), _MOST_THREADS)),
    }
    return {**wanted, **(extra or {})}
