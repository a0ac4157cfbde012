"""The lesson: equations typeset from their present source, links that lead somewhere, every term explained."""

from __future__ import annotations

import re

from lab.chapter import ASSETS
from lab.chapters.pose.estimate import POSE
from lab.params import build
from ui.lessons.text import Equation, parse

TEXT = POSE.lesson_path.read_text(encoding="utf-8")


def test_the_equations_belong_to_the_text() -> None:
    equations = [block for block in parse(TEXT) if isinstance(block, Equation)]
    assert len(equations) == 5
    for equation in equations:
        path = ASSETS / "lessons" / "equations" / f"pose-{equation.name}.svg"
        assert f'data-source="{equation.digest}"' in path.read_text(encoding="utf-8"), "run assets/lessons/typeset.py"


def test_every_link_leads_somewhere() -> None:
    links = re.findall(r"\]\((\w+):([^)]+)\)", TEXT)
    titles = {preset.title for preset in POSE.presets}
    assert {target for kind, target in links if kind == "preset"} <= titles
    for name, value in (target.split("=") for kind, target in links if kind == "set"):
        default = getattr(build(POSE.params, {}), name)
        build(POSE.params, {name: type(default)(value)})
    assert {kind for kind, _ in links} == {"preset", "set"}


def test_every_term_has_its_section() -> None:
    assert set(re.findall(r"^## .*\{(\w+)\}$", TEXT, re.MULTILINE)) == {term.key for term in POSE.terms}
