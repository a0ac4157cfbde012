"""The shading lab's parameters as camera and look."""

from __future__ import annotations

from typing import cast

import numpy as np

from lab.cameras.model import CameraModel
from lab.cameras.subject import Subject
from lab.chapters.rendering.shading import AMBIENT, MIDDLE, POINT, ShadingParams
from lab.rendering.views import BACKGROUNDS, camera_at
from lab.shading.lights import RGB, AmbientLights, DirectionalLights, Light, PointLights, grey
from lab.shading.look import Look
from lab.shading.materials import Interpolation, Materials, Model
from lab.study import StudyError


def camera_of(params: ShadingParams, subject: Subject) -> CameraModel:
    """The camera of the image."""
    target = subject.center if params.aim == MIDDLE else np.zeros(3)
    size = (params.width, params.height)
    return camera_at(target, params.distance, params.elevation, params.azimuth, params.fov, size)


def light_of(params: ShadingParams) -> Light:
    """The one light. Raises StudyError for a directional light of no direction."""
    ambient, diffuse, specular = (
        _tinted(params, strength) for strength in (params.light_ambient, params.light_diffuse, params.light_specular)
    )
    if params.light == AMBIENT:
        return AmbientLights(ambient)
    if params.light == POINT:
        return PointLights((params.light_x, params.light_y, params.light_z), ambient, diffuse, specular)
    towards = (params.towards_x, params.towards_y, params.towards_z)
    if not any(towards):
        raise StudyError("The directional light has no direction: set one of its three numbers, or drag its arrow.")
    return DirectionalLights(towards, ambient, diffuse, specular)


def look_of(params: ShadingParams) -> Look:
    """Light, material and everything else that the colours depend on. Raises StudyError for a light of no direction."""
    specular = (params.specular_red, params.specular_green, params.specular_blue)
    material = Materials(grey(params.ambient), grey(params.diffuse), specular, params.shininess)
    return Look(
        (light_of(params),),
        material,
        cast(Model, params.model),
        cast(Interpolation, params.interpolation),
        params.texture,
        (params.own_red, params.own_green, params.own_blue),
        background=BACKGROUNDS[params.background],
        samples=params.samples,
    )


def _tinted(params: ShadingParams, strength: float) -> RGB:
    return (strength * params.light_red, strength * params.light_green, strength * params.light_blue)
