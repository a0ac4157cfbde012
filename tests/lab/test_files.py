"""Saving atomically, with the real file system."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from lab.files import atomic_write, explain, remove_leftovers


def test_the_file_appears_only_when_it_is_complete(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with atomic_write(path) as temporary:
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".txt"
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["a.txt"]


def _fail_halfway(path, error):
    with atomic_write(path) as temporary:
        temporary.write_text("half")
        raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_after_any_failure_the_old_file_is_there_and_nothing_else(tmp_path, error):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(error):
        _fail_halfway(path, error)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_permissions_are_those_of_the_old_file_or_of_the_umask(tmp_path):
    for name, mode in [("old", 0o640), ("new", None)]:
        if mode is not None:
            (tmp_path / name).touch()
            (tmp_path / name).chmod(mode)
        with atomic_write(tmp_path / name) as temporary:
            temporary.write_text("x")
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE((tmp_path / "old").stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o666 & ~umask


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "store").mkdir()
    (tmp_path / "store" / "a.txt").write_text("old")
    (tmp_path / "link.txt").symlink_to(tmp_path / "store" / "a.txt")
    with atomic_write(tmp_path / "link.txt") as temporary:
        temporary.write_text("new")
    assert (tmp_path / "link.txt").is_symlink()
    assert (tmp_path / "store" / "a.txt").read_text() == "new"


def test_folders_are_not_replaced(tmp_path):
    (tmp_path / "a").mkdir()
    with pytest.raises(IsADirectoryError) as caught, atomic_write(tmp_path / "a"):
        pass
    assert explain(caught.value).startswith("it is a folder")


def test_two_at_once_and_long_names(tmp_path):
    path = tmp_path / ("ä" * 120 + ".txt")
    with atomic_write(path) as first, atomic_write(path) as second:
        assert first != second
        first.write_text("first")
        second.write_text("second")
    assert path.read_text() == "first"  # the outer one ends last
    assert os.listdir(tmp_path) == [path.name]


def test_leftovers_of_a_killed_process_only(tmp_path):
    code = "import os, sys; from lab.files import atomic_write\n"
    code += "with atomic_write(sys.argv[1]) as path: path.write_text('half'); os.kill(os.getpid(), 9)"
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "a.txt")])
    process.wait(60)
    assert os.listdir(tmp_path) == [f".a.{process.pid}-0.part.txt"]
    others = [f".b.{process.pid + 1}-0.part.txt", f"c.{process.pid}-0.part"]
    for name in others:
        (tmp_path / name).touch()
    remove_leftovers(tmp_path, process.pid)
    assert sorted(os.listdir(tmp_path)) == sorted(others)
    remove_leftovers(tmp_path / "gone", process.pid)


def test_reasons_are_for_a_person():
    assert explain(OSError(28, "No space left on device")).startswith("the disk is full")
    assert explain(OSError(9999, "Strange")) == "the system says “Strange”"
