"""The palette's promises, computed: contrast on the themes' grounds, and distance for three kinds of colour vision."""

from __future__ import annotations

import numpy as np
import pytest

from lab.palette import DARK, LIGHT, hue, surface
from ui.look.theme import THEMES, contrast

MACHADO = {  # Machado, Oliveira and Fernandes 2009, severity 1.0, on linear sRGB
    "full": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
}
TO_CONES = [
    [0.4122214708, 0.5363325363, 0.0514459929],
    [0.2119034982, 0.6806995451, 0.1073969566],
    [0.0883024619, 0.2817188376, 0.6299787005],
]
TO_OKLAB = [
    [0.2104542553, 0.7936177850, -0.0040720468],
    [1.9779984951, -2.4285922050, 0.4505937099],
    [0.0259040371, 0.7827717662, -0.8086757660],
]
SETS = pytest.mark.parametrize(("name", "colors"), [("dark", DARK), ("light", LIGHT)])


def oklab(colors: tuple[str, ...], vision: str) -> np.ndarray:
    srgb = np.array([[int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)] for color in colors])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ np.transpose(MACHADO[vision]), 0, 1)
    return 100 * np.cbrt(seen @ np.transpose(TO_CONES)) @ np.transpose(TO_OKLAB)


def test_oklab_of_white_is_as_published():
    np.testing.assert_allclose(oklab(("#ffffff",), "full"), [[100, 0, 0]], atol=1e-3)


@SETS
def test_every_colour_stands_out_from_every_ground(name: str, colors: tuple[str, ...]):
    theme = THEMES[name]
    for color in colors:
        for ground in (theme.window, theme.panel, theme.field, theme.viewport):
            assert contrast(color, ground) >= 3.0, (color, ground)


@SETS
@pytest.mark.parametrize("vision", MACHADO)
def test_no_two_colours_look_alike(name: str, colors: tuple[str, ...], vision: str):
    seen = oklab(colors, vision)
    apart = np.linalg.norm(seen[:, None] - seen[None], axis=-1)[~np.eye(len(colors), dtype=bool)]
    assert apart.min() >= 12.0


def test_colours_come_round_again():
    assert hue(0) == hue(8) == DARK[0]
    assert hue(3, dark=False) == LIGHT[3]


def test_a_surface_lies_between_the_two_themes():
    for index in range(8):
        low, high = sorted([hue(index), hue(index, dark=False)], key=lambda c: int(c[1:3], 16))
        assert int(low[1:3], 16) - 1 <= 255 * surface(index)[0] <= int(high[1:3], 16) + 1
