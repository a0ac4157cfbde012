"""A fit as the person sees it: the mesh in the target's own coordinates, coloured and with its arrows."""

from __future__ import annotations

import numpy as np

from lab.fitting.fitter import Fitter
from lab.fitting.regularisers import mean_curvature
from lab.fitting.target import Target
from lab.kernels.crew import Crew
from lab.scene import Array, Mesh


def fitted_mesh(fitter: Fitter, target: Target, crew: Crew | None = None, *, arrows: bool = True) -> Mesh:
    """The fitted mesh in the target's coordinates and units, about its origin.

    scalars: "distance to target" and "displacement" from the template, in the target's units; "curvature", the mean
    curvature in one over them, negative in hollows. vectors: for each term, by its key, its negative gradient at each
    vertex as a move in the target's units: where the term alone would take the vertex at learning rate 1.
    """
    verts = fitter.verts()
    scale = np.float32(target.frame.scale)
    scalars = {
        "distance to target": target.distances(verts, crew),
        "displacement": np.linalg.norm(fitter.offsets(), axis=1) * scale,
        "curvature": mean_curvature(verts, fitter.topology) / scale,
    }
    vectors: dict[str, Array] = {}
    if arrows:
        vectors = {term: gradient * -scale for term, gradient in fitter.gradients().items()}
    return Mesh(
        target.frame.restore(verts),
        fitter.topology.faces,
        scalars=scalars,
        vectors=vectors,
        origin=target.geometry.origin,
    )
