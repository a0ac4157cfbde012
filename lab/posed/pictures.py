"""The pictures of a data set: read, made smaller by area, straightened, and brought to one size."""

from __future__ import annotations

import os
import stat
import struct
import warnings
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import BmpImagePlugin, Image, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from lab.formats.base import readable
from lab.kernels.crew import usable_threads
from lab.photo.photo import MOST_PIXELS
from lab.posed.capture import LeftOut, Shot
from lab.posed.images import PosedError
from lab.posed.lens import Lens, Straightener
from lab.scene import Array

Report = Callable[[float | None, str], None]
Size = tuple[int, int]
"""Width and height, pixels."""

MOST_BYTES = 800_000_000
"""Of all pictures together, with four bytes a pixel."""

_KINDS = ("PNG", "JPEG", "WEBP", "BMP")
_READERS = (BmpImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)  # each registers itself when imported
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError, struct.error, zlib.error)
_ORIENTATION = 0x0112  # EXIF
_FINER = 2  # times the size that is wanted: at least so large a JPEG is decoded
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class _Plan:
    """How one picture is read. lens: for its whole size. turn: the EXIF orientation to apply, 1 for none."""

    shot: Shot
    lens: Lens
    turn: int


@dataclass(frozen=True, eq=False)
class Pictures:
    """shots: those that could be read. lenses: their pinholes. pixels, alphas: as PosedImages'. remarks: sentences."""

    shots: list[Shot]
    lenses: list[Lens]
    pixels: Array
    alphas: Array | None
    remarks: list[str]


def read_pictures(shots: Sequence[Shot], *, max_size: int, masks: bool, report: Report) -> Pictures:
    """All usable pictures at one size, its longer side at most ``max_size`` pixels. masks: take alphas and mask files.

    What is missing, damaged or of another shape than most is left out, and named. Raises PosedError when none is left.
    """
    left_out = LeftOut()
    plans = list(_planned(shots, left_out))
    size, plans, remarks = _common(plans, max_size, left_out)
    pixels = np.empty((len(plans), size[1], size[0], 3), np.uint8)
    alphas = np.empty(pixels.shape[:3], np.uint8)
    known: list[bool] = []
    kept: list[Shot] = []
    lenses: list[Lens] = []
    for number, (plan, found) in enumerate(_developed(plans, size, masks)):
        report(number / len(plans), "Reading pictures")
        if isinstance(found, PosedError):
            left_out.add(plan.shot.name, str(found))
            continue
        place = len(kept)
        lens, colors, alpha = found
        pixels[place], alphas[place] = colors, 255 if alpha is None else alpha
        known.append(alpha is not None)
        kept.append(plan.shot)
        lenses.append(lens)
    if not kept:
        raise PosedError(_nothing(left_out))
    pixels, alphas, count = pixels[: len(kept)], alphas[: len(kept)], sum(known)
    remarks = [*left_out.sentences(), *remarks]
    if 0 < count < len(kept):
        remarks.append(f"Only {count} of {len(kept)} pictures have a mask, so that none is used; black is behind them.")
        pixels = _over_black(pixels, alphas)
    all_known = count == len(kept) and bool(alphas.min() < 255)
    return Pictures(kept, lenses, pixels, alphas if all_known else None, remarks)


def _planned(shots: Sequence[Shot], left_out: LeftOut) -> Iterator[_Plan]:
    """The pictures that are there, with lenses that fit them."""
    for shot in shots:
        try:
            size, orientation = _header(shot.file)
            yield _fitted(shot, size, orientation)
        except PosedError as error:
            left_out.add(shot.name, str(error))


def _header(file: Path) -> tuple[Size, int]:
    """Size and EXIF orientation as stored. Raises PosedError, with words that follow a name."""
    try:
        regular = stat.S_ISREG(os.stat(file).st_mode)
    except OSError:
        raise PosedError("the picture is not there") from None
    if not regular:
        raise PosedError("it is no file but a folder or a device")
    try:
        with _opened(file) as image:
            size = image.size
            unread = image.format == "PNG" and "exif" not in image.info  # Pillow would decode all of it to make sure
            turn = 1 if unread else image.getexif().get(_ORIENTATION, 1)
    except _DAMAGE:
        raise PosedError("it is no PNG, JPEG, WebP or BMP picture that can be read") from None
    if size[0] * size[1] > MOST_PIXELS or min(size) < 2:
        raise PosedError(
            f"it has {size[0]:,} x {size[1]:,} pixels, and at most {MOST_PIXELS // 1_000_000} million are read"
        )
    return size, turn if turn in _TURNS else 1


def _opened(file: Path) -> Image.Image:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own bound is in _header
        try:
            return Image.open(file, formats=_KINDS)
        except Image.DecompressionBombError as error:
            raise ValueError("too many pixels") from error


def _fitted(shot: Shot, size: Size, orientation: int) -> _Plan:
    """The camera is of the picture as stored or as turned upright: whichever has the camera's shape."""
    upright = (size[1], size[0]) if orientation >= 5 else size
    ways = [(size, 1), (upright, orientation)]
    trouble = None
    for way, turn in ways if shot.raw else reversed(ways):
        try:
            return _Plan(shot, shot.lens.sized(*way), turn)
        except PosedError as error:
            trouble = trouble or error
    assert trouble is not None
    raise trouble


def _common(plans: list[_Plan], max_size: int, left_out: LeftOut) -> tuple[Size, list[_Plan], list[str]]:
    """The size of all pictures, the plans for those of that shape, and what is to be said about it."""
    if not plans:
        raise PosedError(_nothing(left_out))
    counts = Counter((plan.lens.width, plan.lens.height) for plan in plans)
    whole = counts.most_common(1)[0][0]
    kept = []
    for plan in plans:
        w, h = plan.lens.width, plan.lens.height
        if abs(w * whole[1] - h * whole[0]) > 0.01 * w * whole[1]:
            left_out.add(
                plan.shot.name, f"its shape is another ({w} x {h}) than that of most ({whole[0]} x {whole[1]})"
            )
        else:
            kept.append(plan)
    scale = min(1.0, max_size / max(whole))
    room = (MOST_BYTES / (4 * len(kept) * whole[0] * whole[1])) ** 0.5
    size = (max(2, round(whole[0] * min(scale, room))), max(2, round(whole[1] * min(scale, room))))
    remarks = []
    if size != whole:
        why = "" if scale <= room else f", so that {len(kept)} of them fit into {MOST_BYTES // 1_000_000} MB"
        remarks.append(f"The pictures are read at {size[0]} x {size[1]} instead of {whole[0]} x {whole[1]}{why}.")
    others = sum(n for each, n in counts.items() if each != whole) - (len(plans) - len(kept))
    if others:
        remarks.append(f"{others} pictures of other resolutions were brought to the size of the others.")
    return size, kept, remarks


def _developed(
    plans: list[_Plan], size: Size, masks: bool
) -> Iterator[tuple[_Plan, tuple[Lens, Array, Array | None] | PosedError]]:
    """Each plan with its pinhole, its pixels and its alpha, or with what is wrong; a few are read at a time."""
    straightener = lru_cache(maxsize=4)(Straightener)

    def work(plan: _Plan) -> tuple[Lens, Array, Array | None] | PosedError:
        try:
            return _picture(plan, size, masks, straightener)
        except PosedError as error:
            return error

    with ThreadPoolExecutor(usable_threads(), thread_name_prefix="pictures") as pool:
        try:
            batch = 4 * usable_threads()  # no more pictures than these wait in memory
            for first in range(0, len(plans), batch):
                some = plans[first : first + batch]
                yield from zip(some, pool.map(work, some), strict=True)
        finally:
            pool.shutdown(cancel_futures=True)


def _picture(
    plan: _Plan, size: Size, masks: bool, straightener: Callable[[Lens], Straightener]
) -> tuple[Lens, Array, Array | None]:
    """Pinhole, colours (H, W, 3) and alpha (H, W) or None, uint8."""
    pixels = _read(plan.shot.file, size, plan.turn)
    if masks and plan.shot.mask is not None:
        mask = _read(plan.shot.mask, size, plan.turn)
        white = mask[..., :3].max(axis=2)
        pixels = np.dstack([pixels[..., :3], white if mask.shape[2] == 3 else np.minimum(white, mask[..., 3])])
    lens = plan.lens.sized(*size)
    if lens.distorts:
        made = straightener(lens)
        lens, pixels = made.pinhole, made(pixels)
    if pixels.shape[2] == 3:
        return lens, pixels, None
    colors, alpha = pixels[..., :3], pixels[..., 3]
    return (lens, colors, alpha) if masks else (lens, _over_black(colors, alpha), None)


def _read(file: Path, size: Size, turn: int) -> Array:
    """(H, W, 3 or 4) uint8, each pixel the mean of the area it covers; what is transparent has no say in colours."""
    try:
        with _opened(file) as image:
            stored = (size[1], size[0]) if turn >= 5 else size
            finer = (_FINER * stored[0], _FINER * stored[1])
            drafted = image.draft("RGB", finer)  # JPEG alone: decoded at a half or less, never below ``finer``
            box = drafted[1] if drafted else None  # of it, not in whole pixels: the last ones may be cut
            image.load()
            plain = _eight_bits(image)
            clear = "A" in plain.getbands() or "transparency" in plain.info
            colored = plain.convert("RGBA" if clear else "RGB")
            if colored.size != stored:
                colored = colored.resize(stored, _filter(colored.size, stored, box), box)
            return np.array(colored if turn == 1 else colored.transpose(_TURNS[turn]))
    except FileNotFoundError:
        raise PosedError(f"its mask '{file.name:.80}' is not there") from None
    except _DAMAGE as error:
        raise PosedError(f"the picture is damaged ({readable(str(error)):.120})") from None


def _filter(size: Size, wanted: Size, box: tuple[float, float, float, float] | None) -> Image.Resampling:
    """The plain mean where a pixel covers whole ones; elsewhere it would move edges by up to half a pixel."""
    whole = box is None and size[0] % wanted[0] == 0 and size[1] % wanted[1] == 0
    return Image.Resampling.BOX if whole else Image.Resampling.HAMMING


def _eight_bits(image: Image.Image) -> Image.Image:
    """Pictures of 16 bits a pixel, which Pillow would clip, as grey ones of 8."""
    if not image.mode.startswith("I"):
        return image
    levels = np.asarray(image).astype(np.float64)
    return Image.fromarray(np.clip(np.rint(levels * (255 / 65535)), 0, 255).astype(np.uint8))


def _over_black(pixels: Array, alphas: Array) -> Array:
    mixed = pixels.astype(np.uint16) * alphas[..., None] + 127
    return np.asarray((mixed // 255).astype(np.uint8))


def _nothing(left_out: LeftOut) -> str:
    reasons = " ".join(left_out.sentences()[:3])
    return f"No picture can be used. {reasons}".strip()
