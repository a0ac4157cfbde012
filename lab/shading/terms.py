"""The shading equation, term by term.

With unit vectors n (normal), l (to the light), v (to the eye) and r = 2 (n·l) n - l:

    ambient   k_a I_a
    diffuse   k_d I_d max(0, n·l)
    specular  k_s I_s max(0, r·v)^p where n·l > 0      (Blinn-Phong: n·h in place of r·v, h halfway between l and v)
    colour    (ambient + diffuse) texel + specular

Several lights add up; PyTorch3D has one. As in PyTorch3D 0⁰ is 1: with p = 0 the specular term is a tint of the whole
surface, also where the light does not reach.
Source: REFERENCE II.1; PyTorch3D 0.7.9 ``renderer/lighting.py`` and ``renderer/mesh/shading.py``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lab.kernels.jit import kernel
from lab.scene import Array
from lab.shading.lights import AmbientLights, DirectionalLights, Light, PointLights
from lab.shading.materials import Materials, Model


@dataclass(frozen=True, eq=False)
class Terms:
    """The three terms of N points, (N, 3) each, linear RGB, summed over the lights, before the texture."""

    ambient: Array
    diffuse: Array
    specular: Array

    def color(self, texels: Array) -> Array:
        """(N, 3): the points' colour with their texture's, texels (N, 3)."""
        return np.asarray((self.ambient + self.diffuse) * texels + self.specular)


def phong(
    points: Array,
    normals: Array,
    lights: Sequence[Light],
    material: Materials,
    eye: Array,
    model: Model = "Phong",
) -> Terms:
    """The terms of points (N, 3), world, with normals (N, 3) of any length, seen from ``eye`` (3,), world.

    float32 or float64, as ``points``. The highlight of Lambert is 0.
    """
    dtype = points.dtype
    ambient, diffuse, specular = (np.zeros((len(points), 3), dtype) for _ in range(3))
    for light in lights:
        ambient += _product(material.ambient, light.ambient, dtype)
        if isinstance(light, AmbientLights):
            continue
        to_light, to_eye = cosines(points, normals, light, eye, model)
        diffuse += np.maximum(to_light, 0)[:, None] * _product(material.diffuse, light.diffuse, dtype)
        if model != "Lambert":
            shine = highlight(to_light, to_eye, material.shininess)
            specular += shine[:, None] * _product(material.specular, light.specular, dtype)
    return Terms(ambient, diffuse, specular)


def cosines(
    points: Array, normals: Array, light: PointLights | DirectionalLights, eye: Array, model: Model = "Phong"
) -> tuple[Array, Array]:
    """(N,) each, in [-1, 1], not clamped: n·l, and r·v (of Blinn-Phong n·h)."""
    point_light = isinstance(light, PointLights)
    source = np.asarray(light.location if isinstance(light, PointLights) else light.direction, points.dtype)
    found = np.empty((2, len(points)), points.dtype)
    points, normals = np.ascontiguousarray(points), np.ascontiguousarray(normals, points.dtype)
    _cosines(points, normals, source, point_light, np.asarray(eye, points.dtype), model == "Blinn-Phong", found)
    return found[0], found[1]


def highlight(to_light: Array, to_eye: Array, shininess: float) -> Array:
    """(N,): the specular factor, max(0, r·v)^p, 0 where the light is behind the surface; 0⁰ is 1."""
    return np.asarray(np.where(to_light > 0, np.maximum(to_eye, 0), 0) ** to_eye.dtype.type(shininess))


def _product(a: tuple[float, float, float], b: tuple[float, float, float], dtype: np.dtype[np.generic]) -> Array:
    return np.asarray(np.multiply(a, b), dtype)


@kernel
def _cosines(
    points: Array, normals: Array, source: Array, point_light: bool, eye: Array, halfway: bool, out: Array
) -> None:
    for i in range(len(points)):
        x, y, z = points[i, 0], points[i, 1], points[i, 2]
        nx, ny, nz = normals[i, 0], normals[i, 1], normals[i, 2]
        lx, ly, lz = source[0], source[1], source[2]
        if point_light:
            lx, ly, lz = lx - x, ly - y, lz - z
        vx, vy, vz = eye[0] - x, eye[1] - y, eye[2] - z
        n = 1 / max(np.sqrt(nx * nx + ny * ny + nz * nz), 1e-6)  # the least length, as PyTorch3D's normalize has it
        s = 1 / max(np.sqrt(lx * lx + ly * ly + lz * lz), 1e-6)
        v = 1 / max(np.sqrt(vx * vx + vy * vy + vz * vz), 1e-6)
        nl = (nx * lx + ny * ly + nz * lz) * (n * s)
        nv = (nx * vx + ny * vy + nz * vz) * (n * v)
        lv = (lx * vx + ly * vy + lz * vz) * (s * v)
        out[0, i] = nl
        if halfway:
            out[1, i] = (nl + nv) / max(np.sqrt(max(2 + 2 * lv, 0.0)), 1e-6)  # |l + v|² = 2 + 2 l·v
        else:
            out[1, i] = 2 * nl * nv - lv
