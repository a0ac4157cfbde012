"""The experiment "Body in a film": a made motion is found, smoothly; folders are read; it resumes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture

from lab.body.smplify import example
from lab.body.smplify.footage import BodyFootage
from lab.chapters.body.footage import FILM, FOLDER, FOOTAGE, FootageParams
from lab.experiment import ExperimentError, Notice, Outcome, RunContext, Step
from lab.params import build
from lab.run.state import freeze, thaw
from lab.scene import Mesh


class Run:
    def __init__(self, values: dict[str, Any], resume: Any = None) -> None:
        self.notices: list[Notice] = []
        self.outcomes: list[Outcome] = []
        self.steps: list[Step] = []
        self.states: list[Any] = []
        params = build(FootageParams, values)
        ctx = RunContext(
            {}, "cpu", 1, params, resume, lambda *_: None, lambda: None, self.notices.append, self.outcomes.append
        )
        for step in BodyFootage().run(params, ctx):
            self.steps.append(step)
            self.states.append(thaw(freeze(step.state())))
            self.last = step.snapshot()


@pytest.fixture(scope="module")
def walk() -> Run:
    return Run({"frames": 8})


def test_a_made_walk_is_found_and_smooth(walk: Run) -> None:
    figures = walk.outcomes[-1].figures
    assert figures["Pictures"] == 9
    assert float(figures["Error (mm)"]) < 50.0
    assert float(figures["Acceleration (m/s²)"]) < 0.7 * float(figures["Acceleration (m/s²), before"])
    assert float(figures["Mean residual (px)"]) < 5.0


def test_the_arrays_have_amass_s_names(walk: Run) -> None:
    arrays = walk.outcomes[-1].arrays
    assert np.shape(arrays["poses"]) == (9, 72)
    assert np.shape(arrays["trans"]) == (9, 3)
    assert np.shape(arrays["betas"]) == (10,)
    assert arrays["gender"] == "neutral"
    assert float(arrays["mocap_framerate"]) > 1.0  # type: ignore[arg-type]


def test_the_pictures_and_the_loss_are_those_of_the_declaration(walk: Run) -> None:
    assert isinstance(walk.last["body"], Mesh)
    assert {pane.key for pane in FOOTAGE.pictures} <= walk.last.keys()
    for step in walk.steps:
        weighted = [value for name, value in step.metrics.items() if name.endswith("(weighted)")]
        assert step.metrics["loss"] == pytest.approx(sum(weighted))
        assert {term.metric for term in FOOTAGE.terms} <= step.metrics.keys()


def test_a_resumed_run_goes_on_as_it_would_have(walk: Run) -> None:
    again = Run({"frames": 8}, resume=walk.states[4])
    assert again.steps[0].index == 4
    assert [step.metrics["loss"] for step in again.steps] == pytest.approx(
        [step.metrics["loss"] for step in walk.steps[4:]]
    )


def folder_of(path: Path, count: int, nobody: tuple[int, ...] = ()) -> dict[str, Any]:
    """The example's photo ``count`` times, with its joints; in some of them nobody is seen."""
    path.mkdir(exist_ok=True)
    with Picture.open(example.PHOTO) as photo:
        small = photo.convert("RGB")
        for number in range(count):
            small.save(path / f"{number:03}.png")
            joints = json.loads(example.KEYPOINTS.read_text("utf-8"))
            if number in nobody:
                joints["people"] = []
            (path / f"{number:03}_keypoints.json").write_text(json.dumps(joints))
    return {"source": FOLDER, "path": str(path / "000.png"), "keypoints": str(path / "000_keypoints.json")}


def test_a_folder_of_pictures_with_joints_is_read_and_gaps_are_bridged(tmp_path: Path) -> None:
    run = Run({**folder_of(tmp_path / "film", 4, nobody=(2,)), "frames": 10})
    assert run.outcomes[-1].figures["Pictures"] == 4
    assert any("nobody was found" in notice.text for notice in run.notices)
    poses = np.asarray(run.outcomes[-1].arrays["poses"])
    assert np.abs(poses[2] - poses[1]).max() < 0.2


def test_what_is_no_film_is_refused_in_a_sentence(tmp_path: Path) -> None:
    bad = tmp_path / "film.mp4"
    bad.write_bytes(b"nothing")
    for values, words in (
        ({"source": FILM}, "No film is chosen"),
        ({"source": FILM, "path": str(tmp_path / "gone.mp4")}, "not there any more"),
        ({"source": FILM, "path": str(bad)}, "cannot be read as a video"),
        ({"source": FOLDER, "path": str(bad)}, "holds no pictures"),
    ):
        with pytest.raises(ExperimentError, match=words):
            Run(values)


def test_presets_can_be_built() -> None:
    for preset in FOOTAGE.presets:
        build(FootageParams, preset.values)
