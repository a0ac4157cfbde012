"""What lies over the picture: layers that paint themselves and may take the mouse before the camera does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from lab.render.messages import Color
from ui.look.theme import Theme, figures
from ui.viewport.drags import Pixel, Sight
from ui.viewport.overlay import axis_colors, panel

_PAD_X, _PAD_Y = 7.0, 3.0
_HALO = ((-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0))


@dataclass(frozen=True)
class Ink:
    """The colours and the type that layers are painted with."""

    theme: Theme
    font: QFont

    def axis(self, index: int) -> QColor:
        """The colour of x, y or z."""
        return QColor(axis_colors(self.theme)["XYZ"[index]])

    def color(self, color: Color | None) -> QColor:
        """A colour of its own, or the theme's accent."""
        return QColor(self.theme.accent) if color is None else QColor.fromRgbF(*color)

    @property
    def hot(self) -> QColor:
        """The colour of what is under the mouse or held."""
        return QColor("#ffd166" if self.theme.dark else "#8a5a00")

    def words(self, painter: QPainter, at: Pixel, text: str, color: QColor | None = None) -> None:
        """A word at a place, readable over any picture; its middle left at the pixel."""
        painter.setFont(figures(self.font))
        metrics = QFontMetricsF(painter.font())
        corner = QPointF(at[0], at[1] + metrics.capHeight() / 2)
        halo = QColor(self.theme.viewport)
        halo.setAlphaF(0.9)
        painter.setPen(halo)
        for dx, dy in _HALO:
            painter.drawText(corner + QPointF(dx, dy), text)
        painter.setPen(color or QColor(self.theme.text))
        painter.drawText(corner, text)

    def plate(self, painter: QPainter, at: Pixel, text: str, color: QColor | None = None) -> QRectF:
        """Words on a ground of their own, centred at the pixel. Returns the room they took."""
        painter.setFont(figures(self.font))
        metrics = QFontMetricsF(painter.font())
        wide, high = metrics.horizontalAdvance(text) + 2 * _PAD_X, metrics.height() + 2 * _PAD_Y
        frame = QRectF(at[0] - wide / 2, at[1] - high / 2, wide, high)
        panel(painter, self.theme, frame)
        painter.setPen(color or QColor(self.theme.text))
        painter.drawText(frame, Qt.AlignmentFlag.AlignCenter, text)
        return frame


class Layer:
    """One layer. Positions are logical pixels. ``repaint`` asks the viewport for another picture of the layers."""

    repaint: Callable[[], None] = staticmethod(lambda: None)

    def paint(self, painter: QPainter, sight: Sight, ink: Ink) -> None:
        """Draw over the picture."""

    def hover(self, at: Pixel | None, sight: Sight) -> Qt.CursorShape | None:
        """The mouse rests or moves here without a button (None: it left). A cursor if it could take hold here."""
        return None

    def press(self, at: Pixel, sight: Sight, modifiers: Qt.KeyboardModifier) -> bool:
        """The left button goes down. True takes hold: then ``drag`` and ``release`` follow."""
        return False

    def drag(self, at: Pixel, sight: Sight, modifiers: Qt.KeyboardModifier) -> None:
        """The mouse moves while this layer holds it."""

    def release(self) -> None:
        """The button goes up."""

    def click(self, at: Pixel, sight: Sight, modifiers: Qt.KeyboardModifier) -> bool:
        """A click that took hold of nothing. True: it was meant for this layer."""
        return False

    def double_click(self, at: Pixel, sight: Sight) -> bool:
        """A double click. True: it was meant for this layer."""
        return False

    def cancel(self) -> bool:
        """Escape. True: there was something to cancel."""
        return False

    def delete(self) -> bool:
        """Del. True: there was something to delete."""
        return False


class LayerStack:
    """The layers of a viewport; the last one is on top and is asked first."""

    def __init__(self, repaint: Callable[[], None]) -> None:
        self._repaint = repaint
        self._layers: list[Layer] = []
        self._holder: Layer | None = None

    def add(self, layer: Layer) -> None:
        """Put a layer on top."""
        layer.repaint = self._repaint  # type: ignore[method-assign]
        self._layers.append(layer)
        self._repaint()

    def remove(self, layer: Layer) -> None:
        """Take a layer away."""
        if self._holder is layer:
            self.cancel()
        self._layers.remove(layer)
        self._repaint()

    @property
    def holding(self) -> bool:
        """Whether a layer holds the mouse."""
        return self._holder is not None

    def paint(self, painter: QPainter, sight: Sight, ink: Ink) -> None:
        """Paint all layers, the top one last."""
        for layer in self._layers:
            layer.paint(painter, sight, ink)

    def hover(self, at: Pixel | None, sight: Sight) -> Qt.CursorShape | None:
        """Tell all layers where the mouse is; the topmost that could take hold gives the cursor and hides it from
        those below.
        """
        found: Qt.CursorShape | None = None
        for layer in reversed(self._layers):
            cursor = layer.hover(at if found is None else None, sight)
            found = cursor if found is None else found
        return found

    def press(self, at: Pixel, sight: Sight, modifiers: Qt.KeyboardModifier) -> bool:
        """Let the topmost layer that wants to take hold."""
        self._holder = next((layer for layer in reversed(self._layers) if layer.press(at, sight, modifiers)), None)
        return self._holder is not None

    def drag(self, at: Pixel, sight: Sight, modifiers: Qt.KeyboardModifier) -> None:
        """The mouse moves while a layer holds it."""
        if self._holder is not None:
            self._holder.drag(at, sight, modifiers)

    def release(self) -> None:
        """The holder lets go."""
        holder, self._holder = self._holder, None
        if holder is not None:
            holder.release()

    def click(self, at: Pixel, sight: Sight, modifiers: Qt.KeyboardModifier) -> bool:
        """Whether a click was meant for a layer."""
        return any(layer.click(at, sight, modifiers) for layer in reversed(self._layers))

    def double_click(self, at: Pixel, sight: Sight) -> bool:
        """Whether a double click was meant for a layer."""
        return any(layer.double_click(at, sight) for layer in reversed(self._layers))

    def cancel(self) -> bool:
        """Cancel what is held, or else what the topmost layer has to cancel."""
        holder, self._holder = self._holder, None
        if holder is not None:
            return holder.cancel()
        return any(layer.cancel() for layer in reversed(self._layers))

    def delete(self) -> bool:
        """Whether a layer had something to delete."""
        return any(layer.delete() for layer in reversed(self._layers))
