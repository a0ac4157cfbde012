"""The basin map: single starts, what converges, the map itself, checkpoints."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lab.chapters.pose.basins import BASINS, FULL, LEVENBERG, BasinParams
from lab.experiment import ExperimentError
from lab.params import build
from lab.pose import paths
from lab.pose.basin_views import error_colors
from lab.pose.basins import warm_up
from lab.pose.camera_view import NEAR, Lens, view_of
from lab.pose.model import Model
from lab.pose.sequences import seen_through
from lab.pose.single_start import SingleStart
from lab.pose.target import Target
from lab.scene import Image, Lines, Mesh, Points
from tests.lab.pose.runs_help import Made, example

SPOT = example("spot")
MODEL = Model.of(SPOT)
SHAPE = MODEL.shape.coarser(400)
LENS = Lens.of(50.0, (48, 48))
TRUTH = paths.view_from(3.0, 25.0, 35.0)
SMALL = {"mesh": "m", "starts": 50, "size": 32, "faces": 300, "iterations": 30}


def optimiser(**values) -> SingleStart:
    _, seen = seen_through(LENS, SHAPE, LENS.pose(TRUTH, MODEL), NEAR)
    params = build(BasinParams, {"mesh": "m", "size": 48, **values})
    return SingleStart(MODEL, SHAPE, LENS, Target(seen), params)


def basins(*, keep: tuple[int, ...] = (), resume=None, stop_at=None, mesh: Mesh = SPOT, **values) -> Made:
    return Made(BASINS, {"mesh": mesh}, {**SMALL, **values}, 0, resume, stop_at, keep).make()


# --- one start ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("values", [{}, {"variables": FULL}, {"variables": FULL, "method": LEVENBERG}])
def test_a_near_start_converges_at_64_pixels_or_less(values) -> None:
    start = LENS.pose(paths.view_from(3.4, 40.0, 60.0), MODEL)
    ending = optimiser(iterations=120, **values).run(start)
    turn, _ = paths.errors(view_of(ending.pose, MODEL), TRUTH)
    assert turn < 4.0
    assert ending.overlap > 0.9
    assert ending.trail[0] == pytest.approx(start.center)
    assert ending.trail[-1] == pytest.approx(ending.pose.center)


def test_a_start_behind_the_object_does_not() -> None:
    ending = optimiser(iterations=120).run(LENS.pose(paths.view_from(3.4, 0.0, -145.0), MODEL))
    assert paths.errors(view_of(ending.pose, MODEL), TRUTH)[0] > 30.0


def test_look_at_keeps_the_object_amid_and_upright() -> None:
    ending = optimiser(iterations=30).run(LENS.pose(paths.view_from(3.4, 40.0, 100.0), MODEL))
    view = view_of(ending.pose, MODEL)
    assert view[:2, 3] == pytest.approx([0.0, 0.0], abs=1e-9)
    assert view[0, 1] == pytest.approx(0.0, abs=1e-9)  # the camera's right has no upward part


def test_it_is_the_best_iterate_that_counts() -> None:
    """A learning rate that leaps about ends no worse than its best step."""
    wild = optimiser(iterations=60, learning_rate=0.4).run(LENS.pose(TRUTH, MODEL))
    assert wild.overlap > 0.85


# --- all of them ----------------------------------------------------------------------------------------------------


def test_starts_near_the_truth_converge_and_far_ones_do_not() -> None:
    run = basins(size=48, iterations=60)
    rows = run.document["starts"]
    near = [row["error"] for row in rows if row["angle"] < 30]
    far = [row["error"] for row in rows if row["angle"] > 150]
    assert len(near) >= 2
    assert np.median(near) < 8.0
    assert len(far) >= 2
    assert np.median(far) > 30.0
    assert 0.0 < run.figures["Converged (%)"] < 70.0
    assert [step.index for step in run.steps] == list(range(51))
    assert run.steps[-1].metrics["converged"] == pytest.approx(run.figures["Converged (%)"])


def test_the_map_fills(tmp_path) -> None:
    run = basins(keep=(0, 10, 50), method=LEVENBERG)
    empty, some, full = (run.snapshots[index] for index in (0, 10, 50))
    for scene in (empty, some, full):
        assert isinstance(scene["map"], Image)
        assert isinstance(scene["target"], Image)
        assert scene["object"] is SPOT
    tried = [int((scene["starts"].scalars["rotation error (°)"] >= 0).sum()) for scene in (empty, some, full)]
    assert tried == [0, 10, 50]
    grey = [float((scene["map"].pixels == scene["map"].pixels[0, 0]).all(axis=2).mean()) for scene in (empty, full)]
    assert grey[0] > 0.95 > 0.5 > grey[1]
    ways = full["ways"]
    assert isinstance(ways, Lines)
    assert len(ways.edges) > 50
    assert isinstance(full["starts"], Points)
    apart = np.linalg.norm(full["starts"].verts - (MODEL.points_to_world(MODEL.center)), axis=1)
    assert apart == pytest.approx(3.0 * 1.2 * MODEL.radius / MODEL.scale, rel=1e-5)


def test_the_ring_is_where_the_true_camera_is() -> None:
    run = basins(keep=(0,), azimuth=90.0, elevation=0.0, starts=50, method=LEVENBERG, stop_at=0)
    white = np.argwhere((run.snapshots[0]["map"].pixels == 255).all(axis=2))
    middle = white.mean(axis=0)
    assert middle == pytest.approx([59.5, 240 * (90 + 180) / 360 - 0.5], abs=0.6)


def test_colours_tell_found_from_not_found() -> None:
    good, bad, none = error_colors(np.array([4.9, 5.2, np.nan]), 5.0)
    assert good[2] > 0.9 > bad[2]
    assert bad[0] > 0.9 > good[0]
    assert np.ptp(none) < 0.05


@pytest.mark.parametrize("at", [0, 17])
def test_a_resumed_map_is_the_same(at: int) -> None:
    whole = basins(keep=(at,), method=LEVENBERG)
    rest = basins(resume=whole.states[at], method=LEVENBERG)
    assert [dict(s.metrics) for s in rest.steps] == [dict(s.metrics) for s in whole.steps[at:]]
    assert json.dumps(rest.document) == json.dumps(whole.document)


def test_stop_leaves_a_map_of_what_there_is() -> None:
    run = basins(stop_at=9, method=LEVENBERG)
    assert run.figures["Starts"] == 9.0
    assert len(run.document["starts"]) == 9


def test_no_start_that_converges_is_told() -> None:
    assert "No start reached the true camera" in basins(iterations=5, good_angle=0.5, learning_rate=0.001).texts


def test_what_cannot_be_is_told() -> None:
    with pytest.raises(ExperimentError, match="not one of a basin map"):
        basins(resume={"step": 1})
    other = basins(keep=(3,), method=LEVENBERG, stop_at=3).states[3]
    with pytest.raises(ExperimentError, match="another number of starts"):
        basins(resume=other, starts=60)
    with pytest.raises(ExperimentError, match="point cloud"):
        basins(mesh=Points(SPOT.verts))  # type: ignore[arg-type]


def test_the_metrics_are_the_declared_curves() -> None:
    metrics = basins(stop_at=1, method=LEVENBERG).steps[1].metrics
    assert {term.metric for term in BASINS.terms} | {"loss"} == metrics.keys()


def test_the_kernels_warm_up() -> None:
    warm_up()
