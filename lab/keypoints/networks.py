"""People in a picture by BlazePose's two networks, in photos (0.15 s on one core) and in films (10 ms a picture)."""

from __future__ import annotations

from typing import Final

import numpy as np

from lab.keypoints.crops import Crop, Halves
from lab.keypoints.detector import Detection, detect, whole
from lab.keypoints.interpreter import NetworkError
from lab.keypoints.landmarks import MODELS, Landmarks, find_landmarks
from lab.keypoints.people import Person2D
from lab.scene import Array

__all__ = ["MODELS", "NetworkError", "Tracker", "find_people"]

_MOST: Final = 50
_LEAST_FLAG: Final = 0.5
_PARTS: Final = 2  # the detector also looks at squares with as many to the picture's shorter side
_MOST_PARTS: Final = 30
_SMALLEST_PART: Final = 200  # pixels: below, an enlarged part tells nothing new
_SAME_CROP: Final = 0.1  # apart, in the length of a side, where looking again would find the same person
_SEEN: Final = 0.6  # of the joints of a person who is only found in a part of the photo
_WITHIN: Final = 0.6  # of the box of such a person that may lie in the box of another
_SAME_PERSON: Final = 0.1  # joints apart on average, in the diagonal of the box


def find_people(pixels: Array, model: str = "full") -> list[Person2D]:
    """The people in a photo (H, W, 3) uint8, sRGB: BlazePose's 33 joints each, the largest person first.

    The detector looks at all of the photo, and at overlapping parts of it, as it misses who is smaller than a quarter
    of what it sees. model: one of MODELS. At most 50 people. Raises NetworkError, ValueError for other pixels.
    """
    picture = _picture(pixels)
    crops: list[Crop] = []
    found: list[Person2D] = []
    for windows in ((whole(picture.size),), parts(picture.size)):
        before = tuple(found)
        for detection in detect(picture, windows) if windows else ():
            crop = detection.crop()
            if len(crops) == _MOST or any(_same_crop(crop, other) for other in crops):
                continue
            crops.append(crop)
            seen = find_landmarks(picture, crop, model)
            if seen.flag < _LEAST_FLAG or any(same_person(seen.person, other) for other in found):
                continue
            # in a part of the photo, a foot may look like a small person, and a cut body like a short one
            if not before or (_is_whole(seen.person) and not any(_inside(seen.person, other) for other in before)):
                found.append(seen.person)
    return sorted(found, key=area, reverse=True)


class Tracker:
    """One person through the pictures of a film: where to look is known from the picture before.

    start: the person of the picture before the first, None to follow the largest. model: one of MODELS.
    """

    def __init__(self, model: str = "full", start: Person2D | None = None) -> None:
        self._model = model
        self._last = start
        self._crop: Crop | None = None

    def next(self, pixels: Array) -> Person2D | None:
        """The person in the next picture (H, W, 3) uint8, sRGB; None where nobody is seen. Raises as find_people."""
        picture = _picture(pixels)
        seen = None if self._crop is None else self._look(picture, self._crop)
        if seen is None:
            seen = self._choice([self._look(picture, one.crop()) for one in self._detections(picture)])
        self._crop = None if seen is None else seen.next
        if seen is None:
            return None
        self._last = seen.person
        return seen.person

    def _look(self, picture: Halves, crop: Crop) -> Landmarks | None:
        seen = find_landmarks(picture, crop, self._model)
        return seen if seen.flag >= _LEAST_FLAG else None

    def _detections(self, picture: Halves) -> list[Detection]:
        """In all of the picture; in its parts, too, where that shows nobody, or a certain person is looked for."""
        found, windows = detect(picture), parts(picture.size)
        return found + detect(picture, windows) if windows and (self._last is not None or not found) else found

    def _choice(self, given: list[Landmarks | None]) -> Landmarks | None:
        """The one nearest to where the person was."""
        last, found = self._last, [seen for seen in given if seen is not None]
        if not found or last is None:
            return max(found, key=lambda seen: area(seen.person), default=None)
        return min(found, key=lambda seen: float(np.abs(seen.person.box - last.box).sum()))


def _picture(pixels: Array) -> Halves:
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8 or not pixels.size:
        raise ValueError(f"pixels: expected (H, W, 3) uint8, found {pixels.shape} {pixels.dtype}")
    return Halves(pixels)


def parts(size: tuple[int, int]) -> tuple[Crop, ...]:
    """Squares that overlap by half and cover a picture of (H, W) pixels; none where it is small, or a narrow strip."""
    side = min(size) / _PARTS
    if side < _SMALLEST_PART:
        return ()
    rows, columns = (_middles(length, side) for length in size)
    if len(rows) * len(columns) > _MOST_PARTS:
        return ()
    return tuple(Crop(x, y, side) for y in rows for x in columns)


def _middles(length: int, side: float) -> list[float]:
    count = int(np.ceil(2 * (length - side) / side - 1e-9)) + 1
    return [float(start + side / 2) for start in np.linspace(0.0, length - side, count)]


def _same_crop(a: Crop, b: Crop) -> bool:
    apart = float(np.hypot(a.x - b.x, a.y - b.y))
    return apart < _SAME_CROP * max(a.side, b.side) and max(a.side, b.side) < 1.5 * min(a.side, b.side)


def same_person(a: Person2D, b: Person2D) -> bool:
    """Whether the joints that both have lie together. a, b: of the same layout."""
    weight = a.confidence * b.confidence
    apart = float(weight @ np.linalg.norm(a.xy - b.xy, axis=1)) / max(float(weight.sum()), 1e-9)
    return apart < _SAME_PERSON * max(float(np.linalg.norm(one.box[2:] - one.box[:2])) for one in (a, b))


def _is_whole(person: Person2D) -> bool:
    return bool((person.confidence > 0.5).mean() > _SEEN)


def _inside(person: Person2D, other: Person2D) -> bool:
    """Whether most of the person's box lies in another's."""
    a, b = person.box, other.box
    shared = np.prod(np.maximum(np.minimum(a[2:], b[2:]) - np.maximum(a[:2], b[:2]), 0.0))
    return bool(shared > _WITHIN * area(person))


def area(person: Person2D) -> float:
    """Of the box around the joints that are seen, pixels²."""
    box = person.box
    return float(np.prod(box[2:] - box[:2]))
