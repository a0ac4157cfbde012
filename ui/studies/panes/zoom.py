"""Where a picture lies in a pane: pure arithmetic between the picture's pixels and the widget's."""

from __future__ import annotations

from dataclasses import dataclass, replace

_CLOSEST = 64.0  # widget pixels for one of the picture


@dataclass(frozen=True)
class Placement:
    """A picture of ``size`` (width, height) pixels in a ``room`` of widget pixels.

    scale: widget pixels for one pixel of the picture. left, top: where its corner lies. fitted: it follows the room.
    """

    size: tuple[int, int]
    room: tuple[float, float]
    scale: float
    left: float
    top: float
    fitted: bool = True

    @classmethod
    def fit(cls, size: tuple[int, int], room: tuple[float, float]) -> Placement:
        """All of the picture, as large as the room allows, in its middle."""
        scale = min(room[0] / max(1, size[0]), room[1] / max(1, size[1]))
        return cls(size, room, scale, (room[0] - scale * size[0]) / 2, (room[1] - scale * size[1]) / 2)

    def resized(self, size: tuple[int, int], room: tuple[float, float]) -> Placement:
        """The same part of the picture after picture or room took another size."""
        if (size, room) == (self.size, self.room):
            return self
        if self.fitted or 0 in self.size:
            return Placement.fit(size, room)
        x, y = self.to_picture(self.room[0] / 2, self.room[1] / 2)
        shrink = size[0] / self.size[0], size[1] / self.size[1]
        scale = self.scale / shrink[0]
        left, top = room[0] / 2 - x * shrink[0] * scale, room[1] / 2 - y * shrink[1] * scale
        return replace(self, size=size, room=room, scale=scale, left=left, top=top)._held()

    def zoomed(self, factor: float, x: float, y: float) -> Placement:
        """Magnified by ``factor`` around the widget's (x, y); never smaller than fitted."""
        whole = Placement.fit(self.size, self.room)
        scale = min(self.scale * factor, max(_CLOSEST, whole.scale))
        if scale <= whole.scale:
            return whole
        factor = scale / self.scale
        left, top = x - factor * (x - self.left), y - factor * (y - self.top)
        return replace(self, scale=scale, left=left, top=top, fitted=False)._held()

    def panned(self, dx: float, dy: float) -> Placement:
        """Shifted by widget pixels; the picture's middle half stays in sight."""
        return replace(self, left=self.left + dx, top=self.top + dy)._held()

    def to_picture(self, x: float, y: float) -> tuple[float, float]:
        """The picture's coordinates of a place in the widget; the first pixel's centre is (0.5, 0.5)."""
        return (x - self.left) / self.scale, (y - self.top) / self.scale

    def to_widget(self, x: float, y: float) -> tuple[float, float]:
        """The place in the widget of the picture's coordinates."""
        return self.left + x * self.scale, self.top + y * self.scale

    def _held(self) -> Placement:
        """With no empty border wider than needed."""
        left, top = (
            _hold(corner, self.scale * pixels, room)
            for corner, pixels, room in zip((self.left, self.top), self.size, self.room, strict=True)
        )
        return replace(self, left=left, top=top)


def _hold(corner: float, length: float, room: float) -> float:
    if length <= room:
        return (room - length) / 2
    return min(0.0, max(room - length, corner))
