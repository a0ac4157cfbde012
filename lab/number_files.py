"""The numbers of a parameter from the command line: typed, or from a file .npz or .json that has an array of them.

Files come from strangers: nothing is unpickled, and an array is read only where it has about as many numbers as wanted.
"""

from __future__ import annotations

import json
import math
import zipfile
from pathlib import Path
from typing import Any

from lab.files import explain
from lab.params import Param, ParamError

SUFFIXES = (".npz", ".json")

_LARGEST_JSON = 16 << 20  # bytes
_HEADER = 1 << 14  # bytes that the array's own description may take in an .npz
_WIDEST = 16  # bytes of one number


def parse_numbers(text: str, param: Param) -> tuple[float, ...]:
    """The value of a parameter of the kind "numbers" from one word of the command line.

    Numbers are separated by commas or blanks; where the parameter counts degrees, so do they. The missing ones at the
    end keep their defaults. A word that ends in .npz or .json is a file with an array of the parameter's name, of any
    shape, in radians. Raises ParamError.
    """
    if Path(text).suffix.lower() in SUFFIXES:
        given = read_numbers(Path(text), param.name, len(param.default))
    else:
        given = tuple(_typed(word, param) for word in text.replace(",", " ").split())
    if len(given) > len(param.default):
        raise ParamError(f"{param.label}: expected at most {len(param.default)} numbers, found {len(given)}")
    checked: tuple[float, ...] = param.check((*given, *param.default[len(given) :]))
    return checked


def _typed(word: str, param: Param) -> float:
    try:
        number = float(word)
    except ValueError:
        raise ParamError(f"{param.label}: expected numbers or a file .npz or .json, found '{word:.40}'") from None
    return math.radians(number) if param.degrees else number


def read_numbers(path: Path, name: str, most: int) -> tuple[float, ...]:
    """The array called ``name`` of a file .npz or .json, row after row; at most ``most`` numbers. Raises ParamError."""
    try:
        found = _from_npz(path, name, most) if path.suffix.lower() == ".npz" else _from_json(path, name)
        flat = _flat(found, most)
    except OSError as error:
        raise ParamError(f"'{path}' cannot be read: {explain(error)}") from None
    except KeyError:
        raise ParamError(f"'{path}' has no array called '{name}'") from None
    except (ValueError, TypeError, EOFError, RecursionError, zipfile.BadZipFile, NotImplementedError):
        raise ParamError(f"'{path}': '{name}' cannot be read as at most {most} numbers") from None
    if not all(map(math.isfinite, flat)):
        raise ParamError(f"'{path}': '{name}' has numbers that are not finite")
    return flat


def _from_npz(path: Path, name: str, most: int) -> Any:
    import numpy as np

    with zipfile.ZipFile(path) as archive:
        member = archive.getinfo(f"{name}.npy")
        if member.file_size > _HEADER + _WIDEST * most:
            raise ValueError("too large")
        with archive.open(member) as stream:
            return np.lib.format.read_array(stream, allow_pickle=False).tolist()


def _from_json(path: Path, name: str) -> Any:
    if path.stat().st_size > _LARGEST_JSON:
        raise ValueError("too large")
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict):
        raise KeyError(name)
    return content[name]


def _flat(found: Any, most: int) -> tuple[float, ...]:
    """Numbers in lists in lists, as one tuple. Raises ValueError for anything else, or for too many."""
    flat: list[float] = []
    waiting = [found]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(reversed(one))
        elif isinstance(one, int | float) and not isinstance(one, bool):
            flat.append(float(one))
        else:
            raise ValueError("not a number")
        if len(flat) + len(waiting) > most + 1_000:
            raise ValueError("too many")
    if len(flat) > most:
        raise ValueError("too many")
    return tuple(flat)
