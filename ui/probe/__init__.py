"""``./dl3d probe``: opens the real window, uses it as a person would, and measures how fluid it stays."""

from ui.probe.command import main

__all__ = ["main"]
