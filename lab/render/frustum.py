"""What a camera sees of the scene: near and far, the parts of a picture, and where things stand in its frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.render.camera import Camera
from lab.scene import Array

_NEAREST = 2e-4  # of the farthest depth: the near plane comes no closer, for the precision of the depth buffer
_ROOM = 1.02  # around the scene
_LIFT = 1.5e-3  # of the depth: how much nearer lifted things are drawn


@dataclass(frozen=True)
class Frustum:
    """A picture of width x height pixels whose edges lie at ±half_width and ±half_height, metres, in the near plane.

    near, far: metres in front of the eye. setback: how far the eye of an orthographic camera was moved back, so that
    everything lies in front of it. nearest, farthest: depths between which the scene lies, seen from the camera itself.
    """

    orthographic: bool
    width: int
    height: int
    half_width: float
    half_height: float
    near: float
    far: float
    setback: float
    nearest: float
    farthest: float

    def part(
        self, x: float, y: float, width: int, height: int
    ) -> tuple[bool, float, float, float, float, float, float]:
        """For Graphics.set_frustum: the window of that size whose top left corner is the pixel (x, y)."""
        across, down = 2 * self.half_width / self.width, 2 * self.half_height / self.height
        left, top = -self.half_width + x * across, self.half_height - y * down
        return self.orthographic, left, left + width * across, top - height * down, top, self.near, self.far


def frustum_of(camera: Camera, width: int, height: int, lower: Array, upper: Array) -> Frustum:
    """The frustum that just holds the box from ``lower`` to ``upper``, each (3,) world."""
    depths = camera.depth(corners(lower, upper))
    nearest, farthest = float(depths.min()), float(depths.max())
    room = max((_ROOM - 1) * (farthest - nearest), 1e-6 * camera.distance)
    if camera.orthographic:
        setback = max(0.0, 2 * room - nearest)
        near, far = nearest + setback - room, farthest + setback + room
        half_height = camera.half_height
    else:
        setback = 0.0
        far = max(farthest, camera.distance * 1e-3) + room
        near = max(nearest - room, far * _NEAREST)
        half_height = near * camera.half_height / camera.distance
    half_width = half_height * width / height
    if not camera.orthographic:
        nearest = max(nearest, 0.0)
    return Frustum(
        camera.orthographic, width, height, half_width, half_height, near, far, setback, nearest, max(farthest, nearest)
    )


def placed(camera: Camera, frustum: Frustum, origin: Array, *, lift: bool) -> Array:
    """(4, 4) float64: from coordinates around ``origin`` (3,) to the camera's frame.

    The large numbers of an aerial scan cancel here, in float64, before the graphics see any. lift: towards the eye by
    very little, without a change to where it is in the picture, so that lines on a surface are not lost in it.
    """
    matrix = camera.view_matrix()
    matrix[:3, 3] += matrix[:3, :3] @ origin
    matrix[2, 3] -= frustum.setback
    if lift and camera.orthographic:
        matrix[2, 3] += _LIFT * (frustum.far - frustum.near)
    elif lift:
        matrix[:3] *= 1 - _LIFT
    return matrix


def corners(lower: Array, upper: Array) -> Array:
    """(8, 3) corners of a box; the bits of the index are x, y and z, set for the upper side."""
    upside = (np.arange(8)[:, None] >> np.arange(3)) & 1
    return np.where(upside, upper, lower)
