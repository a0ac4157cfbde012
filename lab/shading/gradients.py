"""How each pixel of a soft picture changes when a vertex or a light moves: a column of the Jacobian, as a picture.

By central differences in float64, of those pixels alone that can change, which is why it is quick.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from lab.cameras.model import CameraModel
from lab.kernels.crew import Crew
from lab.raster.fragments import Fragments, rasterize
from lab.raster.projection import to_ndc
from lab.scene import Array, Mesh
from lab.shading.blending import Blend, weigh
from lab.shading.lights import AmbientLights, DirectionalLights, Light
from lab.shading.look import Look
from lab.shading.picture import local
from lab.shading.surface import Surface

_STEP = 1e-5  # of the mesh's size: how far things are moved; float64 keeps 1e-6 of the gradient


@dataclass(frozen=True, eq=False)
class ImageGradient:
    """rgb: (H, W, 3) and alpha: (H, W), float64: the change of each pixel, linear colour, for a metre of movement."""

    rgb: Array
    alpha: Array


@dataclass(frozen=True)
class _Window:
    """Rows and columns of an image: [top, bottom) and [left, right)."""

    top: int
    bottom: int
    left: int
    right: int


def vertex_gradient(
    mesh: Mesh, camera: CameraModel, look: Look, blend: Blend, vertex: int, along: Array, crew: Crew | None = None
) -> ImageGradient:
    """The change when ``vertex`` moves ``along`` (3,), world; normals follow. Raises IndexError for no such vertex."""
    if not 0 <= vertex < len(mesh.verts):
        raise IndexError(f"vertex {vertex}: the mesh has {len(mesh.verts)}")
    verts = mesh.verts.astype(np.float64)
    step = _STEP * _extent(mesh)
    ends, window = [], None
    for sign in (1, -1):
        moved = verts.copy()
        moved[vertex] += sign * step * np.asarray(along, np.float64)
        window = window or _reached(mesh, moved, camera, blend, vertex, step)
        fragments = _fragments(mesh, moved, camera, look, blend, window, crew)
        ends.append(_blended(fragments, Surface(mesh, look, camera.center, moved), blend, look))
    assert window is not None
    found = _empty(camera)
    rows, columns = slice(window.top, window.bottom), slice(window.left, window.right)
    for whole, one, other in zip((found.rgb, found.alpha), ends[0], ends[1], strict=True):
        whole[rows, columns] = (one - other) / (2 * step)
    return found


def light_gradient(
    mesh: Mesh, camera: CameraModel, look: Look, blend: Blend, light: int, along: Array, crew: Crew | None = None
) -> ImageGradient:
    """The change when the light of that number moves ``along`` (3,), world: its place, or its direction's tip.

    An ambient light has neither, and changes nothing.
    """
    verts, step = mesh.verts.astype(np.float64), _STEP * _extent(mesh)
    found = _empty(camera)
    if isinstance(look.lights[light], AmbientLights):
        return found
    window = _Window(0, camera.height, 0, camera.width)
    fragments = _fragments(mesh, verts, camera, look, blend, window, crew)
    ends = []
    for sign in (1, -1):
        lights = list(look.lights)
        lights[light] = _shifted(lights[light], sign * step * np.asarray(along, np.float64))
        lit = replace(look, lights=tuple(lights))
        ends.append(_blended(fragments, Surface(mesh, lit, camera.center), blend, look)[0])
    found.rgb[:] = (ends[0] - ends[1]) / (2 * step)
    return found


def _empty(camera: CameraModel) -> ImageGradient:
    return ImageGradient(np.zeros((camera.height, camera.width, 3)), np.zeros((camera.height, camera.width)))


def _extent(mesh: Mesh) -> float:
    return max(float(np.ptp(mesh.verts, axis=0).max(initial=0.0)), 1e-6)


def _shifted(light: Light, by: Array) -> Light:
    if isinstance(light, AmbientLights):
        return light
    if isinstance(light, DirectionalLights):
        x, y, z = (float(value) for value in np.asarray(light.direction) + by)
        return replace(light, direction=(x, y, z))
    x, y, z = (float(value) for value in np.asarray(light.location) + by)
    return replace(light, location=(x, y, z))


def _reached(mesh: Mesh, verts: Array, camera: CameraModel, blend: Blend, vertex: int, step: float) -> _Window:
    """The pixels that faces near ``vertex`` reach: its own, and those that share a normal with them."""
    own = mesh.faces[(mesh.faces == vertex).any(axis=1)]
    faces = mesh.faces[np.isin(mesh.faces, own).any(axis=1)]
    ndc = to_ndc(verts, local(camera, mesh.origin), np.float64)[np.unique(faces)]
    height, width = camera.height, camera.width
    if not camera.orthographic and (ndc[:, 2] < camera.near).any():  # cut by the near plane: it may reach anywhere
        return _Window(0, height, 0, width)
    if not len(ndc):
        return _Window(0, 1, 0, 1)
    half = min(height, width) / 2
    reach = (0.0 if blend.hard else np.sqrt(blend.blur_radius)) + 2 * step * float(
        max(camera.fx, camera.fy) / half / max(ndc[:, 2].min(), camera.near)
    )
    low, high = ndc[:, :2].min(axis=0) - reach, ndc[:, :2].max(axis=0) + reach
    columns = _span((width / 2 - high[0] * half, width / 2 - low[0] * half), width)
    rows = _span((height / 2 - high[1] * half, height / 2 - low[1] * half), height)
    return _Window(*rows, *columns)


def _span(edges: tuple[float, float], count: int) -> tuple[int, int]:
    """The pixels between two edges, [first, last), one at least, within the image."""
    first = int(np.clip(np.floor(edges[0]) - 1, 0, count - 1))
    return first, int(np.clip(np.ceil(edges[1]) + 1, first + 1, count))


def _fragments(
    mesh: Mesh, verts: Array, camera: CameraModel, look: Look, blend: Blend, window: _Window, crew: Crew | None
) -> Fragments:
    """The fragments of a window of the image. NDC is stretched so that the window is an image of its own."""
    ndc = to_ndc(verts, local(camera, mesh.origin), np.float64)
    short = min(camera.width, camera.height)
    size = (window.bottom - window.top, window.right - window.left)
    stretch = short / min(size)
    rules = blend.rules(camera.orthographic)
    center = np.array(
        [camera.width - window.left - window.right, camera.height - window.top - window.bottom], np.float64
    )
    ndc[:, :2] = (ndc[:, :2] - center / short) * stretch
    found = rasterize(
        ndc,
        mesh.faces,
        size,
        cull_backfaces=look.cull_backfaces,
        z_clip=None if camera.orthographic else camera.near / 2,
        crew=crew,
        **rules | {"blur_radius": rules["blur_radius"] * stretch**2},
    )
    return replace(found, dists=np.where(found.pix_to_face >= 0, found.dists / stretch**2, -1.0))


def _blended(fragments: Fragments, surface: Surface, blend: Blend, look: Look) -> tuple[Array, Array]:
    """rgb (h, w, 3) and alpha (h, w), float64."""
    height, width, _ = fragments.pix_to_face.shape
    reached = fragments.pix_to_face[..., 0] >= 0
    depth = int((fragments.pix_to_face >= 0).sum(axis=2).max(initial=0))  # places behind it are empty everywhere
    face = fragments.pix_to_face[reached][:, :depth]
    found = face >= 0
    colors = np.zeros((*face.shape, 3))
    colors[found] = surface.colors(face[found], fragments.bary[reached][:, :depth][found])
    weights = weigh(fragments.dists[reached][:, :depth], fragments.zbuf[reached][:, :depth], found, blend)
    rgb, alpha = np.empty((height, width, 3)), np.zeros((height, width))
    rgb[:] = look.background
    rgb[reached] = np.einsum("pk,pkc->pc", weights.face, colors) + weights.background[:, None] * look.background
    alpha[reached] = weights.alpha
    return rgb, alpha
