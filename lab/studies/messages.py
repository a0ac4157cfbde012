"""What the two sides of a study say to each other. Plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lab.scene import Input
from lab.study import Board

# --- to the study process -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ask:
    """A question: the study's boards for these values. A newer one takes the place of an older one.

    number: counts up. activity: its key. inputs: the geometry parameters, resolved, by name. action: a pressed button.
    """

    number: int
    activity: str
    values: Mapping[str, Any]
    inputs: Mapping[str, Input | tuple[Input, ...]] = field(default_factory=dict)
    seed: int = 0
    action: str = ""


@dataclass(frozen=True)
class Cancel:
    """The person does not want to wait for the answer to a question any more."""

    number: int


# --- and back -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """A board; better ones may follow. seconds: since the question was taken up."""

    number: int
    board: Board
    seconds: float


@dataclass(frozen=True)
class Progressed:
    """fraction in [0, 1] or None, and what is being done."""

    number: int
    fraction: float | None
    text: str


@dataclass(frozen=True)
class Answered:
    """Nothing more comes for this question. complete: it was not interrupted. sentence: why there is no answer."""

    number: int
    complete: bool
    seconds: float
    sentence: str = ""
    details: str = ""


@dataclass(frozen=True)
class StudyDied:
    """The process ended; the next question starts another one. number: the question that it was at, or None."""

    number: int | None
    sentence: str
    details: str


StudyEvent = Answer | Progressed | Answered | StudyDied
