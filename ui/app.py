"""From the command line to the window."""

from __future__ import annotations

import os
import signal
import sys
from argparse import Namespace
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from lab import __version__, system
from lab.run.source import InProcessSource, Source, WorkerSource
from lab.studies.source import OnEvent, StudyProcess, StudySource, StudyThread
from ui import vnc
from ui.look.icons import app_icon
from ui.look.theme import ThemeManager
from ui.window.settings import Settings
from ui.window.window import MainWindow

_NO_DISPLAY = 2
_HEADLESS = ("offscreen", "minimal", "vnc", "linuxfb", "eglfs", "vkkhrdisplay", "minimalegl")  # need no display
_SIGNAL_MS = 200


def main(options: Namespace) -> int:
    """Open the window on ``options.files``; returns the exit status, 2 when there is no display.

    options: files, in_process and vnc (a port or None), as of lab.cli.
    """
    if options.vnc is not None:
        os.environ["QT_QPA_PLATFORM"] = vnc.platform(options.vnc)
    if sys.platform == "linux" and not _display():
        sys.stderr.write(f"dl3d: {system.NO_DISPLAY}\n")
        return _NO_DISPLAY
    application = make_application()
    if options.vnc is not None:
        try:
            vnc.keep_local(options.vnc)
        except vnc.VncError as error:
            sys.stderr.write(f"dl3d: {error}\n")
            return _NO_DISPLAY
        sys.stderr.write(f"dl3d: the window waits for a VNC viewer on localhost:{options.vnc}.\n")
    if options.in_process:
        window = open_window(Settings(), InProcessSource(), StudyThread)
    else:
        window = open_window(Settings(), WorkerSource(), StudyProcess)
    window.closed.connect(application.quit)
    window.show()
    window.open_files(options.files)
    QTimer.singleShot(0, window.workspaces.offer_leftovers)
    with_signals(window.close, window.end)
    return application.exec()


def make_application() -> QApplication:
    """The application with its name and icon; the one that is there already, if so."""
    existing = QApplication.instance()
    application = existing if isinstance(existing, QApplication) else QApplication(["dl3d"])
    QCoreApplication.setOrganizationName("DL3D Lab")
    QCoreApplication.setApplicationName("DL3D Lab")
    QCoreApplication.setApplicationVersion(__version__)
    QGuiApplication.setDesktopFileName("dl3d-lab")
    application.setWindowIcon(app_icon())
    return application


def open_window(
    settings: Settings, source: Source, study_source: Callable[[OnEvent], StudySource] = StudyProcess
) -> MainWindow:
    """The window, dressed, not yet shown."""
    themes = ThemeManager(settings.theme)
    themes.apply()
    return MainWindow(themes, settings, source, study_source)


def with_signals(close: Callable[[], object], end: Callable[[], object]) -> None:
    """Close the window on Ctrl-C in the terminal, which may ask, and end it on SIGTERM, which may not.

    Python only looks at signals between its own instructions, so a timer lets it have some.
    """
    signal.signal(signal.SIGINT, lambda *_: close())
    signal.signal(signal.SIGTERM, lambda *_: end())
    timer = QTimer(QCoreApplication.instance())
    timer.timeout.connect(lambda: None)
    timer.start(_SIGNAL_MS)


def _display() -> bool:
    """Whether Qt can open a window: the platform that was asked for needs no display, or one answers."""
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    return platform in _HEADLESS or system.display() is not None
