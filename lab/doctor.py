"""``./dl3d doctor``: what a report of a problem needs, each line with what to do about it.

Whatever could take the process along (torch, Open3D, Qt) is tried in a process of its own. Nothing private is told:
paths begin with ~, and no names of users, machines or files of theirs.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import queue
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from lab import __version__, system
from lab.examples import examples
from lab.files import atomic_write
from lab.render.client import RenderClient
from lab.render.messages import RendererFailed, RendererReady, RenderEvent

_ROOT = Path(__file__).resolve().parent.parent
_SECONDS = 60.0  # for a process to answer
_SPACE = 1 << 30  # bytes that should be free for caches and exports
_PACKAGES = (
    *("torch", "easypytorch3d", "open3d", "PySide6-Essentials", "pyqtgraph", "numpy", "numba", "scipy", "OpenEXR"),
    *("imageio", "imageio-ffmpeg", "pillow", "laspy"),
)

Status = Literal["ok", "warn", "missing"]


@dataclass(frozen=True)
class Finding:
    """One line of the report. advice: what to do about it, a sentence or a command; empty when all is well."""

    name: str
    status: Status
    text: str
    advice: str = ""


Check = Callable[[], Iterator[Finding]]


def main(json_path: Path | None = None, window_check: Sequence[str] = ()) -> int:
    """Print the report; 0 if the lab can be used, else 1. window_check: the command for ``check_window``."""
    sections: dict[str, list[Finding]] = {}
    for title, check in _checks(window_check).items():
        sys.stdout.write(f"{title}\n")
        sections[title] = []
        for finding in _examined(title, check):
            sections[title].append(finding)
            sys.stdout.write(format_finding(finding))
            sys.stdout.flush()
    usable = all(finding.status != "missing" for findings in sections.values() for finding in findings)
    sys.stdout.write(
        "\nThe lab can be used.\n" if usable else "\nThe lab cannot be used as it is; see 'missing' above.\n"
    )
    if json_path is not None:
        report = {title: [asdict(finding) for finding in findings] for title, findings in sections.items()}
        with atomic_write(json_path) as temporary:
            temporary.write_text(json.dumps({"usable": usable, **report}, indent=2) + "\n", encoding="utf-8")
    return 0 if usable else 1


def _checks(window_check: Sequence[str]) -> dict[str, Check]:
    return {
        "Lab": check_lab,
        "Machine": check_machine,
        "System libraries": check_libraries,
        "Compute": check_compute,
        "Viewport": check_renderer,
        "Window": lambda: check_window(window_check),
        "Files": check_files,
    }


def _examined(title: str, check: Check) -> Iterator[Finding]:
    """The findings of a check; one that breaks down is a finding itself, and the others go on."""
    try:
        yield from check()
    except Exception as error:  # noqa: BLE001 - a report of problems must not end at the first one
        yield Finding(title, "missing", private(f"this check failed ({type(error).__name__}: {error})"))


def format_finding(finding: Finding) -> str:
    """The finding as one line of text, or two."""
    line = f"  {finding.status:<8}{finding.name:<20}{finding.text}\n"
    return line + (f"          {'':<20}{finding.advice}\n" if finding.advice else "")


def private(text: str) -> str:
    """``text`` without the person's name in it: their home folder is ~."""
    home = str(Path.home())
    return text.replace(home, "~") if len(home) > 1 else text


# --- the checks ---------------------------------------------------------------------------------------------------


def check_lab() -> Iterator[Finding]:
    """Versions, and whether they are those that were checked together."""
    yield Finding("DL3D Lab", "ok", __version__)
    known = (3, 11) <= sys.version_info[:2] <= (3, 12)
    yield Finding(
        "Python", "ok" if known else "warn", f"{platform.python_version()} at {private(sys.executable)}",
        "" if known else "Python 3.11 and 3.12 are those that are tested.",
    )  # fmt: skip
    pins = pinned()
    for package in _PACKAGES:
        try:
            found = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            yield Finding(package, "missing", "not installed", "./dl3d installs it")
            continue
        pin = pins.get(package.lower())
        if pin is None or found.partition("+")[0] == pin:
            yield Finding(package, "ok", found)
        else:
            yield Finding(package, "warn", found, f"{pin} is the version that is tested")


def pinned(path: Path = _ROOT / "constraints.txt") -> dict[str, str]:
    """The tested version of each package, by its name in lower case with dashes."""
    lines = path.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if "==" in line and not line.startswith("#"))
    return {name.lower().replace("_", "-"): version.strip() for name, version in pairs}


def check_machine() -> Iterator[Finding]:
    """Operating system, processor, memory."""
    try:
        distribution = platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        distribution = platform.system()
    yield Finding("System", "ok", f"{distribution}, {platform.release()}, {platform.machine()}")
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield Finding("Processor", "ok", f"{_processor()}, {usable} of {os.cpu_count()} cores usable")
    memory = _memory()
    if memory:
        total, available = memory
        enough = available >= 2 << 30
        advice = "" if enough else "The lab needs about 2 GB; close other programs."
        yield Finding(
            "Memory", "ok" if enough else "warn", f"{_gigabytes(total)}, {_gigabytes(available)} free", advice
        )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.processor()
    )


def _memory() -> tuple[int, int] | None:
    """Total and available bytes, where the system tells."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    kilobytes = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}
    return kilobytes["MemTotal"] << 10, kilobytes["MemAvailable"] << 10


def _gigabytes(count: int) -> str:
    return f"{count / (1 << 30):.1f} GB"


def check_libraries() -> Iterator[Finding]:
    """What Qt and Open3D need of the system."""
    missing = system.missing()
    if not missing:
        yield Finding("Libraries", "ok", "all there")
        return
    for requirement in missing:
        status: Status = "warn" if requirement.need == "vnc" else "missing"
        yield Finding(requirement.name, status, f"not found; the {requirement.need} needs it")
    yield Finding("To install them", "warn", system.install_command(missing))


_COMPUTE = """
import json, os, sys
os.environ.setdefault("OMP_NUM_THREADS", str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1))
import numba, torch
import pytorch3d._C
cuda = torch.cuda.is_available()
json.dump({
    "torch": torch.__version__, "built for": torch.version.cuda, "cuda": cuda,
    "device": torch.cuda.get_device_name() if cuda else "", "threads": torch.get_num_threads(),
    "numba": numba.config.NUMBA_NUM_THREADS,
}, sys.stdout)
"""


def check_compute() -> Iterator[Finding]:
    """Whether torch and PyTorch3D load, and on what they compute."""
    done = _tried([sys.executable, "-c", _COMPUTE])
    if isinstance(done, str):
        yield Finding("torch, PyTorch3D", "missing", f"do not load: {done}", "Remove .venv and start ./dl3d again.")
        return
    yield Finding("torch, PyTorch3D", "ok", f"load; torch {done['torch']}, built for CUDA {done['built for']}")
    yield Finding("Device", "ok", done["device"] if done["cuda"] else "the processor; no CUDA device was found")
    yield Finding("Threads", "ok", f"torch {done['threads']}, Numba {done['numba']}")


def check_renderer() -> Iterator[Finding]:
    """What draws the viewport: the real render process, asked for itself."""
    events: queue.SimpleQueue[RenderEvent] = queue.SimpleQueue()
    client = RenderClient(events.put)
    client.start()
    try:
        event = _renderer_said(events)
    finally:
        client.close()
    if isinstance(event, RendererReady):
        software = any(word in event.gl_renderer.lower() for word in ("llvmpipe", "softpipe", "swrast"))
        kind = " (software: the processor draws)" if software else ""
        yield Finding("OpenGL", "ok", f"{event.gl_renderer}{kind}")
        yield Finding("Start", "ok", f"Open3D {event.open3d_version}, ready after {event.seconds:.1f} s")
        return
    sentence = event.sentence if event else f"it did not answer within {_SECONDS:.0f} s"
    last = private(event.details.strip().splitlines()[-1]) if event and event.details.strip() else ""
    yield Finding("Render process", "missing", private(sentence), last)


def _renderer_said(events: queue.SimpleQueue[RenderEvent]) -> RendererReady | RendererFailed | None:
    """Its first word on whether it works; None if there is none in time. (A failure that it tries to mend is none.)"""
    failure: RendererFailed | None = None
    while True:
        try:
            event = events.get(timeout=_SECONDS)
        except queue.Empty:
            return failure
        if isinstance(event, RendererReady):
            return event
        if isinstance(event, RendererFailed):
            failure = event
            if event.final:
                return event


def check_window(command: Sequence[str]) -> Iterator[Finding]:
    """The display, and whether Qt opens a window on it. command: prints what it finds as JSON name -> text."""
    display = system.display()
    chosen = os.environ.get("QT_QPA_PLATFORM")
    if display:
        yield Finding("Display", "ok", display)
    elif chosen:
        yield Finding("Display", "ok", f"none; QT_QPA_PLATFORM asks for {chosen}")
    else:
        yield Finding("Display", "warn", "none", system.NO_DISPLAY)
    if not command:
        return
    done = _tried(command, {} if display or chosen else {"QT_QPA_PLATFORM": "offscreen"})
    if isinstance(done, str):
        yield Finding("Qt", "missing", f"cannot open a window: {done}")
        return
    for name, text in done.items():
        yield Finding(name, "ok", private(str(text)))


def check_files() -> Iterator[Finding]:
    """Places that are written to, and what comes with the lab."""
    compiled = Path(os.environ.get("NUMBA_CACHE_DIR") or _ROOT / "lab")
    writable = os.access(compiled, os.W_OK)
    yield Finding(
        "Compiled code", "ok" if writable else "warn", private(str(compiled)),
        "" if writable else "It cannot be written to; compiled code goes to ~/.cache/dl3d-lab instead.",
    )  # fmt: skip
    for name, folder in (("Temporary files", Path(tempfile.gettempdir())), ("Home", Path.home())):
        try:
            free = shutil.disk_usage(folder).free
        except OSError as error:
            yield Finding(
                name, "warn", f"{private(str(folder))}: {error.strerror}", "Exports need a place to be made in."
            )
            continue
        advice = "" if free >= _SPACE else "Films and recordings may not fit; free some space."
        yield Finding(
            name, "ok" if free >= _SPACE else "warn", f"{private(str(folder))}, {_gigabytes(free)} free", advice
        )
    gone = [example.file for example in examples() if not example.path.exists()]
    if gone:
        yield Finding("Examples", "warn", f"missing: {', '.join(gone)}", "Restore assets/examples from the repository.")
    else:
        yield Finding("Examples", "ok", f"all {len(examples())}")


def _tried(command: Sequence[str], extra: dict[str, str] | None = None) -> Any:
    """The JSON that a command prints, or a sentence on how it failed."""
    environment = {**os.environ, **(extra or {})}
    try:
        done = subprocess.run(
            command, cwd=_ROOT, env=environment, capture_output=True, text=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {_SECONDS:.0f} s"
    if done.returncode == 0:
        return json.loads(done.stdout)
    lines = [line for line in done.stderr.strip().splitlines() if line.strip()]
    last = private(lines[-1]) if lines else ""
    how = f"ended by signal {-done.returncode}" if done.returncode < 0 else f"status {done.returncode}"
    return f"{last} ({how})" if last else how
