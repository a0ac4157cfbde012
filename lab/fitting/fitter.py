"""The moving mesh of a fit on the CPU: evaluate its terms, move it a step, save and restore it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np

from lab.fitting.chamfer import chamfer
from lab.fitting.optimiser import Optimiser
from lab.fitting.regularisers import edge_loss, laplacian_smoothing, normal_consistency
from lab.fitting.sampling import SurfaceSampler
from lab.fitting.target import Target
from lab.fitting.topology import Subdivision, Topology, build_topology
from lab.kernels.crew import Crew
from lab.scene import Array


class Fitter(Protocol):
    """A mesh that is moved by an offset at each vertex, in the normalised frame.

    ``evaluate`` and ``update`` take turns. Arrays that are handed out are never written to again.
    """

    topology: Topology
    """Of the mesh as it is now."""

    def evaluate(self, samples: int, laplacian: str) -> dict[str, float]:
        """Every term's unweighted value, by new samples; NaN where the mesh is not finite or has no area.

        laplacian: its kind, as in laplacian_smoothing.

        "normals" is missing when the target has no normals.
        """
        ...

    def gradients(self) -> Mapping[str, Array]:
        """The gradient (V, 3) float32 of each unweighted term, of the last evaluation."""
        ...

    def update(self, weight: Mapping[str, float], rate: float, momentum: float) -> None:
        """Move the mesh against the gradients of the last evaluation, by their weights."""
        ...

    def subdivide(self) -> Subdivision:
        """Cut each face into four; offsets and the optimiser's state get the mean of their neighbours."""
        ...

    def verts(self) -> Array:
        """The vertices (V, 3) float32."""
        ...

    def offsets(self) -> Array:
        """How far each vertex has moved from the template (V, 3) float32."""
        ...

    def rewind(self, offsets: Array) -> None:
        """Go back to ``offsets`` of the same mesh, and forget the optimiser's past."""
        ...

    def state(self) -> dict[str, Any]:
        """Everything that ``restore`` needs to make the last evaluation and what follows again, exactly."""
        ...


def start_state(verts: Array, faces: Array) -> dict[str, Any]:
    """The part of a Fitter's state that every run begins with: the template, not yet moved."""
    return {"base": np.asarray(verts, np.float32), "faces": faces, "offsets": np.zeros(verts.shape, np.float32)}


def moments(state: Mapping[str, Any], kind: str) -> Optimiser:
    """The optimiser of a state; a new one where the state has none, or one of another kind."""
    none = np.zeros_like(state["offsets"])
    if state.get("optimiser") != kind:
        return Optimiser(kind, none, none.copy())
    return Optimiser(kind, np.array(state["first"]), np.array(state.get("second", none)), int(state["updates"]))


def moments_state(optimiser: Optimiser, first: Array, second: Array) -> dict[str, Any]:
    """The part of a state that ``moments`` reads. first, second: the optimiser's, as arrays nobody writes to again."""
    state = {"optimiser": optimiser.kind, "updates": optimiser.updates, "first": first}
    return state if optimiser.kind == "SGD" else {**state, "second": second}


class CpuFitter:
    """A Fitter by the lab's own kernels. state: from ``start_state`` or ``state``; crew: its helper threads."""

    def __init__(self, state: Mapping[str, Any], target: Target, optimiser: str, seed: int, crew: Crew) -> None:
        self.topology = build_topology(state["faces"], len(state["base"]))
        self._target = target
        self._crew = crew
        self._base: Array = _constant(state["base"])
        self._offsets: Array = np.array(state["offsets"], np.float32)
        self._verts: Array = self._base + self._offsets
        self._optimiser = moments(state, optimiser)
        generator = np.random.Philox(seed)
        if state.get("random_kind") == "numpy":
            generator.state = state["random"]
        self._rng = np.random.Generator(generator)
        self._random_before: Mapping[str, Any] = generator.state
        self._gradients: dict[str, Array] = {}

    def evaluate(self, samples: int, laplacian: str) -> dict[str, float]:
        self._random_before = self._rng.bit_generator.state
        verts, faces = self._verts, self.topology.faces
        choice = self._target.pick(samples, self._rng)
        target = self._crew.start(self._target.tree, choice)
        shape = self._crew.start(self._shape_terms, laplacian)
        terms: dict[str, tuple[float, Array]] = {}
        try:
            own = SurfaceSampler(verts, faces).draw(samples, self._rng)
        except ValueError:  # no area, or not finite: the run's doctor is told by the NaN
            terms["chamfer"] = float("nan"), np.zeros_like(verts)
        else:
            result = chamfer(verts, faces, own, target.result(), self._crew)
            terms["chamfer"] = result.value, result.gradient
            if result.normals_value is not None and result.normals_gradient is not None:
                terms["normals"] = result.normals_value, result.normals_gradient
        terms |= shape.result()
        self._gradients = {term: gradient for term, (_, gradient) in terms.items()}
        return {term: value for term, (value, _) in terms.items()}

    def _shape_terms(self, laplacian: str) -> dict[str, tuple[float, Array]]:
        return {
            "edge": edge_loss(self._verts, self.topology),
            "normal": normal_consistency(self._verts, self.topology),
            "laplacian": laplacian_smoothing(self._verts, self.topology, laplacian),
        }

    def gradients(self) -> Mapping[str, Array]:
        return self._gradients

    def update(self, weight: Mapping[str, float], rate: float, momentum: float) -> None:
        total = np.zeros_like(self._offsets)
        for term, gradient in self._gradients.items():
            if weight[term] != 0.0:
                total += weight[term] * gradient
        with np.errstate(over="ignore", invalid="ignore"):  # the run's doctor tells the person
            self._optimiser.step(self._offsets, total, rate, momentum)
            self._verts = self._base + self._offsets

    def subdivide(self) -> Subdivision:
        subdivision = Subdivision(self.topology)
        with np.errstate(over="ignore", invalid="ignore"):
            self._base = _constant(subdivision.refine(self._base))
            self._offsets = subdivision.refine(self._offsets)
            self._optimiser.map(subdivision.refine)
        self.topology = build_topology(subdivision.faces, len(self._base))
        self._verts = self._base + self._offsets
        return subdivision

    def verts(self) -> Array:
        return self._verts

    def offsets(self) -> Array:
        return self._offsets.copy()

    def rewind(self, offsets: Array) -> None:
        self._offsets = np.array(offsets, np.float32)
        self._verts = self._base + self._offsets
        self._optimiser.clear()

    def state(self) -> dict[str, Any]:
        return {
            "base": self._base,
            "faces": self.topology.faces,
            "offsets": self._offsets.copy(),
            "random_kind": "numpy",
            "random": self._random_before,
            **moments_state(self._optimiser, self._optimiser.first.copy(), self._optimiser.second.copy()),
        }


def _constant(array: Array) -> Array:
    """``array`` as float32 that nobody writes to, so that it can be handed out again and again as the same object."""
    if array.dtype != np.float32 or array.flags.writeable:
        array = np.array(array, np.float32)
        array.flags.writeable = False
    return array
