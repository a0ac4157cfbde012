"""The gradients of the fused step against finite differences, in float64."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from lab.fields.instant.grid import first_cells, grid_of
from lab.fields.instant.kernels import train_rays
from lab.scene import Array

RAYS = 24


@dataclass
class Setup:
    """Everything a step looks at; rays of two cameras through a box of 6 x 6 x 6 cells."""

    harmonics: int
    alphas: bool
    sky: bool

    def __post_init__(self) -> None:
        rng = np.random.default_rng(3)
        cells, lower, edge = first_cells(-np.ones(3), np.ones(3), 6)
        cells[0, :, 2] = 0  # a hole
        self.grid = grid_of(cells, lower, edge)
        self.packed = rng.normal(0.0, 0.7, (self.grid.vertices, 1 + 3 * self.harmonics))
        self.packed[:, 0] -= 3.0
        turned = np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]], float)
        views = [(np.eye(3), [0.1, 0.05, 3.0]), (turned, [3.0, -0.1, 0.2])]
        self.views = np.stack([np.concatenate([r.reshape(-1), c, [10.0, 10.0, 4.0, 4.0]]) for r, c in views])
        self.pixels = rng.integers(0, 256, (2, 8, 8, 3), np.uint8)
        self.covers = rng.integers(0, 256, (2, 8, 8), np.uint8) if self.alphas else np.zeros((0, 1, 1), np.uint8)
        self.dome = rng.random((4, 8, 3)) if self.sky else np.zeros((0, 1, 3))
        self.chosen = rng.integers(0, 128, RAYS)
        self.jitter = rng.random(RAYS)
        self.ground = rng.random((RAYS, 3))

    def run(self, packed: Array | None = None, dome: Array | None = None) -> tuple[float, Array, Array]:
        """(loss, gradient of packed, gradient of the sky)."""
        packed = self.packed if packed is None else packed
        dome = self.dome if dome is None else dome
        grid, gradient, of_dome = self.grid, np.zeros_like(packed), np.zeros_like(dome)
        touched, heaviest, loss = np.zeros(len(packed), np.uint8), np.zeros(grid.cells.shape), np.zeros(3)
        train_rays(
            0, RAYS, self.chosen, self.jitter, self.ground, self.views, self.pixels, self.covers, grid.rows, packed,
            grid.cells, grid.blocks, dome, grid.lower, np.full(3, 1 / grid.edge), 0.5 * grid.edge, 3.0, np.float64(1),
            1.0, 0.7, gradient, of_dome, touched, heaviest, loss,
        )  # fmt: skip
        assert (touched > 0).sum() == (np.abs(gradient).sum(axis=1) > 0).sum()
        return float(loss[0] + 0.7 * loss[1]), gradient, of_dome


@pytest.mark.parametrize("harmonics", [1, 4, 9])
@pytest.mark.parametrize(("alphas", "sky"), [(True, False), (False, False), (False, True)])
def test_densities_and_colours(harmonics: int, alphas: bool, sky: bool) -> None:
    setup = Setup(harmonics, alphas, sky)
    _, gradient, _ = setup.run()
    rng = np.random.default_rng(1)
    strongest = np.argsort(np.abs(gradient).reshape(-1))[-300:]
    for flat in (*rng.choice(strongest, 12, replace=False), *np.flatnonzero(gradient[:, 0])[:4] * gradient.shape[1]):
        at = np.unravel_index(flat, gradient.shape)
        sides = []
        for shift in (1e-5, -1e-5):
            moved = setup.packed.copy()
            moved[at] += shift
            sides.append(setup.run(packed=moved)[0])
        assert gradient[at] == pytest.approx((sides[0] - sides[1]) / 2e-5, rel=2e-5, abs=1e-7)


def test_the_sky() -> None:
    setup = Setup(1, False, True)
    _, _, gradient = setup.run()
    seen = np.argwhere(gradient != 0)
    assert len(seen) > 5
    for at in map(tuple, seen[:: max(1, len(seen) // 8)]):
        sides = []
        for shift in (1e-5, -1e-5):
            moved = setup.dome.copy()
            moved[at] += shift
            sides.append(setup.run(dome=moved)[0])
        assert gradient[at] == pytest.approx((sides[0] - sides[1]) / 2e-5, rel=2e-5, abs=1e-8)
