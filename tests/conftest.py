"""Every test runs without a display and away from the person's own settings."""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

_FOLDERS = {"XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data", "XDG_STATE_HOME": "state"}
_ROOT = pytest.StashKey[str]()

# Property tests draw the same examples every time; `--hypothesis-profile default` draws new ones.
settings.register_profile("repeatable", derandomize=True, deadline=None)
settings.load_profile("repeatable")


def pytest_configure(config: pytest.Config) -> None:
    """Settings and application data go to a folder of this test run; caches stay, as compiled code is worth keeping."""
    root = config.stash[_ROOT] = tempfile.mkdtemp(prefix="dl3d-tests-")
    for variable, name in _FOLDERS.items():
        os.environ[variable] = os.path.join(root, name)
        os.makedirs(os.environ[variable])


def pytest_unconfigure(config: pytest.Config) -> None:
    shutil.rmtree(config.stash[_ROOT], ignore_errors=True)
