"""How a hashed field is made and trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from lab.fields.instant.options import Ground

Kept = Literal["all", "dense", "finest"]


@dataclass(frozen=True)
class HashOptions:
    """Of a training. Steps, not seconds, say when something happens, so that runs repeat.

    The encoding (Mueller et al. 2022): ``levels`` grids over the box, the first with ``base`` cells along its longest
    side, the last with ``finest``, growing by the same factor; ``features`` numbers for each vertex, a multiple of 2;
    ``2 ** table_bits`` entries at most for a level, whose vertices share them by their hash. kept: of these levels;
    "dense" are those that need no hash, or the first one.
    width: of the hidden layers, a multiple of 4. harmonics: of the direction, 1, 4 or 9; 1 sees no direction.
    cells: of the occupancy grid, along the longest side, 110 at most; there is a sample every half cell of it.
    skip: leave empty cells out; else rays have samples all through the box.
    occupied_every: steps after which some of the cells are looked at again, all of them in the first ``occupied_all``
    steps; cells in which a sample absorbs less than ``faint`` count as empty. dark_every: steps after which cells go
    for good that light has not reached since the last time, nor their neighbours: what is inside of things.
    samples: a step is for; the number of rays follows from it, from 64 to ``rays``.
    ground: what is behind where there is no sky; "random" is another colour for each ray and needs alphas. sky: learn
    what is behind. sky_rows: of its picture.
    table_rate, network_rate: Adam's, halved every ``half_life`` steps after the step ``even``.
    finer: cells of the Field along a cell of the occupancy grid.
    """

    levels: int = 8
    base: int = 16
    finest: int = 168
    table_bits: int = 15
    features: int = 2
    kept: Kept = "all"
    width: int = 64
    harmonics: int = 4
    cells: int = 64
    skip: bool = True
    occupied_every: int = 16
    occupied_all: int = 128
    faint: float = 0.01
    dark_every: int = 100
    samples: int = 1 << 15
    rays: int = 1 << 13
    ground: Ground = "black"
    sky: bool = False
    sky_rows: int = 32
    table_rate: float = 0.01
    network_rate: float = 0.005
    even: int = 200
    half_life: int = 300
    finer: int = 2
