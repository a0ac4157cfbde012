"""Runs as the window sees them, with the real scene; some with the real worker."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from lab.params import ParamError
from lab.run.messages import Failed, Finished, Frame, Metrics
from lab.run.recorder import Header, Recording
from lab.run.recording_file import load, save
from lab.run.source import InProcessSource, WorkerSource
from lab.scene import Mesh, Points
from tests.lab.run.quadratic import CHAPTER, FACES
from ui.runs import pacing
from ui.runs.controller import RunController
from ui.scene.model import SceneModel

LONG = 60_000  # ms


class Log(QObject):
    """Everything that a controller said, in order."""

    def __init__(self, controller: RunController) -> None:
        super().__init__()
        self.said: list[tuple[Any, ...]] = []
        self.controller = controller
        for name in (
            *("stateChanged", "runStarted", "progress", "metrics", "frame", "keyframe", "noticed", "finished"),
            *("failed", "strideChanged", "scrubbed", "runRemoved", "workerReady", "workerDied"),
        ):
            getattr(controller, name).connect(lambda *values, name=name: self.said.append((name, *values)))

    def of(self, name: str) -> list[tuple[Any, ...]]:
        return [values for said, *values in self.said if said == name]

    def steps(self, run_id: int) -> list[int]:
        return [step for number, event in self.of("metrics") if number == run_id for step in event.steps]

    def endings(self) -> list[tuple[int, str]]:
        """(run, reason) of every end."""
        ends = [values for said, *values in self.said if said in ("finished", "failed")]
        return [(number, end.reason if isinstance(end, Finished) else "failed") for number, end in ends]


Made = tuple[RunController, SceneModel, Log]


@pytest.fixture
def make(qtbot: QtBot) -> Iterator[Callable[..., Made]]:
    made: list[RunController] = []

    def build(source: Any = None, *, ready: bool = True) -> Made:
        scene = SceneModel()
        controller = RunController(source or InProcessSource(warm=False), scene)
        made.append(controller)
        log = Log(controller)
        if ready:
            qtbot.waitUntil(lambda: controller.ready is not None, timeout=LONG)
        return controller, scene, log

    yield build
    for controller in made:
        controller.shutdown()
        controller.shutdown()


@pytest.fixture
def wait(qtbot: QtBot) -> Callable[[Callable[[], Any]], None]:
    return lambda condition: qtbot.waitUntil(lambda: bool(condition()), timeout=LONG)


Wait = Callable[[Callable[[], Any]], None]


def test_a_run_from_start_to_end(make: Callable[..., Made], wait: Wait) -> None:
    controller, scene, log = make(ready=False)
    assert controller.state == "starting"
    wait(lambda: controller.state == "idle")
    number = controller.run(CHAPTER, {"steps": 40, "evaluating": 0.05}, seed=3)
    assert controller.state == "starting"
    wait(lambda: controller.state == "idle")
    states = [state for (state,) in log.of("stateChanged")]
    assert states == ["idle", "starting", "preparing", "running", "evaluating", "idle"]
    assert log.of("runStarted") == [[number]]
    assert log.endings() == [(number, "done")]
    assert log.steps(number) == list(range(41))
    run = controller.current
    assert (run.run_id, run.label, run.state, run.seed, run.step) == (number, "Run 1", "done", 3, 40)
    assert run.values["steps"] == 40
    assert run.recording.header.label == "Run 1"
    assert run.recording.header.versions["numpy"] == np.__version__
    assert run.recording.ending == "done"
    assert run.recording.keyframe_steps == tuple(range(0, 41, 5))
    assert [step for _, step in log.of("keyframe")] == list(run.recording.keyframe_steps)
    assert controller.scene_paths(number) == {"points": "run 1/points"}
    shown = scene.entity("run 1/points")
    assert scene.entry("run 1/points").owner == "run"
    assert np.array_equal(shown.verts, run.recording.outcome.entities["points"].verts)
    assert "velocity" in shown.vectors
    assert controller.used == run.recording.nbytes > 0
    assert log.of("progress")


def test_frames_flow_while_they_are_taken(make: Callable[..., Made], wait: Wait) -> None:
    controller, scene, log = make()
    changes: list[str] = []
    scene.changed.connect(changes.append)
    controller.run(CHAPTER, {"steps": 300, "delay": 0.002})
    wait(lambda: len(log.of("frame")) > 4)
    steps = [frame.step for _, frame in log.of("frame")]
    assert steps == sorted(set(steps))
    assert len(changes) >= 3
    assert scene.entity("run 1/points") is log.of("frame")[-1][1].snapshot["points"]
    assert scene.entity("run 1/points").faces is FACES


class Display(QObject):
    shown = Signal(object)


def test_a_slow_display_sets_the_pace(
    make: Callable[..., Made], wait: Wait, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    controller, _, log = make()
    controller._pacing._timer.setInterval(LONG)
    display = Display()
    controller.pace_by(display.shown)
    controller.run(CHAPTER, {"steps": 100_000, "delay": 0.001})
    wait(lambda: log.of("frame"))
    qtbot.wait(200)
    assert len(log.of("frame")) == 1
    display.shown.emit(None)
    wait(lambda: len(log.of("frame")) == 2)
    controller._pacing._timer.setInterval(20)  # a display that is hidden draws nothing; then time decides
    display.shown.emit(None)
    wait(lambda: len(log.of("frame")) > 4)


def test_pause_step_resume_stop(make: Callable[..., Made], wait: Wait, qtbot: QtBot) -> None:
    controller, _, log = make()
    number = controller.run(CHAPTER, {"steps": 100_000, "delay": 0.001})
    wait(lambda: log.of("metrics"))
    controller.pause()
    wait(lambda: controller.state == "paused")
    held = controller.current.step
    qtbot.wait(100)
    assert controller.current.step == held
    controller.step()
    wait(lambda: controller.current.step == held + 1)
    qtbot.wait(50)
    assert controller.current.step == held + 1
    assert controller.state == "paused"
    controller.resume()
    wait(lambda: controller.state == "running" and controller.current.step > held + 1)
    controller.stop()
    wait(lambda: controller.state == "idle")
    assert log.endings() == [(number, "stopped")]
    assert controller.current.recording.outcome.figures["good"] is True
    assert log.steps(number) == list(range(controller.current.step + 1))
    assert controller.current.recording.keyframe_steps[-1] == controller.current.step


def test_buttons_without_a_run_do_nothing(make: Callable[..., Made]) -> None:
    controller, _, log = make()
    controller.pause()
    controller.resume()
    controller.step()
    controller.stop()
    controller.set_values({"rate": 0.5})
    assert controller.restart() is None
    assert controller.current is None
    assert not log.of("runStarted")
    assert log.of("stateChanged") == [["idle"]]


def test_run_pressed_while_the_worker_warms(make: Callable[..., Made], wait: Wait) -> None:
    controller, _, log = make(ready=False)
    controller.run(CHAPTER, {"steps": 5})
    assert controller.state == "starting"
    assert controller.current.state == "queued"
    controller.set_values({"steps": 7, "rate": 99})  # anything may still change; nonsense may not
    controller.pause()
    wait(lambda: controller.state == "paused")
    assert controller.current.values["steps"] == 7
    controller.resume()
    wait(lambda: controller.state == "idle")
    assert log.endings() == [(1, "done")]
    assert controller.current.step == 7


def test_quick_presses_of_run(make: Callable[..., Made], wait: Wait) -> None:
    controller, scene, log = make()
    controller.run(CHAPTER, {"steps": 100_000, "delay": 0.001})
    wait(lambda: log.of("metrics"))
    for _ in range(3):
        controller.run(CHAPTER, {"steps": 5})
    wait(lambda: controller.state == "idle")
    assert [number for (number,) in log.of("runStarted")] == [1, 2, 3, 4]
    assert sorted(log.endings()) == [(1, "stopped"), (2, "stopped"), (3, "stopped"), (4, "done")]
    assert log.endings()[-1] == (4, "done")
    assert controller.runs[1].recording.outcome.figures  # stopped in peace
    assert not log.steps(2)
    assert not scene.entry("run 1/points").style.visible
    assert scene.entry("run 4/points").style.visible


def test_stop_of_a_queued_run(make: Callable[..., Made]) -> None:
    controller, _, log = make(ready=False)
    controller.run(CHAPTER, {})
    controller.stop()
    assert log.endings() == [(1, "stopped")]
    assert controller.current.state == "stopped"


def test_restart_is_the_same_run(make: Callable[..., Made], wait: Wait) -> None:
    controller, _, log = make()
    controller.run(CHAPTER, {"steps": 30}, seed=11)
    wait(lambda: len(log.endings()) == 1)
    assert controller.restart() == 2
    wait(lambda: len(log.endings()) == 2)
    first, second = (controller.runs[number].recording for number in (1, 2))
    assert np.array_equal(first.metrics["loss"], second.metrics["loss"])
    assert first.metrics["loss"][0] != 0


def test_wrong_values_are_refused_before_anything_happens(make: Callable[..., Made]) -> None:
    controller, scene, log = make()
    with pytest.raises(ParamError, match="Steps: expected"):
        controller.run(CHAPTER, {"steps": 0})
    with pytest.raises(ParamError, match="no mesh or point cloud named 'cloud' in the scene"):
        controller.run(CHAPTER, {"target": "cloud"})
    needed = replace(CHAPTER, params=_needing())
    with pytest.raises(ParamError, match="Target: choose a mesh or point cloud"):
        controller.run(needed, {})
    assert not controller.runs
    assert not log.of("runStarted")
    assert not len(scene)


def _needing() -> type:
    from dataclasses import make_dataclass

    from lab.params import geometry

    return make_dataclass("Needing", [("target", str, geometry("Target", "x"))], frozen=True)


def test_the_target_comes_from_the_scene(make: Callable[..., Made], wait: Wait) -> None:
    controller, scene, log = make()
    cloud = Points(np.full((9, 3), 2, np.float32))
    path = scene.add("cloud", cloud)
    controller.run(CHAPTER, {"target": path, "steps": 300, "noise": 0.0})
    wait(log.endings)
    assert controller.current.inputs == {"target": cloud}
    assert np.allclose(scene.entity("run 1/points").verts, 2, atol=1e-3)


def test_live_values(make: Callable[..., Made], wait: Wait) -> None:
    controller, _, log = make()
    controller.run(CHAPTER, {"steps": 100_000, "delay": 0.001})
    wait(lambda: log.of("metrics"))
    controller.set_values({"rate": 0.5, "steps": 3})
    wait(lambda: log.of("noticed"))
    wait(lambda: controller.current.recording.metrics["rate"][-1] == 0.5)
    assert "Steps cannot change" in log.of("noticed")[0][1].text
    assert controller.current.recording.notices == [log.of("noticed")[0][1]]
    assert controller.current.values["rate"] == 0.5
    assert controller.current.values["steps"] == 100_000
    controller.restart()
    wait(lambda: controller.current.step > 2)
    assert controller.current.recording.metrics["rate"][0] == 0.5


def test_scrubbing_shows_the_keyframe_while_the_run_goes_on(
    make: Callable[..., Made], wait: Wait, qtbot: QtBot
) -> None:
    controller, scene, log = make()
    number = controller.run(CHAPTER, {"steps": 100_000, "delay": 0.001})
    wait(lambda: controller.current.step > 30)
    controller.scrub(number, 13)
    recording = controller.current.recording
    assert scene.entity("run 1/points") is recording.keyframe_at(10).snapshot["points"]
    assert log.of("scrubbed") == [[number, 10]]
    qtbot.wait(50)  # a frame that was on its way
    frames, step = len(log.of("frame")), controller.current.step
    wait(lambda: controller.current.step > step + 50)
    assert len(log.of("frame")) == frames  # nobody would see them
    assert scene.entity("run 1/points") is recording.keyframe_at(10).snapshot["points"]
    controller.scrub(number, None)
    assert log.of("scrubbed")[-1] == [number, None]
    assert scene.entity("run 1/points") is controller.current.latest["points"]
    wait(lambda: len(log.of("frame")) > frames + 2)
    controller.scrub(number, 5)
    controller.stop()
    wait(log.endings)
    assert scene.entity("run 1/points") is recording.keyframe_at(5).snapshot["points"]
    controller.scrub(number, None)
    assert np.array_equal(scene.entity("run 1/points").verts, recording.outcome.entities["points"].verts)


def test_a_branch_is_a_new_run_beside_the_first(make: Callable[..., Made], wait: Wait) -> None:
    controller, scene, log = make()
    cloud = Points(np.full((9, 3), 2, np.float32))
    controller.run(CHAPTER, {"steps": 40, "target": scene.add("cloud", cloud)}, seed=5)
    wait(lambda: len(log.endings()) == 1)
    scene.remove("cloud")  # the run remembers what it ran on
    assert controller.resume_from(1, 23) == 2
    wait(lambda: len(log.endings()) == 2)
    first, second = (controller.runs[number].recording for number in (1, 2))
    assert second.header.label == "Run 2 (from run 1, step 20)"
    assert second.steps.tolist() == list(range(20, 41))
    assert np.array_equal(second.metrics["loss"], first.metrics["loss"][20:])
    last = [recording.keyframes[-1].snapshot["points"].verts.tobytes() for recording in (first, second)]
    assert last[0] == last[1]
    controller.resume_from(1, 40, {"steps": 50, "rate": 0.3})
    wait(lambda: len(log.endings()) == 3)
    third = controller.runs[3]
    assert third.step == 50
    assert third.recording.metrics["rate"][-1] == 0.3
    assert third.values["target"] == "cloud"
    other = scene.add("other", Points(np.zeros((3, 3), np.float32)))
    controller.resume_from(1, 40, {"target": other, "steps": 60})
    assert controller.current.inputs["target"] is scene.entity(other)
    with pytest.raises(ParamError, match="Rate: expected"):
        controller.resume_from(1, 40, {"rate": -1})
    assert len(controller.runs) == 4


def test_a_failed_run_keeps_what_there_is(make: Callable[..., Made], wait: Wait) -> None:
    controller, scene, log = make()
    number = controller.run(CHAPTER, {"behaviour": "fails", "at": 12})
    wait(lambda: controller.state == "idle")
    failed = log.of("failed")[0][1]
    assert isinstance(failed, Failed)
    assert failed.step == 11
    assert controller.runs[number].recording.ending == "failed"
    assert log.steps(number) == list(range(12))
    assert "run 1/points" in scene


def test_the_person_may_remove_what_a_run_shows(make: Callable[..., Made], wait: Wait) -> None:
    controller, scene, log = make()
    controller.run(CHAPTER, {"steps": 100_000, "delay": 0.001})
    wait(lambda: "run 1/points" in scene)
    entry = scene.remove("run 1/points")
    frames = len(log.of("frame"))
    wait(lambda: len(log.of("frame")) > frames + 2)
    assert "run 1/points" not in scene
    scene.restore(entry)  # undo
    before = scene.entity("run 1/points")
    wait(lambda: scene.entity("run 1/points") is not before)


def test_a_name_that_is_taken(make: Callable[..., Made], wait: Wait) -> None:
    controller, scene, log = make()
    mine = Points(np.zeros((3, 3), np.float32))
    scene.add("run 1/points", mine)
    controller.run(CHAPTER, {"steps": 5})
    wait(log.endings)
    assert scene.entity("run 1/points") is mine
    assert isinstance(scene.entity("run 1/points 2"), Mesh)


def test_the_budget_is_for_all_runs(make: Callable[..., Made], wait: Wait) -> None:
    controller, _, log = make()
    for count in (1, 2):
        controller.run(CHAPTER, {"steps": 200})
        wait(lambda count=count: len(log.endings()) == count)
    used = controller.used
    controller.set_budget(used // 2)
    assert controller.used <= used // 2
    assert controller.budget == used // 2
    controller.run(CHAPTER, {"steps": 400})
    wait(lambda: len(log.endings()) == 3)
    assert controller.used <= used // 2
    strides = [stride for number, stride in log.of("strideChanged") if number == 3]
    assert strides
    assert controller.runs[3].recording.stride == strides[-1]
    with pytest.raises(ValueError, match="has not ended"):
        controller.remove(controller.run(CHAPTER, {"steps": 100_000, "delay": 0.01}))
    controller.remove(1)
    assert list(controller.runs) == [2, 3, 4]
    assert log.of("runRemoved") == [[1]]


def test_a_recording_opens_as_a_run_that_can_go_on(make: Callable[..., Made], wait: Wait, tmp_path: Path) -> None:
    controller, scene, log = make()
    scene.add("cloud", Points(np.full((9, 3), 2, np.float32)))
    controller.run(CHAPTER, {"steps": 20, "target": "cloud"})
    wait(log.endings)
    save(tmp_path / "fit.dl3d", controller.current.recording)
    other, other_scene, other_log = make()
    number = other.adopt(load(tmp_path / "fit.dl3d"), "fit.dl3d")
    run = other.runs[number]
    assert (run.label, run.state, run.step) == ("Run 1 (fit.dl3d)", "loaded", 20)
    assert other_scene.paths() == ("cloud", "run 1/points")
    assert np.array_equal(other_scene.entity("run 1/points").verts, scene.entity("run 1/points").verts)
    other.scrub(number, 10)
    assert other_log.of("scrubbed") == [[number, 10]]
    assert run.activity is None  # not registered: it cannot be imported by a name in a file
    with pytest.raises(ParamError, match="this program does not have its activity"):
        other.resume_from(number, 10)
    empty = other.adopt(Recording(Header("mesh-fitting", {})), "empty.dl3d")
    assert other.runs[empty].activity.key == "mesh-fitting"


# --- with the real worker ---------------------------------------------------------------------------------------------


def test_kill_9_in_mid_run(make: Callable[..., Made], wait: Wait) -> None:
    controller, scene, log = make(WorkerSource())
    number = controller.run(CHAPTER, {"steps": 100_000, "delay": 0.002})
    wait(lambda: controller.current.step > 20)
    pid = controller._source.pid
    killed = time.monotonic()
    os.kill(pid, signal.SIGKILL)
    wait(lambda: log.of("workerDied"))
    assert time.monotonic() - killed < 2.0
    died = log.of("workerDied")[0][0]
    assert "signal 9" in died.sentence
    assert log.endings() == [(number, "failed")]
    assert log.of("failed")[0][1].sentence == died.sentence
    run = controller.current
    assert run.recording.steps.tolist() == list(range(run.step + 1))
    assert len(run.recording.keyframes) >= 4
    assert "run 1/points" in scene
    assert controller.state == "starting"
    controller.resume_from(number, 10, {"steps": 100_001})  # at once, from before the death
    wait(lambda: controller.current.step > 12)
    assert controller.current.recording.steps[0] == 10
    assert controller._source.pid != pid


def test_stop_is_cooperative_first_and_forced_after_a_grace(
    make: Callable[..., Made], wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "GRACE_MS", 400)
    controller, _, log = make(WorkerSource())
    pid = controller._source.pid
    controller.run(CHAPTER, {"behaviour": "hangs", "at": 3})
    wait(lambda: controller.current.step >= 0)
    controller.stop()
    wait(log.endings)
    assert log.endings() == [(1, "stopped")]
    assert not log.of("workerDied")  # it was meant
    assert not psutil.pid_exists(pid)
    controller.run(CHAPTER, {"steps": 60, "evaluating": 1.0})
    wait(lambda: controller.state == "evaluating")
    pid = controller._source.pid
    controller.run(CHAPTER, {"steps": 100_000, "delay": 0.001, "evaluating": 1.0})  # it may finish its evaluation
    wait(lambda: controller.runs[3].step > 3)
    controller.run(CHAPTER, {"steps": 5})  # the evaluation takes longer than the grace, but reports
    wait(lambda: len(log.endings()) == 4)
    assert [number for number, _ in log.endings()] == [1, 2, 3, 4]
    assert log.endings()[1][1] == log.endings()[3][1] == "done"
    assert controller.runs[3].recording.outcome.figures
    assert controller._source.pid == pid


def test_a_third_press_of_stop_does_not_wait(
    make: Callable[..., Made], wait: Wait, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pacing, "FORCE_MS", 10 * LONG)
    controller, _, log = make(WorkerSource())
    controller.run(CHAPTER, {"behaviour": "hangs", "at": 1})
    wait(lambda: controller.current.recording.keyframe_steps)
    for _ in range(3):
        controller.stop()
    wait(log.endings)
    assert log.endings() == [(1, "stopped")]
    controller.run(CHAPTER, {"steps": 3})
    assert controller.state == "starting"
    wait(lambda: len(log.endings()) == 2)
    assert log.endings()[1] == (2, "done")


def test_a_worker_that_does_not_come_up(make: Callable[..., Made], wait: Wait, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.run.source._MODULE", "tests.lab.run.dying_worker")
    controller, _, log = make(WorkerSource(max_deaths=2), ready=False)
    controller.run(CHAPTER, {})
    wait(lambda: log.of("failed"))
    assert "libmissing.so cannot be found" in log.of("failed")[0][1].sentence
    assert controller.state == "idle"  # Run is there to be pressed again
    monkeypatch.undo()
    controller.run(CHAPTER, {"steps": 3})
    wait(lambda: len(log.endings()) == 2)
    assert log.endings()[1] == (2, "done")


def test_shutdown_in_mid_run_leaves_no_process(make: Callable[..., Made], wait: Wait) -> None:
    before = set(psutil.Process().children(recursive=True))
    controller, _, log = make(WorkerSource())
    controller.run(CHAPTER, {"steps": 100_000, "delay": 0.005})
    wait(lambda: log.of("metrics"))
    controller.shutdown()
    assert set(psutil.Process().children(recursive=True)) == before


def test_the_ui_thread_does_next_to_nothing(make: Callable[..., Made], wait: Wait) -> None:
    """Of the time of a run with quick steps and many keyframes, its slots take a small part."""
    controller, _, log = make(WorkerSource())
    spent: list[float] = []
    receive = controller._receive

    def timed(event: Any) -> None:
        start = time.perf_counter()
        receive(event)
        spent.append(time.perf_counter() - start)

    controller._thread.received.disconnect(controller._receive)
    controller._receive = timed
    controller._thread.received.connect(timed)
    start = time.perf_counter()
    controller.run(CHAPTER, {"steps": 2000, "delay": 0.0005})
    wait(log.endings)
    assert sum(spent) < 0.5 * (time.perf_counter() - start)
    assert any(isinstance(values[1], Frame) for values in log.of("frame"))
    assert any(isinstance(values[1], Metrics) for values in log.of("metrics"))
