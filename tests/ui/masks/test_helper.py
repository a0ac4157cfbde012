"""The photo's process, seen from the window."""

from __future__ import annotations

import os
import signal

import pytest
from PySide6.QtCore import QObject

from tests.lab.photo.photo_help import disc, orange_on_grey, save
from ui.masks.helper import MaskHelper


@pytest.fixture
def photo(tmp_path):
    return str(save(tmp_path / "cup.png", orange_on_grey(disc())))


def test_it_goes_with_its_window(qtbot, photo):
    window = QObject()
    helper = MaskHelper(window)
    with qtbot.waitSignal(helper.opened, timeout=20_000):
        helper.open(photo, "", "")
    process = helper._process
    window.deleteLater()
    qtbot.waitUntil(lambda: not process._thread.is_alive(), timeout=20_000)


def test_a_death_is_told_and_nothing_is_awaited_any_more(qtbot, photo):
    helper = MaskHelper()
    busy = []
    helper.busyChanged.connect(busy.append)
    with qtbot.waitSignal(helper.opened, timeout=20_000):
        helper.open(photo, "", "")
    assert busy == [True, False]
    helper.background(12.0)
    with qtbot.waitSignal(helper.died, timeout=20_000) as died:
        os.kill(helper.pid, signal.SIGKILL)
    assert "ended by the system" in died.args[0]
    assert not helper.busy
    helper.close()


def test_a_refusal_is_told_and_the_next_question_is_answered(qtbot, photo, tmp_path):
    helper = MaskHelper()
    with qtbot.waitSignal(helper.refused, timeout=20_000):
        helper.background(12.0)  # of no photo
    assert not helper.busy
    with qtbot.waitSignal(helper.opened, timeout=20_000):
        helper.open(photo, "", "")
    with qtbot.waitSignal(helper.found, timeout=20_000) as found:
        helper.flood(30, 40, 5.0)
    assert found.args[0].region.sum() == disc().sum()
    helper.close()
