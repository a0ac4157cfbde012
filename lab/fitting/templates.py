"""What a fit begins with: an ico-sphere, the target's convex hull, or a mesh of the person's own."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import ConvexHull, QhullError

from lab.experiment import ExperimentError
from lab.fitting.target import Target
from lab.fitting.topology import Subdivision, build_topology
from lab.kernels.jit import kernel
from lab.scene import Array, Geometry, Mesh

COARSER_LEVELS = 2
"""How many levels coarser a run from coarse to fine begins."""
LARGEST_RATIO = 3.0
"""An own template is moved onto the target when their sizes differ by more than this factor, or they do not meet."""

# PyTorch3D's level 0: twelve vertices with four digits, so that all that follows agrees with its ico_sphere
_A, _B = 0.5257, 0.8507
# fmt: off
_ICO_VERTS = (
    (-_A, _B, 0), (_A, _B, 0), (-_A, -_B, 0), (_A, -_B, 0),
    (0, -_A, _B), (0, _A, _B), (0, -_A, -_B), (0, _A, -_B),
    (_B, 0, -_A), (_B, 0, _A), (-_B, 0, -_A), (-_B, 0, _A),
)
_ICO_FACES = (
    (0, 11, 5), (0, 5, 1), (0, 1, 7), (0, 7, 10), (0, 10, 11),
    (1, 5, 9), (5, 11, 4), (11, 10, 2), (10, 7, 6), (7, 1, 8),
    (3, 9, 4), (3, 4, 2), (3, 2, 6), (3, 6, 8), (3, 8, 9),
    (4, 9, 5), (2, 4, 11), (6, 2, 10), (8, 6, 7), (9, 8, 1),
)
# fmt: on


@dataclass(frozen=True, eq=False)
class Template:
    """verts (V, 3) float32 in the normalised frame, faces (F, 3) int32. levels: how often it may be subdivided later.

    note: what was done to an own mesh, as a sentence; or empty.
    """

    verts: Array
    faces: Array
    levels: int = 0
    note: str = ""


def ico_sphere(level: int) -> tuple[Array, Array]:
    """PyTorch3D's unit sphere: verts (V, 3) float32, V = 10 · 4^level + 2, and faces (2V - 4, 3) int32."""
    verts = np.array(_ICO_VERTS, np.float32)
    faces = np.array(_ICO_FACES, np.int32)
    for _ in range(level):
        subdivision = Subdivision(build_topology(faces, len(verts)))
        verts, faces = subdivision.refine(verts), subdivision.faces
        verts = verts / np.linalg.norm(verts, axis=1, keepdims=True)
    return verts, faces


def hull_template(points: Array, level: int) -> tuple[Array, Array]:
    """The convex hull of ``points`` (N, 3) as an even mesh with the faces of ``ico_sphere(level)``, facing outwards.

    The sphere is cast from the middle onto the hull, in a frame in which the points spread alike in all directions:
    that keeps the triangles of a flat or long hull well shaped. Vertices lie on the hull; its corners are cut a little.
    Raises ExperimentError where the points have no hull (fewer than four, or in a plane).
    """
    own = points.astype(np.float64)
    try:
        corners = own[ConvexHull(own).vertices]
        middle = corners.mean(axis=0)
        spread, axes = np.linalg.eigh(np.cov((corners - middle).T))
        to_even = axes / np.sqrt(np.maximum(spread, spread.max() * 1e-8))
        hull = ConvexHull((corners - middle) @ to_even)
    except QhullError:
        raise ExperimentError(
            "The target has no convex hull: its points lie in a plane or on a line. Choose the ico-sphere as template."
        ) from None
    sphere, faces = ico_sphere(level)
    reach = np.empty(len(sphere))
    _cast(sphere.astype(np.float64), hull.equations, reach)
    cast = (sphere * reach[:, None]) @ np.linalg.inv(to_even) + middle
    if np.linalg.det(to_even) < 0.0:
        faces = faces[:, [0, 2, 1]]
    return cast.astype(np.float32), faces


@kernel
def _cast(directions: Array, planes: Array, reach: Array) -> None:
    """How far each ray from 0 goes inside all half-spaces normal · x + offset <= 0."""
    for i in range(len(directions)):
        x, y, z = directions[i, 0], directions[i, 1], directions[i, 2]
        nearest = np.inf
        for p in range(len(planes)):
            towards = planes[p, 0] * x + planes[p, 1] * y + planes[p, 2] * z
            if towards > 0.0:
                nearest = min(nearest, -planes[p, 3] / towards)
        reach[i] = nearest


def make_template(kind: str, level: int, coarse_to_fine: bool, own: Geometry | None, target: Target) -> Template:
    """The template of a run, with the words of MeshFittingParams. own: the mesh of the kind "own mesh".

    Raises ExperimentError where it cannot be made.
    """
    if kind == "own mesh":
        return _own_template(own, target)
    levels = min(COARSER_LEVELS, level) if coarse_to_fine else 0
    if kind == "convex hull":
        verts, faces = hull_template(target.verts, level - levels)
    else:
        verts, faces = ico_sphere(level - levels)
    return Template(verts, faces, levels)


def _own_template(own: Geometry | None, target: Target) -> Template:
    if own is None:
        raise ExperimentError("The template is 'own mesh', but no mesh is chosen. Choose one as own template.")
    if not isinstance(own, Mesh) or not len(own.faces):
        raise ExperimentError("The own template is a point cloud, and only a mesh can be fitted. Choose a mesh.")
    if not np.isfinite(own.verts).all():
        raise ExperimentError("The own template has coordinates that are not finite numbers. Choose another mesh.")
    verts = target.frame.normalise(own.verts, own.origin - target.geometry.origin)
    lower, upper = verts.min(axis=0), verts.max(axis=0)
    target_lower, target_upper = target.verts.min(axis=0), target.verts.max(axis=0)
    size, target_size = np.linalg.norm(upper - lower), np.linalg.norm(target_upper - target_lower)
    if not size > 0.0:
        raise ExperimentError("All vertices of the own template are in the same place. Choose another mesh.")
    meets = bool((lower <= target_upper).all() and (upper >= target_lower).all())
    if meets and 1.0 / LARGEST_RATIO <= size / target_size <= LARGEST_RATIO:
        return Template(verts, own.faces)
    moved = (verts - 0.5 * (lower + upper)) * (target_size / size) + 0.5 * (target_lower + target_upper)
    note = "The own template was far from the target or of another size, so it was moved onto it and scaled."
    return Template(moved.astype(np.float32), own.faces, note=note)
