"""Makes the kernels ready: compiled at the very first start on a machine, loaded from the cache afterwards."""

from __future__ import annotations

import numpy as np

from lab.fitting.evaluate import evaluate
from lab.fitting.fitter import CpuFitter, start_state
from lab.fitting.snapshot import fitted_mesh
from lab.fitting.target import Target
from lab.fitting.templates import hull_template, ico_sphere
from lab.fitting.terms import TERMS
from lab.kernels.crew import Crew
from lab.scene import Geometry, Mesh, Points


def warm_up() -> None:
    """Go once through everything that a run may call, on meshes of a few faces."""
    verts, faces = ico_sphere(1)
    mesh = Mesh(verts * np.float32(0.5), faces)
    cloud = Points(verts, normals=verts)
    with Crew(1) as crew:
        for geometry in (mesh, cloud):
            _fit(geometry, crew)


def _fit(geometry: Geometry, crew: Crew) -> None:
    target = Target(geometry)
    verts, faces = hull_template(target.verts, 1)
    fitter = CpuFitter(start_state(verts, faces), target, "SGD", 0, crew)
    for samples in (4 * len(verts), 4):  # the whole of a cloud, and some of its points
        for kind in ("uniform", "cot", "cotcurv"):
            fitter.evaluate(samples, kind)
    fitter.update(dict.fromkeys(TERMS, 0.0), 0.0, 0.0)
    fitted_mesh(fitter, target, crew)
    evaluate(fitter.verts(), fitter.topology, target, 0, lambda fraction, text: None, crew)
