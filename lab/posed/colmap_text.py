"""COLMAP's text models: a row a camera, two rows an image, a row a point; lines that begin with # are comments."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from lab.posed.colmap_rows import MOST_IMAGES, MOST_POINTS, Camera, Registered, points_of, whole_file
from lab.posed.images import PosedError
from lab.scene import Points

_LARGEST_ID = 1 << 62


class TextModel:
    """cameras.txt, images.txt and points3D.txt of a folder. Raises PosedError for files that make no sense."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def cameras(self) -> dict[int, Camera]:
        """By id."""
        path, found = self._folder / "cameras.txt", {}
        for line, words in _rows(path):
            try:
                number, width, height = (_whole(words[place]) for place in (0, 2, 3))
                params = tuple(float(word) for word in words[4:40])
                found[number] = Camera(words[1], width, height, params)
            except (ValueError, IndexError):
                raise _nonsense(path, line, "a camera is 'id MODEL width height parameters'") from None
        return found

    def images(self) -> list[Registered]:
        """In the file's order. Every second row has the image's 2D points, which may be none."""
        path, found = self._folder / "images.txt", []
        for number, (line, words) in enumerate(_rows(path, blank=True, words=9)):
            if number % 2:
                continue
            if not words:
                break  # blank lines at the end
            try:
                values = np.array([float(word) for word in words[1:8]])
                if len(values) != 7:
                    raise ValueError(line)
                found.append(Registered(words[9].strip(), values, _whole(words[8])))
            except (ValueError, IndexError):
                raise _nonsense(path, line, "an image is 'id qw qx qy qz tx ty tz camera name'") from None
            if len(found) > MOST_IMAGES:
                raise _nonsense(path, line, f"there are more than {MOST_IMAGES:,} images")
        return found

    def points(self) -> Points | None:
        """At most MOST_POINTS of them, spread over the file; None where there is no file or no point."""
        path = self._folder / "points3D.txt"
        if not path.is_file() or not path.stat().st_size:
            return None
        rows = list(_rows(path, words=7))
        places: list[list[float]] = []
        colors: list[list[int]] = []
        for line, words in rows[:: max(1, -(-len(rows) // MOST_POINTS))]:
            try:
                places.append([float(words[i]) for i in (1, 2, 3)])
                colors.append([min(max(int(words[i]), 0), 255) for i in (4, 5, 6)])
            except (ValueError, IndexError):
                raise _nonsense(path, line, "a point is 'id x y z red green blue error track'") from None
        return points_of(np.array(places).reshape(-1, 3), np.array(colors, np.uint8).reshape(-1, 3))


def _rows(path: Path, blank: bool = False, words: int = -1) -> Iterator[tuple[int, list[str]]]:
    """Number and words of every line that is no comment. blank: those without words, too. words: split off so many."""
    text = whole_file(path).decode("utf-8", "replace")
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("#") or not (blank or line.strip()):
            continue
        yield number, line.split(None, words)


def _whole(word: str) -> int:
    number = int(word)
    if not 0 <= number < _LARGEST_ID:
        raise ValueError(word)
    return number


def _nonsense(path: Path, line: int, expected: str) -> PosedError:
    return PosedError(f"{path.name}, line {line}: {expected}. The file is damaged; export the model again.")
