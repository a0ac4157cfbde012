"""What the person wants of a run: the commands that came, as a state."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from lab.run.messages import Command, Credit, KeyframeEvery, Pause, Resume, SetValues, StepOnce, Stop


@dataclass
class Controls:
    """The wishes so far.

    steps_allowed: single steps that a paused run may still make. stoppable: a run has steps to leave out and results
    to keep; a Stop before and after that cancels at once. credit: a frame may be sent. values: not yet taken over.
    """

    keyframe_every: int
    paused: bool = False
    steps_allowed: int = 0
    stoppable: bool = False
    stop: bool = False
    cancel: bool = False
    credit: bool = True
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def waiting(self) -> bool:
        """The run is to stand still."""
        return self.paused and not self.steps_allowed and not self.stop

    def obey(self, command: Command) -> None:
        """Take one command."""
        match command:
            case Pause():
                self.paused, self.steps_allowed = True, 0
            case Resume():
                self.paused, self.steps_allowed = False, 0
            case StepOnce():
                self.steps_allowed += self.paused  # of a running one, the step it is making is the one
                self.paused = True
            case Stop():
                self.cancel = self.stop or not self.stoppable
                self.stop = True
            case SetValues(values):
                self.values |= values
            case Credit():
                self.credit = True
            case KeyframeEvery(steps):
                self.keyframe_every = steps
            case _:
                raise TypeError(f"not a command to a run at work: {command!r}")
