"""The experiment "Body in an outline": Adam on a soft silhouette that becomes sharper from step to step."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lab.body.library import load_body
from lab.body.measure import measure
from lab.body.outline.objective import BETAS, NAMES, Objective, Seen
from lab.body.outline.picture import camera_for, load_target, place_of
from lab.body.posing import Poser
from lab.body.prior import PosePrior
from lab.body.record import BodyPose
from lab.body.skeleton import JOINTS, joint, title
from lab.cameras.drawing import frustum
from lab.chapter import ASSETS
from lab.chapters.body.outline import BACK, OutlineParams
from lab.experiment import ExperimentError, Notice, Outcome, RunContext, Step
from lab.kernels.crew import Crew
from lab.pose.document import camera_document
from lab.pose.estimate_views import difference, overlay, picture
from lab.pose.target import Target
from lab.scene import Mesh, Snapshot

RESULT = "body"
EXAMPLE = ASSETS / "body" / "example_person.png"
_SIGMAS = (3e-3, 2e-5)
"""Squared NDC: of the first and of the last step."""
_ARMS = (-45.0, 0.0, 30.0, 50.0, 70.0)
"""Degrees by which either arm of the first poses is lowered from the T-pose."""
_LEGS = (0.0, 12.0)
"""Degrees by which the legs are apart on either side."""
_KEPT, _TRIAL = 3, 12
"""Steps that each first pose gets before the best goes on, and how many get them."""
_POOR = 0.75


class FitOutline:
    """Fit a body to a mask. The checkpoint holds the variables and Adam's own state."""

    def run(self, params: OutlineParams, ctx: RunContext) -> Iterator[Step]:
        """See ``lab.experiment.Experiment.run``."""
        with Crew() as crew:
            yield from _Run(params, ctx, crew).steps()


class _Descent:
    """Adam on one body's variables."""

    def __init__(self, values: dict[str, np.ndarray]) -> None:
        self.variables = {name: torch.tensor(values[name], dtype=torch.float32, requires_grad=True) for name in NAMES}
        self.optimiser = torch.optim.Adam(self.variables.values())

    def step(self, objective: Objective, weights: dict[str, float], sigma: float, rate: float) -> Seen:
        """Evaluate, and move on; returns what was seen before the move."""
        self.optimiser.zero_grad()
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        for tensor in self.variables.values():
            tensor.grad = torch.zeros_like(tensor)
        seen = objective.evaluate(self.variables, weights, sigma)
        self.optimiser.step()
        return seen

    def values(self) -> dict[str, np.ndarray]:
        return {name: tensor.detach().numpy().copy() for name, tensor in self.variables.items()}

    def moments(self) -> dict[str, dict[str, np.ndarray]]:
        """Adam's state by variable."""
        found = {}
        for name, tensor in self.variables.items():
            state = self.optimiser.state.get(tensor, {})
            found[name] = {key: value.detach().numpy().copy() for key, value in state.items()}
        return found

    def restore(self, moments: dict[str, dict[str, np.ndarray]]) -> None:
        for name, tensor in self.variables.items():
            self.optimiser.state[tensor] = {key: torch.tensor(value) for key, value in moments[name].items()}


class _Run:
    """One run."""

    def __init__(self, params: OutlineParams, ctx: RunContext, crew: Crew) -> None:
        self._params, self._ctx = params, ctx
        state = ctx.resume
        if state is not None and not state.keys() >= {"step", "values", "moments"}:
            raise ExperimentError("The checkpoint is not one of a body in an outline, so the run cannot go on from it.")
        ctx.report(None, "Preparing the body and the picture")
        path = params.image or str(EXAMPLE)
        self._target, self._size = load_target(params, path)
        self._name = Path(path).name
        self._camera = camera_for(self._target, params.fov)
        self._data = load_body(params.model)
        self._poser = Poser(self._data)
        self._faces = np.ascontiguousarray(self._data.faces, np.int32)
        self._objective = Objective(self._data, self._target, self._camera, PosePrior.load(None), crew)
        self._picture = picture(self._target)
        self._frustum = frustum(self._camera, 0.02, 0.3)
        if state is None:
            self._first, self._descent = 0, self._search()
            if self._target.cut:
                text = "The person reaches the border of the picture, so that some of the outline is not to be seen."
                ctx.notice(Notice(0, "info", text, "The rest may do; a picture with all of the person is better."))
        else:
            self._first, self._descent = int(state["step"]), _Descent(dict(state["values"]))
            self._descent.restore(dict(state["moments"]))

    def _search(self) -> _Descent:
        """The first pose that fits best after a few steps; it begins anew from where it came to."""
        seen: list[tuple[float, dict[str, np.ndarray]]] = []
        ways = list(itertools.product(_ARMS, _ARMS, _LEGS))
        for number, (left, right, legs) in enumerate(ways):
            values = self._standing(left, right, legs)
            variables = {name: torch.tensor(values[name], dtype=torch.float32) for name in NAMES}
            seen.append((self._objective.evaluate(variables, self._weights(), _SIGMAS[1]).iou, values))
            self._ctx.report(0.5 * number / len(ways), "Trying first poses")
        tried: list[tuple[float, dict[str, np.ndarray]]] = []
        best = sorted(seen, key=_first, reverse=True)[:_KEPT]
        for number, (_, values) in enumerate(best):
            descent = _Descent(values)
            for _ in range(_TRIAL):
                last = descent.step(self._objective, self._weights(), _SIGMAS[0], 2 * self._params.learning_rate)
                self._ctx.checkpoint()
            self._ctx.report(0.5 + 0.5 * (number + 1) / len(best), "Trying first poses")
            tried.append((last.iou, descent.values()))
        return _Descent(max(tried, key=_first)[1])

    def _standing(self, left: float, right: float, legs: float) -> dict[str, np.ndarray]:
        pose = np.zeros((len(JOINTS), 3))
        pose[joint("left_shoulder"), 2], pose[joint("right_shoulder"), 2] = -np.radians(left), np.radians(right)
        pose[joint("left_hip"), 2], pose[joint("right_hip"), 2] = np.radians(legs), -np.radians(legs)
        pose[0, 1] = np.pi if self._params.facing == BACK else 0.0
        verts = self._poser.pose(self._poser.shape(np.zeros(BETAS)), pose).verts.astype(np.float64)
        place = place_of(self._target, self._camera, verts.min(axis=0), verts.max(axis=0))
        return {"betas": np.zeros(BETAS), "body_pose": pose[1:].ravel(), "global_orient": pose[0], "transl": place}

    # --- the steps ------------------------------------------------------------------------------------------------

    def steps(self) -> Iterator[Step]:
        """The steps; then the outcome is handed over."""
        index, began = self._first, time.monotonic()
        while True:
            values, moments = self._descent.values(), self._descent.moments()
            rate = self._ctx.params.learning_rate * (1.0 - 0.9 * self._share(index))
            seen = self._descent.step(self._objective, self._weights(), self._sigma(index), rate)
            yield Step(index, self._metrics(seen), self._shown(seen), _state(index, values, moments))
            if index >= self._params.steps or self._ctx.stop_requested:
                break
            self._ctx.checkpoint()
            index += 1
        self._finish(seen, values, index, time.monotonic() - began)

    def _share(self, index: int) -> float:
        return min(1.0, index / max(1, self._params.steps))

    def _sigma(self, index: int) -> float:
        share = min(1.0, 1.25 * self._share(index))
        return float(_SIGMAS[0] ** (1.0 - share) * _SIGMAS[1] ** share)

    def _weights(self) -> dict[str, float]:
        params: OutlineParams = self._ctx.params
        return {"silhouette": params.silhouette_weight, "pose": params.pose_weight, "shape": params.shape_weight}

    def _metrics(self, seen: Seen) -> dict[str, float]:
        weights = self._weights()
        metrics = {"loss": sum(weights[name] * value for name, value in seen.terms.items())}
        for name, value in seen.terms.items():
            metrics[name] = value
            metrics[f"{name} (weighted)"] = weights[name] * value
        metrics["IoU"] = seen.iou
        return metrics

    # --- what is handed out ---------------------------------------------------------------------------------------

    def _shown(self, seen: Seen) -> Callable[[], Snapshot]:
        return lambda: self._snapshot(seen)

    def _snapshot(self, seen: Seen) -> Snapshot:
        drawn = Target(seen.alpha)
        return {
            RESULT: Mesh(seen.verts, self._faces),
            "camera": self._frustum,
            "target": self._picture,
            "overlay": overlay(drawn, self._target),
            "difference": difference(drawn, self._target),
        }

    def _finish(self, seen: Seen, values: dict[str, np.ndarray], index: int, seconds: float) -> None:
        sizes = measure(self._data, values["betas"])
        figures: dict[str, float | str | bool] = {"IoU": seen.iou, "Picture": self._name}
        figures |= {f"{title(name)} (cm)": 100 * value for name, value in sizes.items()}
        figures["Steps"] = float(index)
        if seen.iou < _POOR:
            text = f"The body covers the mask only in part: their overlap is {100 * seen.iou:.0f} %."
            advice = "Is the mask the whole person and nothing else? Paint it, or use 'Body in a photo' with 2D joints."
            self._ctx.notice(Notice(index, "warning", text, advice, "silhouette"))
        pose = np.concatenate([values["global_orient"][None], values["body_pose"].reshape(-1, 3)])
        record = BodyPose(self._params.model, values["betas"], pose, values["transl"])
        height, width = self._size
        document: dict[str, Any] = {
            "body": record.to_document(),
            "camera": camera_document(self._camera.resized(width, height)),
            "iou": seen.iou,
            "seconds": seconds,
        }
        self._ctx.outcome(Outcome(self._snapshot(seen), figures, document=document, arrays=record.to_data().values))


def _first(found: tuple[float, Any]) -> float:
    return found[0]


def _state(index: int, values: dict[str, Any], moments: dict[str, Any]) -> Callable[[], dict[str, Any]]:
    return lambda: {"step": index, "values": values, "moments": moments}
