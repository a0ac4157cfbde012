"""Where in a view there is something that can be dragged, and where there is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF

from lab.study import Handle
from ui.viewport.canvas import ViewportCanvas
from ui.viewport.drags import Pixel, Sight
from ui.viewport.grips import Tripod
from ui.viewport.handles import HandleLayer, free_axes, tripod_of

_ALONG = 0.75  # of an arrow: clear of the middle and of the squares
_RING_STEP = 5  # of the points of a ring, each fifth is tried
_SPOTS = ((0.5, 0.4), (0.3, 0.25), (0.7, 0.25), (0.25, 0.6), (0.75, 0.6))  # of the view, to turn it from


@dataclass(frozen=True)
class Grab:
    """A pixel of a view where a press of the button takes hold of something."""

    name: str
    at: QPointF


def grabs(view: ViewportCanvas) -> list[Grab]:
    """One place for each handle of a view, and of a frame one for each kind of grip, as far as they can be seen."""
    sight = view.sight()
    found: list[Grab] = []
    for handle in _handles(view):
        title = handle.label or handle.key
        if handle.kind == "vector":
            tip = sight.pixel(np.array(handle.position) + np.array(handle.vector))
            if tip is not None and free_axes(handle) and _inside(tip, view):
                found.append(Grab(title, QPointF(*tip)))
            continue
        kinds: set[str] = set()
        for kind, at in _places(tripod_of(handle), sight):
            if kind not in kinds and _inside(at, view):
                kinds.add(kind)
                found.append(Grab(f"{title} ({kind})", QPointF(*at)))
    return found


def free_spot(view: ViewportCanvas) -> QPointF:
    """A pixel from which a drag turns the view, as nothing else can be grabbed there."""
    sight = view.sight()
    handles = _handles(view)
    spots = [(x * view.width(), y * view.height()) for x, y in _SPOTS]
    free = (at for at in spots if not any(_takes(handle, at, sight) for handle in handles))
    return QPointF(*next(free, spots[0]))


def _handles(view: ViewportCanvas) -> tuple[Handle, ...]:
    layer = view.findChild(HandleLayer)
    return layer.handles if isinstance(layer, HandleLayer) else ()


def _takes(handle: Handle, at: Pixel, sight: Sight) -> bool:
    return handle.kind != "vector" and tripod_of(handle).grip_at(at, sight) is not None


def _places(tripod: Tripod, sight: Sight) -> Iterator[tuple[str, Pixel]]:
    """(kind of grip, a pixel on it) of those that can be taken there; several of a kind."""
    middle = sight.pixel(tripod.position)
    if middle is None:
        return
    for grip in sorted(tripod.grips, key=lambda grip: ("middle", "arrow", "ring").index(grip.kind)):
        tried: list[Pixel] = [middle]
        if grip.kind == "arrow":
            tip = sight.pixel(tripod.tip(grip.index, sight))
            tried = [] if tip is None else [_between(middle, tip)]
        elif grip.kind == "ring":
            pixels, near = tripod.ring(grip.index, sight)
            tried = [(float(x), float(y)) for x, y in pixels[near][::_RING_STEP]]
        for at in tried:
            if tripod.grip_at(at, sight) == grip:
                yield grip.kind, at
                break


def _between(start: Pixel, end: Pixel) -> Pixel:
    return start[0] + _ALONG * (end[0] - start[0]), start[1] + _ALONG * (end[1] - start[1])


def _inside(at: Pixel, view: ViewportCanvas) -> bool:
    return 0 <= at[0] < view.width() and 0 <= at[1] < view.height()
