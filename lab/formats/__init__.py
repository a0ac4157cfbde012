"""Reading and writing of meshes and point clouds. Numpy only; other packages are imported when a file needs them."""

from lab.formats.base import FormatError, Loaded, Opened, Progress, Up
from lab.formats.files import READABLE, WRITABLE, read, read_with_stats, write
from lab.formats.transform import transform

__all__ = [
    "READABLE",
    "WRITABLE",
    "FormatError",
    "Loaded",
    "Opened",
    "Progress",
    "Up",
    "read",
    "read_with_stats",
    "transform",
    "write",
]
