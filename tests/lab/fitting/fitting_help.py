"""Meshes, clouds and runs that the tests of mesh fitting share."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lab.chapters.mesh_fitting import MeshFittingParams
from lab.experiment import Cancelled, Notice, Outcome, RunContext, Step
from lab.fitting.experiment import MeshFitting
from lab.fitting.templates import ico_sphere
from lab.fitting.topology import Topology, build_topology
from lab.params import build
from lab.scene import Array, Geometry, Mesh, Points


def cube(inwards: bool = False) -> tuple[Array, Array]:
    """The cube [-1, 1]³: 8 vertices, 12 faces, 18 edges, with the diagonals that give the reference's Laplacian."""
    verts = np.array(list(itertools.product((-1.0, 1.0), repeat=3)))
    quads = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
    faces = []
    for (a, b, c, d), other in zip(quads, (0, 0, 0, 1, 1, 0), strict=True):
        faces += [(a, b, d), (b, c, d)] if other else [(a, b, c), (a, c, d)]
    array = np.array(faces, np.int32)
    corners = verts[array]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    turned = ((normals * corners.mean(axis=1)).sum(axis=1) < 0.0) != inwards
    array[turned] = array[turned][:, ::-1]
    return verts, array


def grid(size: int, jitter: float = 0.0) -> tuple[Array, Array]:
    """A square of (size + 1)² vertices in the plane z = 0, one apart; jitter moves them within it."""
    x, y = np.meshgrid(np.arange(size + 1.0), np.arange(size + 1.0), indexing="ij")
    verts = np.stack([x.ravel(), y.ravel(), np.zeros(x.size)], axis=1)
    verts[:, :2] += np.random.default_rng(0).uniform(-jitter, jitter, (len(verts), 2))
    corner = (np.arange(size)[:, None] * (size + 1) + np.arange(size)).ravel()
    first = np.stack([corner, corner + size + 1, corner + size + 2], axis=1)
    second = np.stack([corner, corner + size + 2, corner + 1], axis=1)
    return verts, np.concatenate([first, second]).astype(np.int32)


def noisy_sphere(level: int = 3, noise: float = 0.03, seed: int = 0) -> tuple[Array, Topology]:
    """A bumpy ico-sphere, float32."""
    verts, faces = ico_sphere(level)
    bumps = np.random.default_rng(seed).normal(scale=noise, size=verts.shape)
    return (verts + bumps).astype(np.float32), build_topology(faces, len(verts))


def odd_mesh() -> tuple[Array, Topology]:
    """An open mesh with an edge of three faces, one of four, an isolated vertex and two parts, float32."""
    verts = np.random.default_rng(3).normal(size=(12, 3)).astype(np.float32)
    faces = [(0, 1, 2), (1, 0, 3), (0, 1, 4), (2, 3, 5), (6, 7, 8), (6, 7, 9), (7, 6, 10), (7, 6, 2)]
    return verts, build_topology(np.array(faces, np.int32), len(verts))


def blob(count: int, seed: int = 0, normals: bool = False) -> Points:
    """A scan-like cloud of a bumpy body, about 1.7 m high, off the origin."""
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(count, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    x, y, z = directions.T
    radius = 0.5 + 0.12 * np.sin(3.0 * x + 1.0) * np.cos(4.0 * y) + 0.1 * np.sin(5.0 * z)
    verts = directions * radius[:, None] * (0.5, 1.6, 0.7) + (3.0, 1.0, -2.0)
    return Points(verts.astype(np.float32), normals=directions.astype(np.float32) if normals else None)


def pedestrian(count: int = 239, seed: int = 0) -> Points:
    """A scan-like cloud of a person who walks: head, body and four thin limbs, like the course's scan."""
    parts = (
        ((0.0, 0.9, 0.0), (0.0, 1.5, 0.0), 0.18),
        ((0.0, 1.62, 0.0), (0.0, 1.7, 0.0), 0.1),
        ((-0.1, 0.05, 0.0), (-0.1, 0.85, 0.02), 0.08),
        ((0.1, 0.05, 0.1), (0.1, 0.85, -0.02), 0.08),
        ((-0.22, 0.85, 0.0), (-0.2, 1.4, 0.0), 0.06),
        ((0.22, 0.85, 0.1), (0.2, 1.4, 0.0), 0.06),
    )
    rng = np.random.default_rng(seed)
    lower, upper = (np.array([part[end] for part in parts]) for end in (0, 1))
    radius = np.array([part[2] for part in parts])
    share = radius * (np.linalg.norm(upper - lower, axis=1) + radius)
    at = rng.choice(len(parts), count, p=share / share.sum())
    along = rng.random(count)[:, None]
    around = rng.normal(size=(count, 3))
    around *= (radius[at] / np.linalg.norm(around, axis=1))[:, None]
    verts = (1.0 - along) * lower[at] + along * upper[at] + around * (1.0, 0.6, 1.0)
    return Points(verts.astype(np.float32))


def bumpy_mesh(level: int = 3, seed: int = 0) -> Mesh:
    """A closed target mesh, off the origin."""
    verts, topology = noisy_sphere(level, 0.02, seed)
    stretched = verts * (0.5, 0.8, 0.6) + (2.0, 0.0, 1.0)
    return Mesh(stretched.astype(np.float32), topology.faces)


@dataclass
class Fit:
    """A run of the experiment, and what it said."""

    values: Mapping[str, Any]
    inputs: Mapping[str, Geometry]
    resume: Mapping[str, Any] | None = None
    seed: int = 0
    device: str = "cpu"
    notices: list[Notice] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    verts: dict[int, Array] = field(default_factory=dict)
    states: dict[int, dict[str, Any]] = field(default_factory=dict)
    cancel_in_report: str | None = None
    reports: list[tuple[float | None, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.params = build(MeshFittingParams, {"target": "target", **self.values})
        self.ctx = RunContext(
            inputs=self.inputs,
            device=self.device,
            seed=self.seed,
            params=self.params,
            resume=self.resume,
            report=self._report,
            checkpoint=lambda: None,
            notice=self.notices.append,
            outcome=self.outcomes.append,
        )

    def _report(self, fraction: float | None, text: str) -> None:
        self.reports.append((fraction, text))
        if self.cancel_in_report is not None and self.cancel_in_report in text:
            raise Cancelled

    def run(
        self, look: Callable[[Fit, Step], None] | None = None, states: tuple[int, ...] = (), verts: bool = False
    ) -> Fit:
        """Make the run to its end. states: the steps whose checkpoint is kept; verts: keep them at every step."""
        for step in MeshFitting().run(self.params, self.ctx):
            self.steps.append(step)
            if verts:
                self.verts[step.index] = step.snapshot()["fitted"].verts
            if step.index in states:
                self.states[step.index] = dict(step.state())
            if look is not None:
                look(self, step)
        return self

    def change(self, **values: Any) -> None:
        """New values of live parameters."""
        self.ctx.params = build(MeshFittingParams, {"target": "target", **self.values, **values})

    def metric(self, name: str) -> list[float]:
        return [step.metrics[name] for step in self.steps]

    @property
    def fitted(self) -> Mesh:
        entity = self.outcomes[-1].entities["fitted"]
        assert isinstance(entity, Mesh)
        return entity


def fit(target: Geometry, *, own: Mesh | None = None, **values: Any) -> Fit:
    """A run to be made, on a small scale unless ``values`` say otherwise. own: the mesh to begin with."""
    small = {"template_level": 2, "samples": 300, "steps": 30}
    inputs: dict[str, Geometry] = {"target": target}
    if own is not None:
        inputs["template_mesh"] = own
        values = {"template": "own mesh", "template_mesh": "own", **values}
    return Fit({**small, **values}, inputs)
