"""A hashed field turned into voxels, so that the viewport can show it."""

from __future__ import annotations

import math

import numpy as np

from lab.fields.hashed import encoding, layers, network
from lab.fields.hashed.layers import choose
from lab.fields.hashed.network import HIGHEST, POINTS, Buffers, Network, buffers_of, codes, colors
from lab.fields.hashed.rays import Space
from lab.fields.instant.grid import Grid, grid_of
from lab.fields.march_kernels import harmonics
from lab.kernels.crew import Crew
from lab.kernels.jit import kernel_with
from lab.scene import Array, Field

SCALE = 60.0
"""Of the Field's density, per metre where the box is 2 m long."""

_DIRECTIONS = 4  # from which colours are looked at
_RIDGE = 0.05  # keeps directions that no camera has near the mean colour
_LOWEST, _MOST_LOGIT = -8.0, 12.0
_FAINT = 1e-3  # of light that half a cell holds back; what is fainter gets no colour
_MOST_CELLS = 300_000  # else the grid is as coarse as the occupied cells: fog needs no finer one
_TILE = 4096


@kernel_with(encoding, layers, network)
def bake_vertices(
    first: int, last: int, places: Array, unit: float, thick: float, ratio: float, net: Network, basis: Array,
    solve: Array, buffers: Buffers, density: Array, color: Array,
) -> None:  # fmt: skip
    """The vertices ``first`` to ``last``. places: (N, 3) int16, unit: their distance in the unit cube.

    thick: the density's scale times half a cell; ratio: that scale over the Field's. basis: (M, K), harmonics of the
    directions; solve: (C, M) takes the colours from there to the Field's harmonics. density: (N,) raw, of the Field,
    color: (N, 3, C): are filled.
    """
    index = np.empty(POINTS, np.int64)
    begin = first
    while begin < last:
        count, kept = min(POINTS, last - begin), 0
        for s in range(count):
            for axis in range(3):
                buffers.points[axis, s] = min(places[begin + s, axis] * unit, 1.0)
        codes(net, buffers, count)
        for s in range(count):
            share = math.exp(min(buffers.code[0, s], HIGHEST))
            if share * thick > _FAINT:
                index[kept] = s
                kept += 1
            share *= ratio
            raw = share + math.log(-math.expm1(-share)) if share > 1e-6 else math.log(share)
            density[begin + s] = min(max(raw, _LOWEST), 1000.0)
            for channel in range(3):
                for term in range(solve.shape[0]):
                    color[begin + s, channel, term] = 0
        choose(buffers.code, index, kept)
        for number in range(basis.shape[0]):
            for term in range(basis.shape[1]):
                for s in range(kept):
                    buffers.inputs[term, s] = basis[number, term]
            colors(net, buffers, kept)
            for s in range(kept):
                for channel in range(3):
                    logit = min(max(buffers.logits[channel, s], -_MOST_LOGIT), _MOST_LOGIT)
                    for term in range(solve.shape[0]):
                        color[begin + index[s], channel, term] += solve[term, number] * logit
        begin += count


class Baker:
    """Samples a field's networks on the vertices of a grid in its occupied cells.

    finer: cells of that grid along an occupied cell. viewing: (V, 3), unit directions in which cameras look.
    """

    def __init__(self, finer: int, viewing: Array, terms: int) -> None:
        self._finer = finer
        chosen = _apart(viewing, _DIRECTIONS if terms > 1 else 1)
        self._basis = np.empty((len(chosen), terms), np.float32)
        for row, direction in zip(self._basis, chosen, strict=True):
            harmonics.py_func(*direction, row)  # type: ignore[attr-defined]
        fit = np.concatenate([np.ones((len(chosen), 1)), chosen], axis=1)[:, : min(terms, 4)]
        ridge = np.diag(np.arange(fit.shape[1]) > 0) * _RIDGE * len(fit)
        self._solve = np.linalg.solve(fit.T @ fit + ridge, fit.T).astype(np.float32)
        self._grid: tuple[Array, Grid, Array] | None = None
        self._rows: Array | None = None  # as the last Field has them, frozen

    def bake(self, net: Network, space: Space, sky: Array | None, crew: Crew) -> Field:
        """The field as it is. Its ``rows`` are the same object while the occupied cells are."""
        grid, places = self._grid_of(space)
        scale = SCALE * 2.0 * space.unit * space.inverse
        raw = np.empty(grid.vertices, np.float32)
        color = np.empty((grid.vertices, 3, len(self._solve)), np.float32)
        unit, thick = grid.edge * space.inverse * space.unit, space.scale * grid.edge / 2

        def tile(first: int) -> None:
            last = min(first + _TILE, grid.vertices)
            bake_vertices(
                first, last, places, unit, thick, space.scale / scale, net, self._basis, self._solve, buffers_of(net),
                raw, color,
            )  # fmt: skip

        crew.share([lambda first=first: tile(first) for first in range(0, grid.vertices, _TILE)])
        behind = None if sky is None else sky.astype(np.float16)
        rows = grid.rows if self._rows is None else self._rows
        field = Field(rows, raw.astype(np.float16), color.astype(np.float16), grid.lower, grid.upper, scale, behind)
        self._rows = field.rows
        return field

    def vertices(self, space: Space) -> int:
        """How many vertices the field has."""
        return self._grid_of(space)[0].vertices

    def _grid_of(self, space: Space) -> tuple[Grid, Array]:
        """The grid in the occupied cells, and the vertex (N, 3) int16 of each of its rows."""
        if self._grid is None or self._grid[0] is not space.cells:
            cells = space.cells
            finer = self._finer if int(cells.sum()) * self._finer**3 <= _MOST_CELLS else 1
            for axis in range(3):
                cells = cells.repeat(finer, axis=axis)
            grid = grid_of(cells, space.lower, 1.0 / (space.inverse * finer))
            self._grid, self._rows = (space.cells, grid, np.argwhere(grid.rows >= 0).astype(np.int16)), None
        return self._grid[1:]


def _apart(directions: Array, count: int) -> Array:
    """``count`` of the directions (V, 3), far apart: each next one is the farthest from those before."""
    chosen = [directions[0]]
    while len(chosen) < min(count, len(directions)):
        nearest = np.max(directions @ np.stack(chosen).T, axis=1)
        chosen.append(directions[int(nearest.argmin())])
    return np.stack(chosen).astype(np.float64)
