"""The lesson: every equation typeset from its present source, every link of it leads somewhere."""

import math
import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from lab.chapter import ASSETS, activities
from lab.params import ParamError, build, declared, with_components
from tests.ui.forms.posed import POSED
from ui.lessons.equation import EquationArt
from ui.lessons.text import Equation, Heading, LessonError, parse, to_html, words
from ui.lessons.view import LessonView, _assignment
from ui.look.theme import ThemeManager

CHAPTERS = list(activities().values())
EQUATIONS = ASSETS / "lessons" / "equations"


@pytest.fixture(params=CHAPTERS, ids=lambda chapter: chapter.key)
def chapter(request):
    return request.param


FITTING = activities()["mesh-fitting"]


def shown(qtbot, chapter):
    themes = ThemeManager()
    themes.apply()
    lesson = LessonView(chapter, themes)
    qtbot.addWidget(lesson)
    lesson.resize(380, 700)
    with qtbot.waitSignal(lesson.built, timeout=20_000):
        lesson.show()
    qtbot.waitUntil(lambda: lesson.verticalScrollBar().maximum() > 0)  # it is laid out
    return lesson


@pytest.fixture
def lesson(qtbot):
    return shown(qtbot, FITTING)


def blocks(chapter):
    return list(parse(chapter.lesson_path.read_text(encoding="utf-8")))


def test_every_lesson_is_built(qtbot, chapter):
    lesson = shown(qtbot, chapter)
    assert lesson.equations()
    assert lesson.widget().height() > lesson.viewport().height()


def test_the_typeset_equations_belong_to_the_text(chapter):
    equations = [block for block in blocks(chapter) if isinstance(block, Equation)]
    assert equations
    for equation in equations:
        svg = (EQUATIONS / f"{chapter.lesson_path.stem}-{equation.name}.svg").read_text(encoding="utf-8")
        assert f'data-source="{equation.digest}"' in svg, "run assets/lessons/typeset.py"
        assert equation.alt


def test_each_term_has_a_section_and_a_hue_in_the_objective(chapter):
    keys = {term.key for term in chapter.terms if term.weight}  # the others only name a curve
    headings = {block.term for block in blocks(chapter) if isinstance(block, Heading) and block.term}
    assert keys <= headings <= {term.key for term in chapter.terms}
    if not keys:
        return
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
            usual = {param.name: param.default for param in declared(chapter.params)}
            build(chapter.params, with_components(_assignment(chapter, target), usual))
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


def test_an_equation_is_worked_by_keys(qtbot, lesson):
    equation = lesson.equations()[0]
    equation.setFocus()
    with qtbot.waitSignal(lesson.termHovered) as hovered:
        qtbot.keyClick(equation, Qt.Key.Key_Right)
    assert hovered.args == [equation.terms[0]]
    qtbot.keyClick(equation, Qt.Key.Key_Left)
    with qtbot.waitSignal(lesson.termClicked) as clicked:
        qtbot.keyClick(equation, Qt.Key.Key_Return)
    assert clicked.args == [equation.terms[-1]]


def test_terms_are_painted_in_their_hues(lesson):
    equation = lesson.equations()[0]
    for name, hue in (("dark", "dark"), ("light", "light")):
        lesson._themes.set_theme(name)
        picture = QImage(4 * equation.size(), QImage.Format.Format_RGB32)  # so large that strokes are wider than edges
        picture.setDevicePixelRatio(4)
        equation.render(picture)
        there = {picture.pixelColor(x, y).name() for x in range(picture.width()) for y in range(picture.height())}
        assert {getattr(term, hue) for term in FITTING.terms} <= there


def test_a_term_can_be_scrolled_to(lesson):
    assert lesson.verticalScrollBar().value() == 0
    lesson.show_term(FITTING.terms[-1].key)
    heading = lesson._headings[FITTING.terms[-1].key]
    assert 0 <= heading.mapTo(lesson.viewport(), heading.rect().topLeft()).y() < 40


def test_the_lesson_is_neither_too_short_nor_too_long(chapter):
    assert 350 <= words(parse(chapter.lesson_path.read_text(encoding="utf-8"))) <= 1200


def test_inline_text_is_escaped_and_marked_up():
    text = to_html("a < b, **bold** *it* `x<y` $v_{ij}^2$ [go](term:edge)", lambda _: "#112233", "#445566")
    assert text == (
        'a &lt; b, <b>bold</b> <i>it</i> <code style="color:#445566">x&lt;y</code> '
        "<i>v</i><sub><i>ij</i></sub><sup>2</sup> "
        '<a href="term:edge" style="color:#112233; text-decoration:none; font-weight:600">go</a>'
    )


def test_an_unknown_symbol_is_refused():
    with pytest.raises(LessonError, match="omega"):
        to_html(r"$\omega$", lambda _: "#112233", "#445566")


def test_links_set_many_numbers_or_one_of_them(qtbot):
    themes = ThemeManager()
    themes.apply()
    lesson = LessonView(POSED, themes)
    qtbot.addWidget(lesson)
    for link, expected in {
        "set:pose[4]=90": {"pose[4]": math.pi / 2},
        "set:pose=0,0,0,90": {"pose": (0.0, 0.0, 0.0, math.pi / 2, *(0.0,) * 5)},
        "set:betas[0]=2": {"betas[0]": 2.0},
        "set:betas=2,-1": {"betas": (2.0, -1.0, 0.0)},
    }.items():
        with qtbot.waitSignal(lesson.valuesRequested) as signal:
            lesson._open(link)
        assert signal.args == [expected]
    for wrong in ("set:pose[9]=0", "set:pose[4]=200", "set:joint[1]=2", "set:betas=1,2,3,4", "set:betas[0]=x"):
        with pytest.raises(ParamError):
            lesson._open(wrong)
