"""Ways of a camera: around an object, or through keyframes. Poses (4, 4) float64, camera to world, column vectors."""

from __future__ import annotations

import math

import numpy as np

from lab.cameras.model import look_at, on_sphere
from lab.motions import se3, so3
from lab.scene import Array

_FINE = 64  # samples between two keyframes, by which a way is measured
_STILL = 1e-9


def orbit(
    center: Array, distance: float, elevation: float, shares: Array, turns: float = 1.0, start: float = 0.0
) -> Array:
    """(T, 4, 4): around ``center`` (3,) at one height, from +Z towards +X.

    shares: (T,), 0 where it begins, 1 at the end. elevation: degrees above the horizon. start: degrees from +Z.
    """
    return _around(center, distance, np.full(len(shares), elevation), start + 360.0 * turns * shares)


def spiral(
    center: Array, distance: float, elevation: float, shares: Array, turns: float = 2.0, start: float = 0.0
) -> Array:
    """(T, 4, 4): as ``orbit``, while the camera goes from ``-elevation`` up to ``elevation``, evenly."""
    return _around(center, distance, elevation * (2.0 * shares - 1.0), start + 360.0 * turns * shares)


def _around(center: Array, distance: float, elevations: Array, azimuths: Array) -> Array:
    pairs = zip(elevations.tolist(), azimuths.tolist(), strict=True)
    return np.stack([look_at(on_sphere(distance, up, around, center), center) for up, around in pairs])


class Curve:
    """A smooth curve through points, whose speed has no jumps. points: (K, D), K > 0. loop: on to the first again.

    Point k is at the parameter k. A point that is there twice in a row is held in between.
    Source: E. Catmull, R. Rom, "A class of local interpolating splines" (1974).
    """

    def __init__(self, points: Array, *, loop: bool = False) -> None:
        self._points = _closed(points, loop)
        self._speeds = speeds_of(np.diff(self._points, axis=0), loop)

    def at(self, us: Array) -> Array:
        """(T, D) at parameters (T,)."""
        if len(self._points) < 2:
            return np.repeat(self._points, len(us), axis=0)
        first, part = _places(us, len(self._points) - 1)
        t = part[:, None]
        s = 1 - t
        a, b = self._points[first], self._points[first + 1]
        out, into = self._speeds[first] / 3, self._speeds[first + 1] / 3
        return np.asarray(s**3 * a + 3 * s**2 * t * (a + out) + 3 * s * t**2 * (b - into) + t**3 * b)


class Turning:
    """The same for rotations (K, 3, 3): a Bézier curve of slerps in place of straight lines.

    Source: K. Shoemake, "Animating rotation with quaternion curves" (1985).
    """

    def __init__(self, turns: Array, *, loop: bool = False) -> None:
        self._turns = _closed(turns, loop)
        self._speeds = speeds_of(so3.log(np.swapaxes(self._turns[:-1], 1, 2) @ self._turns[1:]), loop)

    def at(self, us: Array) -> Array:
        """(T, 3, 3) at parameters (T,), by De Casteljau's construction."""
        if len(self._turns) < 2:
            return np.repeat(self._turns, len(us), axis=0)
        first, t = _places(us, len(self._turns) - 1)
        a, d = self._turns[first], self._turns[first + 1]
        b, c = a @ so3.exp(self._speeds[first] / 3), d @ so3.exp(-self._speeds[first + 1] / 3)
        ab, bc, cd = _slerp(a, b, t), _slerp(b, c, t), _slerp(c, d, t)
        return _slerp(_slerp(ab, bc, t), _slerp(bc, cd, t), t)


class Course:
    """A camera's way through keyframes, each of which stands at one point, ``eyes``, and looks at another, ``targets``.

    eyes, targets: (K, 3), K > 0, metres. loop: from the last one on to the first. aimed: what the camera looks at goes
    a smooth way, too, and the camera stays upright; else the rotations do, and the camera may look elsewhere between
    two keyframes. Parameter u counts keyframes: keyframe k is at u = k, and the way ends at u = ``segments``.
    Raises CameraError where a keyframe stands on what it looks at.
    """

    def __init__(self, eyes: Array, targets: Array, *, loop: bool = False, aimed: bool = True) -> None:
        keys = np.stack([look_at(eye, target) for eye, target in zip(eyes, targets, strict=True)])
        self.segments = len(keys) - (not loop or len(keys) == 1)
        self._eyes = Curve(keys[:, :3, 3], loop=loop)
        self._targets = Curve(np.asarray(targets, np.float64), loop=loop) if aimed else None
        self._turning = Turning(keys[:, :3, :3], loop=loop)
        self._gone: dict[float, tuple[Array, Array]] = {}

    def at(self, us: Array) -> Array:
        """(T, 4, 4) poses at parameters (T,). Raises CameraError where the camera goes through what it looks at."""
        us = np.asarray(us, np.float64)
        eyes = self._eyes.at(us)
        if self._targets is None:
            return se3.matrix(self._turning.at(us), eyes)
        return np.stack([look_at(eye, target) for eye, target in zip(eyes, self._targets.at(us), strict=True)])

    def targets_at(self, us: Array) -> Array | None:
        """(T, 3): what the camera looks at; None where nobody says so."""
        return None if self._targets is None else self._targets.at(np.asarray(us, np.float64))

    def even(self, shares: Array, size: float) -> Array:
        """(T,) parameters at which shares (T,) in [0, 1] of the whole way are gone.

        A turn by one radian counts as ``size`` metres.
        """
        if size not in self._gone:
            us = np.linspace(0.0, self.segments, self.segments * _FINE + 1)
            self._gone[size] = us, np.concatenate([[0.0], np.cumsum(lengths(self.at(us), size))])
        us, gone = self._gone[size]
        if gone[-1] <= _STILL:
            return np.asarray(shares * self.segments)
        return np.interp(shares * gone[-1], gone, us)


def lengths(poses: Array, size: float) -> Array:
    """(T - 1,): from each pose to the next, as ``apart`` counts."""
    return apart(poses[:-1], poses[1:], size)


def apart(a: Array, b: Array, size: float) -> Array:
    """(T,): how far poses (T, 4, 4) are from others, metres; a turn by one radian counts as ``size`` metres."""
    moved = np.linalg.norm(b[:, :3, 3] - a[:, :3, 3], axis=1)
    return np.hypot(moved, size * so3.angle_between(a[:, :3, :3], b[:, :3, :3]))


def speeds_of(steps: Array, loop: bool) -> Array:
    """(K, D) speeds at the keyframes from the steps (K - 1, D) between them; 0 where a keyframe is held."""
    if not len(steps):
        return np.zeros((1, *steps.shape[1:]))
    ends = (steps[-1:], steps[:1]) if loop else (steps[:1], steps[-1:])
    before, after = np.concatenate([ends[0], steps]), np.concatenate([steps, ends[1]])
    still = (np.abs(before).max(axis=1) < _STILL) | (np.abs(after).max(axis=1) < _STILL)
    return np.where(still[:, None], 0.0, (before + after) / 2)


def _closed(points: Array, loop: bool) -> Array:
    """With the first one again at the end of a loop."""
    points = np.asarray(points, np.float64)
    return np.concatenate([points, points[:1]]) if loop and len(points) > 1 else points


def _places(us: Array, segments: int) -> tuple[Array, Array]:
    """The piece of each parameter (T,), (T,) int, and where within it, (T,) in [0, 1]."""
    first = np.clip(np.floor(us).astype(int), 0, segments - 1)
    return first, np.clip(us - first, 0.0, 1.0)


def _slerp(a: Array, b: Array, t: Array) -> Array:
    return np.asarray(a @ so3.exp(t[:, None] * so3.log(np.swapaxes(a, 1, 2) @ b)))


def fitting_distance(radius: float, fov_deg: float) -> float:
    """How far away a camera has a ball of this radius just in its picture, whose shorter side spans ``fov_deg``."""
    return radius / math.sin(math.radians(fov_deg) / 2)
