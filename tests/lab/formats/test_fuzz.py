"""Thousands of damaged files of every format: no crash, no hang, no explosion of memory, and always a sentence."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lab.formats import READABLE
from tests.lab.formats.good_files import make_good_files

MUTATIONS = 4000
CHILD = Path(__file__).with_name("fuzz_child.py")


@pytest.fixture
def good_files(tmp_path: Path) -> Path:
    folder = tmp_path / "good"
    folder.mkdir()
    assert {path.suffix for path in make_good_files(folder)} == set(READABLE)
    return folder


def fuzz(folder: Path, seed: int, count: int, *fault: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(CHILD), str(folder), str(seed), str(count), *fault]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def failures(done: subprocess.CompletedProcess[str]) -> list[str]:
    return done.stdout.split("\nFAIL ")[1:]


def test_no_damage_does_harm(good_files):
    done = fuzz(good_files, 20250722, MUTATIONS)
    last = done.stdout.rstrip().rsplit("\n", 1)[-1]
    assert done.returncode == 0, f"ended by {done.returncode} while it read {last}: {done.stderr[-2000:]}"
    assert failures(done) == []
    word, count, _, refused = last.split()
    assert (word, int(count)) == ("done", MUTATIONS)
    assert 0.2 * MUTATIONS < int(refused) < 0.95 * MUTATIONS, "the damage should be neither too light nor too heavy"


def test_a_hang_is_noticed(good_files):
    assert fuzz(good_files, 0, 30, "hang").returncode == -signal.SIGPROF


def test_an_explosion_of_memory_is_noticed(good_files):
    (failure,) = failures(fuzz(good_files, 0, 30, "memory"))
    assert failure.startswith("20 ")
    assert "MemoryError" in failure


def test_a_crash_is_noticed(good_files):
    (failure,) = failures(fuzz(good_files, 0, 30, "crash"))
    assert "KeyError: 'fault'" in failure
