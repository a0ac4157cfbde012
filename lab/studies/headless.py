"""``./dl3d study``: a study without a window, from files to figures, pictures, tables and geometry."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.chapter import StudyActivity, find_study
from lab.files import explain
from lab.film import ExportError
from lab.formats import FormatError
from lab.headless import figure_text, give_up, read_input, save_json
from lab.inputs import (
    DONE,
    FAILED,
    WRONG_REQUEST,
    RequestError,
    check_output,
    check_output_folder,
    find_geometry,
    given_values,
)
from lab.params import ParamError, build, check_geometry, declared
from lab.params import values as values_of
from lab.progress_line import ProgressLine
from lab.run.warmup import prepare_environment
from lab.scene import Geometry
from lab.studies.saving import save_board
from lab.study import Board, StudyContext, StudyError, Text


@dataclass(frozen=True)
class _Request:
    activity: StudyActivity
    params: Any
    inputs: dict[str, Geometry | tuple[Geometry, ...]]
    seed: int
    action: str
    folder: Path | None
    figures: Path | None


def run(options: argparse.Namespace) -> int:
    """Answer what the options ask and save what they name. Returns the exit status."""
    line = ProgressLine(sys.stderr, quiet=options.quiet)
    with contextlib.ExitStack() as stack:
        prepare_environment(stack)
        try:
            request = _request(options, line)
        except (RequestError, ParamError, FormatError) as error:
            return give_up("study", line, str(error), options.debug, WRONG_REQUEST)
        try:
            board = last_board(request.activity, request.params, request.inputs, request.seed, request.action, line)
            line.close()
            _print(board, options.quiet)
            _save(board, request)
        except (StudyError, FormatError, ExportError) as error:
            return give_up("study", line, str(error), options.debug, FAILED)
        except OSError as error:
            sentence = f"The results cannot be saved: {explain(error)}."
            return give_up("study", line, sentence, options.debug, FAILED)
    return DONE


def last_board(
    activity: StudyActivity,
    params: Any,
    inputs: dict[str, Geometry | tuple[Geometry, ...]],
    seed: int = 0,
    action: str = "",
    line: ProgressLine | None = None,
) -> Board:
    """The best board of a study. Raises StudyError, ParamError."""
    check_geometry(params, inputs)
    ctx = StudyContext(inputs, frozenset(p.name for p in declared(activity.params)), action, seed)
    if line is not None:
        ctx.report = line.report
    boards = deque(activity.load().boards(params, ctx), maxlen=1)
    if not boards:
        raise StudyError(f"{activity.title}: there is nothing to show for these values.")
    return boards[0]


def _request(options: argparse.Namespace, line: ProgressLine) -> _Request:
    activity = find_study(options.activity)
    values = given_values(options, activity)
    inputs: dict[str, Geometry | tuple[Geometry, ...]] = {}
    for param in declared(activity.params):
        if param.kind not in ("geometry", "geometries", "file"):
            continue
        names = values.get(param.name) or activity.examples_of(param.name)
        names = (names,) if isinstance(names, str) else tuple(names)
        if not names:
            continue
        files = [find_geometry(name) for name in names]
        values[param.name] = tuple(map(str, files)) if param.kind == "geometries" else str(files[0])
        if param.kind != "file":
            entities = tuple(read_input(file, line).entity for file in files)
            inputs[param.name] = entities if param.kind == "geometries" else entities[0]
    return _Request(
        activity,
        build(activity.params, values),
        inputs,
        options.seed,
        options.action or "",
        options.save and check_output_folder("--save", options.save),
        options.figures and check_output("--figures", options.figures, (".json",)),
    )


# --- what comes out -------------------------------------------------------------------------------------------------


def _print(board: Board, quiet: bool) -> None:
    width = max((len(label) for label in board.figures), default=0)
    for label, value in board.figures.items():
        sys.stdout.write(f"{label:<{width}}  {figure_text(value)}\n")
    for note in board.notes:
        if not quiet or note.level != "info":
            sys.stderr.write(f"{note.level.capitalize()}: {note.text} {note.advice}".rstrip() + "\n")
    for content in board.panes.values():
        if isinstance(content, Text):
            sys.stdout.write(f"\n{content.text}\n")


def _save(board: Board, request: _Request) -> None:
    if request.figures is not None:
        save_json(
            {
                "activity": request.activity.key,
                "parameters": values_of(request.params),
                "seed": request.seed,
                "figures": dict(board.figures),
                "notes": [f"{note.text} {note.advice}".rstrip() for note in board.notes],
            },
            request.figures,
        )
    if request.folder is not None:
        request.folder.mkdir(exist_ok=True)
        for path in save_board(board, request.folder):
            sys.stderr.write(f"Saved {path}\n")
