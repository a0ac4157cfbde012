"""The open study's questions and boards, with a real study process."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from lab.scene import Points
from lab.studies.source import StudyProcess
from tests.lab.studies.small import SMALL
from ui.scene.model import SceneModel
from ui.studies.controller import StudyController

LONG = 60_000  # ms
CLOUD = Points(np.eye(3, dtype=np.float32))
Made = tuple[StudyController, SceneModel, list[Any]]


@pytest.fixture
def made(qtbot: QtBot) -> Iterator[Made]:
    scene = SceneModel()
    controller = StudyController(StudyProcess, scene)
    boards: list[Any] = []
    controller.boardReady.connect(boards.append)
    yield controller, scene, boards
    controller.shutdown()
    scene.shutdown()


def test_a_board_comes_for_what_was_asked(qtbot: QtBot, made: Made) -> None:
    controller, scene, boards = made
    scene.add("cloud", CLOUD)
    with qtbot.waitSignal(controller.answered, timeout=LONG) as answered:
        controller.open(SMALL, {"cloud": "cloud", "factor": 2.0})
    assert answered.args[0] is True
    assert boards[-1].figures["Factor"] == 2.0
    np.testing.assert_array_equal(boards[-1].results["moved"].verts, 2 * CLOUD.verts)


def test_while_a_question_is_open_only_the_newest_waits(qtbot: QtBot, made: Made) -> None:
    controller, _, boards = made
    controller.open(SMALL, {"factor": 1.0})
    for factor in np.linspace(1, 9, 50):
        controller.ask({"factor": float(factor)})
    qtbot.waitUntil(lambda: bool(boards) and boards[-1].figures["Factor"] == 9.0, timeout=LONG)
    assert len(boards) == 2


def test_an_action_is_not_lost_behind_newer_values(qtbot: QtBot, made: Made) -> None:
    controller, _, boards = made
    controller.open(SMALL, {})
    controller.ask({"factor": 2.0}, "reset")
    controller.ask({"factor": 3.0})
    qtbot.waitUntil(lambda: bool(boards) and boards[-1].figures["Factor"] == 3.0, timeout=LONG)
    assert boards[-1].values == {"factor": 1.0}


def test_a_better_board_is_interrupted_by_a_newer_question(qtbot: QtBot, made: Made) -> None:
    controller, _, boards = made
    controller.open(SMALL, {"behaviour": "refines"})
    qtbot.waitUntil(lambda: len(boards) == 1, timeout=LONG)
    controller.ask({"factor": 4.0})
    qtbot.waitUntil(lambda: boards[-1].figures["Factor"] == 4.0, timeout=LONG)
    assert not any(board.status.startswith("second") for board in boards)


def test_what_takes_long_tells_its_progress_and_can_be_cancelled(qtbot: QtBot, made: Made) -> None:
    controller, _, boards = made
    with qtbot.waitSignal(controller.progressed, timeout=LONG) as told:
        controller.open(SMALL, {"behaviour": "slow"})
    assert told.args[1] == "Thinking"
    assert controller.busy
    with qtbot.waitSignal(controller.answered, timeout=LONG) as answered:
        controller.cancel()
    assert answered.args[0] is False
    assert not controller.busy
    assert boards == []


def test_what_heeds_nobody_is_ended_and_the_next_question_works(qtbot: QtBot, made: Made) -> None:
    controller, _, boards = made
    controller.open(SMALL, {})
    qtbot.waitUntil(lambda: len(boards) == 1, timeout=LONG)
    controller.ask({"behaviour": "deaf"})
    with qtbot.waitSignal(controller.died, timeout=LONG):
        controller.cancel()
    controller.ask({"factor": 5.0})
    qtbot.waitUntil(lambda: boards[-1].figures["Factor"] == 5.0, timeout=LONG)


def test_a_killed_process_is_told_of_and_comes_back(qtbot: QtBot, made: Made) -> None:
    controller, _, boards = made
    controller.open(SMALL, {})
    qtbot.waitUntil(lambda: len(boards) == 1, timeout=LONG)
    pid = controller.source.pid
    assert pid is not None
    with qtbot.waitSignal(controller.died, timeout=LONG):
        os.kill(pid, signal.SIGKILL)
    controller.ask({"factor": 6.0})
    qtbot.waitUntil(lambda: boards[-1].figures["Factor"] == 6.0, timeout=LONG)
    assert controller.source.pid != pid


def test_an_object_that_changes_or_goes_is_noticed(qtbot: QtBot, made: Made) -> None:
    controller, scene, boards = made
    scene.add("cloud", CLOUD)
    controller.open(SMALL, {"cloud": "cloud"})
    qtbot.waitUntil(lambda: len(boards) == 1, timeout=LONG)
    scene.update("cloud", Points(3 * CLOUD.verts))
    qtbot.waitUntil(lambda: len(boards) == 2, timeout=LONG)
    np.testing.assert_array_equal(boards[-1].results["moved"].verts, 3 * CLOUD.verts)
    with qtbot.waitSignal(controller.needsInput, timeout=LONG) as needs:
        scene.remove("cloud")
    assert needs.args == ["Cloud"]


def test_what_another_study_was_asked_is_not_answered_to_this_one(qtbot: QtBot, made: Made) -> None:
    controller, _, boards = made
    other = replace(SMALL, title="Another")
    controller.open(SMALL, {"factor": 1.0, "behaviour": "refines"})
    controller.open(other, {"factor": 2.0})
    qtbot.waitUntil(lambda: bool(boards), timeout=LONG)
    assert [board.figures["Factor"] for board in boards] == [2.0]
    controller.close_study()
    assert not controller.busy


def test_a_study_that_fails_says_why(qtbot: QtBot, made: Made) -> None:
    controller, _, boards = made
    with qtbot.waitSignal(controller.refused, timeout=LONG) as refused:
        controller.open(SMALL, {"behaviour": "fails"})
    assert refused.args[0] == "The cloud cannot be moved: it is asleep. Wake it up."
    assert boards == []
