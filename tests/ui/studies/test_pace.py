"""The pace of questions: quick where boards cost the window little, calm where they cost much."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication

from ui.studies.pace import QUICKEST_MS, SLOWEST_MS, Pace


class Clock:
    """Seconds that the test lets pass."""

    def __init__(self) -> None:
        self.now = 5.0

    def __call__(self) -> float:
        return self.now

    def takes(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def paced(qapp):
    clock = Clock()
    return Pace(clock=clock), clock


def show(pace: Pace, clock: Clock, seconds: float) -> None:
    pace.watch(lambda: clock.takes(seconds))
    QApplication.processEvents()


def test_it_begins_quick_and_follows_what_the_window_needs(paced):
    pace, clock = paced
    assert pace.interval_ms == QUICKEST_MS
    show(pace, clock, 0.002)
    assert pace.interval_ms == QUICKEST_MS
    show(pace, clock, 0.010)
    assert pace.interval_ms == pytest.approx(30, abs=1)
    show(pace, clock, 0.2)
    assert pace.interval_ms == SLOWEST_MS


def test_it_forgets_slowly(paced):
    pace, clock = paced
    show(pace, clock, 0.012)
    seen = []
    for _ in range(12):
        show(pace, clock, 0.001)
        seen.append(pace.interval_ms)
    assert seen == sorted(seen, reverse=True)
    assert seen[0] > 25
    assert seen[-1] == QUICKEST_MS


def test_the_painting_that_follows_counts(paced, qtbot):
    pace, clock = paced
    pace.watch(lambda: None)
    clock.takes(0.012)  # what the event loop does before it comes back
    QApplication.processEvents()
    assert pace.interval_ms > 30


def test_it_tells_when_the_next_question_may_come(paced, qtbot):
    pace, _ = paced
    assert not pace.waiting
    with qtbot.waitSignal(pace.due, timeout=2000):
        pace.start()
        assert pace.waiting
    assert not pace.waiting
    pace.start()
    pace.stop()
    assert not pace.waiting


def test_a_board_is_there_just_before_the_view_is_ready_for_it(paced):
    pace, clock = paced
    pace.pictured(0.05)
    for _ in range(40):  # answers take 10 ms, as it learns
        pace.start()
        assert pace.wait_ms > SLOWEST_MS, "it waits for the next picture"
        clock.takes(0.010)
        pace.watch(lambda: None)
        clock.takes(0.030)
        pace.pictured(0.05)
    assert 30 <= pace.wait_ms <= 40  # 50 ms of drawing less 10 ms for the answer, and a little early
    pace.pictured(0.5)
    assert pace.wait_ms > 400


def test_quick_views_do_not_quicken_it(paced):
    pace, clock = paced
    pace.pictured(0.002)
    pace.start()
    clock.takes(0.004)
    pace.pictured(0.002)
    assert pace.wait_ms == QUICKEST_MS - 4


def test_without_pictures_questions_come_evenly_again(paced):
    pace, clock = paced
    pace.pictured(0.05)
    clock.takes(1.0)
    pace.start()
    assert pace.wait_ms == QUICKEST_MS
