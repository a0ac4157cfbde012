"""The run of the hashed field, from pictures to a verdict, and its lesson."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from lab.chapter import ASSETS
from lab.chapters.fields.hashed import HASHED
from lab.experiment import ExperimentError
from lab.fields.hashed.experiment import options_of, table_figures
from lab.params import build
from lab.scene import Field, Image, Mesh
from tests.lab.pose.runs_help import Made, example
from ui.lessons.text import Equation, parse

SMALL = {"views": 10, "size": 40, "levels": 5, "finest": 64, "table_bits": 12, "width": "32", "samples": 8192}


def made(**values: Any) -> Made:
    chosen = {"object": "spot", **SMALL, "steps": 50, **values}
    keep = chosen.pop("keep", ())
    return Made(HASHED, {"object": example("spot")}, chosen, keep=keep, resume=chosen.pop("resume", None))


@pytest.fixture(scope="module")
def run() -> Made:
    return made(keep=(0, 20, 50)).make()


def test_held_out_views_get_better(run: Made) -> None:
    psnr = run.metric("psnr")
    assert psnr[-1] > psnr[0] + 3
    assert psnr[-1] > run.figures["All black (dB)"] + 7


def test_snapshots_have_the_field_and_the_held_out_view(run: Made) -> None:
    for step in (0, 50):
        shown = run.snapshots[step]
        assert isinstance(shown["field"], Field)
        for name in ("view", "truth", "difference"):
            assert isinstance(shown[name], Image)
            assert shown[name].pixels.shape == (40, 40, 3)
    assert isinstance(run.outcomes[0].entities["surface"], Mesh)


def test_the_figures_tell_about_the_tables(run: Made) -> None:
    figures = run.figures
    assert figures["Table entries"] == 4096 * 4 + 17**3 - (17**3 - 4096)  # five levels, none of which fits
    assert figures["Levels without a hash"] == 0
    assert figures["Vertices for each entry"] == 65**3 / 4096
    assert 5 < figures["Empty (%)"] < 99


def test_figures_worked_by_hand() -> None:
    """17³ + 32³ entries of 2; matrices of (8, 4), (16, 8), (8, 20), (8, 8), (4, 8)."""
    params: Any = build(HASHED.params, {"levels": 2, "finest": 64, "width": "16"})
    found = table_figures(options_of(params))
    assert found["Table entries"] == 17**3 + 32**3
    assert found["Levels without a hash"] == 1
    assert found["Parameters"] == 2 * (17**3 + 32**3) + 16 * 4 + 16 * 16 + 16 * 20 + 16 * 16 + 4 * 16


def test_it_goes_on_from_a_keyframe(run: Made) -> None:
    again = made(resume=run.states[20]).make()
    assert again.steps[0].index == 20
    losses = [[step.metrics.get("loss") for step in one.steps] for one in (run, again)]
    assert losses[1][1:] == losses[0][21:]
    assert again.figures["PSNR (dB)"] == run.figures["PSNR (dB)"]


def test_levels_in_use_change_what_the_first_view_shows() -> None:
    fine, rough = (made(steps=1, used=used, keep=(1,)).make().snapshots[1]["view"].pixels for used in (16, 1))
    assert np.any(fine != rough)


def test_what_cannot_be_is_said() -> None:
    with pytest.raises(ExperimentError, match="must not be coarser"):
        made(base=32, finest=16).make()
    with pytest.raises(ExperimentError, match="choose a mesh"):
        Made(HASHED, {}, SMALL).make()


def test_every_preset_can_begin() -> None:
    for preset in HASHED.presets:
        small = {"size": 32, "views": 6, "steps": 1, "samples": 2048, "table_bits": 10}
        run = Made(HASHED, {"object": example("spot")}, {**preset.values, **small, "object": "spot"}).make()
        assert len(run.steps) == 2, preset.title


def test_the_equations_belong_to_the_text() -> None:
    equations = [b for b in parse(HASHED.lesson_path.read_text(encoding="utf-8")) if isinstance(b, Equation)]
    assert {"objective", "hash"} <= {equation.name for equation in equations}
    for equation in equations:
        path = ASSETS / "lessons" / "equations" / f"{HASHED.lesson_path.stem}-{equation.name}.svg"
        assert f'data-source="{equation.digest}"' in path.read_text(encoding="utf-8"), "run assets/lessons/typeset.py"


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\((\w+):([^)]+)\)", HASHED.lesson_path.read_text(encoding="utf-8"))
    assert {target for kind, target in links if kind == "preset"} <= {preset.title for preset in HASHED.presets}
    settings = [target.split("=") for kind, target in links if kind == "set"]
    assert settings
    for name, value in settings:
        default = getattr(build(HASHED.params, {}), name)
        build(HASHED.params, {name: value == "true" if isinstance(default, bool) else type(default)(value)})
