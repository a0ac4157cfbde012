"""Whoever keeps the UI thread is named."""

from __future__ import annotations

import time

import pytest
from PySide6.QtCore import QTimer

from ui.probe.blame import Blame
from ui.probe.meters import spin


def lingering_work() -> None:
    begin = time.thread_time()
    while time.thread_time() - begin < 0.2:
        pass


def long_sleep() -> None:
    time.sleep(0.2)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize(("culprit", "state"), [(lingering_work, "at work"), (long_sleep, "waits")])
def test_what_kept_the_thread_is_named_with_what_the_person_did(culprit, state) -> None:
    blame = Blame()
    blame.doing = "the test"
    QTimer.singleShot(40, culprit)
    spin(0.4)
    blame.stop()
    mine = [found for found in blame.stacks() if any(f" {culprit.__name__}" in frame for frame in found[0])]
    stack, total, most, doing = next(found for found in mine if found[0][0].startswith(state))
    assert stack[1].startswith("tests/ui/probe/test_blame.py:")
    assert 0 < most <= total
    assert sum(total for _, total, _, _ in mine) > 100, "of the 200 ms all but the first 16"
    assert doing == "the test"
    assert any(culprit.__name__ in line for line in blame.lines())
