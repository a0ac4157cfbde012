"""Jobs in real processes: results, progress, cancelling, and deaths."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from lab.examples import example_path
from lab.formats import write
from lab.geometry import stats
from lab.jobs import FUNCTIONS, Job, load_job, save_job, stats_job
from lab.scene import Mesh, Points

TIMEOUT = 60.0


class Witness:
    """Takes down what a job says, and can do something at its first progress."""

    def __init__(self, at_first_progress: Any = None) -> None:
        self.said: list[tuple[Any, ...]] = []
        self.threads: set[int] = set()
        self.job: Job | None = None
        self.started = threading.Event()
        self._at_first_progress = at_first_progress

    def callbacks(self) -> dict[str, Any]:
        return {"on_progress": self._on_progress, "on_done": self._say("done"), "on_failed": self._say("failed")}

    def _say(self, what: str) -> Any:
        return lambda *words: (self.threads.add(threading.get_ident()), self.said.append((what, *words)))

    def _on_progress(self, fraction: float, text: str) -> None:
        self._say("progress")(fraction, text)
        if self._at_first_progress is not None:
            self.started.wait(TIMEOUT)
            action, self._at_first_progress = self._at_first_progress, None
            action(self.job)

    def follow(self, job: Job) -> list[tuple[Any, ...]]:
        self.job = job
        self.started.set()
        assert job.wait(TIMEOUT)
        assert not job.running
        assert job.pid is None or not psutil.pid_exists(job.pid)
        return self.said


@pytest.fixture
def big(tmp_path: Path) -> Path:
    """A file that takes a while: 400,000 triangles in text."""
    verts = np.random.default_rng(0).random((200_000, 3), np.float32)
    faces = np.arange(1_200_000).reshape(-1, 3) % 200_000
    write(tmp_path / "big.obj", Mesh(verts, faces))
    return tmp_path / "big.obj"


def test_loading_gives_the_model_and_its_figures():
    witness = Witness()
    said = witness.follow(load_job(example_path("spot"), **witness.callbacks(), scale=2.0, up="z"))
    kind, (loaded, figures) = said[-1]
    assert kind == "done"
    assert loaded.name == "spot"
    assert not loaded.entity.faces.flags.writeable
    assert (figures.faces, figures.watertight) == (5856, True)
    assert figures.bounds_upper[1] == np.float32(2 * 1.049)  # z of the file is up, and twice as large
    assert [entry[0] for entry in said].count("done") == 1
    assert 0 <= said[0][1] <= 1
    assert witness.threads == {ident for ident in witness.threads if ident != threading.get_ident()}


def test_saving_and_measuring(tmp_path):
    points = Points(np.random.default_rng(0).random((1000, 3)), scalars={"a": np.arange(1000)})
    witness = Witness()
    assert witness.follow(save_job(tmp_path / "a.off", points, **witness.callbacks()))[-1] == (
        "done",
        ("scalar fields",),
    )
    assert os.listdir(tmp_path) == ["a.off"]
    results: list[Any] = []
    stats_job(points, on_done=results.append, on_failed=lambda *words: results.append(words)).wait(TIMEOUT)
    assert results[0].nbytes == stats(points).nbytes


def test_failures_are_sentences(tmp_path):
    (tmp_path / "bad.ply").write_text("ply\nformat ascii 1.0\nelement vertex 9\nproperty float x\nend_header\n1\n")
    witness = Witness()
    kind, sentence, details = witness.follow(load_job(tmp_path / "bad.ply", **witness.callbacks()))[-1]
    assert kind == "failed"
    assert sentence.startswith("bad.ply, element “vertex”: the header declares 9")
    assert "Traceback" in details
    witness = Witness()
    job = save_job(tmp_path / "gone" / "a.ply", Points(np.zeros((1, 3))), **witness.callbacks())
    assert "no such file or folder" in witness.follow(job)[-1][1]


def test_cancelling_kills_at_once_and_stays_silent(big):
    witness = Witness(at_first_progress=Job.cancel)
    said = witness.follow(load_job(big, **witness.callbacks()))
    assert [entry[0] for entry in said] == ["progress"]
    assert witness.job is not None
    assert witness.job.pid is not None


def test_cancelling_before_the_process_is_there(big):
    witness = Witness()
    job = load_job(big, **witness.callbacks())
    job.cancel()
    assert witness.follow(job) == []


def test_a_cancelled_save_leaves_the_old_file_and_no_other(tmp_path):
    verts = np.random.default_rng(0).random((400_000, 3), np.float32)
    path = tmp_path / "a.xyz"
    path.write_text("old")
    witness = Witness(at_first_progress=Job.cancel)
    said = witness.follow(save_job(path, Points(verts), **witness.callbacks()))
    assert [entry[0] for entry in said] == ["progress"]
    assert os.listdir(tmp_path) == ["a.xyz"]
    assert path.read_text() == "old"


@pytest.mark.parametrize(
    ("number", "words"),
    [(signal.SIGKILL, "was ended by the system"), (signal.SIGSEGV, "ended unexpectedly (signal 11)")],
)
def test_a_death_is_a_sentence(big, number, words):
    witness = Witness(at_first_progress=lambda job: os.kill(job.pid, number))
    kind, sentence, _ = witness.follow(load_job(big, **witness.callbacks()))[-1]
    assert kind == "failed"
    assert sentence.startswith("Loading big.obj")
    assert words in sentence


def test_a_killed_save_leaves_nothing_behind(tmp_path):
    verts = np.random.default_rng(0).random((400_000, 3), np.float32)
    witness = Witness(at_first_progress=lambda job: os.kill(job.pid, signal.SIGKILL))
    assert witness.follow(save_job(tmp_path / "a.xyz", Points(verts), **witness.callbacks()))[-1][0] == "failed"
    assert os.listdir(tmp_path) == []


def test_only_listed_functions_run():
    with pytest.raises(ValueError, match="none of the functions"):
        Job("os:system", {"command": "true"}, doing="Mischief", on_done=print, on_failed=print)
    assert all(name.startswith("lab.") for name in FUNCTIONS)


def test_data_that_cannot_be_sent_and_wrong_arguments():
    for arguments, words in [
        ({"entity": threading.Lock()}, "cannot be sent"),
        ({"entities": 1}, "did not expect (TypeError"),
    ]:
        witness = Witness()
        said = witness.follow(Job("lab.formats.work:measure", arguments, doing="Measuring", **witness.callbacks()))
        assert said[-1][0] == "failed"
        assert words in said[-1][1]


def test_the_process_starts_with_numpy_alone():
    code = "import sys, lab.jobs, lab.formats.work; sys.stdout.write(' '.join(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert "numpy" in loaded
    assert not {"torch", "open3d", "pytorch3d", "scipy", "numba", "PIL", "laspy", "PySide6"} & set(loaded)
