"""The experiment "Classic NeRF"."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from lab.chapters.fields.classic_params import HUBER, WHITE, ClassicParams
from lab.experiment import ExperimentError, Outcome, RunContext, Step
from lab.fields.classic.checkpoint import read_weights, weight_arrays
from lab.fields.classic.doctor import Doctor
from lab.fields.classic.drawings import encoding_picture
from lab.fields.classic.encoding import Encoding
from lab.fields.classic.options import ClassicOptions, Dials
from lab.fields.classic.trainer import ClassicField
from lab.fields.experiment import FieldRun
from lab.fields.inputs import images_of
from lab.fields.thinning import Thinning
from lab.posed.images import PosedImages
from lab.scene import Image, Snapshot

_JUDGED, _QUICK = 0.1, 3  # the share that verdicts may take, and the views of one


class TrainClassic:
    """Train a classic field. Step k is the field after k steps; its checkpoint holds the trainer's own state."""

    def run(self, params: ClassicParams, ctx: RunContext) -> Iterator[Step]:
        """See ``lab.experiment.Experiment.run``."""
        if params.near >= params.far:
            raise ExperimentError(f"Near ({params.near:g} m) must be less than far ({params.far:g} m).")
        images = images_of(params, ctx)
        ctx.report(None, "Preparing the network")
        trainer = ClassicField(
            images.training,
            options_of(params),
            seed=ctx.seed,
            device=ctx.device,
            dials=dials_of,
            pause=ctx.checkpoint,
        )
        try:
            yield from _steps(params, ctx, images, trainer)
        finally:
            trainer.close()


def _steps(params: ClassicParams, ctx: RunContext, images: PosedImages, trainer: ClassicField) -> Iterator[Step]:
    trainer.dials = dials_of(ctx.params)
    if params.weights and ctx.resume is None:
        trainer.load_weights(read_weights(Path(params.weights), trainer.networks))
    ctx.outcome = _with_weights(ctx.outcome, trainer)
    run = _Run(params, ctx, images, trainer, ground=1.0 if params.ground == WHITE else 0.0)
    shown = Thinning(ctx, lambda: trainer.view_effort + trainer.field_effort, params.steps)
    doctor = Doctor()
    for step in run.steps():
        if not math.isnan(trainer.opacity):
            step = replace(step, metrics={**step.metrics, "opacity": trainer.opacity})
            for notice in doctor.look(step.index, trainer.opacity, step.metrics.get("color", math.inf)):
                ctx.notice(notice)
        yield shown.thinned(step)


def options_of(params: ClassicParams) -> ClassicOptions:
    """What stays as it is during a run with these parameters."""
    return ClassicOptions(
        network=cast(Any, params.network),
        width=params.width,
        depth=params.depth,
        density=cast(Any, params.density),
        hierarchical=params.hierarchical,
        coarse=params.coarse,
        fine=params.fine,
        jitter=params.jitter,
        rays=params.rays,
        pictures=params.pictures,
        pixels=cast(Any, params.pixels),
        between_pixels=params.between_pixels,
        bounds=cast(Any, params.bounds),
        near=params.near,
        far=params.far,
        first_sizes=params.first_sizes,
        background=cast(Any, params.ground),
        huber=params.loss == HUBER,
        decay=cast(Any, params.decay),
        decay_steps=params.decay_steps,
        view_size=params.view_size,
        grid=params.grid,
    )


def dials_of(live: ClassicParams) -> Dials:
    """What may change during a run, from its newest parameters."""
    return Dials(
        learning_rate=live.learning_rate,
        color=live.color_weight,
        coarse=live.coarse_weight,
        mask=live.mask_weight,
        frequencies=live.frequencies if live.encoding else 0,
        direction_frequencies=live.direction_frequencies,
        view_dependence=live.view_dependence,
        noise=live.noise,
    )


class _Run(FieldRun):
    """Judges a network less often, as its views take as long as several steps; and shows its encoding."""

    _judged_at: int | None = None
    _encoding: tuple[int, Image] | None = None

    def _look(self, index: int, seconds: float) -> None:
        last, trainer = self._judged_at, cast(ClassicField, self._trainer)
        gap = _QUICK * trainer.view_effort / _JUDGED
        if last is None or index >= min(last + gap, max(3 * last, 10)):
            self._judged_at = index
            super()._look(index, seconds)

    def _seen(self) -> Snapshot:
        return {**super()._seen(), "encoding": self._picture()}

    def _picture(self) -> Image:
        trainer = cast(ClassicField, self._trainer)
        used = dials_of(self._ctx.params).frequencies
        if self._encoding is None or self._encoding[0] != used:
            encoding = cast(Encoding, next(iter(trainer.networks.children())).places)
            self._encoding = used, encoding_picture(encoding, used)
        return self._encoding[1]


def _with_weights(outcome: Callable[[Outcome], None], trainer: ClassicField) -> Callable[[Outcome], None]:
    """The outcome with the network's weights, for a file .npz, and their number."""

    def hand_over(found: Outcome) -> None:
        weights = weight_arrays(trainer.networks)
        figures = {**found.figures, "Parameters": float(trainer.parameters)}
        outcome(replace(found, figures=figures, arrays={**found.arrays, **weights}))

    return hand_over
