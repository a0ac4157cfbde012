"""The lessons of the three studies: equations typeset from their present source, links that lead somewhere."""

from __future__ import annotations

import re

import pytest

from lab.chapter import ASSETS, StudyActivity
from lab.chapters.data.conversions import CONVERSIONS_ACTIVITY
from lab.chapters.data.fusion import FUSION
from lab.chapters.data.representations import REPRESENTATIONS
from lab.params import build
from ui.lessons.text import Equation, parse


@pytest.fixture(params=[REPRESENTATIONS, CONVERSIONS_ACTIVITY, FUSION], ids=lambda activity: activity.key)
def activity(request: pytest.FixtureRequest) -> StudyActivity:
    found: StudyActivity = request.param
    return found


def test_the_equations_belong_to_the_text(activity: StudyActivity) -> None:
    equations = [b for b in parse(activity.lesson_path.read_text(encoding="utf-8")) if isinstance(b, Equation)]
    assert equations
    for equation in equations:
        path = ASSETS / "lessons" / "equations" / f"{activity.lesson_path.stem}-{equation.name}.svg"
        assert f'data-source="{equation.digest}"' in path.read_text(encoding="utf-8"), "run assets/lessons/typeset.py"


def test_every_link_leads_somewhere(activity: StudyActivity) -> None:
    text = activity.lesson_path.read_text(encoding="utf-8")
    links = re.findall(r"\]\((\w+):([^)]+)\)", text)
    titles = {preset.title for preset in activity.presets}
    assert {target for kind, target in links if kind == "preset"} <= titles
    settings = [target.split("=") for kind, target in links if kind == "set"]
    assert settings
    for name, value in settings:
        default = getattr(build(activity.params, {}), name)
        build(activity.params, {name: type(default)(value)})
    assert {kind for kind, _ in links} <= {"preset", "set"}
