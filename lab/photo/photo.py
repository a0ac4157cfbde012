"""Photos as arrays: reading them, making them smaller, and fitting them into a picture of another shape."""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import BmpImagePlugin, Image, ImageOps, JpegImagePlugin, PngImagePlugin, WebPImagePlugin

from lab.formats.base import FormatError, Source, readable
from lab.scene import Array

MOST_PIXELS = 100_000_000
_MOST_BYTES = 500_000_000  # of the file
_KINDS = ("PNG", "JPEG", "WEBP", "BMP")  # JPEG stands for MPO, too, which many phones write
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, KeyError, IndexError, TypeError, struct.error, zlib.error)
_READERS = (BmpImagePlugin, JpegImagePlugin, PngImagePlugin, WebPImagePlugin)  # each registers itself when imported
_DEEP = ("I", "I;16", "I;16B", "I;16L", "I;16N")  # 16 bits a pixel, grey


@dataclass(frozen=True, eq=False)
class Photo:
    """A photo: pixels (H, W, 3) float32 in [0, 1], sRGB, row 0 at the top, upright.

    alpha: (H, W) float32 in [0, 1], 1 where the object is; None where the file has none, or all of it is opaque.
    name: the file's, for messages.
    """

    pixels: Array
    alpha: Array | None = None
    name: str = "the photo"

    @property
    def size(self) -> tuple[int, int]:
        """(H, W), pixels."""
        return self.pixels.shape[0], self.pixels.shape[1]


def load_photo(path: str | Path) -> Photo:
    """Read a PNG, JPEG, WebP or BMP file; the camera's orientation (EXIF) is applied.

    Raises FormatError when it cannot be read, is no such file, is damaged or has more than MOST_PIXELS.
    """
    pixels = read_pixels(path)
    colors, alpha = pixels[..., :3], pixels[..., 3]
    scale = np.float32(1 / 255)
    return Photo(colors * scale, None if alpha.min() == 255 else alpha * scale, Path(path).name)


def read_pixels(path: str | Path) -> Array:
    """The pixels of a photo as in its file, upright: (H, W, 4) uint8, sRGB and alpha (255 where the file has none).

    Raises FormatError, see ``load_photo``.
    """
    source = Source(Path(path))
    data = source.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise source.error("", f"it has more than {_MOST_BYTES // 1_000_000} MB, which no photo has", "Choose a photo")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own bound is below
        try:
            with Image.open(io.BytesIO(data), formats=_KINDS) as image:
                _check_size(source, image.width, image.height)
                return _upright(image)
        except Image.DecompressionBombError:
            raise _too_large(source, "too many") from None
        except _DAMAGE as error:
            raise _refusal(source, data, error) from error


def _upright(image: Image.Image) -> Array:
    image.load()
    turned = ImageOps.exif_transpose(image)
    if turned.mode in _DEEP:
        levels = np.asarray(turned).astype(np.float64)
        grey = np.clip(np.rint(levels * (255 / 65535)), 0, 255).astype(np.uint8)
        turned = Image.fromarray(grey, "L")
    return np.array(turned.convert("RGBA"))


def _check_size(source: Source, width: int, height: int) -> None:
    """Before any memory is taken for the pixels."""
    if width * height > MOST_PIXELS:
        raise _too_large(source, f"{width:,} x {height:,}")


def _too_large(source: Source, size: str) -> FormatError:
    most = MOST_PIXELS // 1_000_000
    return source.error(
        "", f"it has {size} pixels; at most {most} million can be used", "Make it smaller and try again"
    )


def _refusal(source: Source, data: bytes, error: Exception) -> FormatError:
    if data[4:8] == b"ftyp":
        cause = "it is a HEIC, AVIF or video file, which cannot be read here"
        return source.error("", cause, "Save the photo as JPEG or PNG")
    if isinstance(error, Image.UnidentifiedImageError):
        return source.error("", "it is no PNG, JPEG, WebP or BMP picture", "Choose a photo, or save it as one of these")
    reason = readable(str(error)) or type(error).__name__
    return source.error("", f"the picture is damaged ({reason})", "Get the file again from where it came")


# --- other sizes ----------------------------------------------------------------------------------------------------


def resized(photo: Photo, longest: int) -> Photo:
    """The photo with ``longest`` pixels on its longer side, each the mean of those it covers; never larger.

    Transparent pixels have no say in the colours. Raises ValueError for a length below 1.
    """
    if longest < 1:
        raise ValueError(f"longest: expected at least 1 pixel, found {longest}")
    height, width = photo.size
    if max(height, width) <= longest:
        return photo
    scale = longest / max(height, width)
    size = max(1, round(height * scale)), max(1, round(width * scale))
    if photo.alpha is None:
        return Photo(shrunk(photo.pixels, size), None, photo.name)
    alpha = shrunk(photo.alpha, size)
    weighted = shrunk(photo.pixels * photo.alpha[..., None], size) / np.maximum(alpha, 1e-6)[..., None]
    plain = shrunk(photo.pixels, size)
    return Photo(np.where(alpha[..., None] > 1e-3, np.clip(weighted, 0, 1), plain), alpha, photo.name)


def shrunk(values: Array, size: tuple[int, int]) -> Array:
    """(H, W) or (H, W, C) as float32 of another ``size`` (H, W): each pixel is the mean of the area it covers."""
    if values.shape[:2] == tuple(size):
        return np.ascontiguousarray(values, np.float32)
    if values.ndim == 3:
        return np.stack([shrunk(values[..., channel], size) for channel in range(values.shape[2])], axis=-1)
    image = Image.fromarray(np.ascontiguousarray(values, np.float32))
    return np.array(image.resize((size[1], size[0]), Image.Resampling.BOX), np.float32)


@dataclass(frozen=True)
class Letterbox:
    """How a photo lies in a picture of another shape: whole, as large as it goes, in the middle.

    size: (H, W) of that picture; inner: (h, w) of the photo in it; top, left: where its corner lies, in pixels.
    scale: the picture's pixels for one of the photo (across, down): focal lengths in pixels are multiplied by it.
    """

    size: tuple[int, int]
    inner: tuple[int, int]
    top: int
    left: int
    scale: tuple[float, float]

    @classmethod
    def of(cls, photo: tuple[int, int], size: tuple[int, int]) -> Letterbox:
        """For a photo of (H, W) pixels in a picture of ``size`` (H, W). Raises ValueError without pixels."""
        if min(*photo, *size) < 1:
            raise ValueError(f"sizes: expected at least 1 pixel, found {photo} in {size}")
        scale = min(size[0] / photo[0], size[1] / photo[1])
        height, width = (min(side, max(1, round(scale * n))) for side, n in zip(size, photo, strict=True))
        top, left = (size[0] - height) // 2, (size[1] - width) // 2
        return cls(size, (height, width), top, left, (width / photo[1], height / photo[0]))

    def put(self, values: Array, fill: float = 0.0) -> Array:
        """(H, W) or (H, W, C) of the photo in the picture, as float32; ``fill`` around it."""
        box = np.full((*self.size, *values.shape[2:]), fill, np.float32)
        rows, columns = self._inside()
        small = values.shape[0] >= self.inner[0] and values.shape[1] >= self.inner[1]
        box[rows, columns] = shrunk(values, self.inner) if small else _enlarged(values, self.inner)
        return box

    def take(self, values: Array) -> Array:
        """The part of the picture where the photo lies; a view."""
        return values[self._inside()]

    def to_box(self, x: Any, y: Any) -> tuple[Any, Any]:
        """The picture's pixel coordinates of the photo's; the first pixel's centre is (0.5, 0.5) in both."""
        return x * self.scale[0] + self.left, y * self.scale[1] + self.top

    def to_photo(self, x: Any, y: Any) -> tuple[Any, Any]:
        """The photo's pixel coordinates of the picture's."""
        return (x - self.left) / self.scale[0], (y - self.top) / self.scale[1]

    def _inside(self) -> tuple[slice, slice]:
        return slice(self.top, self.top + self.inner[0]), slice(self.left, self.left + self.inner[1])


def _enlarged(values: Array, size: tuple[int, int]) -> Array:
    if values.ndim == 3:
        return np.stack([_enlarged(values[..., channel], size) for channel in range(values.shape[2])], axis=-1)
    image = Image.fromarray(np.ascontiguousarray(values, np.float32))
    return np.array(image.resize((size[1], size[0]), Image.Resampling.BILINEAR), np.float32)
