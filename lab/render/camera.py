"""The viewport's camera: exact orbit, pan, zoom and projection, in float64.

Frames: the world is right-handed, Y up. The camera looks along its own -Z, with +X to the right and +Y up (OpenGL).
Pixels are (x, y) from the image's top left corner; the centre of the first pixel is (0.5, 0.5).

A camera is a value: each movement returns a new one. Movements have no inertia and no hidden state, so that a drag
there and back ends where it began.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, Self, get_args

import numpy as np

from lab.scene import Array

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]
StandardView = Literal["front", "back", "left", "right", "top", "bottom", "iso"]
STANDARD_VIEWS: tuple[StandardView, ...] = get_args(StandardView)

_NEAREST, _FARTHEST = 1e-9, 1e15  # metres; the limits of the distance, far outside anything useful
_FIT_MARGIN = 0.86  # share of the picture that a fitted scene may fill

# azimuth and elevation of the eye, degrees: 0, 0 looks from +Z, azimuth turns towards +X
_DIRECTIONS: dict[StandardView, tuple[float, float]] = {
    "front": (0.0, 0.0),
    "back": (180.0, 0.0),
    "left": (-90.0, 0.0),
    "right": (90.0, 0.0),
    "top": (0.0, 90.0),
    "bottom": (0.0, -90.0),
    "iso": (35.0, 22.0),
}


@dataclass(frozen=True)
class Camera:
    """Where the scene is seen from.

    pivot: the point that the camera orbits, metres, world, float64. distance: from the eye to the pivot, metres.
    rotation: unit quaternion wxyz that turns camera axes into world axes. fov_deg: vertical field of view.
    orthographic: parallel projection, in which the plane through the pivot has the same size as in perspective.
    """

    pivot: Vector = (0.0, 0.0, 0.0)
    distance: float = 3.0
    rotation: Quaternion = (1.0, 0.0, 0.0, 0.0)
    fov_deg: float = 40.0
    orthographic: bool = False

    # --- what it sees ---------------------------------------------------------------------------------------------

    @property
    def axes(self) -> Array:
        """(3, 3) float64: the columns are the camera's right, up and backward directions in the world."""
        return rotation_matrix(self.rotation)

    @property
    def eye(self) -> Array:
        """(3,) float64: where the camera stands, world."""
        return np.array(self.pivot) + self.axes[:, 2] * self.distance

    @property
    def half_height(self) -> float:
        """Half of what the picture shows from bottom to top in the plane through the pivot, metres."""
        return self.distance * math.tan(math.radians(self.fov_deg) / 2)

    def metres_per_pixel(self, height: int, depth: float | None = None) -> float:
        """Metres across one pixel, ``depth`` in front of the eye (by default at the pivot), in a picture that high."""
        scale = 1.0 if self.orthographic or depth is None else depth / self.distance
        return 2 * self.half_height * scale / height

    def view_matrix(self) -> Array:
        """(4, 4) float64: world to camera, for column vectors."""
        matrix = np.eye(4)
        matrix[:3, :3] = self.axes.T
        matrix[:3, 3] = -self.axes.T @ self.eye
        return matrix

    def projection_matrix(self, width: int, height: int, near: float, far: float) -> Array:
        """(4, 4) float64: camera to OpenGL clip space, for column vectors; near and far in metres."""
        matrix = np.zeros((4, 4))
        aspect = width / height
        if self.orthographic:
            matrix[0, 0] = 1 / (self.half_height * aspect)
            matrix[1, 1] = 1 / self.half_height
            matrix[2, 2] = -2 / (far - near)
            matrix[2, 3] = -(far + near) / (far - near)
            matrix[3, 3] = 1
        else:
            focal = 1 / math.tan(math.radians(self.fov_deg) / 2)
            matrix[0, 0] = focal / aspect
            matrix[1, 1] = focal
            matrix[2, 2] = -(far + near) / (far - near)
            matrix[2, 3] = -2 * far * near / (far - near)
            matrix[3, 2] = -1
        return matrix

    def depth(self, points: Array) -> Array:
        """How far (N, 3) world points (or one (3,) point) lie in front of the eye, along the view, metres."""
        return self.distance - (np.asarray(points, float) - np.array(self.pivot)) @ self.axes[:, 2]

    def project(self, points: Array, width: int, height: int) -> tuple[Array, Array]:
        """(N, 2) pixels and (N,) depths of (N, 3) world points. Pixels of points behind a perspective eye are NaN."""
        relative = (np.asarray(points, float) - np.array(self.pivot)) @ self.axes
        depth = self.distance - relative[:, 2]
        pixels_per_metre = height / (2 * self.half_height)
        if self.orthographic:
            scale = np.full(len(relative), pixels_per_metre)
        else:
            scale = np.full(len(relative), np.nan)
            np.divide(pixels_per_metre * self.distance, depth, out=scale, where=depth > 0)
        flipped = relative[:, :2] * [1.0, -1.0]
        return flipped * scale[:, None] + [width / 2, height / 2], depth

    def ray(self, x: float, y: float, width: int, height: int) -> tuple[Array, Array]:
        """Origin and unit direction, (3,) float64 each, of the ray through a pixel.

        In orthographic projection the origin lies in the plane through the eye.
        """
        axes = self.axes
        metres = self.metres_per_pixel(height)
        offset = axes[:, 0] * ((x - width / 2) * metres) - axes[:, 1] * ((y - height / 2) * metres)
        if self.orthographic:
            return self.eye + offset, -axes[:, 2]
        direction = offset - axes[:, 2] * self.distance
        return self.eye, direction / np.linalg.norm(direction)

    def point_at(self, x: float, y: float, width: int, height: int, depth: float | None = None) -> Array:
        """(3,) float64, world: what lies under a pixel, ``depth`` metres in front of the eye or as far as the pivot."""
        depth = self.distance if depth is None else depth
        origin, direction = self.ray(x, y, width, height)
        return origin + direction * (depth / -(direction @ self.axes[:, 2]))

    # --- how it moves ---------------------------------------------------------------------------------------------

    def orbit(self, azimuth: float, elevation: float) -> Self:
        """Turn around the pivot like a turntable, radians: the eye moves right about the world's Y, and up.

        The elevation stops at the poles. The azimuth turns about a world axis and the elevation about a camera axis, so
        their order does not matter and a way back undoes a way there.
        """
        axes = self.axes
        now = math.atan2(axes[1, 2], axes[1, 1])  # beyond ±90° when the camera is upside down: then not pushed further
        limit = math.pi / 2
        pitch = min(max(now + elevation, min(now, -limit)), max(now, limit)) - now
        return replace(
            self,
            rotation=normalized(product(about((0, 1, 0), azimuth), product(self.rotation, about((1, 0, 0), -pitch)))),
        )

    def pan(self, dx: float, dy: float, height: int, depth: float | None = None) -> Self:
        """Move so that what was under a pixel is now (dx, dy) pixels further, in a picture ``height`` pixels high.

        That holds exactly for points ``depth`` metres in front of the eye, by default as far as the pivot.
        """
        axes = self.axes
        shift = (axes[:, 1] * dy - axes[:, 0] * dx) * self.metres_per_pixel(height, depth)
        return replace(self, pivot=_vector(np.array(self.pivot) + shift))

    def zoom_at(self, x: float, y: float, factor: float, width: int, height: int, depth: float | None = None) -> Self:
        """Scale the distance by ``factor`` (below 1 goes nearer), so that the point under the pixel stays under it.

        That point is taken ``depth`` metres in front of the eye, by default as far as the pivot.
        """
        factor = min(max(self.distance * factor, _NEAREST), _FARTHEST) / self.distance
        fixed = self.point_at(x, y, width, height, depth)
        pivot = fixed + (np.array(self.pivot) - fixed) * factor
        return replace(self, pivot=_vector(pivot), distance=self.distance * factor)

    def fit(self, lower: Array, upper: Array, width: int = 4, height: int = 3) -> Self:
        """See the whole box from ``lower`` to ``upper`` (each (3,), world) from the same side, centred."""
        box = np.array(np.meshgrid(*np.stack([lower, upper], axis=1), indexing="ij"), float)
        return self.fit_points(box.reshape(3, -1).T, width, height)

    def fit_points(self, points: Array, width: int = 4, height: int = 3) -> Self:
        """See all of the points (N, 3), N > 0, world, from the same side; the pivot is the middle of their bounds."""
        points = np.asarray(points, float)
        pivot = (points.min(axis=0) + points.max(axis=0)) / 2
        x, y, z = ((points - pivot) @ self.axes).T
        slope = math.tan(math.radians(self.fov_deg) / 2) * _FIT_MARGIN
        reach = np.maximum(np.abs(x) / (slope * width / height), np.abs(y) / slope)
        distance = float(np.max(reach if self.orthographic else reach + z))
        return replace(self, pivot=_vector(pivot), distance=distance if distance > _NEAREST else 1.0)

    def standard(self, name: StandardView) -> Self:
        """Look at the same pivot from a standard side: front looks from +Z, right from +X, top from +Y."""
        azimuth, elevation = (math.radians(angle) for angle in _DIRECTIONS[name])
        return replace(self, rotation=product(about((0, 1, 0), azimuth), about((1, 0, 0), -elevation)))

    def looking_at(self, pivot: Array) -> Self:
        """Orbit another point, (3,) world: it comes to the middle of the picture, as large as it was and from the same
        side. A point behind the eye is seen from where the old pivot was.
        """
        depth = float(self.depth(pivot))
        distance = self.distance if self.orthographic or depth <= 0 else depth
        return replace(self, pivot=_vector(np.asarray(pivot, float)), distance=distance)


def _vector(values: Array) -> Vector:
    return float(values[0]), float(values[1]), float(values[2])


def about(axis: Vector, angle: float) -> Quaternion:
    """The unit quaternion wxyz of a turn by ``angle`` radians, counter-clockwise about a unit axis."""
    s = math.sin(angle / 2)
    return math.cos(angle / 2), axis[0] * s, axis[1] * s, axis[2] * s


def product(a: Quaternion, b: Quaternion) -> Quaternion:
    """The quaternion of the turn ``b`` followed by the turn ``a`` (Hamilton's product)."""
    aw, ax, ay, az = a
    bw, bx, by, bz = b
    return (
        aw * bw - ax * bx - ay * by - az * bz,
        aw * bx + ax * bw + ay * bz - az * by,
        aw * by - ax * bz + ay * bw + az * bx,
        aw * bz + ax * by - ay * bx + az * bw,
    )


def normalized(q: Quaternion) -> Quaternion:
    """The same turn as a unit quaternion."""
    norm = math.sqrt(sum(value * value for value in q))
    return q[0] / norm, q[1] / norm, q[2] / norm, q[3] / norm


def rotation_matrix(q: Quaternion) -> Array:
    """(3, 3) float64 rotation matrix of a unit quaternion wxyz, for column vectors."""
    w, x, y, z = q
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
