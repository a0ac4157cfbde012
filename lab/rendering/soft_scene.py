"""The object and light of the soft rasteriser: its picture, one pixel of it, and its gradient."""

from __future__ import annotations

import numpy as np

from lab.cameras.model import CameraModel
from lab.cameras.subject import Subject
from lab.chapters.rendering.soft import ALPHA, AXES, BY_SIGMA, LIGHT, OFF, PYTORCH3D, SoftParams
from lab.kernels.crew import Crew
from lab.raster.projection import to_ndc
from lab.rendering.edge import radius_of
from lab.rendering.soft_picture import SoftBlend, SoftPicture, soft_fragments, soft_picture
from lab.rendering.views import BACKGROUNDS, PLAIN, Z_FAR, Z_NEAR, camera_at
from lab.scene import Array, Mesh
from lab.shading.gradients import light_gradient, vertex_gradient
from lab.shading.lights import PointLights, grey
from lab.shading.look import Look
from lab.shading.materials import Materials
from lab.shading.picture import local
from lab.shading.probe import PixelProbe, probe_pixel
from lab.shading.surface import Surface


def camera_of(params: SoftParams, subject: Subject) -> CameraModel:
    """The camera of the square image."""
    size = (params.size, params.size)
    return camera_at(subject.center, params.distance, params.elevation, params.azimuth, params.fov, size)


def blend_of(params: SoftParams) -> SoftBlend:
    """How the faces of a pixel are found and mixed."""
    return SoftBlend(
        sigma=params.sigma,
        gamma=params.gamma,
        blur_radius=radius_of(params.sigma) if params.blur_by == BY_SIGMA else params.blur_radius,
        faces_per_pixel=params.faces_per_pixel,
        z_near=Z_NEAR,
        z_far=Z_FAR,
        perspective_correct=params.correction != OFF,
        sane=params.correction != PYTORCH3D,
        clip=params.clip,
    )


def look_of(params: SoftParams) -> Look:
    """A point light, and a material with a highlight."""
    lamp = PointLights((params.light_x, params.light_y, params.light_z), grey(0.35), grey(0.6), grey(0.3))
    return Look((lamp,), Materials(shininess=32.0), plain=PLAIN, background=BACKGROUNDS[params.background])


class SoftScene:
    """One mesh under one light. Threads end with ``close``."""

    def __init__(self, mesh: Mesh) -> None:
        self.mesh = mesh
        self._crew = Crew()

    def close(self) -> None:
        """End the helper threads."""
        self._crew.close()

    def ndc(self, camera: CameraModel) -> Array:
        """(V, 3) float32: the projected vertices."""
        return to_ndc(self.mesh.verts, local(camera, self.mesh.origin))

    def picture(self, params: SoftParams, camera: CameraModel) -> SoftPicture:
        """The soft picture at the camera's size."""
        blend, size = blend_of(params), (camera.height, camera.width)
        found = soft_fragments(self.ndc(camera), self.mesh.faces, size, blend, camera.near / 2, self._crew)
        return soft_picture(found, blend, Surface(self.mesh, look_of(params), camera.center))

    def probe(self, params: SoftParams, camera: CameraModel, row: int, column: int) -> PixelProbe:
        """One pixel of it, taken apart."""
        return probe_pixel(self.mesh, camera, look_of(params), row, column, blend_of(params))

    def gradient(self, params: SoftParams, camera: CameraModel, vertex: int) -> Array:
        """(H, W) float64: the change of each pixel when the vertex, or the light, moves a metre along the axis.

        Of the mean of red, green and blue, or of alpha.
        """
        look, blend, along = look_of(params), blend_of(params), np.eye(3)[AXES.index(params.axis)]
        if params.of == LIGHT:
            found = light_gradient(self.mesh, camera, look, blend, 0, along, self._crew)
        else:
            found = vertex_gradient(self.mesh, camera, look, blend, vertex, along, self._crew)
        return found.alpha if params.channel == ALPHA else np.asarray(found.rgb.mean(axis=2))
