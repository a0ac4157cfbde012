"""``./dl3d study`` and ``./dl3d run``: a study without a window, from files to figures, pictures, tables, geometry."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.array_files import ARRAY_SUFFIXES
from lab.chapter import StudyActivity, find_study
from lab.fields.files import SUFFIX as FIELD_SUFFIX
from lab.fields.files import load_field
from lab.files import explain
from lab.film import ExportError
from lab.formats import WRITABLE, FormatError
from lab.headless import figure_text, give_up, read_input, save_json
from lab.inputs import (
    DONE,
    FAILED,
    WRONG_REQUEST,
    RequestError,
    check_output,
    check_output_folder,
    find_folder,
    find_geometry,
    given_values,
    slug,
)
from lab.params import Param, ParamError, build, check_geometry, declared
from lab.params import values as values_of
from lab.progress_line import ProgressLine
from lab.run.warmup import prepare_environment
from lab.scene import Input, Mesh, Points
from lab.studies.saving import FILM_SUFFIXES, save_board, save_result, suffixes_of
from lab.study import Animation, Board, Result, StudyContext, StudyError, Text

_SUFFIXES = tuple(dict.fromkeys((*WRITABLE, *ARRAY_SUFFIXES, *FILM_SUFFIXES, ".exr")))


@dataclass(frozen=True)
class _Request:
    activity: StudyActivity
    params: Any
    inputs: dict[str, Input | tuple[Input, ...]]
    seed: int
    action: str
    folder: Path | None
    figures: Path | None
    out: Path | None = None
    mesh: Path | None = None
    result: str = ""


def run(options: argparse.Namespace) -> int:
    """Answer what the options ask and save what they name. Returns the exit status."""
    line = ProgressLine(sys.stderr, quiet=options.quiet)
    with contextlib.ExitStack() as stack:
        prepare_environment(stack)
        try:
            request = _request(options, line)
        except (RequestError, ParamError, FormatError) as error:
            return give_up(options.command, line, str(error), options.debug, WRONG_REQUEST)
        try:
            board = last_board(request.activity, request.params, request.inputs, request.seed, request.action, line)
            line.close()
            _print(board, options.quiet)
            _save(board, request)
        except RequestError as error:
            return give_up(options.command, line, str(error), options.debug, WRONG_REQUEST)
        except (StudyError, FormatError, ExportError) as error:
            return give_up(options.command, line, str(error), options.debug, FAILED)
        except OSError as error:
            sentence = f"The results cannot be saved: {explain(error)}."
            return give_up(options.command, line, sentence, options.debug, FAILED)
    return DONE


def last_board(
    activity: StudyActivity,
    params: Any,
    inputs: dict[str, Input | tuple[Input, ...]],
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
    inputs: dict[str, Input | tuple[Input, ...]] = {}
    for param in declared(activity.params):
        if param.kind not in ("geometry", "geometries", "file"):
            continue
        names = values.get(param.name) or activity.examples_of(param.name)
        names = (names,) if isinstance(names, str) else tuple(names)
        if not names:
            continue
        files = [find_folder(name) if param.folder else find_geometry(name) for name in names]
        values[param.name] = tuple(map(str, files)) if param.kind == "geometries" else str(files[0])
        if param.kind != "file":
            entities = tuple(_read(file, param, line) for file in files)
            inputs[param.name] = entities if param.kind == "geometries" else entities[0]
    return _Request(
        activity,
        build(activity.params, values),
        inputs,
        options.seed,
        options.action or "",
        options.save and check_output_folder("--save", options.save),
        options.figures and check_output("--figures", options.figures, (".json",)),
        options.out and check_output("--out", options.out, _SUFFIXES),
        options.mesh and check_output("--mesh", options.mesh, tuple(WRITABLE)),
        options.result or "",
    )


def _read(file: Path, param: Param, line: ProgressLine) -> Input:
    if "field" in param.accepts and file.suffix.lower() == FIELD_SUFFIX:
        return load_field(file)
    if "shape" not in param.accepts:
        raise RequestError(f"{param.option} '{file}': expected a radiance field ({FIELD_SUFFIX}).")
    return read_input(file, line).entity


def _single_outputs(request: _Request) -> Iterator[tuple[Path, bool]]:
    """(file, whether it is for geometry only) of those that get one result each."""
    if request.out is not None:
        yield request.out, False
    if request.mesh is not None:
        yield request.mesh, True


def chosen_result(board: Board, suffix: str, name: str = "", *, geometry: bool = False) -> tuple[str, Result]:
    """(name, result): the first result of a board that can be saved with this ending; an animation before a mesh.

    name: which one it has to be, as the board calls it or with "-" for blanks. geometry: a mesh or a point cloud only.
    Raises RequestError when there is none.
    """
    suiting = {
        key: result
        for key, result in board.results.items()
        if suffix in suffixes_of(result) and (isinstance(result, Mesh | Points) or not geometry)
    }
    found = [key for key in suiting if not name or slug(key) == slug(name)]
    found.sort(key=lambda key: not isinstance(suiting[key], Animation))  # stable
    if found:
        return found[0], suiting[found[0]]
    which = f"no result '{name}'" if name else "no result"
    every = ", ".join(f"'{key}' ({' '.join(suffixes_of(one)) or 'no file'})" for key, one in board.results.items())
    raise RequestError(f"There is {which} that can be saved as {suffix}. There are: {every or 'none'}.")


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
    chosen = [
        (path, *chosen_result(board, path.suffix.lower(), request.result if number == 0 else "", geometry=geometry))
        for number, (path, geometry) in enumerate(_single_outputs(request))
    ]
    for path, name, result in chosen:
        save_result(path, name, result)
        sys.stderr.write(f"Saved {path}\n")
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
