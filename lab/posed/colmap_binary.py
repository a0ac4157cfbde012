"""COLMAP's binary models: little-endian, counts first. Counts are checked against the file first."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from lab.posed.colmap_rows import MODELS, MOST_IMAGES, MOST_POINTS, Camera, Registered, points_of, whole_file
from lab.posed.images import PosedError
from lab.scene import Points

_CAMERA = struct.Struct("<iiQQ")
_IMAGE = struct.Struct("<i7di")
_POINT = struct.Struct("<Q3d3BdQ")
_COUNT = struct.Struct("<Q")
_SEEN = 24  # bytes of a 2D point: x, y, id
_TRACK = 8  # bytes of an element of a point's track
_LONGEST_NAME = 1024


class BinaryModel:
    """cameras.bin, images.bin and points3D.bin of a folder. Raises PosedError for files that make no sense."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def cameras(self) -> dict[int, Camera]:
        """By id."""
        path = self._folder / "cameras.bin"
        data = whole_file(path)
        count = _count(path, data, _CAMERA.size, MOST_IMAGES)
        found, at = {}, _COUNT.size
        for number in range(count):
            number_of, model, width, height = _take(_CAMERA, path, data, at, f"camera {number}")
            at += _CAMERA.size
            if not 0 <= model < len(MODELS):
                raise _nonsense(path, f"camera {number} is of the model {model}, which COLMAP does not have")
            name, length = MODELS[model]
            params = _take(struct.Struct(f"<{length}d"), path, data, at, f"camera {number}")
            at += 8 * length
            found[number_of] = Camera(name, min(width, 1 << 30), min(height, 1 << 30), params)
        return found

    def images(self) -> list[Registered]:
        """In the file's order."""
        path = self._folder / "images.bin"
        data = whole_file(path)
        count = _count(path, data, _IMAGE.size + 1 + _COUNT.size, MOST_IMAGES)
        found, at = [], _COUNT.size
        for number in range(count):
            row = _take(_IMAGE, path, data, at, f"image {number}")
            at += _IMAGE.size
            end = data.find(b"\0", at, at + _LONGEST_NAME)
            if end < 0:
                raise _nonsense(path, f"the name of image {number} does not end")
            name = data[at:end].decode("utf-8", "replace")
            (seen,) = _take(_COUNT, path, data, end + 1, f"image {number}")
            at = end + 1 + _COUNT.size + seen * _SEEN
            if at > len(data):
                raise _nonsense(path, f"image {number} claims {seen:,} points, more than the file has room for")
            found.append(Registered(name, np.array(row[1:8]), row[8]))
        return found

    def points(self) -> Points | None:
        """At most MOST_POINTS of them, spread over the file; None where there is no file or no point."""
        path = self._folder / "points3D.bin"
        if not path.is_file():
            return None
        data = whole_file(path)
        count = _count(path, data, _POINT.size, len(data))
        stride = max(1, -(-count // MOST_POINTS))
        places, colors, at = [], [], _COUNT.size
        for number in range(count):
            row = _take(_POINT, path, data, at, f"point {number}")
            at += _POINT.size + row[8] * _TRACK
            if at > len(data):
                raise _nonsense(path, f"point {number} claims to be in {row[8]:,} images")
            if number % stride == 0:
                places.append(row[1:4])
                colors.append(row[4:7])
        return points_of(np.array(places).reshape(-1, 3), np.array(colors, np.uint8).reshape(-1, 3))


def _count(path: Path, data: bytes, smallest: int, most: int) -> int:
    """How many rows the file claims, if it has room for as many of at least ``smallest`` bytes."""
    (count,) = _take(_COUNT, path, data, 0, "its count")
    room = (len(data) - _COUNT.size) // smallest
    if count > min(room, most):
        raise _nonsense(path, f"it claims {count:,} rows, and has room for {room:,} at most")
    return int(count)


def _take(layout: struct.Struct, path: Path, data: bytes, at: int, what: str) -> tuple[int, ...]:
    if at + layout.size > len(data):
        raise _nonsense(path, f"it ends within {what}")
    return layout.unpack_from(data, at)


def _nonsense(path: Path, cause: str) -> PosedError:
    return PosedError(f"{path.name}: {cause}. The file is damaged or no model of COLMAP; export the model again.")
