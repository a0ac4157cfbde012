"""The run "Volume from images", by both methods."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab.chapters.volumes.reconstruct import CLASSES, VOLUME, VolumeParams
from lab.experiment import ExperimentError
from lab.params import build
from lab.posed.make import Views, make_images
from lab.posed.save import save_images
from lab.scene import Field, Image, Lines, Mesh
from lab.volumes.reconstruct.experiment import course_options
from tests.lab.pose.runs_help import Made, example
from tests.lab.volumes.reconstruct.small_volumes import pictures

SMALL: dict[str, Any] = {"views": 8, "size": 32, "voxels": "32", "rays": 512, "steps": 24}
LOOP: dict[str, Any] = {**SMALL, "method": CLASSES, "points": 30, "batch": 3, "learning_rate": 0.3, "mask_weight": 1.0}


def made(values: dict[str, Any], **run: Any) -> Made:
    return Made(VOLUME, {"object": example("spot")}, {"object": "spot", **values}, **run)


@pytest.fixture(scope="module", params=[SMALL, LOOP], ids=["fused", "classes"])
def run(request: pytest.FixtureRequest) -> Made:
    return made(request.param, keep=(0, 10, 24)).make()


def test_held_out_views_get_better(run: Made) -> None:
    assert run.metric("psnr")[-1] > run.metric("psnr")[0] + 3
    assert run.metric("iou")[-1] > run.metric("iou")[0] + 0.2
    assert run.metric("ssim")[-1] > run.metric("ssim")[0]


def test_losses_add_up(run: Made) -> None:
    for step in run.steps[1:]:
        weighted = step.metrics["color (weighted)"] + step.metrics["mask (weighted)"]
        assert step.metrics["loss"] == pytest.approx(weighted)


def test_everything_is_shown(run: Made) -> None:
    shown = run.snapshots[24]
    assert isinstance(shown["field"], Field)
    assert isinstance(shown["slice planes"], Lines)
    for pane in VOLUME.pictures:
        assert isinstance(shown[pane.key], Image)
    assert not np.array_equal(shown["slices"].pixels, run.snapshots[0]["slices"].pixels)


def test_the_outcome_is_the_field_a_mesh_and_figures(run: Made) -> None:
    figures, entities = run.figures, run.outcomes[-1].entities
    assert 0.5 < figures["Mask IoU"] <= 1
    assert figures["Training views, PSNR (dB)"] > figures["All black (dB)"] + 2
    assert 0.5 < figures["Training views, mask IoU"] <= 1
    surface = entities["surface"]
    assert isinstance(surface, Mesh)
    assert len(surface.faces) > 100
    assert float(np.abs(surface.verts).max()) < 1.3
    assert {"rows", "density", "color"} <= set(run.outcomes[-1].arrays)


def test_it_goes_on_from_a_keyframe_with_equal_steps(run: Made) -> None:
    again = made(dict(run.values), resume=run.states[10]).make()
    assert again.steps[0].index == 10
    assert [step.metrics["loss"] for step in again.steps[1:]] == [step.metrics["loss"] for step in run.steps[11:]]
    assert again.figures["PSNR (dB)"] == run.figures["PSNR (dB)"]
    assert again.texts == ""  # what is said before the first step is not said again


def test_the_slices_follow_live_values() -> None:
    first = made({**SMALL, "steps": 1}, keep=(1,)).make().snapshots[1]
    moved = made({**SMALL, "steps": 1, "slice_x": 0.1, "slices_show": "opacity"}, keep=(1,)).make().snapshots[1]
    assert not np.array_equal(first["slices"].pixels, moved["slices"].pixels)
    assert moved["slice planes"].verts[0, 0] < first["slice planes"].verts[0, 0]


def test_the_course_s_preset_is_the_reference_s() -> None:
    values = next(preset.values for preset in VOLUME.presets if preset.title == "As the course has it")
    params = build(VolumeParams, values)
    found = course_options(params, pictures(24, 4))
    assert (found.voxels, found.voxel, found.center) == (128, 3.0 / 128, (0.0, 0.0, 0.0))
    assert (found.points, found.near, found.far) == (150, 0.1, 3.0)
    assert (found.first_density, found.batch, found.restart, found.huber) == (-4.0, 10, 225, True)
    assert (params.views, params.size, params.steps) == (40, 128, 300)
    assert (params.learning_rate, params.color_weight, params.mask_weight) == (0.1, 1.0, 1.0)


def test_depths_around_the_volume_hold_it() -> None:
    images = pictures(24, 6)
    found = course_options(build(VolumeParams, {"voxels": "32"}), images)
    for camera in images.cameras:
        assert found.near < -(images.lower - camera.center) @ camera.rotation[:, 2] < found.far
        assert found.near < -(images.upper - camera.center) @ camera.rotation[:, 2] < found.far
    middle = (images.lower + images.upper) / 2
    np.testing.assert_allclose(found.center, middle)
    assert 31 * found.voxel == pytest.approx(float((images.upper - images.lower).max()))


def test_without_masks_there_is_nothing_said_of_them() -> None:
    run = made({**LOOP, "masks": False, "steps": 2}).make()
    assert "mask" not in run.steps[-1].metrics
    assert not any("IoU" in name for name in run.figures)


def test_what_is_behind_is_learned_where_pictures_show_it(tmp_path: Path) -> None:
    views = Views(count=14, held_out=2, size=32, masks=False, background="grey", path="sphere")
    save_images(make_images(example("spot"), views), tmp_path / "mine")
    values = {**SMALL, "data": str(tmp_path / "mine"), "object": "", "masks": False}
    learned, black = (made({**values, "ground": ground}).make() for ground in ("learned", "black"))
    assert learned.figures["PSNR (dB)"] > black.figures["PSNR (dB)"] + 3


def test_what_cannot_be_is_said() -> None:
    with pytest.raises(ExperimentError, match="Near"):
        made({**LOOP, "near": 3.0, "far": 2.0}).make()
    with pytest.raises(ExperimentError, match="choose a mesh"):
        Made(VOLUME, {}, SMALL).make()
    with pytest.raises(ExperimentError, match="not one of the method “fused”"):
        made(SMALL, resume={"step": 3, "trainer": {"volume": {}}}).make()
    with pytest.raises(ExperimentError, match="not one of the method “PyTorch3D's classes”"):
        made(LOOP, resume={"step": 3}).make()


def test_a_volume_behind_all_cameras_is_refused() -> None:
    images = pictures(24, 4)
    camera = images.cameras[0]
    place = camera.center + 9.0 * camera.rotation[:, 2]
    behind = replace(images, lower=place - 1, upper=place + 1, cameras=(camera,) * len(images))
    with pytest.raises(ExperimentError, match="behind all cameras"):
        course_options(build(VolumeParams, {}), behind)


def test_samples_that_end_within_the_object_are_named() -> None:
    run = made({**LOOP, "depths": "near and far", "steps": 1}).make()
    assert "far side" in run.texts


def test_every_preset_can_begin() -> None:
    for preset in VOLUME.presets:
        values = {**preset.values, "size": 32, "views": 6, "steps": 1, "rays": 256, "voxels": "32", "points": 16}
        assert len(made(values).make().steps) == 2, preset.title
