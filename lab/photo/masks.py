"""Where the object is in a photo: its mask from transparency, from a file, or from the colour of the background."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import numpy as np

from lab.formats.base import FormatError
from lab.photo.backdrop import backdrop, near_backdrop
from lab.photo.colors import TOLERANCE, Space, coordinates, within
from lab.photo.photo import Photo, read_pixels
from lab.photo.regions import connected_to_border, fill_holes, without_islands
from lab.scene import Array

__all__ = [
    "TOLERANCE",
    "MaskError",
    "Way",
    "check",
    "cut_out",
    "find_mask",
    "from_alpha",
    "from_background",
    "from_file",
]

Way = Literal["any", "file", "alpha", "background"]

_ISLANDS = 0.02  # of the largest part


class MaskError(FormatError):
    """There is no mask that could be used; the message is a sentence: what is wrong, and what to do."""


def find_mask(
    photo: Photo,
    way: Way = "any",
    *,
    file: str | Path = "",
    color: Array | None = None,
    tolerance: float = TOLERANCE,
    space: Space = "lab",
) -> Array:
    """The mask of the object, (H, W) bool, True where it is, not empty and not the whole photo.

    way: "any" takes the ``file`` when one is named, else the photo's transparency when it has any, else the background.
    color, tolerance, space: of the background, see ``from_background``. Raises MaskError, FormatError.
    """
    if way == "any":
        way = "file" if file else "alpha" if photo.alpha is not None else "background"
    if way == "file":
        if not file:
            raise MaskError(f"{photo.name}: no file is chosen for its mask. Choose one, or paint it.")
        mask, name = from_file(file, photo.size), Path(file).name
    elif way == "alpha":
        mask, name = from_alpha(photo), photo.name
    else:
        mask, name = from_background(photo.pixels, color, tolerance=tolerance, space=space), photo.name
    problem = check(mask)
    if problem:
        raise MaskError(f"{name}: {problem}")
    return mask


def check(mask: Array) -> str:
    """What keeps a mask from being used, as a sentence; "" when nothing does."""
    covered = int(np.count_nonzero(mask))
    if covered == 0:
        return "the mask is empty, so no pixel belongs to the object. Paint it, or choose another way to find it."
    if covered == mask.size:
        return "the mask covers the whole photo, so there is no outline. Erase the background from it."
    return ""


def from_alpha(photo: Photo) -> Array:
    """(H, W) bool: where the photo is more opaque than not. Raises MaskError when it is opaque all over."""
    if photo.alpha is None:
        raise MaskError(f"{photo.name} has no transparency. Choose a file with its mask, or paint it.")
    return photo.alpha > 0.5


def from_file(path: str | Path, size: tuple[int, int] | None = None) -> Array:
    """(H, W) bool from any picture: its transparency if it has any, else where it is lighter than middle grey.

    size: (H, W) of the photo, which the mask must have, too. Raises MaskError, FormatError.
    """
    pixels = read_pixels(path)
    if size is not None and pixels.shape[:2] != size:
        (height, width), (rows, columns) = size, pixels.shape[:2]
        raise MaskError(
            f"{Path(path).name} has {columns} x {rows} pixels and the photo {width} x {height}. "
            "A mask has the size of its photo; choose the one that belongs to it."
        )
    if pixels[..., 3].min() < 255:
        return pixels[..., 3] > 127
    return pixels[..., :3] @ np.array([299, 587, 114], np.int32) > 127_500  # Rec. 601 luma, thousandths


def from_background(
    pixels: Array,
    color: Array | None = None,
    *,
    tolerance: float = TOLERANCE,
    space: Space = "lab",
    islands: float = _ISLANDS,
) -> Array:
    """(H, W) bool: all but the background, which is joined to the border.

    pixels: (H, W, 3) sRGB, uint8 or float in [0, 1]. color: of the background, (3,) in [0, 1]; None takes the colours
    of the border, which may change smoothly over the photo (``lab.photo.backdrop``). tolerance: how far from it the
    colours of the background may be, in L*a*b* (CIE76) or, with space "rgb", in percent of the range. Holes are filled;
    parts smaller than the share ``islands`` of the largest one are dropped.
    """
    return cut_out(coordinates(pixels, space), color, tolerance, space, islands)


def cut_out(
    places: Array,
    color: Array | None = None,
    tolerance: float = TOLERANCE,
    space: Space = "lab",
    islands: float = _ISLANDS,
) -> Array:
    """As ``from_background``, with the coordinates of the photo's colours (lab.photo.colors) at hand."""
    if color is None:
        background = near_backdrop(places, backdrop(places), tolerance)
    else:
        wanted = coordinates(np.asarray(color, np.float32).reshape(1, 1, 3), space)[0, 0]
        background = within(places, wanted, tolerance)
    return without_islands(fill_holes(~connected_to_border(background)), islands)
