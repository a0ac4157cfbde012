"""What Qt says of itself, for ``./dl3d doctor``: run as a process of its own, because Qt may end it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import QSettings, qVersion
from PySide6.QtGui import QFontDatabase, QGuiApplication
from PySide6.QtWidgets import QApplication

SETTINGS = ("DL3D Lab", "DL3D Lab")
"""Organisation and application, as in ui.window.settings."""


def main() -> int:
    """Open an application and print name -> text as JSON."""
    application = QApplication([])
    screens = [
        f"{screen.size().width()} x {screen.size().height()} at {screen.devicePixelRatio():g}x"
        for screen in QGuiApplication.screens()
    ]
    settings = Path(QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, *SETTINGS).fileName())
    found = {
        "Qt": f"{qVersion()}, PySide6 {pyside_version}, platform {QGuiApplication.platformName()}",
        "Screens": "; ".join(screens) or "none",
        "Fonts": f"{len(QFontDatabase.families())} families, {application.font().family()} by default",
        "Settings": f"{settings}{'' if settings.exists() else ' (not made yet)'}",
    }
    json.dump(found, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
