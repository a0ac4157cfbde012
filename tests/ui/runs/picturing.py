"""A small activity for the tests: a mesh that grows, a picture that stays and one that changes with each step."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lab.chapter import ExperimentActivity
from lab.experiment import Outcome, RunContext, Step
from lab.params import integer, number
from lab.scene import Image, Mesh
from lab.study import Pane

FACES = np.array([(0, 1, 2), (0, 2, 3), (0, 3, 1), (1, 3, 2)], np.int32)
KEY = "tests.ui.runs.picturing:PICTURING"


@dataclass(frozen=True)
class PicturingParams:
    steps: int = integer(30, "Steps", "How many.", minimum=1, maximum=100_000)
    size: int = integer(32, "Size", "Of the pictures.", minimum=8, maximum=1024, unit="px")
    delay: float = number(0.01, "Delay", "Of each step.", minimum=0.0, maximum=1.0, unit="s")


class Picturing:
    """The picture "step" is grey, as bright as the number of the step modulo 256."""

    def run(self, params: PicturingParams, ctx: RunContext) -> Iterator[Step]:
        verts = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1)], np.float32)
        size = params.size
        target = Image(np.full((size, size, 3), (200, 40, 20), np.uint8))
        first = int(ctx.resume["step"]) if ctx.resume is not None else 0

        def step(index: int) -> Step:
            def snapshot() -> dict[str, object]:
                grey = Image(np.full((size, size, 3), index % 256, np.uint8))
                return {"mesh": Mesh(verts * (1 + index / 10), FACES), "target": target, "step": grey}

            return Step(index, {"loss": 1 / (1 + index)}, snapshot, lambda: {"step": index})

        for index in range(first, params.steps + 1):
            yield step(index)
            if ctx.stop_requested:
                break
            time.sleep(params.delay)
        ctx.outcome(Outcome(step(index).snapshot(), {"steps": index}))


PICTURING = ExperimentActivity(
    key=KEY,
    title="Picturing",
    summary="Pictures beside a mesh.",
    params=PicturingParams,
    lesson="mesh_fitting.md",
    experiment="tests.ui.runs.picturing:Picturing",
    steps="steps",
    result="mesh",
    pictures=(Pane("target", "Target", "picture", "What stays."), Pane("step", "Step", "picture", "What changes.")),
)
