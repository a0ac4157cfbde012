"""The study process's work: the newest question counts, boards come as they are made, and nothing ends it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from lab.scene import Points
from lab.studies.messages import Answer, Answered, Ask, Cancel, StudyEvent
from lab.studies.service import Questions, serve
from tests.lab.studies.small import SMALL

KEY = SMALL.key
CLOUD = Points(np.eye(3, dtype=np.float32))


def ask(number: int, action: str = "", inputs: dict[str, Any] | None = None, **values: Any) -> Ask:
    return Ask(number, KEY, values, inputs or {}, action=action)


def served(*asks: Ask, then: Callable[[StudyEvent, Questions], None] = lambda event, questions: None) -> list[Any]:
    """The events of questions that are put one after another; ``then`` may put more."""
    questions = Questions()
    events: list[StudyEvent] = []
    waiting = list(asks[1:])

    def emit(event: StudyEvent) -> None:
        events.append(event)
        then(event, questions)
        if isinstance(event, Answered):
            if waiting:
                questions.post(waiting.pop(0))
            elif not questions.superseded():
                questions.close()

    questions.post(asks[0])
    thread = threading.Thread(target=serve, args=(questions, emit), daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()
    return events


def boards(events: list[Any]) -> list[tuple[int, str]]:
    return [(event.number, event.board.status) for event in events if isinstance(event, Answer)]


def test_a_question_is_answered_and_finished() -> None:
    answer, done = served(ask(1, factor=2.0, cloud="c", inputs={"cloud": CLOUD}))
    np.testing.assert_array_equal(answer.board.panes["view"].entities["cloud"].verts, 2 * CLOUD.verts)
    assert (done.number, done.complete, done.sentence) == (1, True, "")


def test_the_study_is_kept_and_told_what_changed() -> None:
    events = served(
        ask(1, factor=2.0), ask(2, factor=3.0), ask(3, factor=3.0, cloud="c", inputs={"cloud": CLOUD}), ask(4, "reset")
    )
    statuses = [status for _, status in boards(events)]
    assert statuses[0] == "first, changed behaviour, cloud, factor, others, action none"
    assert statuses[1] == "first, changed factor, action none"
    assert statuses[2] == "first, changed cloud, action none"
    assert statuses[3].endswith("action reset")
    assert [event.board.figures["Questions"] for event in events if isinstance(event, Answer)] == [1, 2, 3, 4]


def test_a_newer_question_interrupts_a_refinement_after_its_first_board() -> None:
    def then(event: StudyEvent, questions: Questions) -> None:
        if isinstance(event, Answer) and event.number == 1:
            questions.post(ask(2, factor=5.0))

    events = served(ask(1, behaviour="refines"), then=then)
    assert [number for number, _ in boards(events)] == [1, 2]
    assert [(e.number, e.complete) for e in events if isinstance(e, Answered)] == [(1, False), (2, True)]


def test_the_way_to_the_first_board_is_not_interrupted_but_can_be_cancelled() -> None:
    told: list[int] = []

    def then(event: StudyEvent, questions: Questions) -> None:
        if not isinstance(event, Answer | Answered) and not told:
            told.append(1)
            questions.post(Cancel(1))

    (*_, done) = served(ask(1, behaviour="slow"), then=then)
    assert (done.number, done.complete, done.sentence) == (1, False, "")


def test_only_the_newest_question_waits_and_keeps_an_action_that_was_not_carried_out() -> None:
    questions = Questions()
    questions.post(ask(1, "reset"))
    questions.post(ask(2, factor=4.0))
    newest = questions.next()
    assert newest is not None
    assert (newest.number, newest.action, newest.values) == (2, "reset", {"factor": 4.0})
    questions.post(ask(3))
    questions.post(Cancel(3))
    assert not questions.superseded()


@pytest.mark.parametrize(
    ("behaviour", "sentence"),
    [
        ("fails", "The cloud cannot be moved: it is asleep. Wake it up."),
        ("fails strangely", "does not expect (ZeroDivisionError: by nothing)"),
        ("out of memory", "There was not enough memory"),
    ],
)
def test_a_study_that_fails_is_told_in_a_sentence_and_goes_on(behaviour: str, sentence: str) -> None:
    events = served(ask(1, behaviour=behaviour), ask(2))
    failed = events[0]
    assert isinstance(failed, Answered)
    assert sentence in failed.sentence
    assert "Traceback" in failed.details
    assert boards(events)[0][0] == 2


@pytest.mark.parametrize(
    ("values", "inputs", "sentence"),
    [
        ({"factor": 11.0}, {}, "Factor: expected a value from 0 to 10"),
        ({"nonsense": 1}, {}, "unknown parameter 'nonsense'"),
        ({"cloud": "gone"}, {}, "there is no mesh or point cloud named 'gone'"),
        ({"others": ("a", "b")}, {"others": (CLOUD,)}, "not all of the chosen objects"),
    ],
)
def test_wrong_values_are_told(values: dict[str, Any], inputs: dict[str, Any], sentence: str) -> None:
    (failed,) = served(Ask(1, KEY, values, inputs))
    assert sentence in failed.sentence
