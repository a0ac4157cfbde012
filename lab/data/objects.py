"""The object that a study of this chapter looks at: checked, and measured."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lab.data.inside import consistently_wound
from lab.fitting.sampling import SurfaceSampler, signed_volume
from lab.geometry import unique_edges
from lab.scene import Array, Geometry, Mesh
from lab.study import Note, StudyError

FEWEST_POINTS = 4


@dataclass(frozen=True, eq=False)
class Body:
    """An object in its own coordinates, from its origin.

    geometry: as it was given. lower, upper: (3,) float64, its box, metres. Raises StudyError where nothing can be done
    with it: too few points, not finite, or all in one place.
    """

    geometry: Geometry
    lower: Array
    upper: Array

    @property
    def mesh(self) -> Mesh | None:
        """The mesh, where it is one that has faces."""
        return self.geometry if isinstance(self.geometry, Mesh) and len(self.geometry.faces) else None

    @property
    def centre(self) -> Array:
        """(3,) float64: of its box."""
        return 0.5 * (self.lower + self.upper)

    @property
    def size(self) -> float:
        """The longest side of its box, metres."""
        return float((self.upper - self.lower).max())

    @cached_property
    def sampler(self) -> SurfaceSampler:
        """Draws points from the mesh."""
        assert self.mesh is not None
        return SurfaceSampler(self.mesh.verts, self.mesh.faces)

    @cached_property
    def closed(self) -> bool:
        """Whether every edge of the mesh has exactly two faces, so that it has an inside."""
        assert self.mesh is not None
        _, uses = unique_edges(self.mesh.faces)
        return bool((uses == 2).all())


def body(geometry: Geometry | None) -> Body:
    """Look at an object. Raises StudyError with what is wrong and what to do."""
    if geometry is None:
        raise StudyError("There is no object. Choose a mesh or a point cloud.")
    verts = geometry.verts
    if len(verts) < FEWEST_POINTS:
        raise StudyError(f"The object has {len(verts)} points; at least {FEWEST_POINTS} are needed. Choose another.")
    if not np.isfinite(verts).all():
        raise StudyError("The object has coordinates that are not finite numbers. Remove those points first.")
    found = Body(geometry, verts.min(axis=0).astype(np.float64), verts.max(axis=0).astype(np.float64))
    if not found.size > 0.0:
        raise StudyError("All points of the object are in the same place. Choose another.")
    if found.mesh is not None:
        try:
            _ = found.sampler
        except ValueError:
            raise StudyError("The faces of the mesh have no area, so it has no surface. Choose another.") from None
    return found


def mesh_notes(found: Body) -> tuple[Note, ...]:
    """What a person should know of a mesh before they trust a signed distance to it."""
    mesh = found.mesh
    if mesh is None:
        return ()
    if not found.closed:
        text = "This mesh is open, so it has no inside: the sign of its distance is not defined."
        return (Note("warning", text, "What you see is a vote of six rays; close the holes to be sure."),)
    if not consistently_wound(mesh.faces):
        text = "Neighbouring faces of this mesh point opposite ways. Inside is where a ray has crossed an odd number."
        return (Note("info", text),)
    if signed_volume(mesh.verts, mesh.faces) < 0.0:
        text = "The faces of this mesh point inwards. Inside and outside are found all the same, by counting crossings."
        return (Note("info", text),)
    return ()
