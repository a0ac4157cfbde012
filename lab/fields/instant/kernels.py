"""One step of training, fused: rays, samples, colours, loss, and all their gradients, by hand.

For a ray with samples k = 0, 1, ... (REFERENCE III.3 and III.4, emission and absorption):

    T_0 = 1,  alpha_k = 1 - exp(-sigma_k delta),  w_k = T_k alpha_k,  T_{k+1} = T_k (1 - alpha_k)
    C = sum_k w_k c_k + T_end B,   O = 1 - T_end
    L = |C - C*|² + lambda (O - O*)²

With g = dL/dC, h = dL/dO and u_k = g . c_k + h, the gradient to what absorbs is

    dL / d(sigma_k delta) = T_{k+1} u_k - sum_{j > k} w_j u_j - T_end (g . B)

so one pass backwards along the ray is enough. Everything is in the dtype of ``packed``: float32, or float64 to compare
with finite differences.
"""

from __future__ import annotations

import math

import numpy as np

from lab.fields import march_kernels
from lab.fields.march_kernels import BLOCK, block_end, harmonics, ray_span, sky_corners
from lab.kernels.jit import inlined, kernel, kernel_with
from lab.scene import Array

MOST_SAMPLES = 1024
"""Of one ray. What lies behind is not seen."""

DARK = 2e-3
"""A ray ends where less light than this is left."""


@inlined
def turn(
    within: Array,
    rows: Array,
    packed: Array,
    change: Array,
    inverse: Array,
    view: Array,
    direction: Array,
    distance: float,
    middle: Array,
    gradient: Array,
) -> None:
    """Add what a sample at ``distance`` along a camera's ray says of the camera's pose.

    within: (3,), its place in its cell; rows: (8,), of the corners; change: the gradient to its interpolated values.
    """
    x = y = z = 0.0
    for corner in range(8):
        a, b, c = corner >> 2, (corner >> 1) & 1, corner & 1
        inner = 0.0
        for channel in range(packed.shape[1]):
            inner += packed[rows[corner], channel] * change[channel]
        along_x = within[0] if a else 1.0 - within[0]
        along_y = within[1] if b else 1.0 - within[1]
        along_z = within[2] if c else 1.0 - within[2]
        x += inner * (1 if a else -1) * along_y * along_z
        y += inner * (1 if b else -1) * along_x * along_z
        z += inner * (1 if c else -1) * along_x * along_y
    x, y, z = x * inverse[0], y * inverse[1], z * inverse[2]
    px = view[9] + distance * direction[0] - middle[0]
    py = view[10] + distance * direction[1] - middle[1]
    pz = view[11] + distance * direction[2] - middle[2]
    gradient[0] += py * z - pz * y
    gradient[1] += pz * x - px * z
    gradient[2] += px * y - py * x
    gradient[3] += x
    gradient[4] += y
    gradient[5] += z


@kernel_with(march_kernels)
def train_rays(
    first: int,
    last: int,
    chosen: Array,
    jitter: Array,
    ground: Array,
    views: Array,
    pixels: Array,
    alphas: Array,
    rows: Array,
    packed: Array,
    cells: Array,
    blocks: Array,
    sky: Array,
    lower: Array,
    inverse: Array,
    step: float,
    scale: float,
    one: float,
    color_weight: float,
    mask_weight: float,
    gradient: Array,
    sky_gradient: Array,
    touched: Array,
    heaviest: Array,
    loss: Array,
    middle: Array,
    pose_gradient: Array,
) -> None:
    """The gradients of the rays ``first`` to ``last`` are added up.

    chosen: (R,) int64, pixels counted through all pictures. jitter: (R,) in [0, 1). ground: (R, 3), the colour behind
    each ray where there is no sky; pictures with alphas stand on it. views: (N, 16) float64, each camera's rotation,
    centre, fx, fy, cx, cy. pixels: (N, H, W, 3) uint8; alphas: (N, H, W) uint8, or of no pictures.
    rows, cells, blocks, lower, inverse, scale: as for drawing. packed: (N, 1 + 3 K). sky: (H, W, 3), or of no rows.
    one: 1 in the dtype of everything. gradient: as packed; touched: (N,) uint8; heaviest: as cells, the largest weight
    of a sample in each; sky_gradient: as sky. loss: (3,) float64, squared errors of colour and mask, and samples.
    pose_gradient: (N, 6) float64, or of no rows: to a small rotation vector about ``middle`` (3,), world, and a shift
    of each camera, by how its samples move; the direction that colours may depend on is left out.
    """
    zero = one - one
    channels = packed.shape[1]
    count = (channels - 1) // 3
    height, width = pixels.shape[1], pixels.shape[2]
    basis = np.empty(count, packed.dtype)
    weight = np.empty((MOST_SAMPLES, 8), packed.dtype)
    row = np.empty((MOST_SAMPLES, 8), np.int32)
    alpha = np.empty(MOST_SAMPLES, packed.dtype)
    slope = np.empty(MOST_SAMPLES, packed.dtype)
    seen = np.empty(MOST_SAMPLES, packed.dtype)
    color = np.empty((MOST_SAMPLES, 3), packed.dtype)
    within, distance = np.empty((MOST_SAMPLES, 3)), np.empty(MOST_SAMPLES)
    value = np.empty(channels, packed.dtype)
    change = np.empty(channels, packed.dtype)
    behind, wanted, error = np.empty(3, packed.dtype), np.empty(3, packed.dtype), np.empty(3, packed.dtype)
    sky_row, sky_part = np.empty((4, 2), np.int64), np.empty(4, packed.dtype)
    direction, origin, along, far = np.empty(3), np.empty(3), np.empty(3), np.empty(3)
    for axis in range(3):
        far[axis] = rows.shape[axis] - 1
    thick = one * scale * step
    for ray in range(first, last):
        # the ray, in grid coordinates per metre
        picture, rest = chosen[ray] // (height * width), chosen[ray] % (height * width)
        line, column = rest // width, rest % width
        view = views[picture]
        x = (column + 0.5 - view[14]) / view[12]
        y = -(line + 0.5 - view[15]) / view[13]
        length = 1.0 / math.sqrt(x * x + y * y + 1.0)
        for axis in range(3):
            direction[axis] = (view[3 * axis] * x + view[3 * axis + 1] * y - view[3 * axis + 2]) * length
            origin[axis] = (view[9 + axis] - lower[axis]) * inverse[axis]
            along[axis] = direction[axis] * inverse[axis]
        harmonics(direction[0], direction[1], direction[2], basis)
        # what is behind, and what the picture shows
        if sky.shape[0] > 0:
            sky_corners(sky, direction, sky_row, sky_part)
        for channel in range(3):
            behind[channel] = ground[ray, channel]
            if sky.shape[0] > 0:
                behind[channel] = zero
                for corner in range(4):
                    behind[channel] += sky_part[corner] * sky[sky_row[corner, 0], sky_row[corner, 1], channel]
            wanted[channel] = one * pixels[picture, line, column, channel] / 255
        cover = one
        if alphas.shape[0] > 0:
            cover = one * alphas[picture, line, column] / 255
            for channel in range(3):
                wanted[channel] = cover * wanted[channel] + (one - cover) * behind[channel]
        # forward
        enter, leave = ray_span(origin, along, far)
        at = enter + jitter[ray] * step
        left = one
        samples = 0
        red = green = blue = zero
        while at < leave and left > DARK and samples < MOST_SAMPLES:
            px = origin[0] + at * along[0]
            py = origin[1] + at * along[1]
            pz = origin[2] + at * along[2]
            i = min(max(int(px), 0), cells.shape[0] - 1)
            j = min(max(int(py), 0), cells.shape[1] - 1)
            k = min(max(int(pz), 0), cells.shape[2] - 1)
            if blocks[i // BLOCK, j // BLOCK, k // BLOCK] == 0:
                end = block_end(i, j, k, origin, along, leave)
                at += step * max(1.0, math.ceil((end - at) / step))
                continue
            distance[samples] = at
            at += step
            if cells[i, j, k] == 0:
                continue
            within[samples, 0], within[samples, 1], within[samples, 2] = px - i, py - j, pz - k
            u, v, w = one * (px - i), one * (py - j), one * (pz - k)
            for channel in range(channels):
                value[channel] = zero
            for corner in range(8):
                a, b, c = corner >> 2, (corner >> 1) & 1, corner & 1
                part = (u if a else one - u) * (v if b else one - v) * (w if c else one - w)
                at_row = rows[i + a, j + b, k + c]
                weight[samples, corner] = part
                row[samples, corner] = at_row
                for channel in range(channels):
                    value[channel] += part * packed[at_row, channel]
            raw = value[0]
            grown = math.exp(-abs(raw))
            soft = max(raw, zero) + math.log(one + grown)
            alpha[samples] = one - math.exp(-soft * thick)
            slope[samples] = thick * (one / (one + grown) if raw > zero else grown / (one + grown))
            for channel in range(3):
                raw = zero
                for term in range(count):
                    raw += value[1 + channel * count + term] * basis[term]
                color[samples, channel] = one / (one + math.exp(-raw))
            seen[samples] = left * alpha[samples]
            left *= one - alpha[samples]
            red += seen[samples] * color[samples, 0]
            green += seen[samples] * color[samples, 1]
            blue += seen[samples] * color[samples, 2]
            heaviest[i, j, k] = max(heaviest[i, j, k], seen[samples])
            samples += 1
        # loss
        error[0] = red + left * behind[0] - wanted[0]
        error[1] = green + left * behind[1] - wanted[1]
        error[2] = blue + left * behind[2] - wanted[2]
        off = zero
        if alphas.shape[0] > 0:
            off = one - left - cover
        loss[0] += error[0] * error[0] + error[1] * error[1] + error[2] * error[2]
        loss[1] += off * off
        loss[2] += samples
        # backward
        dim = 2 * off * one * mask_weight
        for channel in range(3):
            error[channel] *= 2 * one * color_weight
        after = left
        later = left * (error[0] * behind[0] + error[1] * behind[1] + error[2] * behind[2])
        if sky.shape[0] > 0 and alphas.shape[0] == 0:  # pictures with alphas stand on the sky and tell nothing of it
            for channel in range(3):
                for corner in range(4):
                    sky_gradient[sky_row[corner, 0], sky_row[corner, 1], channel] += (
                        left * error[channel] * sky_part[corner]
                    )
        for back in range(samples):
            sample = samples - 1 - back
            useful = dim
            for channel in range(3):
                useful += error[channel] * color[sample, channel]
            change[0] = (after * useful - later) * slope[sample]
            later += seen[sample] * useful
            after = seen[sample] / alpha[sample] if alpha[sample] > 1e-7 else after
            for channel in range(3):
                shade = color[sample, channel]
                part = seen[sample] * error[channel] * shade * (one - shade)
                for term in range(count):
                    change[1 + channel * count + term] = part * basis[term]
            for corner in range(8):
                at_row = row[sample, corner]
                part = weight[sample, corner]
                touched[at_row] = 1
                for channel in range(channels):
                    gradient[at_row, channel] += part * change[channel]
            if pose_gradient.shape[0] > 0:
                turn(
                    within[sample], row[sample], packed, change, inverse, view, direction, distance[sample], middle,
                    pose_gradient[picture],
                )  # fmt: skip


@kernel
def gather(
    first: int,
    last: int,
    packed: Array,
    gradients: Array,
    touched: Array,
    places: Array,
    rows: Array,
    density_smooth: float,
    color_smooth: float,
    share: float,
    one: float,
) -> None:
    """Add up the gradients of the parts in the first part's, for the rows ``first`` to ``last`` that rays touched.

    gradients: (P, N, C), touched: (P, N), of the parts; those after the first are cleared. places: (N, 3) int16, the
    vertex of each row. share: what the sums are multiplied by. Smoothness is the total variation's gradient: the
    difference from the six neighbours. They are only read, so that the order of rows and threads does not matter.
    """
    channels = packed.shape[1]
    for row in range(first, last):
        any_touched = touched[0, row] != 0
        for part in range(1, touched.shape[0]):
            if touched[part, row]:
                touched[part, row] = 0
                any_touched = True
                for channel in range(channels):
                    gradients[0, row, channel] += gradients[part, row, channel]
                    gradients[part, row, channel] = one - one
        if not any_touched:
            continue
        touched[0, row] = 1
        for channel in range(channels):
            gradients[0, row, channel] *= share
        for axis in range(3):
            for side in range(-1, 2, 2):
                i = places[row, 0] + (side if axis == 0 else 0)
                j = places[row, 1] + (side if axis == 1 else 0)
                k = places[row, 2] + (side if axis == 2 else 0)
                if 0 <= i < rows.shape[0] and 0 <= j < rows.shape[1] and 0 <= k < rows.shape[2]:
                    beside = rows[i, j, k]
                    if beside >= 0:
                        for channel in range(channels):
                            smooth = density_smooth if channel == 0 else color_smooth
                            gradients[0, row, channel] += smooth * (packed[row, channel] - packed[beside, channel])


@kernel
def descend(
    first: int,
    last: int,
    packed: Array,
    mean: Array,
    spread: Array,
    gradient: Array,
    touched: Array,
    density_rate: float,
    color_rate: float,
    one: float,
) -> None:
    """A step of Adam (Kingma and Ba 2015, without its bias correction) for the rows that rays touched.

    mean, spread: as packed, the moments. gradient: (N, C), touched: (N,), both are cleared.
    """
    keep_mean, keep_spread, tiny = one * 0.9, one * 0.99, one * 1e-10
    for row in range(first, last):
        if touched[row] == 0:
            continue
        touched[row] = 0
        for channel in range(packed.shape[1]):
            slope = gradient[row, channel]
            gradient[row, channel] = one - one
            mean[row, channel] = keep_mean * mean[row, channel] + (one - keep_mean) * slope
            spread[row, channel] = keep_spread * spread[row, channel] + (one - keep_spread) * slope * slope
            rate = density_rate if channel == 0 else color_rate
            packed[row, channel] -= rate * mean[row, channel] / (math.sqrt(spread[row, channel]) + tiny)
