"""What the two sides of a run say to each other. Plain data; the same messages in process and between processes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from lab.experiment import Notice, Outcome, State
from lab.scene import Geometry, Snapshot

# --- commands: from whoever watches to the run --------------------------------------------------------------------


@dataclass(frozen=True)
class RunRequest:
    """Start a run of an activity. values: its parameters; inputs: the geometry behind them, by parameter name.

    keyframe_every: a keyframe at each step divisible by it, at the first and at the last one; 0 for none at all.
    resume: a checkpoint to go on from. paused: stop before the first update.
    """

    run_id: int
    activity: str
    values: Mapping[str, Any]
    inputs: Mapping[str, Geometry]
    seed: int = 0
    device: str = "cpu"
    keyframe_every: int = 5
    resume: State | None = None
    paused: bool = False


@dataclass(frozen=True)
class Pause:
    pass


@dataclass(frozen=True)
class Resume:
    pass


@dataclass(frozen=True)
class StepOnce:
    """One more step of a paused run."""


@dataclass(frozen=True)
class Stop:
    """End the run at the next step boundary, evaluate and keep what there is. A second one skips the evaluation."""


@dataclass(frozen=True)
class SetValues:
    """New values of live parameters, taken at the next step boundary."""

    values: Mapping[str, Any]


@dataclass(frozen=True)
class Credit:
    """The last frame was taken: the next one may come."""


@dataclass(frozen=True)
class KeyframeEvery:
    """The recorder thinned its keyframes: from now on only the steps divisible by this."""

    steps: int


Command = RunRequest | Pause | Resume | StepOnce | Stop | SetValues | Credit | KeyframeEvery

# --- events: from the run to whoever watches ----------------------------------------------------------------------


@dataclass(frozen=True)
class WorkerReady:
    """The worker is warm. versions: package -> version; devices: such as ("cpu", "cuda")."""

    versions: Mapping[str, str]
    devices: tuple[str, ...]
    seconds: float


@dataclass(frozen=True)
class Progress:
    """Preparation or evaluation goes on; fraction in [0, 1], or None when unknown."""

    run_id: int
    fraction: float | None
    text: str


@dataclass(frozen=True)
class Metrics:
    """Finished steps since the last such event; never dropped. columns: name -> one number a step (NaN if absent).

    seconds: when each step was finished, on the run's own clock: from its first step on, without the pauses.
    """

    run_id: int
    steps: tuple[int, ...]
    seconds: tuple[float, ...]
    columns: Mapping[str, tuple[float, ...]]


@dataclass(frozen=True)
class Frame:
    """The newest snapshot, for the display; sent only with credit."""

    run_id: int
    step: int
    snapshot: Snapshot


@dataclass(frozen=True)
class Keyframe:
    """A snapshot with its checkpoint, for the recorder; never dropped. values: the parameters from this step on.

    It comes a second time, with the new values, when these change while the run is paused at the step.
    """

    run_id: int
    step: int
    snapshot: Snapshot
    state: State
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Noticed:
    run_id: int
    notice: Notice


@dataclass(frozen=True)
class Planned:
    """The run will make so many steps, whatever its parameters say."""

    run_id: int
    steps: int


@dataclass(frozen=True)
class StateChanged:
    """The run is now preparing, running, paused or evaluating."""

    run_id: int
    state: Literal["preparing", "running", "paused", "evaluating"]


@dataclass(frozen=True)
class Finished:
    """The run ended well. reason: all steps were made, the person stopped it, or the experiment ended it early."""

    run_id: int
    reason: Literal["done", "stopped", "early"]
    outcome: Outcome = field(default_factory=Outcome)


@dataclass(frozen=True)
class Failed:
    """The run ended badly; sentence is for a person, details is the traceback."""

    run_id: int
    step: int
    sentence: str
    details: str


@dataclass(frozen=True)
class WorkerDied:
    """The worker process is gone. run_id: the run it took along, or None.

    A new one starts by itself, unless this is final: too many died in a short time.
    """

    run_id: int | None
    sentence: str
    details: str
    final: bool = False


Event = (
    WorkerReady
    | Progress
    | Metrics
    | Frame
    | Keyframe
    | Noticed
    | Planned
    | StateChanged
    | Finished
    | Failed
    | WorkerDied
)
