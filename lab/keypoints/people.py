"""People in a picture, and the JSON files that hold their joints.

Read: OpenPose's ("people", each with "pose_keypoints_2d"), COCO's (annotations or results, with "keypoints"), lists of
triplets as other programs write them, and the lab's own, which is OpenPose's with the layout's name and the picture's
size. Written: the lab's own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from lab.files import atomic_write
from lab.formats.base import Source
from lab.keypoints.layouts import LAYOUTS, by_count, layout_of
from lab.scene import Array

_MOST_BYTES = 64_000_000
_MOST_PEOPLE = 1000
_FARTHEST = 1e6  # pixels
_OPENPOSE = "pose_keypoints_2d"
_ADVICE = "Choose the file of joints that OpenPose, COCO or the lab wrote"


@dataclass(frozen=True, eq=False)
class Person2D:
    """One person. xy: (K, 2) float64, pixels of the photo, x right, y down, the first pixel's centre at (0.5, 0.5).

    confidence: (K,) float64 in [0, 1]; 0 where a joint is not seen. names: (K,). world: (K, 3) float64, metres about
    the middle of the hips, as a network guesses them, or None. Raises ValueError on other shapes.
    """

    xy: Array
    confidence: Array
    names: tuple[str, ...]
    world: Array | None = field(default=None)

    def __post_init__(self) -> None:
        xy, confidence = np.array(self.xy, np.float64), np.array(self.confidence, np.float64)
        count = len(self.names)
        if xy.shape != (count, 2) or confidence.shape != (count,):
            raise ValueError(f"Person2D: expected {count} joints, found {xy.shape} and {confidence.shape}")
        for array in (xy, confidence):
            array.flags.writeable = False
        object.__setattr__(self, "xy", xy)
        object.__setattr__(self, "confidence", confidence)

    @property
    def box(self) -> Array:
        """(4,) float64: left, top, right, bottom of the joints that are seen, pixels; zeros for none."""
        seen = self.xy[self.confidence > 0.0]
        return np.concatenate([seen.min(axis=0), seen.max(axis=0)]) if len(seen) else np.zeros(4)


def write_keypoints(path: str | Path, people: Sequence[Person2D], size: tuple[int, int] | None = None) -> None:
    """Save people as OpenPose does, with the layout's name. size: (H, W) of the photo. Raises OSError."""
    document: dict[str, Any] = {"version": 1.3}
    if size is not None:
        document["image_size"] = [int(size[0]), int(size[1])]
    document["people"] = [
        {
            "layout": layout_of(person.names) or list(person.names),
            _OPENPOSE: [
                round(float(v), 3) for row in zip(person.xy, person.confidence, strict=True) for v in _flat(row)
            ],
        }
        for person in people
    ]
    with atomic_write(Path(path)) as temporary:
        temporary.write_text(json.dumps(document) + "\n", encoding="utf-8")


def _flat(row: tuple[Array, float]) -> tuple[float, float, float]:
    return float(row[0][0]), float(row[0][1]), float(row[1])


def read_keypoints(path: str | Path) -> list[Person2D]:
    """The people of a file, in its order. Raises FormatError: what is wrong with it, and what to do."""
    source = Source(Path(path))
    data = source.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise source.error("", f"it has more than {_MOST_BYTES // 1_000_000} MB, too many for joints", _ADVICE)
    try:
        document = json.loads(data)
    except (UnicodeDecodeError, ValueError, RecursionError):
        raise source.error("", "this is no JSON", _ADVICE) from None
    found: list[Person2D] = []
    for number, entry in enumerate(_entries(document), 1):
        if number > _MOST_PEOPLE:
            raise source.error("", f"it has more than {_MOST_PEOPLE} people", "Save those of one picture")
        found.append(_person(source, number, entry))
    if not found and not _is_empty(document):
        raise source.error("", "it has no people with joints", _ADVICE)
    return found


def _entries(document: Any) -> Iterator[Mapping[str, Any]]:
    """What may be people, whoever wrote them."""
    if isinstance(document, Mapping):
        for name in ("people", "annotations", "predictions", "instances", "instance_info"):
            if isinstance(document.get(name), list):
                document = document[name]
                break
        else:
            document = [document]
    for entry in document if isinstance(document, list) else ():
        if isinstance(entry, list):
            yield from _entries(entry)
        elif isinstance(entry, Mapping):
            if isinstance(entry.get("instances"), list):
                yield from _entries(entry["instances"])
            elif _OPENPOSE in entry or "keypoints" in entry:
                yield entry


def _is_empty(document: Any) -> bool:
    """A file that says that there is nobody."""
    lists = [document] if isinstance(document, list) else list(document.values()) if isinstance(document, dict) else []
    return any(part == [] for part in lists)


def _person(source: Source, number: int, entry: Mapping[str, Any]) -> Person2D:
    place = f"person {number}"
    try:
        numbers = np.array(entry.get(_OPENPOSE, entry.get("keypoints")), np.float64)
    except (TypeError, ValueError):
        raise source.error(place, "its joints are not numbers", _ADVICE) from None
    scores = entry.get("keypoint_scores")
    if numbers.ndim == 2 and numbers.shape[1] == 2:
        given = np.ones(len(numbers)) if scores is None else _scores(source, place, scores, len(numbers))
        rows = np.concatenate([numbers, given[:, None]], axis=1)
    elif numbers.size and numbers.size % 3 == 0:
        rows = numbers.reshape(-1, 3)
    else:
        raise source.error(place, "its joints are no triplets of x, y and confidence", _ADVICE)
    if not np.isfinite(rows).all() or np.abs(rows).max() > _FARTHEST:
        raise source.error(place, "a joint is not finite, or farther away than any picture is large", _ADVICE)
    names = _names(source, place, entry.get("layout"), len(rows))
    confidence = rows[:, 2]
    if _OPENPOSE not in entry and confidence.max() > 1.0:  # COCO: 0 not labelled, 1 hidden, 2 seen
        confidence = np.select([confidence >= 2.0, confidence >= 1.0], [1.0, 0.5], 0.0)
    return Person2D(rows[:, :2], np.clip(confidence, 0.0, 1.0), names)


def _scores(source: Source, place: str, scores: Any, count: int) -> Array:
    try:
        given = np.array(scores, np.float64)
    except (TypeError, ValueError):
        given = np.zeros(0)
    if given.shape != (count,):
        raise source.error(place, f"it has {count} joints, but not as many confidences", _ADVICE)
    return given


def _names(source: Source, place: str, layout: Any, count: int) -> tuple[str, ...]:
    if isinstance(layout, list) and len(layout) == count and all(isinstance(name, str) for name in layout):
        return tuple(layout)
    if isinstance(layout, str) and len(LAYOUTS.get(layout, ())) == count:
        return LAYOUTS[layout]
    try:
        return by_count(count)
    except KeyError:
        known = ", ".join(f"{len(joints)} ({name})" for name, joints in LAYOUTS.items())
        cause = f"it has {count} joints, and the layouts that are known have {known}"
        raise source.error(place, cause, "Save the joints in one of these layouts") from None


def missing(names: Sequence[str]) -> Person2D:
    """A person of whom nothing is seen yet."""
    return Person2D(np.zeros((len(names), 2)), np.zeros(len(names)), tuple(names))
