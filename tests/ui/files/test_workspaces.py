"""Workspaces are saved, opened and autosaved by real processes beside the window."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from lab.render.messages import Style
from lab.scene import Points
from lab.workspace import Item, Workspace, load, save
from ui.files.tasks import Tasks
from ui.files.workspaces import WorkspaceKeeper
from ui.window.settings import Settings

LONG = 30_000  # ms


class Desk(QObject):
    """Something that is open."""

    def __init__(self) -> None:
        super().__init__()
        self.workspace = Workspace()

    def put(self, name: str) -> None:
        item = Item(name, Points(np.full((4, 3), len(name), np.float32)), Style())
        self.workspace = Workspace(items=(*self.workspace.items, item))

    @property
    def names(self) -> list[str]:
        return [item.path for item in self.workspace.items]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(tmp_path / "settings.ini")
    settings.autosave_ms = 100
    return settings


Made = tuple[WorkspaceKeeper, Desk]


@pytest.fixture
def made(qtbot: QtBot, tmp_path: Path, settings: Settings) -> Iterator[Made]:
    desk, tasks = Desk(), Tasks()

    def apply(workspace: Workspace) -> None:
        desk.workspace = workspace
        keeper.touch()  # what applying changes is no change of the person's

    keeper = WorkspaceKeeper(lambda: desk.workspace, apply, tasks, settings, folder=tmp_path / "auto")
    yield keeper, desk
    keeper.close()
    tasks.cancel_all()


def test_a_workspace_is_saved_and_opened(qtbot: QtBot, made: Made, tmp_path: Path, settings: Settings) -> None:
    keeper, desk = made
    desk.put("spot")
    keeper.touch()
    assert (keeper.file, keeper.modified, keeper.title) == (None, True, "")
    file = str(tmp_path / "all.dl3dw")
    with qtbot.waitSignal(keeper.saved, timeout=LONG):
        keeper.save(file)
    assert (keeper.file, keeper.modified, keeper.title) == (file, False, "all[*]")
    assert settings.recent_files[0] == file
    desk.put("bob")
    keeper.touch()
    assert keeper.modified
    with qtbot.waitSignal(keeper.opened, timeout=LONG):
        keeper.open(file)
    assert desk.names == ["spot"]
    assert not keeper.modified
    keeper.new()
    assert (desk.names, keeper.file, keeper.modified) == ([], None, False)


def test_a_change_while_it_is_saved_is_not_forgotten(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    keeper, desk = made
    desk.put("spot")
    with qtbot.waitSignal(keeper.saved, timeout=LONG):
        keeper.save(str(tmp_path / "all.dl3dw"))
        keeper.touch()
    assert keeper.modified


def test_a_file_that_cannot_be_opened_changes_nothing(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    keeper, desk = made
    desk.put("spot")
    bad = tmp_path / "bad.dl3dw"
    bad.write_bytes(b"nothing")
    with qtbot.waitSignal(keeper.failed, timeout=LONG) as failed:
        keeper.open(str(bad))
    assert failed.args[0].startswith("bad.dl3dw cannot be opened: it is damaged or is no workspace.")
    assert (desk.names, keeper.file) == (["spot"], None)


def test_changes_are_autosaved_and_gone_after_a_proper_end(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    keeper, desk = made
    desk.put("spot")
    keeper.touch()
    folder = tmp_path / "auto"
    qtbot.waitUntil(lambda: bool(list(folder.glob("[!.]*.dl3dw"))), timeout=LONG)
    (path,) = folder.glob("[!.]*.dl3dw")
    assert [item.path for item in load(path).items] == ["spot"]
    assert keeper.leftovers() == []  # it is our own
    desk.put("bob")
    keeper.touch()
    qtbot.waitUntil(lambda: len(load(path).items) == 2, timeout=LONG)
    keeper.close()
    assert not list(folder.iterdir())


_VICTIM = """
import sys, time
from PySide6.QtCore import QLockFile
from pathlib import Path
lock = QLockFile(sys.argv[1] + ".lock")
lock.setStaleLockTime(0)
assert lock.tryLock(0)
print("locked", flush=True)
time.sleep(60)
"""


def test_what_a_killed_lab_left_is_offered_and_restored(qtbot: QtBot, made: Made, tmp_path: Path) -> None:
    keeper, desk = made
    folder = tmp_path / "auto"
    folder.mkdir()
    left = folder / "20260101-000000-1-1.dl3dw"
    desk.put("spot")
    save(left, desk.workspace)
    desk.workspace = Workspace()
    with subprocess.Popen([sys.executable, "-c", _VICTIM, str(left)], stdout=subprocess.PIPE, text=True) as victim:
        assert victim.stdout is not None
        assert victim.stdout.readline() == "locked\n"
        assert keeper.leftovers() == []  # it lives
        os.kill(victim.pid, signal.SIGKILL)
    (found,) = keeper.leftovers()
    assert found.path == left
    with qtbot.waitSignal(keeper.restore(found).done, timeout=LONG):
        pass
    assert desk.names == ["spot"]
    assert keeper.modified
    qtbot.waitUntil(lambda: not left.exists() and bool(list(folder.glob("[!.]*.dl3dw"))), timeout=LONG)


def test_what_was_left_stays_until_it_is_wanted(made: Made, tmp_path: Path) -> None:
    keeper, _ = made
    folder = tmp_path / "auto"
    folder.mkdir()
    save(folder / "a.dl3dw", Workspace())
    (found,) = keeper.leftovers()
    found.leave()
    (again,) = keeper.leftovers()
    again.remove()
    assert keeper.leftovers() == []
    assert not list(folder.iterdir())
