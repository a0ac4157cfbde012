"""What a process does before its first run: environment, imports, compiled code."""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import logging
import os
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from lab.chapter import ExperimentActivity, activities

_log = logging.getLogger(__name__)
_DISTRIBUTIONS = MappingProxyType(
    {"torch": "torch", "pytorch3d": "easypytorch3d", "numpy": "numpy", "numba": "numba", "scipy": "scipy"}
)


def prepare_environment(stack: contextlib.ExitStack) -> None:
    """Threads and caches, in environment variables that the person may have set; before torch and numba are imported.

    stack: removes at its end what had to be made for this process alone.
    """
    cores = str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(variable, cores)
    if "NUMBA_CACHE_DIR" not in os.environ and not os.access(Path(__file__).parent.parent, os.W_OK):
        os.environ["NUMBA_CACHE_DIR"] = _own_cache(stack)


def _own_cache(stack: contextlib.ExitStack) -> str:
    """A folder for compiled code that this user can write to, for an installation that is read-only."""
    base = os.environ.get("XDG_CACHE_HOME")
    folder = (Path(base) if base else Path.home() / ".cache") / "dl3d-lab" / "numba"
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
    if os.access(folder, os.W_OK):
        return str(folder)
    # no home to write to either: compile anew in each process
    return stack.enter_context(tempfile.TemporaryDirectory(prefix="dl3d-lab-", ignore_cleanup_errors=True))


def volunteer() -> None:
    """When memory runs out, the system shall end this process rather than the window with the person's work."""
    with contextlib.suppress(OSError):  # not on Linux, or not allowed in a container
        Path("/proc/self/oom_score_adj").write_text("500")


def warm_up() -> tuple[str, ...]:
    """Import what runs need and let each activity's module compile its own (``warm_up()``). Returns the devices."""
    torch = importlib.import_module("torch")
    importlib.import_module("pytorch3d")
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", torch.get_num_threads())))
    for activity in activities().values():
        if not isinstance(activity, ExperimentActivity):
            continue
        try:
            module = importlib.import_module(activity.experiment.partition(":")[0])
            if hasattr(module, "warm_up"):
                module.warm_up()
        except Exception:  # noqa: BLE001 - the others work; a run of this one will tell the person
            _log.exception("The activity %s could not be prepared", activity.key)
    return ("cpu", "cuda") if torch.cuda.is_available() else ("cpu",)


def versions() -> Mapping[str, str]:
    """Package -> version, of what a run's result depends on."""
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    for package, distribution in _DISTRIBUTIONS.items():
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(distribution)
    return found
