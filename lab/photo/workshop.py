"""The mask painter's compute: it holds one photo and finds regions in it. It runs in a process of its own."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import numpy as np
from PIL import Image

from lab.files import atomic_write, explain
from lab.formats.base import FormatError
from lab.photo.colors import coordinates
from lab.photo.masks import cut_out, from_file
from lab.photo.messages import Event, FindBackground, Flood, Found, Opened, OpenPhoto, Refused, Request, Saved, SaveMask
from lab.photo.paint import NOTHING, Box
from lab.photo.photo import read_pixels
from lab.photo.regions import flood
from lab.scene import Array

MASK = "_mask.png"
"""How the names of masks end."""

_SMALLEST_LEVEL = 1024  # pixels of the longer side


class Workshop:
    """Answers one request after the other."""

    def __init__(self) -> None:
        self._pixels: Array | None = None
        self._places: Array | None = None  # in L*a*b*, made when it is first needed

    def answer(self, request: Request) -> Event:
        """What became of a request; every failure is a sentence."""
        number = request.number if isinstance(request, Flood | FindBackground) else None
        try:
            match request:
                case OpenPhoto():
                    return self._open(request)
                case Flood():
                    region = flood(self._colors(), request.row, request.column, request.tolerance)
                    return _found(request.number, region)
                case FindBackground():
                    region = cut_out(self._colors(), tolerance=request.tolerance)
                    return _found(request.number, region)
                case SaveMask():
                    return _save(request)
        except FormatError as error:
            return Refused(str(error), number)
        except MemoryError:
            return Refused(
                "There is not enough memory for a photo of this size. Make it smaller and try again.", number
            )

    def _open(self, request: OpenPhoto) -> Opened:
        pixels = read_pixels(request.path)
        self._pixels, self._places = pixels[..., :3], None
        mask, note, source = starting_mask(Path(request.path), pixels, request.mask, request.folder)
        target = target_of(Path(request.path), request.folder, keep=source)
        return Opened(levels_of(pixels), mask, note, str(target))

    def _photo(self) -> Array:
        if self._pixels is None:
            raise FormatError("No photo is open.")
        return self._pixels

    def _colors(self) -> Array:
        if self._places is None:
            self._places = coordinates(self._photo())
        return self._places


def starting_mask(photo: Path, pixels: Array, mask: str, folder: str) -> tuple[Array, str, Path | None]:
    """The mask to begin with, (H, W) bool, a sentence about it, and the file that it comes from.

    The one that is named; else one that was painted before; else the photo's transparency; else an empty one.
    """
    size = pixels.shape[:2]
    trouble = ""
    for file in (mask, *map(str, places_for(photo, folder))):
        if not file or (file != mask and not Path(file).is_file()):
            continue
        try:
            return from_file(file, size), f"This goes on from {Path(file).name}.", Path(file)
        except FormatError as error:
            trouble = trouble or str(error)
    if pixels[..., 3].min() < 255:
        return pixels[..., 3] > 127, trouble or "This begins with the transparency of the photo.", None
    return np.zeros(size, bool), trouble, None


def target_of(photo: Path, folder: str, keep: Path | None = None, ending: str = MASK) -> Path:
    """The file that the mask of a photo is saved in: beside it, or in ``folder`` where nothing can be written there.

    A file that is there is never replaced unless it is ``keep``, which the mask goes on from. ending: of the name, for
    what else belongs to a photo.
    """
    beside, away = places_for(photo, folder, ending)
    first = beside if os.access(photo.parent, os.W_OK) else away
    number, path = 1, first
    while path.exists() and (keep is None or not keep.exists() or not path.samefile(keep)):
        number += 1
        path = first.with_name(f"{first.stem}_{number}{first.suffix}")
    return path


def places_for(photo: Path, folder: str, ending: str = MASK) -> tuple[Path, Path]:
    """Beside the photo, and in the folder, where photos of the same name must not meet."""
    mark = hashlib.sha256(os.path.realpath(photo).encode(errors="surrogateescape")).hexdigest()[:8]
    return photo.with_name(f"{photo.stem}{ending}"), Path(folder, f"{photo.stem}_{mark}{ending}")


def levels_of(pixels: Array) -> tuple[Array, ...]:
    """The photo as it is drawn, and its halves: in the order and with the opacity that the screen wants."""
    levels = [np.ascontiguousarray(pixels[..., [2, 1, 0, 3]])]
    levels[0][..., 3] = 255
    while max(levels[-1].shape[:2]) > 2 * _SMALLEST_LEVEL:
        levels.append(np.array(Image.fromarray(levels[-1], "RGBA").reduce(2)))
    for level in levels:
        level.flags.writeable = False
    return tuple(levels)


def _found(number: int, region: Array) -> Found:
    rows, columns = np.flatnonzero(region.any(axis=1)), np.flatnonzero(region.any(axis=0))
    if not len(rows):
        return Found(number, NOTHING, np.zeros((0, 0), bool))
    box = Box(int(rows[0]), int(columns[0]), int(rows[-1]) + 1, int(columns[-1]) + 1)
    return Found(number, box, np.ascontiguousarray(region[box.slices]))


def _save(request: SaveMask) -> Event:
    path = Path(request.path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as temporary:
            Image.fromarray(request.mask.astype(np.uint8) * np.uint8(255), "L").save(temporary, "PNG")
    except OSError as error:
        return Refused(f"{path.name} cannot be saved: {explain(error)}.")
    return Saved(str(path))
