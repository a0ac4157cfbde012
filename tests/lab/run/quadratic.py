"""A small chapter for the tests: stochastic gradient descent on a quadratic, whose points are the vertices of a mesh.

The lab finds it by its key "tests.lab.run.quadratic:CHAPTER". Besides the descent it can be slow, hang, fail, end
early and ignore the person, as its parameters say.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.chapter import ExperimentActivity
from lab.experiment import ExperimentError, Notice, Outcome, RunContext, Step
from lab.params import choice, geometry, integer, number, switch
from lab.scene import Mesh

FACES = np.array([(0, 1, 2), (0, 2, 3), (0, 3, 1), (1, 3, 2)] * 20, np.int32)
FACES.flags.writeable = False
BEHAVIOURS = (
    "good",
    "hangs",
    "fails",
    "fails strangely",
    "out of memory",
    "ends early",
    "ends early, tells",
    "ignores stop",
    "dies",
    "not a state",
)


@dataclass(frozen=True)
class QuadraticParams:
    target: str = geometry("Target", "Whose mean the points move to; without it, the origin.", optional=True)
    steps: int = integer(100, "Steps", "How many.", minimum=1, maximum=1_000_000)
    rate: float = number(0.1, "Rate", "Of the descent.", minimum=0.0, maximum=1.0, live=True)
    noise: float = number(0.01, "Noise", "Of the gradient.", minimum=0.0, maximum=1.0, live=True)
    delay: float = number(0.0, "Delay", "Of each step.", minimum=0.0, maximum=10.0, unit="s")
    preparing: float = number(0.0, "Preparing", "Time before the first step.", minimum=0.0, maximum=60.0, unit="s")
    evaluating: float = number(0.0, "Evaluating", "Time after the last step.", minimum=0.0, maximum=60.0, unit="s")
    behaviour: str = choice("good", "Behaviour", "What it does at the step below.", BEHAVIOURS)
    at: int = integer(5, "At", "Where it does so.", minimum=0, maximum=1000)
    nested: bool = switch(False, "Nested", "Report in the middle of the run, as if it subdivided.")


class Quadratic:
    """x <- x - rate (x - c + noise) with momentum 0.9; the loss is |x - c|^2 / 2."""

    def run(self, params: QuadraticParams, ctx: RunContext) -> Iterator[Step]:
        _spend(params.preparing, ctx, "Preparing")
        rng = np.random.default_rng(ctx.seed)
        target = ctx.inputs.get("target")
        centre = target.verts.mean(axis=0).astype(np.float64) if target is not None else np.zeros(3)
        x, velocity, first = rng.normal(size=(60, 3)), np.zeros((60, 3)), 0
        if ctx.resume is not None:
            first = ctx.resume["step"]
            x, velocity = ctx.resume["x"], ctx.resume["optimiser"]["velocity"]
            rng.bit_generator.state = ctx.resume["rng"]

        def step(index: int, *, last: bool = False) -> Step:
            metrics = {"loss": float(((x - centre) ** 2).sum() / 2), "rate": ctx.params.rate}
            if index % 2:
                metrics["odd"] = float(index)
            state = _state(index, x, velocity, rng)
            if params.behaviour == "not a state" and index == params.at:
                state["bad"] = object()
            return Step(index, metrics, lambda: _snapshot(x, velocity), lambda: state, last)

        yield step(first)
        for index in range(first + 1, params.steps + 1):
            if ctx.stop_requested and params.behaviour != "ignores stop":
                break
            if index == params.at and _misbehave(params, ctx, index):
                break
            if params.nested and index == params.steps // 2:
                ctx.report(None, "Subdividing")
            time.sleep(params.delay)
            gradient = x - centre + ctx.params.noise * rng.normal(size=x.shape)
            velocity *= 0.9
            velocity -= ctx.params.rate * gradient
            x += velocity
            tells = params.behaviour == "ends early, tells" and index == params.at
            yield step(index, last=tells)
            if tells:
                break
        _spend(params.evaluating, ctx, "Evaluating")
        figures = {"loss": np.float32(0.5), "steps": index, "good": np.True_}
        document = {"mean": x.mean(axis=0), "poses": [{"R": np.eye(2), "error": np.nan, "steps": (index, None)}]}
        arrays = {"mean": x.mean(axis=0), "steps": index, "kind": "quadratic"}
        ctx.outcome(Outcome(_snapshot(x, velocity), figures, document=document, arrays=arrays))


def _snapshot(x: np.ndarray, velocity: np.ndarray) -> dict[str, Any]:
    return {"points": Mesh(x.astype(np.float32), FACES, vectors={"velocity": velocity.astype(np.float32)})}


def _state(index: int, x: np.ndarray, velocity: np.ndarray, rng: np.random.Generator) -> dict[str, Any]:
    return {"step": index, "x": x.copy(), "optimiser": {"velocity": velocity.copy()}, "rng": rng.bit_generator.state}


def _spend(seconds: float, ctx: RunContext, text: str) -> None:
    start = time.monotonic()
    while (spent := time.monotonic() - start) < seconds:
        ctx.report(spent / seconds, text)
        time.sleep(0.01)


def _misbehave(params: QuadraticParams, ctx: RunContext, index: int) -> bool:
    """Do the bad thing; True to end the run."""
    match params.behaviour:
        case "hangs":
            time.sleep(60)
        case "fails":
            raise ExperimentError("The points have left the room. Use a smaller rate.")
        case "fails strangely":
            raise RuntimeError("tensor a (3) must match tensor b (4)\nat dimension 1")
        case "out of memory":
            np.empty(1 << 46, np.uint8)
        case "dies":
            time.sleep(0.3)
            os.kill(os.getpid(), signal.SIGSEGV)
        case "ends early":
            ctx.notice(Notice(index, "info", "It does not get better.", stop=True))
            return True
    return False


CHAPTER = ExperimentActivity(
    key="tests.lab.run.quadratic:CHAPTER",
    title="Quadratic",
    summary="Points move to their place.",
    params=QuadraticParams,
    experiment="tests.lab.run.quadratic:Quadratic",
    steps="steps",
    result="points",
    lesson="",
)
