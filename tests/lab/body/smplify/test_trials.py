"""Known people are found again: a few of the hundred, and the error's own definition."""

import numpy as np
import pytest

from lab.body.smplify.errors import error
from lab.body.smplify.fit import load_prior
from lab.body.smplify.observed import TALL
from lab.body.smplify.search import AWAY, TOWARDS, distance, search
from lab.body.smplify.trials import make_person, neutral, trial
from lab.motions import so3


def test_the_error_is_after_the_best_similarity() -> None:
    rng = np.random.default_rng(2)
    true = rng.normal(size=(24, 3))
    moved = 3.0 * true @ so3.random(rng).T + [1.0, 2.0, 3.0]
    assert error(moved, true) == pytest.approx(0.0, abs=1e-9)
    off = true.copy()
    off[0, 0] += 0.24
    assert 0.0 < error(off, true) <= 1000 * 0.24 / np.sqrt(24)  # least squares can only be better than no alignment
    assert error(true * [-1.0, 1.0, 1.0], true) > 100.0  # a mirror image is no similarity


def test_a_made_person_is_500_pixels_tall_and_the_same_for_the_same_seed() -> None:
    person = make_person(3, "LSP", noise=0.0)
    assert np.ptp(person.lens.project(person.points), axis=0).max() == pytest.approx(TALL, rel=0.01)
    assert np.array_equal(make_person(3, "LSP").xy, make_person(3, "LSP").xy)


@pytest.mark.parametrize("seed", [0, 2, 3])
def test_people_are_found_within_60_mm(seed: int) -> None:
    made = trial(seed, "BlazePose")
    assert made.joints < 60.0
    assert made.nearest <= made.joints
    assert made.facing


def test_the_search_keeps_distinct_answers_the_lowest_first() -> None:
    person, body = make_person(1, "LSP"), neutral()
    sure = np.ones(len(person.xy))
    found = search(body.objective(load_prior(""), person.names, person.xy, sure, person.lens), {})
    energies = [answer.energy for answer in found.answers]
    assert energies == sorted(energies)
    assert len(energies) > 1
    assert all(distance(a, b) > 0.02 for n, a in enumerate(found.answers) for b in found.answers[:n])
    others = [answer.data for answer in found.answers if answer.facing != found.best.facing]
    assert found.best.facing in (TOWARDS, AWAY)
    assert found.margin == (min(others) - found.best.data if others else np.inf)
