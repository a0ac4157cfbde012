"""The soft rasteriser's world: the object, the faces that reach the probed pixel, the light, and what is moved."""

from __future__ import annotations

import numpy as np

from lab.cameras import drawing
from lab.cameras.model import CameraModel
from lab.cameras.subject import Subject
from lab.chapters.rendering.soft import AXES, LIGHT, VERTEX, SoftParams
from lab.geometry import face_normals
from lab.motions.drawing import AXIS_COLORS, arrow, balls
from lab.palette import surface
from lab.render.messages import Style
from lab.rendering.views import CAMERA_COLOR, LIGHT_COLOR, PLAIN, PROBE_COLOR
from lab.scene import Array, Entity, Lines, Mesh, Points
from lab.study import Handle, View3D

_LIFT = 0.002  # of the object's size: how far the coloured faces stand off it, on the side that the camera sees


def world_view(
    params: SoftParams, camera: CameraModel, subject: Subject, mesh: Mesh, ray: Entity, stack: Array, vertex: int
) -> View3D:
    """The view. stack: (n,) faces of the probed pixel, nearest first, in the colours of the table's rows."""
    size = 0.35 * subject.radius
    light = np.array([params.light_x, params.light_y, params.light_z])
    moved = light if params.of == LIGHT else np.asarray(mesh.verts[vertex] + mesh.origin, np.float64)
    axis = AXES.index(params.axis)
    entities: dict[str, Entity] = {
        "object": mesh,
        "camera": drawing.frustum(camera, 0.0, size),
        "ray": ray,
        "light": balls(light[None], 0.05 * subject.radius),
        "along": arrow(moved, size * np.eye(3)[axis]),
    }
    plain = mesh.colors is None and not mesh.materials
    styles = {
        "object": Style(color=PLAIN if plain else None),
        "camera": Style(color=CAMERA_COLOR),
        "ray": Style(color=PROBE_COLOR, opacity=0.6),
        "light": Style(color=LIGHT_COLOR),
        "along": Style(color=AXIS_COLORS[axis]),
    }
    if params.of == VERTEX:
        entities["vertex"] = Points(moved[None].astype(np.float32))
        styles["vertex"] = Style(color=PROBE_COLOR, point_size=9.0)
    if len(stack):
        entities["faces"], entities["outlines"] = highlighted(mesh, stack, camera.center, _LIFT * subject.radius)
        styles["outlines"] = Style(color=PROBE_COLOR)
    x, y, z = (float(value) for value in light)
    handle = Handle("light", "point", ("light_x", "light_y", "light_z"), (x, y, z), label="light", color=LIGHT_COLOR)
    return View3D(entities, styles, (handle,))


def highlighted(mesh: Mesh, stack: Array, eye: Array, lift: float) -> tuple[Mesh, Lines]:
    """The faces of a stack in the palette's colours, and their outlines; lift: metres towards the side of the eye."""
    faces = mesh.faces[stack]
    corners = mesh.verts[faces].astype(np.float64)
    normals = face_normals(mesh.verts, faces).astype(np.float64)
    towards = np.einsum("nd,nd->n", normals, eye - mesh.origin - corners.mean(axis=1))
    verts = (corners + lift * (np.where(towards < 0, -1.0, 1.0)[:, None] * normals)[:, None]).reshape(-1, 3)
    count = len(stack)
    colors = np.repeat(np.array([surface(i) for i in range(count)]), 3, axis=0)
    first = 3 * np.arange(count)[:, None]
    edges = (first[:, None] + np.array([[0, 1], [1, 2], [2, 0]])).reshape(-1, 2)
    shown = Mesh(verts, first + np.arange(3), colors=colors, origin=mesh.origin)
    return shown, Lines(verts, edges, origin=mesh.origin)
