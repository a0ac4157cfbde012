"""Two spheres in one picture, as an experiment: six numbers, one soft picture of both, Adam.

The picture is that of lab.raster.soft, laid over the background by its alpha: ``alpha rgb + (1 - alpha) background``.
Soft RGB alone does not fade towards the edge but ends at the blur radius (REFERENCE III.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.chapters.pose.spheres import SphereParams
from lab.experiment import ExperimentError, Notice, Outcome, RunContext, Step
from lab.kernels.crew import Crew
from lab.pose.sphere_scene import BACKGROUND, NAMES, SphereScene
from lab.raster.projection import Projection
from lab.raster.soft import SoftRender
from lab.scene import Array

_STAGES = 6
_BETAS, _EPSILON = (0.9, 0.999), 1e-8
_NEAREST, _FARTHEST = 1.0, 9.0
"""Depths, metres, between which the order of the spheres is told."""


@dataclass(frozen=True, eq=False)
class _Look:
    """A soft picture against the target. terms: raw. gradient: (2, 3). rgb (H, W, 3)."""

    terms: Mapping[str, float]
    gradient: Array
    rgb: Array


class Spheres:
    """Find both positions. The checkpoint holds these, Adam's moments and the ways so far."""

    def run(self, params: SphereParams, ctx: RunContext) -> Iterator[Step]:
        """See ``lab.experiment.Experiment.run``."""
        with Crew() as crew:
            yield from _Run(params, ctx, crew).steps()


def warm_up() -> None:
    """Compile the kernels, or load them from the cache."""
    scene = SphereScene(32, np.zeros((2, 3)))
    render = SoftRender(scene.faces, scene.lens.size)
    pose = scene.pose
    ndc = Projection(pose.R, pose.T, pose.focal, pose.principal).forward(scene.verts(np.zeros((2, 3))))
    soft = render.forward(ndc, scene.colors)
    render.backward(soft.rgb, soft.alpha)


class _Run:
    """One run."""

    def __init__(self, params: SphereParams, ctx: RunContext, crew: Crew) -> None:
        self._ctx, self._params, self._crew = ctx, params, crew
        self._true = np.array([[getattr(params, f"true_{name}_{axis}") for axis in "xyz"] for name in NAMES])
        self._scene = SphereScene(params.size, self._true)
        self._target = self._scene.target(params.noise / 100, np.random.default_rng(ctx.seed % 2**63))
        if not all(self._scene.mask_of(self._true[number : number + 1]).any() for number in range(2)):
            raise ExperimentError("A sphere of the target is out of the picture. Move it nearer to the middle.")
        sigmas = np.geomspace(max(params.first_sigma, params.sigma), params.sigma, _STAGES)
        self._sigmas = [float(sigma) for sigma in sigmas]
        self._place = np.array([[getattr(params, f"{name}_{axis}") for axis in "xyz"] for name in NAMES])
        self._moments = np.zeros((2, 2, 3))
        self._ways = [self._place.copy()]
        self._first = 0
        self._said: set[str] = set()
        if ctx.resume is not None:
            self._restore(ctx.resume)

    def _restore(self, state: Mapping[str, Any]) -> None:
        if not state.keys() >= {"step", "place", "moments", "ways", "said"}:
            raise ExperimentError("The checkpoint is not one of two spheres, so the run cannot go on from it.")
        self._first, self._place, self._moments = int(state["step"]), np.array(state["place"]), state["moments"]
        self._ways, self._said = list(state["ways"]), set(state["said"])

    def steps(self) -> Iterator[Step]:
        """The steps; then the outcome is handed over."""
        index = self._first
        while True:
            look = self._look(index)
            yield self._step(index, look)
            if index >= self._params.steps or self._ctx.stop_requested:
                break
            index += 1
            self._move(index, look.gradient)
            self._watch(index)
            self._ctx.checkpoint()
        self._finish(look)

    def _look(self, index: int) -> _Look:
        """The picture at this step's sigma, and the gradient of the weighted loss."""
        params: SphereParams = self._ctx.params
        stage = min(_STAGES - 1, 2 * _STAGES * index // max(1, params.steps))
        scene, target = self._scene, self._target
        render = SoftRender(
            scene.faces,
            scene.lens.size,
            sigma=self._sigmas[stage],
            gamma=params.gamma,
            background=BACKGROUND,
            z_near=_NEAREST,
            z_far=_FARTHEST,
            crew=self._crew,
        )
        pose = scene.pose
        projection = Projection(pose.R, pose.T, pose.focal, pose.principal)
        ndc = projection.forward(scene.verts(self._place))
        soft = render.forward(ndc, scene.colors)
        alpha = soft.alpha[..., None]
        rgb = alpha * soft.rgb + (1 - alpha) * BACKGROUND
        assert target.rgb is not None
        apart, uncovered = rgb - target.rgb, soft.alpha - target.mask
        terms = {"silhouette": float(np.square(uncovered).mean()), "color": float(np.square(apart).mean())}
        by_rgb = (2 * params.color_weight / apart.size) * apart
        by_alpha = (2 * params.silhouette_weight / uncovered.size) * uncovered
        by_alpha = by_alpha + (by_rgb * (soft.rgb - BACKGROUND)).sum(axis=2)
        pulled, _ = render.backward((alpha * by_rgb).astype(np.float32), by_alpha.astype(np.float32))
        by_verts = projection.backward(pulled, to_verts=True).verts
        assert by_verts is not None
        return _Look(terms, by_verts.reshape(2, -1, 3).sum(axis=1), rgb)

    def _move(self, index: int, gradient: Array) -> None:
        """Adam's update number ``index``."""
        if not np.isfinite(gradient).all():
            self._tell("gradient", index, "The gradient is no number, so this step is left out.", "Make σ or γ larger.")
            return
        self._moments = np.stack(
            [
                _BETAS[0] * self._moments[0] + (1 - _BETAS[0]) * gradient,
                _BETAS[1] * self._moments[1] + (1 - _BETAS[1]) * np.square(gradient),
            ]
        )
        mean, square = (self._moments[n] / (1 - _BETAS[n] ** index) for n in range(2))
        self._place = self._place - self._ctx.params.learning_rate * mean / (np.sqrt(square) + _EPSILON)
        self._place[:, 2] = np.minimum(self._place[:, 2], self._scene.closest)
        self._ways.append(self._place.copy())

    # --- what is handed out ---------------------------------------------------------------------------------------

    def _step(self, index: int, look: _Look) -> Step:
        params, errors = self._ctx.params, np.linalg.norm(self._place - self._true, axis=1)
        metrics = dict(look.terms)
        metrics["silhouette (weighted)"] = params.silhouette_weight * look.terms["silhouette"]
        metrics["color (weighted)"] = params.color_weight * look.terms["color"]
        metrics["loss"] = metrics["silhouette (weighted)"] + metrics["color (weighted)"]
        metrics |= {"red_error": float(errors[0]), "blue_error": float(errors[1])}
        place, ways = self._place.copy(), np.array(self._ways)
        return Step(
            index, metrics, lambda: self._scene.snapshot(place, ways, self._target, look.rgb), self._state(index, place)
        )

    def _state(self, index: int, place: Array) -> Callable[[], dict[str, Any]]:
        moments, ways, said = self._moments, np.array(self._ways), sorted(self._said)
        return lambda: {"step": index, "place": place, "moments": moments.copy(), "ways": ways, "said": said}

    def _watch(self, index: int) -> None:
        """Notices: a sphere that has left the picture or covers nothing of the target."""
        for number, name in enumerate(NAMES):
            mask = self._scene.mask_of(self._place[number : number + 1])
            if not mask.any():
                text = f"The {name} sphere has left the picture."
                self._tell(f"{name} left", index, text, "Start it nearer to its place, or lower the learning rate.")
            elif not (mask & (self._target.mask > 0.5)).any():
                text = f"The {name} sphere covers nothing of the target: no overlap between silhouettes."
                self._tell(f"{name} apart", index, text, "Only the soft edge can pull it: make the first σ larger.")

    def _tell(self, key: str, index: int, text: str, advice: str) -> None:
        if key not in self._said:
            self._said.add(key)
            self._ctx.notice(Notice(index, "warning", text, advice))

    def _finish(self, look: _Look) -> None:
        errors = np.linalg.norm(self._place - self._true, axis=1)
        figures: dict[str, float | str | bool] = {}
        for number, name in enumerate(NAMES):
            figures |= {f"{name.title()} {axis} (m)": float(self._place[number, i]) for i, axis in enumerate("xyz")}
            figures[f"{name.title()}: off by (m)"] = float(errors[number])
        front, truly = int(self._place[:, 2].argmax()), int(self._true[:, 2].argmax())
        figures["In front"] = f"{NAMES[front]}, {'as' if front == truly else 'not as'} in the target"
        crossed = np.linalg.norm(self._place - self._true[::-1], axis=1)
        if crossed.sum() < errors.sum():
            advice = "The outline does not say who is who. Give 'Colour' some weight."
            self._tell("swapped", len(self._ways) - 1, "The spheres have taken each other's place.", advice)
        document = {name: self._place[number].tolist() for number, name in enumerate(NAMES)}
        snapshot = self._scene.snapshot(self._place, np.array(self._ways), self._target, look.rgb)
        self._ctx.outcome(Outcome(snapshot, figures, document=document))
