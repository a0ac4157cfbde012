"""The one module that speaks to Open3D's renderer (Filament), so that another Open3D is this file's change.

What it offers is little: named meshes, points and lines with colours, each placed by a matrix in the camera's frame,
and pictures of them in exactly those colours. Light is not Filament's business here (see lab.render.shading).

What was found out about Open3D 0.19, and is relied on:

- Without post-processing, the unlit material writes vertex colours to the picture as they are. The background and
  textures are decoded from sRGB to linear on their way, so they are encoded once more beforehand.
- The unlit material shows both sides of a face. Its transparent variant panics (a uniform is missing).
- An unlit frame costs a third of a lit one, and a mesh is replaced (removed and added) in 0.3 ms for 6,000 faces, in
  15 ms for 500,000, without a leak over thousands of times.
- A renderer has a fixed size. A new one takes about 50 ms, and two at a time do not get along.
- Thick lines are made fast from the legacy line set only. Their material's width counts half pixels and is multiplied
  by the projection's focal length, which is taken out here.
"""

from __future__ import annotations

import math

import numpy as np

from lab.open3d_core import o3d
from lab.render.messages import Color
from lab.scene import Array

_rendering = o3d.visualization.rendering
_tensor = o3d.core.Tensor.from_numpy

OPEN3D_VERSION: str = o3d.__version__


def _srgb_encode(values: Array) -> Array:
    """Linear to sRGB, both in [0, 1] (IEC 61966-2-1)."""
    return np.where(values <= 0.0031308, 12.92 * values, 1.055 * np.maximum(values, 1e-9) ** (1 / 2.4) - 0.055)


_ENCODED_BYTES = np.round(255 * _srgb_encode(np.arange(256) / 255)).astype(np.uint8)


class Texture:
    """A picture on a surface: pixels (H, W, 3) uint8 sRGB, row 0 at the top."""

    def __init__(self, pixels: Array) -> None:
        self.image = o3d.geometry.Image(_ENCODED_BYTES[pixels])


class Graphics:
    """An off-screen picture of ``width`` by ``height`` pixels of the geometry added to it. Belongs to one thread.

    Geometry is placed in the camera's frame: +X right, +Y up, and the camera looks along -Z from the origin.
    """

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self._renderer = _rendering.OffscreenRenderer(width, height)
        self._scene = self._renderer.scene
        self._scene.view.set_post_processing(False)
        self._scene.show_skybox(False)
        self._scene.scene.enable_sun_light(False)
        self._scene.scene.enable_indirect_light(False)
        self._scene.camera.look_at([0, 0, -1], [0, 0, 0], [0, 1, 0])
        self._background: Color | None = None
        self._widths: dict[str, float] = {}
        self._focal = 1.0

    def add_mesh(
        self, name: str, verts: Array, faces: Array, colors: Array, uvs: Array | None, texture: Texture | None
    ) -> None:
        """Add or replace a mesh: verts (V, 3), colors (V, 3) and uvs (V, 2) float32, faces (F, 3) int32."""
        mesh = o3d.t.geometry.TriangleMesh()
        mesh.vertex.positions = _tensor(verts)
        mesh.vertex.colors = _tensor(colors)
        mesh.triangle.indices = _tensor(faces)
        material = _material("defaultUnlit")
        if uvs is not None and texture is not None:
            mesh.vertex.texture_uvs = _tensor(uvs)
            material.albedo_img = texture.image
        self._add(name, mesh, material)

    def add_points(self, name: str, verts: Array, colors: Array, size: float) -> None:
        """Add or replace points: verts (N, 3) and colors (N, 3) float32; size in pixels."""
        points = o3d.t.geometry.PointCloud()
        points.point.positions = _tensor(verts)
        points.point.colors = _tensor(colors)
        material = _material("defaultUnlit")
        material.point_size = size
        self._add(name, points, material)

    def add_lines(self, name: str, verts: Array, edges: Array, colors: Array, width: float) -> None:
        """Add or replace lines: verts (N, 3) float32, edges (M, 2) int32, colors (M, 3) float32; width in pixels."""
        lines = o3d.geometry.LineSet(
            o3d.utility.Vector3dVector(verts.astype(np.float64)), o3d.utility.Vector2iVector(edges.copy())
        )
        lines.colors = o3d.utility.Vector3dVector(colors.astype(np.float64))
        self._add(name, lines, self._line_material(width))
        self._widths[name] = width

    def _line_material(self, width: float) -> object:
        material = _material("unlitLine")
        material.line_width = 2 * width / self._focal
        return material

    def _add(self, name: str, geometry: object, material: object) -> None:
        self.remove(name)
        self._scene.add_geometry(name, geometry, material, False)

    def remove(self, name: str) -> None:
        """Remove a geometry, if there is one of that name."""
        if self._scene.has_geometry(name):
            self._scene.remove_geometry(name)
            self._widths.pop(name, None)

    def place(self, name: str, matrix: Array) -> None:
        """Put a geometry where the (4, 4) matrix, to the camera's frame, takes it."""
        self._scene.set_geometry_transform(name, matrix)

    def show(self, name: str, visible: bool) -> None:
        """Show or hide a geometry."""
        self._scene.show_geometry(name, visible)

    def set_background(self, color: Color) -> None:
        """Fill the picture with an sRGB colour behind everything."""
        if color != self._background:
            self._background = color
            self._scene.set_background(np.append(_srgb_encode(np.array(color)), 1.0))

    def set_frustum(
        self, orthographic: bool, left: float, right: float, bottom: float, top: float, near: float, far: float
    ) -> None:
        """What the picture shows: the rectangle in the plane ``near``, as in OpenGL's glFrustum or glOrtho."""
        projection = _rendering.Camera.Projection
        kind = projection.Ortho if orthographic else projection.Perspective
        self._scene.camera.set_projection(kind, left, right, bottom, top, near, far)
        focal = 2 * (1.0 if orthographic else near) / (top - bottom)
        if not math.isclose(focal, self._focal, rel_tol=1e-3):
            self._focal = focal
            for name, width in self._widths.items():
                self._scene.modify_geometry_material(name, self._line_material(width))

    def render(self) -> Array:
        """(height, width, 3) uint8 sRGB; the memory is Open3D's and read-only."""
        return np.asarray(self._renderer.render_to_image())

    def depths(self) -> Array:
        """(height, width) float32, metres along the view; infinite where nothing is."""
        return np.asarray(self._renderer.render_to_depth_image(z_in_view_space=True))


def _material(shader: str) -> object:
    material = _rendering.MaterialRecord()
    material.shader = shader
    material.base_color = [1.0, 1.0, 1.0, 1.0]
    return material
