"""A run, as files that other programs read: a film, a sequence of meshes, a table of its curves.

Heavy work, for the command line's own process or a job's, never for the window's. Every file is complete or not there.
``progress(fraction, text)`` is called between the parts; an exception raised in it ends the export and leaves nothing
half-made behind.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from lab.files import atomic_write, explain
from lab.film import SUFFIXES as FILM_SUFFIXES
from lab.film import ExportError, Film, Progress, Renderer, check_film, make_film
from lab.formats import write
from lab.render.offline import OfflineRenderer, RenderError
from lab.run.recorder import Recording
from lab.run.recording_file import load
from lab.scene import Mesh, Points

__all__ = ["FILM_SUFFIXES", "ExportError", "Film", "export_curves_csv", "export_ply_sequence", "export_video"]


Source = Recording | str | Path
"""A recording, or the .dl3d file of one."""


def _silent(fraction: float, text: str) -> None:
    """Progress that nobody follows."""


def _recording(source: Source) -> Recording:
    return source if isinstance(source, Recording) else load(source)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """What the system or the encoder refuses becomes a sentence."""
    try:
        yield
    except OSError as error:
        raise ExportError(f"{path.name} cannot be saved: {explain(error)}.") from error


def export_video(
    recording: Source,
    path: str | Path,
    *,
    renderer: Renderer | None = None,
    progress: Progress = _silent,
    **film: Any,
) -> None:
    """Save the keyframes as an MP4 or a GIF, by the suffix of ``path``; the other options are those of lab.film.Film.

    renderer: one that is to be used and stays open; by default a render process of its own. Raises ExportError when
    there is nothing to show, no such film, or no way to save it.
    """
    recording, path, look = _recording(recording), Path(path), Film(**film)
    check_film(recording, path, look)
    with _explained(path), ExitStack() as stack:
        try:
            chosen = renderer or stack.enter_context(OfflineRenderer())
            make_film(recording, path, look, chosen, progress)
        except RenderError as error:
            raise ExportError(f"{path.name} cannot be drawn: {error}") from error


def export_ply_sequence(
    recording: Source, folder: str | Path, path_in_snapshot: str, *, progress: Progress = _silent
) -> list[Path]:
    """Save an entity of each keyframe as ``folder/fitted_000120.ply``, named by its step. Returns the files.

    The folder is made if it is not there. Raises ExportError when no keyframe has such a mesh or point cloud,
    FormatError when one cannot be saved. Files that were finished before that stay.
    """
    folder = Path(folder)
    found = [(keyframe.step, keyframe.snapshot.get(path_in_snapshot)) for keyframe in _recording(recording).keyframes]
    shapes = [(step, entity) for step, entity in found if isinstance(entity, Mesh | Points)]
    if not shapes:
        raise ExportError(
            f"No keyframe of the run has a mesh or point cloud '{path_in_snapshot}', so there is nothing to save."
        )
    with _explained(folder):
        folder.mkdir(exist_ok=True)
    digits = max(6, len(str(shapes[-1][0])))
    stem = path_in_snapshot.replace("/", " ")
    saved = []
    for number, (step, entity) in enumerate(shapes):
        progress(number / len(shapes), "Saving the meshes")
        saved.append(folder / f"{stem}_{step:0{digits}}.ply")
        write(saved[-1], entity)
    progress(1.0, "Saved the meshes")
    return saved


def export_curves_csv(recording: Source, path: str | Path) -> None:
    """Save every metric at every step as a table: step, seconds, then a column a metric. Raises ExportError.

    Comma-separated, UTF-8, a header, numbers in full precision; a metric that a step lacks is left empty.
    """
    recording, path = _recording(recording), Path(path)
    metrics = recording.metrics
    columns = [column.tolist() for column in metrics.values()]
    rows = zip(recording.steps.tolist(), recording.seconds.tolist(), *columns, strict=True)
    with (
        _explained(path),
        atomic_write(path) as temporary,
        open(temporary, "w", newline="", encoding="utf-8") as file,
    ):
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["step", "seconds", *metrics])
        writer.writerows([step, round(seconds, 6), *map(_cell, row)] for step, seconds, *row in rows)


def _cell(value: float) -> float | str:
    return "" if math.isnan(value) else value
