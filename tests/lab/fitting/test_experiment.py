"""The experiment as the lab runs it: steps, checkpoints, live values, notices, outcome."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from lab.chapters.mesh_fitting import MESH_FITTING
from lab.experiment import Cancelled, ExperimentError, Step
from lab.fitting.terms import TERMS
from lab.fitting.topology import build_topology
from lab.run.state import freeze, thaw
from lab.scene import Mesh, Points
from tests.lab.fitting.fitting_help import Fit, blob, bumpy_mesh, cube, fit, noisy_sphere, pedestrian

COARSE = {"coarse_to_fine": True, "template_level": 2, "optimiser": "Adam", "learning_rate": 0.01}


def resumed(run: Fit, at: int, **changed: object) -> Fit:
    """A run that goes on from a kept checkpoint, as it comes out of a recording."""
    state = thaw(freeze(run.states[at]))
    return Fit({**run.values, **changed}, run.inputs, resume=state, seed=123, device=run.device)


def test_the_first_step_is_the_template_before_any_update() -> None:
    mesh = bumpy_mesh()
    run = fit(mesh, steps=3).run(verts=True)
    assert [step.index for step in run.steps] == [0, 1, 2, 3]
    centre = mesh.verts.mean(axis=0, dtype=np.float64)
    scale = np.abs(mesh.verts - centre).max()
    assert np.allclose(np.linalg.norm((run.verts[0] - centre) / scale, axis=1), 1.0, atol=1e-3)  # the unit sphere
    assert not np.array_equal(run.verts[1], run.verts[0])


def test_every_term_is_told_weighted_and_unweighted() -> None:
    step = fit(bumpy_mesh(), steps=1, edge_weight=0.0, normals_weight=0.2).run().steps[-1]
    assert set(step.metrics) == {"loss", "learning rate", *TERMS, *(f"{term} (weighted)" for term in TERMS)}
    assert step.metrics["edge"] > 0.0
    assert step.metrics["edge (weighted)"] == 0.0
    assert step.metrics["normals (weighted)"] == pytest.approx(0.2 * step.metrics["normals"])
    total = sum(step.metrics[f"{term} (weighted)"] for term in TERMS)
    assert step.metrics["loss"] == pytest.approx(total)
    assert {term.key for term in MESH_FITTING.terms} == set(TERMS)


def test_without_normals_of_the_target_their_term_is_missing() -> None:
    bare = fit(blob(200), steps=1).run()
    assert "normals" not in bare.steps[-1].metrics
    assert "normals" not in bare.fitted.vectors
    assert "normals" in fit(blob(200, normals=True), steps=1).run().steps[-1].metrics


def test_the_fit_comes_near_and_lies_in_the_targets_own_coordinates() -> None:
    cloud = blob(1500)
    shifted = Points(cloud.verts, origin=np.array([500_000.0, 10.0, 4_000_000.0]))
    run = fit(shifted, template_level=3, samples=1500, steps=300).run()
    fitted = run.fitted
    assert np.array_equal(fitted.origin, shifted.origin)
    assert np.allclose(fitted.verts.mean(axis=0), cloud.verts.mean(axis=0), atol=0.1)
    assert run.metric("chamfer")[-1] < 0.05 * run.metric("chamfer")[0]
    assert run.outcomes[0].figures["F-score at 5 %"] > 0.95  # type: ignore[operator]


def test_a_snapshot_has_colours_and_arrows_in_the_targets_units() -> None:
    mesh = bumpy_mesh()
    frames: list[Mesh] = []

    def keep(run: Fit, step: Step) -> None:
        entity = step.snapshot()["fitted"]
        assert isinstance(entity, Mesh)
        frames.append(entity)

    fit(mesh, steps=2, learning_rate=1.0, momentum=0.0, edge_weight=0.0, normal_weight=0.0, laplacian_weight=0.0).run(
        keep
    )
    first, second, _ = frames
    assert set(first.scalars) == {"distance to target", "displacement", "curvature"}
    assert set(first.vectors) == set(TERMS)
    # with Chamfer alone, rate 1 and no momentum, the next update is Chamfer's arrow
    assert np.allclose(second.verts - first.verts, first.vectors["chamfer"], atol=1e-5)
    assert not first.scalars["displacement"].any()
    moved = np.linalg.norm(second.verts - first.verts, axis=1)
    assert np.allclose(second.scalars["displacement"], moved, atol=1e-5)
    scale = np.abs(mesh.verts - mesh.verts.mean(axis=0)).max()
    assert np.median(first.scalars["curvature"]) == pytest.approx(1.0 / scale, rel=0.05)
    assert first.scalars["distance to target"].max() < 1.2 * scale


def test_the_faces_of_all_snapshots_are_the_same_object_until_a_subdivision() -> None:
    faces: list[object] = []
    fit(bumpy_mesh(), steps=8, **COARSE).run(lambda run, step: faces.append(step.snapshot()["fitted"].faces))  # type: ignore[union-attr]
    assert [len({id(f) for f in faces[at]}) for at in (slice(0, 2), slice(2, 4), slice(4, 9))] == [1, 1, 1]
    assert [len(f) for f in faces] == [20, 20, 80, 80, 320, 320, 320, 320, 320]  # type: ignore[arg-type]


def test_frames_that_were_handed_out_do_not_change() -> None:
    kept: list[tuple[Mesh, Mesh]] = []

    def keep(run: Fit, step: Step) -> None:
        mesh = step.snapshot()["fitted"]
        assert isinstance(mesh, Mesh)
        copies = {key: value.copy() for key, value in {**mesh.scalars, **mesh.vectors, "verts": mesh.verts}.items()}
        kept.append((mesh, copies))  # type: ignore[arg-type]

    fit(bumpy_mesh(), steps=5).run(keep)
    for mesh, copies in kept:
        for key, value in {**mesh.scalars, **mesh.vectors, "verts": mesh.verts}.items():
            assert np.array_equal(value, copies[key])  # type: ignore[index]


@pytest.mark.parametrize(
    "values", [{}, COARSE, {"schedule": "cosine", "early_stop": True}], ids=["SGD", "coarse", "cosine"]
)
def test_resuming_gives_the_same_bytes(values: dict[str, object]) -> None:
    run = fit(bumpy_mesh(), steps=60, **values).run(states=(0, 25, 60), verts=True)
    for at in (0, 25, 60):
        again = resumed(run, at).run(verts=True)
        assert again.steps[0].index == at
        for step in again.steps:
            assert step.metrics == run.steps[step.index].metrics
            assert np.array_equal(again.verts[step.index], run.verts[step.index])
        assert again.steps[-1].index == 60


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_run_on_cuda_is_the_run_of_the_cpu_up_to_its_samples_and_goes_on() -> None:
    cpu, run = fit(bumpy_mesh(), steps=60).run(), fit(bumpy_mesh(), steps=60)
    run.device = run.ctx.device = "cuda"
    run.run(states=(25,), verts=True)
    assert run.metric("chamfer")[-1] == pytest.approx(cpu.metric("chamfer")[-1], rel=0.1)
    again = resumed(run, 25).run(verts=True)
    assert again.steps[0].metrics == pytest.approx(run.steps[25].metrics, rel=1e-5)
    assert np.allclose(again.verts[26], run.verts[26], atol=1e-5)


def test_resuming_with_another_weight_is_another_run() -> None:
    run = fit(bumpy_mesh(), steps=60).run(states=(25,), verts=True)
    again = resumed(run, 25, edge_weight=5.0).run(verts=True)
    assert np.array_equal(again.verts[25], run.verts[25])
    assert not np.array_equal(again.verts[26], run.verts[26])
    assert again.metric("edge")[-1] < run.metric("edge")[-1]


def test_resuming_with_another_optimiser_or_other_steps_works() -> None:
    run = fit(bumpy_mesh(), steps=30).run(states=(20,))
    adam = resumed(run, 20, optimiser="Adam", learning_rate=0.005, steps=50).run()
    assert [adam.steps[0].index, adam.steps[-1].index] == [20, 50]
    assert resumed(run, 20, steps=10).run().steps[-1].index == 20


def test_a_checkpoint_of_something_else_is_refused() -> None:
    with pytest.raises(ExperimentError, match="not one of a mesh fit"):
        Fit({}, {"target": bumpy_mesh()}, resume={"weights": np.zeros(3)}).run()


def test_the_same_seed_is_the_same_run_and_another_is_not() -> None:
    first, same, other = (
        Fit({"steps": 10, "template_level": 2, "samples": 200}, {"target": bumpy_mesh()}, seed=seed)
        for seed in (7, 7, 8)
    )
    assert first.run().metric("loss") == same.run().metric("loss")
    assert first.metric("loss") != other.run().metric("loss")
    assert first.outcomes[0].figures == same.outcomes[0].figures


def test_a_live_weight_counts_from_the_next_update() -> None:
    def change(run: Fit, step: Step) -> None:
        if step.index == 5:
            run.change(edge_weight=10.0, learning_rate=0.5)

    plain, changed = fit(bumpy_mesh(), steps=10).run(verts=True), fit(bumpy_mesh(), steps=10).run(change, verts=True)
    assert np.array_equal(plain.verts[5], changed.verts[5])
    assert not np.array_equal(plain.verts[6], changed.verts[6])
    last = changed.steps[6].metrics
    assert last["edge (weighted)"] == pytest.approx(10.0 * last["edge"])
    assert last["learning rate"] == 0.5


def test_live_samples_and_laplacian_kind() -> None:
    def change(run: Fit, step: Step) -> None:
        if step.index == 5:
            run.change(samples=900, laplacian_kind="cotcurv")

    laplacian = fit(bumpy_mesh(), steps=8).run(change).metric("laplacian")
    assert max(laplacian[:6]) < 0.2 < min(laplacian[6:])  # a third of the curvature, which is about one


def test_a_stop_request_ends_the_run_with_an_outcome() -> None:
    def stop(run: Fit, step: Step) -> None:
        run.ctx.stop_requested = step.index == 4

    run = fit(bumpy_mesh(), steps=100).run(stop)
    assert run.steps[-1].index == 4
    assert "Hausdorff distance" in run.outcomes[0].figures


def test_cancelling_the_evaluation_keeps_the_mesh() -> None:
    run = fit(bumpy_mesh(), steps=2)
    run.cancel_in_report = "Measuring"
    with pytest.raises(Cancelled):
        run.run()
    assert len(run.fitted.verts) == 162
    assert not run.outcomes[0].figures


def test_cancelling_the_preparation_leaves_nothing() -> None:
    run = fit(bumpy_mesh())
    run.cancel_in_report = "target"
    with pytest.raises(Cancelled):
        run.run()
    assert not run.outcomes


def test_an_exploding_run_ends_with_its_best_state() -> None:
    run = fit(
        bumpy_mesh(), learning_rate=10.0, edge_weight=10.0, momentum=0.99, laplacian_weight=10.0, steps=2000
    ).run()
    (notice,) = [notice for notice in run.notices if notice.stop]
    last = run.steps[-1]
    assert last.last
    assert last.index == notice.step < 2000
    best = min(run.metric("loss")[:-1])
    assert last.metrics["loss"] == pytest.approx(best, rel=0.2)  # with new samples
    assert np.isfinite(run.fitted.verts).all()


def test_a_run_into_nan_ends_with_its_best_state() -> None:
    def spoil(run: Fit, step: Step) -> None:
        if step.index == 5:
            run.change(learning_rate=10.0, momentum=0.999, edge_weight=10.0)
            run.ctx.params = run.ctx.params.__class__(**{**run.ctx.params.__dict__, "learning_rate": math.inf})

    run = fit(bumpy_mesh(), steps=50).run(spoil)
    (notice,) = [notice for notice in run.notices if notice.stop]
    assert "not a number" in notice.text
    assert run.steps[-1].index == 6
    assert run.steps[-1].last
    assert np.isfinite(run.fitted.verts).all()
    assert math.isfinite(run.steps[-1].metrics["loss"])


def test_a_mesh_that_breaks_right_after_a_subdivision_goes_back_too() -> None:
    def spoil(run: Fit, step: Step) -> None:
        if step.index == 4:  # the update to step 5 breaks it, and step 5 subdivides
            run.ctx.params = run.ctx.params.__class__(**{**run.ctx.params.__dict__, "learning_rate": math.inf})

    run = fit(bumpy_mesh(), steps=20, **COARSE).run(spoil)
    assert run.steps[-1].index == 5
    assert len(run.fitted.verts) == 42
    assert np.isfinite(run.fitted.verts).all()


def test_a_template_without_a_surface_says_so() -> None:
    flat = Mesh(np.array([[0, 0, 0], [1, 0, 0], [2, 0, 0]]), np.array([[0, 1, 2]]))
    with pytest.raises(ExperimentError, match="no surface"):
        fit(bumpy_mesh(), own=flat).run()


def test_an_early_stop_ends_a_run_that_stands_still_and_says_so() -> None:
    run = fit(bumpy_mesh(), early_stop=True, learning_rate=1e-5, steps=5000, samples=100).run()
    assert 399 <= run.steps[-1].index < 1500
    assert run.steps[-1].last
    assert run.notices[-1].text.startswith("The loss has not fallen")


def test_without_early_stop_all_steps_are_made() -> None:
    run = fit(blob(100), early_stop=False, learning_rate=1e-5, steps=450, samples=20, template_level=1).run()
    assert run.steps[-1].index == 450
    assert not run.steps[-1].last


@pytest.mark.parametrize("template", ["convex hull", "own mesh"])
def test_other_templates_fit_too(template: str) -> None:
    verts, topology = noisy_sphere(3, 0.0)
    own = Mesh(verts * np.float32(0.8) + np.float32([3.0, 1.0, -2.0]), topology.faces)
    given = {"own": own} if template == "own mesh" else {"template": template}
    run = fit(blob(800), template_level=3, samples=800, steps=150, **given).run()  # type: ignore[arg-type]
    assert run.metric("chamfer")[-1] < 0.6 * run.metric("chamfer")[0]
    assert build_topology(run.fitted.faces, len(run.fitted.verts)).watertight


def test_coarse_to_fine_of_an_own_mesh_says_that_it_cannot() -> None:
    run = fit(bumpy_mesh(), own=Mesh(*cube()), coarse_to_fine=True, steps=4).run()
    assert "no effect" in run.notices[-1].text
    assert len(run.fitted.faces) == 12


def test_a_large_cloud_is_sampled() -> None:
    run = fit(blob(110_000), samples=2000, template_level=3, steps=120).run()
    assert run.metric("chamfer")[-1] < 0.1 * run.metric("chamfer")[0]
    assert run.notices == []


def test_the_courses_three_runs() -> None:
    """Table III.1 of the reference, at full length on a scan-like pedestrian; each row by hand from the course."""
    cloud = pedestrian(239)
    smooth, alone, edges = (
        fit(cloud, template_level=4, samples=239, steps=2000, **preset.values).run()
        for preset in MESH_FITTING.presets[:3]
    )

    def last(run: Fit, name: str) -> float:
        return float(np.mean(run.metric(name)[-100:]))

    assert 0.5 < smooth.metric("chamfer")[0] < 1.0
    assert last(alone, "edge") >= 10.0 * last(smooth, "edge")
    assert last(alone, "normal") >= 10.0 * last(smooth, "normal")
    assert last(smooth, "chamfer") <= 1.4 * last(alone, "chamfer")
    # between the two
    assert last(smooth, "normal") < 0.3 * last(edges, "normal") < last(alone, "normal")
    assert last(smooth, "laplacian") < last(edges, "laplacian") < 0.3 * last(alone, "laplacian")
    expected = {
        "chamfer": (0.0047, 0.0036),
        "edge": (0.0034, 0.033),
        "normal": (0.058, 1.22),
        "laplacian": (0.0081, 0.086),
    }
    for name, values in expected.items():
        for run, value in zip((smooth, alone), values, strict=True):
            assert last(run, name) == pytest.approx(value, rel=0.35), name
