"""OpenEXR files: pictures of float32 numbers, such as depths in metres, that other programs read as they are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from lab.scene import Array


class ExrError(ValueError):
    """An OpenEXR file cannot be read or written; the message says why and what to do."""


def write_exr(path: str | Path, channels: Mapping[str, Array]) -> None:
    """Save channels (H, W) float32, by name, row 0 at the top, without loss (ZIP).

    Usual names: "R", "G", "B" and "A" of colours, linear; "Z" of a depth, metres; "Y" of any other number. NaN and
    infinity are kept. Raises ExrError for no channels or shapes that differ, OSError when it cannot be saved.
    """
    import OpenEXR  # here, so that importing this module costs nothing

    shapes = {np.shape(values) for values in channels.values()}
    if len(shapes) != 1 or any(len(shape) != 2 or 0 in shape for shape in shapes):
        raise ExrError(f"channels: expected one (H, W) for all, found {sorted(shapes) or 'none'}")
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    arrays = {name: np.ascontiguousarray(values, np.float32) for name, values in channels.items()}
    path = Path(path)
    path.touch()  # the library's own error does not say why a file cannot be made
    OpenEXR.File(header, arrays).write(str(path))


def read_exr(path: str | Path) -> dict[str, Array]:
    """The channels of a file, (H, W) float32 each, by name; RGB that was stored together comes apart.

    Raises ExrError for what is no OpenEXR file, OSError when it cannot be opened.
    """
    import OpenEXR

    path = Path(path)
    with path.open("rb") as file:
        if file.read(4) != b"\x76\x2f\x31\x01":
            raise ExrError(f"{path.name} is no OpenEXR file: choose one that ends in .exr")
    try:
        with OpenEXR.File(str(path), separate_channels=True) as stored:
            found = stored.channels()
            return {name: np.array(channel.pixels, np.float32) for name, channel in found.items()}
    except (RuntimeError, ValueError) as error:
        raise ExrError(f"{path.name} is damaged and cannot be read: {error}") from error
