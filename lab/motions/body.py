"""The object that moves: brought to a handy size, and moved by rigid motions or by what only pretends to be one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lab.motions import se3
from lab.motions.airplane import airplane
from lab.scene import Array, Geometry, Mesh, Points

LENGTH = 2.0  # metres, the longest side of the object
_MOST_VERTS = 60_000  # larger objects are shown by so many of their points: they are moved 20 times a second


def body(geometry: Geometry | None) -> Geometry:
    """The object centred at the origin, its longest side ``LENGTH`` metres; the airplane for None.

    An object of more than 60,000 vertices becomes a cloud of that many of them, spread evenly over their order.
    """
    if geometry is None or not len(geometry.verts):
        return airplane()
    lower, upper = geometry.verts.min(axis=0).astype(np.float64), geometry.verts.max(axis=0).astype(np.float64)
    scale = LENGTH / max(float((upper - lower).max()), 1e-12)
    verts = ((geometry.verts - (lower + upper) / 2) * scale).astype(np.float32)
    if len(verts) > _MOST_VERTS:
        kept = np.linspace(0, len(verts) - 1, _MOST_VERTS).astype(np.int64)
        return Points(verts[kept], colors=None if geometry.colors is None else geometry.colors[kept])
    return replace(geometry, verts=verts, scalars={}, vectors={}, origin=np.zeros(3))


def moved(geometry: Geometry, pose: Array) -> Geometry:
    """The object at a pose (4, 4), whose upper left (3, 3) may be any matrix. NaN puts it nowhere: all at one point."""
    pose = np.nan_to_num(pose)
    verts = se3.apply(pose, geometry.verts).astype(np.float32)
    return replace(geometry, verts=verts, normals=_normals(geometry, pose[:3, :3]))


def copies(geometry: Geometry, poses: Array, most: int = 120_000) -> Geometry:
    """The object at each of the poses (N, 4, 4), as one entity without colours of at most about ``most`` vertices.

    Where that is too little for all copies of a mesh, they become clouds of its points.
    """
    poses = np.nan_to_num(poses)
    count = len(poses)
    if isinstance(geometry, Points) or len(geometry.verts) * count > most:
        every = max(1, -(-len(geometry.verts) * count // most))
        return Points(se3.apply(poses, geometry.verts[::every]).reshape(-1, 3))
    starts = len(geometry.verts) * np.arange(count)
    faces = (geometry.faces + starts[:, None, None]).reshape(-1, 3)
    return Mesh(se3.apply(poses, geometry.verts).reshape(-1, 3), faces)


def _normals(geometry: Geometry, linear: Array) -> Array | None:
    """Normals turn with the inverse transpose; there are none where the object is flat."""
    if geometry.normals is None or abs(np.linalg.det(linear)) < 1e-9:
        return None
    turned = geometry.normals @ np.linalg.inv(linear)
    return (turned / np.maximum(np.linalg.norm(turned, axis=1, keepdims=True), 1e-12)).astype(np.float32)
