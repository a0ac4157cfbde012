"""From the world to the rasteriser's NDC, and the gradient back to the pose, the focal lengths and the vertices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from lab.cameras.conventions import to_pytorch3d
from lab.cameras.model import CameraModel
from lab.scene import Array

NEAREST = 1e-9
"""Metres: a vertex closer to the camera's plane than this is put there, so that its projection stays finite.

The rasteriser leaves out what is that close, and clipping finds where it was.
"""


def to_ndc(verts: Array, camera: CameraModel, dtype: npt.DTypeLike = np.float32) -> Array:
    """(V, 3) of ``dtype``, C-contiguous: x, y in NDC and the view depth of ``verts`` (V, 3), metres, world."""
    return np.ascontiguousarray(Projection.of(camera).forward(verts), dtype)


@dataclass(frozen=True, eq=False)
class ProjectionGradient:
    """The gradient of a scalar by what was projected, and how: each field is of the shape of what it is for, float64.

    R: (3, 3), its entries taken as free numbers. T, focal, principal: (3,), (2,), (2,). verts: (V, 3), None where it
    was not asked for.
    """

    R: Array
    T: Array
    focal: Array
    principal: Array
    verts: Array | None


class Projection:
    """A camera that can be differentiated: ``view = verts @ R + T``, then ``x = f X / Z + p`` (REFERENCE I.3).

    R: (3, 3) and T: (3,), for PyTorch3D's row vectors. focal, principal: (2,), or a number for both, in NDC.
    Orthographic: ``x = f X + p``. All in float64. Raises ValueError for other shapes.
    """

    def __init__(
        self,
        R: npt.ArrayLike,
        T: npt.ArrayLike,
        focal: npt.ArrayLike,
        principal: npt.ArrayLike = 0.0,
        orthographic: bool = False,
    ) -> None:
        self.R, self.T = _shaped("R", R, (3, 3)), _shaped("T", T, (3,))
        self.focal, self.principal = _pair("focal", focal), _pair("principal", principal)
        self.orthographic = orthographic
        self._verts: Array | None = None
        self._view = np.zeros((0, 3))

    @classmethod
    def of(cls, camera: CameraModel) -> Self:
        """The projection of a camera of the lab."""
        there = to_pytorch3d(camera)
        return cls(there.R, there.T, there.focal_length, there.principal_point, camera.orthographic)

    def forward(self, verts: Array) -> Array:
        """(V, 3) float64 in NDC of (V, 3), metres, world. What ``backward`` needs is kept until the next call."""
        if verts.ndim != 2 or verts.shape[1] != 3:
            raise ValueError(f"verts: expected shape (V, 3), found {verts.shape}")
        self._verts = np.asarray(verts, np.float64)
        view = self._view = self._verts @ self.R + self.T
        ndc = view.copy()
        if self.orthographic:
            ndc[:, :2] = self.focal * view[:, :2] + self.principal
            return ndc
        at_plane = np.abs(view[:, 2]) < NEAREST
        if at_plane.any():
            view[at_plane, 2] = ndc[at_plane, 2] = NEAREST
        ndc[:, :2] = self.focal * view[:, :2] / view[:, 2:] + self.principal
        return ndc

    def backward(self, grad_ndc: Array, *, to_verts: bool = False) -> ProjectionGradient:
        """From the gradient by the last ``forward``'s result (V, 3). Raises RuntimeError where there was none."""
        if self._verts is None:
            raise RuntimeError("backward: call forward first")
        if grad_ndc.shape != self._view.shape:
            raise ValueError(f"grad_ndc: expected shape {self._view.shape}, found {grad_ndc.shape}")
        grad = np.asarray(grad_ndc, np.float64)
        plane = grad[:, :2]
        grad_view = np.empty_like(self._view)
        if self.orthographic:
            ratio = self._view[:, :2]
            grad_view[:, :2] = plane * self.focal
            grad_view[:, 2] = grad[:, 2]
        else:
            depth = self._view[:, 2:]
            ratio = self._view[:, :2] / depth
            grad_view[:, :2] = plane * self.focal / depth
            grad_view[:, 2] = grad[:, 2] - (grad_view[:, :2] * ratio).sum(axis=1)
        return ProjectionGradient(
            R=self._verts.T @ grad_view,
            T=grad_view.sum(axis=0),
            focal=(plane * ratio).sum(axis=0),
            principal=plane.sum(axis=0),
            verts=grad_view @ self.R.T if to_verts else None,
        )


def _shaped(name: str, value: npt.ArrayLike, shape: tuple[int, ...]) -> Array:
    array = np.array(value, np.float64)
    if array.shape != shape:
        raise ValueError(f"{name}: expected shape {shape}, found {array.shape}")
    return array


def _pair(name: str, value: npt.ArrayLike) -> Array:
    array = np.array(value, np.float64)
    if array.shape not in ((), (2,)):
        raise ValueError(f"{name}: expected two numbers, or one for both, found shape {array.shape}")
    return np.broadcast_to(array, (2,)).copy()
