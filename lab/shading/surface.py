"""The colours of points on a mesh under a look, whoever found the points: a rasteriser, rays, or a click."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from lab.scene import Array, Mesh
from lab.shading.interpolate import interpolate, interpolate_corners
from lab.shading.lights import Light, PointLights
from lab.shading.look import Look
from lab.shading.normals import Normals
from lab.shading.terms import Terms, phong
from lab.shading.texture import Texels


@dataclass(frozen=True, eq=False)
class Parts:
    """What each term adds to the colour of N points, (N, 3) each, linear RGB, the texture included."""

    ambient: Array
    diffuse: Array
    specular: Array

    @property
    def color(self) -> Array:
        """(N, 3): their sum."""
        return self.ambient + self.diffuse + self.specular


class Surface:
    """A mesh under a look, seen from ``eye`` (3,), world, metres.

    Points are given by their faces (N,) and barycentrics (N, 3), float32 or float64, and so are the results. verts:
    (V, 3), in place of the mesh's own, from its origin; then its normals are made anew, too.
    """

    def __init__(self, mesh: Mesh, look: Look, eye: Array, verts: Array | None = None) -> None:
        self.mesh, self.look = mesh, look
        self._verts = mesh.verts if verts is None else verts
        self._normals = Normals(self._verts, mesh.faces, mesh.normals if verts is None else None)
        self._eye = np.asarray(eye, np.float64) - mesh.origin  # coordinates from the mesh's origin keep float32 sharp
        self._lights = tuple(_moved(light, mesh.origin) for light in look.lights)

    def under(self, look: Look, eye: Array) -> Surface:
        """The same mesh under another look, seen from elsewhere; its normals are not made again."""
        other = Surface(self.mesh, look, eye)
        other._verts, other._normals = self._verts, self._normals
        return other

    def points(self, face: Array, bary: Array) -> Array:
        """(N, 3), metres, world without the mesh's origin: add it in float64."""
        return interpolate(self._verts, self.mesh.faces, face, bary)

    def normals(self, face: Array, bary: Array) -> Array:
        """(N, 3): the normals that are shaded, not of unit length where they are blended. Gouraud blends them, too."""
        if self.look.interpolation == "flat":
            return np.asarray(self._normals.flat[face], bary.dtype)
        if self.look.crease_deg is not None and self.look.interpolation == "Phong":
            return interpolate_corners(self._normals.creased(self.look.crease_deg), face, bary)
        return interpolate(self._normals.smooth, self.mesh.faces, face, bary)

    def texels(self, face: Array, bary: Array) -> Array:
        """(N, 3): the mesh's own colours."""
        return self._texels.at(face, bary)

    def parts(self, face: Array, bary: Array) -> Parts:
        """What each term adds to the points' colours."""
        if self.look.interpolation == "Gouraud":
            return self._gouraud(face, bary)
        if self.look.interpolation == "flat":  # PyTorch3D's flat shading takes a face's middle for all of it
            places = self.points(face, np.full_like(bary, 1 / 3))
        else:
            places = self.points(face, bary)
        return _textured(self.terms_at(places, self.normals(face, bary)), self.texels(face, bary))

    def colors(self, face: Array, bary: Array) -> Array:
        """(N, 3): the points' colours, linear RGB, not clipped."""
        return self.parts(face, bary).color

    def terms_at(self, points: Array, directions: Array) -> Terms:
        """The terms, before the texture, at points (N, 3), as ``points`` gives them, with normals (N, 3)."""
        return phong(points, directions, self._lights, self.look.material, self._eye, self.look.model)

    def _gouraud(self, face: Array, bary: Array) -> Parts:
        """Shaded at the vertices, and blended. Colours of vertices are shaded there, too, as in PyTorch3D."""
        shaded = self._at_vertices
        values = [interpolate(term, self.mesh.faces, face, bary) for term in shaded]
        if self._texels.verts is not None:
            return Parts(*values)
        return _textured(Terms(*values), self.texels(face, bary))

    @cached_property
    def _at_vertices(self) -> tuple[Array, Array, Array]:
        terms = self.terms_at(self._verts, self._normals.smooth)
        if self._texels.verts is None:
            return terms.ambient, terms.diffuse, terms.specular
        parts = _textured(terms, self._texels.verts)
        return parts.ambient, parts.diffuse, parts.specular

    @cached_property
    def _texels(self) -> Texels:
        return Texels(self.mesh, self.look.textured, self.look.plain, self.look.wrap)


def _textured(terms: Terms, texels: Array) -> Parts:
    return Parts(terms.ambient * texels, terms.diffuse * texels, terms.specular)


def _moved(light: Light, origin: Array) -> Light:
    """The light in coordinates from ``origin`` (3,)."""
    if not isinstance(light, PointLights):
        return light
    x, y, z = (float(value) for value in np.asarray(light.location) - origin)
    return replace(light, location=(x, y, z))
