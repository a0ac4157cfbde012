"""The course's batch example: meshes of different sizes share one translation, found by gradient descent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from lab.batching.batches import bundled_batch, joined, layout, made_batch, radius_of
from lab.batching.translation import shared_translation
from lab.chapters.data.batching import COURSE_BATCH, SIDE_BY_SIDE, BatchTranslationParams
from lab.experiment import ExperimentError, Notice, Outcome, RunContext, Step
from lab.fitting.sampling import SurfaceSampler
from lab.geometry import unique_edges
from lab.kernels.crew import Crew
from lab.palette import surface
from lab.scene import Array, Lines, Mesh, Snapshot

RESULT = "moved"
_SEEDS = 2**63
_LOST = 30.0
"""A distance from the truth, in units of the largest mesh or the offset, from which no step leads back."""
_ROOM = 4.2
"""Distance of two neighbours in the picture, in units of their radius; each needs room to move."""


class BatchTranslation:
    """One translation for a batch, by stochastic gradient descent with momentum.

    Step k has the estimate after k updates. Each step draws new points from every mesh and from every target. The
    checkpoint holds the estimate, its momentum, the noisy targets and the random generator as it was before the
    step's points were drawn, so that a resumed run goes on bit by bit.
    """

    def run(self, params: BatchTranslationParams, ctx: RunContext) -> Iterator[Step]:
        """See ``lab.experiment.Experiment.run``."""
        with Crew() as crew:
            yield from _Run(params, ctx, crew).steps()


def warm_up() -> None:
    """Compile the kernels, or load them from the cache."""
    mesh = next(iter(made_batch().values()))
    points = SurfaceSampler(mesh.verts, mesh.faces).draw(20, np.random.default_rng(0)).points(mesh.verts, mesh.faces)
    shared_translation([points], [points], np.zeros(3))


class _Run:
    """One run."""

    def __init__(self, params: BatchTranslationParams, ctx: RunContext, crew: Crew) -> None:
        self._ctx, self._crew, self._steps = ctx, crew, params.steps
        self._meshes = _batch(params)
        self._truth = np.array([params.offset_x, params.offset_y, params.offset_z])
        self._size = max(float(np.linalg.norm(self._truth)), *(radius_of(mesh)[1] for mesh in self._meshes))
        state = ctx.resume if ctx.resume is not None else self._start(params)
        if not state.keys() >= {"step", "translation", "velocity", "targets", "random"}:
            raise ExperimentError("The checkpoint is not one of this activity, so the run cannot go on from it.")
        self._first = int(state["step"])
        self._translation, self._velocity = np.array(state["translation"]), np.array(state["velocity"])
        self._targets: list[Array] = [np.array(target) for target in state["targets"]]
        for target in self._targets:
            target.flags.writeable = False
        if len(self._targets) != len(self._meshes):
            raise ExperimentError("The checkpoint is one of another batch, so the run cannot go on from it.")
        self._rng = np.random.Generator(np.random.PCG64())
        self._rng.bit_generator.state = state["random"]
        pairs = list(zip(self._meshes, self._targets, strict=True))
        self._samplers = [(SurfaceSampler(m.verts, m.faces), SurfaceSampler(t, m.faces)) for m, t in pairs]
        self._gradient = np.zeros(3)
        self._pictures: dict[str, _Pictures] = {}

    def _start(self, params: BatchTranslationParams) -> Mapping[str, Any]:
        rng = np.random.default_rng(self._ctx.seed % _SEEDS)
        targets = []
        for mesh in self._meshes:
            noise = params.noise**0.5 * rng.standard_normal(mesh.verts.shape)
            targets.append((mesh.verts + self._truth + noise).astype(np.float32))
        zero = np.zeros(3)
        state = rng.bit_generator.state
        return {"step": 0, "translation": zero, "velocity": zero, "targets": targets, "random": state}

    def steps(self) -> Iterator[Step]:
        """The steps; then the outcome is handed over."""
        index = self._first
        while True:
            before = self._rng.bit_generator.state
            chamfer = self._evaluate()
            error = float(np.linalg.norm(self._translation - self._truth))
            lost = not error < _LOST * self._size
            if lost:
                self._say_lost(index)
            yield Step(index, self._metrics(chamfer, error), self._snapshot, self._state(index, before), last=lost)
            if lost or index >= self._steps or self._ctx.stop_requested:
                break
            self._advance()
            index += 1
        self._finish(chamfer)

    def _evaluate(self) -> float:
        """The loss at the estimate; keeps the gradient."""
        count: int = self._ctx.params.samples
        points, targets = [], []
        for mesh, target, (own, other) in zip(self._meshes, self._targets, self._samplers, strict=True):
            points.append(own.draw(count, self._rng).points(mesh.verts, mesh.faces))
            targets.append(other.draw(count, self._rng).points(target, mesh.faces))
        value, self._gradient = shared_translation(points, targets, self._translation, self._crew)
        return value

    def _advance(self) -> None:
        """Gradient descent with momentum, as ``torch.optim.SGD`` does it."""
        params: BatchTranslationParams = self._ctx.params
        self._velocity = params.momentum * self._velocity + self._gradient
        self._translation = self._translation - params.learning_rate * self._velocity

    def _say_lost(self, index: int) -> None:
        text = "The estimate runs away: each step overshoots by more than the one before."
        self._ctx.notice(Notice(index, "error", text, "Lower the learning rate or the momentum.", stop=True))

    # --- what is handed out ---------------------------------------------------------------------------------------

    def _metrics(self, chamfer: float, error: float) -> dict[str, float]:
        x, y, z = (float(value) for value in self._translation)
        weighted = {"chamfer (weighted)": chamfer}
        return {"loss": chamfer, "chamfer": chamfer, **weighted, "error": error, "tx": x, "ty": y, "tz": z}

    def _snapshot(self) -> Snapshot:
        display: str = self._ctx.params.display
        if display not in self._pictures:
            side_by_side = display == SIDE_BY_SIDE
            self._pictures[display] = _Pictures(self._meshes, self._targets, side_by_side=side_by_side)
        return self._pictures[display].at(self._translation)

    def _state(self, index: int, random: Any) -> Callable[[], dict[str, Any]]:
        return lambda: {
            "step": index,
            "translation": self._translation.copy(),
            "velocity": self._velocity.copy(),
            "targets": list(self._targets),
            "random": random,
        }

    def _finish(self, chamfer: float) -> None:
        error = self._translation - self._truth
        figures: dict[str, float | str | bool] = {
            f"Translation {axis} (m)": float(value) for axis, value in zip("xyz", self._translation, strict=True)
        }
        figures |= {f"Error {axis} (m)": float(value) for axis, value in zip("xyz", error, strict=True)}
        figures |= {"Error, length (m)": float(np.linalg.norm(error)), "Chamfer (m²)": chamfer}
        figures |= {"Meshes": len(self._meshes), "Vertices": sum(len(mesh.verts) for mesh in self._meshes)}
        self._ctx.outcome(Outcome(self._snapshot(), figures))


def _batch(params: BatchTranslationParams) -> list[Mesh]:
    """The meshes, at their true sizes or at the radius 1 about the origin."""
    meshes = list((made_batch() if params.batch == COURSE_BATCH else bundled_batch()).values())
    if params.sizes == "true":
        return meshes
    scaled = []
    for mesh in meshes:
        middle, radius = radius_of(mesh)
        scaled.append(Mesh(((mesh.verts - middle) / radius).astype(np.float32), mesh.faces))
    return scaled


class _Pictures:
    """The batch and its targets, drawn beside each other at one size or as they are."""

    def __init__(self, meshes: list[Mesh], targets: list[Array], *, side_by_side: bool) -> None:
        self._meshes = meshes
        self._layout = layout(meshes, side_by_side=side_by_side, room=_ROOM)
        hues = np.array([surface(number) for number in range(len(meshes))], np.float32)
        edges = [unique_edges(mesh.faces)[0] for mesh in meshes]
        first = np.cumsum([0, *(len(mesh.verts) for mesh in meshes[:-1])])
        self._targets = Lines(
            np.concatenate([self._layout.place(number, target) for number, target in enumerate(targets)]),
            np.concatenate([edge + start for edge, start in zip(edges, first, strict=True)]).astype(np.int32),
            colors=np.repeat(hues, [len(edge) for edge in edges], axis=0),
        )
        self._batch = joined([mesh.verts for mesh in meshes], [mesh.faces for mesh in meshes])

    def at(self, translation: Array) -> Snapshot:
        """The scene with the batch moved by an estimate."""
        parts = [self._layout.place(number, mesh.verts + translation) for number, mesh in enumerate(self._meshes)]
        batch = Mesh(np.concatenate(parts), self._batch.faces, colors=self._batch.colors)
        return {"targets": self._targets, RESULT: batch}
