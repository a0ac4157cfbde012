"""Chapter 4's experiment: a template mesh is moved, vertex by vertex, until it fits the target."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from lab.chapters.mesh_fitting import MeshFittingParams
from lab.experiment import Cancelled, ExperimentError, Notice, Outcome, RunContext, Step
from lab.fitting.doctor import Doctor, Look, examine_target, examine_weights
from lab.fitting.evaluate import evaluate
from lab.fitting.fitter import CpuFitter, Fitter, start_state
from lab.fitting.schedule import Plateau, learning_rate, subdivides_after
from lab.fitting.snapshot import fitted_mesh
from lab.fitting.target import Target
from lab.fitting.templates import make_template
from lab.fitting.terms import weighted_sum, weights
from lab.fitting.warm_up import warm_up as _warm_up
from lab.kernels.crew import Crew
from lab.scene import Snapshot

RESULT = "fitted"
SEEDS = 2**63


class MeshFitting:
    """Fit a mesh to ``inputs["target"]`` (and, as template, ``inputs["template_mesh"]``).

    Step k is the mesh after k updates, with the terms as they are there; the update that follows takes the live
    parameters of that moment. The checkpoint holds mesh, offsets, optimiser and the random generator as it was before
    the step's samples were drawn, so that a resumed run evaluates the same samples again and goes on bit by bit (on
    CUDA, up to rounding). Of a resumed run, template parameters have no effect: the checkpoint's mesh is the template.
    """

    def run(self, params: MeshFittingParams, ctx: RunContext) -> Iterator[Step]:
        """See ``lab.experiment.Experiment.run``."""
        with Crew() as crew:
            yield from _Fit(params, ctx, crew).steps()


def warm_up() -> None:
    """Compile every kernel, or load it from the cache, so that the first run starts at once."""
    _warm_up()


class _Fit:
    """One run."""

    def __init__(self, params: MeshFittingParams, ctx: RunContext, crew: Crew) -> None:
        self._ctx = ctx
        self._crew = crew
        self._steps = params.steps
        ctx.report(None, "Looking at the target")
        self._target = Target(ctx.inputs["target"])
        resume = ctx.resume
        if resume is None:
            resume = self._start(params)
        elif not resume.keys() >= {"step", "levels", "done", "losses", "setting", "fit"}:
            raise ExperimentError("The checkpoint is not one of a mesh fit, so the run cannot go on from it.")
        self._first, self._levels, self._done = int(resume["step"]), int(resume["levels"]), int(resume["done"])
        self._plateau = Plateau(resume["losses"])
        self._setting = str(resume["setting"])
        self._fitter = _make_fitter(resume["fit"], self._target, params, ctx, crew)
        self._say(examine_target(self._target, self._first))
        self._weight: dict[str, float] = {}
        self._doctor = Doctor(params.optimiser, fresh=ctx.resume is None)
        self._say(self._doctor.begin(self._fitter.topology, self._fitter.verts(), self._first))

    def _start(self, params: MeshFittingParams) -> Mapping[str, Any]:
        """The state before the first update."""
        self._ctx.report(None, "Making the template")
        own = self._ctx.inputs.get("template_mesh")
        kind, coarse_to_fine = params.template, params.coarse_to_fine
        template = make_template(kind, params.template_level, coarse_to_fine, own, self._target)
        if template.note:
            self._ctx.notice(Notice(0, "info", template.note))
        if coarse_to_fine and not template.levels:
            text = "This template cannot begin coarser, so coarse to fine has no effect."
            self._ctx.notice(Notice(0, "info", text, "Use the ico-sphere or the convex hull of level 1 or more."))
        fit = start_state(template.verts, template.faces)
        return {"step": 0, "levels": template.levels, "done": 0, "losses": [], "setting": "", "fit": fit}

    def steps(self) -> Iterator[Step]:
        """The steps; then the outcome is handed over."""
        index = self._first
        while True:
            step = self._evaluate(index)
            yield step
            if step.last or index >= self._steps or self._ctx.stop_requested:
                break
            self._advance(index)
            index += 1
        self._finish()

    # --- one step -------------------------------------------------------------------------------------------------

    def _evaluate(self, index: int) -> Step:
        params: MeshFittingParams = self._ctx.params
        weight = weights(params)
        rate = learning_rate(params.schedule, params.learning_rate, index, self._steps)
        if weight != self._weight:
            self._weight = weight
            self._say(examine_weights(weight, self._target.has_normals, index))
        values = self._fitter.evaluate(params.samples, params.laplacian_kind)
        setting = repr(
            (params.samples, params.laplacian_kind, self._fitter.topology.vert_count, sorted(weight.items()))
        )
        look = Look(index, values, weight, rate, setting)
        ill = self._doctor.illness(look)
        if ill is None:
            self._say(self._doctor.remarks(look, self._fitter))
        else:
            self._go_back(ill)
            values = self._fitter.evaluate(params.samples, params.laplacian_kind)
        loss = weighted_sum(values, weight)
        ends = self._on_plateau(index, loss, setting)
        metrics = {"loss": loss, **values}
        metrics |= {f"{term} (weighted)": weight[term] * value for term, value in values.items()}
        metrics["learning rate"] = rate
        return Step(index, metrics, self._snapshot, self._state(index), last=ends or ill is not None)

    def _say(self, notices: list[Notice]) -> None:
        for notice in notices:
            self._ctx.notice(notice)

    def _go_back(self, ill: Notice) -> None:
        if self._doctor.best_offsets is None:
            raise ExperimentError("The template has no surface to draw points from. Choose another template.")
        self._fitter.rewind(self._doctor.best_offsets)
        self._ctx.notice(ill)

    def _on_plateau(self, index: int, loss: float, setting: str) -> bool:
        """Whether the run ends early here."""
        if setting != self._setting:
            self._setting = setting
            self._plateau.clear()
        self._plateau.add(loss)
        ends = bool(self._ctx.params.early_stop) and self._done >= self._levels and self._plateau.reached
        if ends and index < self._steps:
            text = f"The loss has not fallen by 0.1 % over the last 200 steps, so the run ended at step {index}."
            self._ctx.notice(Notice(index, "info", text, "Turn 'Stop early' off to make all steps."))
        return ends

    def _advance(self, index: int) -> None:
        params: MeshFittingParams = self._ctx.params
        rate = learning_rate(params.schedule, params.learning_rate, index, self._steps)
        self._fitter.update(weights(params), rate, params.momentum)
        if subdivides_after(index + 1, self._steps, self._levels, self._done):
            subdivision = self._fitter.subdivide()
            self._done += 1
            if self._doctor.best_offsets is not None:
                self._doctor.best_offsets = subdivision.refine(self._doctor.best_offsets)

    # --- what is handed out ---------------------------------------------------------------------------------------

    def _snapshot(self) -> Snapshot:
        return {RESULT: fitted_mesh(self._fitter, self._target, self._crew)}

    def _state(self, index: int) -> Callable[[], dict[str, Any]]:
        return lambda: {
            "step": index,
            "levels": self._levels,
            "done": self._done,
            "losses": self._plateau.losses[:-1],  # without this step's: a resumed run evaluates it again
            "setting": self._setting,
            "fit": self._fitter.state(),
        }

    def _finish(self) -> None:
        entities = self._snapshot()
        verts, topology, seed = self._fitter.verts(), self._fitter.topology, self._ctx.seed % SEEDS
        try:
            result = evaluate(verts, topology, self._target, seed, self._ctx.report, self._crew)
        except Cancelled:
            self._ctx.outcome(Outcome(entities))
            raise
        self._ctx.outcome(Outcome(entities, result.figures, result.curves))


def _make_fitter(
    state: Mapping[str, Any], target: Target, params: MeshFittingParams, ctx: RunContext, crew: Crew
) -> Fitter:
    seed = ctx.seed % SEEDS
    if ctx.device == "cpu":
        return CpuFitter(state, target, params.optimiser, seed, crew)
    from lab.fitting.torch_fitter import TorchFitter  # torch and PyTorch3D, needed on a GPU only

    return TorchFitter(state, target, params.optimiser, seed, ctx.device)
