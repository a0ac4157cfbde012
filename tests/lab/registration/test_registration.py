"""The experiment: every method against the truth and against Open3D, checkpoints, live values, notices, outcome."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import open3d as o3d
import pytest

from lab.chapters.cameras.registration import METHODS, REGISTRATION, RegistrationParams, rotation_metric
from lab.experiment import ExperimentError
from lab.fitting import neighbours
from lab.motions import se3, so3
from lab.params import build
from lab.registration.experiment import motion_figures, move_geometry, warm_up
from lab.registration.methods import PointToPlane, PointToPoint, Settings
from lab.registration.pairs import Neighbourhood, Rules
from lab.registration.scans import Scans, make_scans
from lab.scene import Mesh, Points
from tests.lab.registration.registration_help import Run, matrix_of, only, spot

SPOT = spot()
SMALL = {"points": 400, "steps": 40}


def run(*, inputs=None, kept=(), **values) -> Run:
    return Run({**SMALL, **values}, inputs or {"target": SPOT}).make(kept)


# --- one method at a time -------------------------------------------------------------------------------------------


def two_scans() -> Scans:
    """Spot twice, at points of its own, a motion apart."""
    params = build(RegistrationParams, {"target": "t", "points": 500, "noise": 0.0})
    return make_scans(params, {"target": SPOT}, np.random.default_rng(0))


@pytest.mark.parametrize(
    ("method", "estimation"),
    [
        (PointToPoint, o3d.pipelines.registration.TransformationEstimationPointToPoint()),
        (PointToPlane, o3d.pipelines.registration.TransformationEstimationPointToPlane()),
    ],
)
def test_icp_ends_where_open3d_s_does(method, estimation) -> None:
    scans = two_scans()
    ours = method(scans, Neighbourhood(scans.source, scans.target), np.eye(4))
    settings = Settings(Rules(reach=0.5), 0.0)
    for _ in range(100):
        ours.advance(ours.look(), settings)
    clouds = [o3d.geometry.PointCloud(o3d.utility.Vector3dVector(p)) for p in (scans.source, scans.target)]
    clouds[1].normals = o3d.utility.Vector3dVector(scans.target_normals)
    criteria = o3d.pipelines.registration.ICPConvergenceCriteria(1e-12, 1e-12, 200)
    theirs = o3d.pipelines.registration.registration_icp(*clouds, 0.5, np.eye(4), estimation, criteria)
    assert np.allclose(ours.pose, theirs.transformation, atol=1e-6)
    assert ours.look().rmse(Rules(reach=0.5)) == pytest.approx(theirs.inlier_rmse, rel=1e-5)
    assert np.allclose(ours.pose, scans.truth, atol=0.03)


def test_point_to_point_never_gets_worse() -> None:
    """Besl and McKay's theorem: with all pairs, neither of its two halves can raise the distance."""
    distances = run(**only("point_to_point"), angle=140.0, reach=100.0).metric("point_to_point")
    assert (np.diff(distances) <= 1e-9).all()


def test_without_pairs_in_reach_the_local_methods_stay() -> None:
    far = run(**only("point_to_point", "point_to_plane", "gradient"), shift_x=100.0, reach=0.5, steps=3)
    assert far.metric(rotation_metric("gradient")) == pytest.approx([25.0] * 4)
    assert len(set(far.metric("point_to_point"))) == 1


# --- all of them ----------------------------------------------------------------------------------------------------


def test_all_methods_find_a_small_motion() -> None:
    small = run(points=1000, steps=110, noise=0.1)
    for key in METHODS:
        assert small.metric(rotation_metric(key))[0] == pytest.approx(25.0)
        assert small.metric(rotation_metric(key))[-1] < 1.5, key
    assert small.notices == []
    assert small.metric("loss")[-1] == pytest.approx(min(small.metric(key)[-1] for key in METHODS), rel=0.1)


def test_only_the_global_method_finds_a_large_rotation_and_the_doctor_says_so() -> None:
    large = run(points=1000, steps=90, angle=150.0)
    assert large.metric(rotation_metric("features"))[-1] < 1.0
    for key in ("point_to_point", "point_to_plane"):
        assert large.metric(rotation_metric(key))[-1] > 30.0
    stuck = {notice.text.partition(" is stuck")[0] for notice in large.notices}
    assert stuck >= {METHODS["point_to_point"], METHODS["point_to_plane"]}
    assert METHODS["features"] not in stuck
    assert large.figures["Best method"] == METHODS["features"]


def test_trimming_saves_a_partial_overlap() -> None:
    presets = {preset.title: dict(preset.values) for preset in REGISTRATION.presets}
    chosen, more = only("point_to_plane"), {"steps": 60, "points": 1000}
    plain = run(**(presets["Partial overlap"] | chosen | more))
    trimmed = run(**(presets["Partial overlap, trimmed"] | chosen | more))
    assert plain.metric(rotation_metric("point_to_plane"))[-1] > 5.0
    assert trimmed.metric(rotation_metric("point_to_plane"))[-1] < 1.0


def test_metrics_are_the_declared_curves() -> None:
    metrics = run(steps=1).steps[-1].metrics
    assert {term.metric for term in REGISTRATION.terms} <= metrics.keys()
    some = run(steps=1, **only("gradient")).steps[-1].metrics
    assert set(some) == {"loss", "gradient", "gradient (weighted)", "gradient_rotation"}


def test_no_method_is_told() -> None:
    with pytest.raises(ExperimentError, match="No method"):
        run(**only())


# --- two scans of the person's own ----------------------------------------------------------------------------------


def moved_spot(angle: float, origin: np.ndarray) -> tuple[Mesh, np.ndarray]:
    """Spot elsewhere, far from zero, and the motion that brings it back."""
    motion = se3.matrix(so3.exp(np.radians(angle) * np.array([0.6, 0.0, 0.8])), [0.2, -0.1, 0.3])
    verts = se3.apply(motion, SPOT.verts)
    return Mesh(verts.astype(np.float32), SPOT.faces, colors=np.full((len(verts), 3), 0.5), origin=origin), motion


def test_given_scans_come_back_whole_and_the_matrix_is_of_the_world() -> None:
    origin = np.array([1000.0, 0.0, -2000.0])
    source, motion = moved_spot(130.0, origin)
    target = Mesh(SPOT.verts, SPOT.faces, origin=origin)
    found = run(inputs={"source": source, "target": target}, points=1000, steps=30, kept=(30,))
    matrix = matrix_of(found.figures)
    world = source.verts + source.origin
    there = se3.apply(matrix, world) - target.origin
    assert np.abs(there - SPOT.verts).max() < 0.03
    aligned = found.outcomes[0].entities["aligned"]
    assert isinstance(aligned, Mesh)
    assert np.allclose(aligned.verts + aligned.origin, se3.apply(matrix, world), atol=1e-3)
    assert aligned.colors is not None
    assert "True rotation (°)" not in found.figures
    assert rotation_metric("features") not in found.steps[0].metrics
    assert isinstance(found.snapshots[30]["aligned"], Mesh)
    angle = so3.angle(matrix[:3, :3] @ motion[:3, :3])
    assert np.degrees(angle) < 1.0


def test_start_centred_brings_far_scans_together() -> None:
    far = replace(SPOT, verts=SPOT.verts + np.float32(40.0))
    chosen = only("point_to_plane")
    start = run(inputs={"source": far, "target": SPOT}, start="centred", steps=20, **chosen)
    assert start.metric("point_to_plane")[-1] < 0.05
    assert start.figures["Overlap"] > 0.75
    assert run(inputs={"source": far, "target": SPOT}, steps=20, **chosen).figures["Overlap"] < 0.1


def test_moved_geometry_keeps_its_shape_and_turns_its_normals() -> None:
    cloud = Points(SPOT.verts[:50], normals=np.tile([0.0, 0.0, 1.0], (50, 1)), vectors={"v": np.ones((50, 3))})
    motion = se3.matrix(so3.exp([np.pi / 2, 0.0, 0.0]), [1.0, 2.0, 3.0])
    moved = move_geometry(cloud, motion, np.array([10.0, 0.0, 0.0]))
    assert np.allclose(moved.normals, [0.0, -1.0, 0.0], atol=1e-6)
    assert np.allclose(moved.vectors["v"], [1.0, -1.0, 1.0], atol=1e-6)
    assert np.allclose(moved.verts + moved.origin, se3.apply(motion, cloud.verts), atol=1e-5)


def test_figures_of_a_motion_by_hand() -> None:
    quarter = se3.matrix(so3.exp([0.0, 0.0, np.pi / 2]), [1.0, 2.0, 3.0])
    figures = motion_figures(quarter)
    assert figures["Rotation (°)"] == pytest.approx(90.0)
    assert figures["Axis"] == "0.0000, 0.0000, 1.0000"
    assert [figures[f"t, {axis} (m)"] for axis in "xyz"] == [1.0, 2.0, 3.0]
    assert np.allclose([float(v) for v in str(figures["R, row 1"]).split()], [0.0, -1.0, 0.0])
    assert np.allclose(matrix_of(figures), quarter, atol=1e-8)
    assert motion_figures(np.eye(4))["Rotation (°)"] == 0.0


# --- as the lab runs it ---------------------------------------------------------------------------------------------


def test_resuming_gives_the_same_bytes() -> None:
    values = {"steps": 24, "rounds": 6, "angle": 60.0}
    first = run(kept=(0, 4, 15, 24), **values)
    for at in (0, 4, 15, 24):
        again = Run({**SMALL, **values}, {"target": SPOT}, resume=first.states[at], seed=77).make()
        assert [step.index for step in again.steps] == list(range(at, 25))
        for step in again.steps:
            assert step.metrics == first.steps[step.index].metrics
        assert again.figures == first.figures


def test_a_foreign_checkpoint_is_refused() -> None:
    with pytest.raises(ExperimentError, match="not one of a registration"):
        Run(SMALL, {"target": SPOT}, resume={"step": 3}).make()


def test_resuming_with_another_method_starts_that_one_at_the_beginning() -> None:
    first = run(steps=6, kept=(6,), **only("point_to_point"))
    values = {**SMALL, "steps": 8, **only("point_to_point", "gradient")}
    again = Run(values, {"target": SPOT}, resume=first.states[6]).make()
    assert again.metric("gradient_rotation")[0] == pytest.approx(25.0)
    assert again.metric("point_to_point")[0] == first.metric("point_to_point")[6]


def test_seeds_decide() -> None:
    runs = [Run({**SMALL, "steps": 4}, {"target": SPOT}, seed=seed).make() for seed in (1, 1, 2)]
    assert runs[0].metric("features") == runs[1].metric("features") != runs[2].metric("features")


def test_live_values_count_from_the_next_iteration_and_stop_is_obeyed() -> None:
    plain = run(steps=8)
    changed = Run({**SMALL, "steps": 8}, {"target": SPOT}, change={"learning_rate": 0.2, "robust": "Huber"}).make()
    assert changed.metric("gradient_rotation")[:4] == plain.metric("gradient_rotation")[:4]
    assert changed.metric("gradient_rotation")[5] != plain.metric("gradient_rotation")[5]
    stopped = Run({**SMALL}, {"target": SPOT}, stop_at=2).make()
    assert stopped.steps[-1].index == 2
    assert stopped.outcomes


def test_the_scene_shows_each_method_in_its_hue_over_one_target() -> None:
    shown = run(steps=2, kept=(0, 2)).snapshots
    assert set(shown[0]) == {"target scan", *(title.lower() for title in METHODS.values())}
    assert shown[0]["target scan"] is shown[2]["target scan"]
    hues = {tuple(shown[2][title.lower()].colors[0]) for title in METHODS.values()}
    assert len(hues) == len(METHODS)
    assert shown[0]["point to point"].colors is shown[2]["point to point"].colors
    starts = [shown[0][title.lower()].verts for title in METHODS.values()]
    assert all(np.array_equal(start, starts[0]) for start in starts)
    assert not np.array_equal(shown[2]["point to point"].verts, starts[0])


def test_the_made_source_lies_on_the_target_at_the_end() -> None:
    done = run(points=1000, steps=40, noise=0.0, **only("point_to_plane"))
    aligned = done.outcomes[0].entities["aligned"]
    scan = done.outcomes[0].entities["target scan"]
    assert isinstance(aligned, Points)
    gaps = np.linalg.norm((aligned.verts + aligned.origin)[:, None] - (scan.verts + scan.origin)[None], axis=2).min(
        axis=1
    )
    assert gaps.max() < 0.1
    shown = done.outcomes[0].entities["point to plane"]
    assert np.allclose(aligned.verts + aligned.origin, shown.verts + shown.origin, atol=1e-4)


def test_a_large_source_is_moved_as_a_whole_at_the_end_only(monkeypatch) -> None:
    source, _ = moved_spot(10.0, np.zeros(3))
    monkeypatch.setattr("lab.registration.experiment._MOVED_LIVE", len(source.verts) - 1)
    found = run(inputs={"source": source, "target": SPOT}, steps=2, kept=(2,), **only("point_to_plane"))
    assert "aligned" not in found.snapshots[2]
    assert len(found.outcomes[0].entities["aligned"].verts) == len(source.verts)


def test_warm_up_leaves_the_first_pairs_ready() -> None:
    warm_up()
    assert neighbours._query.signatures  # compiled, or loaded from the cache
