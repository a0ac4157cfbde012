"""Tracking as an experiment: accuracy, loss and recovery, own footage, checkpoints, what is handed out."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import imageio.v2 as imageio
import numpy as np
import pytest

from lab.cameras.conventions import PyTorch3DCamera, from_pytorch3d
from lab.chapters.pose.tracking import FOLDER, SEARCH, TRACKING, VIDEO
from lab.experiment import ExperimentError
from lab.pose import paths
from lab.pose.camera_view import NEAR, Lens
from lab.pose.model import Model
from lab.pose.tracking import warm_up
from lab.scene import Image, Lines, Mesh, Points
from tests.lab.pose.runs_help import Made, example

SPOT = example("spot")
SMALL = {"mesh": "m", "size": 64, "frames": 24, "noise": 0.0}


def track(mesh: Mesh = SPOT, *, keep: tuple[int, ...] = (), resume=None, stop_at=None, seed=0, **values) -> Made:
    run = Made(TRACKING, {"mesh": mesh}, {**SMALL, **values}, seed, resume, stop_at, keep)
    return run.make()


def test_it_follows_an_orbit_from_a_first_pose_that_is_a_little_off() -> None:
    run = track()
    assert [step.index for step in run.steps] == list(range(25))
    assert max(run.metric("rotation_error")) < 2.5
    assert np.median(run.metric("distance_error")) < 0.5
    assert min(run.metric("iou")) > 0.9
    assert run.notices == []


@pytest.mark.parametrize("path", ["wobble", "random"])
def test_it_follows_other_paths_with_noise(path: str) -> None:
    run = track(path=path, noise=3.0, size=96)
    assert np.median(run.metric("rotation_error")) < 2.0
    assert max(run.metric("rotation_error")) < 8.0


def test_prediction_is_what_holds_a_fast_track() -> None:
    fast = {"speed": 20.0, "search": False, "frames": 24, "size": 128, "noise": 2.0}
    held, slipped = track(**fast), track(**fast, prediction=0.0)
    assert np.median(held.metric("rotation_error")) < 1.0
    assert held.figures["Lost"] == 0.0
    assert slipped.figures["Lost"] >= 1.0


def test_a_hidden_object_is_lost_and_found_again() -> None:
    run = track(hidden=10, frames=30, speed=6.0)
    lost = [step.index for step in run.steps if step.metrics["iou"] == 0.0]
    assert lost == list(range(10, 20))
    assert "cannot be seen in picture 10" in run.texts
    assert "Found again at picture 20" in run.texts
    assert max(run.metric("rotation_error")[20:]) < 5.0
    assert (run.figures["Lost"], run.figures["Found again"], run.figures["Pictures lost"]) == (1.0, 1.0, 10.0)


def test_without_search_it_stays_lost_when_the_motion_changed_meanwhile() -> None:
    away = {"path": "random", "speed": 15.0, "hidden": 16, "frames": 32, "prediction": 0.0}
    assert max(track(**away).metric("rotation_error")[-4:]) < 5.0
    stuck = track(**away, search=False)
    assert stuck.metric("rotation_error")[-1] > 10.0


def test_a_passing_bar_does_not_break_the_track() -> None:
    run = track(occlusion=12.0, frames=49, size=96, distance=2.4)
    assert np.median(run.metric("rotation_error")) < 1.5
    assert run.metric("rotation_error")[-1] < 3.0


def test_the_first_pose_can_be_searched() -> None:
    run = track(start=SEARCH, frames=3, size=96)
    assert run.metric("rotation_error")[0] < 3.0


# --- own footage ----------------------------------------------------------------------------------------------------


def filmed(views: np.ndarray) -> list[np.ndarray]:
    """(128, 128, 3) uint8 each: Spot on blue."""
    model, lens = Model.of(SPOT), Lens.of(50.0, (128, 128))
    pictures = []
    for view in views:
        drawn = lens.draw(model.shape, lens.pose(view, model), NEAR)
        rgb = np.where(drawn.seen[..., None], drawn.rgb, np.array([0.1, 0.2, 0.7]))
        pictures.append(np.round(255 * rgb).astype(np.uint8))
    return pictures


def test_a_video_is_tracked_and_ends_where_it_ends(tmp_path: Path) -> None:
    """Spot is slim and asymmetric enough from here that its outline alone tells the view."""
    views = paths.orbit(8, 4.0, 3.0)
    file = tmp_path / "spot.mp4"
    with imageio.get_writer(file, fps=10, quality=9) as writer:
        for picture in filmed(views):
            writer.append_data(picture)
    run = track(source=VIDEO, video=str(file), frames=50, size=96)
    assert [step.index for step in run.steps] == list(range(8))
    assert run.steps[-1].last
    assert "rotation_error" not in run.steps[-1].metrics
    assert min(run.metric("iou")) > 0.9
    found = np.array([frame["cameras"]["camera_to_world"] for frame in run.document["frames"]])
    steps = [np.degrees(np.arccos((np.trace(b[:3, :3].T @ a[:3, :3]) - 1) / 2)) for a, b in pairwise(found)]
    assert np.median(steps) == pytest.approx(4.0, abs=0.8)


def test_a_folder_is_read(tmp_path: Path) -> None:
    for number, picture in enumerate(filmed(paths.orbit(2, 4.0, 3.0))):
        imageio.imwrite(tmp_path / f"{number}.png", picture)
    run = track(source=FOLDER, video=str(tmp_path / "0.png"), size=64)
    assert len(run.steps) == 2
    with pytest.raises(ExperimentError, match="No picture is chosen"):
        track(source=FOLDER)


# --- checkpoints and what is handed out -----------------------------------------------------------------------------


@pytest.mark.parametrize("at", [0, 13])
def test_a_resumed_run_makes_the_same_steps(at: int) -> None:
    values = {"hidden": 4, "noise": 2.0, "frames": 20}
    whole = track(keep=(at,), **values)
    rest = track(resume=whole.states[at], **values)
    assert rest.steps[0].index == at
    assert [dict(s.metrics) for s in rest.steps] == [dict(s.metrics) for s in whole.steps[at:]]
    assert rest.document == whole.document


def test_a_foreign_checkpoint_is_told() -> None:
    with pytest.raises(ExperimentError, match="not one of a track"):
        track(resume={"step": 3})


def test_stop_ends_with_an_outcome() -> None:
    run = track(stop_at=5)
    assert run.steps[-1].index == 5
    assert run.figures["Pictures"] == 6.0


def test_the_metrics_are_the_declared_curves() -> None:
    metrics = track(frames=1).steps[-1].metrics
    assert {term.metric for term in TRACKING.terms} <= metrics.keys()
    assert metrics["loss"] == pytest.approx(metrics["outline (weighted)"] + metrics["color (weighted)"])


def test_what_is_shown() -> None:
    run = track(keep=(6,), frames=6, hidden=0)
    scene = run.snapshots[6]
    assert scene[TRACKING.result] is SPOT
    for pane in TRACKING.pictures:
        assert isinstance(scene[pane.key], Image)
        assert scene[pane.key].pixels.shape == (64, 64, 3)
    trail, path = scene["trail"], scene["true path"]
    assert isinstance(trail, Lines)
    assert isinstance(path, Lines)
    assert np.linalg.norm(trail.verts[6] - path.verts[6]) < 0.1  # the seventh camera stands where it was


def test_the_document_has_the_cameras_in_the_world() -> None:
    far = Mesh(SPOT.verts, SPOT.faces, origin=np.array([5000.0, 0.0, -200.0]))
    run = track(far, frames=3, size=96)
    assert json.loads(json.dumps(run.document))["frames"][3]["frame"] == 3
    cameras = run.document["frames"][3]["cameras"]
    other = cameras["PyTorch3D"]
    camera = from_pytorch3d(
        PyTorch3DCamera(
            np.array(other["R"]), np.array(other["T"]), np.array(other["focal_length"]),
            np.array(other["principal_point"]), (96, 96), True, False,
        )
    )  # fmt: skip
    assert camera.c2w == pytest.approx(np.array(cameras["camera_to_world"]), abs=1e-6)
    middle = (SPOT.verts.min(axis=0) + SPOT.verts.max(axis=0)) / 2 + far.origin
    ahead = middle - camera.center
    assert ahead / np.linalg.norm(ahead) == pytest.approx(-camera.rotation[:, 2], abs=0.02)


def test_a_cloud_is_refused() -> None:
    cloud = Points(SPOT.verts)
    with pytest.raises(ExperimentError, match="point cloud"):
        track(cloud)  # type: ignore[arg-type]


def test_the_kernels_warm_up() -> None:
    warm_up()
