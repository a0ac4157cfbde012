"""The experiment "Hash grid and network"."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from lab.chapters.fields.hashed import DENSE, FINEST, HashParams
from lab.chapters.fields.nerf import HARMONICS, LEARNED, RANDOM, WHITE
from lab.experiment import ExperimentError, Outcome, RunContext, Step
from lab.fields.experiment import FieldRun
from lab.fields.hashed.encoding import offsets_of, resolutions_of
from lab.fields.hashed.network import shapes_of
from lab.fields.hashed.options import HashOptions
from lab.fields.hashed.trainer import HashedField
from lab.fields.inputs import images_of
from lab.fields.thinning import Thinning
from lab.posed.images import PosedImages


class TrainHashed:
    """Train a hashed field. Step k is the field after k steps."""

    def run(self, params: HashParams, ctx: RunContext) -> Iterator[Step]:
        """See ``lab.experiment.Experiment.run``."""
        if params.finest < params.base:
            raise ExperimentError(
                f"The finest grid ({params.finest} cells) must not be coarser than the first ({params.base})."
            )
        images = images_of(params, ctx)
        trainer = _trainer(images.training, options_of(params), ctx)
        trainer.use_levels(ctx.params.used)
        ctx.outcome = _with_tables(ctx.outcome, trainer)
        ground = 1.0 if params.ground == WHITE else 0.0
        try:
            shown = Thinning(ctx, lambda: trainer.snapshot_effort, params.steps)
            yield from map(shown.thinned, FieldRun(params, ctx, images, trainer, ground=ground).steps())
        finally:
            trainer.close()


def _trainer(images: PosedImages, options: HashOptions, ctx: RunContext) -> HashedField:
    """The kernels, or PyTorch on a graphics card."""
    if ctx.device == "cpu":
        _load_kernels(images, ctx)
        return HashedField(images, options, seed=ctx.seed, pause=ctx.checkpoint)
    from lab.fields.hashed.torch_hash import TorchHashedField  # the kernels need no PyTorch

    return TorchHashedField(images, options, seed=ctx.seed, device=ctx.device, pause=ctx.checkpoint)


def _load_kernels(images: PosedImages, ctx: RunContext) -> None:
    """Use each of them once on next to nothing: the first time on a machine they are compiled, for some 15 seconds."""
    ctx.report(None, "Preparing the kernels")
    one = images.some(np.array([0]))
    tiny = HashedField(
        one, HashOptions(levels=1, base=4, finest=4, width=4, cells=8, samples=64, rays=64, dark_every=1)
    )
    tiny.step()
    tiny.render(replace(one.cameras[0], width=4, height=4))
    tiny.field()
    tiny.close()


def options_of(params: HashParams) -> HashOptions:
    """How the hashed field is trained for these parameters."""
    return HashOptions(
        levels=params.levels,
        base=params.base,
        finest=params.finest,
        table_bits=params.table_bits,
        features=int(params.features),
        kept="dense" if params.kept == DENSE else "finest" if params.kept == FINEST else "all",
        width=int(params.width),
        harmonics=HARMONICS[params.view_dependence],
        skip=params.skip,
        samples=params.samples,
        rays=max(HashOptions.rays, params.samples // 4),
        ground="white" if params.ground == WHITE else "random" if params.ground == RANDOM else "black",
        sky=params.ground == LEARNED,
    )


def _with_tables(outcome: Callable[[Outcome], None], trainer: HashedField) -> Callable[[Outcome], None]:
    """The outcome with figures of the encoding."""

    def hand_over(found: Outcome) -> None:
        figures = {**found.figures, **table_figures(trainer.options)}
        figures["Empty (%)"] = 100.0 * (1.0 - float(trainer.space.cells.mean()))
        outcome(replace(found, figures=figures))

    return hand_over


def table_figures(options: HashOptions) -> dict[str, float]:
    """What is in the tables, and what shares an entry."""
    resolutions = resolutions_of(options)
    offsets = offsets_of(resolutions, options.table_bits)
    vertices = (resolutions + 1) ** 3
    entries = offsets[1:] - offsets[:-1]
    matrices = sum(rows * columns for rows, columns in shapes_of(options))
    return {
        "Table entries": float(offsets[-1]),
        "Levels without a hash": float((vertices <= entries).sum()),
        "Vertices for each entry": float(vertices[-1] / entries[-1]),
        "Parameters": float(offsets[-1] * options.features + matrices),
    }
