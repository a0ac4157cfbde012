"""What a radiance field can be coloured by instead of its own colours."""

from __future__ import annotations

import numpy as np

from lab.scene import Field

OPACITY, DENSITY = "opacity", "density in a slice"
NAMES = (OPACITY, DENSITY)

_LOOKED_AT = 1 << 16  # vertices


def own_range(field: Field, scalar: str) -> tuple[float, float]:
    """The usual ends of a scalar's colours: opacity 0 to 1; density, per metre, to its 95th percentile of what is not
    empty, as a few vertices within a solid have many times that of its surface."""
    if scalar == OPACITY or not len(field.density):
        return 0.0, 1.0
    some = field.density[:: max(1, len(field.density) // _LOOKED_AT)].astype(np.float64)
    sigma = field.scale * np.logaddexp(0.0, some)
    there = sigma[sigma > field.scale * 1e-3]
    return 0.0, float(np.percentile(there, 95)) if len(there) else 1.0
