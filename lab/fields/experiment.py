"""The runs that train radiance fields: the same for every method."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lab.cameras.drawing import corners, frustum
from lab.cameras.model import CameraModel
from lab.chapters.fields.nerf import HARMONICS, LEARNED, RANDOM, WHITE, NerfParams
from lab.experiment import ExperimentError, Notice, Outcome, RunContext, State, Step
from lab.fields.budget import plan, told
from lab.fields.doctor import Doctor
from lab.fields.files import field_arrays
from lab.fields.inputs import images_of, mixed
from lab.fields.instant.options import Options
from lab.fields.instant.trainer import InstantField
from lab.fields.judge import Judge, Verdict
from lab.fields.out.surface import surface
from lab.fields.trainer import Trainer
from lab.motions import so3
from lab.posed.images import PosedImages
from lab.scene import Array, Image, Lines, Snapshot

_FIRST_VERDICTS = (0, 5, 10, 20, 35)
_VERDICT_EVERY = 50
_FRUSTUM = 0.08  # of the box's longest side


class TrainInstant:
    """Train an instant field. Step k is the field after k steps."""

    def run(self, params: NerfParams, ctx: RunContext) -> Iterator[Step]:
        """See ``lab.experiment.Experiment.run``."""
        images = images_of(params, ctx)
        ctx.report(None, "Preparing the field")
        options, time_limit = options_of(params), None
        if ctx.resume is not None and "options" in ctx.resume:
            options = Options(**ctx.resume["options"])
        elif params.budget > 0:
            options, time_limit = _planned(params, ctx, images, options)
        trainer = _trainer(images.training, options, ctx)
        ground = 1.0 if params.ground == WHITE else 0.0
        try:
            run = FieldRun(
                params,
                ctx,
                images,
                trainer,
                ground=ground,
                limit=time_limit,
                extra={"options": asdict(options)},
                cameras=trainer.cameras if options.refine_cameras else None,
            )
            yield from run.steps()
        finally:
            trainer.close()


def _trainer(images: PosedImages, options: Options, ctx: RunContext) -> InstantField:
    """The kernels, or PyTorch on a graphics card."""
    if ctx.device == "cpu":
        return InstantField(images, options, seed=ctx.seed)
    from lab.fields.instant.torch_field import TorchInstantField  # the kernels need no PyTorch

    return TorchInstantField(images, options, seed=ctx.seed, device=ctx.device)


def _planned(params: NerfParams, ctx: RunContext, images: PosedImages, options: Options) -> tuple[Options, Limit]:
    """What fits into the time budget; the person is told."""
    began = time.monotonic()
    planned = plan(images.training, options, params.budget, seed=ctx.seed, report=ctx.report)
    ctx.notice(Notice(0, "info", told(planned, images, params.budget)))
    return planned.options, Limit(planned.steps, params.budget, time.monotonic() - began)


def options_of(params: NerfParams) -> Options:
    """How the instant field is trained for these parameters."""
    doublings = {"64": (30,), "128": (30, 300), "256": (30, 300, 900)}[params.cells]
    return Options(
        finer=doublings,
        rays=params.rays,
        harmonics=HARMONICS[params.view_dependence],
        ground="white" if params.ground == WHITE else "random" if params.ground == RANDOM else "black",
        sky=params.ground == LEARNED,
        refine_cameras=params.refine_cameras,
    )


@dataclass
class Limit:
    """How far a run goes. seconds: that its work may take, of which so many are ``spent``."""

    steps: int
    seconds: float = math.inf
    spent: float = 0.0

    @contextmanager
    def counted(self) -> Iterator[None]:
        """What is done within counts."""
        began = time.monotonic()
        try:
            yield
        finally:
            self.spent += time.monotonic() - began

    @property
    def over(self) -> bool:
        """Whether the time is."""
        return self.spent >= self.seconds


class FieldRun:
    """One run of any method.

    ground: the grey behind held-out pictures that have alphas. limit: where it ends, the parameter ``steps`` if None.
    extra: what its checkpoints hold besides. cameras: the training cameras as they are now, where they move.
    """

    def __init__(
        self,
        params: Any,
        ctx: RunContext,
        images: PosedImages,
        trainer: Trainer,
        *,
        ground: float = 0.0,
        limit: Limit | None = None,
        extra: State | None = None,
        cameras: Callable[[], Sequence[CameraModel]] | None = None,
    ) -> None:
        self._params, self._ctx, self._trainer = params, ctx, trainer
        self._limit, self._extra = limit or Limit(params.steps), extra or {}
        judging = images.judging
        self._judge = Judge(judging, mixed(judging, ground))
        self._training, self._moving = images.training, cameras
        self._cameras = _drawn(images.training.cameras, images)
        self._doctor = Doctor(self._judge.black)
        self._verdict = Verdict(math.nan, math.nan)
        self._history: list[tuple[float, float, float]] = []
        self._first = 0
        for remark in images.remarks:
            ctx.notice(Notice(0, "info", remark))
        if ctx.resume is not None:
            self._resume(ctx.resume)

    def _resume(self, state: State) -> None:
        if "trainer" not in state:
            raise ExperimentError("The checkpoint is not one of a radiance field, so the run cannot go on from it.")
        self._first = int(state["step"])
        self._trainer.restore(state["trainer"])
        seconds, spent = state.get("limit", (math.inf, 0.0))
        if seconds < math.inf:
            self._limit = Limit(int(state["steps"]), float(seconds), float(spent))

    # --- the steps --------------------------------------------------------------------------------------------------

    def steps(self) -> Iterator[Step]:
        """The steps; then the outcome is handed over."""
        index, seconds, limit = self._first, 0.0, self._limit
        if limit.steps != self._params.steps:
            self._ctx.plan(limit.steps)
        losses: Mapping[str, float] = {}
        while True:
            metrics = self._metrics(losses)
            if index in (self._first, *_FIRST_VERDICTS) or index % _VERDICT_EVERY == 0:
                with limit.counted():
                    self._look(index, seconds)
            metrics |= self._verdict.metrics  # the last one known, so that the curve has no gaps
            yield Step(index, metrics, self._snapshot, self._state(index))
            if index >= limit.steps or limit.over or self._ctx.stop_requested:
                break
            began = time.monotonic()
            with limit.counted():
                losses = self._trainer.step(self._ctx.params)
            seconds += time.monotonic() - began
            self._ctx.checkpoint()
            index += 1
        self._finish(index, seconds)

    def _metrics(self, losses: Mapping[str, float]) -> dict[str, float]:
        if not losses:
            return {}
        weights = {name: float(getattr(self._ctx.params, f"{name}_weight", 1.0)) for name in losses}
        metrics = {"loss": sum(weights[name] * value for name, value in losses.items())}
        for name, value in losses.items():
            metrics[name] = value
            metrics[f"{name} (weighted)"] = weights[name] * value
        return metrics

    def _look(self, index: int, seconds: float) -> None:
        self._verdict = verdict = self._judge.quick(self._trainer)
        self._history.append((index, seconds, verdict.psnr))
        if self._moving is not None:
            self._cameras = _drawn(self._moving(), self._training)
        for notice in self._doctor.look(index, verdict.psnr):
            self._ctx.notice(notice)

    # --- what is handed out -----------------------------------------------------------------------------------------

    def _snapshot(self) -> Snapshot:
        with self._limit.counted():
            return self._seen()

    def _seen(self) -> Snapshot:
        shown = min(max(int(self._ctx.params.shown), 1), len(self._judge)) - 1
        _, view, truth, difference = self._judge.compare(self._trainer, shown)
        return {
            "field": self._trainer.field(),
            "cameras": self._cameras,
            "view": Image(view),
            "truth": Image(truth),
            "difference": Image(difference),
        }

    def _state(self, index: int) -> Callable[[], State]:
        limit = self._limit
        return lambda: {
            "step": index,
            "steps": limit.steps,
            "limit": (limit.seconds, limit.spent),
            "trainer": self._trainer.state(),
            **self._extra,
        }

    def _finish(self, index: int, seconds: float) -> None:
        self._ctx.report(None, "Judging the held-out views")
        verdict = self._judge.thorough(self._trainer)
        field = self._trainer.field()
        self._ctx.report(None, "Making a mesh of it")
        mesh = surface(field)
        figures: dict[str, float | str | bool] = {
            "PSNR (dB)": verdict.psnr,
            "PSNR, object (dB)": verdict.psnr_object,
            "SSIM": verdict.ssim,
            "All black (dB)": self._judge.black,
            "Held-out views": float(len(self._judge)),
            "Steps": float(index),
            "Training (s)": seconds,
            "Vertices": float(len(field.density)),
            "Surface (faces)": float(len(mesh.faces)),
        }
        if self._moving is not None:
            figures["Cameras turned (°)"] = _turned(self._training.cameras, self._moving())
        steps, at, found = np.array(self._history).T
        curves: dict[str, tuple[Array, Array]] = {"PSNR over steps": (steps, found), "PSNR over seconds": (at, found)}
        told = {name: value for name, value in figures.items() if not (isinstance(value, float) and math.isnan(value))}
        left = {**self._snapshot(), "surface": mesh}
        self._ctx.outcome(Outcome(left, told, curves, arrays=field_arrays(field)))


def _turned(before: Sequence[CameraModel], after: Sequence[CameraModel]) -> float:
    """The mean angle between cameras, degrees."""
    turns = [so3.log(b.rotation @ a.rotation.T) for a, b in zip(before, after, strict=True)]
    return math.degrees(float(np.linalg.norm(turns, axis=1).mean()))


def _drawn(cameras: Sequence[CameraModel], images: PosedImages) -> Lines:
    """The cameras as frusta, drawn small."""
    depth = _FRUSTUM * float((images.upper - images.lower).max())
    parts = [frustum(camera, 0.02 * depth, _reach(camera, depth)) for camera in cameras]
    starts = np.cumsum([0, *(len(part.verts) for part in parts[:-1])])
    edges = [part.edges + start for part, start in zip(parts, starts, strict=True)]
    return Lines(np.concatenate([part.verts for part in parts]), np.concatenate(edges))


def _reach(camera: Any, size: float) -> float:
    """How far ahead a camera's picture is ``size`` wide and high, as a mean."""
    spread = corners(camera, 1.0)
    return size / float(np.linalg.norm(spread[2] - spread[0]) / math.sqrt(2))
