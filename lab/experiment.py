"""What an experiment is, and what the lab gives it while it runs.

An experiment is a generator: it yields a Step after each step of its optimisation. It never knows who watches:
whether a window, a recorder or nobody takes the snapshots is the business of ``lab.run.driver``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from lab.scene import Array, Entity, Geometry, Snapshot

State = Mapping[str, Any]
"""A checkpoint: (nested) dictionaries of numpy arrays, numbers, strings and booleans; nothing else."""


class ExperimentError(Exception):
    """A run cannot go on; the message is a sentence that a person understands: what, where, what to do."""


class Cancelled(Exception):
    """Raised inside the experiment by ``ctx.report`` and ``ctx.checkpoint`` when the person stopped the run."""


@dataclass(frozen=True)
class Step:
    """One finished step.

    index: 0 for the state before the first update, then 1, 2, ... metrics: name -> number.
    snapshot and state are called at once or never, before the generator is resumed, and only if somebody will look.
    last: no step follows although the run has not made all of its steps; such a step is always recorded.
    """

    index: int
    metrics: Mapping[str, float]
    snapshot: Callable[[], Snapshot]
    state: Callable[[], State]
    last: bool = False


@dataclass(frozen=True)
class Notice:
    """What a run's doctor has to say: one sentence, and what to change. ``stop`` marks the reason a run ended."""

    step: int
    level: Literal["info", "warning", "error"]
    text: str
    advice: str = ""
    term: str | None = None
    stop: bool = False


@dataclass(frozen=True)
class Outcome:
    """What a run leaves: the final scene, in the coordinates of the person's own data, and a table of figures.

    entities: path -> entity. figures: label -> number or word, in order, for the results page and ``--metrics``.
    curves: name -> (x, y), such as "PSNR over steps". document: what was found as plain data that JSON can
    hold, such as the cameras of a pose, for ``--json``. arrays: the same for numpy, name -> array, number or word, for
    a file .npz.
    """

    entities: Mapping[str, Entity] = field(default_factory=dict)
    figures: Mapping[str, float | str | bool] = field(default_factory=dict)
    curves: Mapping[str, tuple[Array, Array]] = field(default_factory=dict)
    document: Mapping[str, Any] = field(default_factory=dict)
    arrays: Mapping[str, Array | float | str] = field(default_factory=dict)


@dataclass
class RunContext:
    """The run's side of the lab, handed to ``Experiment.run``.

    inputs: the resolved geometry parameters by parameter name. device: "cpu" or "cuda".
    params: the newest live parameters; read it at each step boundary. resume: the State to go on from, or None.
    report(fraction or None, text): progress of preparation and evaluation; raises Cancelled.
    checkpoint(): raises Cancelled when the person stopped the run; call it in loops that yield no steps.
    notice(Notice): something to tell the person. outcome(Outcome): the result, once, at the end.
    plan(steps): the run will make so many steps, and not those of its parameter; before the first one.
    stop_requested: the person wants no further steps. Look at it after each yield: leave the loop, evaluate what there
    is and hand over the outcome. (A second request raises Cancelled in report and checkpoint.)
    """

    inputs: Mapping[str, Geometry]
    device: str
    seed: int
    params: Any
    resume: State | None
    report: Callable[[float | None, str], None]
    checkpoint: Callable[[], None]
    notice: Callable[[Notice], None]
    outcome: Callable[[Outcome], None]
    stop_requested: bool = False
    plan: Callable[[int], None] = lambda steps: None


class Experiment(Protocol):
    """A chapter's compute."""

    def run(self, params: Any, ctx: RunContext) -> Iterator[Step]:
        """Yield the steps of one run. Raises ExperimentError when the run cannot go on.

        The same params, inputs, seed and device give the same steps. With ``ctx.resume`` the first yielded step has
        the index of the checkpoint, and the following ones equal those of the run that the checkpoint came from.
        """
        ...
