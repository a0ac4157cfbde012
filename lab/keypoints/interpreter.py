"""The networks of ``assets/pose2d``, run by LiteRT on the CPU."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from lab.scene import Array

FOLDER: Final = Path(__file__).resolve().parents[2] / "assets" / "pose2d"
_MOST_THREADS = 4  # more gain nothing with networks of this size
_QUIET = threading.Lock()


class NetworkError(Exception):
    """The networks cannot be used. The message says why, and what to do."""


class Network:
    """One network with one picture in. It may be asked from several threads: they take turns."""

    def __init__(self, name: str) -> None:
        """name: of its file, without the ending. Raises NetworkError."""
        self._lock = threading.Lock()
        self._interpreter = _open(FOLDER / f"{name}.tflite")
        self._input = int(self._interpreter.get_input_details()[0]["index"])
        self._outputs = [int(output["index"]) for output in self._interpreter.get_output_details()]

    def __call__(self, pixels: Array) -> list[Array]:
        """pixels: (H, W, 3), of the size and the range that the network was made for. Its outputs, copies, float32."""
        with self._lock:
            self._interpreter.set_tensor(self._input, np.ascontiguousarray(pixels[None], np.float32))
            self._interpreter.invoke()
            return [self._interpreter.get_tensor(index) for index in self._outputs]


@cache
def network(name: str) -> Network:
    """The network of this name, opened once. Raises NetworkError."""
    return Network(name)


def _open(path: Path) -> Any:
    try:
        from ai_edge_litert.interpreter import Interpreter
    except ImportError as error:
        text = f"People cannot be found in pictures, because the package ai-edge-litert cannot be loaded ({error})."
        raise NetworkError(f"{text} Install it with: pip install ai-edge-litert") from error
    if not path.is_file():
        raise NetworkError(f"{path.name} is missing from {path.parent}. Install the lab again.")
    threads = min(_MOST_THREADS, len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1)
    try:
        with _QUIET, _without_words():
            interpreter = Interpreter(str(path), num_threads=threads)
            interpreter.allocate_tensors()
    except (ValueError, RuntimeError) as error:
        raise NetworkError(f"{path.name} cannot be used ({error}). Install the lab again.") from error
    return interpreter


@contextlib.contextmanager
def _without_words() -> Iterator[None]:
    """LiteRT greets on the error output, from C++, which would be taken for something that went wrong."""
    try:
        kept = os.dup(2)
    except OSError:  # there is no error output
        yield
        return
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
