"""The neutral look of the body: fired clay, which shows its form without telling of anybody's skin."""

from __future__ import annotations

from typing import Final

from lab.render.messages import Color, Style

CLAY: Final[Color] = (0.76, 0.66, 0.59)
"""sRGB in [0, 1]: a warm grey terracotta."""


def style() -> Style:
    """How a body is drawn where it shows nothing but its form."""
    return Style(color=CLAY)
