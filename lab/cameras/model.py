"""The lab's own camera value, which belongs to no convention's side.

Frames. World: right-handed, Y up, metres. Camera: +X right, +Y up, looking along -Z (the axes of OpenGL and Blender).
Vectors are columns. Pixels are (x, y) from the image's top left corner, y down; the centre of the first pixel is
(0.5, 0.5). All in float64.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from lab.motions import so3
from lab.scene import Array

_ROTATION_TOLERANCE = 1e-6  # of R Rᵀ - I, the largest entry


class CameraError(ValueError):
    """A camera that cannot be, or that a convention cannot express; the message says what was found and what to do."""


@dataclass(frozen=True, eq=False)
class CameraModel:
    """A camera: where it stands, and how it maps to pixels.

    c2w: (4, 4) float64, camera to world, rigid. fx, fy: focal lengths in pixels (pixels per metre when orthographic).
    cx, cy: the pixel that the optical axis meets. width, height: of the image, pixels. near, far: metres along the
    optical axis. Raises CameraError for a matrix that is not rigid or numbers out of range.
    """

    c2w: Array
    fx: float
    fy: float
    cx: float
    cy: float
    width: int
    height: int
    near: float = 0.1
    far: float = 100.0
    orthographic: bool = False

    def __post_init__(self) -> None:
        matrix = np.array(self.c2w, np.float64)
        if matrix.shape != (4, 4):
            raise CameraError(f"c2w: expected shape (4, 4), found {matrix.shape}")
        check_rotation(matrix[:3, :3])
        if not np.array_equal(matrix[3], [0, 0, 0, 1]):
            raise CameraError(f"c2w: expected the last row 0 0 0 1, found {matrix[3]}")
        matrix.flags.writeable = False
        object.__setattr__(self, "c2w", matrix)
        if min(self.fx, self.fy) <= 0 or min(self.width, self.height) < 1:
            raise CameraError(
                f"expected positive focal lengths and image size, found {self.fx:g}, {self.fy:g} and "
                f"{self.width} x {self.height}"
            )
        if not 0 < self.near < self.far:
            raise CameraError(f"expected 0 < near < far, found {self.near:g} and {self.far:g}")

    @property
    def key(self) -> tuple[object, ...]:
        """Equal for equal cameras."""
        size = (self.width, self.height, self.near, self.far, self.orthographic)
        return (self.c2w.tobytes(), self.fx, self.fy, self.cx, self.cy, *size)

    # --- pose -----------------------------------------------------------------------------------------------------

    @property
    def rotation(self) -> Array:
        """(3, 3): the columns are the camera's right, up and backward directions in the world."""
        return np.asarray(self.c2w[:3, :3])

    @property
    def center(self) -> Array:
        """(3,): where the camera stands, world."""
        return np.asarray(self.c2w[:3, 3])

    @property
    def w2c(self) -> Array:
        """(4, 4): world to camera."""
        return inverse(self.c2w)

    @property
    def rotation_vector(self) -> Array:
        """(3,): the rotation vector of ``rotation``, radians."""
        return so3.log(self.rotation)

    def moved(self, c2w: Array) -> Self:
        """The same camera at another place."""
        return replace(self, c2w=c2w)

    # --- intrinsics -----------------------------------------------------------------------------------------------

    @property
    def fov_deg(self) -> float:
        """Vertical field of view of a perspective camera with the principal point in the middle, degrees."""
        return math.degrees(2 * math.atan(self.height / (2 * self.fy)))

    @property
    def intrinsics(self) -> Array:
        """(3, 3): K in pixels, as OpenCV writes it."""
        return np.array([[self.fx, 0.0, self.cx], [0.0, self.fy, self.cy], [0.0, 0.0, 1.0]])

    def resized(self, width: int, height: int) -> Self:
        """The same camera with an image of other pixels: what stood at a share of the image stands there still."""
        x, y = width / self.width, height / self.height
        return replace(self, fx=self.fx * x, fy=self.fy * y, cx=self.cx * x, cy=self.cy * y, width=width, height=height)


def check_rotation(matrix: Array, tolerance: float = _ROTATION_TOLERANCE) -> None:
    """Raises CameraError when a (3, 3) matrix is not a proper rotation."""
    off = float(np.abs(matrix @ matrix.T - np.eye(3)).max())
    if not off <= tolerance:
        raise CameraError(f"the rotation's rows are not orthonormal: R Rᵀ differs from the identity by {off:.3g}")
    if np.linalg.det(matrix) < 0:
        raise CameraError("the rotation has determinant -1: it mirrors, so one axis is flipped")


def inverse(rigid: Array) -> Array:
    """(4, 4) float64: the inverse of a rigid transformation (4, 4) of column vectors, without solving."""
    turn, shift = rigid[:3, :3], rigid[:3, 3]
    return pose(turn.T, -turn.T @ shift)


def pose(rotation: Array, position: Array) -> Array:
    """(4, 4) float64 of a rotation (3, 3) and a translation (3,), column vectors."""
    matrix = np.eye(4)
    matrix[:3, :3] = rotation
    matrix[:3, 3] = position
    return matrix


def pose_from_vector(position: Array, rotation_vector: Array) -> Array:
    """(4, 4) float64 of a position (3,), metres, and a rotation vector (3,), radians."""
    return pose(so3.exp(rotation_vector), position)


def look_at(eye: Array, target: Array, up: tuple[float, float, float] = (0.0, 1.0, 0.0)) -> Array:
    """(4, 4) float64, camera to world, of a camera at ``eye`` (3,) that looks at ``target`` (3,), upright.

    Where the view is parallel to ``up`` there is no upright: then the camera's right is the world's +X (or +Z, where
    that is parallel, too). PyTorch3D leaves its R singular there. Raises CameraError when eye and target coincide.
    """
    back = np.asarray(eye, float) - target
    distance = float(np.linalg.norm(back))
    if distance < 1e-12:
        raise CameraError("the camera stands on the point that it is to look at: move one of them")
    back = back / distance
    right = np.cross(up, back)
    if np.linalg.norm(right) < 1e-9:
        right = np.array([1.0, 0.0, 0.0]) if abs(back[0]) < 0.9 else np.array([0.0, 0.0, 1.0])
        right = right - back * (right @ back)
    right = right / np.linalg.norm(right)
    return pose(np.stack([right, np.cross(back, right), back], axis=1), np.asarray(eye, float))


def on_sphere(distance: float, elevation_deg: float, azimuth_deg: float, target: Array) -> Array:
    """(3,) float64: the place that PyTorch3D's ``look_at_view_transform`` gives the camera (REFERENCE I.3).

    Azimuth 0 is on the +Z side of the target and turns towards +X; the elevation goes up. Degrees, metres.
    """
    e, a = math.radians(elevation_deg), math.radians(azimuth_deg)
    direction = np.array([math.cos(e) * math.sin(a), math.sin(e), math.cos(e) * math.cos(a)])
    return np.asarray(target, float) + distance * direction


def focal_from_fov(fov_deg: float, pixels: float) -> float:
    """The focal length in pixels at which ``pixels`` span a field of view of ``fov_deg`` degrees."""
    return pixels / (2 * math.tan(math.radians(fov_deg) / 2))
