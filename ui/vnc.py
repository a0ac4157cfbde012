"""Keeps Qt's VNC server private: Qt listens on every network, without a password; the lab only on this machine.

Qt offers no choice of address, so its listening socket is exchanged for one that is bound to the loopback address.
That happens before Qt looks at its sockets for the first time: until then it accepts nobody, and whoever had reached
the open socket is cut off with it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication

_LISTEN_QUEUE = 8


class VncError(Exception):
    """The window cannot be served to VNC safely; the message is a sentence."""


def platform(port: int, width: int = 1600, height: int = 1000) -> str:
    """The value of QT_QPA_PLATFORM that makes Qt serve its window to VNC viewers."""
    return f"vnc:size={width}x{height}:port={port}"


def keep_local(port: int) -> None:
    """Bind Qt's VNC server on ``port`` to 127.0.0.1. Call it right after the application was made.

    Raises VncError when Qt does not listen there; nobody can connect then.
    """
    QCoreApplication.sendPostedEvents()  # Qt begins to listen in one of these; sockets are not looked at here
    found = list(_listening(port))
    if not found:
        raise VncError(f"No VNC viewer can be served on port {port}: another program may use it. Choose another port.")
    for descriptor in found:
        _exchange(descriptor, port)


def _listening(port: int) -> Iterator[int]:
    """The descriptors of this process's sockets that wait for connections on a port."""
    for name in os.listdir("/proc/self/fd"):
        descriptor = int(name)
        try:
            with socket.socket(fileno=os.dup(descriptor)) as found:
                listens = found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
                if listens and found.family in (socket.AF_INET, socket.AF_INET6) and found.getsockname()[1] == port:
                    yield descriptor
        except OSError:  # no socket, or closed since the list was made
            continue


def _exchange(descriptor: int, port: int) -> None:
    """Put a socket that is bound to the loopback address in the place of ``descriptor``."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as local:
        local.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        local.setblocking(False)
        os.dup2(local.fileno(), descriptor, inheritable=False)  # closes the open one, and with it the way in
        local.bind(("127.0.0.1", port))
        local.listen(_LISTEN_QUEUE)
