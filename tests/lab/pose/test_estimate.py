"""The experiment "Find the camera": that it arrives, resumes bit by bit, reads photos, and speaks plainly."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture

from lab.cameras.conventions import PyTorch3DCamera, from_pytorch3d
from lab.chapter import find_experiment
from lab.chapters.pose.estimate import FREE, ONE_START, PHOTO, POSE, RANDOM, PoseParams
from lab.examples import example_path
from lab.experiment import ExperimentError, Notice, Outcome, RunContext, Step
from lab.formats.files import read
from lab.params import build
from lab.pose.experiment import EstimatePose
from lab.pose.model import Model
from lab.pose.scenes import focal_of, hidden_pose, see
from lab.scene import Geometry, Image, Lines, Mesh, Points, Snapshot


class Run:
    """A run in this process, with what it has said."""

    def __init__(self, mesh: Geometry, *, seed: int = 3, resume: Any = None, **values: Any) -> None:
        self.params = build(PoseParams, {"mesh": "mesh", **values})
        self.notices: list[Notice] = []
        self.outcomes: list[Outcome] = []
        self.snapshots: list[Snapshot] = []
        self.states: list[Any] = []
        self.context = RunContext(
            {"mesh": mesh},
            "cpu",
            seed,
            self.params,
            resume,
            lambda fraction, text: None,
            lambda: None,
            self.notices.append,
            self.outcomes.append,
        )

    def make(self, *, stop_at: int | None = None) -> list[Step]:
        steps = []
        for step in EstimatePose().run(self.params, self.context):
            steps.append(step)
            self.snapshots.append(step.snapshot())
            self.states.append(step.state())
            self.context.stop_requested = step.index == stop_at
        return steps


@pytest.fixture(scope="module")
def bob() -> Geometry:
    return read(str(example_path("bob"))).entity


@pytest.fixture(scope="module")
def searched(bob: Geometry) -> tuple[Run, list[Step]]:
    run = Run(bob)
    return run, run.make()


def test_the_search_finds_the_hidden_camera(searched: tuple[Run, list[Step]]) -> None:
    run, steps = searched
    figures = run.outcomes[0].figures
    assert float(figures["Rotation error (°)"]) < 1.0
    assert float(figures["Distance error (%)"]) < 1.0
    assert float(figures["IoU"]) > 0.98
    assert [step.index for step in steps] == list(range(len(steps)))
    assert steps[-1].last
    assert len(steps) < 40
    assert steps[0].metrics["rotation error (°)"] > 20.0 > 1.0 > steps[-1].metrics["rotation error (°)"]
    assert not [notice for notice in run.notices if notice.level == "warning"]


def test_what_is_shown(searched: tuple[Run, list[Step]], bob: Geometry) -> None:
    run, _ = searched
    shown = run.snapshots[-1]
    assert shown["object"] is bob
    assert all(isinstance(shown[name], Lines) for name in ("camera", "true camera", "trail"))
    assert isinstance(shown["starts"], Points)
    assert "overlap" in shown["starts"].scalars
    for pane in POSE.pictures:
        image = shown[pane.key]
        assert isinstance(image, Image)
        assert image.pixels.shape == (128, 128, 3)
    assert shown["target"] is run.snapshots[0]["target"]
    camera, true = shown["camera"], shown["true camera"]
    assert isinstance(camera, Lines)
    assert isinstance(true, Lines)
    assert camera.verts == pytest.approx(true.verts, abs=0.05)


def test_the_document_has_the_camera_in_every_convention(searched: tuple[Run, list[Step]]) -> None:
    document = json.loads(json.dumps(searched[0].outcomes[0].document))
    found, true = document["camera"], document["true camera"]
    assert {"PyTorch3D", "OpenCV", "OpenGL", "Blender"} <= found.keys()
    p = found["PyTorch3D"]
    back = from_pytorch3d(
        PyTorch3DCamera(
            np.array(p["R"]), np.array(p["T"]), np.array(p["focal_length"]), np.array(p["principal_point"]),
            (128, 128), True, False,
        )
    )  # fmt: skip
    assert back.center == pytest.approx(found["position"])
    assert found["position"] == pytest.approx(true["position"], abs=0.05)


@pytest.mark.parametrize("values", [{}, {"method": ONE_START, "rgb_weight": 0.1, "size": 64}])
def test_a_run_goes_on_from_its_checkpoint(bob: Geometry, values: dict[str, Any]) -> None:
    first = Run(bob, **values)
    steps = first.make(stop_at=14)
    second = Run(bob, resume=first.states[9], **values)
    again = second.make(stop_at=14)
    assert [step.index for step in again] == [9, 10, 11, 12, 13, 14]
    for one, other in zip(steps[9:], again, strict=True):
        assert dict(one.metrics) == dict(other.metrics)
    last, same = first.snapshots[-1]["trail"], second.snapshots[-1]["trail"]
    assert isinstance(last, Lines)
    assert isinstance(same, Lines)
    assert np.array_equal(last.verts, same.verts)


def test_the_courses_run_on_its_own_cow_stops_where_the_book_does() -> None:
    """REFERENCE III.2, texture, without perspective errors: stops at step 72 below 800, near (0, 2.36, 2.02)."""
    values = next(p for p in POSE.presets if p.title == "The book, texture").values
    run = Run(read(str(example_path("spot"))).entity, **{**values, "size": 128, "stop_below": 200.0})
    steps = run.make()
    assert 66 <= len(steps) - 1 <= 78
    assert steps[-1].last
    position = run.outcomes[0].document["camera"]["position"]
    assert position == pytest.approx([0.0, 2.36, 2.0], abs=0.2)


def test_all_of_se3_with_adam(bob: Geometry) -> None:
    start: dict[str, Any] = {
        "start_x": 2.9,
        "start_y": 0.9,
        "start_z": -1.6,
        "learning_rate": 0.02,
        "coarse_to_fine": True,
    }
    run = Run(bob, method=ONE_START, variables=FREE, roll=10.0, sigma=2e-5, steps=150, **start)
    run.make()
    assert float(run.outcomes[0].figures["Rotation error (°)"]) < 3.0


def test_a_huge_object_far_away_is_found_in_its_own_coordinates(bob: Geometry) -> None:
    assert isinstance(bob, Mesh)
    big = replace(bob, verts=bob.verts * np.float32(500.0), origin=np.array([1e4, 0.0, -2e4]))
    run = Run(big, hidden=RANDOM)
    run.make()
    found, true = (run.outcomes[0].document[key]["position"] for key in ("camera", "true camera"))
    assert found == pytest.approx(true, abs=40.0)
    assert np.linalg.norm(np.array(found) - [1e4, 0.0, -2e4]) < 10_000.0


def photo_of(mesh: Geometry, folder: Path) -> tuple[str, str]:
    """A photo and its mask, 200 x 150 pixels, through a camera of 40 degrees."""
    model = Model.of(mesh)
    pose = hidden_pose(4.5, 25.0, 60.0, -15.0, model.center, focal_of(40.0))
    seen = see(model, pose, (150, 200), (0.1, 0.2, 0.9))
    assert seen.rgb is not None
    Picture.fromarray((seen.rgb * 255).astype(np.uint8)).save(folder / "photo.png")
    Picture.fromarray((seen.mask * 255).astype(np.uint8)).save(folder / "mask.png")
    return str(folder / "photo.png"), str(folder / "mask.png")


@pytest.mark.parametrize("way", ["file", "background colour"])
def test_a_photo_and_its_mask(bob: Geometry, tmp_path: Path, way: str) -> None:
    photo, mask = photo_of(bob, tmp_path)
    run = Run(bob, target=PHOTO, photo=photo, mask=mask if way == "file" else "", mask_by=way, fov=40.0, size=192)
    run.make()
    model = Model.of(bob)
    true = hidden_pose(4.5, 25.0, 60.0, -15.0, model.center, focal_of(40.0)).center
    found = run.outcomes[0].document["camera"]["position"]
    assert run.outcomes[0].document["camera"]["image_size"] == [150, 200], "in the photo's own pixels"
    K = np.array(run.outcomes[0].document["camera"]["OpenCV"]["K"])
    short = 75 / np.tan(np.radians(20.0))
    assert np.allclose(np.diag(K), [short, short, 1], rtol=1e-6)
    assert np.allclose(K[:2, 2], [100, 75])
    assert float(run.outcomes[0].figures["IoU"]) > 0.95
    assert found == pytest.approx(true, abs=0.2)
    assert "true camera" not in run.outcomes[0].document


def wrong(mesh: Geometry, **values: Any) -> str:
    with pytest.raises(ExperimentError) as raised:
        Run(mesh, **values).make()
    return str(raised.value)


def test_bad_input_gets_a_sentence(bob: Geometry, tmp_path: Path) -> None:
    photo, _ = photo_of(bob, tmp_path)
    Picture.fromarray(np.zeros((20, 30), np.uint8)).save(tmp_path / "small.png")
    Picture.fromarray(np.zeros((150, 200), np.uint8)).save(tmp_path / "empty.png")
    (tmp_path / "text.png").write_text("no picture")
    assert isinstance(bob, Mesh)
    assert "point cloud" in wrong(Points(bob.verts))
    assert "no faces" in wrong(Mesh(bob.verts, np.zeros((0, 3), np.int32)))
    assert "no extent" in wrong(Mesh(bob.verts * 0, bob.faces))
    assert "no photo" in wrong(bob, target=PHOTO)
    assert "text.png" in wrong(bob, target=PHOTO, photo=str(tmp_path / "text.png"))
    sizes = wrong(bob, target=PHOTO, photo=photo, mask=str(tmp_path / "small.png"))
    assert "30 x 20" in sizes
    assert "200 x 150" in sizes
    assert "empty" in wrong(bob, target=PHOTO, photo=photo, mask=str(tmp_path / "empty.png"))
    assert "within the object" in wrong(replace(bob, verts=bob.verts * np.float32(3.0)), distance=0.5)
    assert "checkpoint" in wrong(bob, resume={"step": 1})


def test_faces_that_are_wound_inwards_are_told_of(bob: Geometry) -> None:
    assert isinstance(bob, Mesh)
    flipped = replace(bob, faces=np.ascontiguousarray(bob.faces[:, ::-1]), normals=None)
    run = Run(flipped, steps=1)
    run.make()
    assert any("inwards" in notice.text for notice in run.notices)
    assert Model.of(flipped).shape.colors.mean() == pytest.approx(Model.of(bob).shape.colors.mean(), abs=0.05)


def test_without_overlap_the_run_says_so(bob: Geometry) -> None:
    """Seen from the other side, what stands left of the origin stands right of it."""
    far = replace(bob, origin=np.array([2.4, 0.0, 0.0]))
    aside: dict[str, Any] = {
        "looks_at": "origin",
        "distance": 8.0,
        "elevation": 0.0,
        "azimuth": 0.0,
        "roll": 0.0,
        "size": 64,
    }
    run = Run(far, method=ONE_START, steps=1, start_x=0.0, start_y=0.1, start_z=-8.0, **aside)
    run.make()
    assert [notice.text for notice in run.notices if "no overlap between the silhouettes" in notice.text]


def test_the_declaration_holds_together() -> None:
    assert find_experiment("pose") is POSE
    assert isinstance(POSE.load(), EstimatePose)
    for preset in POSE.presets:
        build(PoseParams, preset.values)
