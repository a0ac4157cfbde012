"""Runs in the worker process and in a thread: the same events, and what happens when the worker dies."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import psutil
import pytest

from lab.run.mailbox import Mailbox
from lab.run.messages import (
    Credit,
    Event,
    Failed,
    Finished,
    Frame,
    Keyframe,
    Metrics,
    Pause,
    Progress,
    Resume,
    RunRequest,
    StateChanged,
    StepOnce,
    Stop,
    WorkerDied,
    WorkerReady,
)
from lab.run.source import InProcessSource, Source, WorkerSource, run_headless
from lab.scene import Mesh
from tests.lab.run.quadratic import CHAPTER

LONG = 60.0  # seconds; a loaded machine takes its time to import torch


def request(
    run_id: int, resume: Any = None, keyframe_every: int = 5, paused: bool = False, **values: Any
) -> RunRequest:
    return RunRequest(run_id, CHAPTER.key, values, {}, keyframe_every=keyframe_every, resume=resume, paused=paused)


class Watch:
    """Iterates a source's events in a thread, as the window does."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.seen: list[Event] = []
        self._queue: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, daemon=True)
        source.start()
        self._thread.start()

    def _work(self) -> None:
        for event in self.source.events():
            self._queue.put(event)

    def until(self, kind: type, matches: Callable[[Any], bool] = lambda event: True) -> Any:
        """The next event of a kind that matches; the ones before it are in ``seen``, too."""
        end = time.monotonic() + LONG
        while True:
            event = self._queue.get(timeout=max(end - time.monotonic(), 0.01))
            self.seen.append(event)
            if isinstance(event, kind) and matches(event):
                return event

    def of(self, kind: type, run_id: int) -> list[Any]:
        return [event for event in self.seen if isinstance(event, kind) and event.run_id == run_id]

    def losses(self, run_id: int) -> dict[int, float]:
        parts = [zip(e.steps, e.columns["loss"], strict=True) for e in self.of(Metrics, run_id)]
        return {step: loss for part in parts for step, loss in part}

    def close(self) -> None:
        self.source.close()
        self._thread.join(10)
        assert not self._thread.is_alive()


@pytest.fixture(scope="module")
def worker() -> Iterator[Watch]:
    watch = Watch(WorkerSource())
    watch.until(WorkerReady)
    yield watch
    watch.close()


@pytest.fixture(scope="module", params=["worker", "thread"])
def either(request: pytest.FixtureRequest) -> Iterator[Watch]:
    if request.param == "worker":
        yield request.getfixturevalue("worker")
        return
    watch = Watch(InProcessSource(warm=False))
    watch.until(WorkerReady)
    yield watch
    watch.close()


RUN_IDS = iter(range(1, 1000))


def test_ready_says_what_is_there(worker: Watch) -> None:
    ready = next(event for event in worker.seen if isinstance(event, WorkerReady))
    assert {"python", "torch", "pytorch3d", "numpy", "numba"} <= set(ready.versions)
    assert ready.devices[0] == "cpu"
    assert ready.seconds > 0
    assert psutil.Process(worker.source.pid).ppid() == os.getpid()


def test_the_same_run_as_without_a_source(either: Watch) -> None:
    number = next(RUN_IDS)
    alone: list[Event] = []
    run_headless(request(number, steps=50), alone.append)
    either.source.send(request(number, steps=50))
    end = either.until(Finished)
    expected = {s: v for e in alone if isinstance(e, Metrics) for s, v in zip(e.steps, e.columns["loss"], strict=True)}
    assert either.losses(number) == expected
    assert end.reason == "done"
    last = alone[-1].outcome.entities["points"]
    assert end.outcome.entities["points"].verts.tobytes() == last.verts.tobytes()


def test_what_did_not_change_arrives_as_the_same_object(either: Watch) -> None:
    number = next(RUN_IDS)
    either.source.send(request(number, steps=30))
    either.until(Finished)
    meshes: list[Mesh] = [e.snapshot["points"] for e in either.of(Keyframe, number)]
    assert len(meshes) == 7
    assert all(mesh.faces is meshes[0].faces for mesh in meshes)
    assert not any(mesh.verts.flags.writeable for mesh in meshes)


def test_a_branch_is_the_same_run(either: Watch) -> None:
    first, second = next(RUN_IDS), next(RUN_IDS)
    either.source.send(request(first, steps=60))
    either.until(Finished)
    keyframe = next(e for e in either.of(Keyframe, first) if e.step == 25)
    either.source.send(request(second, steps=60, resume=keyframe.state))
    end = either.until(Finished)
    whole, branch = either.losses(first), either.losses(second)
    assert branch == {step: whole[step] for step in range(25, 61)}
    last = either.of(Keyframe, first)[-1]
    assert end.outcome.entities["points"].verts.tobytes() == last.snapshot["points"].verts.tobytes()


def test_thousands_of_steps_arrive_while_frames_are_dropped(either: Watch) -> None:
    number = next(RUN_IDS)
    either.source.send(request(number, steps=4000, keyframe_every=1000))
    frames = 0
    while not isinstance(event := either.until(Event), Finished):
        if isinstance(event, Frame):
            frames += 1
            either.source.send(Credit())
    assert sorted(either.losses(number)) == list(range(4001))
    assert 1 <= frames < 1000


def test_pause_step_and_stop_reach_a_run_at_work(either: Watch) -> None:
    number = next(RUN_IDS)
    either.source.send(request(number, steps=100_000, delay=0.002))
    either.until(Metrics)
    either.source.send(Pause())
    either.until(StateChanged, lambda e: e.state == "paused")
    time.sleep(0.1)
    either.source.send(StepOnce())
    held = either.until(Metrics).steps[-1]  # of this step, or of those that were made when it paused
    either.source.send(StepOnce())
    assert either.until(Metrics).steps == (held + 1,)
    either.source.send(Resume())
    either.until(Metrics)
    either.source.send(Stop())
    assert either.until(Finished).reason == "stopped"


def test_the_worker_outlives_a_failed_run(either: Watch) -> None:
    pid = either.source.pid
    for behaviour, words in (("fails", "have left the room"), ("fails strangely", "RuntimeError")):
        either.source.send(request(next(RUN_IDS), behaviour=behaviour))
        assert words in either.until(Failed).sentence
    either.source.send(request(next(RUN_IDS), steps=3))
    assert either.until(Finished).reason == "done"
    assert either.source.pid == pid


def test_kill_9_in_mid_run_and_the_next_run_works(worker: Watch) -> None:
    number, pid = next(RUN_IDS), worker.source.pid
    worker.source.send(request(number, steps=100_000, delay=0.002))
    worker.until(Metrics)
    killed = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    died = worker.until(WorkerDied)
    assert time.monotonic() - killed < 2.0
    assert died.run_id == number
    assert not died.final
    assert "killed by signal 9 (often: out of memory)" in died.sentence
    assert not psutil.pid_exists(pid)  # no zombie either
    worker.until(WorkerReady)
    assert worker.source.pid != pid
    worker.source.send(request(next(RUN_IDS), steps=3))
    assert worker.until(Finished).reason == "done"


def test_a_crash_names_its_signal_and_a_waiting_run_is_told(worker: Watch) -> None:
    first, second = next(RUN_IDS), next(RUN_IDS)
    worker.source.send(request(first, behaviour="dies", at=1))
    worker.until(Keyframe)
    worker.source.send(request(second))
    while not isinstance(event := worker.until(Finished | Failed | WorkerDied), WorkerDied):
        pass
    assert [e.sentence for e in worker.of(Failed, first)] == [event.sentence]
    assert event.run_id == second  # it waited behind the first
    assert "crashed by signal 11 (SIGSEGV)" in event.sentence
    worker.until(WorkerReady)


def test_stop_now_ends_a_step_that_never_returns(worker: Watch) -> None:
    number, pid = next(RUN_IDS), worker.source.pid
    worker.source.send(request(number, behaviour="hangs", at=1))
    worker.until(Keyframe, lambda e: e.run_id == number)
    worker.source.send(Stop())
    time.sleep(0.1)
    worker.source.stop_now()
    died = worker.until(WorkerDied)
    assert died.run_id == number
    assert died.sentence == "The process that computes was stopped by force."
    assert not psutil.pid_exists(pid)
    worker.until(WorkerReady)


def test_a_request_may_be_sent_before_the_worker_is_warm_or_even_there() -> None:
    source = WorkerSource()
    source.send(request(1, steps=2))
    watch = Watch(source)
    watch.until(WorkerReady)
    assert watch.until(Finished).reason == "done"
    watch.close()


def test_close_in_mid_step_leaves_no_process() -> None:
    before = set(psutil.Process().children(recursive=True))
    watch = Watch(WorkerSource(grace=0.5))
    watch.until(WorkerReady)
    watch.source.send(request(1, behaviour="hangs", at=1))
    watch.until(Keyframe)
    watch.close()
    watch.close()
    assert set(psutil.Process().children(recursive=True)) == before
    assert watch.source.pid is None


def test_close_while_the_worker_is_still_importing() -> None:
    source = WorkerSource(grace=0.2)
    watch = Watch(source)
    while source.pid is None:
        time.sleep(0.01)
    process = psutil.Process(source.pid)
    watch.close()
    assert not process.is_running()


def test_a_worker_that_cannot_live_is_not_started_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.run.source._MODULE", "tests.lab.run.dying_worker")
    watch = Watch(WorkerSource(max_deaths=3))
    deaths = [watch.until(WorkerDied) for _ in range(3)]
    assert [death.final for death in deaths] == [False, False, True]
    assert "with status 3: libmissing.so cannot be found." in deaths[0].sentence
    assert "Run tries once more" in deaths[2].sentence
    assert "a warning" in deaths[0].details
    assert watch.source.pid is None
    watch.source.start()  # the person tries again
    assert not watch.until(WorkerDied).final
    watch.close()


def test_a_worker_that_sends_rubbish_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.run.source._MODULE", "tests.lab.run.rubbish_worker")
    watch = Watch(WorkerSource(max_deaths=1))
    died = watch.until(WorkerDied)
    assert "cannot be read" in died.sentence
    assert "no_such_module" in died.details
    watch.close()


def test_the_worker_dies_with_its_parent() -> None:
    code = (
        "import sys, threading\nfrom lab.run.source import WorkerSource\nsource = WorkerSource()\nsource.start()\n"
        "for event in source.events():\n    sys.stdout.write(f'{source.pid}\\n')\n    sys.stdout.flush()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent.stdout:
        process = psutil.Process(int(parent.stdout.readline()))
    assert process.is_running()
    parent.kill()
    parent.wait()
    psutil.wait_procs([process], timeout=5)
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE  # of another parent, init


def test_a_thread_cannot_be_killed_but_its_run_ends() -> None:
    watch = Watch(InProcessSource(warm=False))
    watch.source.send(request(1, preparing=30))
    watch.until(Progress)
    watch.source.stop_now()
    assert watch.until(Finished).reason == "stopped"
    assert watch.source.pid == os.getpid()
    watch.close()


def test_a_headless_run_obeys_a_mailbox() -> None:
    mailbox = Mailbox()

    def watch(event: Event) -> None:
        if isinstance(event, Metrics) and event.steps[-1] > 10:
            mailbox.post(Stop())

    end = run_headless(request(1, steps=100_000, delay=0.001), watch, mailbox)
    assert isinstance(end, Finished)
    assert end.reason == "stopped"
    assert np.isfinite(end.outcome.entities["points"].verts).all()
