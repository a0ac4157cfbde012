"""A time budget: how fine a field and how many steps this machine can train in so many seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from lab.fields.instant.options import Options
from lab.fields.instant.trainer import InstantField
from lab.posed.images import PosedImages

_LEVELS = (32, 64, 128, 256)
"""Cells along the longest side."""
_TRIAL_FINER, _TRIAL_PRUNED, _TRIAL_END = (16, 32, 40), 28, 46
"""Steps of the training that is measured: fewer at each level than later, but of a field that has an inside."""
_EMPTIER = 0.7  # of what steps take at first on a fine grid they take on the whole, as more of it is pruned
_JUDGED = 4  # last steps of each level
_TRIAL = 0.15  # of the budget is the most that measuring may take
_RESERVE = 0.8  # of the budget is planned: pictures, judging and a busy machine take the rest
_COARSE = (30, 300, 900)  # the steps at which the grid becomes finer, where there is time for them
_FEWEST = {64: 0, 128: 150, 256: 400}  # steps that a grid needs at its finest, or it is no better than a coarser one
_SHORT, _FEW_RAYS = 4.0, 2048  # seconds under which a step has fewer rays


@dataclass(frozen=True)
class Plan:
    """options: of the training; steps: in all. seconds: what a step is expected to take at each level of cells."""

    options: Options
    steps: int
    seconds: dict[int, float]

    @property
    def cells(self) -> int:
        """Along the longest side of the box, in the end."""
        return self.options.cells << len(self.options.finer)


def plan(
    images: PosedImages,
    options: Options,
    budget: float,
    *,
    seed: int = 0,
    report: Callable[[float | None, str], None] = lambda fraction, text: None,
) -> Plan:
    """What to do within ``budget`` seconds: measures some steps on these very pictures.

    options: what is kept of a plan: view dependence, background. The finest grid is the one whose cells are about as
    large as the pictures' pixels, if there is time for it.
    """
    options = replace(options, rays=_FEW_RAYS if budget < _SHORT else options.rays)
    levels = [cells for cells in _LEVELS if cells == _LEVELS[1] or cells <= 2 * _useful(images)]
    seconds = measured(images, options, levels, _TRIAL * budget, seed=seed, report=report)
    left = _RESERVE * budget
    for cells in reversed([cells for cells in levels if cells in seconds and cells > _LEVELS[0]]):
        finer = _schedule(cells, left, seconds)
        spent, finest = _spent(finer, seconds), seconds[cells]
        steps = finer[-1] + int((left - spent) / finest)
        if spent < left and steps - finer[-1] >= _FEWEST[cells]:
            break
    else:
        finer = (_COARSE[0],)
        steps = max(1, int(left / seconds[min(seconds)]))
    half_life = max(60, (steps - finer[-1]) // 3)
    return Plan(replace(options, finer=finer, half_life=half_life), steps, seconds)


def told(planned: Plan, images: PosedImages, budget: float) -> str:
    """What is to be expected of a plan."""
    edge = float((images.upper - images.lower).max()) / planned.cells
    return (
        f"{planned.steps:,} steps of {planned.options.rays:,} rays at {planned.cells} voxels fit into {budget:g} s on "
        f"this machine: details of {edge:.2g} m can be seen in the end."
    )


def measured(
    images: PosedImages,
    options: Options,
    levels: Sequence[int],
    limit: float,
    *,
    seed: int = 0,
    report: Callable[[float | None, str], None] = lambda fraction, text: None,
) -> dict[int, float]:
    """Seconds of a step by level, the best of a few; finer levels only while ``limit`` seconds are not over."""
    began = time.perf_counter()
    quick = replace(options, finer=_TRIAL_FINER[: len(levels) - 1], prune_at=_TRIAL_PRUNED, prune_every=10**9)
    trial = InstantField(images, quick, seed=seed)
    found: dict[int, float] = {}
    try:
        for cells, steps in zip(levels, np.diff([0, *_TRIAL_FINER, _TRIAL_END]).tolist(), strict=False):
            report(None, f"Measuring this machine at {cells} voxels")
            took = [_timed(trial.step) for _ in range(steps)]
            found[cells] = float(np.median(took[-_JUDGED:])) * (_EMPTIER if cells > _LEVELS[1] else 1.0)
            if time.perf_counter() - began > limit and len(found) > 1:
                break
    finally:
        trial.close()
    return found


def _timed(do: Callable[[], object]) -> float:
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def _useful(images: PosedImages) -> float:
    """Cells along the longest side that are as large as a pixel of the middle of the box, as a mean of the cameras."""
    middle = (images.lower + images.upper) / 2
    pixels = [
        float(np.linalg.norm(camera.center - middle)) / (0.5 * (camera.fx + camera.fy)) for camera in images.cameras
    ]
    return float((images.upper - images.lower).max()) / float(np.median(pixels))


def _schedule(cells: int, left: float, seconds: dict[int, float]) -> tuple[int, ...]:
    """The steps at which the grid becomes finer, none of them later than a third of what there would be time for."""
    rounds = int(np.log2(cells / _LEVELS[0]))
    third = left / seconds[cells] / 3
    latest = [max(2 + number, int(third * (number + 1) / rounds)) for number in range(rounds)]
    return tuple(min(at, late) for at, late in zip(_COARSE, latest, strict=False))


def _spent(finer: tuple[int, ...], seconds: dict[int, float]) -> float:
    """Seconds until the finest grid begins."""
    bounds = (0, *finer)
    return sum(
        (end - begin) * seconds[_LEVELS[number]] for number, (begin, end) in enumerate(zip(bounds, finer, strict=False))
    )
