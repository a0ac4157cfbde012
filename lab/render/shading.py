"""The light of the viewport, worked out per vertex, and the other ways to colour a surface.

Why not on the graphics card: an unlit frame costs a third of a lit one under software OpenGL, which is what most
learners have, and colours that nothing tone-maps come out exactly as given, in drafts and in full quality alike. The
vertices change with every step of a run anyway.

The light is a studio that follows the camera: a soft key from the upper left, a weak fill from the right, a bright sky
over a darker ground, and a rim that lifts the outline off the background. It is brightest, at exactly 1, where the
surface faces the key: there a colour is shown as given, and no highlight burns out.

Formally the shade is sqrt(E(n) / E(key)), with E a sum of clamped cosines of the normal n in the camera's frame.
Multiplying an sRGB colour by it lights its linear value, as far as sRGB's curve is the square root:
sqrt(a E) = sqrt(a) sqrt(E).
"""

from __future__ import annotations

import numpy as np

from lab.render.camera import Camera
from lab.scene import Array

_KEY = np.array([-0.55, 0.62, 0.56])  # directions to the lights, camera frame: right, up, to the viewer
_FILL = np.array([0.86, 0.05, 0.50])
_KEY_LIGHT, _FILL_LIGHT, _SKY, _GROUND, _HEAD, _RIM = 0.80, 0.07, 0.17, 0.04, 0.05, 0.12
_WRAP = 0.18  # the key reaches this far beyond its terminator, as a large soft box does
_GLOSS, _GLOSS_POWER = 0.08, 5  # height of the highlight in sRGB, and its exponent as a power of two
_BACK = 0.62  # brightness of a back face
_NEAREST_GREY, _FARTHEST_GREY = 0.96, 0.20  # of the depth picture


_KEY /= np.linalg.norm(_KEY)
_FILL /= np.linalg.norm(_FILL)
_UP, _VIEWER = np.eye(3)[1], np.eye(3)[2]
_HALF = (_KEY + _VIEWER) / np.linalg.norm(_KEY + _VIEWER)  # a mirror turned this way shows the key to the viewer
_DIRECTIONS = np.stack([_KEY, _FILL, _UP, _VIEWER, _HALF], axis=1)  # all cosines in one product with the normals


def _irradiance(cosines: Array) -> Array:
    """(N,) the light that falls on surfaces with these (N, 5) cosines."""
    key, fill, up, facing = cosines[:, 0], cosines[:, 1], cosines[:, 2], cosines[:, 3]
    total = np.maximum(key + _WRAP, 0) * (_KEY_LIGHT / (1 + _WRAP))
    total += np.maximum(fill, 0) * _FILL_LIGHT
    total += np.maximum(facing, 0) * _HEAD
    total += (_SKY + _GROUND) / 2 + up * ((_SKY - _GROUND) / 2)
    edge = 1 - np.abs(facing)
    total += edge * edge * (0.5 + 0.5 * up) * _RIM
    return total


_BRIGHTEST = np.sqrt(_irradiance((_KEY @ _DIRECTIONS)[None]))[0]


def lit(albedo: Array, normals: Array, toward_eye: Array, camera: Camera) -> Array:
    """(N, 3) float32 sRGB of surface points in the light.

    albedo (N, 3) float32 sRGB; normals (N, 3) float32 unit, world; toward_eye (N,) float32: the cosine between normal
    and direction to the eye, negative where one sees the back, which is drawn dimmer.
    """
    cosines = normals @ (camera.axes @ _DIRECTIONS).astype(np.float32)
    shade = np.sqrt(_irradiance(cosines))
    gloss = np.maximum(cosines[:, 4], 0)
    behind = toward_eye < 0
    if behind.any():
        back = np.clip(-4 * toward_eye[behind], 0, 1)  # a soft change, as normals bend away at the outline
        other = _BACK * np.sqrt(_irradiance(-cosines[behind]))
        shade[behind] += (other - shade[behind]) * back
        gloss[behind] *= 1 - back
    shade *= np.float32(1 / _BRIGHTEST)
    for _ in range(_GLOSS_POWER):
        gloss *= gloss
    gloss *= np.float32(_GLOSS)
    return np.minimum(albedo * shade[:, None] + gloss[:, None], np.float32(1))


def lit_points(albedo: Array, normals: Array, camera: Camera) -> Array:
    """As ``lit`` for points of a cloud, whose normals may point either way: always the side one sees, without gloss."""
    cosines = normals @ (camera.axes @ _DIRECTIONS).astype(np.float32)
    cosines *= np.where(cosines[:, 3:4] < 0, np.float32(-1), np.float32(1))
    shade = np.sqrt(_irradiance(cosines)) * np.float32(1 / _BRIGHTEST)
    return np.minimum(albedo * shade[:, None], np.float32(1))


def by_normal(normals: Array) -> Array:
    """(N, 3) float32: world directions as colours, x red, y green, z blue, from -1 at 0 to 1 at 1."""
    return normals * np.float32(0.5) + np.float32(0.5)


def by_depth(depth: Array, nearest: float, farthest: float) -> Array:
    """(N, 3) float32: distance along the view as grey, the nearest lightest; linear, so exact between vertices too."""
    span = max(farthest - nearest, 1e-30)
    grey = _NEAREST_GREY + (depth - nearest) * ((_FARTHEST_GREY - _NEAREST_GREY) / span)
    return np.repeat(np.clip(grey, 0, 1).astype(np.float32)[:, None], 3, axis=1)


def cosine_to_eye(verts: Array, normals: Array, origin: Array, camera: Camera) -> Array:
    """(N,) float32: the cosine between normals and the direction to the eye, at verts (N, 3) + origin."""
    if camera.orthographic:
        return normals @ camera.axes[:, 2].astype(np.float32)
    to_eye = (camera.eye - origin).astype(np.float32) - verts
    length = np.sqrt(np.einsum("ij,ij->i", to_eye, to_eye))
    return np.einsum("ij,ij->i", normals, to_eye) / np.maximum(length, np.float32(1e-30))
