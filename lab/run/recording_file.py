"""Recordings as files: a ``.dl3d`` is an archive (see lab.archive) of one run."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import numpy as np

from lab.archive import (
    ArchiveKind,
    NotUnderstood,
    Pack,
    Progress,
    check_entity,
    load_archive,
    no_progress,
    of_kind,
    save_archive,
)
from lab.experiment import Notice, Outcome
from lab.run.messages import Keyframe
from lab.run.recorder import BUDGET_BYTES, Header, Recording
from lab.scene import Array, Geometry

SUFFIX = ".dl3d"
_STEP_LIMIT = 1 << 40


class RecordingError(Exception):
    """A recording cannot be saved or opened; the message names the file, the cause and what to do."""


KIND = ArchiveKind("dl3d-recording", 1, "recording of a run", SUFFIX, RecordingError)


def save(path: str | os.PathLike[str], recording: Recording, *, progress: Progress | None = None) -> None:
    """Write a recording; an older file of that name is replaced only by a complete new one. Raises RecordingError.

    For a recording that still grows, save ``recording.copy()`` from the other thread.
    """
    save_archive(path, KIND, lambda packed: pack_recording(recording, packed, progress or no_progress))


def load(
    path: str | os.PathLike[str], *, budget_bytes: int = BUDGET_BYTES, progress: Progress | None = None
) -> Recording:
    """Open a recording. Its arrays are read-only. Raises RecordingError."""
    return load_archive(path, KIND, lambda parts: unpack_recording(parts, budget_bytes), progress)


# --- parts ----------------------------------------------------------------------------------------------------------


def pack_recording(recording: Recording, packed: Pack, progress: Progress = no_progress) -> dict[str, Any]:
    """A recording as a part of a manifest."""
    outcome = recording.outcome
    keyframes = []
    for i, keyframe in enumerate(recording.keyframes):
        parts = {
            "step": keyframe.step,
            "snapshot": keyframe.snapshot,
            "state": keyframe.state,
            "values": keyframe.values,
        }
        keyframes.append(packed(parts, f"keyframe {keyframe.step}"))
        progress((i + 1) / len(recording.keyframes), "Writing keyframes")
    return {
        "header": packed(_fields(recording.header), "header"),
        "ending": recording.ending,
        "stride": recording.stride,
        "inputs": packed(recording.inputs, "inputs"),
        "notices": [packed(asdict(notice), "notice") for notice in recording.notices],
        "outcome": None if outcome is None else packed(_fields(outcome), "outcome"),
        "steps": packed(recording.steps, "steps"),
        "seconds": packed(recording.seconds, "seconds"),
        "metrics": packed(recording.metrics, "metrics"),
        "keyframes": keyframes,
    }


def _fields(value: Header | Outcome) -> dict[str, Any]:
    """The fields as they are: ``asdict`` would copy the arrays, and with them lose which ones are the same."""
    return dict(vars(value))


def unpack_recording(parts: Mapping[str, Any], budget_bytes: int = BUDGET_BYTES) -> Recording:
    """The recording of a manifest's (unpacked) parts. Raises NotUnderstood, or another error of value or type."""
    header = Header(**of_kind(dict, parts["header"], "header"))
    for value, kind in ((header.activity, str), (header.values, dict), (header.seed, int), (header.device, str)):
        of_kind(kind, value, "header")
    for value, kind in ((header.versions, dict), (header.label, str)):
        of_kind(kind, value, "header")
    inputs = of_kind(dict, parts["inputs"], "inputs")
    for entity in inputs.values():
        check_entity(of_kind(Geometry, entity, "inputs"))
    stride = of_kind(int, parts["stride"], "stride")
    recording = Recording(header, inputs, keyframe_every=stride, budget_bytes=budget_bytes)
    recording.ending = of_kind(str, parts["ending"], "ending")
    recording.notices = [_notice(one) for one in of_kind(list, parts["notices"], "notices")]
    recording.outcome = None if parts["outcome"] is None else _outcome(parts["outcome"])
    recording.add_columns(*_metrics(parts))
    keyframes = of_kind(list, parts["keyframes"], "keyframes")
    recording.restore_keyframes(_keyframe(of_kind(dict, keyframe, "keyframe")) for keyframe in keyframes)
    return recording


def _notice(parts: Any) -> Notice:
    notice = Notice(**of_kind(dict, parts, "notice"))
    of_kind(int, notice.step, "notice")
    for text in (notice.level, notice.text, notice.advice):
        of_kind(str, text, "notice")
    of_kind(str | None, notice.term, "notice")
    return notice


def _metrics(parts: Mapping[str, Any]) -> tuple[Array, Array, Mapping[str, Array]]:
    steps, seconds = of_kind(np.ndarray, parts["steps"], "steps"), of_kind(np.ndarray, parts["seconds"], "seconds")
    columns = of_kind(dict, parts["metrics"], "metrics")
    wanted = [
        (steps, "i"),
        (seconds, "f"),
        *((of_kind(np.ndarray, column, "metrics"), "f") for column in columns.values()),
    ]
    for array, kind in wanted:
        if array.dtype.kind != kind or array.shape != (len(steps),):
            raise NotUnderstood("its metrics are not as long as its steps")
    return steps, seconds, columns


def _outcome(parts: Any) -> Outcome:
    outcome = Outcome(**of_kind(dict, parts, "outcome"))
    for entity in of_kind(dict, outcome.entities, "outcome").values():
        check_entity(entity)
    for figure in of_kind(dict, outcome.figures, "outcome").values():
        of_kind(str | bool | int | float, figure, "outcome")
    for x, y in of_kind(dict, outcome.curves, "outcome").values():
        if of_kind(np.ndarray, x, "outcome").shape != of_kind(np.ndarray, y, "outcome").shape:
            raise NotUnderstood("a curve of its outcome is not as long as its axis")
    of_kind(dict, outcome.document, "outcome")
    for value in of_kind(dict, outcome.arrays, "outcome").values():
        of_kind(np.ndarray | np.generic | float | int | str, value, "outcome")
    return outcome


def _keyframe(parts: dict[str, Any]) -> Keyframe:
    snapshot = of_kind(dict, parts["snapshot"], "keyframe")
    for entity in snapshot.values():
        check_entity(entity)
    values = of_kind(dict, parts["values"], "keyframe")
    step, state = of_kind(int, parts["step"], "keyframe"), of_kind(dict, parts["state"], "keyframe")
    if not 0 <= step < _STEP_LIMIT:
        raise NotUnderstood(f"it has a keyframe of step {step}")
    return Keyframe(0, step, snapshot, state, values)
