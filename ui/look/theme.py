"""The look of the window: colours, type and the style sheet made of them.

All lengths lie on a grid of 8 px, with 4 px inside small controls. Every text colour has a contrast of at least 4.5:1
on every surface that it stands on; tests/ui/test_theme.py computes it.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication

from lab.chapter import Term
from ui.look.style_sheet import mix, style_sheet


@dataclass(frozen=True)
class Theme:
    """The colours of one look, each as "#rrggbb".

    window: behind everything; panel: docks and bars; field: what one can type in or press; border: lines between them.
    text, muted: for reading; accent: the one colour that asks to be pressed, on_accent: text on it.
    ok, warning, danger: for states, always beside a word or an icon. viewport, grid: the 3D view's ground and lines.
    """

    name: str
    window: str
    panel: str
    field: str
    border: str
    text: str
    muted: str
    accent: str
    on_accent: str
    ok: str
    warning: str
    danger: str
    viewport: str
    grid: str
    dark: bool


DARK = Theme(
    name="dark",
    window="#141619",
    panel="#1c1e22",
    field="#282b31",
    border="#393d45",
    text="#e7e9ec",
    muted="#a5abb5",
    accent="#8aa2ff",
    on_accent="#0d1330",
    ok="#5fc98b",
    warning="#e8b84a",
    danger="#ff8a80",
    viewport="#1a1c20",
    grid="#3a3e46",
    dark=True,
)

LIGHT = Theme(
    name="light",
    window="#e9ebee",
    panel="#f6f7f8",
    field="#ffffff",
    border="#c9cdd3",
    text="#1b1d21",
    muted="#565c66",
    accent="#3450c8",
    on_accent="#ffffff",
    ok="#17663c",
    warning="#7a5200",
    danger="#b3261e",
    viewport="#eceef1",
    grid="#c4c8cf",
    dark=False,
)

THEMES = {theme.name: theme for theme in (DARK, LIGHT)}
FONT_PIXELS = 13


def rgb(color: str) -> tuple[float, float, float]:
    """ "#rrggbb" as sRGB in [0, 1]."""
    value = QColor(color)
    return value.redF(), value.greenF(), value.blueF()


def hex_of(color: tuple[float, float, float]) -> str:
    """sRGB in [0, 1] as "#rrggbb"."""
    return QColor.fromRgbF(*color).name()


def luminance(color: str) -> float:
    """Relative luminance in [0, 1] of an sRGB colour (WCAG 2.2, "relative luminance")."""
    linear = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in rgb(color))
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, from 1 to 21 (WCAG 2.2, "contrast ratio")."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def figures(font: QFont) -> QFont:
    """The font with figures of equal width, for numbers that change."""
    font = QFont(font)
    font.setFeature(QFont.Tag("tnum"), 1)
    return font


class ThemeManager(QObject):
    """The theme in use. Give it to whoever paints with its colours; they repaint on ``changed``."""

    changed = Signal(object)
    """The new Theme; emitted after the application has it."""

    def __init__(self, name: str = DARK.name, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.theme = THEMES.get(name, DARK)

    def set_theme(self, name: str) -> None:
        """Switch to "dark" or "light" and dress the application. Raises KeyError for another name."""
        theme = THEMES[name]
        if theme is self.theme:
            return
        self.theme = theme
        self.apply()
        self.changed.emit(theme)

    def apply(self) -> None:
        """Dress the application in the current theme: style, font, palette and style sheet."""
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            raise RuntimeError("a theme needs a QApplication")
        if app.style().name() != "fusion":
            app.setStyle("fusion")
        app.setFont(_font(app.font()))
        app.setPalette(_palette(self.theme))
        app.setStyleSheet(style_sheet(self.theme))

    def term_color(self, term: Term) -> str:
        """The hue of a loss term in the current theme, the same on its slider, curve, equation and arrows."""
        return term.dark if self.theme.dark else term.light


def _font(font: QFont) -> QFont:
    font = QFont(font)
    font.setFamilies(["Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "Open Sans", "DejaVu Sans", "sans-serif"])
    font.setPixelSize(FONT_PIXELS)
    return font


def _palette(theme: Theme) -> QPalette:
    palette = QPalette()
    role = QPalette.ColorRole
    for item, color in {
        role.Window: theme.panel,
        role.WindowText: theme.text,
        role.Base: theme.field,
        role.AlternateBase: theme.panel,
        role.Text: theme.text,
        role.PlaceholderText: theme.muted,
        role.Button: theme.field,
        role.ButtonText: theme.text,
        role.BrightText: theme.danger,
        role.ToolTipBase: theme.field,
        role.ToolTipText: theme.text,
        role.Highlight: theme.accent,
        role.HighlightedText: theme.on_accent,
        role.Link: theme.accent,
        role.LinkVisited: theme.accent,
        role.Accent: theme.accent,
        role.Light: theme.border,
        role.Midlight: theme.border,
        role.Mid: theme.border,
        role.Dark: theme.border,
        role.Shadow: theme.window,
    }.items():
        palette.setColor(item, QColor(color))
    for item in (role.WindowText, role.Text, role.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, item, QColor(mix(theme.muted, theme.panel, 0.4)))
    return palette
