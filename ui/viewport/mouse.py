"""What the mouse does to the camera, without a widget: pixels in, cameras out.

A drag is always worked out from the camera at its beginning, so it has no inertia and no drift: back where it began,
the view is exactly as it was.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from lab.render.camera import Camera
from lab.scene import Array

Drag = Literal["orbit", "pan", "zoom"]

CLICK_PIXELS = 3.0  # a press that moves less is a click
_HALF_TURN = 1.0  # a drag over this share of the view's shorter side orbits by half a turn
_ZOOM_PER_PIXEL = 0.008  # logarithm of the distance
_WHEEL_STEP = 0.87  # of the distance, for one notch of the wheel
_NOTCH = 120.0  # Qt's angle delta of one notch


@dataclass(frozen=True)
class _Press:
    drag: Drag
    camera: Camera
    x: float
    y: float
    depth: float | None


class Navigation:
    """The camera and the drag that is going on. Positions are pixels from the view's top left corner."""

    def __init__(self, camera: Camera | None = None) -> None:
        self.camera = camera or Camera()
        self._press: _Press | None = None
        self._anchor: Array | None = None

    @property
    def dragging(self) -> bool:
        """Whether a button is held."""
        return self._press is not None

    def press(self, drag: Drag, x: float, y: float, point: Array | None) -> None:
        """A button goes down. point: (3,) world, what lies under the mouse if that is known."""
        self._press = _Press(drag, self.camera, x, y, self._depth(point))

    def found(self, point: Array) -> None:
        """What lies under the place where the button went down, (3,) world, if it was not known then."""
        if self._press is not None and self._press.depth is None:
            depth = float(self._press.camera.depth(point))
            self._press = _Press(self._press.drag, self._press.camera, self._press.x, self._press.y, depth)

    def move(self, x: float, y: float, width: int, height: int) -> bool:
        """The mouse is now here, in a view of that size. Returns whether the camera moved."""
        press = self._press
        if press is None:
            return False
        dx, dy = x - press.x, y - press.y
        before = self.camera
        if press.drag == "orbit":
            angle = math.pi / (_HALF_TURN * min(width, height))
            self.camera = press.camera.orbit(-dx * angle, dy * angle)
        elif press.drag == "pan":
            self.camera = press.camera.pan(dx, dy, height, press.depth)
        else:
            factor = math.exp(dy * _ZOOM_PER_PIXEL)
            self.camera = press.camera.zoom_at(press.x, press.y, factor, width, height, press.depth)
        return self.camera != before

    def release(self) -> None:
        """The button goes up."""
        self._press = None

    def wheel(self, notches: float, x: float, y: float, width: int, height: int) -> None:
        """Zoom to the cursor by a number of notches, away from the person is nearer."""
        self.zoom(_WHEEL_STEP**notches, x, y, width, height)

    def zoom(self, factor: float, x: float, y: float, width: int, height: int) -> None:
        """Scale the distance, keeping what is under the cursor there."""
        self.camera = self.camera.zoom_at(x, y, factor, width, height, self._depth(self._anchor))

    def anchor(self, point: Array | None) -> None:
        """What lies under the resting mouse, (3,) world: zooming keeps it in place. None when it moved on."""
        self._anchor = point

    def _depth(self, point: Array | None) -> float | None:
        """The depth of a point in front of the eye; None where that says nothing."""
        if point is None:
            return None
        depth = float(self.camera.depth(point))
        return depth if depth > 0 else None


def notches(angle_delta: float) -> float:
    """Notches of a wheel from Qt's angle delta."""
    return angle_delta / _NOTCH
