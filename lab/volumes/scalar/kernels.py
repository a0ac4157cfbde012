"""Rays through a scan: the kernel that draws it."""

from __future__ import annotations

import math

import numpy as np

from lab.kernels.jit import inlined, kernel
from lab.scene import Array
from lab.volumes.scalar.scan import BLOCK

COMPOSITE, GREATEST, MEAN = 0, 1, 2
"""What a ray tells: light gathered through the transfer function, its greatest value, or the mean along it."""

_BLOCK = BLOCK
_VISIBLE = 2e-3  # samples of less weight are not lit


@inlined
def value_at(values: Array, x: float, y: float, z: float) -> float:
    """The value at a place among the voxels, which is held within them; trilinear. values: (D, H, W) float32."""
    depth, height, width = values.shape
    x = min(max(x, 0.0), width - 1.0)
    y = min(max(y, 0.0), height - 1.0)
    z = min(max(z, 0.0), depth - 1.0)
    i, j, k = min(int(x), width - 2), min(int(y), height - 2), min(int(z), depth - 2)
    u, v, w = x - i, y - j, z - k
    a = values[k, j, i] * (1 - u) + values[k, j, i + 1] * u
    b = values[k, j + 1, i] * (1 - u) + values[k, j + 1, i + 1] * u
    c = values[k + 1, j, i] * (1 - u) + values[k + 1, j, i + 1] * u
    d = values[k + 1, j + 1, i] * (1 - u) + values[k + 1, j + 1, i + 1] * u
    return (a * (1 - v) + b * v) * (1 - w) + (c * (1 - v) + d * v) * w


@inlined
def _leave(place: float, direction: float, block: int) -> float:
    """How far it is to the face through which a ray leaves a block, along one axis."""
    if direction > 1e-12:
        return ((block + 1) * _BLOCK - place) / direction
    if direction < -1e-12:
        return (block * _BLOCK - place) / direction
    return math.inf


@kernel
def cast(
    first: int,
    last: int,
    origins: Array,
    directions: Array,
    values: Array,
    inverse: Array,
    seen: Array,
    table: Array,
    low: float,
    high: float,
    step: float,
    mode: int,
    ambient: float,
    out: Array,
) -> None:
    """Draw the rays ``first`` to ``last``.

    origins: (R, 3) float64, places among the voxels; directions: (R, 3) float64, voxels per metre along a ray; inverse:
    (3,) voxels per metre along x, y, z. values: (D, H, W) float32. seen: (D', H', W') bool, blocks in which anything
    can be seen. table: (T, 4) float32, opacity of a step and colour, for values from ``low`` to ``high``. step: metres.
    ambient: the light where no light falls; 1 and there is no shading. The light is at the eye.
    out: (R, 5) float32: red, green, blue, opacity, sum of weight times distance; for the other modes the value is in
    the first, and in the fourth whether the ray meets the scan.
    """
    depth, height, width = values.shape
    entries = table.shape[0] - 1
    scale = entries / (high - low)
    far = (width - 1.0, height - 1.0, depth - 1.0)
    for ray in range(first, last):
        ox, oy, oz = origins[ray, 0], origins[ray, 1], origins[ray, 2]
        dx, dy, dz = directions[ray, 0], directions[ray, 1], directions[ray, 2]
        enter, leave = 0.0, math.inf
        for axis in range(3):
            o, d = origins[ray, axis], directions[ray, axis]
            if abs(d) < 1e-12:
                if o < 0.0 or o > far[axis]:
                    leave = -1.0
                continue
            one, other = -o / d, (far[axis] - o) / d
            enter, leave = max(enter, min(one, other)), min(leave, max(one, other))
        left, red, green, blue, distance = 1.0, 0.0, 0.0, 0.0, 0.0
        greatest, total, count = low, 0.0, 0
        at = enter + 0.5 * step
        while at < leave and left > 0.004:
            x, y, z = ox + at * dx, oy + at * dy, oz + at * dz
            if mode == COMPOSITE:
                i, j, k = int(x) // _BLOCK, int(y) // _BLOCK, int(z) // _BLOCK
                i, j, k = min(i, seen.shape[2] - 1), min(j, seen.shape[1] - 1), min(k, seen.shape[0] - 1)
                if not seen[k, j, i]:
                    gap = min(_leave(x, dx, i), _leave(y, dy, j), _leave(z, dz, k))
                    at += step * max(1.0, math.ceil(gap / step))
                    continue
            value = value_at(values, x, y, z)
            if mode != COMPOSITE:
                greatest = max(greatest, value)
                total += value
                count += 1
                at += step
                continue
            place = min(max((value - low) * scale, 0.0), float(entries))
            entry = min(int(place), entries - 1)
            share = place - entry
            opacity = table[entry, 0] * (1 - share) + table[entry + 1, 0] * share
            weight = left * opacity
            if opacity > 0.0:
                light = 1.0
                if ambient < 1.0 and weight > _VISIBLE:
                    gx = (value_at(values, x + 1, y, z) - value_at(values, x - 1, y, z)) * inverse[0]
                    gy = (value_at(values, x, y + 1, z) - value_at(values, x, y - 1, z)) * inverse[1]
                    gz = (value_at(values, x, y, z + 1) - value_at(values, x, y, z - 1)) * inverse[2]
                    length = math.sqrt(gx * gx + gy * gy + gz * gz)
                    ex, ey, ez = dx / inverse[0], dy / inverse[1], dz / inverse[2]
                    cosine = abs(gx * ex + gy * ey + gz * ez) / length if length > 0 else 1.0
                    light = ambient + (1.0 - ambient) * cosine
                red += weight * light * (table[entry, 1] * (1 - share) + table[entry + 1, 1] * share)
                green += weight * light * (table[entry, 2] * (1 - share) + table[entry + 1, 2] * share)
                blue += weight * light * (table[entry, 3] * (1 - share) + table[entry + 1, 3] * share)
                distance += weight * at
                left *= 1.0 - opacity
            at += step
        if mode == COMPOSITE:
            out[ray, 0], out[ray, 1], out[ray, 2] = red, green, blue
            out[ray, 3], out[ray, 4] = 1.0 - left, distance
        else:
            out[ray, 0] = greatest if mode == GREATEST else (total / count if count else low)
            out[ray, 1:] = 0.0
            out[ray, 3] = np.float32(count > 0)
