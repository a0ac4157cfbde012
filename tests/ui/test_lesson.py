"""The lesson: every equation typeset from its present source, every link of it leads somewhere."""

import re

import pytest
from PySide6.QtCore import Qt

from lab.chapter import ASSETS, chapters
from lab.params import build
from ui.equation import EquationArt
from ui.lesson import LessonView
from ui.lesson_text import Equation, Heading, LessonError, parse
from ui.theme import ThemeManager

CHAPTERS = list(chapters().values())
EQUATIONS = ASSETS / "lessons" / "equations"


@pytest.fixture(params=CHAPTERS, ids=lambda chapter: chapter.key)
def chapter(request):
    return request.param


@pytest.fixture
def lesson(qtbot, chapter):
    themes = ThemeManager()
    themes.apply()
    lesson = LessonView(chapter, themes)
    qtbot.addWidget(lesson)
    lesson.resize(380, 700)
    with qtbot.waitSignal(lesson.built, timeout=5000):
        lesson.show()
    return lesson


def blocks(chapter):
    return list(parse(chapter.lesson_path.read_text(encoding="utf-8")))


def test_the_typeset_equations_belong_to_the_text(chapter):
    equations = [block for block in blocks(chapter) if isinstance(block, Equation)]
    assert equations
    for equation in equations:
        svg = (EQUATIONS / f"{chapter.lesson_path.stem}-{equation.name}.svg").read_text(encoding="utf-8")
        assert f'data-source="{equation.digest}"' in svg, "run assets/lessons/typeset.py"
        assert equation.alt


def test_each_term_has_a_section_and_a_hue_in_the_objective(chapter):
    keys = {term.key for term in chapter.terms}
    assert keys == {block.term for block in blocks(chapter) if isinstance(block, Heading) and block.term}
    objective = EquationArt.load(EQUATIONS / f"{chapter.lesson_path.stem}-objective.svg")
    assert set(objective.terms()) == keys


def test_every_link_leads_somewhere(chapter):
    text = chapter.lesson_path.read_text(encoding="utf-8")
    links = re.findall(r"\]\((\w+):([^)]+)\)", text)
    assert links
    for kind, target in links:
        if kind == "preset":
            assert target in {preset.title for preset in chapter.presets}
        elif kind == "set":
            name, value = target.split("=")
            default = build(chapter.params, {})
            number = type(getattr(default, name))(value)
            build(chapter.params, {name: number})
        else:
            assert kind == "term"
            assert target in {term.key for term in chapter.terms}


def test_a_click_on_a_term_of_an_equation_tells_it(qtbot, lesson):
    equation = lesson.equations()[0]
    with qtbot.waitSignal(lesson.termClicked) as signal:
        qtbot.mouseClick(equation, Qt.MouseButton.LeftButton, pos=equation.center_of("edge").toPoint())
    assert signal.args == ["edge"]


def test_a_highlighted_term_stands_out_in_all_equations(lesson):
    lesson.highlight("edge")
    for equation in lesson.equations():
        assert equation.lit == ("edge" if "edge" in equation.terms else None)
    lesson.highlight(None)
    assert {equation.lit for equation in lesson.equations()} == {None}


def test_links_ask_for_presets_and_values(qtbot, lesson):
    with qtbot.waitSignal(lesson.presetRequested) as signal:
        lesson._open("preset:Chamfer alone")
    assert signal.args == ["Chamfer alone"]
    with qtbot.waitSignal(lesson.valuesRequested) as signal:
        lesson._open("set:laplacian_weight=0.1")
    assert signal.args == [{"laplacian_weight": 0.1}]


def test_a_lesson_that_cannot_be_read_names_the_line():
    with pytest.raises(LessonError, match="3"):
        list(parse("# Title\n\n```equation x\nalt: never closed\n"))
