"""Exact nearest neighbours of points in 3-D.

A box tree over the points in the order of a Hilbert curve: leaves hold ``LEAF`` consecutive points, the boxes above
them form a complete binary tree without pointers, so that 5,000 points take a fraction of a millisecond to build.
Queries are answered near to far, best in an order in which neighbours follow each other (such as that of another
tree), because each starts from the answer of the one before it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from lab.kernels.crew import Crew
from lab.kernels.jit import inlined, kernel
from lab.scene import Array

LEAF = 16
PIECE = 640
"""Queries in a piece of work; the same for any number of threads, so that ties are broken alike."""


@inlined
def _spread(x: int) -> int:
    """The low 10 bits of ``x``, two zero bits between each."""
    x = (x | (x << 16)) & 0x030000FF
    x = (x | (x << 8)) & 0x0300F00F
    x = (x | (x << 4)) & 0x030C30C3
    return (x | (x << 2)) & 0x09249249


@kernel
def _hilbert(x: int, y: int, z: int, bits: int) -> int:
    """Position of a grid cell along the Hilbert curve, 2^bits cells a side.

    Skilling 2004, "Programming the Hilbert curve".
    """
    q = 1 << (bits - 1)
    while q > 1:
        mask = q - 1
        if x & q:
            x ^= mask
        if y & q:
            x ^= mask
        else:
            swap = (x ^ y) & mask
            x ^= swap
            y ^= swap
        if z & q:
            x ^= mask
        else:
            swap = (x ^ z) & mask
            x ^= swap
            z ^= swap
        q >>= 1
    y ^= x
    z ^= y
    flip = 0
    q = 1 << (bits - 1)
    while q > 1:
        if z & q:
            flip ^= q - 1
        q >>= 1
    return (_spread(x ^ flip) << 2) | (_spread(y ^ flip) << 1) | _spread(z ^ flip)


@kernel
def curve_order(points: Array) -> Array:
    """The permutation (N,) int32 that sorts ``points`` (N, 3) along a Hilbert curve."""
    count = len(points)
    lower = np.array([np.inf, np.inf, np.inf])
    upper = -lower
    for i in range(count):
        for k in range(3):
            lower[k] = min(lower[k], points[i, k])
            upper[k] = max(upper[k], points[i, k])
    extent = max(upper[0] - lower[0], upper[1] - lower[1], upper[2] - lower[2])

    bits = 4
    while bits < 10 and (1 << (2 * bits - 1)) < count:  # a surface then has a few cells for each point
        bits += 1
    last = (1 << bits) - 1
    scale = (last + 1) / extent if extent > 0 else 0.0
    codes = np.empty(count, np.int64)
    order = np.empty(count, np.int32)
    for i in range(count):
        x = min(max(int((points[i, 0] - lower[0]) * scale), 0), last)
        y = min(max(int((points[i, 1] - lower[1]) * scale), 0), last)
        z = min(max(int((points[i, 2] - lower[2]) * scale), 0), last)
        codes[i] = _hilbert(x, y, z, bits)
        order[i] = i

    codes_to = np.empty_like(codes)
    order_to = np.empty_like(order)
    for shift in range(0, 3 * bits, 10):  # radix sort, ten bits at a time
        starts = np.zeros(1025, np.int64)
        for i in range(count):
            starts[((codes[i] >> shift) & 1023) + 1] += 1
        for digit in range(1024):
            starts[digit + 1] += starts[digit]
        for i in range(count):
            digit = (codes[i] >> shift) & 1023
            place = starts[digit]
            starts[digit] = place + 1
            codes_to[place] = codes[i]
            order_to[place] = order[i]
        codes, codes_to = codes_to, codes
        order, order_to = order_to, order
    return order


@kernel
def _build(points: Array, order: Array) -> tuple[Array, Array]:
    """Leaves (L, 3, LEAF) padded with infinity, and boxes (2 * first, 6), lower then upper corner.

    Node i has the children 2i and 2i + 1; leaf l is node first + l.
    """
    count = len(points)
    leaf_count = (count + LEAF - 1) // LEAF
    first = 1
    while first < leaf_count:
        first *= 2
    infinity = points.dtype.type(np.inf)
    leaves = np.full((leaf_count, 3, LEAF), infinity, points.dtype)
    boxes = np.empty((2 * first, 6), points.dtype)
    boxes[:, :3] = infinity
    boxes[:, 3:] = -infinity
    for i in range(count):
        leaf = i // LEAF
        for k in range(3):
            value = points[order[i], k]
            leaves[leaf, k, i % LEAF] = value
            boxes[first + leaf, k] = min(boxes[first + leaf, k], value)
            boxes[first + leaf, 3 + k] = max(boxes[first + leaf, 3 + k], value)
    for node in range(first - 1, 0, -1):
        for k in range(3):
            boxes[node, k] = min(boxes[2 * node, k], boxes[2 * node + 1, k])
            boxes[node, 3 + k] = max(boxes[2 * node, 3 + k], boxes[2 * node + 1, 3 + k])
    return leaves, boxes


@inlined
def _box_distance(boxes: Array, node: int, x: float, y: float, z: float, zero: float) -> float:
    """Squared distance of a point from a node's box."""
    dx = max(max(boxes[node, 0] - x, x - boxes[node, 3]), zero)
    dy = max(max(boxes[node, 1] - y, y - boxes[node, 4]), zero)
    dz = max(max(boxes[node, 2] - z, z - boxes[node, 5]), zero)
    return dx * dx + dy * dy + dz * dz


@kernel
def _query(
    leaves: Array,
    boxes: Array,
    order: Array,
    queries: Array,
    query_order: Array,
    start: int,
    stop: int,
    nearest: Array,
    squared: Array,
) -> None:
    """Fill ``nearest`` and ``squared`` for the queries ``query_order[start:stop]``."""
    first = len(boxes) // 2
    zero = boxes.dtype.type(0)
    waiting = np.empty(64, np.int64)
    waiting_distance = np.empty(64, boxes.dtype)
    found = 0
    for i in range(start, stop):
        item = query_order[i]
        x, y, z = queries[item, 0], queries[item, 1], queries[item, 2]
        dx = leaves[found // LEAF, 0, found % LEAF] - x
        dy = leaves[found // LEAF, 1, found % LEAF] - y
        dz = leaves[found // LEAF, 2, found % LEAF] - z
        best = dx * dx + dy * dy + dz * dz
        node = 1
        depth = 0
        while True:
            if node >= first:
                leaf = node - first
                for j in range(LEAF):
                    dx = leaves[leaf, 0, j] - x
                    dy = leaves[leaf, 1, j] - y
                    dz = leaves[leaf, 2, j] - z
                    distance = dx * dx + dy * dy + dz * dz
                    if distance < best:
                        best = distance
                        found = leaf * LEAF + j
            else:
                near, far = 2 * node, 2 * node + 1
                near_distance = _box_distance(boxes, near, x, y, z, zero)
                far_distance = _box_distance(boxes, far, x, y, z, zero)
                if far_distance < near_distance:
                    near, far = far, near
                    near_distance, far_distance = far_distance, near_distance
                if far_distance < best:
                    waiting[depth] = far
                    waiting_distance[depth] = far_distance
                    depth += 1
                if near_distance < best:
                    node = near
                    continue
            while depth > 0 and not waiting_distance[depth - 1] < best:
                depth -= 1
            if depth == 0:
                break
            depth -= 1
            node = waiting[depth]
        nearest[item] = order[found]
        squared[item] = best


class PointTree:
    """The nearest of some points, exactly.

    points: (N, 3) float32 or float64, N at least 1, not copied: they must not change. order: (N,) int32, the points
    along a Hilbert curve. Raises ValueError on other shapes or no points.
    """

    def __init__(self, points: Array) -> None:
        if points.ndim != 2 or points.shape[1] != 3 or not len(points):
            raise ValueError(f"points: expected shape (N, 3) with N at least 1, found {points.shape}")
        self.points = points
        self.order: Array = curve_order(points)
        self._leaves, self._boxes = _build(points, self.order)

    def __len__(self) -> int:
        return len(self.points)

    def query(self, queries: Array, order: Array | None = None, crew: Crew | None = None) -> tuple[Array, Array]:
        """The nearest point of each query: index (M,) int32 and squared distance (M,) of the points' dtype.

        queries: (M, 3) of the points' dtype. order: (M,) int32, a permutation in which neighbours follow each other;
        found here where it is not given. A query that is not finite gets an arbitrary index and no finite distance.
        """
        pieces, nearest, squared = self.query_pieces(queries, order)
        (crew or Crew(1)).share(pieces)
        return nearest, squared

    def query_pieces(self, queries: Array, order: Array | None = None) -> tuple[list[Callable[[], None]], Array, Array]:
        """``query`` cut in pieces that any threads may do, in any order; the arrays are filled when all are done."""
        queries = np.ascontiguousarray(queries, dtype=self.points.dtype)
        order = curve_order(queries) if order is None else order
        nearest = np.empty(len(queries), np.int32)
        squared = np.empty(len(queries), self.points.dtype)
        common = (self._leaves, self._boxes, self.order, queries, order)
        pieces: list[Callable[[], None]] = [
            partial(_query, *common, start, min(start + PIECE, len(queries)), nearest, squared)
            for start in range(0, len(queries), PIECE)
        ]
        return pieces, nearest, squared
