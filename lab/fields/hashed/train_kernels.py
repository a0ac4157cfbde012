"""One step of training a hashed field, fused: rays, samples, networks, loss, and all their gradients, by hand.

Rays are taken in groups of as many as fit the buffers. First the density's network looks at all their samples; those
that light does not reach are left out; the colour's network looks at the others. The loss and its gradient for the
optical thickness of each sample are those of ``lab.fields.instant.kernels``:

    L = |C - C*|² + lambda (O - O*)²,   u_k = g . c_k + h,  g = dL/dC,  h = dL/dO
    dL / d(tau_k) = T_{k+1} u_k - sum_{j > k} w_j u_j - T_end (g . B)

and tau_k = scale step exp(features_0), whose derivative is itself. Everything is in the dtype of the table.
"""

from __future__ import annotations

import math

import numpy as np

from lab.fields import march_kernels
from lab.fields.hashed import encoding, layers, network, rays
from lab.fields.hashed.layers import choose
from lab.fields.hashed.network import HIGHEST, POINTS, Buffers, Network, Slopes, back, codes, colors
from lab.fields.hashed.rays import MOST_SAMPLES, Pictures, Space, aim, sample
from lab.fields.march_kernels import harmonics, sky_corners
from lab.kernels.jit import kernel, kernel_with
from lab.scene import Array

GROUP = 256
"""Rays that are worked on together, at most."""

DARK = 1e-3
"""What is behind is not looked at where less light than this is left."""

DIM = 2e-2
"""Cells in which there is never more light than this are inside of things."""


@kernel
def thicken(code: Array, count: int, thick: float, tau: Array) -> None:
    """Optical thickness of samples, from the logarithm of their density. thick: scale times step."""
    for s in range(count):
        tau[s] = thick * math.exp(min(code[s], code.dtype.type(HIGHEST)))


@kernel
def reached(starts: Array, group: int, tau: Array, dark: float, index: Array, owner: Array) -> int:
    """Keep the samples that light reaches: their numbers in ``index``, ascending. Returns how many.

    starts: (group + 1,), where each ray's samples begin; is changed to what is kept. owner: the ray of each one kept.
    """
    kept, begin = 0, starts[0]
    for ray in range(group):
        end = starts[ray + 1]
        left = tau.dtype.type(1)
        for s in range(begin, end):
            if left <= dark:
                break
            left *= math.exp(-tau[s])
            index[kept], owner[kept] = s, ray
            kept += 1
        begin = end
        starts[ray + 1] = kept
    return kept


@kernel
def mark(points: Array, light: Array, count: int, unit: float, lit: Array) -> None:
    """Mark the cells (X, Y, Z) uint8 of the first ``count`` points (3, M), where there is light (M,) enough.

    unit: a cell, of the unit cube.
    """
    for s in range(count):
        if light[s] < DIM:
            continue
        i, j, k = int(points[0, s] / unit), int(points[1, s] / unit), int(points[2, s] / unit)
        lit[min(i, lit.shape[0] - 1), min(j, lit.shape[1] - 1), min(k, lit.shape[2] - 1)] = 1


@kernel
def spread(basis: Array, owner: Array, count: int, inputs: Array) -> None:
    """Hand each sample the harmonics of its ray's direction. basis: (GROUP, K). inputs: (K or more, M)."""
    for term in range(basis.shape[1]):
        line = inputs[term]
        for s in range(count):
            line[s] = basis[owner[s], term]


@kernel_with(march_kernels, rays)
def begin_ray(
    pixel: int, ground: Array, pictures: Pictures, space: Space, sky: Array, direction: Array, origin: Array,
    along: Array, behind: Array, wanted: Array, sky_row: Array, sky_part: Array,
) -> None:  # fmt: skip
    """The ray of a pixel, counted through all pictures, with ``ground`` (3,) behind it where there is no sky.

    Fills the unit direction (3,), world; origin and along (3,), in cells; behind (3,): the colour at its end; wanted
    (4,): colour and coverage in the picture; and where in the sky it ends.
    """
    one = behind.dtype.type(1)
    height, width = pictures.pixels.shape[1], pictures.pixels.shape[2]
    picture, rest = pixel // (height * width), pixel % (height * width)
    line, column = rest // width, rest % width
    view = pictures.views[picture]
    aim(view, line, column, direction)
    for axis in range(3):
        origin[axis] = (view[9 + axis] - space.lower[axis]) * space.inverse
        along[axis] = direction[axis] * space.inverse
        behind[axis] = ground[axis]
    if sky.shape[0] > 0:
        sky_corners(sky, direction, sky_row, sky_part)
        for channel in range(3):
            behind[channel] = 0
            for corner in range(4):
                behind[channel] += sky_part[corner] * sky[sky_row[corner, 0], sky_row[corner, 1], channel]
    cover = one
    if pictures.alphas.shape[0] > 0:
        cover = one * pictures.alphas[picture, line, column] / 255
    wanted[3] = cover
    for channel in range(3):
        shown = one * pictures.pixels[picture, line, column, channel] / 255
        wanted[channel] = cover * shown + (one - cover) * behind[channel]


@kernel_with(march_kernels, encoding, layers, network, rays)
def train_rays(
    first: int,
    last: int,
    chosen: Array,
    jitter: Array,
    ground: Array,
    pictures: Pictures,
    space: Space,
    sky: Array,
    net: Network,
    buffers: Buffers,
    color_weight: float,
    mask_weight: float,
    slopes: Slopes,
    sky_gradient: Array,
    lit: Array,
    loss: Array,
) -> None:
    """The gradients of the rays ``first`` to ``last`` are added up.

    chosen: (R,) int64, pixels counted through all pictures. jitter: (R,) in [0, 1). ground: (R, 3), the colour behind
    each ray where there is no sky; pictures with alphas stand on it. sky: (H, W, 3), or of no rows; sky_gradient
    likewise. lit: as the space's cells, becomes 1 where light is. loss: (4,) float64: squared errors of colour and
    mask, samples, and samples that light reached.
    """
    dtype = net.table.dtype
    one = dtype.type(1)
    starts, index, owner = np.zeros(GROUP + 1, np.int64), np.empty(POINTS, np.int64), np.empty(POINTS, np.int64)
    basis, behind, wanted = (np.empty((GROUP, net.harmonics), dtype), np.empty((GROUP, 3), dtype),
                             np.empty((GROUP, 4), dtype))  # fmt: skip
    tau, light, change = np.empty(POINTS, dtype), np.empty(POINTS, dtype), np.empty(POINTS, dtype)
    depths = np.empty(POINTS)
    sky_row, sky_part = np.empty((GROUP, 4, 2), np.int64), np.empty((GROUP, 4), dtype)
    direction, origin, along, far = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    for axis in range(3):
        far[axis] = space.cells.shape[axis]
    ray = first
    while ray < last:
        # samples of as many rays as there is room for
        count = group = 0
        while ray < last and group < GROUP and count + MOST_SAMPLES <= POINTS:
            begin_ray(
                chosen[ray], ground[ray], pictures, space, sky, direction, origin, along, behind[group], wanted[group],
                sky_row[group], sky_part[group],
            )  # fmt: skip
            harmonics(direction[0], direction[1], direction[2], basis[group])
            count = sample(space, origin, along, far, jitter[ray], buffers.points, depths, count)
            group += 1
            starts[group] = count
            ray += 1
        # forward
        codes(net, buffers, count)
        thicken(buffers.code[0], count, one * space.scale * space.step, tau)
        kept = reached(starts, group, tau, DARK, index, owner)
        if kept < count:
            choose(buffers.points, index, kept)
            choose(buffers.encoded, index, kept)
            choose(buffers.hidden, index, kept)
            choose(buffers.code, index, kept)
            for s in range(kept):
                tau[s] = tau[index[s]]
        spread(basis, owner, kept, buffers.inputs)
        colors(net, buffers, kept)
        loss[2] += count
        loss[3] += kept
        # the loss, and back along the rays
        for number in range(group):
            compose_back(
                starts[number], starts[number + 1], tau, light, buffers.code[0], buffers.logits,
                behind[number], wanted[number], pictures.alphas.shape[0] > 0, color_weight, mask_weight, change, loss,
                sky.shape[0] > 0, sky_row[number], sky_part[number], sky_gradient,
            )  # fmt: skip
        mark(buffers.points, light, kept, one * space.unit, lit)
        back(net, buffers, slopes, change, kept)


@kernel
def compose_back(
    begin: int,
    end: int,
    tau: Array,
    light: Array,
    code: Array,
    logits: Array,
    behind: Array,
    wanted: Array,
    masked: bool,
    color_weight: float,
    mask_weight: float,
    change: Array,
    loss: Array,
    has_sky: bool,
    sky_row: Array,
    sky_part: Array,
    sky_gradient: Array,
) -> None:
    """One ray, with the samples ``begin`` to ``end``: adds its loss, and puts the gradients in ``logits``, which holds
    the logits of the colours (4, M), and ``change`` (M,), of the logarithm of the density.

    light: (M,), is filled with what is left of the light in front of each. wanted: (4,), colour and coverage.
    """
    one = tau.dtype.type(1)
    left = one
    error = np.zeros(3, tau.dtype)
    for s in range(begin, end):
        bright = light[s] = left
        left *= math.exp(-tau[s])
        for channel in range(3):
            shade = one / (one + math.exp(-logits[channel, s]))
            logits[channel, s] = shade
            error[channel] += (bright - left) * shade
    for channel in range(3):
        error[channel] += left * behind[channel] - wanted[channel]
        loss[0] += error[channel] * error[channel]
        error[channel] *= 2 * one * color_weight
    off = one - one
    if masked:
        off = one - left - wanted[3]
        loss[1] += off * off
    dim = 2 * off * one * mask_weight
    later = left * (error[0] * behind[0] + error[1] * behind[1] + error[2] * behind[2])
    if has_sky and not masked:  # pictures with alphas stand on the sky and tell nothing of it
        for channel in range(3):
            for corner in range(4):
                part = left * error[channel] * sky_part[corner]
                sky_gradient[sky_row[corner, 0], sky_row[corner, 1], channel] += part
    after = left
    for back_ in range(end - begin):
        s = end - 1 - back_
        bright = light[s]
        useful = dim
        for channel in range(3):
            useful += error[channel] * logits[channel, s]
        change[s] = 0
        if code[s] < HIGHEST:
            change[s] = tau[s] * (after * useful - later)
        weight = bright - after
        later += weight * useful
        after = bright
        for channel in range(3):
            shade = logits[channel, s]
            logits[channel, s] = weight * error[channel] * shade * (one - shade)
        logits[3, s] = 0
