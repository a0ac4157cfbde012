"""What a run leaves as JSON: its figures and all that it takes to repeat it (``--metrics``), and what it found."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from lab import __version__
from lab.files import atomic_write, explain
from lab.run.messages import Failed, Finished
from lab.run.recorder import Recording
from lab.scene import Geometry, Mesh


class ReportError(Exception):
    """A report cannot be saved; the message is a sentence."""


def save_document(path: str | Path, document: Mapping[str, Any]) -> None:
    """Save what a run found (Outcome.document) as JSON, atomically.

    Arrays become lists, a number that is not finite becomes null. Raises ReportError when the document is empty, holds
    what JSON cannot, or cannot be saved.
    """
    path = Path(path)
    if not document:
        raise ReportError(f"The run found nothing that could be saved as JSON, so '{path}' was not saved.")
    try:
        text = json.dumps(_json_value(document), indent=2, allow_nan=False, ensure_ascii=False)
        with atomic_write(path) as temporary:
            temporary.write_text(text + "\n", encoding="utf-8")
    except TypeError as error:
        raise ReportError(f"'{path}' cannot be saved: {error}.") from error
    except OSError as error:
        raise ReportError(f"'{path}' cannot be saved: {explain(error)}.") from error


def _json_value(value: Any) -> Any:
    """``value`` in types that JSON knows. Raises TypeError for what has no counterpart there."""
    if isinstance(value, Mapping):
        return {str(key): _json_value(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _json_value(value.tolist())
    if isinstance(value, list | tuple):
        return [_json_value(item) for item in value]
    if value is None or isinstance(value, str | bool | int | float):
        return _plain(value)
    raise TypeError(f"JSON has no place for a value of type {type(value).__name__}")


def run_report(
    recording: Recording, end: Finished | Failed, files: Mapping[str, Path], seconds: float
) -> dict[str, Any]:
    """The report of a run that has ended, in types that JSON knows; a number that is not finite is null.

    files: where the inputs came from, by parameter name. seconds: of the whole run, with preparation and evaluation.
    """
    header = recording.header
    steps = recording.steps
    computing = float(recording.seconds[-1] - recording.seconds[0]) if len(steps) > 1 else 0.0
    made = int(steps[-1] - steps[0]) if len(steps) else 0
    return {
        "program": f"DL3D Lab {__version__}",
        "activity": header.activity,
        "ending": recording.ending,
        "reason": end.sentence if isinstance(end, Failed) else "",
        "parameters": dict(header.values),
        "inputs": {name: _input(recording.inputs[name], path) for name, path in files.items()},
        "seed": header.seed,
        "device": header.device,
        "versions": dict(header.versions),
        "steps": int(steps[-1]) if len(steps) else 0,
        "seconds": round(seconds, 3),
        "steps_per_second": round(made / computing, 3) if computing > 0 else None,
        "figures": {} if isinstance(end, Failed) else {name: _plain(v) for name, v in end.outcome.figures.items()},
        "last": {name: _plain(float(values[-1])) for name, values in recording.metrics.items() if len(values)},
        "curves": {} if isinstance(end, Failed) else {name: _curve(*xy) for name, xy in end.outcome.curves.items()},
        "notices": [asdict(notice) for notice in recording.notices],
    }


def _input(geometry: Geometry, path: Path) -> dict[str, Any]:
    sizes = {"vertices": len(geometry.verts)}
    if isinstance(geometry, Mesh):
        sizes["faces"] = len(geometry.faces)
    return {"file": str(path), **sizes}


def _curve(x: Any, y: Any) -> dict[str, list[Any]]:
    return {"x": [_plain(float(value)) for value in x], "y": [_plain(float(value)) for value in y]}


def _plain(value: float | str | bool | None) -> float | str | bool | None:
    return None if isinstance(value, float) and not math.isfinite(value) else value
