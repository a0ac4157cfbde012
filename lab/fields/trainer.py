"""What every way to train a radiance field offers to the run that trains it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from lab.cameras.model import CameraModel
from lab.experiment import State
from lab.scene import Array, Field


@dataclass(frozen=True, eq=False)
class Seen:
    """A view of a field: colour (H, W, 3) float32 sRGB in [0, 1] over its background, opacity (H, W) float32 in [0, 1],
    depth (H, W) float32, metres along the unit ray, the expected one of what is opaque there; 0 where nothing is.
    """

    color: Array
    opacity: Array
    depth: Array


class Trainer(Protocol):
    """A field that is being trained on posed images. Steps depend on the seed and on how many there were, on no clock.

    It is made as ``Method(images: PosedImages, options, *, seed, device)``, from the training pictures only.
    """

    def step(self, live: Any) -> Mapping[str, float]:
        """One step of the optimisation; the unweighted loss terms by their keys. live: the run's newest parameters."""
        ...

    def render(self, camera: CameraModel) -> Seen:
        """The view of a camera, as well as this method can."""
        ...

    def field(self) -> Field:
        """The field for the viewport, baked onto a grid where it is a network. Unchanged arrays are the same ones."""
        ...

    def state(self) -> State:
        """A checkpoint, whose arrays are copies."""
        ...

    def restore(self, state: State) -> None:
        """Go on from a checkpoint: the next steps equal those that followed it."""
        ...


def factor(live: Any, name: str, usual: float = 1.0) -> float:
    """A live parameter, the usual value where there is none."""
    return float(getattr(live, name, usual))


def weights_of(live: Any) -> tuple[float, float]:
    """Of colour and mask, in the loss."""
    return factor(live, "color_weight"), factor(live, "mask_weight", 0.5)


def grounds(ground: str, masks: bool, rng: np.random.Generator, count: int) -> Array:
    """(count, 3) float32: the colours behind rays on "black", "white" or "random", which is black without masks."""
    match ground:
        case "random" if masks:
            return rng.random((count, 3), np.float32)
        case "white":
            return np.ones((count, 3), np.float32)
        case _:
            return np.zeros((count, 3), np.float32)
