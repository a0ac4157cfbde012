"""What stands in the volume: shapes with soft edges, and meshes that were filled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from lab.chapters.volumes.marching import BLOBS, MESH, SLAB, SPHERE
from lab.data.grid import Grid
from lab.data.inside import inside
from lab.kernels.crew import Crew
from lab.scene import Array, Field, Mesh
from lab.study import StudyError
from lab.volumes.marching.volume import Volume

_FILL = 0.672  # of the extent: how far a mesh reaches; 1 m in the course's volume, as in the course
_THIN = 1e-3  # voxels that are emptier are not drawn
_SCALE = 0.2  # of the field in which a volume is drawn: log(1 + exp(raw)) is 5 where it is full
_WARM, _COOL = np.array([0.95, 0.45, 0.20]), np.array([0.25, 0.55, 0.95])


def volume_of(scene: str, mesh: Mesh | None, resolution: int, voxel: float, align_corners: bool, crew: Crew) -> Volume:
    """The scene as voxels: how full each is, 0 to 1, and its colour. Raises StudyError for a mesh that has no faces."""
    empty = Volume(np.zeros((resolution,) * 3 + (4,), np.float32), voxel, align_corners)
    if scene == MESH:
        return _filled(mesh, empty, crew)
    makers = {SLAB: _slab, SPHERE: _sphere, BLOBS: _blobs}
    place = _grid(empty) / empty.extent  # the extent is 1
    edge = 2.0 / (resolution - 1)
    full, color = makers[scene](place, edge)
    values = np.concatenate([full[..., None], np.broadcast_to(color, (*full.shape, 3))], axis=-1)
    return Volume(values.astype(np.float32), voxel, align_corners)


def _grid(volume: Volume) -> Array:
    """(D, H, W, 3) float64: the voxels' centres, x, y, z, world."""
    side = np.arange(len(volume.values))
    z, y, x = np.meshgrid(side, side, side, indexing="ij")
    return volume.world(np.stack([x, y, z], axis=-1))


def _soft(signed: Array, edge: float) -> Array:
    """How full a voxel is: 1 where the signed distance is less than minus half an edge, 0 beyond half an edge."""
    return np.asarray(np.clip(0.5 - signed / edge, 0.0, 1.0))


def _slab(place: Array, edge: float) -> tuple[Array, Array]:
    """A plate across the z axis, half as thick as the volume, that fills it along x and y."""
    return _soft(np.abs(place[..., 2]) - 0.5, edge), np.array([0.9, 0.75, 0.35])


def _sphere(place: Array, edge: float) -> tuple[Array, Array]:
    """A ball with half the volume's radius; its colour changes from bottom to top."""
    share = np.clip(place[..., 1:2] + 0.5, 0.0, 1.0)
    return _soft(np.linalg.norm(place, axis=-1) - 0.5, edge), share * _WARM + (1.0 - share) * _COOL


def _blobs(place: Array, edge: float) -> tuple[Array, Array]:
    """Two fuzzy balls, the blue one behind the orange one, without a sharp edge."""
    warm = np.exp(-8.0 * ((place - (0.25, 0.0, 0.45)) ** 2).sum(axis=-1))
    cool = np.exp(-6.0 * ((place - (-0.2, 0.05, -0.35)) ** 2).sum(axis=-1))
    full = np.clip((warm + cool - 0.08) / 0.92, 0.0, 1.0)
    share = (warm / np.maximum(warm + cool, 1e-12))[..., None]
    return full, share * _WARM + (1.0 - share) * _COOL


def _filled(mesh: Mesh | None, volume: Volume, crew: Crew) -> Volume:
    """The mesh in the middle of the volume, with the colour of its nearest vertex."""
    if mesh is None:
        raise StudyError("There is no mesh to fill: choose one, or another scene.")
    if not len(mesh.faces):
        raise StudyError("The mesh has no faces, so it has no inside: choose another one.")
    lower, upper = mesh.verts.min(axis=0).astype(float), mesh.verts.max(axis=0).astype(float)
    half = float((upper - lower).max()) / 2
    if not half > 0:
        raise StudyError("The mesh has no size: choose another one.")
    verts = (mesh.verts - (lower + upper) / 2) * (_FILL * float(volume.extent.min()) / half)
    side = len(volume.values)
    full = inside(verts.astype(np.float32), mesh.faces, Grid(volume.box[0], volume.voxel, (side,) * 3), crew)
    values = volume.values.copy()
    values[..., 0] = full
    near = full.copy()  # and its neighbours, whose colours are mixed in at the edge
    for axis in range(3):
        near |= np.roll(near, 1, axis) | np.roll(near, -1, axis)
    centres = _grid(volume)[near]
    _, nearest = cKDTree(verts).query(centres, workers=1)
    colors = mesh.colors if mesh.colors is not None else 0.5 + 0.45 * verts / np.abs(verts).max()
    values[near, 1:] = colors[nearest]
    return Volume(values, volume.size, volume.align_corners)


def drawn(volume: Volume) -> Field:
    """The volume as a radiance field for the viewport: its density is 1 per metre where it is full (see ``denser``)."""
    values = volume.values.transpose(2, 1, 0, 3)  # x, y, z
    there = values[..., 0] > _THIN
    for axis in range(3):
        padded = np.pad(there, [(1, 1) if k == axis else (0, 0) for k in range(3)])
        there = there | padded.take(range(2, padded.shape[axis]), axis) | padded.take(range(there.shape[axis]), axis)
    rows = np.where(there, np.cumsum(there).reshape(there.shape) - 1, -1)
    density = np.maximum(values[there][:, 0].astype(np.float64) / _SCALE, 1e-3)
    raw = density + np.log(-np.expm1(-density))  # log(exp(d) - 1)
    color = np.clip(values[there][:, 1:], 0.004, 0.996).astype(np.float64)
    lower, upper = volume.box
    return Field(rows, raw, np.log(color / (1.0 - color))[..., None], lower, upper, _SCALE)


def denser(field: Field, amount: float) -> Field:
    """A field of ``drawn`` with ``amount`` times its density; the arrays are the same ones."""
    return replace(field, scale=field.scale * amount)
