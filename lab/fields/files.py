"""Radiance fields as arrays, for files."""

from __future__ import annotations

import numpy as np

from lab.scene import Array, Field

VERSION = 1


def field_arrays(field: Field) -> dict[str, Array | float | str]:
    """What a file .npz of a field holds: its arrays by their names, ``scale``, and the version under "dl3d_field"."""
    arrays: dict[str, Array | float | str] = {
        "dl3d_field": np.array(VERSION),
        "rows": field.rows,
        "density": field.density,
        "color": field.color,
        "lower": field.lower,
        "upper": field.upper,
        "scale": field.scale,
    }
    return arrays if field.sky is None else {**arrays, "sky": field.sky}
