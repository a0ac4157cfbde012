"""The search from anywhere: its table, its answers, its checkpoints, and a seeded subset of the hundred trials."""

from __future__ import annotations

import numpy as np
import pytest

from lab.kernels.crew import Crew
from lab.motions import so3
from lab.pose.model import Model
from lab.pose.scenes import focal_of, random_pose, see
from lab.pose.search import Search, find
from lab.pose.table import make_table, rotations
from lab.pose.target import Target
from lab.pose.trials import load_object, trials
from lab.pose.variables import Pose, pose_errors

WHITE = (1.0, 1.0, 1.0)


@pytest.fixture(scope="module")
def bob() -> Model:
    return load_object("bob")


def hide(model: Model, seed: int, size: int = 96) -> tuple[Pose, Target]:
    true = random_pose(model, focal_of(60.0), np.random.default_rng(seed))
    return true, see(model, true, (size, size), WHITE)


def test_the_rotations_cover_all_of_so3() -> None:
    turns = rotations(3000)
    assert so3.orthogonality_error(turns).max() < 1e-12
    asked = so3.random(np.random.default_rng(0), 200)
    nearest = [np.degrees(so3.angle_between(turns, one).min()) for one in asked]
    assert max(nearest) < 16.0


def test_area_and_middle_give_the_translation(bob: Model) -> None:
    """The true rotation among the entries gets the true translation to a few percent, and nearly full overlap."""
    true, target = hide(bob, 3)
    with Crew(1) as crew:
        table = make_table(bob, target, true, true.R[None], crew)
    assert table.scores[0] > 0.85
    turn, distance = pose_errors(table.pose(0), true, bob.center)
    assert turn < 1e-6
    assert distance < 6.0


def test_the_best_entries_differ(bob: Model) -> None:
    true, target = hide(bob, 3)
    with Crew(1) as crew:
        table = make_table(bob, target, true, rotations(2000), crew)
    best = table.best(20, 12.0)
    turns = [so3.angle_between(table.turns[a], table.turns[b]) for a in best for b in best if a < b]
    assert len(best) == 20
    assert np.degrees(min(turns)) > 12.0
    assert table.scores[best[0]] == table.scores.max()


def test_the_number_of_threads_changes_nothing(bob: Model) -> None:
    true, target = hide(bob, 5)
    with Crew(1) as one, Crew(2) as two:
        *_, first = find(Search(bob, target, true, count=1000, crew=one))
        *_, second = find(Search(bob, target, true, count=1000, crew=two))
    assert np.array_equal(first.pose.R, second.pose.R)
    assert np.array_equal(first.pose.T, second.pose.T)


@pytest.mark.parametrize("at", [3, 10, 17, 24])
def test_a_search_goes_on_from_any_checkpoint(bob: Model, at: int) -> None:
    true, target = hide(bob, 7)
    whole, part = Search(bob, target, true, count=2000), Search(bob, target, true, count=2000)
    for _ in range(at):
        whole.advance()
    part.restore(whole.state())
    for _ in range(4):
        whole.advance()
        part.advance()
    assert whole.best is not None
    assert part.best is not None
    assert whole.stage == part.stage
    assert np.array_equal(whole.best.pose.R, part.best.pose.R)
    assert np.array_equal(whole.best.pose.T, part.best.pose.T)


def test_a_ball_has_many_answers() -> None:
    from lab.fitting.templates import ico_sphere
    from lab.scene import Mesh

    verts, faces = ico_sphere(2)
    ball = Model.of(Mesh(verts, faces))
    true, target = hide(ball, 1)
    search = Search(ball, target, true, color=0.0, count=2000)
    while not search.done:
        search.advance()
    best = search.best
    assert best is not None
    assert pose_errors(best.pose, true, ball.center)[1] < 2.0
    assert search.rivals[0].cost < 1.5 * best.cost + 4.0


@pytest.mark.parametrize("name", ["spot", "bob", "teapot"])
def test_a_seeded_subset_of_the_trials(name: str) -> None:
    """Any camera on the sphere, rolled anyhow: found to 2 degrees and 2 % of the distance."""
    with Crew() as crew:
        results = list(trials(name, range(100, 103), crew))
    assert all(result.succeeded for result in results), results
