"""What a fit shows: the body in the world, over the photo, and joint by joint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image as Picture
from PIL import ImageDraw

from lab.body.data import BodyData
from lab.body.look import CLAY
from lab.body.smplify.observed import Lens, Observed
from lab.cameras.drawing import frustum
from lab.cameras.model import CameraModel
from lab.keypoints.mapping import TORSO
from lab.photo.photo import Photo, shrunk
from lab.scene import Array, Image, Lines, Mesh
from lab.shading.lights import NONE, DirectionalLights, grey
from lab.shading.look import Look
from lab.shading.picture import Renderer

LONGEST: Final = 560
"""Pixels of a picture's longer side."""
_MARGIN = 0.25
_SHARE = 0.8
"""Of the body's colour where it covers the photo."""
_LIGHT = DirectionalLights((0.3, 0.6, 1.0), grey(0.45), grey(0.6), NONE)
_LEFT, _RIGHT, _MIDDLE = (255, 150, 40), (70, 160, 255), (255, 255, 255)
_GAP = (255, 60, 60)
_BONES: Final = (
    *((f"{side}_{a}", f"{side}_{b}") for side in ("left", "right") for a, b in (
        ("shoulder", "elbow"), ("elbow", "wrist"), ("hip", "knee"), ("knee", "ankle"), ("ankle", "heel"),
        ("ankle", "big_toe"), ("ankle", "foot_index"), ("shoulder", "hip"),
    )),
    TORSO[:2],
    TORSO[2:],
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Cutout:
    """The part of a photo around a person. pixels: (H, W, 3) float32 in [0, 1]. lens: that sees this part alone.

    left, top: of the part, pixels of the photo. scale: its pixels a pixel of the photo.
    """

    pixels: Array
    lens: Lens
    left: float
    top: float
    scale: float

    @classmethod
    def of(cls, photo: Photo, observed: Observed, lens: Lens) -> Cutout:
        """With a margin round the joints that are seen."""
        seen = observed.xy[observed.confidence > 0.0]
        low, high = seen.min(axis=0), seen.max(axis=0)
        room = _MARGIN * float((high - low).max()) + 4.0
        height, width = photo.size
        left, top = (max(0, int(v)) for v in low - room)
        right, bottom = min(width, int(high[0] + room) + 1), min(height, int(high[1] + room) + 1)
        left, top = min(left, width - 2), min(top, height - 2)
        part = photo.pixels[top : max(bottom, top + 2), left : max(right, left + 2)]
        scale = min(1.0, LONGEST / max(part.shape[:2]))
        size = max(2, round(scale * part.shape[0])), max(2, round(scale * part.shape[1]))
        own = Lens(lens.focal * scale, (lens.cx - left) * scale, (lens.cy - top) * scale, size)
        return cls(shrunk(part, size), own, left, top, scale)

    def places(self, xy: Array) -> Array:
        """Pixels of the photo as pixels of this part."""
        return np.asarray((xy - [self.left, self.top]) * self.scale)


class Views:
    """Draws one fit. before: those of the picture before, whose faces are the same object."""

    def __init__(self, data: BodyData, cutout: Cutout, observed: Observed, before: Views | None = None) -> None:
        self._cutout, self._observed = cutout, observed
        self._faces: Array = data.faces.astype(np.int32) if before is None else before._faces
        self._faces.flags.writeable = False
        self._renderer = Renderer()
        self._look = Look(lights=(_LIGHT,), plain=CLAY, textured=False)

    def mesh(self, verts: Array, lift: float) -> Mesh:
        """The body in the world. verts: (V, 3) in the camera's frame. lift: metres by which the camera is raised."""
        return Mesh(verts + np.array([0.0, lift, 0.0], np.float32), self._faces)

    def overlay(self, verts: Array) -> Image:
        """The body over the photo."""
        lens = self._cutout.lens
        shaded = self._renderer.render(Mesh(verts, self._faces), camera_of(lens), self._look)
        cover = _SHARE * shaded.alpha[..., None]
        mixed = (1.0 - cover) * self._cutout.pixels + cover * np.clip(shaded.rgb, 0.0, 1.0)
        return Image(np.asarray(np.rint(255.0 * mixed), np.uint8))

    def joints(self, found: Array) -> Image:
        """The joints of the photo as rings, those of the body (``found``, (K, 2) px of the photo) as dots."""
        image = Picture.fromarray(np.asarray(np.rint(255.0 * 0.75 * self._cutout.pixels), np.uint8))
        pen = ImageDraw.Draw(image, "RGBA")
        observed, given, own = self._observed, self._cutout.places(self._observed.xy), self._cutout.places(found)
        rows = {name: row for row, name in enumerate(observed.names)}
        for bone in _BONES:
            if bone[0] in rows and bone[1] in rows:
                _line(pen, own[rows[bone[0]]], own[rows[bone[1]]], (*_color(bone[0]), 150), 2)
        for row, name in enumerate(observed.names):
            sure = float(observed.confidence[row])
            if sure > 0.0:
                _line(pen, own[row], given[row], (*_GAP, 255), 2)
                _dot(pen, given[row], 5.0, outline=(*_color(name), int(60 + 195 * sure)))
            _dot(pen, own[row], 2.5, fill=(*_color(name), 255))
        return Image(np.asarray(image))


def camera_of(lens: Lens, lift: float = 0.0) -> CameraModel:
    """The camera that sees what a lens sees, raised by ``lift`` metres."""
    c2w = np.eye(4)
    c2w[1, 3] = lift
    return CameraModel(c2w, lens.focal, lens.focal, lens.cx, lens.cy, lens.size[1], lens.size[0])


def camera_lines(lens: Lens, lift: float) -> Lines:
    """The camera as a small frustum."""
    return frustum(camera_of(lens, lift), 0.02, 0.3)


def skeleton(points: Array, parents: Array, lift: float, color: Sequence[float]) -> Lines:
    """Joints (J, 3) in the camera's frame, joined to their parents."""
    edges = np.array([(parent, number) for number, parent in enumerate(parents) if parent >= 0], np.int32)
    shown = np.asarray(points + np.array([0.0, lift, 0.0]), np.float32)
    return Lines(shown, edges, np.broadcast_to(np.array(color, np.float32), (len(edges), 3)).copy())


def _color(name: str) -> tuple[int, int, int]:
    if name.startswith("left_"):
        return _LEFT
    return _RIGHT if name.startswith("right_") else _MIDDLE


def _line(pen: ImageDraw.ImageDraw, a: Array, b: Array, color: tuple[int, ...], width: int) -> None:
    pen.line([(float(a[0]), float(a[1])), (float(b[0]), float(b[1]))], fill=color, width=width)


def _dot(
    pen: ImageDraw.ImageDraw,
    at: Array,
    radius: float,
    *,
    fill: tuple[int, ...] | None = None,
    outline: tuple[int, ...] | None = None,
) -> None:
    x, y = float(at[0]), float(at[1])
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill, outline=outline, width=2)
