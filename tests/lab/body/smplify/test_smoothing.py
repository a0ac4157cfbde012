"""Films: the banded solver against a dense one, gradients, and less jerk."""

import numpy as np
import pytest

from lab.body.library import load_body
from lab.body.smplify.fit import Body, load_prior
from lab.body.smplify.objective import Objective
from lab.body.smplify.observed import Lens
from lab.body.smplify.smoothing import OWN, Film, Smoother, acceleration_weight, accelerations, banded, solve
from lab.body.smplify.stages import STAGES

NAMES = tuple(
    f"{side}_{part}"
    for part in ("shoulder", "hip", "elbow", "wrist", "knee", "ankle", "ear", "big_toe")
    for side in ("left", "right")
)


def dense(blocks: np.ndarray) -> np.ndarray:
    _, count, size, _ = blocks.shape
    whole = np.zeros((count * size, count * size))
    for later in range(3):
        for at in range(count - later):
            block = blocks[later, at]
            rows, columns = slice((at + later) * size, (at + later + 1) * size), slice(at * size, (at + 1) * size)
            whole[rows, columns] = block
            whole[columns, rows] = block.T
    return whole


def test_the_band_with_an_arrow_is_solved_as_a_dense_system_is() -> None:
    rng = np.random.default_rng(0)
    blocks = 0.1 * rng.normal(size=(3, 6, 4, 4))
    blocks[0] = blocks[0] + blocks[0].transpose(0, 2, 1) + 4.0 * np.eye(4)
    arrow, corner = 0.2 * rng.normal(size=(24, 3)), 5.0 * np.eye(3)
    right, right_shape = rng.normal(size=24), rng.normal(size=3)
    x, shape = solve(banded(blocks), arrow, corner, right, right_shape)
    whole = np.block([[dense(blocks), arrow], [arrow.T, corner]])
    assert np.allclose(np.concatenate([x, shape]), np.linalg.solve(whole, np.concatenate([right, right_shape])))


@pytest.fixture(scope="module")
def film() -> tuple[list[Objective], np.ndarray]:
    """Eight pictures of an arm that is lifted, with noise; and the truth (T, 75)."""
    body, lens = Body.of(load_body("neutral")), Lens.of((700, 700))
    rng = np.random.default_rng(7)
    truth = np.zeros((8, OWN))
    truth[:, 3 * 16 + 2], truth[:, 3 * 17 + 2] = np.linspace(-1.2, -0.4, 8), 1.2
    truth[:, 72:] = np.linspace((0.0, 0.2, -3.0), (0.2, 0.2, -3.0), 8)
    objectives = []
    for x in truth:
        points = body.model.forward((), x[:72], x[72:]).points
        xy = lens.project(points[[body.model.index(name) for name in NAMES]]) + 3.0 * rng.normal(size=(len(NAMES), 2))
        objectives.append(body.objective(load_prior(""), NAMES, xy, np.ones(len(NAMES)), lens, scale=1.0))
    return objectives, truth


def test_smoothing_takes_the_jerk_out_and_leaves_the_motion(film: tuple[list[Objective], np.ndarray]) -> None:
    objectives, truth = film
    rng = np.random.default_rng(8)
    start = truth + 0.02 * rng.normal(size=truth.shape)
    smoother = Smoother(objectives, STAGES[-1].weights({}), acceleration_weight(30.0))
    now = smoother.look(start, np.zeros(10))
    first, values = now, [now.value]
    for _ in range(6):
        now = smoother.step(now)
        values.append(now.value)
    assert values == sorted(values, reverse=True)
    assert now.smooth < 0.1 * first.smooth
    model = objectives[0].model

    true = [model.forward((), t[:72], t[72:]) for t in truth]

    def tremble(film: Film) -> float:
        """How far accelerations are from the true ones, metres a picture squared."""
        off = accelerations([look.places for look in film.looks]) - accelerations(true)
        return float(np.linalg.norm(off, axis=-1).mean())

    alone = Smoother(objectives, STAGES[-1].weights({}), 0.0)
    other = alone.look(start, np.zeros(10))
    for _ in range(6):
        other = alone.step(other)
    assert tremble(now) < 0.3 * tremble(other)


def test_the_gradient_is_that_of_finite_differences(film: tuple[list[Objective], np.ndarray]) -> None:
    objectives, truth = film
    smoother = Smoother(objectives[:4], STAGES[-1].weights({}), 50.0)
    xs = truth[:4] + 0.05 * np.random.default_rng(1).normal(size=(4, OWN))
    betas = 0.3 * np.random.default_rng(2).normal(size=10)
    _, _, _, gradient, shape_gradient = smoother._system(smoother.look(xs, betas))
    for number, column in ((0, 3), (1, 48), (2, 74), (3, 0)):
        nudge = np.zeros_like(xs)
        nudge[number, column] = 1e-6
        numeric = (smoother.look(xs + nudge, betas).value - smoother.look(xs - nudge, betas).value) / 2e-6
        assert gradient.reshape(4, OWN)[number, column] == pytest.approx(numeric, rel=1e-4, abs=1e-2)
    for beta in (0, 4):
        one = 1e-6 * np.eye(10)[beta]
        numeric = (smoother.look(xs, betas + one).value - smoother.look(xs, betas - one).value) / 2e-6
        assert shape_gradient[beta] == pytest.approx(numeric, rel=1e-4, abs=1e-2)
