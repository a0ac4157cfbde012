"""The study "Averaging rotations": many noisy rotations, eight averages, and how far each is from the truth."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping

import numpy as np

from lab.chapters.cameras.averaging import AVERAGES, AveragingParams
from lab.motions import averages, drawing, euler, se3, so3
from lab.motions.body import body, moved
from lab.motions.samples import Samples, Source
from lab.palette import surface
from lab.render.messages import Style
from lab.scene import Array, Entity, Geometry, Points
from lab.studies.kept import Kept
from lab.study import Board, Content, Handle, Note, Plot, StudyContext, Table, View3D

_RADIUS = 1.7  # metres, of the sphere; the object within it is two metres long
_SHARES = np.linspace(0.0, 0.6, 13)
_FAR = 5.0  # degrees beyond the best average, from which on another is pointed out

Average = Callable[[Samples, Array, euler.Order], Array]

METHODS: Mapping[str, Average] = dict(
    zip(
        AVERAGES,
        (
            lambda s, w, order: averages.chordal(s.rotations, w),
            lambda s, w, order: averages.quaternion_eigenvector(s.rotations, w),
            lambda s, w, order: averages.geodesic(s.rotations, w),
            lambda s, w, order: averages.median(s.rotations, w),
            lambda s, w, order: averages.matrix_mean(s.rotations, w),
            lambda s, w, order: averages.quaternion_naive(s.quaternions, w),
            lambda s, w, order: averages.euler_mean(s.rotations, w, order),
            lambda s, w, order: averages.vector_mean(s.rotations, w),
        ),
        strict=True,
    )
)


class AveragingStudy:
    """The averages come at once; the curves over the share of outliers, which take longer, with the second board."""

    def __init__(self) -> None:
        self._kept = Kept()
        self._curves: dict[str, tuple[Array, Array]] = {}

    def boards(self, params: AveragingParams, ctx: StudyContext) -> Iterator[Board]:
        """The averages with the last curves, and then with curves of their own if those are others."""
        source = self._kept.get("source", (ctx.seed,), lambda: Source(ctx.rng()))
        truth = so3.exp(np.radians([params.u, params.v, params.w]))
        order: euler.Order = params.order  # type: ignore[assignment]
        samples = _draw(source, params, truth, params.outliers)
        weights = samples.weights(params.outlier_weight)
        found = {name: _average(name, samples, weights, order) for name in METHODS}
        errors = {name: _error(mean, truth) for name, mean in found.items()}
        shape = self._kept.get("shape", (ctx.geometry("object"),), lambda: body(ctx.geometry("object")))
        panes: dict[str, Content] = {
            "sphere": _view(params, shape, truth, samples, found),
            "averages": _table(found, errors, samples),
        }
        figures = _figures(errors, params)
        notes = tuple(_notes(errors))
        key = (ctx.seed, params.count, params.spread, params.outlier_weight, params.signs, order, truth.tobytes())
        if not self._kept.has("curves", key) and self._curves:
            yield Board({**panes, "errors": _plot(self._curves, params)}, figures, notes=notes)
        self._curves = self._kept.get("curves", key, lambda: _curves(source, params, truth, order, ctx))
        yield Board({**panes, "errors": _plot(self._curves, params)}, figures, notes=notes)


def _draw(source: Source, params: AveragingParams, truth: Array, outliers: float) -> Samples:
    return source.draw(truth, params.count, math.radians(params.spread), outliers, signs=params.signs)


def _average(name: str, samples: Samples, weights: Array, order: euler.Order) -> Array:
    """(3, 3); NaN where quaternions cancel so that nothing is left to average."""
    try:
        return METHODS[name](samples, weights, order)
    except ValueError:
        return np.full((3, 3), np.nan)


def _error(mean: Array, truth: Array) -> float:
    """The angle of the rotation nearest to ``mean`` from the truth, degrees."""
    if not np.isfinite(mean).all():
        return math.nan
    return math.degrees(float(so3.angle_between(truth, so3.project(mean))))


def _curves(
    source: Source, params: AveragingParams, truth: Array, order: euler.Order, ctx: StudyContext
) -> dict[str, tuple[Array, Array]]:
    """The error of each average, degrees, at each share of outliers."""
    errors = np.empty((len(METHODS), len(_SHARES)))
    for column, share in enumerate(_SHARES):
        ctx.checkpoint()
        samples = _draw(source, params, truth, float(share))
        weights = samples.weights(params.outlier_weight)
        errors[:, column] = [_error(_average(name, samples, weights, order), truth) for name in METHODS]
    return {name: (100 * _SHARES, row) for name, row in zip(METHODS, errors, strict=True)}


# --- what is shown ----------------------------------------------------------------------------------------------------


def _view(
    params: AveragingParams, shape: Geometry, truth: Array, samples: Samples, found: Mapping[str, Array]
) -> View3D:
    tips = np.swapaxes(samples.rotations, -1, -2)  # rows: where x, y and z go
    colors = np.tile(np.array(drawing.AXIS_COLORS), (len(tips), 1))
    colors[np.repeat(samples.outlier, 3)] *= 0.55
    entities: dict[str, Entity] = {
        "rotations": Points(_RADIUS * tips.reshape(-1, 3), colors=colors),
        "sphere": drawing.joined([drawing.circle(np.zeros(3), axis, _RADIUS) for axis in np.eye(3)]),
        "truth": moved(shape, se3.matrix(truth, np.zeros(3))),
        "true frame": drawing.frames(se3.matrix(truth, np.zeros(3))[None], 1.15 * _RADIUS),
    }
    styles = {
        "rotations": Style(point_size=4.0),
        "sphere": Style(color=(0.45, 0.47, 0.5)),
        "truth": Style(opacity=0.22),
    }
    for row, (name, mean) in enumerate(found.items()):
        if np.isfinite(mean).all():
            entities[f"averages/{name}"] = drawing.balls(_RADIUS * mean.T, 0.07)
            styles[f"averages/{name}"] = Style(color=surface(row))
    mean = found[params.shown]
    if np.isfinite(mean).all():
        entities["average"] = moved(shape, se3.matrix(mean, np.zeros(3)))
        styles["average"] = Style(color=surface(list(found).index(params.shown)))
    turn = Handle(
        "truth",
        "frame",
        ("", "", "", "u", "v", "w"),
        (0.0, 0.0, 0.0),
        (params.u, params.v, params.w),
        label="truth",
        degrees=True,
    )
    return View3D(entities, styles, (turn,))


def _table(found: Mapping[str, Array], errors: Mapping[str, float], samples: Samples) -> Table:
    means = [so3.project(mean) if np.isfinite(mean).all() else mean for mean in found.values()]
    apart = np.degrees([so3.angle_between(mean, samples.rotations) for mean in means])
    with np.errstate(invalid="ignore"):  # of an average that is NaN
        determinants = np.linalg.det(np.array(list(found.values())))
    return Table(
        ("Average", "Error °", "Mean angle °", "RMS angle °", "det"),
        (
            tuple(found),
            np.array(list(errors.values())),
            apart.mean(axis=1),
            np.sqrt(np.square(apart).mean(axis=1)),
            determinants,
        ),
        hues=np.arange(len(found), dtype=np.int32),
        digits=2,
    )


def _plot(curves: dict[str, tuple[Array, Array]], params: AveragingParams) -> Plot:
    return Plot(curves, "outliers, %", "error, degrees", at=100 * params.outliers)


def _figures(errors: Mapping[str, float], params: AveragingParams) -> dict[str, float | str]:
    figures: dict[str, float | str] = {f"Error of {name} (°)": error for name, error in errors.items()}
    figures["Expected error of a mean (°)"] = params.spread * math.sqrt(3 / params.count)
    return figures


def _notes(errors: Mapping[str, float]) -> Iterator[Note]:
    known = {name: error for name, error in errors.items() if math.isfinite(error)}
    best = min(known, key=lambda name: known[name])
    wrong = [f"{name} by {error:.0f}°" for name, error in known.items() if error > known[best] + _FAR]
    if wrong:
        yield Note("warning", f"Off the truth: {', '.join(wrong)}.", f"{best} is off by {known[best]:.1f}°.")
