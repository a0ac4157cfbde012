"""Two spheres: gradients, who is who, occlusion, checkpoints, notices."""

from __future__ import annotations

import numpy as np
import pytest

from lab.chapters.pose.spheres import SPHERES, SphereParams
from lab.experiment import ExperimentError, RunContext
from lab.kernels.crew import Crew
from lab.params import build
from lab.pose.sphere_scene import RADIUS, SphereScene
from lab.pose.spheres import _Run, warm_up
from lab.scene import Image, Mesh
from tests.lab.pose.runs_help import Made

PRESETS = {preset.title: dict(preset.values) for preset in SPHERES.presets}
SMALL = {"size": 64}


def spheres(*, keep: tuple[int, ...] = (), resume=None, stop_at=None, **values) -> Made:
    return Made(SPHERES, {}, {**SMALL, **values}, 0, resume, stop_at, keep).make()


def test_the_globe_is_a_closed_sphere_wound_outwards() -> None:
    scene = SphereScene(32, np.zeros((2, 3)))
    verts, faces = scene.verts(np.zeros((1, 3))), scene._one
    a, b, c = (verts[faces[:, i]] for i in range(3))
    volume = np.einsum("fc,fc->", a, np.cross(b, c)) / 6
    assert volume == pytest.approx(4 / 3 * np.pi * RADIUS**3, rel=0.05)
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    assert (np.unique(edges, axis=0, return_counts=True)[1] == 2).all()


def test_the_gradient_is_that_of_the_loss() -> None:
    """Central differences of the weighted loss by all six numbers, with a wide edge and a soft order."""
    values = {"first_sigma": 3e-3, "gamma": 0.05, "size": 48, "noise": 0.0, "red_x": -0.5, "blue_x": 0.3}
    params = build(SphereParams, values)
    ctx = RunContext(
        {}, "cpu", 0, params, None, lambda *_: None, lambda: None, lambda _: None, lambda _: None
    )  # fmt: skip
    run = _Run(params, ctx, Crew(1))

    def loss() -> float:
        terms = run._look(0).terms
        return terms["silhouette"] + terms["color"]

    gradient, step = run._look(0).gradient, 2e-3
    numbers = np.zeros((2, 3))
    for index in np.ndindex(2, 3):
        for sign in (1, -1):
            run._place[index] += sign * step
            numbers[index] += sign * loss() / (2 * step)
            run._place[index] -= sign * step
    assert gradient == pytest.approx(numbers, rel=0.03, abs=2e-3 * np.abs(numbers).max())


def test_both_are_found_together() -> None:
    run = spheres(size=96)
    assert run.metric("red_error")[0] > 0.5
    assert run.metric("red_error")[-1] < 0.06
    assert run.metric("blue_error")[-1] < 0.06
    assert run.figures["In front"] == "red, as in the target"
    assert run.notices == []


def test_the_outline_alone_does_not_say_who_is_who() -> None:
    run = spheres(**PRESETS["Outline alone"])
    assert run.metric("silhouette")[-1] < 0.01
    assert run.metric("red_error")[-1] > 0.6
    assert "each other's place" in run.texts
    assert run.figures["In front"] == "blue, not as in the target"


def test_colours_say_who_is_who_from_the_same_start() -> None:
    run = spheres(**PRESETS["Who is who"])
    assert run.metric("red_error")[-1] < 0.1
    assert run.metric("blue_error")[-1] < 0.1


def test_a_sphere_that_is_partly_hidden_is_found() -> None:
    run = spheres(**PRESETS["One behind the other"])
    assert run.metric("red_error")[-1] < 0.08
    assert run.metric("blue_error")[-1] < 0.3
    assert run.figures["In front"] == "red, as in the target"


def test_no_overlap_is_told() -> None:
    values = {"red_x": -1.4, "red_y": 1.3, "first_sigma": 1e-5, "sigma": 1e-6, "steps": 10}
    assert "covers nothing of the target: no overlap" in spheres(**values).texts


def test_a_target_out_of_the_picture_is_told() -> None:
    with pytest.raises(ExperimentError, match="out of the picture"):
        spheres(true_red_x=2.0, true_red_y=2.0, true_red_z=2.0)


@pytest.mark.parametrize("at", [0, 7])
def test_a_resumed_run_makes_the_same_steps(at: int) -> None:
    whole = spheres(steps=15, keep=(at,))
    rest = spheres(steps=15, resume=whole.states[at])
    assert [dict(s.metrics) for s in rest.steps] == [dict(s.metrics) for s in whole.steps[at:]]
    assert rest.document == whole.document
    with pytest.raises(ExperimentError, match="not one of two spheres"):
        spheres(resume={"step": 1})


def test_what_is_shown() -> None:
    run = spheres(steps=5, keep=(5,), stop_at=5)
    scene = run.snapshots[5]
    assert isinstance(scene[SPHERES.result], Mesh)
    for pane in SPHERES.pictures:
        assert isinstance(scene[pane.key], Image)
    assert {term.metric for term in SPHERES.terms} <= run.steps[-1].metrics.keys()
    found = scene["red"].verts.mean(axis=0)
    assert found == pytest.approx(run.document["red"], abs=0.02)


def test_the_kernels_warm_up() -> None:
    warm_up()
