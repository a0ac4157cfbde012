"""What a camera wrote into its photo about the lens."""

from __future__ import annotations

import io
import math
import struct
import warnings
from pathlib import Path
from typing import Any, Final

from PIL import Image

from lab.formats.base import FormatError, Source

_MOST_BYTES = 500_000_000
_KINDS = ("PNG", "JPEG", "WEBP")  # those that can hold it
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError, ZeroDivisionError, struct.error)

_DIAGONAL_35MM: Final = math.hypot(36.0, 24.0)  # millimetres
_IFD: Final = 0x8769
_FOCAL_LENGTH: Final = 0x920A  # millimetres
_WIDTH, _HEIGHT = 0xA002, 0xA003  # of the photo that the camera took
_PLANE_RESOLUTION, _PLANE_UNIT = 0xA20E, 0xA210  # pixels a unit, on the sensor
_FOCAL_35MM: Final = 0xA405
_UNITS = {2: 25.4, 3: 10.0, 4: 1.0, 5: 0.001}  # millimetres
_SHORTEST, _LONGEST = 0.2, 100.0  # of the longer side: 136 degrees of view to half a degree


def focal_length(path: str | Path, size: tuple[int, int]) -> float | None:
    """The focal length in pixels of a photo that is (H, W) = ``size`` pixels, or None where its file tells none.

    By the focal length of 35 mm film that has the same angle across the diagonal (Exif 2.3, CIPA DC-008); else by the
    lens's own and the pixels of the sensor. A photo that was cropped since then has another one than its file tells.
    """
    tags = _read_tags(Path(path))
    try:
        found = _by_film(tags, size) or _by_sensor(tags, size)
    except _DAMAGE:
        return None
    if found is None or not _SHORTEST <= found / max(size) <= _LONGEST:
        return None
    return found


def _read_tags(path: Path) -> dict[int, Any]:
    """Those of the camera; none where the file has none or cannot be read."""
    try:
        data = Source(path).read(_MOST_BYTES)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about damaged tags, and about sizes, which are bounded where pixels are
            with Image.open(io.BytesIO(data), formats=_KINDS) as image:
                return dict(image.getexif().get_ifd(_IFD))
    except (FormatError, Image.DecompressionBombError, *_DAMAGE):
        return {}


def _by_film(tags: dict[int, Any], size: tuple[int, int]) -> float | None:
    millimetres = _number(tags.get(_FOCAL_35MM))
    return millimetres * math.hypot(*size) / _DIAGONAL_35MM if millimetres else None  # 0 stands for unknown


def _by_sensor(tags: dict[int, Any], size: tuple[int, int]) -> float | None:
    millimetres, resolution = _number(tags.get(_FOCAL_LENGTH)), _number(tags.get(_PLANE_RESOLUTION))
    unit = _UNITS.get(tags.get(_PLANE_UNIT, 2))
    taken = max(_number(tags.get(_WIDTH)), _number(tags.get(_HEIGHT)))
    if not (millimetres and resolution and unit and taken):
        return None
    return millimetres * resolution / unit * max(size) / taken


def _number(value: Any) -> float:
    number = 0.0 if value is None else float(value)
    return number if math.isfinite(number) and number > 0.0 else 0.0
