"""The experiment "Volume from images"."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from lab.chapters.fields.nerf import LEARNED, RANDOM
from lab.chapters.volumes.reconstruct import AROUND, COURSE_BOX, FUSED, HUBER, OPACITY, VolumeParams
from lab.experiment import ExperimentError, Outcome, RunContext, State, Step
from lab.fields.experiment import FieldRun
from lab.fields.inputs import images_of, mixed
from lab.fields.instant.options import Options
from lab.fields.instant.trainer import InstantField
from lab.fields.trainer import Trainer
from lab.posed.images import PosedImages
from lab.scene import Image, Lines, Snapshot
from lab.volumes.reconstruct.doctor import Doctor, EmptyDoctor, depth_range, unseen
from lab.volumes.reconstruct.options import Dials, VolumeOptions
from lab.volumes.reconstruct.quality import VolumeJudge, fit_to
from lab.volumes.reconstruct.slices import slice_frames, slices_picture

_FINER = {"32": (), "64": (30,), "128": (30, 300)}
_COURSE_EDGE = 3.0  # metres
_MARGIN = 0.02  # of the depths of a volume, before and behind it


class TrainVolume:
    """Train a volume, fused or by PyTorch3D's classes. Step k is the volume after k steps."""

    def run(self, params: VolumeParams, ctx: RunContext) -> Iterator[Step]:
        """See ``lab.experiment.Experiment.run``."""
        if params.near >= params.far:
            raise ExperimentError(f"Near ({params.near:g} m) must be less than far ({params.far:g} m).")
        images = images_of(params, ctx)
        ctx.report(None, "Preparing the volume")
        trainer = _trainer(params, ctx, images)
        try:
            yield from VolumeRun(params, ctx, images, trainer).steps()
        finally:
            trainer.close()


def _trainer(params: VolumeParams, ctx: RunContext, images: PosedImages) -> Any:
    """The trainer of the chosen method."""
    if params.method == FUSED:
        return InstantField(images.training, fused_options(params), seed=ctx.seed)
    from lab.volumes.reconstruct.trainer import CourseVolume  # torch takes seconds to load, and only this needs it

    options = course_options(params, images)
    if ctx.resume is None:
        for notice in unseen(images, options.near, options.far):
            ctx.notice(notice)
    return CourseVolume(
        images.training, options, seed=ctx.seed, device=ctx.device, dials=dials_of, pause=ctx.checkpoint
    )


def fused_options(params: VolumeParams) -> Options:
    """How the instant field, as a volume of one colour in each voxel, is trained for these parameters."""
    return Options(
        finer=_FINER[params.voxels],
        rays=params.rays,
        harmonics=1,
        ground="random" if params.ground == RANDOM else "black",
        sky=params.ground == LEARNED,
        first_density=params.first_density,
    )


def course_options(params: VolumeParams, images: PosedImages) -> VolumeOptions:
    """How the volume of PyTorch3D's classes is trained for these parameters. Raises ExperimentError."""
    voxels = int(params.voxels)
    if params.box == COURSE_BOX:
        center, voxel = np.zeros(3), _COURSE_EDGE / voxels
    else:
        center = (images.lower + images.upper) / 2
        voxel = float((images.upper - images.lower).max()) / (voxels - 1)
    near, far = params.near, params.far
    if params.depths == AROUND:
        half = np.full(3, (voxels - 1) * voxel / 2)
        near, far = depth_range(images, center - half, center + half)
        margin = _MARGIN * (far - near)
        near, far = max(near - margin, 0.01 * (far - near)), far + margin
        if near >= far:
            raise ExperimentError("The volume lies behind all cameras: check their convention, or where it is.")
    x, y, z = center.tolist()
    return VolumeOptions(
        voxels=voxels,
        voxel=voxel,
        center=(x, y, z),
        first_density=params.first_density,
        points=params.points,
        near=near,
        far=far,
        batch=params.batch,
        huber=params.loss == HUBER,
        restart=params.restart,
    )


def dials_of(live: VolumeParams) -> Dials:
    """What may change during a run, from its newest parameters."""
    return Dials(live.learning_rate, live.color_weight, live.mask_weight)


class VolumeRun(FieldRun):
    """A FieldRun that also shows slices, knows masks, and has a doctor for volumes."""

    def __init__(self, params: VolumeParams, ctx: RunContext, images: PosedImages, trainer: Trainer) -> None:
        super().__init__(params, ctx, images, trainer)
        judging, self._training = images.judging, images.training
        self._judge: VolumeJudge = VolumeJudge(judging, mixed(judging, 0.0))
        self._doctor = EmptyDoctor(self._judge)
        self._checked = Doctor()
        self._told: dict[str, float] = {}
        self._frames: tuple[tuple[float, ...], Lines] | None = None
        self._hand_over, ctx.outcome = ctx.outcome, self._with_masks

    def _resume(self, state: State) -> None:
        fused = self._params.method == FUSED
        if ("packed" if fused else "volume") not in state.get("trainer", {}):
            raise ExperimentError(
                f"The checkpoint is not one of the method “{self._params.method}”: go on with its own."
            )
        super()._resume(state)

    def steps(self) -> Iterator[Step]:
        """See FieldRun; each step also has the mask IoU of the last verdict, where masks are known."""
        for step in super().steps():
            yield replace(step, metrics={**step.metrics, **self._told})

    def _look(self, index: int, seconds: float) -> None:
        super()._look(index, seconds)
        self._told = {} if math.isnan(self._judge.iou) else {"iou": self._judge.iou}
        for notice in self._checked.look(index, *self._judge.shares, self._judge.iou, self._trainer.field()):
            self._ctx.notice(notice)

    def _seen(self) -> Snapshot:
        live, field = self._ctx.params, self._trainer.field()
        at = (live.slice_x, live.slice_y, live.slice_z)
        slices: Image = slices_picture(field, at, opacity=live.slices_show == OPACITY)
        if self._frames is None or self._frames[0] != (*at, *field.lower, *field.upper):
            self._frames = (*at, *field.lower, *field.upper), slice_frames(field, at)
        return {**super()._seen(), "slices": slices, "slice planes": self._frames[1]}

    def _with_masks(self, found: Outcome) -> None:
        """Hand the outcome over, with more figures."""
        held_out = self._judge.iou
        self._ctx.report(None, "Judging the views that it was trained on")
        psnr, iou = fit_to(self._trainer, self._training, mixed(self._training, 0.0), self._ctx.checkpoint)
        more = {"Mask IoU": held_out, "Training views, PSNR (dB)": psnr, "Training views, mask IoU": iou}
        told = {name: value for name, value in more.items() if not math.isnan(value)}
        self._hand_over(replace(found, figures={**found.figures, **told}))
