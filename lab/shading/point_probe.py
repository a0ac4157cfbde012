"""One point of a surface, term by term: the vectors, the cosines, and what each light adds. The numbers add up."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lab.scene import Array, Mesh
from lab.shading.lights import RGB, AmbientLights, Light, towards
from lab.shading.look import Look
from lab.shading.surface import Surface
from lab.shading.terms import cosines, highlight


@dataclass(frozen=True)
class Number:
    """A named number (value of length 1) or colour (3). adds: it is one of those whose sum is the point's colour."""

    name: str
    value: tuple[float, ...]
    adds: bool = False


@dataclass(frozen=True, eq=False)
class LightProbe:
    """What one light does at the point.

    to_light, mirrored, halfway: (3,) float64 unit, world (l, r and h); None in ambient light. to_light_cosine: n·l;
    to_eye_cosine: r·v, or n·h of Blinn-Phong; neither clamped. power: max(0, r·v)^p. Of Gouraud these are the point's
    own, while the terms come from the corners of its face. ambient, diffuse, specular: (3,) float64, linear RGB, with
    the texture.
    """

    light: Light
    to_light: Array | None
    mirrored: Array | None
    halfway: Array | None
    to_light_cosine: float
    to_eye_cosine: float
    power: float
    ambient: Array
    diffuse: Array
    specular: Array

    @property
    def color(self) -> Array:
        """(3,): the sum of the three."""
        return np.asarray(self.ambient + self.diffuse + self.specular)


@dataclass(frozen=True, eq=False)
class PointProbe:
    """point: (3,), world, metres. normal, to_eye: (3,) unit (n and v). texel: (3,), the mesh's colour. All float64."""

    point: Array
    normal: Array
    to_eye: Array
    texel: Array
    lights: tuple[LightProbe, ...]
    look: Look

    @property
    def color(self) -> Array:
        """(3,) linear RGB: the sum over the lights."""
        return sum((light.color for light in self.lights), np.zeros(3))

    def numbers(self) -> list[Number]:
        """All of it by name, in the order of the equation; the ``adds`` ones sum to "colour", the last."""
        found = [Number("texel", _tuple(self.texel)), *_material_numbers(self.look)]
        for place, light in enumerate(self.lights, start=1):
            found += _light_numbers(light, self.look, f" {place}" if len(self.lights) > 1 else "")
        return [*found, Number("colour", _tuple(self.color))]


def probe_point(mesh: Mesh, look: Look, eye: Array, face: int, bary: Array) -> PointProbe:
    """The point of ``face`` with barycentrics (3,), seen from ``eye`` (3,), world. Computed in float64."""
    faces, barys = np.array([face], np.int32), np.asarray(bary, np.float64)[None]
    eye = np.asarray(eye, np.float64)
    surface = Surface(mesh, look, eye)
    point = surface.points(faces, barys)[0] + mesh.origin
    normal = _unit(surface.normals(faces, barys)[0])
    lights = tuple(_probe_light(mesh, look, eye, light, faces, barys, point, normal) for light in look.lights)
    return PointProbe(point, normal, _unit(eye - point), surface.texels(faces, barys)[0], lights, look)


def _probe_light(
    mesh: Mesh, look: Look, eye: Array, light: Light, face: Array, bary: Array, point: Array, normal: Array
) -> LightProbe:
    parts = Surface(mesh, replace(look, lights=(light,)), eye).parts(face, bary)
    ambient, diffuse, specular = parts.ambient[0], parts.diffuse[0], parts.specular[0]
    way = towards(light, point)
    if way is None or isinstance(light, AmbientLights):
        return LightProbe(light, None, None, None, 0.0, 0.0, 0.0, ambient, diffuse, specular)
    place = point
    if look.interpolation == "flat":  # shaded as one, at its middle
        place = mesh.verts[mesh.faces[face[0]]].astype(np.float64).mean(axis=0) + mesh.origin
        way = np.asarray(towards(light, place))
    to_light = _unit(way)
    to_light_cosine, to_eye_cosine = cosines(place[None], normal[None], light, eye, look.model)
    power = highlight(to_light_cosine, to_eye_cosine, look.material.shininess)
    mirrored = 2 * float(normal @ to_light) * normal - to_light
    halfway = _unit(to_light + _unit(eye - place))
    scalars = (float(to_light_cosine[0]), float(to_eye_cosine[0]), float(power[0]))
    return LightProbe(light, to_light, mirrored, halfway, *scalars, ambient, diffuse, specular)


def _material_numbers(look: Look) -> list[Number]:
    material = look.material
    colors = (("k_a", material.ambient), ("k_d", material.diffuse), ("k_s", material.specular))
    return [*(Number(name, _tuple(value)) for name, value in colors), Number("p", (float(material.shininess),))]


def _light_numbers(light: LightProbe, look: Look, which: str) -> list[Number]:
    names: tuple[tuple[str, RGB], ...] = (
        ("I_a", light.light.ambient),
        ("I_d", light.light.diffuse),
        ("I_s", light.light.specular),
    )
    found = [Number(f"{name}{which}", _tuple(value)) for name, value in names]
    if light.to_light is not None:
        eye_name = "n·h" if look.model == "Blinn-Phong" else "r·v"
        found.append(Number(f"n·l{which}", (light.to_light_cosine,)))
        if look.model != "Lambert":
            found.append(Number(f"{eye_name}{which}", (light.to_eye_cosine,)))
            found.append(Number(f"max(0, {eye_name})^p{which}", (light.power,)))
    for name, value in (("ambient", light.ambient), ("diffuse", light.diffuse), ("specular", light.specular)):
        found.append(Number(f"{name}{which}", _tuple(value), adds=True))
    return found


def _unit(vector: Array) -> Array:
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-12))


def _tuple(values: Array | RGB) -> tuple[float, ...]:
    return tuple(float(value) for value in values)
