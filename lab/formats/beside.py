"""Files that a model refers to: material lists, buffers and pictures.

They are read only from the model's own folder, and bounded; they are written beside the model, under its name.
"""

from __future__ import annotations

import io
import os
import stat
import struct
import warnings
import zlib
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path, PurePosixPath, PureWindowsPath

import numpy as np

from lab.files import atomic_write, explain
from lab.scene import Array, Material

_MOST_PIXELS = 64 << 20  # of one picture: 192 MiB in memory
_MOST_FILE = 256 << 20  # bytes of a picture file
_PICTURES = ("PNG", "JPEG", "BMP", "TGA", "WEBP", "TIFF", "GIF", "PPM", "DDS")
_PICTURE_ERRORS = (
    OSError, ValueError, SyntaxError, TypeError, IndexError, KeyError, AttributeError, ArithmeticError, EOFError,
    NotImplementedError, MemoryError, struct.error, zlib.error, Warning,
)  # fmt: skip  # what Pillow's decoders raise on damaged pictures


class BesideError(Exception):
    """A file that the model refers to cannot be used; the message is a clause that says why."""


def resolve(folder: Path, name: str) -> Path:
    """The file ``name`` (as written in a model in ``folder``), which must be inside that folder. Raises BesideError."""
    try:
        candidate = _inside(folder, name)
    except (ValueError, OSError, RuntimeError) as error:  # a NUL in the name, a name too long, links in a circle
        raise BesideError("its name is not a valid file name") from error
    if candidate is None:
        raise BesideError("it points outside the model's own folder, which is not allowed")
    if not candidate.exists():
        raise BesideError("there is no such file in the model's folder")
    return candidate


def _inside(folder: Path, name: str) -> Path | None:
    """The resolved path of ``name``, or None when that is outside ``folder`` (by .., an absolute path or a link)."""
    if PureWindowsPath(name).drive or PurePosixPath(name).is_absolute() or name.startswith("\\"):
        return None
    root = folder.resolve()
    candidate = (root / name).resolve()
    if not candidate.exists() and "\\" in name:  # written on Windows
        candidate = (root / name.replace("\\", "/")).resolve()
    if not candidate.exists() and candidate.parent.is_dir() and candidate.is_relative_to(root):
        alike = [other for other in os.listdir(candidate.parent) if other.lower() == candidate.name.lower()]
        candidate = (candidate.parent / alike[0]).resolve() if alike else candidate
    return candidate if candidate.is_relative_to(root) and candidate != root else None


def read_bytes(folder: Path, name: str, most: int) -> bytes:
    """The bytes of a file in ``folder``; at most ``most``. Raises BesideError."""
    path = resolve(folder, name)
    try:
        with open(path, "rb", opener=lambda p, flags: os.open(p, flags | getattr(os, "O_NONBLOCK", 0))) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise BesideError("it is not a file")
            if status.st_size > most:
                raise BesideError(f"it has {status.st_size:,} bytes, more than the {most:,} allowed")
            return file.read(status.st_size)  # not "most": that many bytes would be asked for beforehand
    except OSError as error:
        raise BesideError(f"it cannot be read: {explain(error)}") from error


def read_picture(folder: Path, name: str) -> Array:
    """A picture file in ``folder`` as (H, W, 3) uint8. Raises BesideError."""
    return decode_picture(read_bytes(folder, name, _MOST_FILE))


def picture_size(folder: Path, name: str) -> tuple[int, int]:
    """Width and height of a picture file in ``folder``, pixels; its pixels are not decoded. Raises BesideError."""
    from PIL import Image

    data = read_bytes(folder, name, _MOST_FILE)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=_PICTURES) as picture:
                return picture.size
    except (*_PICTURE_ERRORS, Image.DecompressionBombError) as error:
        raise BesideError("it is not a picture that can be read (PNG, JPEG, BMP, TGA, WebP, TIFF, GIF)") from error


def decode_picture(data: bytes) -> Array:
    """A picture (PNG, JPEG and the like) as (H, W, 3) uint8, row 0 at the top. Raises BesideError."""
    from PIL import Image  # here: models without textures load without it

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=_PICTURES) as picture:
                width, height = picture.size
                if width * height > _MOST_PIXELS:
                    raise BesideError(f"it has {width:,} x {height:,} pixels, more than the {_MOST_PIXELS:,} allowed")
                pixels = np.array(picture.convert("RGB"))
    except _PICTURE_ERRORS as error:
        raise BesideError("it is not a picture that can be read (PNG, JPEG, BMP, TGA, WebP, TIFF, GIF)") from error
    except Image.DecompressionBombError as error:
        raise BesideError(f"it has more pixels than the {_MOST_PIXELS:,} allowed") from error
    pixels.flags.writeable = False
    return pixels


def encode_png(pixels: Array) -> bytes:
    """(H, W, 3) uint8 as the bytes of a PNG file."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(pixels)).save(file, "PNG", compress_level=3)
    return file.getvalue()


def save_pictures(target: Path, materials: Sequence[Material], files: ExitStack) -> list[str]:
    """Save the materials' pictures beside the model ``target`` when ``files`` closes.

    They are named after the model ("spot_texture.png"), so that they replace no picture of the person's own. Returns
    the name of each material's picture, "" without one.
    """
    textured = sum(material.texture is not None for material in materials)
    names = []
    for number, material in enumerate(materials):
        names.append("")
        if material.texture is not None:
            names[-1] = f"{target.stem}_texture{number if textured > 1 else ''}.png"
            temporary = files.enter_context(atomic_write(target.with_name(names[-1])))
            temporary.write_bytes(encode_png(material.texture))
    return names
