"""The thread between a source and the window."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from lab.run.messages import Finished, Metrics, RunRequest, WorkerDied, WorkerReady
from lab.run.source import InProcessSource
from tests.lab.run.quadratic import CHAPTER
from ui.runs.thread import RunThread


def test_every_event_arrives_in_order_on_the_ui_thread(qtbot: QtBot) -> None:
    source = InProcessSource(warm=False)
    thread = RunThread(source)
    seen: list[tuple[Any, bool]] = []
    thread.received.connect(lambda event: seen.append((event, QThread.currentThread() is thread.thread())))
    thread.start()
    source.start()
    source.send(RunRequest(1, CHAPTER.key, {"steps": 500}, {}))
    qtbot.waitUntil(lambda: any(isinstance(event, Finished) for event, _ in seen), timeout=20_000)
    assert isinstance(seen[0][0], WorkerReady)
    assert all(on_ui_thread for _, on_ui_thread in seen)
    assert [s for event, _ in seen if isinstance(event, Metrics) for s in event.steps] == list(range(501))
    source.close()
    assert thread.wait(5000)


class Broken(InProcessSource):
    def events(self) -> Iterator[Any]:
        raise RuntimeError("the line is down")
        yield


def test_a_source_that_breaks_does_not_seem_to_run_for_ever(qtbot: QtBot) -> None:
    thread = RunThread(Broken())
    seen: list[Any] = []
    thread.received.connect(seen.append)
    with qtbot.waitSignal(thread.received, timeout=5000):
        thread.start()
    assert isinstance(seen[0], WorkerDied)
    assert seen[0].final
    assert "RuntimeError: the line is down" in seen[0].sentence
    assert "Traceback" in seen[0].details
    assert thread.wait(5000)
    assert threading.current_thread() is threading.main_thread()
