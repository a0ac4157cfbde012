"""Measures the lab against its peers' own operators and loops, in turns in one process, so that the ratios hold.

A bench is a function, named in the table below, that yields Figures. This module is light: what a bench needs is
imported when it is made.
"""

from __future__ import annotations

import importlib
import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType

from lab.files import atomic_write, explain


@dataclass(frozen=True)
class Figure:
    """One line of the result. ours, peer: in ``unit``; ratio: peer / ours, so that above 1 the lab does better.

    note: what was compared with what.
    """

    name: str
    ours: float
    peer: float
    unit: str = "ms"
    note: str = ""

    @property
    def ratio(self) -> float:
        return self.peer / self.ours if self.ours > 0.0 else float("inf")


@dataclass(frozen=True)
class Bench:
    """doc: what is measured. function: "module:name" of a function without arguments that yields Figures."""

    doc: str
    function: str

    def make(self) -> Iterator[Figure]:
        """Run it."""
        module, _, name = self.function.partition(":")
        figures: Iterator[Figure] = getattr(importlib.import_module(module), name)()
        return figures


BENCHES: Mapping[str, Bench] = MappingProxyType(
    {
        "fitting-step": Bench(
            "One step of mesh fitting, 5,120 faces and 5,000 samples, against PyTorch3D's tutorial loop.",
            "lab.fitting.benches:fitting_step",
        ),
        "fitting-quality": Bench(
            "The Chamfer distance after the same number of steps of both loops.", "lab.fitting.benches:fitting_quality"
        ),
        "chamfer": Bench(
            "Chamfer distance of 5,000 samples and 5,000 points, with its gradient.", "lab.fitting.benches:chamfer_loss"
        ),
        "edge": Bench("Edge loss of 5,120 faces, with its gradient.", "lab.fitting.benches:edge"),
        "normal": Bench("Normal consistency of 5,120 faces, with its gradient.", "lab.fitting.benches:normal"),
        "laplacian": Bench(
            "Laplacian smoothing of 5,120 faces, uniform and cot, with its gradient.", "lab.fitting.benches:laplacian"
        ),
        "topology": Bench("Edges, face pairs and neighbours of 81,920 faces.", "lab.fitting.benches:topology"),
        "tsdf": Bench("The TSDF of a mesh of 50,000 faces, against Open3D's dense distances.", "lab.data.benches:tsdf"),
        "raster": Bench(
            "Soft silhouettes and fragments, with gradients, against PyTorch3D's; 5,120 faces, and as things grow.",
            "lab.raster.benches:raster",
        ),
        "body": Bench(
            "SMPL's forward pass and gradients, against plain einsum in PyTorch.",
            "lab.body.benches:forward",
        ),
        "smplify": Bench(
            "Made people found from noisy 2D joints: error after alignment and seconds a person.",
            "lab.body.smplify.benches:smplify",
        ),
        "nerf": Bench(
            "Radiance fields of spot: seconds to a quality, with masks and without, and views while training.",
            "lab.fields.benches:nerf",
        ),
        "nerf-harder": Bench(
            "A textured, glossy object with thin parts: quality over seconds, and how cost grows with views and size.",
            "lab.fields.benches:harder",
        ),
        "volume": Bench(
            "A volume from images: seconds to 27.35 dB, against the loop with PyTorch3D's classes.",
            "lab.volumes.reconstruct.bench:volume",
        ),
        "marching-cubes": Bench("The surface of that TSDF, against PyTorch3D's.", "lab.data.benches:surfaces"),
        "pose": Bench("Hidden cameras found from anywhere, against one start with Adam.", "lab.pose.benches:pose"),
    }
)
"""Every bench by name; a chapter adds its own here."""


def bench(names: Iterable[str], emit: Callable[[Figure], None]) -> None:
    """Make the named benches, and hand over each figure as soon as it is known. Raises KeyError on an unknown name."""
    for chosen in [BENCHES[name] for name in names]:
        for figure in chosen.make():
            emit(figure)


def alternate(
    ours: Callable[[], object], peer: Callable[[], object], *, rounds: int = 7, ours_a_round: int = 10
) -> tuple[float, float]:
    """The median milliseconds of one call of either, called in turns after one call each that does not count.

    ours_a_round: how many calls of ours are timed together, against one of the peer's.
    """
    ours()
    peer()
    ours_times, peer_times = [], []
    for _ in range(rounds):
        start = time.perf_counter()
        for _ in range(ours_a_round):
            ours()
        middle = time.perf_counter()
        peer()
        end = time.perf_counter()
        ours_times.append((middle - start) / ours_a_round)
        peer_times.append(end - middle)
    return 1000.0 * statistics.median(ours_times), 1000.0 * statistics.median(peer_times)


def main(names: Sequence[str], json_path: str | os.PathLike[str] | None = None) -> int:
    """Make the named benches, or all, and print a line for each figure. Returns the exit status: 0, 1 or 2.

    json_path: a file to save the figures to. 1: the file cannot be saved, or a part is missing; 2: an unknown name.
    """
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        sys.stderr.write(f"There is no bench {unknown[0]!r}. There are: {', '.join(BENCHES)}.\n")
        return 2
    figures: list[Figure] = []

    def emit(figure: Figure) -> None:
        figures.append(figure)
        sys.stdout.write(_line(figure) + "\n")
        sys.stdout.flush()

    sys.stdout.write(f"{'':24}{'the lab':>14}{'peer':>14}{'ratio':>10}\n")
    try:
        bench(names or BENCHES, emit)
    except ImportError as error:
        sys.stderr.write(f"The bench needs {error.name or 'a package'}, which is not installed: run ./dl3d again.\n")
        return 1
    if json_path is not None:
        try:
            _save(figures, Path(json_path))
        except OSError as error:
            sys.stderr.write(f"{json_path} cannot be saved: {explain(error)}.\n")
            return 1
    return 0


def _line(figure: Figure) -> str:
    ours, peer = (f"{value:.4g} {figure.unit}" for value in (figure.ours, figure.peer))
    note = f"  {figure.note}" if figure.note else ""
    ratio = f"{figure.ratio:.1f}x" if figure.ratio >= 10.0 else f"{figure.ratio:.2f}x"
    return f"{figure.name:24}{ours:>14}{peer:>14}{ratio:>10}{note}"


def _save(figures: Sequence[Figure], path: Path) -> None:
    rows = [{**asdict(figure), "ratio": figure.ratio} for figure in figures]
    with atomic_write(path) as temporary:
        temporary.write_text(json.dumps({"figures": rows}, indent=1) + "\n", encoding="utf-8")
