"""The gradients of the fused step against finite differences, in float64: tables, all five matrices, and the sky."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from lab.fields.hashed.network import Slopes, buffers_of, matrices, network_of, shapes_of
from lab.fields.hashed.options import HashOptions
from lab.fields.hashed.train_kernels import train_rays
from lab.scene import Array
from tests.lab.fields.hashed.small_space import NO_SKY, pictures, space_of, values_of

RAYS = 24
SHIFT = 1e-6


@dataclass
class Setup:
    """Everything that a step looks at."""

    options: HashOptions
    alphas: bool
    sky: bool

    def __post_init__(self) -> None:
        rng = np.random.default_rng(6)
        self.cells = np.ones((6, 6, 6), np.uint8)
        self.cells[0, :, 2] = 0  # a hole
        self.table, self.vector = values_of(self.options)
        self.pictures = pictures(self.alphas)
        self.dome = rng.random((4, 8, 3)) if self.sky else NO_SKY
        self.chosen = rng.integers(0, 128, RAYS)
        self.jitter, self.ground = rng.random(RAYS), rng.random((RAYS, 3))

    def run(self) -> tuple[float, Array, Array, Array]:
        """(loss, gradient of the table, of the matrices, of the sky)."""
        of_table, of_vector, of_dome = (np.zeros_like(array) for array in (self.table, self.vector, self.dome))
        touched, loss = np.zeros(len(self.table), np.uint8), np.zeros(4)
        net = network_of(self.options, self.table, self.vector)
        slopes = Slopes(of_table, touched, matrices(self.options, of_vector))
        train_rays(
            0, RAYS, self.chosen, self.jitter, self.ground, self.pictures, space_of(self.cells), self.dome, net,
            buffers_of(net), 1.0, 0.7, slopes, of_dome, np.zeros_like(self.cells), loss,
        )  # fmt: skip
        assert loss[2] == loss[3] > RAYS  # nothing is so dark that samples were left out
        return float(loss[0] + 0.7 * loss[1]), of_table, of_vector, of_dome

    def slope(self, values: Array, at: int) -> float:
        """A central difference for the number ``at`` of ``values``, one of this object's own arrays."""
        flat = values.reshape(-1)
        before, sides = flat[at], []
        for shift in (SHIFT, -SHIFT):
            flat[at] = before + shift
            sides.append(self.run()[0])
        flat[at] = before
        return (sides[0] - sides[1]) / (2 * SHIFT)


OPTIONS = HashOptions(levels=3, base=4, finest=16, table_bits=9, width=8, harmonics=4)


@pytest.mark.parametrize(
    ("alphas", "sky", "harmonics", "features"),
    [(True, False, 4, 2), (False, False, 1, 2), (False, True, 9, 4)],
)
def test_tables_and_matrices(alphas: bool, sky: bool, harmonics: int, features: int) -> None:
    options = HashOptions(
        levels=3, base=4, finest=16, table_bits=9, width=8, harmonics=harmonics, features=features
    )  # fmt: skip
    setup = Setup(options, alphas, sky)
    _, of_table, of_vector, _ = setup.run()
    rng = np.random.default_rng(1)
    for at in rng.choice(np.argsort(np.abs(of_table).reshape(-1))[-300:], 10, replace=False):
        assert of_table.reshape(-1)[at] == pytest.approx(setup.slope(setup.table, at), rel=2e-5, abs=1e-7)
    start = 0
    for rows, columns in shapes_of(options):
        part = np.abs(of_vector[start : start + rows * columns])
        assert part.max() > 0
        for at in start + rng.choice(np.argsort(part)[-rows * columns // 3 :], 5, replace=False):
            assert of_vector[at] == pytest.approx(setup.slope(setup.vector, at), rel=2e-5, abs=1e-7)
        start += rows * columns


def test_the_sky() -> None:
    setup = Setup(OPTIONS, False, True)
    of_dome = setup.run()[3].reshape(-1)
    seen = np.flatnonzero(of_dome)
    assert len(seen) > 5
    for at in seen[:: max(1, len(seen) // 6)]:
        assert of_dome[at] == pytest.approx(setup.slope(setup.dome, at), rel=2e-5, abs=1e-8)


def test_parts_of_the_rays_add_up_to_all_of_them() -> None:
    setup = Setup(OPTIONS, True, False)
    whole = setup.run()
    chosen, jitter, ground = setup.chosen, setup.jitter, setup.ground
    total = 0.0
    sums = [np.zeros_like(array) for array in whole[1:3]]
    for some in (slice(0, RAYS // 2), slice(RAYS // 2, RAYS)):
        setup.chosen = np.concatenate([chosen[some]] * 2)
        setup.jitter = np.concatenate([jitter[some]] * 2)
        setup.ground = np.concatenate([ground[some]] * 2)
        loss, *gradients = setup.run()
        total += loss / 2
        for one, gradient in zip(sums, gradients, strict=False):
            one += gradient / 2
    assert total == pytest.approx(whole[0], rel=1e-10)
    for one, gradient in zip(sums, whole[1:], strict=False):
        np.testing.assert_allclose(one, gradient, atol=1e-9)
