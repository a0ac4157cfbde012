"""Colour maps: from numbers to sRGB.

Each is stored as every fifth entry of its published table of 256, joined by straight lines: at most 2/255 away from it.
Sources: viridis and plasma by N. Smith and S. van der Walt (CC0); turbo by A. Mikhailov, Google (2019); coolwarm by
K. Moreland, "Diverging Color Maps for Scientific Visualization" (2009).
"""

from __future__ import annotations

from functools import cache

import numpy as np

from lab.scene import Array

NO_VALUE = (0.45, 0.45, 0.45)  # sRGB of what is not a finite number

_KNOTS = {
    "viridis": (
        "44015446085c471063481769481d6f482475472a7a46307e453781433d844142873f48893d4e8a3a538b38598c355e8d33638d31"
        "688e2e6d8e2c718e2a768e297b8e27808e25848e23898e218e8d20928c1f978b1e9c891fa18821a58524aa8328ae802eb37c35b7"
        "793dbc7446c06f50c46a5ac86465cb5e70cf577cd25089d54895d840a2da37b0dd2fbddf26cae11fd8e219e5e419f1e51dfde725"
    ),
    "plasma": (
        "0d08871b068d2605912f059638049a41049d4903a05102a35901a56100a76900a87100a87801a88004a88707a68e0ca49511a19c"
        "179ea21d9aa82296ae2892b42e8dba3388bf3984c43e7fc9447acd4a76d24f71d6556dda5b69de6164e26660e66c5ce97257ed79"
        "53f07f4ff3854bf58c46f79342f99a3efba139fca835fdaf31feb72dfebe2afdc627fcce25fbd724f8df25f6e826f3f027f0f921"
    ),
    "coolwarm": (
        "3b4cc04055c8465ecf4c66d6536edd5977e35f7fe86687ed6c8ff17396f57a9df881a4fb88abfd8fb1fe96b7ff9dbdffa3c2feaa"
        "c7fdb1cbfcb7cff9bed2f6c4d5f3cad8efcfdaead5dbe5dadce0dfdbd9e4d9d2e9d5cbedd2c3f0cdbbf2c9b4f5c4acf6bea4f7b8"
        "9cf7b194f7aa8cf6a385f59c7df39475f08b6eed8366e97a5fe57058e16751dc5d4ad65244d0473dca3b37c32e31bb1b2cb40426"
    ),
    "turbo": (
        "30123b36215f3b2f803f3e9c424bb54559cb4666dd4773eb4680f6458cfd4099ff38a5fb2fb2f427bee91fc9dd1ad4d018ddc21a"
        "e4b622ebaa2ff19b3ff68a52fa7a65fd6979fe598bff4b9cfe40a9fb39b7f735c3f134d0ea34dbe236e5d938eecf3af5c53afaba"
        "39fdae35fea130fe932afc8423f9751df46617ef5811e84b0ce14109d83706ce2d04c32503b71d02a916019b0f018b09027a0403"
    ),
    "grey": "000000ffffff",
}
NAMES = tuple(_KNOTS)


@cache
def table(name: str) -> Array:
    """(256, 3) uint8 sRGB, read-only, lowest value first. Raises KeyError naming the maps there are."""
    if name not in _KNOTS:
        raise KeyError(f"no colour map '{name}'; there are {', '.join(NAMES)}")
    knots = np.frombuffer(bytes.fromhex(_KNOTS[name]), np.uint8).reshape(-1, 3)
    at = np.linspace(0, 255, len(knots))
    colors = np.stack([np.interp(np.arange(256), at, channel) for channel in knots.T], axis=1).round().astype(np.uint8)
    colors.flags.writeable = False
    return colors


def own_range(values: Array) -> tuple[float, float]:
    """The smallest and the largest finite one of ``values``; (0, 0) where there is none."""
    lower, upper = (float(values.min()), float(values.max())) if len(values) else (0.0, 0.0)
    if np.isfinite(lower) and np.isfinite(upper):
        return lower, upper
    finite = values[np.isfinite(values)]
    return (float(finite.min()), float(finite.max())) if len(finite) else (0.0, 0.0)


def apply(name: str, values: Array, limits: tuple[float, float]) -> Array:
    """(N, 3) float32 sRGB in [0, 1] of (N,) values; the first of ``limits`` is the map's start, the second its end.

    Values outside get the colour of the nearer end, what is not finite NO_VALUE. Limits of no width give the middle.
    """
    low, high = limits
    lookup = table(name).astype(np.float32) / np.float32(255)
    if high == low:
        position = np.full(len(values), 127.5, np.float32)
        position[~np.isfinite(values)] = np.nan
    else:
        position = (values - np.float32(low)) * np.float32(255 / (high - low))
    known = np.isfinite(position)
    index = np.clip(np.where(known, position, 0) + 0.5, 0, 255).astype(np.uint8)
    colors = lookup[index]
    if not known.all():
        colors[~known] = NO_VALUE
    return colors
