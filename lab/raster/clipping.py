"""Near clipping: faces are cut where they cross the plane ``z = z_clip``; fragments are told in terms of whole faces.

A face with one vertex in front of the plane becomes a smaller triangle; with two, two triangles, of which a pixel gets
the nearer one only; with none, nothing (as PyTorch3D's ``renderer/mesh/clip.py`` does). Behind the camera a projection
turns round, so that what crosses its plane cannot be drawn otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.scene import Array


@dataclass(frozen=True, eq=False)
class Clipped:
    """A clipped mesh.

    ndc: (V + N, 3), the vertices and the N new ones. faces: (F', 3) int32; source: (F',) int32, the whole face of each.
    neighbours: (F',) int32, the other half of a face cut in two, -1 for none. part: (F',) int32, the row of ``weights``
    of a part, -1 of a whole face. weights: (M, 3, 3), barycentrics in the whole face (last axis) of a part's corners.
    """

    ndc: Array
    faces: Array
    source: Array
    neighbours: Array
    part: Array
    weights: Array
    cuts: _Cuts
    perspective: bool
    z_clip: float
    corner_cuts: Array
    """(M, 3) int32: the cut that a part's corner is, -1 where it is a vertex of the face."""
    turns: Array
    """(M, 3) int32: which corners of the whole face are p1, p2, p3: the one that is alone on its side, and the next."""

    def whole(self, pix_to_part: Array, bary: Array) -> tuple[Array, Array]:
        """(pix_to_face, bary) in terms of the whole faces, of fragments (..., ) and (..., 3) of this mesh."""
        faces = _or_none(self.source)[pix_to_part]
        cut = _or_none(self.part)[pix_to_part] >= 0
        whole = bary.copy()
        whole[cut] = np.einsum("nk,nki->ni", bary[cut], self.weights[self.part[pix_to_part[cut]]])
        return faces, whole

    def whole_back(self, pix_to_part: Array, bary: Array, grad_bary: Array) -> tuple[Array, Array]:
        """From the gradient by ``whole``'s barycentrics: those by ``bary`` and by ``weights``."""
        cut = _or_none(self.part)[pix_to_part] >= 0
        rows = self.part[pix_to_part[cut]]
        grad = grad_bary.copy()
        grad[cut] = np.einsum("nki,ni->nk", self.weights[rows], grad_bary[cut])
        grad_weights = np.zeros_like(self.weights)
        np.add.at(grad_weights, rows, bary[cut][:, :, None] * grad_bary[cut][:, None, :])
        return grad, grad_weights

    def verts_back(self, grad_ndc: Array, grad_weights: Array) -> Array:
        """(V, 3): from the gradients by ``ndc`` (V + N, 3) and ``weights`` to that by the vertices before clipping."""
        count = len(self.ndc) - len(self.cuts.t)
        grad = grad_ndc[:count].astype(np.float64)
        by_t = np.zeros(len(self.cuts.t))
        rows, corners = np.nonzero(self.corner_cuts >= 0)
        ids = self.corner_cuts[rows, corners]
        alone = self.turns[rows, 0]
        other = self.turns[rows, 1 + ids % 2]
        np.add.at(by_t, ids, grad_weights[rows, corners, other] - grad_weights[rows, corners, alone])
        self.cuts.back(self.ndc[:count], grad_ndc[count:], by_t, self.perspective, self.z_clip, grad)
        return grad.astype(grad_ndc.dtype)


@dataclass(frozen=True, eq=False)
class _Cuts:
    """Points on edges. a, b: (N,), vertices; t: (N,) float64, 0 at a and 1 at b."""

    a: Array
    b: Array
    t: Array

    def points(self, ndc: Array, perspective: bool, z_clip: float) -> Array:
        """(N, 3). In perspective, x and y times z are linear along an edge; otherwise x and y themselves."""
        a, b, t = ndc[self.a].astype(np.float64), ndc[self.b].astype(np.float64), self.t[:, None]
        if perspective:
            a[:, :2] *= a[:, 2:] / z_clip
            b[:, :2] *= b[:, 2:] / z_clip
        points = a + t * (b - a)
        points[:, 2] = z_clip
        return points.astype(ndc.dtype)

    def back(self, ndc: Array, grad: Array, by_t: Array, perspective: bool, z_clip: float, out: Array) -> None:
        """Add to ``out`` (V, 3) the gradient through the points' x and y, and through t, which ``by_t`` (N,) is by."""
        a, b, t = ndc[self.a].astype(np.float64), ndc[self.b].astype(np.float64), self.t[:, None]
        plane = grad[:, :2].astype(np.float64)
        scale_a = a[:, 2:] / z_clip if perspective else np.ones_like(t)
        scale_b = b[:, 2:] / z_clip if perspective else np.ones_like(t)
        to_t = by_t + (plane * (b[:, :2] * scale_b - a[:, :2] * scale_a)).sum(axis=1)
        apart = a[:, 2] - b[:, 2]
        to_a, to_b = np.empty_like(a), np.empty_like(b)
        to_a[:, :2], to_b[:, :2] = plane * (1.0 - t) * scale_a, plane * t * scale_b
        to_a[:, 2] = to_t * (z_clip - b[:, 2]) / apart**2
        to_b[:, 2] = to_t * (a[:, 2] - z_clip) / apart**2
        if perspective:
            to_a[:, 2] += (plane * a[:, :2]).sum(axis=1) * (1.0 - self.t) / z_clip
            to_b[:, 2] += (plane * b[:, :2]).sum(axis=1) * self.t / z_clip
        np.add.at(out, self.a, to_a)
        np.add.at(out, self.b, to_b)


def _or_none(values: Array) -> Array:
    """With -1 at the end, which is where an index of -1 finds it."""
    return np.append(values, np.int32(-1))


def clip_faces(ndc: Array, faces: Array, z_clip: float, perspective: bool) -> Clipped | None:
    """Cut the mesh at ``z = z_clip``, metres; None where nothing lies behind it. ndc: (V, 3), faces: (F, 3) int32."""
    behind = ndc[:, 2] < z_clip
    if not behind.any():
        return None
    corners_behind = behind[faces]
    count = corners_behind.sum(axis=1)
    cut = np.flatnonzero((count == 1) | (count == 2))
    alone = np.argmax(corners_behind[cut] == (count[cut] == 1)[:, None], axis=1)
    turns = ((alone[:, None] + np.arange(3)) % 3).astype(np.int32)
    turned = np.take_along_axis(faces[cut], turns, axis=1)
    # Two cuts a face: from p1, which is alone on its side, to p2, and to p3.
    a, b = np.repeat(turned[:, 0], 2), turned[:, 1:].reshape(-1)
    depth = ndc[:, 2].astype(np.float64)
    cuts = _Cuts(a, b, (depth[a] - z_clip) / (depth[a] - depth[b]))
    parts = _parts(cut, turned, turns, count[cut] == 2, len(ndc), cuts)
    whole = np.flatnonzero(count == 0).astype(np.int32)
    new_faces = np.concatenate([faces[whole], parts.faces]).astype(np.int32)
    source = np.concatenate([whole, parts.source])
    part = np.concatenate([np.full(len(whole), -1), np.arange(len(parts.source))])
    order = np.argsort(source, kind="stable")  # ties in depth go by the number of the face
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    other = np.concatenate([np.full(len(whole), -1), np.where(parts.other >= 0, parts.other + len(whole), -1)])
    neighbours = np.where(other >= 0, place[other], -1)[order]
    return Clipped(
        ndc=np.concatenate([ndc, cuts.points(ndc, perspective, z_clip)]),
        faces=np.ascontiguousarray(new_faces[order]),
        source=source[order].astype(np.int32),
        neighbours=neighbours.astype(np.int32),
        part=part[order].astype(np.int32),
        weights=parts.weights.astype(ndc.dtype),
        cuts=cuts,
        perspective=perspective,
        z_clip=z_clip,
        corner_cuts=parts.corner_cuts,
        turns=parts.turns,
    )


@dataclass(frozen=True, eq=False)
class _Parts:
    """What is left of the cut faces; see Clipped. other: (M,), the row of the other half, -1 for none."""

    faces: Array
    source: Array
    other: Array
    weights: Array
    corner_cuts: Array
    turns: Array


def _parts(cut: Array, turned: Array, turns: Array, small: Array, verts: int, cuts: _Cuts) -> _Parts:
    """The triangles of the faces ``cut``; small: those of which a triangle is left, of the others two.

    Corners are numbered 1 to 3 for the face's own, from the one that is alone on its side, 4 and 5 for the cuts.
    """
    rows = np.arange(len(cut))
    small_rows, large_rows = rows[small], rows[~small]
    row = np.concatenate([small_rows, large_rows, large_rows])
    shapes = [(4, 5, 1)] * len(small_rows) + [(4, 2, 5)] * len(large_rows) + [(5, 2, 3)] * len(large_rows)
    shape = np.array(shapes, np.int32).reshape(-1, 3)
    # All five points of each face: their vertices, and their barycentrics in terms of (p1, p2, p3).
    points = np.concatenate([turned, verts + 2 * rows[:, None] + np.arange(2)], axis=1)
    weights = np.zeros((len(cut), 5, 3))
    weights[:, [0, 1, 2], [0, 1, 2]] = 1.0
    t = cuts.t.reshape(-1, 2)
    weights[:, [3, 4], 0] = 1.0 - t
    weights[:, [3, 4], [1, 2]] = t
    own = np.empty_like(weights)
    np.put_along_axis(own, np.broadcast_to(turns[:, None, :], own.shape).astype(np.int64), weights, axis=2)
    half = len(large_rows)
    first = len(small_rows) + np.arange(half)
    return _Parts(
        faces=np.take_along_axis(points[row], shape - 1, axis=1).reshape(-1, 3),
        source=cut[row].astype(np.int32),
        other=np.concatenate([np.full(len(small_rows), -1), first + half, first]),
        weights=own[row[:, None], shape - 1],
        corner_cuts=np.where(shape >= 4, 2 * row[:, None] + shape - 4, -1).astype(np.int32),
        turns=turns[row],
    )
