"""How an instant field is trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Ground = Literal["black", "white", "random"]
GROUNDS: tuple[Ground, ...] = ("black", "white", "random")


@dataclass(frozen=True)
class Options:
    """Of a training. Steps, not seconds, say when something happens, so that runs repeat.

    cells: along the longest side of the box, at first, and again at the steps ``finer``: each time twice as many.
    rays: a step. harmonics: per colour channel, 1, 4 or 9; more of them see view dependence. scale: of the density, per
    metre where the box is 2 m long, and more in a smaller one. ground: what is behind where there is no sky; "random"
    is another colour for each ray, which tells what is see-through from what is black; it needs alphas. sky: learn what
    is behind. sky_rows: of its picture.
    prune_at, prune_every: steps at which cells go whose heaviest sample weighs less than ``faint``.
    refine_cameras: correct the training cameras too, from the step ``pose_from`` on. pose_rate: Adam's, radians, halved
    every ``pose_half_life`` steps.
    density_rate, color_rate: Adam's, halved every ``half_life`` steps after the finest grid began.
    """

    cells: int = 32
    finer: tuple[int, ...] = (30, 300)
    rays: int = 4096
    harmonics: int = 1
    ground: Ground = "black"
    sky: bool = False
    sky_rows: int = 32
    prune_at: int = 150
    prune_every: int = 300
    faint: float = 5e-3
    density_rate: float = 0.3
    color_rate: float = 0.1
    half_life: int = 400
    scale: float = 60.0
    refine_cameras: bool = False
    pose_from: int = 10
    pose_rate: float = 3e-3
    pose_half_life: int = 100
    first_density: float = -5.0
    density_smooth: float = 3e-9
    color_smooth: float = 1e-8
