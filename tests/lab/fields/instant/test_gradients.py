"""The gradients of the fused step against finite differences, in float64."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from lab.fields.instant.grid import first_cells, grid_of
from lab.fields.instant.kernels import train_rays
from lab.motions import so3
from lab.scene import Array

RAYS = 24
MIDDLE = np.array([0.1, -0.2, 0.05])


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
        self.of_poses = np.zeros((0, 6))

    def run(self, packed: Array | None = None, dome: Array | None = None) -> tuple[float, Array, Array]:
        """(loss, gradient of packed, gradient of the sky)."""
        packed = self.packed if packed is None else packed
        dome = self.dome if dome is None else dome
        grid, gradient, of_dome = self.grid, np.zeros_like(packed), np.zeros_like(dome)
        touched, heaviest, loss = np.zeros(len(packed), np.uint8), np.zeros(grid.cells.shape), np.zeros(3)
        train_rays(
            0, RAYS, self.chosen, self.jitter, self.ground, self.views, self.pixels, self.covers, grid.rows, packed,
            grid.cells, grid.blocks, dome, grid.lower, np.full(3, 1 / grid.edge), 0.5 * grid.edge, 3.0, np.float64(1),
            1.0, 0.7, gradient, of_dome, touched, heaviest, loss, MIDDLE, self.of_poses,
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


@pytest.mark.parametrize("alphas", [True, False])
def test_the_poses_of_cameras(alphas: bool) -> None:
    """The cameras stand within the box, where rays begin at their eyes: samples then move as the camera does."""
    setup = Setup(1, alphas, False)
    setup.views[:, 9:12] *= 0.2
    still = setup.views.copy()
    setup.of_poses = np.zeros((2, 6))
    setup.run()
    gradient, setup.of_poses = setup.of_poses, np.zeros((0, 6))
    assert (np.abs(gradient) > 1e-4).sum() > 8
    for camera in range(2):
        for part in range(6):
            sides = []
            for shift in (1e-6, -1e-6):
                motion = np.zeros(6)
                motion[part] = shift
                turn = so3.exp(motion[:3])
                setup.views = still.copy()
                setup.views[camera, :9] = (turn @ still[camera, :9].reshape(3, 3)).reshape(-1)
                setup.views[camera, 9:12] = MIDDLE + turn @ (still[camera, 9:12] - MIDDLE) + motion[3:]
                sides.append(setup.run()[0])
            assert gradient[camera, part] == pytest.approx((sides[0] - sides[1]) / 2e-6, rel=1e-4, abs=1e-6)
