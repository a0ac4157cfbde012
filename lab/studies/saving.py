"""What a study leaves, as files: geometry, fields, films, animations, pictures, numbers, tables, curves and texts.

Every file is complete or not there. ``progress(fraction, text)`` is called between the frames of a film.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from lab.array_files import ARRAY_SUFFIXES, save_arrays
from lab.fields.files import SUFFIX as FIELD_SUFFIX
from lab.fields.files import save_field
from lab.files import atomic_write, explain
from lab.film import ExportError, Progress, film_writer
from lab.formats import WRITABLE, write
from lab.inputs import slug
from lab.scene import Array, Field, Image, Lines, Mesh, Points
from lab.studies.channels import channel_of
from lab.study import Animation, Board, Content, Data, Film, Picture, Plot, Result, Table, Text

FILM_SUFFIXES = (".mp4", ".gif", ".png")
"""A film's: two kinds of film, and its frames as numbered pictures."""


def _silent(fraction: float, text: str) -> None:
    """Progress that nobody follows."""


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """What the system or the encoder refuses becomes a sentence."""
    try:
        yield
    except OSError as error:
        raise ExportError(f"{path.name} cannot be saved: {explain(error)}.") from error


# --- one result -----------------------------------------------------------------------------------------------------


def save_film(path: str | Path, frames: Array, fps: float = 25.0, *, progress: Progress = _silent) -> tuple[str, ...]:
    """Save frames (N, H, W, 3) uint8 as MP4 (H.264) or GIF, or each as ``name_0001.png``, by the suffix of ``path``.

    An MP4 has an even width and height: the last row or column of odd ones is there twice. Returns what the format
    cannot keep, in words. Raises ExportError without frames, for another suffix, or when it cannot be saved.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in FILM_SUFFIXES:
        raise ExportError(f"'{path.name}': the name of a film ends in .mp4 or .gif, that of its frames in .png.")
    if not len(frames):
        raise ExportError(f"The film has no frames, so there is nothing to save as '{path.name}'.")
    with _explained(path):
        if suffix == ".png":
            _save_frames(path, frames, progress)
            return ()
        with atomic_write(path) as temporary, film_writer(temporary, fps) as append:
            for number, frame in enumerate(frames):
                progress(number / len(frames), "Saving the film")
                append(_even(frame) if suffix == ".mp4" else frame)
    return ("more than 256 colours in a frame",) if suffix == ".gif" else ()


def _save_frames(path: Path, frames: Array, progress: Progress) -> None:
    digits = max(4, len(str(len(frames))))
    for number, frame in enumerate(frames, 1):
        progress((number - 1) / len(frames), "Saving the frames")
        with atomic_write(path.with_name(f"{path.stem}_{number:0{digits}}{path.suffix}")) as temporary:
            _write_png(temporary, frame)


def _even(frame: Array) -> Array:
    height, width = frame.shape[:2]
    if height % 2 == width % 2 == 0:
        return frame
    return np.pad(frame, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")


def save_values(path: str | Path, values: Array, channel: str = "Y") -> None:
    """Save a picture's values (H, W) float32 as OpenEXR, in one channel: Z for depths, else Y. Raises ExportError."""
    path = Path(path)
    with _explained(path), atomic_write(path) as temporary:
        _write_values(temporary, values, channel)


def save_animation(path: str | Path, animation: Animation, *, progress: Progress = _silent) -> None:
    """Save a skinned mesh that moves as .glb. Raises ExportError for another suffix, or when it cannot be saved."""
    from lab.formats.gltf_animation import write_animation

    path = Path(path)
    if path.suffix.lower() != ".glb":
        raise ExportError(f"'{path.name}': the name of a file for an animation ends in .glb.")
    try:
        with _explained(path), atomic_write(path) as temporary:
            write_animation(temporary, animation, progress)
    except ValueError as error:
        raise ExportError(f"{path.name} cannot be saved: {error}.") from error


def suffixes_of(result: Result) -> tuple[str, ...]:
    """The endings that a result can be saved under, the usual one first; none for lines."""
    match result:
        case Mesh() | Points():
            return tuple(suffix for suffix in WRITABLE if suffix != ".stl" or _has_faces(result))
        case Field():
            return (FIELD_SUFFIX,)
        case Film():
            return FILM_SUFFIXES
        case Data():
            return ARRAY_SUFFIXES
        case Animation():
            return (".glb",)
        case Picture() if result.values is not None:
            return (".png", ".exr")
        case Picture() | Image():
            return (".png",)
    return ()


def _has_faces(geometry: Mesh | Points) -> bool:
    return isinstance(geometry, Mesh) and len(geometry.faces) > 0


def save_result(path: str | Path, name: str, result: Result, *, progress: Progress = _silent) -> None:
    """Save one result under a name that ends in one of ``suffixes_of`` it. Raises FormatError, ExportError."""
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in suffixes_of(result):
        kinds = " or ".join(suffixes_of(result)) or "nothing"
        raise ExportError(f"'{path.name}': '{name}' can be saved as {kinds}.")
    match result:
        case Mesh() | Points():
            write(path, result)
        case Field():
            save_field(path, result)
        case Film():
            save_film(path, result.frames, result.fps, progress=progress)
        case Data():
            save_arrays(path, result.values)
        case Animation():
            save_animation(path, result, progress=progress)
        case Picture() | Image():
            values = result.values if isinstance(result, Picture) and suffix == ".exr" else None
            with _explained(path):
                if values is None:
                    _atomic(lambda temporary: _write_png(temporary, result.pixels))(path)
                else:
                    save_values(path, values, channel_of(name))


# --- a whole board --------------------------------------------------------------------------------------------------

_Write = Callable[[Path], object]


def save_board(board: Board, folder: Path) -> Iterator[Path]:
    """Save everything on a board into a folder that is there; yields each file when it is complete.

    Results: geometry as .ply, fields and numbers as .npz, films as .mp4, pictures as .png and their values as .exr,
    animations as .glb. Panes: pictures likewise, tables and plots as .csv, texts as .txt or .py. Raises FormatError,
    ExportError, OSError.
    """
    taken: set[str] = set()
    for name, result in board.results.items():
        yield from _save_all(folder, name, _of_result(name, result), taken)
    for key, content in board.panes.items():
        yield from _save_all(folder, key, _of_pane(key, content), taken)


def _save_all(folder: Path, name: str, parts: Iterator[tuple[str, _Write]], taken: set[str]) -> Iterator[Path]:
    """Each part under a name of its own: a result and a pane may be called the same."""
    stem = "-".join(slug(name).replace("/", " ").replace("\\", " ").split())
    for suffix, save in parts:
        number, file = 1, f"{stem}{suffix}"
        while file in taken:
            number += 1
            file = f"{stem}-{number}{suffix}"
        taken.add(file)
        save(folder / file)
        yield folder / file


def _of_result(name: str, result: Result) -> Iterator[tuple[str, _Write]]:
    match result:
        case Mesh() | Points():
            yield ".ply", lambda path: write(path, result)
        case Field():
            yield FIELD_SUFFIX, partial(save_field, field=result)
        case Film():
            yield ".mp4", partial(save_film, frames=result.frames, fps=result.fps)
        case Image() | Picture():
            yield from _of_picture(name, result.pixels, result.values if isinstance(result, Picture) else None)
        case Data():
            yield ".npz", partial(save_arrays, values=result.values)
        case Animation():
            yield ".glb", partial(save_animation, animation=result)
        case Lines():  # no format of the lab's keeps lines
            pass


def _of_pane(key: str, content: Content) -> Iterator[tuple[str, _Write]]:
    match content:
        case Picture():
            yield from _of_picture(key, content.pixels, content.values)
        case Table():
            yield ".csv", _atomic(partial(_write_table, content))
        case Plot():
            yield ".csv", _atomic(partial(_write_plot, content))
        case Text():
            suffix = ".py" if content.language == "python" else ".txt"
            yield suffix, _atomic(lambda path: path.write_text(content.text + "\n", encoding="utf-8"))


def _of_picture(name: str, pixels: Array, values: Array | None) -> Iterator[tuple[str, _Write]]:
    yield ".png", _atomic(lambda path: _write_png(path, pixels))
    if values is not None:
        yield ".exr", partial(save_values, values=values, channel=channel_of(name))


def _atomic(save: _Write) -> _Write:
    def saved(path: Path) -> None:
        with atomic_write(path) as temporary:
            save(temporary)

    return saved


def _write_png(path: Path, pixels: Array) -> None:
    import imageio.v3 as imageio

    imageio.imwrite(path, np.ascontiguousarray(pixels, np.uint8), extension=".png")


def _write_values(path: Path, values: Array, channel: str) -> None:
    from lab.shading.exr import write_exr

    write_exr(path, {channel: np.ascontiguousarray(values, np.float32)})


def _write_table(table: Table, path: Path) -> None:
    _write_rows(path, table.columns, zip(*(_plain(column) for column in table.cells), strict=True))


def _write_plot(plot: Plot, path: Path) -> None:
    rows = ((name, x, y) for name, (xs, ys) in plot.curves.items() for x, y in zip(_plain(xs), _plain(ys), strict=True))
    _write_rows(path, ("curve", plot.x_label or "x", plot.y_label or "y"), rows)


def _write_rows(path: Path, columns: tuple[str, ...], rows: Any) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def _plain(column: Any) -> Any:
    return column.tolist() if isinstance(column, np.ndarray) else column
