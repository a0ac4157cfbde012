"""The shape space: principal components of many people, symmetric, whitened (1 is one standard deviation)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_matrix

from lab.body.builder.people import draw, surfaces
from lab.body.builder.source import DECIMETRE, Source
from lab.body.builder.surface import Surface
from lab.body.builder.tpose import Markers, to_rest
from lab.body.skeleton import MIRROR
from lab.scene import Array

BETAS = 10
FLIP = np.array([-1.0, 1.0, 1.0])


@dataclass(frozen=True, eq=False)
class Crowd:
    """People in the rest pose, each symmetric. verts: (N, V, 3) float32, joints: (N, 24, 3) float64, metres."""

    verts: Array
    joints: Array


@dataclass(frozen=True, eq=False)
class Components:
    """mean: (V, 3) float64. directions: (V, 3, B) float64, metres per standard deviation.

    scores: (N, B) float64, the people's betas: of variance 1 and uncorrelated. explained: the share of the variance
    that B betas have. error: metres, the mean distance of the people's vertices from what their betas give.
    """

    mean: Array
    directions: Array
    scores: Array
    explained: float
    error: float


def gather(
    source: Source,
    surface: Surface,
    weights: Array,
    marks: Markers,
    smooth: csr_matrix,
    gender: str,
    count: int,
    seed: int,
) -> Crowd:
    """``count`` random adults in the rest pose. weights: (V, 24); smooth: (V, V), applied to every one's vertices.

    Raises SourceError when the wheel's data are damaged.
    """
    rng = np.random.default_rng(seed)
    people = [draw(rng, gender) for _ in range(count)]
    meshes = surfaces(people, source, source.mesh().verts * DECIMETRE)
    verts = np.empty((count, len(surface.ids), 3), np.float32)
    joints = np.empty((count, weights.shape[1], 3))
    for row, mesh in enumerate(meshes):
        rest, places = to_rest(mesh, weights, surface.ids, marks)
        verts[row] = symmetrized(smooth @ rest, surface.mirror)
        joints[row] = symmetrized(places, np.array(MIRROR))
    return Crowd(verts, joints)


def symmetrized(points: Array, mirror: Array) -> Array:
    """The mean of points (P, 3) and their mirror image; mirror: (P,) the point of the other side."""
    return 0.5 * (points + points[mirror] * FLIP)


def components(verts: Array, count: int = BETAS) -> Components:
    """The first ``count`` principal components of (N, V, 3). Raises ValueError when the people vary in fewer ways."""
    people = len(verts)
    mean = verts.mean(axis=0, dtype=np.float64)
    rows = (verts - mean.astype(np.float32)).reshape(people, -1)
    values, vectors = np.linalg.eigh((rows @ rows.T).astype(np.float64))
    values, vectors = np.maximum(values[::-1], 0.0), vectors[:, ::-1]
    if people <= count or values[count - 1] <= 1e-6 * max(values[0], 1e-300):
        raise ValueError(f"{people} people do not vary in {count} ways: take more.")
    scores = vectors[:, :count] * np.sqrt(people - 1)
    directions = scores.T @ rows / (people - 1)
    left = (rows - (scores @ directions).astype(np.float32)).reshape(people, -1, 3)
    return Components(
        mean,
        np.ascontiguousarray(directions.reshape(count, -1, 3).transpose(1, 2, 0)),
        scores,
        float(values[:count].sum() / values.sum()),
        float(np.linalg.norm(left, axis=2).mean()),
    )
