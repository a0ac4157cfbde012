"""The experiment "Body from a photo": that it finds the example, resumes, and speaks plainly."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Picture

from lab.body.joint_model import JointModel
from lab.body.library import load_body
from lab.body.smplify import example
from lab.body.smplify.errors import error
from lab.body.smplify.experiment import Smplify
from lab.chapter import ASSETS, ExperimentActivity
from lab.chapters.body.smplify import GIVEN, SMPLIFY, SmplifyParams
from lab.experiment import ExperimentError, Notice, Outcome, RunContext, Step
from lab.params import build
from lab.run.state import freeze, thaw
from lab.scene import Image, Lines, Mesh, Snapshot
from ui.lessons.text import Equation, parse


@dataclass
class Run:
    """A run in this process, with what it has said."""

    values: dict[str, Any] = field(default_factory=dict)
    resume: Any = None
    stop_at: int | None = None
    activity: ExperimentActivity = SMPLIFY
    steps: list[Step] = field(default_factory=list)
    states: list[Any] = field(default_factory=list)
    snapshots: list[Snapshot] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def make(self) -> Run:
        params = build(self.activity.params, self.values)
        ctx = RunContext(
            {}, "cpu", 1, params, self.resume, lambda *_: None, lambda: None, self.notices.append,
            self.outcomes.append,
        )  # fmt: skip
        for step in Smplify().run(params, ctx):
            self.steps.append(step)
            self.states.append(thaw(freeze(step.state())))
            self.snapshots.append(step.snapshot())
            ctx.stop_requested = step.index == self.stop_at
        return self


@pytest.fixture(scope="module")
def run() -> Run:
    return Run().make()


def test_the_first_click_finds_the_example(run: Run) -> None:
    model = JointModel(load_body("neutral"))
    pose, transl, betas = example.truth()
    true = model.forward(betas, pose, transl).points
    found = run.outcomes[-1].arrays
    points = model.forward(found["betas"], np.asarray(found["poses"])[0], found["transl"]).points
    assert error(points, true) < 80.0
    assert run.outcomes[-1].figures["Mean residual (px)"] < 5.0
    assert run.outcomes[-1].figures["Facing"] == "towards the camera"


def test_the_body_stands_up_stage_by_stage(run: Run) -> None:
    stages = [step.metrics["stage"] for step in run.steps]
    assert stages == sorted(stages)
    assert set(stages) == {1.0, 2.0, 3.0, 4.0}
    assert len(run.steps) > 10
    residuals = [step.metrics["mean residual (px)"] for step in run.steps]
    assert residuals[-1] < 0.1 * residuals[0]
    last = [step.metrics["loss"] for step in run.steps if step.metrics["stage"] == 4.0]
    assert all(b <= a * (1 + 1e-9) for a, b in pairwise(last))
    assert run.steps[-1].last


def test_the_loss_is_the_sum_of_the_weighted_terms(run: Run) -> None:
    for step in run.steps:
        terms = [value for name, value in step.metrics.items() if name.endswith("(weighted)")]
        assert len(terms) == 5
        assert step.metrics["loss"] == pytest.approx(sum(terms))


def test_a_snapshot_has_the_body_on_the_floor_and_both_pictures(run: Run) -> None:
    shown = run.snapshots[-1]
    body = shown["body"]
    assert isinstance(body, Mesh)
    assert float(body.verts[:, 1].min()) == pytest.approx(0.0, abs=0.05)
    assert body.faces is run.snapshots[0]["body"].faces  # type: ignore[union-attr]
    assert isinstance(shown["camera"], Lines)
    for pane in SMPLIFY.pictures:
        assert isinstance(shown[pane.key], Image)


def test_the_overlay_covers_the_person_of_the_photo(run: Run) -> None:
    image = run.snapshots[-1]["overlay"]
    first = run.snapshots[0]["overlay"]
    assert isinstance(image, Image)
    assert isinstance(first, Image)
    wall = np.rint(255 * np.array(example.BACKDROP)).astype(int)

    def covered(pixels: np.ndarray) -> int:
        return int((np.abs(pixels.astype(int) - wall).max(axis=-1) > 6).sum())

    assert covered(image.pixels) < covered(first.pixels)  # photo and body are one figure at the end


def test_a_resumed_run_goes_on_as_it_would_have(run: Run) -> None:
    at = len(run.steps) // 2
    again = Run(resume=run.states[at]).make()
    assert again.steps[0].index == at
    assert [step.metrics for step in again.steps] == [step.metrics for step in run.steps[at:]]


def test_a_run_that_is_stopped_has_a_result() -> None:
    stopped = Run(stop_at=2).make()
    assert len(stopped.steps) == 3
    assert "E_J" in stopped.outcomes[-1].figures


def test_what_one_view_cannot_know_is_told(run: Run) -> None:
    outcome = run.outcomes[-1]
    assert "Facing margin" in outcome.figures
    drawn = [name for name in outcome.entities if name.startswith("other answer")]
    assert len(drawn) == min(3, outcome.figures["Other answers"])
    json.dumps(outcome.document)
    assert len(outcome.document["residuals (px)"]) >= 20


def test_every_figure_is_explained(run: Run) -> None:
    for label in run.outcomes[-1].figures:
        known = any(label.startswith(start) for start in SMPLIFY.figures)
        assert known or label in ("Focal length", "Steps") or label.startswith("Other answer"), label


def test_as_published_and_a_given_focal_length() -> None:
    preset = next(preset for preset in SMPLIFY.presets if preset.title == "As published")
    published = Run({**preset.values, "steps": 3}).make()
    assert str(published.outcomes[-1].figures["Focal length"]).startswith("5000 px")
    given = Run({"focal_by": GIVEN, "focal": 700.0, "steps": 1, "many_starts": False}).make()
    assert str(given.outcomes[-1].figures["Focal length"]).startswith("700 px")


def photo(folder: Path) -> Path:
    path = folder / "wall.png"
    Picture.fromarray(np.full((60, 40, 3), 120, np.uint8)).save(path)
    return path


def refusal(**values: Any) -> str:
    with pytest.raises(ExperimentError) as caught:
        Run(values).make()
    return str(caught.value)


def test_what_cannot_be_used_is_refused_in_a_sentence(tmp_path: Path) -> None:
    image = photo(tmp_path)
    joints = tmp_path / "joints.json"
    assert "no photo" in refusal(keypoints=str(example.KEYPOINTS))
    joints.write_text('{"people": []}')
    assert "No person was found in joints.json" in refusal(image=str(image), keypoints=str(joints))
    two = np.zeros((25, 3))
    two[:3] = 10.0, 10.0, 1.0
    joints.write_text(json.dumps({"people": [{"pose_keypoints_2d": two.ravel().tolist()}]}))
    assert "needs at least 5" in refusal(image=str(image), keypoints=str(joints))
    assert "no person 2" in refusal(image=str(example.PHOTO), keypoints=str(example.KEYPOINTS), person=2)
    (tmp_path / "no.png").write_bytes(b"no picture")
    assert "no.png" in refusal(image=str(tmp_path / "no.png"), keypoints=str(joints))


def test_a_checkpoint_of_something_else_is_refused() -> None:
    with pytest.raises(ExperimentError, match="checkpoint"):
        Run(resume={"step": 1}).make()


# --- the example and the lesson -------------------------------------------------------------------------------------


def test_the_example_is_the_script_s_own(tmp_path: Path) -> None:
    data = load_body("neutral")
    drawn = example.draw(data)
    with Picture.open(example.PHOTO) as image:
        shown = np.asarray(image.convert("RGB"))
    assert drawn.shape == shown.shape == (*example.SIZE, 3)
    different = (np.abs(drawn.astype(int) - shown.astype(int)).max(axis=-1) > 8).mean()
    assert different < 0.01, "run python -m lab.body.smplify.example"
    people = json.loads(example.KEYPOINTS.read_text("utf-8"))["people"]
    saved = np.array(people[0]["pose_keypoints_2d"]).reshape(-1, 3)
    assert np.abs(saved - example.joints(data)).max() < 2.0, "run python -m lab.body.smplify.example"


TEXT = SMPLIFY.lesson_path.read_text(encoding="utf-8")


def test_the_equations_belong_to_the_text() -> None:
    equations = [block for block in parse(TEXT) if isinstance(block, Equation)]
    assert len(equations) == 6
    for equation in equations:
        path = ASSETS / "lessons" / "equations" / f"smplify-{equation.name}.svg"
        assert f'data-source="{equation.digest}"' in path.read_text(encoding="utf-8"), "run assets/lessons/typeset.py"


def test_every_link_of_the_lesson_leads_somewhere() -> None:
    links = re.findall(r"\]\((\w+):([^)]+)\)", TEXT)
    titles = {preset.title for preset in SMPLIFY.presets}
    assert {target for kind, target in links if kind == "preset"} <= titles
    for name, value in (target.split("=") for kind, target in links if kind == "set"):
        build(SmplifyParams, {name: type(getattr(SmplifyParams(), name))(value)})
    assert {kind for kind, _ in links} == {"preset", "set"}


def test_every_term_has_its_section_and_presets_can_be_built() -> None:
    assert set(re.findall(r"^## .*\{(\w+)\}$", TEXT, re.MULTILINE)) == {term.key for term in SMPLIFY.terms}
    for preset in SMPLIFY.presets:
        build(SmplifyParams, preset.values)
