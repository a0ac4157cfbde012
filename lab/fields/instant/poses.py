"""Cameras that are corrected while a field is trained: a small motion of each, by Adam."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lab.cameras.model import CameraModel
from lab.experiment import State
from lab.motions import so3
from lab.scene import Array

_KEEP_MEAN, _KEEP_SPREAD, _TINY = 0.9, 0.99, 1e-12


class Poses:
    """A rotation vector about ``middle`` (3,), world, and a shift in units of ``size`` metres for each camera.

    Their means stay zero, as nobody can tell whether all cameras move or the object does.
    """

    def __init__(self, cameras: Sequence[CameraModel], middle: Array, size: float) -> None:
        self._first, self._middle, self._size = tuple(cameras), middle, size
        self.motions, self._mean, self._spread = (np.zeros((len(cameras), 6)) for _ in range(3))

    def descend(self, gradient: Array, rate: float) -> None:
        """One step. gradient: (N, 6), to rotation vectors and shifts in metres. rate: radians, and units of size."""
        slope = gradient * np.repeat([1.0, self._size], 3)
        self._mean += (1 - _KEEP_MEAN) * (slope - self._mean)
        self._spread += (1 - _KEEP_SPREAD) * (slope * slope - self._spread)
        self.motions -= rate * self._mean / (np.sqrt(self._spread) + _TINY)
        self.motions -= self.motions.mean(axis=0)

    def cameras(self) -> tuple[CameraModel, ...]:
        """The cameras as they are now."""
        return tuple(self._moved(camera, motion) for camera, motion in zip(self._first, self.motions, strict=True))

    def _moved(self, camera: CameraModel, motion: Array) -> CameraModel:
        turned = so3.exp(motion[:3])
        place = np.eye(4)
        place[:3, :3] = turned @ camera.rotation
        place[:3, 3] = self._middle + turned @ (camera.center - self._middle) + self._size * motion[3:]
        return camera.moved(place)

    def state(self) -> State:
        """A checkpoint."""
        return {"poses": np.stack([self.motions, self._mean, self._spread])}

    def restore(self, state: State) -> None:
        """Go on from a checkpoint."""
        self.motions, self._mean, self._spread = (np.array(part) for part in state["poses"])
