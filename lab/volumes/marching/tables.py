"""The numbers along a ray as plots and as a table."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lab.scene import Array
from lab.study import Plot, Table
from lab.volumes.marching.compositing import Form, March

_COUNTS = np.unique(np.geomspace(2, 256, 24).round().astype(int))


def along_plot(found: March, lengths: Array, at: float) -> Plot:
    """Density (as a share of its greatest), opacity, transmittance and weight over depth."""
    peak = float(found.density.max(initial=0.0))
    curves = {
        "opacity p": (lengths, found.opacity),
        "transmittance T": (lengths, found.transmittance),
        "weight T p": (lengths, found.weight),
        "density, of its peak": (lengths, found.density / peak if peak > 0 else found.density),
    }
    return Plot(curves, "depth, m", at=at)


def gathered_plot(found: March, lengths: Array, at: float) -> Plot:
    """Colour and opacity up to each sample, over depth."""
    named = zip(("red", "green", "blue", "opacity"), found.gathered.T, strict=True)
    return Plot({name: (lengths, values) for name, values in named}, "depth, m", at=at)


def counts_plot(opacity: Callable[[int, Form], float], forms: tuple[Form, Form], samples: int) -> Plot:
    """The ray's opacity over the number of samples: with step lengths, and without."""
    curves = {
        name: (_COUNTS.astype(np.float64), np.array([opacity(int(count), form) for count in _COUNTS]))
        for name, form in zip(("density (σδ)", "opacity (p)"), forms, strict=True)
    }
    return Plot(curves, "samples", "opacity", at=float(samples))


def samples_table(found: March, lengths: Array, marked: int) -> Table:
    """One row for each sample."""
    names = ("Sample", "Depth", "Density", "Step", "p", "T", "Weight", "Red", "Green", "Blue")
    cells = (
        np.arange(len(lengths)), lengths, found.density, found.steps, found.opacity, found.transmittance, found.weight,
        *found.color.T,
    )  # fmt: skip
    return Table(names, cells, marked=marked)
