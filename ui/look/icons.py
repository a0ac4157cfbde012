"""The lab's own icons: 24 px line drawings that take the colour of the text around them."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QImage, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from lab.chapter import ASSETS
from ui.look.style_sheet import mix
from ui.look.theme import Theme

FOLDER = ASSETS / "icons"
_SIZES = (16, 20, 32, 40)  # the sizes that the window uses, on screens of up to twice the density


def names() -> tuple[str, ...]:
    """The names of all icons."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.svg")))


def icon(name: str, theme: Theme, *, color: str | None = None) -> QIcon:
    """The icon in the theme's text colour, or in ``color`` ("#rrggbb"). Raises FileNotFoundError."""
    result = QIcon()
    for tint, modes in (
        (color or theme.text, (QIcon.Mode.Normal, QIcon.Mode.Selected)),
        (mix(theme.text, theme.panel, 0.65), (QIcon.Mode.Disabled,)),
    ):
        for size in _SIZES:
            picture = QPixmap.fromImage(_image(name, tint, size))
            for mode in modes:
                result.addPixmap(picture, mode)
    return result


def pixmap(name: str, theme: Theme, size: int, ratio: float = 1.0, *, color: str | None = None) -> QPixmap:
    """The icon at ``size`` logical pixels on a screen with ``ratio`` device pixels each, for labels."""
    result = QPixmap.fromImage(_image(name, color or theme.text, round(size * ratio)))
    result.setDevicePixelRatio(ratio)
    return result


def app_icon() -> QIcon:
    """The program's own icon."""
    return QIcon(str(FOLDER / "app.svg"))


@lru_cache(maxsize=2048)
def _image(name: str, tint: str, size: int) -> QImage:
    """The icon in one colour, ``size`` pixels wide. Kept: a window shows most of them several times."""
    source = (FOLDER / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", tint)
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return image
