"""The kernels under ``lab.raster.fragments``: the K nearest faces of each pixel of a tile, and the way back.

Flags are three bools: barycentrics are corrected for perspective, clipped to the face, and sane. Sane ones outside a
face are clipped before they are corrected, or, where they are not clipped, stay affine: either way nothing is divided
by a number near 0. Otherwise they are corrected before they are clipped, everywhere, as PyTorch3D does.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from lab.kernels.jit import inlined, kernel_with
from lab.raster import triangle
from lab.raster.tiles import TILE
from lab.raster.triangle import EPSILON, edge, nearest_edge

SMALLEST_SUM = 1e-5  # of clipped barycentrics, as PyTorch3D divides by it


@kernel_with(triangle)
def fill(
    tiles: Any, neighbours: Any, px: Any, py: Any, blur_radius: float, flags: Any, first: int, last: int, fragments: Any
) -> None:
    """Find the fragments of tiles ``first`` to ``last``.

    tiles: corners, boxes, starts and faces of ``Tiles``, and how many tiles a row has. neighbours: (F,), the other half
    of a face that was cut in two, -1 for none, or empty where no face was. px: (W,), py: (H,), NDC of the pixels'
    middles. fragments: pix_to_face, zbuf, bary, dists.
    """
    corners, boxes, starts, entries, columns = tiles
    zbuf = fragments[1]
    depth = zbuf.shape[2]
    # The fragments found so far of each pixel: z in ascending order, with the place where the rest of it is held.
    counts = np.empty(TILE * TILE, np.int32)
    zs, places = np.empty((TILE * TILE, depth), zbuf.dtype), np.empty((TILE * TILE, depth), np.int32)
    held_faces, held = np.empty((TILE * TILE, depth), np.int32), np.empty((TILE * TILE, depth, 4), zbuf.dtype)
    rounded = np.empty(1, zbuf.dtype)
    for tile in range(first, last):
        counts[:] = 0
        top, left = tile // columns * TILE, tile % columns * TILE
        for entry in range(starts[tile], starts[tile + 1]):
            f = entries[entry]
            x0, y0, z0, x1, y1, z1, x2, y2, z2 = corners[f]
            area = edge(x2, y2, x0, y0, x1, y1) + EPSILON
            neighbour: Any = neighbours[f] if len(neighbours) else np.int32(-1)
            # A pixel beyond an edge's line, and farther from it than the blur, is out without a closer look.
            far0 = blur_radius * ((x2 - x1) * (x2 - x1) + (y2 - y1) * (y2 - y1))
            far1 = blur_radius * ((x0 - x2) * (x0 - x2) + (y0 - y2) * (y0 - y2))
            far2 = blur_radius * ((x1 - x0) * (x1 - x0) + (y1 - y0) * (y1 - y0))
            for row in range(max(top, boxes[f, 0]), min(top + TILE, boxes[f, 1] + 1)):
                y = py[row]
                for column in range(max(left, boxes[f, 2]), min(left + TILE, boxes[f, 3] + 1)):
                    x = px[column]
                    e0, e1, e2 = edge(x, y, x1, y1, x2, y2), edge(x, y, x2, y2, x0, y0), edge(x, y, x0, y0, x1, y1)
                    w0, w1, w2 = e0 / area, e1 / area, e2 / area
                    inside = w0 > 0.0 and w1 > 0.0 and w2 > 0.0
                    distance = 0.0
                    if not inside:
                        beyond = (w0 <= 0.0 and e0 * e0 >= far0) or (w1 <= 0.0 and e1 * e1 >= far1)
                        if beyond or (w2 <= 0.0 and e2 * e2 >= far2):
                            continue
                        distance, _, _ = nearest_edge(x, y, x0, y0, x1, y1, x2, y2)
                        if not distance < blur_radius:
                            continue
                    w0, w1, w2 = _final(w0, w1, w2, z0, z1, z2, inside, flags)
                    rounded[0] = w0 * z0 + w1 * z1 + w2 * z2
                    z = rounded[0]  # as it is kept, so that ties are ties
                    pixel = (row - top) * TILE + column - left
                    full = counts[pixel] == depth
                    if not z >= 0.0 or (full and neighbour < 0 and z >= zs[pixel, depth - 1]):
                        continue
                    if inside:
                        distance, _, _ = nearest_edge(x, y, x0, y0, x1, y1, x2, y2)
                        distance = -distance
                    place = _make_room(
                        z, neighbour, distance, counts, zs[pixel], places[pixel], held_faces[pixel], held[pixel], pixel
                    )
                    if place < 0:
                        continue
                    _insert(z, f, place, counts, zs[pixel], places[pixel], held_faces[pixel], pixel)
                    held_faces[pixel, place] = f
                    held[pixel, place, 0] = distance
                    held[pixel, place, 1], held[pixel, place, 2], held[pixel, place, 3] = w0, w1, w2
        _write(top, left, counts, zs, places, held_faces, held, fragments)


@kernel_with(triangle)
def pull_back(
    tiles: Any, px: Any, py: Any, flags: Any, first: int, last: int, pix_to_face: Any, grads: Any, entry_grads: Any
) -> None:
    """Gradients by the corners of the faces of tiles ``first`` to ``last``, from those by their fragments.

    grads: by zbuf, bary, dists. entry_grads: (N, 3, 3), zero before, of each entry's corners.
    """
    corners, _, starts, entries, columns = tiles
    grad_zbuf, grad_bary, grad_dists = grads
    height, width, depth = pix_to_face.shape
    entry_of = np.empty(len(corners), np.int32)
    for tile in range(first, last):
        for entry in range(starts[tile], starts[tile + 1]):
            entry_of[entries[entry]] = entry
        top, left = tile // columns * TILE, tile % columns * TILE
        for row in range(top, min(top + TILE, height)):
            for column in range(left, min(left + TILE, width)):
                for k in range(depth):
                    f = pix_to_face[row, column, k]
                    if f < 0:
                        break
                    by_z, by_distance = grad_zbuf[row, column, k], grad_dists[row, column, k]
                    g0, g1, g2 = grad_bary[row, column, k]
                    if by_z != 0.0 or g0 != 0.0 or g1 != 0.0 or g2 != 0.0 or by_distance != 0.0:
                        out = entry_grads[entry_of[f]]
                        _pull_face(corners[f], px[column], py[row], g0, g1, g2, by_z, by_distance, flags, out)


@kernel_with(triangle)
def _pull_face(
    corners: Any, x: float, y: float, g0: float, g1: float, g2: float, by_z: float, by_distance: float, flags: Any,
    out: Any,
) -> None:  # fmt: skip
    """Add to ``out`` (3, 3) what one fragment gives. g: the gradient by its barycentrics."""
    x0, y0, z0, x1, y1, z1, x2, y2, z2 = corners
    area = edge(x2, y2, x0, y0, x1, y1) + EPSILON
    w0 = edge(x, y, x1, y1, x2, y2) / area
    w1 = edge(x, y, x2, y2, x0, y0) / area
    w2 = edge(x, y, x0, y0, x1, y1) / area
    inside = w0 > 0.0 and w1 > 0.0 and w2 > 0.0
    if by_distance != 0.0:
        _, which, t = nearest_edge(x, y, x0, y0, x1, y1, x2, y2)
        _distance_back(corners, which, t, x, y, -by_distance if inside else by_distance, out)
    b0, b1, b2 = _final(w0, w1, w2, z0, z1, z2, inside, flags)
    out[0, 2] += by_z * b0
    out[1, 2] += by_z * b1
    out[2, 2] += by_z * b2
    g0, g1, g2 = _final_back(w0, w1, w2, z0, z1, z2, inside, flags, g0 + by_z * z0, g1 + by_z * z1, g2 + by_z * z2, out)
    # Each is an edge's area over the whole, which is the sum of the three.
    shared = g0 * w0 + g1 * w1 + g2 * w2
    g0, g1, g2 = (g0 - shared) / area, (g1 - shared) / area, (g2 - shared) / area
    out[0, 0] += g1 * (y2 - y) + g2 * (y - y1)
    out[0, 1] += g1 * (x - x2) + g2 * (x1 - x)
    out[1, 0] += g0 * (y - y2) + g2 * (y0 - y)
    out[1, 1] += g0 * (x2 - x) + g2 * (x - x0)
    out[2, 0] += g0 * (y1 - y) + g1 * (y - y0)
    out[2, 1] += g0 * (x - x1) + g1 * (x0 - x)


@kernel_with(triangle)
def _final(
    w0: float, w1: float, w2: float, z0: float, z1: float, z2: float, inside: bool, flags: Any
) -> tuple[float, float, float]:
    """The barycentrics of a fragment from the affine ones."""
    perspective, clip, sane = flags
    if sane and not inside:
        if not clip:
            return w0, w1, w2
        w0, w1, w2, _ = _clipped(w0, w1, w2)
        clip = False
    if perspective:
        w0, w1, w2, _ = _corrected(w0, w1, w2, z0, z1, z2)
    if clip:
        w0, w1, w2, _ = _clipped(w0, w1, w2)
    return w0, w1, w2


@kernel_with(triangle)
def _final_back(
    w0: float, w1: float, w2: float, z0: float, z1: float, z2: float, inside: bool, flags: Any,
    g0: float, g1: float, g2: float, out: Any,
) -> tuple[float, float, float]:  # fmt: skip
    """The gradient by the affine barycentrics from ``g``, by the final ones; that by the depths is added to ``out``."""
    perspective, clip, sane = flags
    clip_first = sane and not inside and clip
    if sane and not inside and not clip:
        return g0, g1, g2
    v0, v1, v2 = w0, w1, w2
    if clip_first:
        v0, v1, v2, _ = _clipped(w0, w1, w2)
    if perspective:
        c0, c1, c2, denominator = _corrected(v0, v1, v2, z0, z1, z2)
        if clip and not clip_first:
            g0, g1, g2 = _clipped_back(c0, c1, c2, g0, g1, g2)
        shared = g0 * c0 + g1 * c1 + g2 * c2
        g0, g1, g2 = (g0 - shared) / denominator, (g1 - shared) / denominator, (g2 - shared) / denominator
        out[0, 2] += g1 * v1 * z2 + g2 * v2 * z1
        out[1, 2] += g0 * v0 * z2 + g2 * v2 * z0
        out[2, 2] += g0 * v0 * z1 + g1 * v1 * z0
        g0, g1, g2 = g0 * z1 * z2, g1 * z0 * z2, g2 * z0 * z1
    if clip and (clip_first or not perspective):
        g0, g1, g2 = _clipped_back(w0, w1, w2, g0, g1, g2)
    return g0, g1, g2


@inlined
def _corrected(w0: Any, w1: Any, w2: Any, z0: Any, z1: Any, z2: Any) -> Any:
    """Perspective-correct barycentrics (REFERENCE II.1) and their denominator, which PyTorch3D keeps from 0."""
    t0, t1, t2 = w0 * z1 * z2, w1 * z0 * z2, w2 * z0 * z1
    denominator = max(t0 + t1 + t2, EPSILON)
    return t0 / denominator, t1 / denominator, t2 / denominator, denominator


@inlined
def _clipped(w0: Any, w1: Any, w2: Any) -> Any:
    """Barycentrics of a point of the triangle: negative ones become 0; and the sum that they are divided by."""
    c0, c1, c2 = max(w0, 0.0), max(w1, 0.0), max(w2, 0.0)
    total = max(c0 + c1 + c2, SMALLEST_SUM)
    return c0 / total, c1 / total, c2 / total, total


@inlined
def _clipped_back(w0: Any, w1: Any, w2: Any, g0: Any, g1: Any, g2: Any) -> Any:
    """The gradient by the barycentrics before clipping, from ``g``, by those after it."""
    b0, b1, b2, total = _clipped(w0, w1, w2)
    shared = g0 * b0 + g1 * b1 + g2 * b2 if total > SMALLEST_SUM else 0.0
    a0 = (g0 - shared) / total if w0 >= 0.0 else 0.0
    a1 = (g1 - shared) / total if w1 >= 0.0 else 0.0
    a2 = (g2 - shared) / total if w2 >= 0.0 else 0.0
    return a0, a1, a2


@kernel_with(triangle)
def _make_room(
    z: float, neighbour: int, distance: float, counts: Any, zs: Any, places: Any, held_faces: Any, held: Any, pixel: int
) -> int:
    """The place for a new fragment of a pixel, whose count then is without it; -1 where it does not get in.

    Of the two halves of a face that was cut, the one nearer in the image counts; distance: signed. PyTorch3D compares
    without the sign, so that rounding decides for a pixel in one half that is nearest to the edge between them.
    """
    count = counts[pixel]
    depth = len(places)
    if neighbour >= 0:
        for k in range(count):
            place = places[k]
            if held_faces[place] == neighbour:
                if not distance < held[place, 0]:
                    return -1
                for i in range(k, count - 1):
                    places[i], zs[i] = places[i + 1], zs[i + 1]
                counts[pixel] = count - 1
                return place
    if count < depth:
        return count
    if z >= zs[depth - 1]:
        return -1
    counts[pixel] = count - 1
    return places[depth - 1]


@kernel_with(triangle)
def _insert(z: float, f: int, place: int, counts: Any, zs: Any, places: Any, held_faces: Any, pixel: int) -> None:
    """Put a fragment among those of its pixel: by z, and of equal ones by the number of the face."""
    k = counts[pixel]
    while k > 0 and (zs[k - 1] > z or (zs[k - 1] == z and held_faces[places[k - 1]] > f)):
        zs[k], places[k] = zs[k - 1], places[k - 1]
        k -= 1
    zs[k], places[k] = z, place
    counts[pixel] += 1


@kernel_with(triangle)
def _write(top: int, left: int, counts: Any, zs: Any, places: Any, held_faces: Any, held: Any, fragments: Any) -> None:
    """A tile's fragments to the image's; the places left over become -1."""
    pix_to_face, zbuf, bary, dists = fragments
    height, width, depth = pix_to_face.shape
    for row in range(top, min(top + TILE, height)):
        for column in range(left, min(left + TILE, width)):
            pixel = (row - top) * TILE + column - left
            for k in range(counts[pixel]):
                place = places[pixel, k]
                pix_to_face[row, column, k] = held_faces[pixel, place]
                zbuf[row, column, k] = zs[pixel, k]
                dists[row, column, k] = held[pixel, place, 0]
                for i in range(3):
                    bary[row, column, k, i] = held[pixel, place, 1 + i]
            for k in range(counts[pixel], depth):
                pix_to_face[row, column, k] = -1
                zbuf[row, column, k] = dists[row, column, k] = -1.0
                bary[row, column, k, 0] = bary[row, column, k, 1] = bary[row, column, k, 2] = -1.0


@kernel_with(triangle)
def _distance_back(corners: Any, which: int, t: float, x: float, y: float, grad: float, out: Any) -> None:
    """Add the gradient of the squared distance to the nearest edge, at ``t`` on it."""
    a, b = (0, 1) if which == 0 else ((0, 2) if which == 1 else (1, 2))
    ax, ay, bx, by = corners[3 * a], corners[3 * a + 1], corners[3 * b], corners[3 * b + 1]
    to_x, to_y = 2.0 * grad * (ax + t * (bx - ax) - x), 2.0 * grad * (ay + t * (by - ay) - y)
    out[a, 0] += (1.0 - t) * to_x
    out[a, 1] += (1.0 - t) * to_y
    out[b, 0] += t * to_x
    out[b, 1] += t * to_y
