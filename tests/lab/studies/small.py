"""A small study for the tests: counts what it is asked, and can be slow, refine, fail and die, as its parameters say.

The lab finds it by its key "tests.lab.studies.small:SMALL".
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lab.chapter import StudyActivity
from lab.params import choice, geometries, geometry, number
from lab.scene import Array, Mesh, Points
from lab.study import (
    Action,
    Animation,
    Board,
    Data,
    Note,
    Pane,
    Picture,
    Result,
    StudyContext,
    StudyError,
    Table,
    Text,
    View3D,
)

BEHAVIOURS = ("good", "moves", "refines", "slow", "deaf", "fails", "fails strangely", "out of memory", "dies")


@dataclass(frozen=True)
class SmallParams:
    """What the study is to do."""

    cloud: str = geometry("Cloud", "What is shown.", optional=True)
    others: tuple[str, ...] = geometries("Others", "More of it.", optional=True)
    factor: float = number(1.0, "Factor", "What it is multiplied by.", minimum=0.0, maximum=10.0)
    behaviour: str = choice("good", "Behaviour", "How it behaves.", BEHAVIOURS)


TRIANGLE = Mesh(np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32), np.array([[0, 1, 2]]))
ANIMATION = Animation(
    TRIANGLE,
    ("root", "tip"),
    np.array([-1, 0]),
    np.array([[0.0, 0, 0], [0, 1, 0]]),
    np.array([[1.0, 0], [1, 0], [0, 1]]),
    np.tile([1.0, 0, 0, 0], (4, 2, 1)),
    np.zeros((4, 3)),
    fps=10.0,
)


class Small:
    """Moves the cloud away from the origin, by a factor."""

    def __init__(self) -> None:
        self.questions = 0

    def boards(self, params: SmallParams, ctx: StudyContext) -> Iterator[Board]:
        self.questions += 1
        match params.behaviour:
            case "fails":
                raise StudyError("The cloud cannot be moved: it is asleep. Wake it up.")
            case "fails strangely":
                raise ZeroDivisionError("by nothing")
            case "out of memory":
                raise MemoryError
            case "dies":
                os.kill(os.getpid(), signal.SIGKILL)
            case "deaf":
                time.sleep(60)
            case "slow":
                for i in range(600):
                    ctx.report(i / 600, "Thinking")
                    time.sleep(0.01)
        yield self._board(params, ctx, "first")
        if params.behaviour == "refines":
            for i in range(600):
                ctx.report(i / 600, "Refining")
                time.sleep(0.005)
            yield self._board(params, ctx, "second")

    def _board(self, params: SmallParams, ctx: StudyContext, status: str) -> Board:
        cloud = ctx.geometry("cloud")
        verts = cloud.verts * np.float32(params.factor) if cloud is not None else np.zeros((1, 3), np.float32)
        others = ctx.inputs.get("others", ())
        assert isinstance(others, tuple)
        return Board(
            panes={
                "view": View3D({"cloud": Points(verts)}),
                "picture": Picture(np.full((8, 8, 3), int(20 * params.factor), np.uint8)),
                "table": Table(("x",), (verts[:, 0].astype(float),)),
                "text": Text(f"factor = {params.factor}", "python"),
            },
            figures={"Factor": params.factor, "Questions": self.questions, "Others": len(others)},
            results={"moved": Points(verts)} if params.behaviour != "moves" else _kept(verts),
            notes=(Note("info", "All is well."),),
            values={"factor": 1.0} if ctx.action == "reset" else {},
            status=f"{status}, changed {', '.join(sorted(ctx.changed))}, action {ctx.action or 'none'}",
        )


def _kept(verts: Array) -> dict[str, Result]:
    """One result of each kind that is not a picture."""
    return {
        "moved": Points(verts),
        "the pose": Data({"betas": np.arange(3.0), "gender": "neutral"}),
        "triangle": TRIANGLE,
        "walk": ANIMATION,
        "numbers": Data({"other": np.zeros(2)}),
    }


SMALL = StudyActivity(
    key="tests.lab.studies.small:SMALL",
    title="Small",
    summary="Points move away from the origin.",
    params=SmallParams,
    lesson="",
    study="tests.lab.studies.small:Small",
    panes=(
        (Pane("view", "View", "view"), Pane("picture", "Picture", "picture")),
        (Pane("table", "Table", "table"), Pane("text", "Text", "text")),
    ),
    actions=(Action("reset", "Reset", "Back to one."),),
    figures={"Factor": "What it was multiplied by."},
)
