"""Paths of a camera about an object, and how far two views are apart.

A view is a matrix (4, 4) as in lab.pose.camera_view: ``x_camera = view @ x_object``. Lengths: radii of the object.
"""

from __future__ import annotations

import math

import numpy as np

from lab.cameras.model import inverse, look_at, on_sphere
from lab.motions import se3, so3
from lab.scene import Array

_GOLDEN = math.pi * (3 - math.sqrt(5))


def view_from(distance: float, elevation_deg: float, azimuth_deg: float, roll_deg: float = 0.0) -> Array:
    """The view of a camera at these spherical coordinates that looks at the origin; roll turns it about its axis."""
    upright = inverse(look_at(on_sphere(distance, elevation_deg, azimuth_deg, np.zeros(3)), np.zeros(3)))
    return se3.matrix(so3.exp([0.0, 0.0, math.radians(roll_deg)]), np.zeros(3)) @ upright


def view_along(direction: Array, distance: float) -> Array:
    """The view of an upright camera in this direction (3,) from the origin, looking at it."""
    return inverse(look_at(distance * direction / np.linalg.norm(direction), np.zeros(3)))


def fibonacci(count: int) -> Array:
    """(count, 3) float64: unit vectors spread evenly over the sphere, from the top to the bottom."""
    number = np.arange(count) + 0.5
    y = 1 - 2 * number / count
    ring = np.sqrt(1 - y * y)
    return np.stack([ring * np.cos(_GOLDEN * number), y, ring * np.sin(_GOLDEN * number)], axis=1)


def orbit(count: int, speed_deg: float, distance: float) -> Array:
    """(count, 4, 4): round the object, each time by ``speed_deg``, slowly up and down and nearer and farther."""
    turn = speed_deg * np.arange(count)
    return np.stack(
        [
            view_from(distance * (1 + 0.12 * math.sin(math.radians(a))), 20 + 18 * math.sin(math.radians(0.7 * a)), a)
            for a in turn
        ]
    )


def wobble(count: int, speed_deg: float, distance: float) -> Array:
    """(count, 4, 4): to and fro before the object, with roll, off the middle and at changing distance."""
    phase = math.radians(2.5 * speed_deg) * np.arange(count)
    poses = []
    for p in phase:
        pose = view_from(distance * (1 + 0.15 * math.sin(0.6 * p)), 18 + 14 * math.sin(0.8 * p), 22 * math.sin(p))
        roll = se3.matrix(so3.exp([0.0, 0.0, 0.25 * math.sin(0.7 * p)]), np.zeros(3))
        shift = se3.matrix(np.eye(3), 0.06 * distance * np.array([math.sin(0.9 * p), math.sin(0.5 * p), 0.0]))
        poses.append(shift @ roll @ pose)
    return np.stack(poses)


def random(count: int, speed_deg: float, distance: float, rng: np.random.Generator) -> Array:
    """(count, 4, 4): a smooth path whose turning axis wanders; the object stays in the picture."""
    waves = rng.uniform(0.4, 1.1, (6, 3))
    phases = rng.uniform(0, 2 * math.pi, (6, 3))
    turn = so3.random(rng)
    poses = []
    for number in range(count):
        at = math.radians(speed_deg) * number
        wander = np.sin(waves * at + phases).mean(axis=1)
        shift = distance * np.array([0.1 * wander[0], 0.1 * wander[1], -1 - 0.2 * wander[2]])
        poses.append(se3.matrix(turn, shift))
        axis = np.array([0.6 * wander[3], 1.0, 0.6 * wander[4]])
        turn = so3.exp(math.radians(speed_deg) * axis / np.linalg.norm(axis)) @ turn
    return np.stack(poses)


def errors(view: Array, truth: Array) -> tuple[float, float]:
    """How far ``view`` is from ``truth``: angle between their rotations, degrees, and shift in % of the distance.

    The shift is that of the object's centre in the camera's frame.
    """
    angle = float(np.degrees(so3.angle_between(view[:3, :3], truth[:3, :3])))
    apart = float(np.linalg.norm(view[:3, 3] - truth[:3, 3]) / np.linalg.norm(truth[:3, 3]))
    return angle, 100 * apart
