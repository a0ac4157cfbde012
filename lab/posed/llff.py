"""``poses_bounds.npy``: the files of LLFF, forward-facing photos with the depths between which the scene lies.

Each row has 17 numbers: a matrix (3, 5) whose columns are the camera's down, right and backward axes, its place, and
height, width and focal length in pixels; then the nearest and the farthest depth. Source: LLFF's README.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from lab.formats.base import FormatError, Source
from lab.posed.capture import Capture, LeftOut, Shot, inside, rigid
from lab.posed.images import PosedError
from lab.posed.lens import Lens
from lab.scene import Array

_MOST_BYTES = 16 << 20
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
_FOLDERS = ("images", "images_2", "images_4", "images_8")


def read_llff(path: Path) -> Capture:
    """The data set of a ``poses_bounds.npy``, whose pictures are in ``images`` beside it. Raises PosedError."""
    rows = _rows(path)
    files = _pictures(path.parent)
    if len(files) != len(rows):
        raise PosedError(
            f"{path.name} has {len(rows)} poses, but there are {len(files)} pictures in '{files[0].parent.name}': "
            "they are matched by their order, so there must be as many."
        )
    shots, left_out = [], LeftOut()
    for file, row in zip(files, rows, strict=True):
        matrix = row[:15].reshape(3, 5)
        down, right, back, place = (matrix[:, column] for column in range(4))
        height, width, focal = matrix[:, 4].tolist()
        try:
            if not (np.isfinite(row).all() and 0 < row[15] < row[16]):
                raise PosedError("its depths are not two numbers above 0, the nearer one first")
            c2w = rigid(np.stack([right, -down, back, place], axis=1))
            lens = Lens(focal, width=round(width), height=round(height))
            shots.append(Shot(file.name, file, c2w, lens, raw=True, depths=(float(row[15]), float(row[16]))))
        except (PosedError, ValueError, OverflowError) as error:
            left_out.add(file.name, str(error))
    return Capture("LLFF", shots, "cameras", remarks=left_out.sentences())


def _rows(path: Path) -> Array:
    """(N, 17) float64. The size is known from the file's own before memory is taken."""
    advice = "It must be an array of N x 17 numbers, as LLFF writes it."
    try:
        data = Source(path).read(_MOST_BYTES + 1)
    except FormatError as error:
        raise PosedError(str(error)) from None
    if len(data) > _MOST_BYTES:
        raise PosedError(f"{path.name} has more than {_MOST_BYTES >> 20} MB. {advice}")
    stream = io.BytesIO(data)
    try:
        version = np.lib.format.read_magic(stream)
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = header(stream)
        if dtype.hasobject or dtype.kind not in "fiu" or len(shape) != 2 or shape[1] != 17:
            raise PosedError(f"{path.name} has {shape} of {dtype}. {advice}")
        if shape[0] * 17 * dtype.itemsize > len(data):
            raise PosedError(f"{path.name} ends too early: {shape[0]} poses do not fit into it. Get it again.")
        stream.seek(0)
        rows = np.lib.format.read_array(stream, allow_pickle=False)
    except PosedError:
        raise
    except (ValueError, EOFError, OSError, TypeError, SyntaxError, OverflowError) as error:
        raise PosedError(f"{path.name} is no array of numpy: {error}. {advice}") from None
    if not len(rows):
        raise PosedError(f"{path.name} has no poses. {advice}")
    return np.asarray(rows, np.float64)


def _pictures(folder: Path) -> list[Path]:
    """The pictures in order of name, from the largest of LLFF's folders that is there."""
    for name in _FOLDERS:
        place = folder / name
        if place.is_dir():
            names = sorted(item.name for item in place.iterdir() if item.suffix.lower() in _PICTURES)
            if names:
                return [inside(folder, f"{name}/{picture}") for picture in names]
    raise PosedError(f"There is no folder 'images' with pictures beside poses_bounds.npy in '{folder.name}'. Add it.")
