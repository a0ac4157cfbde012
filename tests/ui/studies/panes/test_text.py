"""The text pane, and the colours of Python."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QApplication, QPlainTextEdit

from lab.study import Pane, Text
from ui.studies.panes.python_colors import tokens
from ui.studies.panes.text import TextPane

CODE = 'import torch  # heavy\nR = torch.eye(3)[None] * 2.5e-3\nname = "def"\n'


@pytest.fixture
def pane(themes, shown):
    return shown(TextPane(Pane("t", "Code", "text"), themes))


def kinds(line: str) -> list[tuple[str, str]]:
    return [(line[begin : begin + length], kind) for begin, length, kind in tokens(line)]


def test_tokens_of_python():
    assert kinds("for i in range(10): # it's") == [
        ("for", "keyword"),
        ("in", "keyword"),
        ("10", "number"),
        ("# it's", "comment"),
    ]
    assert kinds("x1 = 'a # b' + 2.5e-3 + .5") == [("'a # b'", "string"), ("2.5e-3", "number"), (".5", "number")]
    assert kinds('s = f"say \\"hi\\"" # end') == [('f"say \\"hi\\""', "string"), ("# end", "comment")]
    assert kinds("important = format") == []


def colors(pane: TextPane) -> dict[str, str]:
    """The words of the first line with a colour of their own."""
    block = pane.view.document().firstBlock()
    found = block.layout().formats()
    return {block.text()[f.start : f.start + f.length]: f.format.foreground().color().name() for f in found}


def test_python_is_coloured_in_both_themes(pane, themes):
    pane.show_content(Text(CODE, "python"))
    assert colors(pane) == {"import": themes.theme.accent, "# heavy": themes.theme.muted}
    themes.set_theme("light")
    assert colors(pane)["import"] == themes.theme.accent
    themes.set_theme("dark")


def width(pane: TextPane, text: str) -> int:
    return pane.view.fontMetrics().horizontalAdvance(text)


def test_words_are_plain_and_wrapped_code_is_not(pane):
    pane.show_content(Text(CODE, "python"))
    assert width(pane, "iiii") == width(pane, "MMMM")
    assert pane.view.lineWrapMode() == QPlainTextEdit.LineWrapMode.NoWrap
    pane.show_content(Text("import this in words"))
    assert colors(pane) == {}
    assert width(pane, "iiii") < width(pane, "MMMM")
    assert pane.view.lineWrapMode() == QPlainTextEdit.LineWrapMode.WidgetWidth


def test_copy_takes_all_of_it(qtbot, pane):
    pane.show_content(Text(CODE, "python"))
    with qtbot.waitSignal(pane.copied) as said:
        pane.copy()
    assert said.args == ["Copied"]
    assert QApplication.clipboard().text() == CODE


def test_a_very_long_program_stays_plain(pane):
    pane.show_content(Text(CODE, "python"))
    pane.show_content(Text(CODE * 600, "python"))
    assert colors(pane) == {}
    pane.show_content(Text(CODE, "python"))
    assert "import" in colors(pane)


def test_new_words_keep_the_place_that_one_reads(pane):
    pane.show_content(Text("\n".join(f"line {i}" for i in range(400)), "python"))
    bar = pane.view.verticalScrollBar()
    bar.setValue(200)
    pane.show_content(Text("\n".join(f"other line {i}" for i in range(400)), "python"))
    assert bar.value() == 200
