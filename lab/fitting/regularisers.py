"""The losses of a mesh's own shape, with their gradients: edge length, normal consistency and Laplacian.

Values are PyTorch3D's (``mesh_edge_loss``, ``mesh_normal_consistency``, ``mesh_laplacian_smoothing``) for a single
mesh; gradients are analytic. Sums are made in float64 whatever the vertices' dtype. Each function takes
``verts`` (V, 3) float32 or float64 and returns the value and its gradient (V, 3) of the same dtype.
"""

from __future__ import annotations

import numpy as np

from lab.fitting.topology import Topology
from lab.kernels.jit import inlined, kernel
from lab.scene import Array

SMALLEST_NORMAL = 1e-8
"""The length under which PyTorch's cosine similarity clamps a vector."""
SMALLEST_AREA_SQUARED = 1e-12
"""The squared face area under which PyTorch3D's cotangent weights clamp it."""


def edge_loss(verts: Array, topology: Topology, target_length: float = 0.0) -> tuple[float, Array]:
    """The mean over the edges of (length - target_length)²."""
    gradient = np.zeros_like(verts)
    if not len(topology.edges):
        return 0.0, gradient
    value = _edge(
        verts, topology.neighbour_starts, topology.neighbours, len(topology.edges), float(target_length), gradient
    )
    return value, gradient


def normal_consistency(verts: Array, topology: Topology) -> tuple[float, Array]:
    """The mean over the pairs of faces that share an edge of 1 - cos of the angle between their normals.

    A face whose normal is shorter than 1e-8 counts as in PyTorch3D but has no gradient: PyTorch's grows without bound.
    """
    gradient = np.zeros_like(verts)
    if not len(topology.hinges):
        return 0.0, gradient
    return _normal(verts, topology.hinges, gradient), gradient


def laplacian_smoothing(verts: Array, topology: Topology, kind: str = "uniform") -> tuple[float, Array]:
    """The mean over the vertices of the length of the Laplacian vector.

    uniform: the mean of the neighbours, minus the vertex. cot: the same with the mean weighted by cotangents.
    cotcurv: the cotangent-weighted sum of differences, by four times the area around. As in PyTorch3D the weights are
    constants of the gradient, and a vertex without an edge counts with its distance from zero.
    Raises ValueError on another kind.
    """
    gradient = np.zeros_like(verts)
    if not len(verts) or not len(topology.faces):
        return 0.0, gradient
    if kind == "uniform":
        return _laplacian_uniform(verts, topology.neighbour_starts, topology.neighbours, gradient), gradient
    if kind not in ("cot", "cotcurv"):
        raise ValueError(f"kind: expected uniform, cot or cotcurv, found {kind!r}")
    weights, areas = cot_weights(verts, topology)
    rows = (topology.neighbour_starts, topology.neighbours, topology.neighbour_edges)
    value = _laplacian_cot(verts, *rows, weights, areas, kind == "cotcurv", gradient)
    return value, gradient


def cot_weights(verts: Array, topology: Topology) -> tuple[Array, Array]:
    """Cotangent weights: for each edge the sum of cot of the angles opposite to it (E,), and the area of the faces
    around each vertex (V,), float64."""
    weights = np.zeros(len(topology.edges))
    areas = np.zeros(len(verts))
    _cot_weights(verts, topology.faces, topology.face_edges, weights, areas)
    return weights, areas


def mean_curvature(verts: Array, topology: Topology) -> Array:
    """The mean curvature at each vertex (V,) float32, per unit of length; 1 on a unit sphere, negative in hollows.

    Half the length of the cotangent Laplacian over a third of the area around (Meyer et al. 2003, "Discrete
    differential-geometry operators", equation 8, with barycentric cells). Zero on a boundary and at degenerate faces.
    """
    weights, areas = cot_weights(verts, topology)
    curvature = np.zeros(len(verts), np.float32)
    rows = (topology.neighbour_starts, topology.neighbours, topology.neighbour_edges)
    _curvature(verts, topology.faces, *rows, weights, areas, topology.boundary_verts, curvature)
    return curvature


@kernel
def _edge(verts: Array, starts: Array, neighbours: Array, edge_count: int, target: float, gradient: Array) -> float:
    total = 0.0
    for i in range(len(verts)):
        x, y, z = np.float64(verts[i, 0]), np.float64(verts[i, 1]), np.float64(verts[i, 2])
        gx = gy = gz = 0.0
        for at in range(starts[i], starts[i + 1]):
            j = neighbours[at]
            dx, dy, dz = x - verts[j, 0], y - verts[j, 1], z - verts[j, 2]
            squared = dx * dx + dy * dy + dz * dz
            share = 1.0
            if target != 0.0:
                length = np.sqrt(squared)
                total += 0.5 * (length - target) ** 2
                share = 1.0 - target / length if length > 0.0 else 0.0
            else:
                total += 0.5 * squared
            gx += share * dx
            gy += share * dy
            gz += share * dz
        factor = 2.0 / edge_count
        gradient[i, 0], gradient[i, 1], gradient[i, 2] = factor * gx, factor * gy, factor * gz
    return total / edge_count


@kernel
def _normal(verts: Array, hinges: Array, gradient: Array) -> float:
    total = 0.0
    scale = 1.0 / len(hinges)
    for h in range(len(hinges)):
        i, j, k, m = hinges[h, 0], hinges[h, 1], hinges[h, 2], hinges[h, 3]
        ox, oy, oz = np.float64(verts[i, 0]), np.float64(verts[i, 1]), np.float64(verts[i, 2])
        ex, ey, ez = verts[j, 0] - ox, verts[j, 1] - oy, verts[j, 2] - oz
        ax, ay, az = verts[k, 0] - ox, verts[k, 1] - oy, verts[k, 2] - oz
        bx, by, bz = verts[m, 0] - ox, verts[m, 1] - oy, verts[m, 2] - oz
        px, py, pz = ey * az - ez * ay, ez * ax - ex * az, ex * ay - ey * ax  # e x a
        qx, qy, qz = by * ez - bz * ey, bz * ex - bx * ez, bx * ey - by * ex  # b x e
        p_length = np.sqrt(px * px + py * py + pz * pz)
        q_length = np.sqrt(qx * qx + qy * qy + qz * qz)
        p_scale = 1.0 / max(p_length, SMALLEST_NORMAL)
        q_scale = 1.0 / max(q_length, SMALLEST_NORMAL)
        px, py, pz = px * p_scale, py * p_scale, pz * p_scale
        qx, qy, qz = qx * q_scale, qy * q_scale, qz * q_scale
        cos = px * qx + py * qy + pz * qz
        total += 1.0 - cos

        # d(1 - cos) by the raw normals, zero for a degenerate face
        p_factor = -scale * p_scale if p_length > SMALLEST_NORMAL else 0.0
        q_factor = -scale * q_scale if q_length > SMALLEST_NORMAL else 0.0
        ux, uy, uz = p_factor * (qx - cos * px), p_factor * (qy - cos * py), p_factor * (qz - cos * pz)
        wx, wy, wz = q_factor * (px - cos * qx), q_factor * (py - cos * qy), q_factor * (pz - cos * qz)
        # through p = e x a: d/da = u x e, d/de = a x u; through q = b x e: d/db = e x w, d/de = w x b
        dax, day, daz = uy * ez - uz * ey, uz * ex - ux * ez, ux * ey - uy * ex
        dbx, dby, dbz = ey * wz - ez * wy, ez * wx - ex * wz, ex * wy - ey * wx
        dex = ay * uz - az * uy + wy * bz - wz * by
        dey = az * ux - ax * uz + wz * bx - wx * bz
        dez = ax * uy - ay * ux + wx * by - wy * bx
        gradient[j, 0] += dex
        gradient[j, 1] += dey
        gradient[j, 2] += dez
        gradient[k, 0] += dax
        gradient[k, 1] += day
        gradient[k, 2] += daz
        gradient[m, 0] += dbx
        gradient[m, 1] += dby
        gradient[m, 2] += dbz
        gradient[i, 0] -= dex + dax + dbx
        gradient[i, 1] -= dey + day + dby
        gradient[i, 2] -= dez + daz + dbz
    return total * scale


@kernel
def _laplacian_uniform(verts: Array, starts: Array, neighbours: Array, gradient: Array) -> float:
    count = len(verts)
    pull = np.empty((count, 3))  # the unit Laplacian by the number of vertices and of neighbours
    total = 0.0
    for i in range(count):
        x = y = z = 0.0
        for at in range(starts[i], starts[i + 1]):
            j = neighbours[at]
            x += verts[j, 0]
            y += verts[j, 1]
            z += verts[j, 2]
        degree = starts[i + 1] - starts[i]
        share = 1.0 / degree if degree > 0 else 0.0
        x, y, z = x * share - verts[i, 0], y * share - verts[i, 1], z * share - verts[i, 2]
        length = np.sqrt(x * x + y * y + z * z)
        total += length
        factor = 1.0 / (length * count) if length > 0.0 else 0.0
        x, y, z = factor * x, factor * y, factor * z
        gradient[i, 0], gradient[i, 1], gradient[i, 2] = -x, -y, -z
        pull[i, 0], pull[i, 1], pull[i, 2] = share * x, share * y, share * z
    for i in range(count):
        x = y = z = 0.0
        for at in range(starts[i], starts[i + 1]):
            j = neighbours[at]
            x += pull[j, 0]
            y += pull[j, 1]
            z += pull[j, 2]
        gradient[i, 0] += x
        gradient[i, 1] += y
        gradient[i, 2] += z
    return total / count


@inlined
def _distance(verts: Array, i: int, j: int) -> float:
    dx = np.float64(verts[i, 0]) - verts[j, 0]
    dy = np.float64(verts[i, 1]) - verts[j, 1]
    dz = np.float64(verts[i, 2]) - verts[j, 2]
    return np.sqrt(dx * dx + dy * dy + dz * dz)


@kernel
def _cot_weights(verts: Array, faces: Array, face_edges: Array, weights: Array, areas: Array) -> None:
    for f in range(len(faces)):
        i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
        a, b, c = _distance(verts, j, k), _distance(verts, i, k), _distance(verts, i, j)
        half = 0.5 * (a + b + c)
        area = np.sqrt(max(half * (half - a) * (half - b) * (half - c), SMALLEST_AREA_SQUARED))
        share = 0.25 / area
        weights[face_edges[f, 0]] += share * (b * b + c * c - a * a)
        weights[face_edges[f, 1]] += share * (a * a + c * c - b * b)
        weights[face_edges[f, 2]] += share * (a * a + b * b - c * c)
        areas[i] += area
        areas[j] += area
        areas[k] += area


@kernel
def _laplacian_cot(
    verts: Array,
    starts: Array,
    neighbours: Array,
    neighbour_edges: Array,
    weights: Array,
    areas: Array,
    by_area: bool,
    gradient: Array,
) -> float:
    count = len(verts)
    pull = np.empty((count, 3))
    total = 0.0
    for i in range(count):
        x = y = z = 0.0
        weight_sum = 0.0
        for at in range(starts[i], starts[i + 1]):
            j = neighbours[at]
            weight = weights[neighbour_edges[at]]
            x += weight * verts[j, 0]
            y += weight * verts[j, 1]
            z += weight * verts[j, 2]
            weight_sum += weight
        if by_area:  # (L v - v sum) / 4A
            scale = 0.25 / areas[i] if areas[i] > 0.0 else 0.0
            own = weight_sum * scale
        else:  # L v / sum - v; a sum that is not positive stays as it is, as in PyTorch3D
            scale = 1.0 / weight_sum if weight_sum > 0.0 else weight_sum
            own = 1.0
        x, y, z = scale * x - own * verts[i, 0], scale * y - own * verts[i, 1], scale * z - own * verts[i, 2]
        length = np.sqrt(x * x + y * y + z * z)
        total += length
        factor = 1.0 / (length * count) if length > 0.0 else 0.0
        x, y, z = factor * x, factor * y, factor * z
        gradient[i, 0], gradient[i, 1], gradient[i, 2] = -own * x, -own * y, -own * z
        pull[i, 0], pull[i, 1], pull[i, 2] = scale * x, scale * y, scale * z
    for i in range(count):
        x = y = z = 0.0
        for at in range(starts[i], starts[i + 1]):
            j = neighbours[at]
            weight = weights[neighbour_edges[at]]
            x += weight * pull[j, 0]
            y += weight * pull[j, 1]
            z += weight * pull[j, 2]
        gradient[i, 0] += x
        gradient[i, 1] += y
        gradient[i, 2] += z
    return total / count


@kernel
def _curvature(
    verts: Array,
    faces: Array,
    starts: Array,
    neighbours: Array,
    neighbour_edges: Array,
    weights: Array,
    areas: Array,
    boundary: Array,
    curvature: Array,
) -> None:
    outward = np.zeros((len(verts), 3))  # vertex normals, longer where the faces are larger
    for f in range(len(faces)):
        i, j, k = faces[f, 0], faces[f, 1], faces[f, 2]
        ax, ay, az = verts[j, 0] - verts[i, 0], verts[j, 1] - verts[i, 1], verts[j, 2] - verts[i, 2]
        bx, by, bz = verts[k, 0] - verts[i, 0], verts[k, 1] - verts[i, 1], verts[k, 2] - verts[i, 2]
        nx, ny, nz = ay * bz - az * by, az * bx - ax * bz, ax * by - ay * bx
        for corner in (i, j, k):
            outward[corner, 0] += nx
            outward[corner, 1] += ny
            outward[corner, 2] += nz
    for i in range(len(verts)):
        if boundary[i] or not areas[i] > 0.0:
            continue
        x = y = z = 0.0
        for at in range(starts[i], starts[i + 1]):
            j = neighbours[at]
            weight = weights[neighbour_edges[at]]
            x += weight * (np.float64(verts[i, 0]) - verts[j, 0])
            y += weight * (np.float64(verts[i, 1]) - verts[j, 1])
            z += weight * (np.float64(verts[i, 2]) - verts[j, 2])
        size = 0.75 * np.sqrt(x * x + y * y + z * z) / areas[i]
        inward = x * outward[i, 0] + y * outward[i, 1] + z * outward[i, 2] < 0.0
        curvature[i] = -size if inward else size
