"""A field to begin with, where the person has none yet."""

from __future__ import annotations

from types import SimpleNamespace

from lab.fields.instant.options import Options
from lab.fields.instant.trainer import InstantField
from lab.posed.make import spot_images
from lab.scene import Field
from lab.study import StudyContext

_STEPS = 250
_LIVE = SimpleNamespace(color_weight=1.0, mask_weight=0.5, smooth_weight=1.0, rate=1.0)


def example_field(ctx: StudyContext) -> Field:
    """A small field of Spot, trained within seconds. Equal seeds give equal ones."""
    ctx.report(None, "Rendering pictures of Spot")
    trainer = InstantField(spot_images(size=96).training, Options(finer=(30,)), seed=ctx.seed)
    try:
        for step in range(_STEPS):
            ctx.report(step / _STEPS, "Training a small field of Spot")
            trainer.step(_LIVE)
        return trainer.field()
    finally:
        trainer.close()
