"""The study process for real: started by the first question, killed, started again."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import psutil
import pytest

from lab.scene import Points
from lab.studies.messages import Answer, Answered, Ask, Progressed, StudyDied
from lab.studies.source import StudyProcess, StudySource, StudyThread
from tests.lab.studies.small import SMALL

LONG = 60.0  # seconds

Events = queue.SimpleQueue[Any]


def wait_for(events: Events, wanted: Callable[[Any], bool]) -> Any:
    while not wanted(event := events.get(timeout=LONG)):
        pass
    return event


def ask(number: int, **values: Any) -> Ask:
    return Ask(number, SMALL.key, values)


@pytest.fixture(params=[StudyProcess, StudyThread])
def anywhere(request: pytest.FixtureRequest) -> Iterator[tuple[StudySource, Events]]:
    events: Events = queue.SimpleQueue()
    source = request.param(events.put)
    yield source, events
    source.close()


@pytest.fixture
def process() -> Iterator[tuple[StudyProcess, Events]]:
    events: Events = queue.SimpleQueue()
    source = StudyProcess(events.put)
    yield source, events
    source.close()


def test_questions_are_answered_in_both_places(anywhere: tuple[StudySource, Events]) -> None:
    source, events = anywhere
    source.ask(ask(1, factor=3.0))
    assert wait_for(events, lambda e: isinstance(e, Answer)).board.figures["Factor"] == 3.0
    assert wait_for(events, lambda e: isinstance(e, Answered)).complete
    source.ask(ask(2, behaviour="slow"))
    wait_for(events, lambda e: isinstance(e, Progressed))
    source.cancel(2)
    assert not wait_for(events, lambda e: isinstance(e, Answered)).complete


def test_an_object_that_is_sent_again_is_the_same_to_the_study(process: tuple[StudyProcess, Events]) -> None:
    source, events = process
    cloud = Points(np.random.default_rng(0).standard_normal((500, 3)).astype(np.float32))
    other = Points(cloud.verts, origin=np.array([0, 0, 1.0]))
    values = {"cloud": "c", "others": ("a", "b")}
    told = []
    for number, (one, two) in enumerate([(cloud, cloud), (cloud, cloud), (cloud, other), (other, other)]):
        source.ask(Ask(number, SMALL.key, values, {"cloud": one, "others": (cloud, two)}))
        told.append(wait_for(events, lambda e: isinstance(e, Answer)).board.status)
        wait_for(events, lambda e: isinstance(e, Answered))
    assert [status.partition(", action")[0] for status in told[1:]] == [
        "first, changed ",
        "first, changed others",
        "first, changed cloud",
    ]


def test_a_process_that_dies_is_told_of_and_the_next_question_starts_another(
    process: tuple[StudyProcess, Events],
) -> None:
    source, events = process
    assert source.pid is None
    source.ask(ask(1, behaviour="dies"))
    died = wait_for(events, lambda e: isinstance(e, StudyDied))
    assert died.number == 1
    assert "memory ran out" in died.sentence
    source.ask(ask(2))
    assert wait_for(events, lambda e: isinstance(e, Answer)).number == 2


def test_a_study_that_heeds_nobody_is_ended_by_force(process: tuple[StudyProcess, Events]) -> None:
    source, events = process
    source.ask(ask(1))
    wait_for(events, lambda e: isinstance(e, Answered))
    source.ask(ask(2, behaviour="deaf"))
    source.cancel(2)
    source.stop_now()
    assert "was stopped" in wait_for(events, lambda e: isinstance(e, StudyDied)).sentence


def test_closing_leaves_no_process(process: tuple[StudyProcess, Events]) -> None:
    source, events = process
    source.ask(ask(1))
    wait_for(events, lambda e: isinstance(e, Answered))
    pid = source.pid
    assert pid is not None
    source.close()
    assert not psutil.pid_exists(pid)
    source.ask(ask(2))  # too late: nothing happens
    assert source.pid is None
