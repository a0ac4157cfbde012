"""The joint regressor: each joint as a weighted mean of few vertices all around it, exact for people never seen."""

from __future__ import annotations

import numpy as np
from scipy.optimize import nnls
from scipy.sparse import csr_matrix

from lab.body.builder.shapes import Crowd
from lab.body.skeleton import JOINTS, MIRROR
from lab.scene import Array

DIRECTIONS = 120  # in which candidates are looked for around a joint
EACH = 32  # candidates in every direction
MOST = 60  # vertices of a joint in the end
SMALL = 1e-3  # weights below it are dropped
TOTAL = 50.0  # how strictly the weights sum to 1 while solving, metres


def sphere_directions(count: int) -> Array:
    """(count, 3) unit vectors spread evenly (Fibonacci's spiral)."""
    index = np.arange(count) + 0.5
    height = 1.0 - 2.0 * index / count
    turn = np.pi * (1.0 + np.sqrt(5.0)) * index
    radius = np.sqrt(1.0 - height**2)
    return np.stack([radius * np.cos(turn), height, radius * np.sin(turn)], axis=1)


def around(verts: Array, centre: Array, allowed: Array) -> Array:
    """The numbers of vertices near ``centre``, some in every direction, so that it lies between them. Sorted.

    verts: (V, 3), centre: (3,), allowed: (V,) bool.
    """
    index = np.flatnonzero(allowed)
    offset = verts[index] - centre
    distance = np.linalg.norm(offset, axis=1)
    sector = np.argmax(offset @ sphere_directions(DIRECTIONS).T, axis=1)
    order = np.lexsort((index, distance, sector))
    place = np.arange(len(order)) - np.searchsorted(sector[order], sector[order])
    return np.sort(index[order[place < EACH]])


def convex_weights(columns: Array, target: Array, most: int = MOST) -> Array:
    """(C,) weights >= 0 of sum 1, at most ``most`` of them not zero, with columns @ weights nearest to the target.

    columns: (R, C), target: (R,). Non-negative least squares (Lawson and Hanson 1974).
    """

    def solve(chosen: Array) -> Array:
        system = np.vstack([columns[:, chosen], np.full((1, len(chosen)), TOTAL)])
        # The normal equations have as many rows as columns, and the same solution.
        root: Array = np.linalg.qr(np.column_stack([system, np.append(target, TOTAL)]), mode="r")  # type: ignore
        result = np.zeros(columns.shape[1])
        result[chosen] = nnls(root[:, :-1], root[:, -1], maxiter=50 * len(chosen))[0]
        return result

    weights = solve(np.arange(columns.shape[1]))
    keep = np.argsort(-weights, kind="stable")[:most]
    weights = solve(np.sort(keep[weights[keep] > SMALL]))
    return weights / weights.sum()


def regress(crowd: Crowd, mirror: Array) -> csr_matrix:
    """(24, V) float64 sparse: the joint regressor. Rows sum to 1, no weight is negative, at most MOST are not 0.

    It is symmetric: a joint of the right side has the mirror image of the left one's row. mirror: (V,).
    """
    result = np.zeros((len(JOINTS), crowd.verts.shape[1]))
    mean, centres = crowd.verts.mean(axis=0, dtype=np.float64), crowd.joints.mean(axis=0)
    for index, other in enumerate(MIRROR):
        if other < index:
            result[index] = result[other][mirror]
            continue
        middle = other == index
        near = around(mean, centres[index], mean[:, 0] >= -1e-9 if middle else np.ones(len(mean), bool))
        axes = [1, 2] if middle else [0, 1, 2]  # a middle joint takes both of a pair alike, so its x is 0 by itself
        columns = crowd.verts[:, near][:, :, axes].transpose(0, 2, 1).reshape(-1, len(near)).astype(np.float64)
        found = convex_weights(columns, crowd.joints[:, index][:, axes].reshape(-1), MOST // 2 if middle else MOST)
        result[index, near] += 0.5 * found if middle else found
        if middle:
            np.add.at(result[index], mirror[near], 0.5 * found)
    return csr_matrix(result)


def errors(crowd: Crowd, regressor: csr_matrix) -> Array:
    """(24,) metres: how far each regressed joint is from the true one, on the mean over the people."""
    found = np.stack([regressor @ verts for verts in crowd.verts.astype(np.float64)])
    return np.linalg.norm(found - crowd.joints, axis=2).mean(axis=0)
