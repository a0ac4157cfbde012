"""What the channels of a picture's values are called in files."""

from __future__ import annotations

_DEPTH_WORDS = ("depth", "distance")


def channel_of(name: str) -> str:
    """The OpenEXR channel that programs expect what is called ``name`` in: "Z" for depths, else "Y"."""
    return "Z" if any(word in name.lower() for word in _DEPTH_WORDS) else "Y"
