"""The course's rendered images, as looks and cameras; Spot stands in the place of the course's cow.

Source: REFERENCE II.1, the table of the book's example.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.cameras.model import CameraModel, focal_from_fov, look_at, on_sphere
from lab.shading.lights import RGB, PointLights
from lab.shading.look import Look
from lab.shading.materials import Materials

SIZE = 512
"""Pixels a side."""

_ORIGIN = np.zeros(3)


@dataclass(frozen=True, eq=False)
class CourseImage:
    """One image: its name, what one sees in it, and all that it needs beside the mesh."""

    name: str
    meaning: str
    camera: CameraModel
    look: Look


def course_images(size: int = SIZE) -> tuple[CourseImage, ...]:
    """The six images, ``size`` pixels a side."""
    front, side = _front(size), _side(size)
    return (
        CourseImage("front", "The light before the face; a small highlight on the muzzle.", front, _lit((0, 0, -3))),
        CourseImage(
            "back", "The light behind: only the ambient term on the side that is seen.", front, _lit((0, 0, 1))
        ),
        CourseImage(
            "dark",
            "The light behind and hardly any ambient: a black silhouette on white.",
            front,
            _lit((0, 0, 1), Materials(ambient=(0.01, 0.01, 0.01), specular=(0, 1, 0), shininess=10)),
        ),
        CourseImage("green", "A green highlight on the face.", side, _tinted((0, 1, 0), 10)),
        CourseImage("red", "A red highlight, smaller: shininess 20.", side, _tinted((1, 0, 0), 20)),
        CourseImage(
            "blue", "Shininess 0 is no missing highlight: a blue tint everywhere.", side, _tinted((0, 0, 1), 0)
        ),
    )


def course_image(name: str, size: int = SIZE) -> CourseImage:
    """One of them, by name. Raises KeyError for an unknown one."""
    for image in course_images(size):
        if image.name == name:
            return image
    raise KeyError(f"{name!r} is no image of the course; known are {[image.name for image in course_images(size)]}")


def _lit(location: tuple[float, float, float], material: Materials | None = None) -> Look:
    return Look(lights=(PointLights(location),), material=material or Materials())


def _tinted(specular: RGB, shininess: float) -> Look:
    return _lit((2.0, 2.0, -2.0), Materials(specular=specular, shininess=shininess))


def _front(size: int) -> CameraModel:
    """PerspectiveCameras with focal length 1 in NDC."""
    return _camera(size, 0.0, 180.0, size / 2, near=0.1)


def _side(size: int) -> CameraModel:
    """FoVPerspectiveCameras as they come: 60 degrees, znear 1, zfar 100."""
    return _camera(size, 10.0, -150.0, focal_from_fov(60.0, size), near=1.0)


def _camera(size: int, elevation: float, azimuth: float, focal: float, near: float) -> CameraModel:
    c2w = look_at(on_sphere(2.7, elevation, azimuth, _ORIGIN), _ORIGIN)
    return CameraModel(c2w, focal, focal, size / 2, size / 2, size, size, near, 100.0)
