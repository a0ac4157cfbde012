"""Both themes are readable, and the style sheet is one that Qt takes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QPushButton

from lab.chapter import activities
from ui.look.style_sheet import mix
from ui.look.theme import DARK, LIGHT, THEMES, Theme, ThemeManager, contrast, hex_of, luminance, rgb

BOTH = pytest.mark.parametrize("theme", [DARK, LIGHT], ids=lambda theme: theme.name)


def test_contrast_of_known_pairs():
    assert contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)  # the well-known grey that just fails
    assert luminance("#ff0000") == pytest.approx(0.2126)


@BOTH
def test_words_can_be_read_on_every_surface(theme: Theme):
    surfaces = (theme.window, theme.panel, theme.field, theme.viewport)
    for surface in surfaces:
        for name in ("text", "muted", "accent", "ok", "warning", "danger"):
            assert contrast(getattr(theme, name), surface) >= 4.5, (theme.name, name, surface)
    assert contrast(theme.on_accent, theme.accent) >= 4.5
    assert contrast(theme.text, mix(theme.accent, theme.panel, 0.75)) >= 4.5, "a selected row"


@BOTH
def test_every_term_can_be_read_in_its_own_hue(theme: Theme):
    manager = ThemeManager(theme.name)
    for chapter in activities().values():
        for term in chapter.terms:
            assert contrast(manager.term_color(term), theme.panel) >= 4.5, (theme.name, term.key)


@BOTH
def test_edges_of_controls_can_be_seen(theme: Theme):
    assert contrast(theme.muted, theme.field) >= 3.0, "hovered edges, check boxes"
    assert contrast(theme.accent, theme.panel) >= 3.0, "the focus ring"


def test_colours_survive_the_way_through_numbers():
    assert hex_of(rgb("#1c1f24")) == "#1c1f24"
    assert mix("#000000", "#ffffff", 0.5) == "#808080"


def test_switching_dresses_the_application(qtbot):
    manager = ThemeManager()
    manager.apply()
    button = QPushButton()
    qtbot.addWidget(button)
    with qtbot.waitSignal(manager.changed) as changed:
        manager.set_theme("light")
    assert changed.args == [LIGHT]
    assert button.palette().buttonText().color().name() == LIGHT.text
    assert LIGHT.accent in QApplication.instance().styleSheet()
    with qtbot.assertNotEmitted(manager.changed):
        manager.set_theme("light")
    with pytest.raises(KeyError):
        manager.set_theme("pink")
    manager.set_theme("dark")


def test_qt_understands_the_style_sheet(qtbot):
    messages: list[str] = []

    def keep(kind: QtMsgType, context: object, text: str) -> None:
        messages.append(text)

    before = qInstallMessageHandler(keep)
    try:
        for name in THEMES:
            manager = ThemeManager(name)
            manager.apply()
            button = QPushButton("x")
            qtbot.addWidget(button)
            button.grab()
    finally:
        qInstallMessageHandler(before)
    assert not [text for text in messages if "parse" in text.lower() or "Unknown property" in text or "url" in text]
