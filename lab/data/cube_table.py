"""The table of marching cubes, derived: which triangles cut a cell, for each choice of its corners that lie inside.

Corner c of a cell lies at (c & 1, c >> 1 & 1, c >> 2 & 1) along x, y, z. Each face of the cell is cut by segments that
part its inner corners from the outer ones; where those alternate, each inner corner is cut off by itself. That
depends on the face alone, so that neighbouring cells agree and the surface has no holes (the flaw of the table in
Lorensen and Cline 1987). The segments join into loops, and each loop into triangles.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations

import numpy as np

from lab.scene import Array

EDGES = tuple((a, a | bit) for bit in (1, 2, 4) for a in range(8) if not a & bit)
"""The 12 edges of a cell by their corners: four along x, then along y, then along z."""

_FACES = ((0, 4, 6, 2), (1, 3, 7, 5), (0, 1, 5, 4), (2, 6, 7, 3), (0, 2, 3, 1), (4, 5, 7, 6))
"""The corners of each face, counter-clockwise seen from outside the cell."""

_NUMBER = {frozenset(edge): number for number, edge in enumerate(EDGES)}


@cache
def triangle_table() -> tuple[Array, Array]:
    """The triangles of all 256 cases: how many (256,) int32, and their edges (256, most, 3) int32, -1 where none.

    Bit c of the case says that corner c lies inside (its value is below the level). Triangles are counter-clockwise
    seen from outside the surface, where the values are higher.
    """
    cases = [_triangles(case) for case in range(256)]
    counts = np.array([len(triangles) for triangles in cases], np.int32)
    table = np.full((256, int(counts.max()), 3), -1, np.int32)
    for case, triangles in enumerate(cases):
        if triangles:
            table[case, : len(triangles)] = triangles
    counts.flags.writeable = table.flags.writeable = False
    return counts, table


def _triangles(case: int) -> list[tuple[int, int, int]]:
    following: dict[int, int] = {}
    for face in _FACES:
        following |= _segments(case, face)
    triangles: list[tuple[int, int, int]] = []
    while following:
        start, at = following.popitem()
        loop = [start]
        while at != start:
            loop.append(at)
            at = following.pop(at)
        triangles += _fill(loop)
    return triangles


def _segments(case: int, face: tuple[int, ...]) -> dict[int, int]:
    """Edge -> edge of the cell: the segments on a face, the inner corners on their left seen from outside the cell."""
    inner = [bool(case >> corner & 1) for corner in face]
    segments = {}
    for first in range(4):
        if not inner[first] or inner[first - 1]:
            continue  # no run of inner corners begins here
        last = first
        while inner[(last + 1) % 4]:
            last += 1
        entered = _NUMBER[frozenset((face[first - 1], face[first]))]
        left = _NUMBER[frozenset((face[last % 4], face[(last + 1) % 4]))]
        segments[entered] = left
    return segments


def _fill(loop: list[int]) -> list[tuple[int, int, int]]:
    """A loop of edges as a fan, from the corner that lays the fewest diagonals into a face of the cell.

    A diagonal in a face may coincide with one of the neighbouring cell, and four triangles would meet there.
    """
    turned = [loop[start:] + loop[:start] for start in range(len(loop))]
    best = min(turned, key=_diagonals_in_faces)
    return [(best[0], best[i], best[i + 1]) for i in range(1, len(best) - 1)]


def _diagonals_in_faces(loop: list[int]) -> int:
    return sum(_share_face(loop[0], other) for other in loop[2:-1])


def _share_face(first: int, second: int) -> bool:
    corners = {*EDGES[first], *EDGES[second]}
    return any(corners <= set(face) for face in _FACES)


def ambiguous_faces(case: int) -> int:
    """How many faces of a cell have inner and outer corners in turns: there another table may cut otherwise."""
    alternating = [[bool(case >> corner & 1) for corner in face] for face in _FACES]
    return sum(inner[0] == inner[2] != inner[1] == inner[3] for inner in alternating)


def edge_pairs_in_faces() -> frozenset[tuple[int, int]]:
    """All pairs of edges that lie in one face of the cell."""
    return frozenset((a, b) for a, b in combinations(range(12), 2) if _share_face(a, b))
