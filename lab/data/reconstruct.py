"""From points to a mesh: Poisson and ball pivoting, by Open3D; and the normals that both need."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.data.neighbours import spacing
from lab.geometry import unit
from lab.open3d_core import o3d
from lab.scene import Array

_NEIGHBOURS = 16
_BALLS = (1.0, 2.0, 4.0)  # radii, in multiples of the first

o3d.utility.set_verbosity_level(o3d.utility.VerbosityLevel.Error)  # its warnings go to nobody here


@dataclass(frozen=True, eq=False)
class Surface:
    """A mesh: verts (V, 3) float32, metres; faces (F, 3) int32, counter-clockwise where the normals point."""

    verts: Array
    faces: Array


def estimate_normals(points: Array, viewpoint: Array | None = None) -> Array:
    """Unit normals (N, 3) float32 of ``points`` (N, 3): across the plane that fits the 16 nearest best.

    Their side cannot be told from positions. Seen from a known ``viewpoint`` (3,) they face it; else neighbours are
    made to agree along a spanning tree (Hoppe and others 1992), outwards at the point farthest from the centre.
    """
    cloud = _cloud(points)
    cloud.estimate_normals(o3d.geometry.KDTreeSearchParamKNN(min(_NEIGHBOURS, len(points))))
    if viewpoint is not None:
        cloud.orient_normals_towards_camera_location(np.asarray(viewpoint, np.float64))
    elif len(points) > _NEIGHBOURS:
        cloud.orient_normals_consistent_tangent_plane(_NEIGHBOURS)
    normals = np.asarray(cloud.normals)
    if viewpoint is None:
        outward = points - points.mean(axis=0)
        farthest = int((outward**2).sum(axis=1).argmax())
        if normals[farthest] @ outward[farthest] < 0.0:
            normals = -normals
    return unit(normals).astype(np.float32)


def poisson(points: Array, normals: Array, depth: int, trim: float = 0.0) -> Surface:
    """Screened Poisson reconstruction (Kazhdan and Hoppe 2013): the closed surface whose normals fit best.

    points, normals: (N, 3), outward. depth: of the octree, cells of 1/2^depth of the size. trim: share of the vertices
    to take away, those where the points are thinnest, and where the surface is a guess.
    """
    cloud = _cloud(points, normals)
    mesh, density = o3d.geometry.TriangleMesh.create_from_point_cloud_poisson(cloud, depth=depth, n_threads=1)
    if trim > 0.0 and len(mesh.vertices):
        thin = np.asarray(density)
        mesh.remove_vertices_by_mask(thin < np.quantile(thin, trim))
    return _surface(mesh)


def ball_pivoting(points: Array, normals: Array, radius: float = 1.0) -> Surface:
    """Ball pivoting (Bernardini and others 1999): a ball rolls over the points; where it rests on three is a face.

    points, normals: (N, 3), outward. radius: of the first ball, in mean distances to the nearest neighbour; larger ones
    of two and four times its size follow and close what it fell through.
    """
    first = radius * spacing(points)
    radii = o3d.utility.DoubleVector([first * factor for factor in _BALLS])
    mesh = o3d.geometry.TriangleMesh.create_from_point_cloud_ball_pivoting(_cloud(points, normals), radii)
    return _surface(mesh)


def _cloud(points: Array, normals: Array | None = None) -> o3d.geometry.PointCloud:
    cloud = o3d.geometry.PointCloud(o3d.utility.Vector3dVector(points.astype(np.float64)))
    if normals is not None:
        cloud.normals = o3d.utility.Vector3dVector(normals.astype(np.float64))
    return cloud


def _surface(mesh: o3d.geometry.TriangleMesh) -> Surface:
    return Surface(np.asarray(mesh.vertices).astype(np.float32), np.asarray(mesh.triangles).astype(np.int32))
