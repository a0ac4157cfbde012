"""The classic radiance field being trained."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch

from lab.cameras.model import CameraModel
from lab.experiment import ExperimentError, State
from lab.fields.classic.bake import Baker
from lab.fields.classic.checkpoint import optimiser_arrays, restore_optimiser, restore_weights, weight_arrays
from lab.fields.classic.losses import loss_terms
from lab.fields.classic.march_networks import RayMarcher
from lab.fields.classic.networks import FieldNetwork, make_networks, parameter_count
from lab.fields.classic.options import ClassicOptions, Dials
from lab.fields.classic.pictures import Pictures, Rays
from lab.fields.classic.space import Space
from lab.fields.classic.threads import Threads
from lab.fields.classic.view import Viewer
from lab.fields.trainer import Seen
from lab.posed.images import PosedImages
from lab.scene import Field

_ONE_STEP = 0.1
_WARM_UP = 30  # steps in which Adam gets to know weights that were learned elsewhere; without it they lose 12 dB


@dataclass(frozen=True)
class _Share:
    """What a part of a step's rays contributes to its losses, gradients and mean opacity."""

    terms: Mapping[str, float]
    gradients: Sequence[torch.Tensor | None]
    opacity: float


class ClassicField:
    """A Trainer (see lab.fields.trainer) of one network or two, by torch, on the CPU or on CUDA. ``close`` it.

    dials: makes Dials of what ``step`` is given; by default it is given Dials. pause: asked between the tiles of views
    and of the grid; what it raises is passed on. Raises PosedError where there are no pictures.
    """

    def __init__(
        self,
        images: PosedImages,
        options: ClassicOptions,
        *,
        seed: int,
        device: str = "cpu",
        dials: Callable[[Any], Dials] | None = None,
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        self._options, self._pause, self._dials_of = options, pause, dials or (lambda live: live)
        self._device = torch.device(device)
        self.dials = Dials()
        """Those of the newest step, or of before the first one."""
        self._random = torch.Generator(self._device)
        self._random.manual_seed(seed)
        self._threads = Threads(self._device)
        with self._threads.alone():
            self._prepare(images, seed)
        self._steps, self._warm_up = 0, 0
        self._baked: tuple[tuple[int, Dials], Field] | None = None
        self.opacity = float("nan")

    def _prepare(self, images: PosedImages, seed: int) -> None:
        options = self._options
        self._space = Space(images, self._device, carved=options.bounds == "object")
        self._pictures = Pictures(images, options, self._space, self._device)
        self.networks = make_networks(options, seed).to(self._device)
        asked = {name: cast(FieldNetwork, network) for name, network in self.networks.items()}
        self._last = asked.get("fine", asked["coarse"])
        self._marcher = RayMarcher(asked, options)
        self._adam = torch.optim.Adam(self.networks.parameters(), lr=1e-3, betas=(0.9, 0.999), eps=1e-7, fused=True)
        self._viewer = Viewer(self._marcher, options, self._space, self._threads)
        self._view = self._viewer.evaluations(images.cameras[0])
        self._baker = Baker(options, self._space, -self._pictures.cameras.turn[:, :, 2])

    # --- a Trainer --------------------------------------------------------------------------------------------------

    def step(self, live: Any) -> Mapping[str, float]:
        """See lab.fields.trainer.Trainer. Terms: color, coarse (of two networks), mask (of pictures with masks)."""
        self.dials = self._dials_of(live)
        with self._threads.alone():
            return self._step(self.dials)

    def _step(self, dials: Dials) -> Mapping[str, float]:
        rays = self._pictures.draw(self._steps, self._random)
        for group in self._adam.param_groups:
            group["lr"] = dials.learning_rate * self._rate()
        self._steps += 1
        if not len(rays):
            return {}
        shares = self._shares(rays, dials)
        for number, parameter in enumerate(self._adam.param_groups[0]["params"]):
            grads = [share.gradients[number] for share in shares if share.gradients[number] is not None]
            parameter.grad = torch.stack(cast(Any, grads)).sum(dim=0) if grads else None
        self._adam.step()
        self.opacity = sum(share.opacity for share in shares)
        return {name: sum(share.terms[name] for share in shares) for name in shares[0].terms}

    def render(self, camera: CameraModel) -> Seen:
        """See lab.fields.trainer.Trainer; over white where that is the background, else over black."""
        with self._threads.alone():
            return self._viewer.see(camera, self.dials, self._pause)

    def field(self) -> Field:
        """See lab.fields.trainer.Trainer."""
        key = (self._steps, self.dials)
        if self._baked is None or self._baked[0] != key:
            with self._threads.alone():
                self._baked = key, self._baker.bake(self._last, self.dials, self._threads, self._pause)
        return self._baked[1]

    def state(self) -> State:
        """See lab.fields.trainer.Trainer."""
        return {
            "step": self._steps,
            "warm up": self._warm_up,
            "weights": weight_arrays(self.networks),
            "adam": optimiser_arrays(self._adam),
            "random": self._random.get_state().numpy().copy(),
            "device": self._device.type,
        }

    def restore(self, state: State) -> None:
        """See lab.fields.trainer.Trainer. On another device the random numbers differ. Raises ExperimentError."""
        if not state.keys() >= {"step", "warm up", "weights", "adam", "random", "device"}:
            raise ExperimentError("The checkpoint is not one of a classic field, so the run cannot go on from it.")
        restore_weights(self.networks, state["weights"])
        restore_optimiser(self._adam, state["adam"])
        self._steps, self._warm_up, self._baked = int(state["step"]), int(state["warm up"]), None
        if state["device"] == self._device.type:
            self._random.set_state(torch.tensor(state["random"], dtype=torch.uint8))

    def close(self) -> None:
        """End the threads; the trainer is of no use afterwards."""
        self._threads.close()

    # --- more -------------------------------------------------------------------------------------------------------

    def load_weights(self, weights: Mapping[str, Any]) -> None:
        """Begin with weights by their names, as ``state()["weights"]`` has them. Raises ExperimentError.

        The learning rate then rises from nothing in the first steps.
        """
        restore_weights(self.networks, weights)
        self._warm_up, self._baked = _WARM_UP, None

    @property
    def parameters(self) -> int:
        """How many numbers are learned, in all networks."""
        return parameter_count(self.networks)

    @property
    def view_effort(self) -> float:
        """What a view takes, in steps of training; about: a step's way back takes twice as long as its way there."""
        return self._view / (3 * self._options.samples)

    @property
    def field_effort(self) -> float:
        """What a new field takes, in steps of training; about."""
        return self._baker.evaluations / (3 * self._options.samples)

    def _shares(self, rays: Rays, dials: Dials) -> list[_Share]:
        """The step's losses and gradients, part by part; each part has random numbers of its own."""
        options = self._options
        parts = rays.split(self._threads.parts(options.samples))
        seeds = torch.randint(2**62, (len(parts),), generator=self._random, device=self._device).tolist()
        found: list[_Share | None] = [None] * len(parts)
        parameters = self._adam.param_groups[0]["params"]

        def task(number: int) -> None:
            part, random = parts[number], torch.Generator(self._device)
            random.manual_seed(seeds[number])
            looks = self._marcher.looks(part.origins, part.directions, part.near, part.far, dials, random)
            share = len(part) / len(rays)
            terms = {name: share * term for name, term in loss_terms(looks, part, options, random).items()}
            loss = sum(getattr(dials, name) * term for name, term in terms.items())
            gradients = torch.autograd.grad(cast(torch.Tensor, loss), parameters, allow_unused=True)
            opacity = looks.get("fine", looks["coarse"]).opacity.detach().mean()
            told = {name: float(term.detach()) for name, term in terms.items()}
            found[number] = _Share(told, gradients, share * float(opacity))

        self._threads.share([lambda number=number: task(number) for number in range(len(parts))])
        return cast(list[_Share], found)

    def _rate(self) -> float:
        """What the next step's learning rate is multiplied with."""
        options, warmed = self._options, min(1.0, (self._steps + 1) / max(self._warm_up, 1))
        if options.decay_steps <= 0:
            return warmed
        if options.decay == "one step":
            return warmed * (_ONE_STEP if self._steps >= options.decay_steps else 1.0)
        return float(warmed * _ONE_STEP ** (self._steps / options.decay_steps))
