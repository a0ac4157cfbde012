"""The small parts of a run: mailbox, states, failures, warming up."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest

from lab.chapter import chapters, find
from lab.experiment import ExperimentError
from lab.params import ParamError
from lab.run import warmup
from lab.run.controls import Controls
from lab.run.failures import explain
from lab.run.mailbox import Mailbox
from lab.run.messages import Pause, Resume, RunRequest, SetValues, StepOnce, Stop
from lab.run.state import arrays, freeze, thaw
from tests.lab.run.quadratic import CHAPTER


def request(number: int) -> RunRequest:
    return RunRequest(number, "x", {}, {})


def test_a_mailbox_keeps_what_is_for_the_next_run() -> None:
    box = Mailbox()
    for command in (Pause(), request(1), Resume(), Stop(), request(2), StepOnce()):
        box.post(command)
    assert box.superseded
    assert box.poll() == [Pause()]
    assert box.poll() == []
    assert box.next_request().run_id == 1
    assert box.poll() == [Resume(), Stop()]
    assert box.next_request().run_id == 2
    assert not box.superseded
    assert box.poll() == [StepOnce()]


def test_what_was_left_by_an_ended_run_is_dropped() -> None:
    box = Mailbox()
    for command in (Stop(), Pause(), request(1)):
        box.post(command)
    assert box.next_request().run_id == 1
    assert box.poll() == []


def test_waiting_for_a_command() -> None:
    box = Mailbox()
    start = time.monotonic()
    box.wait(0.05)
    assert time.monotonic() - start >= 0.05
    threading.Timer(0.05, box.post, [Pause()]).start()
    box.wait(20)
    assert box.poll() == [Pause()]


def test_a_closed_mailbox_wakes_and_ends_everything() -> None:
    box = Mailbox()
    threading.Timer(0.05, box.close).start()
    assert box.next_request() is None
    box.post(request(1))
    assert box.superseded
    assert box.next_request() is None
    box.wait()  # returns


def test_controls() -> None:
    controls = Controls(5)
    controls.obey(StepOnce())
    assert controls.waiting
    controls.obey(StepOnce())
    assert not controls.waiting
    controls.obey(Pause())
    assert controls.waiting  # takes the allowed step back
    controls.obey(SetValues({"a": 1}))
    controls.obey(SetValues({"b": 2, "a": 3}))
    assert controls.values == {"a": 3, "b": 2}
    controls.stoppable = True
    controls.obey(Stop())
    assert (controls.stop, controls.cancel, controls.waiting) == (True, False, False)
    controls.obey(Stop())
    assert controls.cancel
    with pytest.raises(TypeError, match="not a command to a run at work"):
        controls.obey(request(1))


def test_freezing_a_state() -> None:
    owned, base = np.zeros(3), np.arange(4.0)
    state = freeze({"owned": owned, "view": base[:2], "deep": {"list": [np.ones(2), (1, "a", None)]}, "n": np.int8(3)})
    base[0] = 99
    assert state["owned"] is owned
    assert state["view"].tolist() == [0, 1]  # a copy: the memory belongs to somebody else
    assert state["deep"]["list"][1] == (1, "a", None)
    assert len(list(arrays(state))) == 3
    assert not any(array.flags.writeable for array in arrays(state))
    with pytest.raises(ValueError, match="read-only"):
        owned[0] = 1  # whoever goes on writing to what was handed over is told so
    thawed = thaw(state)
    thawed["deep"]["list"][0][0] = 7
    assert state["deep"]["list"][0][0] == 1


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"a": {"b": [0, object()]}}, r"state\['a'\]\['b'\]\[1\]: expected an array.* found builtins.object"),
        ({"a": np.array([None])}, r"state\['a'\]: expected an array of numbers"),
        ({"a": {1, 2}}, "found builtins.set"),
    ],
)
def test_a_state_of_other_things(state: dict[str, object], words: str) -> None:
    with pytest.raises(TypeError, match=words):
        freeze(state)


class OutOfMemoryError(RuntimeError):
    """Named as torch's own."""


@pytest.mark.parametrize(
    ("error", "step", "words"),
    [
        (ExperimentError("The target is empty. Choose another."), 3, "The target is empty. Choose another."),
        (ParamError("Steps: expected"), -1, "Steps: expected"),
        (MemoryError(), 3, "not enough memory"),
        (OutOfMemoryError("CUDA out of memory. Tried to allocate 20 GiB"), 3, "not enough memory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory"), 3, "not enough memory"),
        (ModuleNotFoundError("No module named 'numba'"), -1, "cannot be loaded: No module named 'numba'. './dl3d doc"),
        (ValueError(""), -1, "before its first step by an error that the activity does not expect (ValueError)."),
        (
            ZeroDivisionError("one\ntwo"),
            7,
            "after step 7 by an error that the activity does not expect (ZeroDivisionErr",
        ),
    ],
)
def test_failures_are_explained(error: Exception, step: int, words: str) -> None:
    sentence = explain(error, step)
    assert words in sentence
    assert sentence.endswith(".") or "expected" in sentence
    assert "\n" not in sentence


def test_chapters_are_found_by_key_or_by_place() -> None:
    assert find("mesh-fitting") is chapters()["mesh-fitting"].activities[0]
    assert find(CHAPTER.key) is CHAPTER
    for wrong in ("mesh", "os:system", "tests.lab.run.quadratic:NOTHING"):
        with pytest.raises(KeyError):
            find(wrong)


def test_compiled_code_goes_where_it_can_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    for variable in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        monkeypatch.setenv(variable, "1")
    with contextlib.ExitStack() as stack:
        warmup.prepare_environment(stack)
    assert "NUMBA_CACHE_DIR" not in os.environ  # beside the code itself

    package = Path(warmup.__file__).parent.parent
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != package)
    with contextlib.ExitStack() as stack:
        warmup.prepare_environment(stack)
        assert os.environ["NUMBA_CACHE_DIR"] == str(tmp_path / "dl3d-lab" / "numba")

    monkeypatch.delenv("NUMBA_CACHE_DIR")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with contextlib.ExitStack() as stack:
        warmup.prepare_environment(stack)
        scratch = Path(os.environ["NUMBA_CACHE_DIR"])
        assert scratch.is_dir()
        assert tmp_path not in scratch.parents
    assert not scratch.exists()
    assert os.environ["OMP_NUM_THREADS"] == "1"  # what the person set, stays


def test_the_person_may_choose_the_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "/somewhere")
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with contextlib.ExitStack() as stack:
        warmup.prepare_environment(stack)
    assert os.environ["NUMBA_CACHE_DIR"] == "/somewhere"


def test_a_chapter_that_cannot_be_prepared_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from dataclasses import replace

    warmed: list[str] = []
    module = type(sys)("warm_chapter")
    module.warm_up = lambda: warmed.append("warm")
    monkeypatch.setitem(sys.modules, "warm_chapter", module)
    broken = replace(CHAPTER, key="broken", experiment="no_such_module:X")
    warm = replace(CHAPTER, key="warm", experiment="warm_chapter:X")
    monkeypatch.setattr(
        warmup, "activities", lambda: MappingProxyType({"broken": broken, "plain": CHAPTER, "warm": warm})
    )
    assert warmup.warm_up()[0] == "cpu"
    assert warmed == ["warm"]
    assert "The activity broken could not be prepared" in caplog.text
    assert "no_such_module" in caplog.text


def test_the_window_and_the_command_line_need_no_torch() -> None:
    code = (
        "import sys\nimport lab.run.source, lab.run.recorder, lab.run.recording_file\n"
        "heavy = {'torch', 'pytorch3d', 'open3d', 'numba', 'scipy', 'PySide6'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
