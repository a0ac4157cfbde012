"""The rows of COLMAP's models, whichever way they are written, and the lenses they stand for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lab.formats.base import FormatError, Source
from lab.posed.images import PosedError
from lab.posed.lens import Lens
from lab.scene import Array, Points

MODELS: tuple[tuple[str, int], ...] = (
    ("SIMPLE_PINHOLE", 3),
    ("PINHOLE", 4),
    ("SIMPLE_RADIAL", 4),
    ("RADIAL", 5),
    ("OPENCV", 8),
    ("OPENCV_FISHEYE", 8),
    ("FULL_OPENCV", 12),
    ("FOV", 5),
    ("SIMPLE_RADIAL_FISHEYE", 4),
    ("RADIAL_FISHEYE", 5),
    ("THIN_PRISM_FISHEYE", 12),
)
"""Names and numbers of parameters, in the order of COLMAP's ids."""

_COUNTS = dict(MODELS)
_ONE_FOCAL = ("SIMPLE_PINHOLE", "SIMPLE_RADIAL", "RADIAL", "SIMPLE_RADIAL_FISHEYE", "RADIAL_FISHEYE")

MOST_BYTES = 2 << 30
MOST_IMAGES = 100_000
MOST_POINTS = 200_000
"""Points that are kept, spread over the file."""


@dataclass(frozen=True)
class Camera:
    """A row of COLMAP's cameras. model: its name. params: as COLMAP orders them."""

    model: str
    width: int
    height: int
    params: tuple[float, ...]

    def lens(self) -> Lens:
        """Raises PosedError, with words that follow a name, for a model that cannot be straightened."""
        if self.model not in _COUNTS or self.model in ("FOV", "THIN_PRISM_FISHEYE"):
            raise PosedError(
                f"its camera model {self.model:.40} cannot be straightened here: run 'colmap image_undistorter' first"
            )
        if len(self.params) != _COUNTS[self.model]:
            raise PosedError(f"its camera has {len(self.params)} parameters; {self.model} has {_COUNTS[self.model]}")
        values = self.params
        focal, rest = ((values[0], values[0]), values[1:]) if self.model in _ONE_FOCAL else (values[:2], values[2:])
        (cx, cy), rest = rest[:2], rest[2:]
        size = (self.width, self.height)
        if self.model.endswith("FISHEYE"):
            return Lens(focal[0], focal[1], cx, cy, *size, kind="fisheye", k=rest)
        if self.model in ("OPENCV", "FULL_OPENCV"):
            return Lens(focal[0], focal[1], cx, cy, *size, k=(*rest[:2], *rest[4:]), p=(rest[2], rest[3]))
        return Lens(focal[0], focal[1], cx, cy, *size, k=rest)


@dataclass(frozen=True, eq=False)
class Registered:
    """A row of COLMAP's images. pose: quaternion wxyz and translation, (7,), world to camera. camera: its id."""

    name: str
    pose: Array
    camera: int


def whole_file(path: Path) -> bytes:
    """The bytes of one of the model's files. Raises PosedError where it cannot be read or is too large."""
    try:
        data = Source(path).read(MOST_BYTES + 1)
    except FormatError as error:
        raise PosedError(str(error)) from None
    if len(data) > MOST_BYTES:
        raise PosedError(f"{path.name} has more than {MOST_BYTES >> 30} GB, which no model here may have.")
    return data


def points_of(places: Array, colors: Array) -> Points | None:
    """Places (N, 3) float64 and colours (N, 3) uint8 as points near the origin of float32; None for none."""
    fine = np.isfinite(places).all(axis=1) & (np.abs(places) < 1e9).all(axis=1)
    if not fine.any():
        return None
    return Points(places[fine].astype(np.float32), colors=colors[fine].astype(np.float32) / 255)
