"""The experiment "Body in a scan": the body is seen to turn, bend and grow into the scan."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from lab.body.library import load_body
from lab.body.measure import measure
from lab.body.prior import PosePrior
from lab.body.record import BodyPose
from lab.body.scan.fit import Body, Look, ScanFit, Weights
from lab.body.scan.start import best_start, first_bodies, scale_of
from lab.body.skeleton import title
from lab.chapters.body.scan import ScanParams
from lab.experiment import ExperimentError, Notice, Outcome, RunContext, Step
from lab.formats.base import FormatError
from lab.scene import Array, Geometry, Mesh, Snapshot

RESULT = "body"
_SEEDS = 2**63
_BETAS = 10
_WIDE = 0.25
"""Metres: the reach of the first step; it shrinks to the chosen one over half of the steps."""
_STILL = 2e-5
"""Metres: a body whose vertices move less than this in a step stands still."""
_FAR = 0.03
"""Metres: a median distance beyond which the fit is no good."""
_DENSE = 20_000


class FitScan:
    """Lay a body into ``inputs["scan"]``. Step k is the body after k steps of Gauss-Newton."""

    def run(self, params: ScanParams, ctx: RunContext) -> Iterator[Step]:
        """See ``lab.experiment.Experiment.run``."""
        yield from _Run(params, ctx).steps()


class _Run:
    """One run, in metres; what is shown is in the scan's own unit, about its origin."""

    def __init__(self, params: ScanParams, ctx: RunContext) -> None:
        self._params, self._ctx = params, ctx
        state = ctx.resume
        if state is not None and not state.keys() >= {"step", "betas", "pose", "transl"}:
            raise ExperimentError("The checkpoint is not one of a body in a scan, so the run cannot go on from it.")
        ctx.report(None, "Preparing the body and the scan")
        scan = ctx.inputs["scan"]
        self._origin = np.asarray(scan.origin)
        self._scale, self._unit = scale_of(np.asarray(scan.verts), params.unit)
        rng = np.random.default_rng(ctx.seed % _SEEDS)
        dense = _spread(scan, _DENSE, rng).astype(np.float64) * self._scale
        if len(dense) < 50:
            raise ExperimentError(f"The scan has {len(dense)} points, too few to find a body by. Choose another one.")
        self._data = _load(params)
        points = dense[: params.points]
        prior = PosePrior.load(None)
        self._fit = ScanFit(self._data, points, dense, prior)
        self._faces = np.ascontiguousarray(self._data.faces, np.int32)
        self._first = 0
        if state is None:
            self._body = self._search(points, prior, rng)
        else:
            self._first = int(state["step"])
            self._body = Body(*(np.array(state[name]) for name in ("betas", "pose", "transl")))

    def _search(self, points: Array, prior: PosePrior, rng: np.random.Generator) -> Body:
        coarse = points[rng.permutation(len(points))[:300]]
        search = ScanFit(self._data, coarse, points, prior, vertices=300)
        betas = min(_BETAS, self._data.shapedirs.shape[2])
        bodies = first_bodies(points, search, prior, betas)
        return best_start(search, bodies, lambda share: self._ctx.report(share, "Trying all sides"))

    # --- the steps ------------------------------------------------------------------------------------------------

    def steps(self) -> Iterator[Step]:
        """The steps; then the outcome is handed over."""
        index, began = self._first, time.monotonic()
        before: Array | None = None
        while True:
            look = self._fit.look(self._body)
            weights = self._weights(index)
            moved = np.inf if before is None else float(np.abs(look.verts - before).max())
            done = moved < _STILL and index > self._params.steps // 2
            yield Step(index, self._metrics(look, weights), self._shown(look), self._state(index), last=done)
            if done or index >= self._params.steps or self._ctx.stop_requested:
                break
            before = look.verts
            self._body = self._fit.step(look, weights)
            self._ctx.checkpoint()
            index += 1
        self._finish(look, index, time.monotonic() - began)

    def _weights(self, index: int) -> Weights:
        params: ScanParams = self._ctx.params
        share = min(1.0, index / max(1, self._params.steps // 2))
        reach = params.reach / 100.0
        reach = max(reach, _WIDE ** (1.0 - share) * reach**share)
        return Weights(params.scan_weight, params.body_weight, params.pose_weight, params.shape_weight, reach)

    def _metrics(self, look: Look, weights: Weights) -> dict[str, float]:
        terms = self._fit.terms(look, weights)
        metrics = {"loss": sum(getattr(weights, name) * value for name, value in terms.items())}
        for name, value in terms.items():
            metrics[name] = value
            metrics[f"{name} (weighted)"] = getattr(weights, name) * value
        metrics["median distance (mm)"] = 1e3 * float(np.median(look.to_body))
        return metrics

    # --- what is handed out ---------------------------------------------------------------------------------------

    def _shown(self, look: Look) -> Callable[[], Snapshot]:
        return lambda: {RESULT: self._mesh(look)}

    def _mesh(self, look: Look) -> Mesh:
        verts = (look.verts / self._scale).astype(np.float32)
        return Mesh(verts, self._faces, normals=look.normals.astype(np.float32), origin=self._origin)

    def _state(self, index: int) -> Callable[[], dict[str, Any]]:
        body = self._body
        return lambda: {
            "step": index,
            "betas": body.betas.copy(),
            "pose": body.pose.copy(),
            "transl": body.transl.copy(),
        }

    def _finish(self, look: Look, index: int, seconds: float) -> None:
        body = look.body
        to_body, to_scan = 1e3 * look.to_body, 1e3 * look.to_scan
        figures: dict[str, float | str | bool] = {
            "Scan to body, median (mm)": float(np.median(to_body)),
            "Scan to body, mean (mm)": float(to_body.mean()),
            "Scan to body, 95 % (mm)": float(np.quantile(to_body, 0.95)),
            "Body to scan, median (mm)": float(np.median(to_scan)),
            "Unit of the scan": self._unit,
            "Steps": float(index),
        }
        sizes = self._sizes(body)
        figures |= {f"{title(name)} (cm)": 100 * value for name, value in sizes.items()}
        if np.median(to_body) > 1e3 * _FAR:
            text = f"The body is {np.median(to_body):.0f} mm from the scan at the median, so it does not fit."
            advice = "Is Y up, and is it one person, standing? A scan with a floor or a wall needs them cut off first."
            self._ctx.notice(Notice(index, "warning", text, advice))
        record = BodyPose(self._params.model, body.betas, body.pose, body.transl)
        document = {"body": record.to_document(), "measurements": dict(sizes), "seconds": seconds}
        self._ctx.outcome(
            Outcome({RESULT: self._mesh(look)}, figures, document=document, arrays=record.to_data().values)
        )

    def _sizes(self, body: Body) -> Mapping[str, float]:
        return measure(self._data, body.betas)


def _load(params: ScanParams) -> Any:
    try:
        return load_body(params.own_model or params.model)
    except FormatError as error:
        raise ExperimentError(str(error)) from None


def _spread(scan: Geometry, count: int, rng: np.random.Generator) -> Array:
    """At most ``count`` points, in random order: of a mesh evenly over its surface, of a cloud some of its own."""
    verts = np.asarray(scan.verts)
    if isinstance(scan, Mesh) and len(scan.faces):
        corners = verts[scan.faces].astype(np.float64)
        areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
        if areas.sum() > 0.0:
            chosen = rng.choice(len(areas), count, p=areas / areas.sum())
            u, v = rng.random((2, count, 1))
            root = np.sqrt(u)
            a, b, c = corners[chosen].transpose(1, 0, 2)
            return (1 - root) * a + root * (1 - v) * b + root * v * c
    return verts[rng.permutation(len(verts))[:count]]
