"""The person's own sequences: a video file, or a folder of pictures with masks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
from PIL import Image

from lab.experiment import ExperimentError
from lab.formats.base import FormatError
from lab.photo.masks import TOLERANCE, MaskError, Way, check, find_mask, from_file
from lab.photo.photo import Photo, load_photo
from lab.pose.camera_view import Lens
from lab.pose.sequences import Frame
from lab.scene import Array

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
MASK_ENDING = "_mask"
Report = Callable[[float | None, str], None]


class Footage:
    """Pictures read from files, with the object's mask, at the size in which they are compared.

    They are kept as bytes: rgb (N, H, W, 3) and mask (N, H, W) uint8. size: (H, W) as they were in the files.
    """

    lit = False

    def __init__(self, lens: Lens, rgb: Array, mask: Array, size: tuple[int, int]) -> None:
        self.lens, self.size, self._rgb, self._mask = lens, size, rgb, mask

    def __len__(self) -> int:
        return len(self._rgb)

    def frame(self, number: int) -> Frame:
        """See ``lab.pose.sequences.Sequence``. A picture without the object has an empty mask."""
        scale = np.float32(1 / 255)
        return Frame(self._rgb[number] * scale, self._mask[number] * scale)


@dataclass(frozen=True)
class Reading:
    """What is taken from the files, and how.

    most: pictures at most; skip: every so manieth. short_side: pixels to which they are scaled. fov_deg: over their
    height. way: how masks are found, as in lab.photo.masks. tolerance: of the background's colours, CIE Lab.
    """

    most: int
    skip: int
    short_side: int
    fov_deg: float
    way: str = "any"
    tolerance: float = TOLERANCE


def read_video(path: str, reading: Reading, report: Report) -> Footage:
    """Every nth picture of a video file. Raises ExperimentError when it cannot be read or shows no object."""
    file = _existing(path, "video")

    def photos() -> Iterator[Photo]:
        for number, pixels in enumerate(_decoded(file, reading.most * reading.skip)):
            if number % reading.skip == 0:
                yield Photo(pixels.astype(np.float32) * np.float32(1 / 255), None, f"Picture {number} of {file.name}")

    return _footage(photos(), {}, reading, report, file.name)


def read_folder(path: str, reading: Reading, report: Report) -> Footage:
    """The pictures of the folder in which ``path`` is, in order of name; NAME_mask.* are masks.

    Raises ExperimentError when there are none or one of them cannot be read.
    """
    chosen = _existing(path, "picture")
    folder = chosen if chosen.is_dir() else chosen.parent
    files = sorted(item for item in folder.iterdir() if item.suffix.lower() in PICTURES)
    masks = {item.stem.removesuffix(MASK_ENDING): item for item in files if item.stem.endswith(MASK_ENDING)}
    files = [item for item in files if not item.stem.endswith(MASK_ENDING)][:: reading.skip][: reading.most]
    if not files:
        endings = ", ".join(PICTURES)
        raise ExperimentError(f"There are no pictures in {folder.name}. Choose one of a folder with {endings} files.")
    named = {item.name: masks[item.stem] for item in files if item.stem in masks}
    return _footage(_photos(files), named, reading, report, folder.name)


def _existing(path: str, kind: str) -> Path:
    if not path:
        raise ExperimentError(f"No {kind} is chosen. Choose a file under 'Video or picture'.")
    file = Path(path)
    if not file.exists():
        raise ExperimentError(f"{file.name} is not there any more. Choose another file under 'Video or picture'.")
    return file


def _photos(files: list[Path]) -> Iterator[Photo]:
    for file in files:
        try:
            yield load_photo(file)
        except FormatError as error:
            raise ExperimentError(str(error)) from error


def _decoded(file: Path, most: int) -> Iterator[Array]:
    """The pictures of a video, (H, W, 3) uint8. Raises ExperimentError when it is none."""
    import imageio_ffmpeg  # type: ignore[import-untyped]

    reader: Any = imageio_ffmpeg.read_frames(str(file), output_params=["-frames:v", str(most)])
    try:
        width, height = next(reader)["size"]
        for data in reader:
            yield np.frombuffer(data, np.uint8).reshape(height, width, 3)
    except (OSError, RuntimeError, StopIteration, ValueError, KeyError) as error:
        raise ExperimentError(
            f"{file.name} cannot be read as a video. Choose an MP4, MOV, AVI or WebM file."
        ) from error
    finally:
        reader.close()


def _footage(photos: Iterator[Photo], masks: dict[str, Path], reading: Reading, report: Report, name: str) -> Footage:
    """The pictures and their masks, scaled."""
    rgbs: list[Array] = []
    found: list[Array] = []
    trouble, whole = "", (0, 0)
    for number, photo in enumerate(photos):
        report(number / reading.most, f"Reading picture {number + 1} of {name}")
        size = _scaled(photo.size, reading.short_side)
        whole = whole if rgbs else photo.size
        if rgbs and rgbs[0].shape[:2] != size:
            raise ExperimentError(
                f"{photo.name} has another shape ({photo.size[1]} x {photo.size[0]}) than the first picture of {name}. "
                "The pictures of a sequence are of one camera and have one size."
            )
        mask, problem = _mask(photo, masks.get(photo.name), reading)
        trouble = trouble or problem
        rgbs.append(_resized(np.round(255 * photo.pixels).astype(np.uint8), size))
        found.append(_resized(np.where(mask, np.uint8(255), np.uint8(0)), size))
    if not any(mask.any() for mask in found):
        raise ExperimentError(trouble or f"{name} holds no pictures. Choose another file under 'Video or picture'.")
    return Footage(Lens.of(reading.fov_deg, rgbs[0].shape[:2]), np.stack(rgbs), np.stack(found), whole)


def _mask(photo: Photo, file: Path | None, reading: Reading) -> tuple[Array, str]:
    """The mask (H, W) bool, and why it is empty. Where nothing is found, the picture does not show the object."""
    try:
        if file is not None and reading.way == "any":
            mask = from_file(file, photo.size)
            return mask, check(mask)
    except FormatError as error:
        raise ExperimentError(str(error)) from error
    small = _small(photo)
    try:
        return find_mask(small, cast(Way, reading.way), tolerance=reading.tolerance), ""
    except MaskError as error:
        return np.zeros(small.size, bool), str(error)


def _small(photo: Photo, longest: int = 640) -> Photo:
    """A smaller photo: finding the background takes time, and the mask is scaled down anyway."""
    scale = longest / max(photo.size)
    if scale >= 1:
        return photo
    size = (max(1, round(photo.size[0] * scale)), max(1, round(photo.size[1] * scale)))
    pixels = _resized(np.round(255 * photo.pixels).astype(np.uint8), size).astype(np.float32) * np.float32(1 / 255)
    alpha = None
    if photo.alpha is not None:
        alpha = _resized(np.round(255 * photo.alpha).astype(np.uint8), size).astype(np.float32) * np.float32(1 / 255)
    return Photo(pixels, alpha, photo.name)


def _scaled(size: tuple[int, int], short_side: int) -> tuple[int, int]:
    scale = short_side / min(size)
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _resized(pixels: Array, size: tuple[int, int]) -> Array:
    """(H, W) or (H, W, 3) uint8 in another size (H, W): means where it shrinks."""
    if pixels.shape[:2] == size:
        return pixels
    return np.asarray(Image.fromarray(pixels).resize((size[1], size[0]), Image.Resampling.BOX))
