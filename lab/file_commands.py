"""``./dl3d inspect`` and ``./dl3d convert``: files on the command line, without a window."""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
from pathlib import Path

from lab.convert import Conversion, NotSavedError, convert
from lab.files import atomic_write, explain
from lab.formats import READABLE, WRITABLE, FormatError
from lab.formats.obj_write import ObjStyle
from lab.formats.ply_write import Encoding, PlyStyle
from lab.inputs import DONE, FAILED, WRONG_REQUEST, RequestError, can_save_json, check_output, find_geometry
from lab.inspector.inspect import inspect, kept_parts
from lab.inspector.report import as_data, as_text, size_text
from lab.progress_line import ProgressLine

ENCODINGS: dict[str, Encoding] = {
    "ascii": "ascii",
    "little": "binary_little_endian",
    "big": "binary_big_endian",
}


def run_inspect(options: argparse.Namespace) -> int:
    """Print what is in a file. Returns the exit status: FAILED when it is damaged so that it cannot be read."""
    if not can_save_json(options):
        return WRONG_REQUEST
    line = ProgressLine(sys.stderr, quiet=not sys.stderr.isatty())
    try:
        path = find_geometry(options.file)
        inspection = inspect(
            path,
            first=options.first,
            count=options.lines,
            measure=not options.quick,
            progress=lambda fraction, text: line.report(fraction, text),
        )
    except (RequestError, FormatError) as error:
        line.close()
        return _give_up(options, str(error), WRONG_REQUEST)
    line.close()
    sys.stdout.write(as_text(inspection))
    if options.json is not None:
        try:
            with atomic_write(options.json) as temporary:
                content = json.dumps(as_data(inspection), indent=2, ensure_ascii=False)
                temporary.write_text(content + "\n", encoding="utf-8")
        except OSError as error:
            return _give_up(options, f"'{options.json}' cannot be saved: {explain(error)}.", FAILED)
    return FAILED if inspection.error else DONE


def run_convert(options: argparse.Namespace) -> int:
    """Convert a file and say what was lost. Returns the exit status."""
    line = ProgressLine(sys.stderr, quiet=options.quiet or not sys.stderr.isatty())
    try:
        source = find_geometry(options.source)
        target = check_output("OUT", options.target, WRITABLE)
        _check_request(options, source, target)
    except RequestError as error:
        return _give_up(options, str(error), WRONG_REQUEST)
    try:
        conversion = convert(
            source,
            target,
            scale=options.scale,
            up=options.up,
            drop=frozenset(options.drop or ()),
            ply=PlyStyle(
                ENCODINGS[options.encoding or "little"],
                options.spelling or "old",
                options.face_list or "vertex_indices",
                options.colors or "uchar",
            ),
            obj=ObjStyle(relative=options.relative),
            progress=lambda fraction, text: line.report(fraction, text),
        )
    except FormatError as error:
        line.close()
        return _give_up(options, str(error), FAILED if isinstance(error, NotSavedError) else WRONG_REQUEST)
    line.close()
    if not options.quiet:
        sys.stdout.write(_told(conversion, source, target))
    return DONE


def _check_request(options: argparse.Namespace, source: Path, target: Path) -> None:
    """Raises RequestError for what makes no sense together."""
    if source.suffix.lower() not in READABLE:
        known = ", ".join(READABLE)
        raise RequestError(f"'{source.name}' cannot be read: it has the ending “{source.suffix}”. Known are {known}.")
    if target.exists() and os.path.samefile(source, target):
        raise RequestError(f"'{target}' is the file to convert; give OUT another name.")
    for name, given in (
        ("--encoding", options.encoding),
        ("--spelling", options.spelling),
        ("--face-list", options.face_list),
        ("--colors", options.colors),
    ):
        if given is not None and target.suffix.lower() != ".ply":
            raise RequestError(f"{name} is for PLY files, but '{target.name}' is none; leave it out.")
    if options.relative and target.suffix.lower() != ".obj":
        raise RequestError(f"--relative is for OBJ files, but '{target.name}' is none; leave it out.")


def _told(conversion: Conversion, source: Path, target: Path) -> str:
    """What was read, dropped, lost and saved, a line each."""
    lines = [f"Read {source.name}: {', '.join(kept_parts(conversion.loaded.entity))}."]
    lines += [f"Note: {sentence}" for sentence in (*conversion.loaded.warnings, *conversion.notes)]
    if conversion.loaded.dropped and not conversion.complete:
        lines.append(f"Not read: {', '.join(conversion.loaded.dropped)}.")
    if conversion.lost:
        lines.append(f"Not kept by {WRITABLE[target.suffix.lower()]}: {', '.join(conversion.lost)}.")
    if conversion.complete:
        lines.append("Everything that the file holds was kept.")
    lines.append(f"Saved {target} ({size_text(target.stat().st_size)}).")
    return "\n".join([*lines, ""])


def _give_up(options: argparse.Namespace, sentence: str, status: int) -> int:
    if options.debug:
        sys.stderr.write(traceback.format_exc())
    sys.stderr.write(f"dl3d {options.command}: {sentence}\n")
    return status
