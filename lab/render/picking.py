"""What lies under a pixel: faces by ray casting (Embree), points by their distance in the picture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from lab.open3d_core import o3d
from lab.render.camera import Camera
from lab.render.cells import Cells
from lab.render.clipping import Plane, local_plane
from lab.render.messages import Hit, Style
from lab.render.topology import Memory
from lab.scene import Array, Entity, Mesh, Points

_REACH = 5.0  # pixels around a point's centre; half its own size where that is more
_BEHIND = 0.01  # of the depth: points this little behind the nearest one count as beside it
_CHUNK = 1 << 16  # points looked at together: their coordinates fit into the processor's cache
_SCENES = 4  # of Embree, kept; one takes about 100 bytes a face


class Picker:
    """Finds what is under a pixel. Ray-casting scenes are built when they are first needed and kept while they hold."""

    def __init__(self) -> None:
        self._scenes = Memory(_SCENES)
        self._boxes = Memory(_SCENES)

    def pick(
        self,
        entities: Mapping[str, Entity],
        styles: Mapping[str, Style],
        camera: Camera,
        x: float,
        y: float,
        size: tuple[int, int],
        pixel_scale: float = 1.0,
        clip: Plane | None = None,
        cells: Mapping[str, Cells] = MappingProxyType({}),
    ) -> Hit | None:
        """The front-most thing under pixel (x, y) of a picture of ``size`` (width, height), or None.

        entities: the visible ones; styles: by path, for the sizes of points, which ``pixel_scale`` multiplies.
        clip: only what lies above this plane is there. cells: of clouds by path, where they are known.
        """
        found: list[tuple[float, Hit]] = []
        for path, entity in entities.items():
            if isinstance(entity, Mesh) and len(entity.faces):
                found += self._face(path, entity, camera, x, y, size, clip)
            elif isinstance(entity, Mesh | Points) and len(entity.verts):
                reach = max(_REACH, styles[path].point_size / 2) * pixel_scale
                found += _point(path, entity, camera, x, y, size, reach, clip, cells.get(path))
        return min(found, key=lambda pair: pair[0])[1] if found else None

    def _face(
        self, path: str, mesh: Mesh, camera: Camera, x: float, y: float, size: tuple[int, int], clip: Plane | None
    ) -> list[tuple[float, Hit]]:
        """The face under the pixel, if any, and its depth."""
        origin, direction = camera.ray(x, y, *size)
        origin = origin - mesh.origin
        if camera.orthographic:  # from behind everything: parallel rays know no eye
            lower, upper = self._boxes.of(mesh.verts, "box", lambda: (mesh.verts.min(axis=0), mesh.verts.max(axis=0)))
            middle = (lower + upper) / 2
            radius = float(np.linalg.norm(upper - middle)) + 1e-9
            origin = origin + direction * ((middle - origin) @ direction - 2 * radius)
        if clip is not None:
            origin = _entering(origin, direction, local_plane(clip, mesh.origin))
        scene, _ = self._scenes.of(mesh.verts, id(mesh.faces), lambda: (_ray_scene(mesh), mesh.faces))
        answer = scene.cast_rays(o3d.core.Tensor(np.concatenate([origin, direction])[None].astype(np.float32)))
        if not np.isfinite(answer["t_hit"].numpy()[0]):
            return []
        index = int(answer["primitive_ids"].numpy()[0])
        corners = mesh.verts[mesh.faces[index]].astype(np.float64)
        barycentric = _barycentric(corners, origin, direction)
        local = barycentric @ corners
        vertex = int(mesh.faces[index][np.linalg.norm(corners - local, axis=1).argmin()])
        position = local + mesh.origin
        if clip is not None and np.dot(clip[:3], position) + clip[3] < 0:
            return []
        return [(float(camera.depth(position)), Hit(path, "face", index, vertex, position, barycentric))]


def _entering(origin: Array, direction: Array, plane: Plane) -> Array:
    """Where a ray begins that is to see only what lies above the plane: in the plane, if it comes from below."""
    normal = np.array(plane[:3])
    height, slope = normal @ origin + plane[3], normal @ direction
    beginning: Array = origin - direction * (height / slope) if height < 0 < slope else origin
    return beginning


def _ray_scene(mesh: Mesh) -> Any:
    scene = o3d.t.geometry.RaycastingScene()
    to_tensor = o3d.core.Tensor.from_numpy
    scene.add_triangles(to_tensor(mesh.verts), to_tensor(mesh.faces.astype(np.uint32)))
    return scene


def _barycentric(triangle: Array, origin: Array, direction: Array) -> Array:
    """(3,) float64, sum 1: where the ray meets the plane of triangle (3, 3), kept inside the triangle.

    Moeller and Trumbore (1997) in float64, since Embree answers in float32.
    """
    a, b, c = triangle
    ab, ac = b - a, c - a
    p = np.cross(direction, ac)
    determinant = ab @ p
    if determinant == 0:
        return np.array([1.0, 0.0, 0.0])
    u = (origin - a) @ p / determinant
    v = direction @ np.cross(origin - a, ab) / determinant
    weights = np.clip([1 - u - v, u, v], 0, 1)
    return weights / weights.sum()


def _point(
    path: str,
    cloud: Mesh | Points,
    camera: Camera,
    x: float,
    y: float,
    size: tuple[int, int],
    reach: float,
    clip: Plane | None,
    cells: Cells | None,
) -> list[tuple[float, Hit]]:
    """The point nearest to the pixel, of the front-most ones within ``reach`` pixels of it."""
    origin, direction = camera.ray(x, y, *size)
    cone = _Cone(origin - cloud.origin, direction, camera, 1.5 * reach * camera.metres_per_pixel(size[1]))
    candidates = cone.among(cloud.verts) if cells is None else cone.among_cells(cloud.verts, cells)
    positions = cloud.verts[candidates] + cloud.origin
    pixels, depths = camera.project(positions, *size)
    distance = np.hypot(pixels[:, 0] - x, pixels[:, 1] - y)
    near = (distance <= reach) & ((depths > 0) | camera.orthographic)
    if clip is not None:
        near &= positions @ np.array(clip[:3]) + clip[3] >= 0
    if not near.any():
        return []
    first = depths[near].min()
    near &= depths <= first + abs(first) * _BEHIND
    chosen = np.flatnonzero(near)[distance[near].argmin()]
    index = int(candidates[chosen])
    return [(float(depths[chosen]), Hit(path, "point", index, index, positions[chosen], None))]


@dataclass(frozen=True)
class _Cone:
    """What may lie within some pixels of a ray: a quick test in float32, with room to spare.

    origin, direction: (3,) float64 each, in the coordinates of the points; radius: metres, at the camera's pivot.
    """

    origin: Array
    direction: Array
    camera: Camera
    radius: float

    def among(self, verts: Array) -> Array:
        """Indices of those of verts (N, 3) float32."""
        parts = range(0, len(verts), _CHUNK)
        found = [np.flatnonzero(self._holds(verts[start : start + _CHUNK], np.float32(0))) + start for start in parts]
        return np.concatenate(found) if found else np.zeros(0, np.int64)

    def among_cells(self, verts: Array, cells: Cells) -> Array:
        """The same, by looking into the cells that are met alone."""
        near = cells.points(np.where(self._holds(cells.centres, cells.radii), cells.counts, 0))
        return near[self.among(verts[near])]

    def _holds(self, verts: Array, room: Array | np.float32) -> Array:
        """(N,) bool: which of verts (N, 3) lie in the cone, or as near to it as ``room``, of all or of each."""
        relative = verts - self.origin.astype(np.float32)
        along = relative @ self.direction.astype(np.float32)
        squares = np.einsum("ij,ij->i", relative, relative) - along * along
        distance = np.float32(self.camera.distance)
        scale = np.float32(1.0) if self.camera.orthographic else (np.abs(along) + room) / distance
        limit = self.radius * scale + np.float32(1e-5) * (np.abs(along) + distance) + room
        holds: Array = squares <= limit * limit
        return holds
