"""The pose from anywhere: all rotations are tried small, the best refined, and the one that explains the picture kept.

| stage   | what                                                                   | pictures           |
|---------|------------------------------------------------------------------------|--------------------|
| table   | thousands of rotations, each where area and middle fit: masks' overlap | 32 px, 300 faces   |
| descent | the best 96 that differ, outlines against outlines                     | 48 px, 1,200 faces |
| choice  | the best 24 that still differ, with colours                            | 96 px, all faces   |
| finish  | the best 4, until they stand                                           | up to 256 px       |

Outlines alone cannot tell the front of a thing from its back; colours can. So the twins of the best, which have nearly
the same outline from behind, have their turn as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from lab.kernels.crew import Crew
from lab.motions import so3
from lab.pose.descent import Descent, Problem, Weights, pose_of, state_of
from lab.pose.model import Model
from lab.pose.table import Table, make_table, rotations
from lab.pose.target import Target
from lab.pose.variables import Pose
from lab.scene import Array

Stage = Literal["table", "descent", "choice", "finish", "found"]
STAGES: tuple[Stage, ...] = ("table", "descent", "choice", "finish", "found")
_CHUNKS = 8
_DESCENTS = 96
_APART_DEG = 12.0
"""Entries of the table that are nearer than this are one start."""
_MERGED_DEG = 4.0
_TWINNED = 8
"""Of how many of the best descents the twins are tried as well."""
_FOCAL_GUESSES = (1.2, 2.2, 4.0)
"""Focal lengths, NDC, with which an unknown one is looked for: fields of view of 80, 49 and 28 degrees."""


@dataclass(frozen=True)
class _Plan:
    """pixels: of the window. scale: of the robust cost, pixels. rounds: steps of the search that the stage has; each
    makes ``per`` steps of every descent. kept: how many candidates enter it. color: how much colours count, times the
    search's own weight: little while a wrong pose could follow wrong colours, much where they give the last digits.
    """

    pixels: int
    scale: float
    rounds: int
    per: int
    kept: int
    color: float


_PLANS: Mapping[Stage, _Plan] = {
    "descent": _Plan(48, 3.0, 5, 3, _DESCENTS, 0.0),
    "choice": _Plan(96, 3.0, 5, 3, 24, 1.0),
    "finish": _Plan(256, 3.0, 10, 2, 4, 12.0),
}


@dataclass(frozen=True, eq=False)
class Candidate:
    """A pose on trial. score: overlap of the masks, 0 to 1. cost: lower is better, within one stage."""

    pose: Pose
    score: float
    cost: float


class Search:
    """Finds the pose step by step; ``advance`` makes one step and ``done`` tells when there is nothing left to do.

    intrinsics: a pose of which focal length and principal point count; with ``zoom`` the focal length is unknown.
    color: the weight of the colours against the outlines; 0 where the target has none or its light is not known.
    The same input gives the same steps, whatever the number of threads.
    """

    def __init__(
        self,
        model: Model,
        target: Target,
        intrinsics: Pose,
        *,
        zoom: bool = False,
        color: float = 4.0,
        count: int = 8000,
        crew: Crew | None = None,
    ) -> None:
        self.stage: Stage = "table"
        self.color = color
        self._model, self._target, self._start = model, target, intrinsics
        self._zoom, self._crew = zoom, crew or Crew(1)
        guesses = _FOCAL_GUESSES if zoom else (1.0,)
        ratio = intrinsics.focal / intrinsics.focal.mean()
        self._lenses = [replace(intrinsics, focal=guess * ratio) if zoom else intrinsics for guess in guesses]
        turns = rotations(count)
        self._parts = [(lens, turns[part::_CHUNKS]) for lens in self._lenses for part in range(_CHUNKS)]
        self._tables: list[Table] = []
        self._descents: list[Descent] = []
        self._round = 0
        self._problem: Problem | None = None

    @property
    def done(self) -> bool:
        return self.stage == "found"

    @property
    def steps(self) -> int:
        """How many steps it has at most."""
        return len(self._parts) + sum(plan.rounds for plan in _PLANS.values())

    def advance(self) -> None:
        """One step."""
        if self.stage == "table":
            lens, turns = self._parts[len(self._tables)]
            self._tables.append(make_table(self._model, self._target, lens, turns, self._crew))
            if len(self._tables) == len(self._parts):
                self._enter("descent")
        elif self.stage != "found":
            self._descend()

    # --- what there is to see -------------------------------------------------------------------------------------

    def candidates(self, count: int = _DESCENTS) -> list[Candidate]:
        """The best of what is on trial now, best first."""
        if self.stage == "table":
            best = self._table_entries(count)
            return [Candidate(table.pose(n), float(table.scores[n]), 1.0 - float(table.scores[n])) for table, n in best]
        ordered = self._ordered()[:count]
        return [Candidate(d.here.pose, d.here.overlap, d.here.cost) for d in ordered]

    @property
    def best(self) -> Candidate | None:
        """The best one; None before the first step."""
        found = self.candidates(1) if self._tables else []
        return found[0] if found else None

    @property
    def rivals(self) -> list[Candidate]:
        """What is left besides the best one and differs from it, best first: other answers, if they are as good."""
        return self.candidates()[1:] if self.stage in ("finish", "found") else []

    # --- the stages -----------------------------------------------------------------------------------------------

    def _table_entries(self, count: int) -> list[tuple[Table, int]]:
        """The best entries of the tables, those of one lens apart from each other."""
        chosen: list[tuple[Table, int]] = []
        for lens in self._lenses:
            mine = [table for table in self._tables if table.start is lens]
            if not mine:
                continue
            whole = Table(
                np.concatenate([table.turns for table in mine]),
                np.concatenate([table.shifts for table in mine]),
                np.concatenate([table.scores for table in mine]),
                lens,
                self._model.center,
            )
            chosen += [(whole, n) for n in whole.best(max(1, count // len(self._lenses)), _APART_DEG)]
        return sorted(chosen, key=lambda entry: -float(entry[0].scores[entry[1]]))

    def _problem_of(self, stage: Stage) -> Problem:
        plan, model = _PLANS[stage], self._model
        shape = model.coarse if stage == "descent" else model.shape
        patch = self._target.patch(self._target.around(plan.pixels))
        weights = Weights(1.0, self.color * plan.color)
        return Problem(shape, patch, model.center, model.radius, plan.scale, self._zoom and stage != "descent", weights)

    def _enter(self, stage: Stage) -> None:
        """Begin a stage with the best of the one before."""
        plan = _PLANS[stage]
        if stage == "descent":
            poses = [table.pose(n) for table, n in self._table_entries(plan.kept)]
        else:
            poses = [d.here.pose for d in self._distinct(plan.kept)]
            if stage == "choice":
                poses += [twin for pose in poses[:_TWINNED] for twin in twins(pose, self._model.center)]
        self._begin(stage, [(pose, 1e-2) for pose in poses])

    def _begin(self, stage: Stage, starts: list[tuple[Pose, float]]) -> None:
        self.stage, self._round = stage, 0
        problem = self._problem = self._problem_of(stage)
        self._descents = self._each([lambda p=p, d=d: Descent(problem.examine(p), d) for p, d in starts])

    def _descend(self) -> None:
        """A few steps of every descent; then, at its end, the next stage."""
        plan, problem = _PLANS[self.stage], self._problem
        assert problem is not None
        self._descents = self._each([lambda d=d: _steps(problem, d, plan.per) for d in self._descents])
        self._round += 1
        if self._round < plan.rounds and not all(d.done for d in self._descents):
            return
        following = STAGES[STAGES.index(self.stage) + 1]
        if following == "found":
            self.stage = "found"
        else:
            self._enter(following)

    def _each(self, tasks: list[Callable[[], Descent]]) -> list[Descent]:
        """The results of the tasks, in their order, by all threads."""
        results: list[Descent | None] = [None] * len(tasks)

        def fill(index: int) -> None:
            results[index] = tasks[index]()

        self._crew.share([lambda i=i: fill(i) for i in range(len(tasks))])
        return [result for result in results if result is not None]

    def _ordered(self) -> list[Descent]:
        return sorted(self._descents, key=lambda d: d.here.cost)

    def _distinct(self, count: int) -> list[Descent]:
        """The best descents, one of each that ended in the same place."""
        kept: list[Descent] = []
        for descent in self._ordered():
            turns = [so3.angle_between(descent.here.pose.R, other.here.pose.R) for other in kept]
            if all(turn > np.radians(_MERGED_DEG) for turn in turns):
                kept.append(descent)
            if len(kept) == count:
                break
        return kept

    # --- checkpoints ----------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """For a checkpoint."""
        return {
            "stage": self.stage,
            "round": self._round,
            "tables": len(self._tables),
            "color": self.color,
            "descents": {
                str(n): {"pose": state_of(d.here.pose), "damping": d.damping, "steps": d.steps, "done": d.done}
                for n, d in enumerate(self._descents)
            },
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Go on from a checkpoint. The table is made again, which is cheaper than to keep it."""
        self.color = float(state["color"])
        stage: Stage = state["stage"]
        if stage == "table":
            for _ in range(int(state["tables"])):
                self.advance()
            return
        saved = [state["descents"][str(n)] for n in range(len(state["descents"]))]
        self._tables = [_NOTHING]
        self._begin("finish" if stage == "found" else stage, [(pose_of(s["pose"]), float(s["damping"])) for s in saved])
        self._descents = [
            replace(d, steps=int(s["steps"]), done=bool(s["done"])) for d, s in zip(self._descents, saved, strict=True)
        ]
        self.stage, self._round = stage, int(state["round"])


_NOTHING = Table(np.zeros((0, 3, 3)), np.zeros((0, 3)), np.zeros(0), Pose(*(np.zeros(0),) * 4), np.zeros(3))
"""Stands for tables that are no longer needed."""


def _steps(problem: Problem, descent: Descent, count: int) -> Descent:
    for _ in range(count):
        descent = descent.advanced(problem)
    return descent


def twins(pose: Pose, center: Array) -> list[Pose]:
    """The poses from behind that show the same outline, if one of the coordinate planes is the object's mirror.

    From far away an outline does not tell what is in front: turned inside out along the view, and mirrored, the object
    has the same one. Both together are a rotation.
    """
    middle, inside_out = pose.view(center), np.diag([1.0, 1.0, -1.0])
    found = []
    for axis in range(3):
        mirror = np.eye(3)
        mirror[axis, axis] = -1.0
        R = mirror @ pose.R @ inside_out
        found.append(replace(pose, R=R, T=middle - center @ R))
    return found


def find(search: Search) -> Iterator[Candidate]:
    """Make all steps of a search, and yield the best after each."""
    while not search.done:
        search.advance()
        best = search.best
        assert best is not None  # there is one after the first step
        yield best


def find_pose(
    model: Model, target: Target, intrinsics: Pose, *, zoom: bool = False, color: float = 4.0, crew: Crew | None = None
) -> Candidate:
    """The pose of a model in an image, from nowhere; see Search."""
    *_, last = find(Search(model, target, intrinsics, zoom=zoom, color=color, crew=crew))
    return last
