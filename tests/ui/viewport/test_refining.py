"""Pictures in full quality of a field that trains: when the view rests, one after another."""

from __future__ import annotations

import pytest

from ui.viewport import refining
from ui.viewport.refining import Refiner


class Watched:
    def __init__(self, qapp: object) -> None:
        self.wanted = 0
        self.there = True
        self.refiner = Refiner(lambda: self.there)
        self.refiner.wanted.connect(self._count)

    def _count(self) -> None:
        self.wanted += 1


@pytest.fixture
def watched(qapp, monkeypatch):
    monkeypatch.setattr(refining, "_CALM_MS", 20)
    monkeypatch.setattr(refining, "_FOG_MS", 40)
    return Watched(qapp)


def test_changes_are_drawn_as_drafts_until_the_view_rests(qtbot, watched):
    watched.refiner.moved()
    assert not watched.refiner.takes()
    qtbot.waitUntil(lambda: watched.wanted == 1)
    assert watched.refiner.takes()


def test_one_full_picture_after_another_while_there_is_something_new(qtbot, watched):
    watched.refiner.begin()
    assert not watched.refiner.takes()
    qtbot.waitUntil(lambda: watched.wanted == 1)
    for _ in range(5):
        assert watched.refiner.takes()  # while it is drawn
    qtbot.wait(30)
    assert watched.wanted == 1
    watched.refiner.drew(0.001, 0.5)
    qtbot.waitUntil(lambda: watched.wanted == 2)
    watched.refiner.drew(0.001, 0.5)
    qtbot.wait(30)
    assert watched.wanted == 2  # nothing was new
    assert watched.refiner.takes()
    qtbot.waitUntil(lambda: watched.wanted == 3)


def test_a_move_and_the_end_of_a_run_stop_it(qtbot, watched):
    watched.refiner.begin()
    assert not watched.refiner.takes()
    qtbot.waitUntil(lambda: watched.wanted == 1)
    watched.refiner.takes()
    watched.refiner.end()
    watched.refiner.drew(0.001, 0.5)
    qtbot.wait(40)
    assert watched.wanted == 1
    assert not watched.refiner.takes()


def test_nothing_is_done_where_there_is_no_field(qtbot, watched):
    watched.there = False
    watched.refiner.begin()
    assert not watched.refiner.takes()
    qtbot.wait(80)
    assert watched.wanted == 0
    watched.there = True
    assert not watched.refiner.takes()  # the fog has begun
    qtbot.waitUntil(lambda: watched.wanted == 1)
