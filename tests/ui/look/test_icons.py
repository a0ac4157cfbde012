"""The icons are there, take the colour of the theme, and look disabled when they are."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QIcon, QImage
from PySide6.QtWidgets import QToolButton

import ui
from ui.look.icon_binding import IconBook
from ui.look.icons import FOLDER, app_icon, icon, names, pixmap
from ui.look.theme import DARK, LIGHT, ThemeManager, hex_of
from ui.window.actions import ROWS


def ink(picture: QIcon, mode: QIcon.Mode = QIcon.Mode.Normal) -> str:
    """The colour of the most opaque pixel, "#rrggbb"."""
    image = picture.pixmap(QSize(40, 40), 1.0, mode).toImage().convertToFormat(QImage.Format.Format_RGBA8888)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(-1, 4)
    red, green, blue, alpha = pixels[pixels[:, 3].argmax()] / 255.0
    assert alpha > 0.9
    return hex_of((red, green, blue))


@pytest.mark.parametrize("name", names())
def test_every_icon_is_a_drawing_of_the_same_kind(name):
    root = ElementTree.parse(FOLDER / f"{name}.svg").getroot()
    if name == "app":
        return
    assert root.get("viewBox") == "0 0 24 24"
    assert root.get("stroke") == "currentColor"
    assert root.get("stroke-width") == "1.6"
    assert not re.search(r"#[0-9a-f]{3}", (FOLDER / f"{name}.svg").read_text()), "no colour of its own"


def test_icons_take_the_colour_of_the_theme(qtbot):
    for theme in (DARK, LIGHT):
        assert ink(icon("stop", theme)) == theme.text
        assert ink(icon("stop", theme, color="#ff0000")) == "#ff0000"
        assert ink(icon("stop", theme), QIcon.Mode.Disabled) != theme.text
    assert pixmap("stop", DARK, 16, 2.0).deviceIndependentSize().width() == 16
    assert not app_icon().isNull()
    with pytest.raises(FileNotFoundError):
        icon("nothing", DARK)


def test_bound_icons_change_with_the_theme(qtbot):
    themes = ThemeManager()
    icons = IconBook(themes)
    plain, accent = QToolButton(), QToolButton()
    for button in (plain, accent):
        qtbot.addWidget(button)
    icons.bind(plain, "stop")
    icons.bind(accent, "stop", lambda theme: theme.on_accent)
    themes.set_theme("light")
    assert ink(plain.icon()) == LIGHT.text
    assert QColor(ink(accent.icon())) == QColor(LIGHT.on_accent)
    before = plain.icon().cacheKey()
    icons.rebind(plain, "run")
    assert plain.icon().cacheKey() != before
    themes.set_theme("dark")


def test_every_icon_that_is_asked_for_is_there():
    known = set(names())
    asked = {row.icon for row in ROWS if row.icon}
    for file in Path(ui.__file__).parent.rglob("*.py"):
        asked |= set(
            re.findall(r"""\b(?:icon|pixmap|bind|_icon|rebind)\((?:[\w.]+, )?"([a-z_]+)\"""", file.read_text())
        )
    assert asked <= known, asked - known
