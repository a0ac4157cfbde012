"""The posed images of a run: a folder of the person's own, or made from an object."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from lab.chapters.fields.images import MINE
from lab.experiment import ExperimentError, RunContext
from lab.posed.images import PosedError, PosedImages
from lab.posed.load import load_images
from lab.posed.make import Views, make_images
from lab.scene import Array, Mesh

HELD_OUT = 8


def images_of(params: Any, ctx: RunContext) -> PosedImages:
    """What ``params``, a PictureParams, ask for. Raises ExperimentError."""
    try:
        found = _read(params, ctx) if params.data else _made(params, ctx)
        if params.box == MINE:
            found = found.in_box(params.lower, params.upper)
    except PosedError as error:
        raise ExperimentError(str(error)) from None
    if not found.held_out.any() or found.held_out.all():
        raise ExperimentError(f"{len(found)} pictures are too few: some must train, and one must judge.")
    return found


def _read(params: Any, ctx: RunContext) -> PosedImages:
    images = load_images(params.data, max_size=params.size, masks=params.masks, report=ctx.report)
    training = np.flatnonzero(~images.held_out)
    if len(training) <= params.views:
        return images
    spread = training[np.linspace(0, len(training) - 1, params.views).round().astype(int)]
    return images.some(np.union1d(spread, np.flatnonzero(images.held_out)))


def _made(params: Any, ctx: RunContext) -> PosedImages:
    mesh = ctx.inputs.get("object")
    if not isinstance(mesh, Mesh):
        raise ExperimentError("Pictures are made of meshes: choose a mesh, or a folder of pictures of your own.")
    views = Views(
        count=params.views + HELD_OUT,
        held_out=HELD_OUT,
        size=params.size,
        path=params.path,
        camera_noise=params.camera_noise,
        seed=ctx.seed,
    )
    images = make_images(mesh, views, report=ctx.report)
    return images if params.masks else on_black(images)


def on_black(images: PosedImages) -> PosedImages:
    """The same pictures mixed with black, and nothing said of masks."""
    return images if images.alphas is None else replace(images, pixels=mixed(images, 0.0), alphas=None)


def mixed(images: PosedImages, ground: float) -> Array:
    """(N, H, W, 3) uint8: the pictures over a grey of [0, 1]; as they are where nobody knows their alphas."""
    if images.alphas is None:
        return images.pixels
    alpha = images.alphas[..., None].astype(np.float32) / 255
    return np.asarray((images.pixels * alpha + 255 * ground * (1 - alpha) + 0.5).astype(np.uint8))
