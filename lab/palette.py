"""Eight colours that tell things apart: the objects of a batch, the curves of a plot, the rows of a table.

Each is readable (contrast of at least 3:1) on every ground of its theme, and the eight differ by at least 12 units of
OKLab (times 100) for full colour vision, protanopia and deuteranopia (Machado et al. 2009); tests/lab/test_palette.py
computes both. The same index has a similar hue in both themes.
"""

from __future__ import annotations

DARK = ("#6fb1ff", "#ff961d", "#4fcc9e", "#e041a8", "#f0e660", "#8affff", "#c0613f", "#a63aff")
LIGHT = ("#1d54fe", "#a13900", "#094763", "#de3a8b", "#a27f00", "#0b8cc5", "#640f0d", "#6b2fb0")


def hue(index: int, *, dark: bool = True) -> str:
    """The colour of thing number ``index`` (0, 1, 2, ...) as "#rrggbb"; the ninth has that of the first again."""
    colors = DARK if dark else LIGHT
    return colors[index % len(colors)]


def surface(index: int) -> tuple[float, float, float]:
    """The same hue for a surface, points or lines in a 3D view of either theme: sRGB in [0, 1].

    It lies between the hues of the two themes, as a study does not know which one is in use.
    """
    first, second = _rgb(hue(index)), _rgb(hue(index, dark=False))
    red, green, blue = (0.65 * a + 0.35 * b for a, b in zip(first, second, strict=True))
    return red, green, blue


def _rgb(color: str) -> tuple[float, ...]:
    return tuple(int(color[i : i + 2], 16) / 255 for i in (1, 3, 5))
