"""Which cells hold anything: what rays look into, and what else they cross in long steps."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lab.fields.hashed import encoding, layers, network
from lab.fields.hashed.network import HIGHEST, POINTS, Buffers, Network, buffers_of, codes
from lab.fields.hashed.rays import Space
from lab.fields.march_kernels import BLOCK
from lab.kernels.crew import Crew
from lab.kernels.jit import kernel_with
from lab.scene import Array

_KEPT = 0.9  # of what a cell held when it was looked at before
_PARTS = 4  # of all cells, one of which is looked at each time later on
_TILE = 4096


@kernel_with(encoding, layers, network)
def look_into(
    first: int, last: int, chosen: Array, inside: Array, shape: Array, unit: float, thick: float, net: Network,
    buffers: Buffers, found: Array,
) -> None:  # fmt: skip
    """The optical thickness of a step in each of the cells ``chosen[first:last]``, counted row by row: found (M,).

    inside: (M, 3) in [0, 1), where in the cell it is looked at. shape: (3,), cells. thick: scale times step.
    """
    begin = first
    while begin < last:
        count = min(POINTS, last - begin)
        for s in range(count):
            cell = chosen[begin + s]
            i, j, k = cell // (shape[1] * shape[2]), cell // shape[2] % shape[1], cell % shape[2]
            buffers.points[0, s] = (i + inside[begin + s, 0]) * unit
            buffers.points[1, s] = (j + inside[begin + s, 1]) * unit
            buffers.points[2, s] = (k + inside[begin + s, 2]) * unit
        codes(net, buffers, count)
        for s in range(count):
            found[begin + s] = thick * math.exp(min(buffers.code[0, s], HIGHEST))
        begin += count


Look = Callable[[Array, Array], Array]
"""Takes cells (M,), counted row by row, and where in each (M, 3) in [0, 1); gives a step's optical thickness (M,)."""


def looker(net: Network, space: Space, crew: Crew) -> Look:
    """Looks by this network."""
    shape, thick = np.array(space.cells.shape), space.scale * space.step

    def look(chosen: Array, inside: Array) -> Array:
        found = np.empty(len(chosen), np.float32)

        def tile(first: int) -> None:
            last = min(first + _TILE, len(chosen))
            look_into(first, last, chosen, inside, shape, space.unit, thick, net, buffers_of(net), found)

        crew.share([lambda first=first: tile(first) for first in range(0, len(chosen), _TILE)])
        return found

    return look


class Occupancy:
    """The cells of a box. hull: (X, Y, Z) uint8, those that may ever hold anything. faint: see HashOptions.

    cells, blocks: uint8, what holds something now, as ``lab.fields.hashed.rays.Space`` has them. Both are new objects
    whenever anything changed.
    """

    def __init__(self, hull: Array, faint: float) -> None:
        self._inside = np.flatnonzero(hull)
        self._faint, self._looks = faint, 0
        self.thickness = np.zeros(hull.shape, np.float32)
        self.cells, self.blocks = hull, blocks_of(hull)

    def update(self, look: Look, everywhere: bool, rng: np.random.Generator) -> None:
        """Look into all cells, or into some of them; what was seen before fades."""
        chosen = self._inside if everywhere else self._inside[self._looks % _PARTS :: _PARTS]
        self._looks += 1
        found = look(chosen, rng.random((len(chosen), 3), np.float32))
        thickness = self.thickness.reshape(-1)
        thickness[chosen] = np.maximum(thickness[chosen] * _KEPT, found)
        self._decide()

    def leave_out(self, dark: Array) -> None:
        """Cells that are ``dark`` (X, Y, Z) bool hold nothing from now on, unless these are all."""
        left = self._inside[~dark.reshape(-1)[self._inside]]
        if len(left):
            self._inside = left
            self._decide()

    def _decide(self) -> None:
        known = self.thickness.reshape(-1)[self._inside]
        cells = np.zeros(self.cells.shape, np.uint8)
        cells.reshape(-1)[self._inside] = known > min(self._faint, float(known.mean()))
        if cells.any() and not np.array_equal(cells, self.cells):
            self.cells, self.blocks = cells, blocks_of(cells)

    def state(self) -> Mapping[str, Any]:
        """What ``restore`` needs, as copies."""
        return {
            "thickness": self.thickness.copy(),
            "cells": self.cells.copy(),
            "inside": self._inside.copy(),
            "looks": self._looks,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Be as then."""
        self.thickness, self._looks = np.array(state["thickness"]), int(state["looks"])
        self._inside, self.cells = np.array(state["inside"]), np.array(state["cells"])
        self.blocks = blocks_of(self.cells)


def blocks_of(cells: Array) -> Array:
    """uint8: which blocks of BLOCK³ cells hold any."""
    shape = -(-np.array(cells.shape) // BLOCK)
    blocks = np.zeros(shape, np.uint8)
    i, j, k = np.nonzero(cells)
    blocks[i // BLOCK, j // BLOCK, k // BLOCK] = 1
    return blocks
