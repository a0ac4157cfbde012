"""The program from its command line: without a display, with files, and ended from outside."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from lab.examples import example_path

ROOT = Path(__file__).resolve().parent.parent.parent
MAIN = [sys.executable, str(ROOT / "main.py")]
_NAMES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there always is a display")
def test_without_a_display_it_says_what_works_instead():
    environment = {name: value for name, value in os.environ.items() if name not in _NAMES}
    ended = subprocess.run(MAIN, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert "./dl3d run" in ended.stderr
    assert "--vnc" in ended.stderr


def test_it_opens_files_and_leaves_nothing_when_it_is_ended():
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    with subprocess.Popen([*MAIN, str(example_path("bob"))], env=environment, stderr=subprocess.PIPE) as process:
        own = psutil.Process(process.pid)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and len(own.children()) < 2:
            assert process.poll() is None
            time.sleep(0.1)
        children = own.children()
        assert len(children) >= 2, "the worker and the render process"
        time.sleep(1.0)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        _, alive = psutil.wait_procs(children, timeout=10)
        assert not alive
