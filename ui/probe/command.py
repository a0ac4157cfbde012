"""From the command line to a measurement, and to its figures on the screen and in a file."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from lab import system
from lab.chapter import ExperimentActivity, StudyActivity, find
from lab.files import atomic_write
from lab.inputs import RequestError, can_save_json, find_geometry
from ui.probe import files, runs, studies, study_words
from ui.probe.opened import Opened, ProbeError, opened

_DONE, _FAILED, _WRONG_REQUEST = 0, 1, 2

Lines = Callable[[dict[str, Any]], Iterator[str]]


def main(options: Namespace) -> int:
    """Measure, print and save. options: as of lab.cli. Returns the exit status."""
    if not can_save_json(options):
        return _WRONG_REQUEST
    if system.display() is None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    try:
        file = _file(options)
        with tempfile.TemporaryDirectory(prefix="dl3d-probe-") as folder:
            figures, lines, blamed = _measure(options, file, Path(folder))
    except RequestError as error:
        sys.stderr.write(f"dl3d probe: {error}\n")
        return _WRONG_REQUEST
    except ProbeError as error:
        sys.stderr.write(f"dl3d probe: {error}\n")
        return _FAILED
    sys.stdout.write("".join([*lines(figures), *blamed]))
    if options.json is not None:
        with atomic_write(options.json) as temporary:
            temporary.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return _DONE


def _file(options: Namespace) -> Path | None:
    """The file to open. RequestError where there must be one or cannot be one."""
    if options.activity == "viewport":
        if options.file is None:
            raise RequestError("viewport needs a file to open: --file FILE.")
    elif options.file is not None and isinstance(find(options.activity), ExperimentActivity):
        raise RequestError(f"--file is for 'viewport' and for studies; {options.activity} is measured on its example.")
    return None if options.file is None else find_geometry(options.file)


def _measure(options: Namespace, file: Path | None, folder: Path) -> tuple[dict[str, Any], Lines, list[str]]:
    """The figures, what tells them, and what --blame has to say."""
    activity = None if options.activity == "viewport" else find(options.activity)
    with opened(folder, blame=options.blame, make_source=studies.TimedSource) as window:
        window.show()
        lines = _measure_activity(activity, options, file, folder, window)
        figures, blame = window.figures, window.blame
    return figures, lines, list(blame.lines()) if blame is not None else []


def _measure_activity(activity: Any, options: Namespace, file: Path | None, folder: Path, window: Opened) -> Lines:
    if isinstance(activity, StudyActivity):
        if file is not None:
            window.open_file(file)
        studies.StudyProbe(activity, options.seconds, options.size, window).measure()
        return study_words.lines
    if isinstance(activity, ExperimentActivity):
        runs.RunProbe(activity, options.seconds, options.size, folder).measure(window)
        return runs.lines
    assert file is not None
    files.FileProbe(file, options.seconds, options.size).measure(window)
    return files.lines
