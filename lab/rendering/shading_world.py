"""The shading lab's world: the object, the camera, the light by its handle, and the arrows of the probed point."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lab.cameras import drawing
from lab.cameras.model import CameraModel
from lab.cameras.subject import Subject
from lab.chapters.rendering.shading import DIRECTIONAL, POINT, ShadingParams
from lab.motions.drawing import arrow, balls
from lab.render.messages import Color, Style
from lab.rendering.views import CAMERA_COLOR, LIGHT_COLOR, PROBE_COLOR
from lab.scene import Array, Entity, Geometry, Mesh
from lab.shading.point_probe import PointProbe
from lab.study import Handle, Label, View3D

_NORMAL, _EYE, _MIRROR = (0.36, 0.78, 0.44), (0.42, 0.68, 0.95), (0.95, 0.55, 0.25)


def world_view(
    params: ShadingParams, camera: CameraModel, subject: Subject, ray: Entity, found: PointProbe | None
) -> View3D:
    """The view; found: None where the probed pixel shows the background. ray: the line through that pixel."""
    size = 0.35 * subject.radius
    entities: dict[str, Entity] = {
        "object": subject.shown,
        "camera": drawing.frustum(camera, 0.0, size),
        "ray": ray,
    }
    styles = {
        "object": object_style(params, subject.shown),
        "camera": Style(color=CAMERA_COLOR),
        "ray": Style(color=PROBE_COLOR, opacity=0.6),
    }
    labels: list[Label] = []
    if found is not None:
        for key, name, vector, color in _vectors(found):
            entities[key] = arrow(found.point, size * 1.2 * vector)
            styles[key] = Style(color=color)
            labels.append(drawing.label(found.point + size * 1.3 * vector, name, color))
    handles = tuple(_handles(params, subject))
    if params.light == POINT:
        place = np.array([[params.light_x, params.light_y, params.light_z]])
        entities["light"] = balls(place, 0.05 * subject.radius)
        styles["light"] = Style(color=LIGHT_COLOR)
    return View3D(entities, styles, handles, tuple(labels))


def object_style(params: ShadingParams, shown: Geometry) -> Style:
    """The object's own colours where it brings some that are wanted, else the colour that it is given."""
    brings = shown.colors is not None or (isinstance(shown, Mesh) and len(shown.materials) > 0)
    own = (params.own_red, params.own_green, params.own_blue)
    return Style(color=None if brings and params.texture else own)


def _vectors(found: PointProbe) -> Iterator[tuple[str, str, Array, Color]]:
    """Key, name, unit vector and colour of each arrow."""
    yield "normal", "n", found.normal, _NORMAL
    yield "eye", "v", found.to_eye, _EYE
    light = found.lights[0]
    if light.to_light is not None and light.mirrored is not None:
        yield "to light", "l", light.to_light, LIGHT_COLOR
        yield "mirrored", "r", light.mirrored, _MIRROR


def _handles(params: ShadingParams, subject: Subject) -> Iterator[Handle]:
    if params.light == POINT:
        place = (params.light_x, params.light_y, params.light_z)
        names = ("light_x", "light_y", "light_z")
        yield Handle("light", "point", names, place, label="light", color=LIGHT_COLOR)
    if params.light == DIRECTIONAL:
        x, y, z = subject.center
        towards = (params.towards_x, params.towards_y, params.towards_z)
        names = ("towards_x", "towards_y", "towards_z")
        yield Handle(
            "sun", "vector", names, (float(x), float(y), float(z)), vector=towards, label="l", color=LIGHT_COLOR
        )
