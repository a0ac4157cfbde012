"""The study "What a picture costs": what is counted comes at once, what is timed when the button is pressed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from lab.chapters.rendering.cost import COLORS, FRAGMENTS, MEASURE, SILHOUETTE, RasterCostParams
from lab.kernels.crew import Crew
from lab.raster.cost_scene import Case, Counts, count
from lab.raster.cost_timing import BLUR, FACES, RESOLUTION, SERIES, Sample, measure
from lab.raster.silhouette import SoftSilhouette
from lab.raster.tiles import TILE
from lab.render.colormaps import table
from lab.scene import Array
from lab.studies.kept import Kept
from lab.study import Board, Content, Note, Picture, Plot, StudyContext, StudyError

_LABELS = {RESOLUTION: "pixels a side", FACES: "faces", BLUR: "blur in pixels"}
_LOST = "With K = {most} PyTorch3D loses faces: a pixel has {deepest} within the blur."


@dataclass
class _Curves:
    """Samples of one measurement. key: the values that it was made for. done: whether it went to its end."""

    key: tuple[object, ...] = ()
    what: str = SILHOUETTE
    samples: list[Sample] = field(default_factory=list)
    done: bool = False


class RasterCost:
    """Counts at once; keeps the last measurement until the next one begins."""

    def __init__(self) -> None:
        self._kept = Kept()
        self._curves = _Curves()
        self._crew: Crew | None = None  # its threads begin with the first question

    def boards(self, params: RasterCostParams, ctx: StudyContext) -> Iterator[Board]:
        """The counted board; after "Measure" one more for each point of the curves."""
        if ctx.action not in ("", MEASURE):
            raise StudyError(f"unknown action {ctx.action!r}; known is {MEASURE}")
        crew = self._crew = self._crew or Crew()
        case = Case(params.size, params.level, params.sigma)
        if ctx.action == MEASURE:
            self._curves = _Curves(_key(params), params.what)
        yield self._board(params, case, crew)
        if ctx.action == MEASURE:
            yield from self._measured(params, case, crew, ctx)

    def _measured(self, params: RasterCostParams, case: Case, crew: Crew, ctx: StudyContext) -> Iterator[Board]:
        curves = self._curves

        def checkpoint(done: float) -> None:
            ctx.checkpoint()
            ctx.report(done, "Measuring")

        for sample in measure(case, params.what, params.faces_per_pixel, params.compare, crew, checkpoint):
            curves.samples.append(sample)
            yield self._board(params, case, crew)
        curves.done = True
        yield self._board(params, case, crew)

    def _board(self, params: RasterCostParams, case: Case, crew: Crew) -> Board:
        counts, pictures = self._kept.get("pictures", (case,), lambda: _pictures(case, crew))
        panes: dict[str, Content] = {**pictures, **{series: self._plot(series, case) for series in SERIES}}
        figures: dict[str, float | str | bool] = {
            "Faces": counts.faces,
            "All pairs": counts.all_pairs,
            "Pairs looked at": counts.boxed,
            "Pairs within the blur": int(counts.depth.sum(dtype=np.int64)),
            "Most faces of a pixel": int(counts.depth.max()),
            "Blur": f"{case.blur_pixels:.1f} px",
        }
        both = [s for s in self._curves.samples if s.series == RESOLUTION and s.peer is not None]
        if both and both[-1].peer is not None:
            figures["Times faster"] = f"{both[-1].peer / both[-1].ours:.0f} at {both[-1].x:.0f}²"
        return Board(panes, figures, notes=tuple(self._notes(params, counts)), status=self._status())

    def _plot(self, series: str, case: Case) -> Plot:
        mine = [s for s in self._curves.samples if s.series == series]
        points = {"the lab": [(s.x, s.ours) for s in mine], "PyTorch3D": _of_peer(mine)}
        curves = {name: _curve(found) for name, found in points.items() if found}
        at = {RESOLUTION: float(case.size), FACES: float(case.faces), BLUR: case.blur_pixels}
        return Plot(curves, _LABELS[series], "ms", log_y=True, at=at[series])

    def _notes(self, params: RasterCostParams, counts: Counts) -> Iterator[Note]:
        deepest = int(counts.depth.max())
        if deepest > params.faces_per_pixel:
            advice = (
                f"Raise K to {deepest}." if params.what == FRAGMENTS else "The lab's soft pictures take all of them."
            )
            yield Note("info", _LOST.format(most=params.faces_per_pixel, deepest=deepest), advice)
        if self._curves.key and self._curves.key != _key(params):
            yield Note("info", "The curves were measured with other values.", "Press Measure for these.")
        elif self._curves.key and not self._curves.done and self._curves.samples:
            yield Note("info", "The measurement has not come to its end.", "Press Measure to begin again.")
        if params.what == COLORS and params.compare and deepest > params.faces_per_pixel:
            yield Note("info", f"PyTorch3D is measured with the {params.faces_per_pixel} nearest faces only.")

    def _status(self) -> str:
        if not self._curves.key:
            return "Press Measure for the curves"
        return f"{len(self._curves.samples)} pictures measured, {self._curves.what}, forward and backward"


def _key(params: RasterCostParams) -> tuple[object, ...]:
    return params.size, params.level, params.sigma, params.what, params.faces_per_pixel, params.compare


def _of_peer(samples: list[Sample]) -> list[tuple[float, float]]:
    return [(s.x, s.peer) for s in samples if s.peer is not None]


def _curve(points: list[tuple[float, float]]) -> tuple[Array, Array]:
    x, y = np.array(sorted(points)).T
    return x, y


def _pictures(case: Case, crew: Crew) -> tuple[Counts, dict[str, Content]]:
    counts = count(case, crew)
    ndc, faces = case.mesh
    alpha = SoftSilhouette(faces, case.shape, sigma=case.sigma, crew=crew).forward(ndc)
    load = counts.load.repeat(TILE, axis=0).repeat(TILE, axis=1)[: case.size, : case.size]
    return counts, {
        "silhouette": Picture(_grey(alpha), values=alpha.astype(np.float32)),
        "depth": _heat(counts.depth, "faces"),
        "load": _heat(load, "faces"),
    }


def _grey(alpha: Array) -> Array:
    return np.repeat((255 * alpha + 0.5).astype(np.uint8)[..., None], 3, axis=2)


def _heat(values: Array, unit: str) -> Picture:
    """Counts in colours, in steps of ratios: most of a picture is cheap, and its rim is not."""
    top = math.log1p(max(1, int(values.max())))
    pixels = table("plasma")[(255 * np.log1p(values) / top + 0.5).astype(np.uint8)]
    return Picture(pixels, values=values.astype(np.float32), unit=unit)
