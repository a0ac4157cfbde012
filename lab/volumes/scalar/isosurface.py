"""The surface in a scan on which the values are the same."""

from __future__ import annotations

import numpy as np

from lab.data.marching_cubes import marching_cubes
from lab.geometry import face_areas, vertex_normals
from lab.scene import Mesh
from lab.volumes.scalar.scan import Scan


def surface_at(scan: Scan, level: float) -> Mesh:
    """Around all values above ``level``, closed at the edge of the scan. World, metres; outside is where less is."""
    padded = np.pad(scan.values, 1, constant_values=min(float(scan.values.min()), level) - 1e-6)
    verts, faces = marching_cubes(-padded, -level)
    placed = ((verts.astype(np.float64) - 1.0) * scan.spacing + scan.lower).astype(np.float32)
    return Mesh(placed, faces, normals=vertex_normals(placed, faces) if len(faces) else None)


def area_and_volume(mesh: Mesh) -> tuple[float, float]:
    """Of a closed mesh: square metres, and cubic metres (divergence theorem)."""
    if not len(mesh.faces):
        return 0.0, 0.0
    a, b, c = mesh.verts.astype(np.float64)[mesh.faces].transpose(1, 0, 2)
    volume = float(np.einsum("fi,fi->", a, np.cross(b, c)) / 6)
    return float(face_areas(mesh.verts, mesh.faces).sum()), volume
