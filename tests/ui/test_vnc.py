"""Qt's VNC server, made private and then used by a viewer."""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from ui.vnc import VncError, keep_local, platform

ROOT = Path(__file__).resolve().parents[2]

WINDOW = """
import os, sys
from ui import vnc
port = int(sys.argv[1])
os.environ["QT_QPA_PLATFORM"] = vnc.platform(port, 320, 200)
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
application = QApplication([])
vnc.keep_local(port)
window = QWidget()
window.setStyleSheet("background: #ff8000")
window.showFullScreen()
QTimer.singleShot(0, lambda: print("shown", flush=True))
application.exec()
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def port() -> Iterator[int]:
    """A window served on this port, in a process of its own."""
    port = free_port()
    with subprocess.Popen([sys.executable, "-c", WINDOW, str(port)], cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"shown\n"
        yield port
        process.kill()


def listening_addresses(port: int) -> list[str]:
    """The local addresses of the system's listening sockets on a port, in the kernel's notation."""
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path("/proc/net", table).read_text().splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            address, _, hexadecimal = local.partition(":")
            if state == "0A" and int(hexadecimal, 16) == port:
                found.append(address)
    return found


def test_server_listens_on_the_loopback_address_alone(port: int) -> None:
    assert listening_addresses(port) == ["0100007F"], "127.0.0.1 in the kernel's byte order, and nothing else"


def test_viewer_on_this_machine_sees_the_window(port: int) -> None:
    """A viewer of RFB 3.3 (RFC 6143) that asks for the whole picture, uncompressed: it is the orange of the window."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as viewer:
        stream = viewer.makefile("rwb", buffering=-1)

        def say(layout: str, *values: int) -> None:
            stream.write(struct.pack(layout, *values))
            stream.flush()

        assert stream.read(12).startswith(b"RFB 003.")
        stream.write(b"RFB 003.003\n")
        stream.flush()
        assert struct.unpack(">I", stream.read(4)) == (1,), "no authentication"
        say(">B", 1)
        width, height = struct.unpack(">HH", stream.read(4))
        assert (width, height) == (320, 200)
        stream.read(16)
        stream.read(struct.unpack(">I", stream.read(4))[0])
        say(">BxxxBBBBHHHBBBxxx", 0, 32, 24, 0, 1, 255, 255, 255, 16, 8, 0)  # pixels as blue, green, red, nothing
        say(">BxHi", 2, 1, 0)  # raw encoding
        say(">BBHHHH", 3, 0, 0, 0, width, height)
        assert struct.unpack(">BxH", stream.read(4)) == (0, 1), "an update of one rectangle"
        assert struct.unpack(">HHHHi", stream.read(12)) == (0, 0, width, height, 0)
        pixels = np.frombuffer(stream.read(width * height * 4), np.uint8).reshape(-1, 4)
        assert (pixels[:, :3] == [0, 128, 255]).all()


def test_port_that_qt_does_not_serve_is_told() -> None:
    with pytest.raises(VncError, match="Choose another port"):
        keep_local(free_port())


def test_platform_string() -> None:
    assert platform(5900) == "vnc:size=1600x1000:port=5900"
