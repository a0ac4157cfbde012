"""What a person names on the command line: files to read, and places to write to, checked before any work begins."""

from __future__ import annotations

import os
import sys
import tempfile
from argparse import Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.files import explain

if TYPE_CHECKING:
    from lab.chapter import Activity


DONE, FAILED, WRONG_REQUEST, INTERRUPTED = 0, 1, 2, 130
"""Exit statuses of every command."""


class RequestError(Exception):
    """The request cannot be carried out as it was made; the message is a sentence: what is wrong, and what to do."""


def given_values(options: Namespace, activity: Activity) -> dict[str, Any]:
    """The parameters' values that the person gave: those of the preset, changed by the single options."""
    chosen = [preset for preset in activity.presets if slug(preset.title) == getattr(options, "preset", None)]
    values = dict(chosen[0].values) if chosen else {}
    prefix = "param "
    given = {name.removeprefix(prefix): v for name, v in vars(options).items() if name.startswith(prefix)}
    return values | given


def slug(title: str) -> str:
    """A preset's title as an option's value: "Chamfer alone" is ``chamfer-alone``."""
    return "-".join(title.lower().replace("-", " ").split())


def find_geometry(text: str) -> Path:
    """The file that ``text`` names: a path, or the name of a bundled example where no such file is. RequestError."""
    from lab.examples import example_path, examples  # needs numpy, which --help does without

    path = Path(text).expanduser()
    if path.exists():
        return path
    try:
        return example_path(text)
    except KeyError:
        names = ", ".join(example.file for example in examples())
        raise RequestError(f"There is no file '{text}', and no such example; the examples are {names}.") from None


def find_folder(text: str) -> Path:
    """The folder, or the file of one, that ``text`` names for a parameter that takes a whole folder. RequestError."""
    path = Path(text).expanduser()
    if not path.exists():
        raise RequestError(f"There is no folder and no file '{text}'. Check the name.")
    return path


def check_output(option: str, path: Path, suffixes: Iterable[str]) -> Path:
    """``path`` as given, after making sure that a file of one of these kinds can be written there. RequestError."""
    suffixes = tuple(suffixes)
    path = path.expanduser()
    if path.suffix.lower() not in suffixes:
        kinds = " or ".join([", ".join(suffixes[:-1]), suffixes[-1]] if len(suffixes) > 1 else suffixes)
        raise RequestError(f"{option} '{path}': the name must end in {kinds}.")
    if path.is_dir():
        raise RequestError(f"{option} '{path}': this is a folder; give the name of a file in it.")
    if path.exists() and not os.access(path, os.W_OK):
        raise RequestError(f"{option} '{path}': the file is there and must not be changed; choose another name.")
    _check_folder(option, path.parent)
    return path


def check_output_folder(option: str, path: Path) -> Path:
    """``path`` as given, after making sure that files can be written into such a folder. RequestError."""
    path = path.expanduser()
    if path.exists() and not path.is_dir():
        raise RequestError(f"{option} '{path}': this is a file; give the name of a folder.")
    _check_folder(option, path if path.exists() else path.parent)
    return path


def _check_folder(option: str, folder: Path) -> None:
    """Really write, as permissions alone do not tell of read-only disks and quotas."""
    if not folder.is_dir():
        raise RequestError(f"{option}: the folder '{folder}' does not exist; make it first or choose another.")
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"\0" * 4096)
    except OSError as error:
        raise RequestError(f"{option}: nothing can be saved in '{folder}': {explain(error)}.") from None


# --- for the commands whose options are no more than these --------------------------------------------------------


def find_files(options: Namespace) -> bool:
    """Resolve ``options.files``, paths or names of examples; says which one is not there."""
    try:
        options.files = [str(find_geometry(file)) for file in options.files]
    except RequestError as error:
        sys.stderr.write(f"dl3d: {error} './dl3d --help' shows the commands.\n")
        return False
    return True


def can_save_json(options: Namespace) -> bool:
    """Whether the file of ``--json``, if any, can be written; says why not, before anything is measured."""
    try:
        if options.json is not None:
            check_output("--json", options.json, (".json",))
    except RequestError as error:
        sys.stderr.write(f"dl3d {options.command}: {error}\n")
        return False
    return True
