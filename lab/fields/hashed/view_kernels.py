"""What rays see of a hashed field."""

from __future__ import annotations

import math

import numpy as np

from lab.fields import march_kernels
from lab.fields.hashed import encoding, layers, network, rays, train_kernels
from lab.fields.hashed.layers import choose
from lab.fields.hashed.network import POINTS, Buffers, Network, codes, colors
from lab.fields.hashed.rays import MOST_SAMPLES, Space, sample
from lab.fields.hashed.train_kernels import GROUP, reached, spread, thicken
from lab.fields.march_kernels import harmonics, sky_corners
from lab.kernels.jit import kernel_with
from lab.scene import Array

_MIDDLE = 0.5


@kernel_with(march_kernels, encoding, layers, network, rays, train_kernels)
def draw_rays(
    first: int,
    last: int,
    origins: Array,
    directions: Array,
    space: Space,
    sky: Array,
    ground: float,
    dark: float,
    net: Network,
    buffers: Buffers,
    out: Array,
) -> None:
    """Draw the rays ``first`` to ``last``. origins, directions: (R, 3) float32, world, unit. ground: grey behind what
    has no sky. dark: rays end where less light than this is left. out: (R, 5): colour, opacity, and the sum of weight
    times distance, metres.
    """
    starts, index, owner = np.zeros(GROUP + 1, np.int64), np.empty(POINTS, np.int64), np.empty(POINTS, np.int64)
    basis = np.empty((GROUP, net.harmonics), net.table.dtype)
    tau, depths = np.empty(POINTS, net.table.dtype), np.empty(POINTS)
    sky_row, sky_part = np.empty((4, 2), np.int64), np.empty(4)
    direction, origin, along, far = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    for axis in range(3):
        far[axis] = space.cells.shape[axis]
    ray = first
    while ray < last:
        count, group, begin = 0, 0, ray
        while ray < last and group < GROUP and count + MOST_SAMPLES <= POINTS:
            for axis in range(3):
                origin[axis] = (origins[ray, axis] - space.lower[axis]) * space.inverse
                along[axis] = directions[ray, axis] * space.inverse
            harmonics(directions[ray, 0], directions[ray, 1], directions[ray, 2], basis[group])
            count = sample(space, origin, along, far, _MIDDLE, buffers.points, depths, count)
            group += 1
            starts[group] = count
            ray += 1
        codes(net, buffers, count)
        thicken(buffers.code[0], count, space.scale * space.step, tau)
        kept = reached(starts, group, tau, dark, index, owner)
        choose(buffers.code, index, kept)
        spread(basis, owner, kept, buffers.inputs)
        colors(net, buffers, kept)
        for number in range(group):
            left = 1.0
            red = green = blue = far_away = 0.0
            for s in range(starts[number], starts[number + 1]):
                bright = left
                left *= math.exp(-tau[index[s]])
                weight = bright - left
                red += weight / (1.0 + math.exp(-buffers.logits[0, s]))
                green += weight / (1.0 + math.exp(-buffers.logits[1, s]))
                blue += weight / (1.0 + math.exp(-buffers.logits[2, s]))
                far_away += weight * depths[index[s]]
            seen = out[begin + number]
            seen[0], seen[1], seen[2], seen[3], seen[4] = red, green, blue, 1.0 - left, far_away
            if sky.shape[0] > 0:
                for axis in range(3):
                    direction[axis] = directions[begin + number, axis]
                sky_corners(sky, direction, sky_row, sky_part)
                for channel in range(3):
                    for corner in range(4):
                        seen[channel] += left * sky_part[corner] * sky[sky_row[corner, 0], sky_row[corner, 1], channel]
            else:
                for channel in range(3):
                    seen[channel] += left * ground
