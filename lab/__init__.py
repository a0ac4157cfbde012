"""DL3D Lab's engine: types, formats, experiments and the processes that run them. No Qt in here."""

__version__ = "0.5.0"
