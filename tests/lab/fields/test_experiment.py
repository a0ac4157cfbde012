"""The run of the instant field, from pictures to a verdict."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lab.chapters.fields.nerf import NERF
from lab.experiment import ExperimentError
from lab.scene import Field, Image, Mesh
from tests.lab.pose.runs_help import Made, example

SMALL = {"views": 12, "size": 40, "cells": "64", "rays": 512, "steps": 45}


def made(**values: Any) -> Made:
    chosen = {"object": "spot", **SMALL, **values}
    keep = chosen.pop("keep", ())
    resume = chosen.pop("resume", None)
    stop_at = chosen.pop("stop_at", None)
    return Made(NERF, {"object": example("spot")}, chosen, keep=keep, resume=resume, stop_at=stop_at)


def losses(run: Made) -> list[float]:
    return [step.metrics.get("loss", 0.0) for step in run.steps]


@pytest.fixture(scope="module")
def run() -> Made:
    return made(keep=(0, 20, 45)).make()


def test_the_field_appears_out_of_fog(run: Made) -> None:
    fog, clear = (run.snapshots[step]["field"] for step in (0, 45))
    assert isinstance(fog, Field)
    assert isinstance(clear, Field)
    assert float(np.ptp(fog.density.astype(float))) == 0.0
    assert float(clear.density.max()) > 0.0 > float(clear.density.min())


def test_held_out_views_get_better(run: Made) -> None:
    psnr = run.metric("psnr")
    assert psnr[-1] > psnr[0] + 8
    assert psnr[-1] > run.figures["All black (dB)"] + 5


def test_losses_add_up(run: Made) -> None:
    for step in run.steps[1:]:
        metrics = step.metrics
        assert metrics["loss"] == pytest.approx(metrics["color (weighted)"] + metrics["mask (weighted)"])
        assert metrics["mask (weighted)"] == pytest.approx(0.5 * metrics["mask"])


def test_the_verdict_is_handed_over(run: Made) -> None:
    figures = run.figures
    assert figures["Held-out views"] == 8
    assert figures["Steps"] == 45
    assert 0 < figures["SSIM"] < 1
    assert isinstance(run.outcomes[0].entities["field"], Field)
    steps, psnr = run.outcomes[0].curves["PSNR over steps"]
    assert list(steps[:4]) == [0, 5, 10, 20]
    assert psnr[-1] > psnr[0]


def test_the_shown_view_stands_beside_its_truth(run: Made) -> None:
    shown = run.snapshots[45]
    view, truth, difference = (shown[name] for name in ("view", "truth", "difference"))
    assert isinstance(view, Image)
    assert view.pixels.shape == truth.pixels.shape == (40, 40, 3)
    apart = np.abs(view.pixels.astype(int) - truth.pixels)
    np.testing.assert_allclose(difference.pixels, np.minimum(4 * apart, 255), atol=5)


def test_there_is_a_frustum_for_each_training_camera(run: Made) -> None:
    assert len(run.snapshots[0]["cameras"].verts) == 12 * 9


def test_it_goes_on_from_a_keyframe(run: Made) -> None:
    again = made(resume=run.states[20]).make()
    assert again.steps[0].index == 20
    assert losses(again)[1:] == losses(run)[21:]
    assert again.figures["PSNR (dB)"] == run.figures["PSNR (dB)"]


def test_stopping_judges_what_there_is() -> None:
    run = made(stop_at=7).make()
    assert run.steps[-1].index == 7
    assert run.figures["Steps"] == 7


def test_noise_of_the_cameras_costs_sharpness() -> None:
    exact, noisy = (made(camera_noise=noise).make().figures["PSNR (dB)"] for noise in (0.0, 4.0))
    assert noisy < exact - 1


def test_own_pictures_are_taken_from_a_folder(tmp_path: Path) -> None:
    from lab.posed.make import Views, make_images
    from lab.posed.save import save_images

    save_images(make_images(example("spot"), Views(count=14, held_out=2, size=40)), tmp_path / "mine")
    run = made(data=str(tmp_path / "mine"), object="", steps=10).make()
    assert run.steps[-1].metrics["psnr"] > run.steps[0].metrics["psnr"]


def test_what_cannot_be_is_said(tmp_path: Path) -> None:
    with pytest.raises(ExperimentError, match="choose a mesh"):
        Made(NERF, {}, SMALL).make()
    with pytest.raises(ExperimentError):
        made(data=str(tmp_path)).make()
    with pytest.raises(ExperimentError, match="not one of a radiance field"):
        made(resume={"step": 3}).make()


def test_every_preset_can_begin() -> None:
    mesh = example("spot")
    assert isinstance(mesh, Mesh)
    for preset in NERF.presets:
        values = {**preset.values, "object": "spot", "size": 32, "views": 6, "steps": 1, "rays": 256, "budget": 0.0}
        assert len(Made(NERF, {"object": mesh}, values).make().steps) == 2, preset.title


def test_a_box_of_ones_own_is_where_the_field_is() -> None:
    corners = {"box": "my own", "lower": (0.4, -0.5, -0.3), "upper": (-0.4, 0.5, 0.3)}
    field = made(**corners, steps=1, keep=(0,)).make().snapshots[0]["field"]
    assert isinstance(field, Field)
    np.testing.assert_allclose((field.lower + field.upper) / 2, 0, atol=1e-9)
    assert np.all(field.upper - field.lower < [0.9, 1.1, 0.7])
    with pytest.raises(ExperimentError, match="no volume"):
        made(**{**corners, "lower": (-0.4, -0.5, -0.3)}, steps=1).make()
