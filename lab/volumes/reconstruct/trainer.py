"""The course's volume being trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from pytorch3d.renderer import EmissionAbsorptionRaymarcher
from torch import Tensor

from lab.cameras.model import CameraModel
from lab.experiment import ExperimentError, State
from lab.fields.classic.checkpoint import optimiser_arrays, restore_optimiser, restore_weights, weight_arrays
from lab.fields.classic.losses import pseudo_huber, squared
from lab.fields.classic.threads import Threads
from lab.fields.inputs import mixed
from lab.fields.trainer import Seen
from lab.posed.images import PosedImages
from lab.scene import Array, Field
from lab.volumes.reconstruct.bake import Baker
from lab.volumes.reconstruct.model import DepthRaymarcher, VolumeModel, cameras_of
from lab.volumes.reconstruct.options import Dials, VolumeOptions

_MOST_SAMPLES = 10_000_000  # of one picture; a sample takes about 100 bytes with its gradients
_AT_ONCE = 8  # pictures; each has a gradient of the size of the volume
_AFRESH = 0.1  # of the rate
_FAINT = 1e-3


@dataclass(frozen=True)
class _Share:
    """What a picture contributes to a step."""

    terms: Mapping[str, float]
    gradients: Sequence[Tensor]


class CourseVolume:
    """A Trainer (see lab.fields.trainer) of a VolumeModel, by torch, on the CPU or on CUDA. ``close`` it.

    dials: makes Dials of what ``step`` is given; by default it is given Dials. pause: asked between parts of a step;
    what it raises is passed on. Raises ExperimentError for pictures that are too large.
    """

    def __init__(
        self,
        images: PosedImages,
        options: VolumeOptions,
        *,
        seed: int,
        device: str = "cpu",
        dials: Callable[[Any], Dials] | None = None,
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        self._options, self._seed, self._pause = options, seed, pause
        self._dials_of = dials or (lambda live: live)
        self._device = torch.device(device)
        self._height, self._width = images.pixels.shape[1:3]
        if self._height * self._width * options.points > _MOST_SAMPLES:
            raise ExperimentError(
                f"A picture of {self._width} x {self._height} with {options.points} samples a ray needs more than "
                f"{_MOST_SAMPLES:,} samples: make the pictures smaller, or take fewer samples."
            )
        self._cameras = images.cameras
        self._truth = mixed(images, 0.0)
        self._masks = images.alphas
        self.model = VolumeModel(options).to(self._device)
        self.steps = 0
        self._adam = self._fresh()
        self._threads = Threads(self._device)
        self._baker = Baker(options, images.cameras[0])
        self._baked: tuple[int, Field] | None = None

    def _fresh(self) -> torch.optim.Adam:
        return torch.optim.Adam(self.model.parameters(), lr=0.1)

    # --- a Trainer --------------------------------------------------------------------------------------------------

    def step(self, live: Any) -> Mapping[str, float]:
        """See lab.fields.trainer.Trainer. Terms: color, and mask where masks are known."""
        dials, options = self._dials_of(live), self._options
        later = 0 < options.restart <= self.steps
        if self.steps == options.restart:
            self._adam = self._fresh()
        for group in self._adam.param_groups:
            group["lr"] = dials.learning_rate * (_AFRESH if later else 1.0)
        order = np.random.default_rng([self._seed, self.steps]).permutation(len(self._cameras))
        with self._threads.alone():
            terms = self._back(order[: options.batch], dials)
            self._adam.step()
        self.steps += 1
        return terms

    def _back(self, chosen: Array, dials: Dials) -> Mapping[str, float]:
        """The gradient of a step's loss, picture by picture, side by side on the threads."""
        parameters = list(self.model.parameters())
        for parameter in parameters:
            parameter.grad = torch.zeros_like(parameter)
        terms: dict[str, float] = {}
        for first in range(0, len(chosen), _AT_ONCE):
            self._pause()
            part = chosen[first : first + _AT_ONCE].tolist()
            found: list[_Share | None] = [None] * len(part)

            def look(number: int, part: list[int] = part, found: list[_Share | None] = found) -> None:
                found[number] = self._share(part[number], 1.0 / len(chosen), dials)

            self._threads.share([lambda number=number: look(number) for number in range(len(part))])
            for share in cast(list[_Share], found):
                for parameter, gradient in zip(parameters, share.gradients, strict=True):
                    cast(Tensor, parameter.grad).add_(gradient)
                for name, term in share.terms.items():
                    terms[name] = terms.get(name, 0.0) + term
        return terms

    def _share(self, number: int, share: float, dials: Dials) -> _Share:
        """What a picture contributes to a step's terms and gradients."""
        terms = {name: share * term for name, term in self._terms(number).items()}
        loss = torch.stack([getattr(dials, name) * term for name, term in terms.items()]).sum()
        gradients = torch.autograd.grad(loss, list(self.model.parameters()))
        return _Share({name: term.item() for name, term in terms.items()}, gradients)

    def _terms(self, number: int) -> dict[str, Tensor]:
        """The unweighted terms of a picture."""
        cameras = cameras_of([self._cameras[number]], self._device)
        seen = self.model(cameras, self._width, self._height, EmissionAbsorptionRaymarcher())[0]
        difference = pseudo_huber if self._options.huber else squared
        terms = {"color": difference(seen[..., :3], self._tensor(self._truth[number]))}
        if self._masks is not None:
            terms["mask"] = difference(seen[..., 3], self._tensor(self._masks[number]))
        return terms

    def _tensor(self, bytes_: Array) -> Tensor:
        return torch.tensor(bytes_, device=self._device).float() / 255

    def render(self, camera: CameraModel) -> Seen:
        """See lab.fields.trainer.Trainer: by the same classes and with the same samples as in training."""
        cameras = cameras_of([camera], self._device)
        with torch.no_grad(), self._threads.alone():
            seen = self.model(cameras, camera.width, camera.height, DepthRaymarcher())[0].cpu().numpy()
        color, away, opacity = seen[..., :3], seen[..., 3], seen[..., 4]
        depth = np.divide(away, opacity, out=np.zeros_like(away), where=opacity > _FAINT)
        return Seen(np.clip(color, 0.0, 1.0), opacity, depth)

    def field(self) -> Field:
        """See lab.fields.trainer.Trainer; what ``bake`` makes of the volume."""
        if self._baked is None or self._baked[0] != self.steps:
            with torch.no_grad():
                density = torch.sigmoid(self.model.densities)[0].cpu().numpy()
                logits = self.model.colors.cpu().numpy()
            self._baked = self.steps, self._baker.bake(density, logits)
        return self._baked[1]

    def state(self) -> State:
        """See lab.fields.trainer.Trainer."""
        return {"step": self.steps, "volume": weight_arrays(self.model), "adam": optimiser_arrays(self._adam)}

    def restore(self, state: State) -> None:
        """See lab.fields.trainer.Trainer. Raises ExperimentError."""
        if not state.keys() >= {"step", "volume", "adam"}:
            raise ExperimentError("The checkpoint is not one of PyTorch3D's volume, so the run cannot go on from it.")
        restore_weights(self.model, state["volume"])
        restore_optimiser(self._adam, state["adam"])
        self.steps = int(state["step"])
        self._baked = None

    def close(self) -> None:
        """End the threads."""
        self._threads.close()
