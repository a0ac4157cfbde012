"""From a drag of the mouse to a movement in the world: along an axis, in a plane, about an axis, or as a scale.

Each drag is always worked out from where it began, so that back at its start nothing has moved. Pixels are logical,
from the view's top left corner; everything else is metres and radians, world, float64. Nothing here knows of Qt.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from lab.render.camera import Camera, Quaternion, Vector, about, product
from lab.scene import Array

Pixel = tuple[float, float]

_PARALLEL = 1e-4  # 1 - cos² between a ray and an axis, below which their nearest points say nothing
_EDGE_ON = 0.12  # |cos| between the view and a plane's normal, below which the plane is seen from its edge
_SNAP_DEGREES = 15.0
_SNAP_FACTOR = 0.1


@dataclass(frozen=True)
class Sight:
    """What a view shows: its camera, and its size in logical pixels."""

    camera: Camera
    width: int
    height: int

    def project(self, points: Array) -> tuple[Array, Array]:
        """(N, 2) pixels and (N,) depths of (N, 3) world points; pixels of points behind the eye are NaN."""
        return self.camera.project(points, self.width, self.height)

    def pixel(self, point: Array) -> Pixel | None:
        """Where a point (3,) is seen, None for one behind the eye."""
        pixels, _ = self.project(np.asarray(point, float)[None])
        x, y = pixels[0]
        return (float(x), float(y)) if math.isfinite(x) and math.isfinite(y) else None

    def ray(self, at: Pixel) -> tuple[Array, Array]:
        """Origin and unit direction, (3,) each, of the ray through a pixel."""
        return self.camera.ray(at[0], at[1], self.width, self.height)

    def metres_per_pixel(self, point: Array) -> float:
        """Metres across one pixel at the depth of a point (3,); 0 for one behind the eye."""
        depth = float(self.camera.depth(point))
        if depth <= 0 and not self.camera.orthographic:
            return 0.0
        return self.camera.metres_per_pixel(self.height, depth)

    def towards(self, point: Array) -> Array:
        """(3,) unit: the direction in which a point is looked at."""
        if self.camera.orthographic:
            return -self.camera.axes[:, 2]
        way = np.asarray(point, float) - self.camera.eye
        length = float(np.linalg.norm(way))
        return way / length if length > 0 else -self.camera.axes[:, 2]


class Drag(Protocol):
    """Something that is held. ``to`` follows the mouse; with ``snap`` in round steps."""

    def to(self, at: Pixel, snap: bool = False) -> Change: ...


@dataclass(frozen=True)
class Change:
    """What a drag did so far.

    shift: (3,) metres. axis, angle: a turn by ``angle`` radians about a unit axis (3,). factor: of the size.
    """

    shift: Vector = (0.0, 0.0, 0.0)
    axis: Vector = (0.0, 0.0, 1.0)
    angle: float = 0.0
    factor: float = 1.0


class Slide:
    """Along an axis through ``point``; axis: (3,) unit."""

    def __init__(self, sight: Sight, at: Pixel, point: Array, axis: Array) -> None:
        self._sight, self._point, self._axis = sight, np.asarray(point, float), np.asarray(axis, float)
        self._start = self._along(at)
        self._last = 0.0
        self._step = nice_step(12 * sight.metres_per_pixel(point))

    def to(self, at: Pixel, snap: bool = False) -> Change:
        """The point of the axis that is nearest to the ray under the mouse."""
        now = self._along(at)
        if self._start is not None and now is not None:
            self._last = now - self._start
        return Change(shift=vector(self._axis * snapped(self._last, self._step, snap)))

    def _along(self, at: Pixel) -> float | None:
        origin, direction = self._sight.ray(at)
        cosine = float(self._axis @ direction)
        if 1 - cosine * cosine < _PARALLEL:
            return None
        between = self._point - origin
        along = (cosine * float(between @ direction) - float(between @ self._axis)) / (1 - cosine * cosine)
        ahead = float((self._point + along * self._axis - origin) @ direction)
        return along if ahead > 0 or self._sight.camera.orthographic else None


class Glide:
    """In a plane through ``point``; normal: (3,) unit, or None for the plane of the view."""

    def __init__(self, sight: Sight, at: Pixel, point: Array, normal: Array | None = None) -> None:
        self._sight, self._point = sight, np.asarray(point, float)
        self._normal = sight.camera.axes[:, 2] if normal is None else np.asarray(normal, float)
        self._start = self._hit(at)
        self._last = np.zeros(3)
        self._step = nice_step(12 * sight.metres_per_pixel(point))

    def to(self, at: Pixel, snap: bool = False) -> Change:
        """The point of the plane that is under the mouse."""
        now = self._hit(at)
        if self._start is not None and now is not None:
            self._last = now - self._start
        return Change(shift=vector(np.array([snapped(value, self._step, snap) for value in self._last])))

    def _hit(self, at: Pixel) -> Array | None:
        return meet(self._sight, at, self._point, self._normal)


class Turn:
    """About an axis through ``point``, counter-clockwise; axis: (3,) unit. Several turns add up."""

    def __init__(self, sight: Sight, at: Pixel, point: Array, axis: Array) -> None:
        self._sight, self._point, self._axis = sight, np.asarray(point, float), np.asarray(axis, float)
        self._at = at
        self._total = 0.0
        self._edge_on = abs(float(sight.towards(self._point) @ self._axis)) < _EDGE_ON
        self._last = self._bearing(at)

    def to(self, at: Pixel, snap: bool = False) -> Change:
        """By how much the mouse went around the point; for a ring seen from its edge, along it."""
        if self._edge_on:
            self._total = self._along_edge(at)
        else:
            now = self._bearing(at)
            if now is not None and self._last is not None:
                self._total += math.remainder(now - self._last, math.tau)
            self._last = now if now is not None else self._last
        angle = snapped(self._total, math.radians(_SNAP_DEGREES), snap)
        return Change(axis=vector(self._axis), angle=angle)

    def _bearing(self, at: Pixel) -> float | None:
        """The direction from the point to what is under the mouse, as an angle in the ring's plane."""
        hit = meet(self._sight, at, self._point, self._axis)
        if hit is None:
            return None
        first, second = across(self._axis)
        arm = hit - self._point
        return math.atan2(float(arm @ second), float(arm @ first))

    def _along_edge(self, at: Pixel) -> float:
        """Pixels along the ring's near edge, a radian for 60 of them."""
        towards = self._sight.towards(self._point)
        edge = np.cross(self._axis, -towards)  # how the nearest part of the ring moves
        right, up = float(edge @ self._sight.camera.axes[:, 0]), float(edge @ self._sight.camera.axes[:, 1])
        return ((at[0] - self._at[0]) * right - (at[1] - self._at[1]) * up) / 60.0


class Stretch:
    """The size, by the distance of the mouse from where ``point`` is seen."""

    def __init__(self, sight: Sight, at: Pixel, point: Array) -> None:
        self._centre = sight.pixel(np.asarray(point, float)) or at
        self._start = max(12.0, math.dist(at, self._centre))

    def to(self, at: Pixel, snap: bool = False) -> Change:
        """Twice as far from the centre is twice as large."""
        factor = max(0.01, math.dist(at, self._centre) / self._start)
        return Change(factor=max(_SNAP_FACTOR, snapped(factor, _SNAP_FACTOR, snap)) if snap else factor)


def meet(sight: Sight, at: Pixel, point: Array, normal: Array) -> Array | None:
    """(3,): where the ray under a pixel meets a plane; None where it does not, or only behind the eye."""
    origin, direction = sight.ray(at)
    slope = float(direction @ normal)
    if abs(slope) < 1e-6:
        return None
    ahead = float((point - origin) @ normal) / slope
    if ahead <= 0 and not sight.camera.orthographic:
        return None
    return origin + direction * ahead


def across(axis: Array) -> tuple[Array, Array]:
    """Two unit vectors (3,) that make a right-handed frame with a unit axis as its third."""
    helper = np.eye(3)[int(np.argmin(np.abs(axis)))]
    first = np.cross(helper, axis)
    first = first / np.linalg.norm(first)
    return first, np.cross(axis, first)


def nice_step(length: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is not above ``length``; 0 for 0."""
    if not length > 0:
        return 0.0
    power = 10.0 ** math.floor(math.log10(length))
    return next(power * digit for digit in (5.0, 2.0, 1.0) if power * digit <= length * (1 + 1e-9))


def snapped(value: float, step: float, snap: bool) -> float:
    """The value, or with ``snap`` the nearest multiple of ``step``."""
    return round(float(value) / step) * step if snap and step > 0 else float(value)


def vector(values: Array | Sequence[float]) -> Vector:
    """Three floats."""
    return float(values[0]), float(values[1]), float(values[2])


# --- rotation vectors -------------------------------------------------------------------------------------------------


def quaternion_of(rotation: Vector) -> Quaternion:
    """The unit quaternion wxyz of a rotation vector: its direction is the axis, its length the angle in radians."""
    angle = math.sqrt(sum(value * value for value in rotation))
    if angle == 0:
        return 1.0, 0.0, 0.0, 0.0
    return about((rotation[0] / angle, rotation[1] / angle, rotation[2] / angle), angle)


def rotation_vector(q: Quaternion) -> Vector:
    """The rotation vector of a unit quaternion wxyz, at most π long."""
    w, x, y, z = q if q[0] >= 0 else (-q[0], -q[1], -q[2], -q[3])
    length = math.sqrt(x * x + y * y + z * z)
    if length < 1e-300:
        return 0.0, 0.0, 0.0
    scale = 2 * math.atan2(length, w) / length
    return x * scale, y * scale, z * scale


def turned(rotation: Vector, axis: Vector, angle: float) -> Vector:
    """The rotation vector of ``rotation`` followed by a turn about a unit axis of the world."""
    return rotation_vector(product(about(axis, angle), quaternion_of(rotation)))
