"""Fast point feature histograms: 33 numbers that describe the surface around a point and do not change with a motion.

Source: Rusu, Blodow, Beetz (2009), with the bins, weights and scale of Open3D's ``compute_fpfh_feature``.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from lab.scene import Array

BINS = 11
MOST_NEIGHBOURS = 100


def fpfh(points: Array, normals: Array, radius: float, most: int = MOST_NEIGHBOURS) -> Array:
    """(N, 33) float64 features of ``points`` (N, 3) with unit ``normals`` (N, 3).

    radius: of the neighbourhood, in the points' units; most: neighbours that count, the nearest, the point included.
    A point without neighbours has the feature 0.
    """
    distance, near = cKDTree(points).query(points, k=min(most, len(points)), distance_upper_bound=radius)
    distance, near = distance[:, 1:], near[:, 1:]  # without the point itself
    used = np.isfinite(distance)
    first = np.broadcast_to(np.arange(len(points))[:, None], near.shape)[used]
    second = near[used]
    simple = _simple_features(points, normals, first, second, used.sum(axis=1))
    return _weighted(simple, first, second, distance[used])


def pair_features(p: Array, n: Array, q: Array, m: Array) -> Array:
    """The three angles (K, 3) between oriented points p with normals n and q with m, each (K, 3).

    In order: the angle theta by which m is turned about p's frame, radians in [-pi, pi]; alpha and phi, cosines. The
    frame stands on the point whose normal leans more towards the other.
    """
    line = q - p
    length = np.linalg.norm(line, axis=1)
    line = line / np.maximum(length, 1e-300)[:, None]
    here, there = (n * line).sum(axis=1), (m * line).sum(axis=1)
    swap = np.abs(here) < np.abs(there)
    u, other = np.where(swap[:, None], m, n), np.where(swap[:, None], n, m)
    line = np.where(swap[:, None], -line, line)
    phi = np.where(swap, -there, here)
    v = np.cross(line, u)
    size = np.linalg.norm(v, axis=1)
    v = v / np.maximum(size, 1e-300)[:, None]
    w = np.cross(u, v)
    theta = np.arctan2((w * other).sum(axis=1), (u * other).sum(axis=1))
    features = np.stack([theta, (v * other).sum(axis=1), phi], axis=1)
    features[(size == 0.0) | (length == 0.0)] = 0.0
    return features


def _simple_features(points: Array, normals: Array, first: Array, second: Array, counts: Array) -> Array:
    """(N, 33): the histogram of each point's own pairs; each of its three parts adds up to 100."""
    angles = pair_features(points[first], normals[first], points[second], normals[second])
    scaled = np.stack([(angles[:, 0] + np.pi) / (2 * np.pi), *((angles[:, 1:] + 1.0) * 0.5).T], axis=1)
    bins = np.clip(np.floor(BINS * scaled).astype(np.int64), 0, BINS - 1) + BINS * np.arange(3)
    flat = (first[:, None] * 3 * BINS + bins).ravel()
    share = np.repeat(100.0 / np.maximum(counts, 1)[first], 3)
    return np.bincount(flat, weights=share, minlength=len(points) * 3 * BINS).reshape(-1, 3 * BINS)


def _weighted(simple: Array, first: Array, second: Array, distance: Array) -> Array:
    """A point's own histogram, plus its neighbours' by one over the squared distance, scaled to 100 a part."""
    apart = distance > 0.0
    first, second = first[apart], second[apart]
    weights = 1.0 / distance[apart] ** 2
    total = np.zeros_like(simple)
    for part in range(simple.shape[1]):
        total[:, part] = np.bincount(first, weights=weights * simple[second, part], minlength=len(simple))
    parts = total.reshape(len(simple), 3, BINS)
    sums = parts.sum(axis=2, keepdims=True)
    scaled = np.divide(100.0 * parts, sums, out=np.zeros_like(parts), where=sums > 0.0)
    return scaled.reshape(simple.shape) + simple
