"""The scene of the two spheres: their mesh and colours, the camera, the target, and what is shown. Metres, world."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from lab.cameras.model import look_at
from lab.pose.camera_view import Lens
from lab.pose.drawings import TRUE, camera_lines, joined, picture, trail_lines
from lab.pose.model import Shape
from lab.pose.target import Target
from lab.pose.variables import Pose
from lab.scene import Array, Lines, Mesh, Snapshot

NAMES = ("red", "blue")
RADIUS = 0.45
BACKGROUND = np.array([0.86, 0.87, 0.88], np.float32)
_HUES = np.array([[0.92, 0.30, 0.26], [0.25, 0.45, 0.95]])
_LIGHT = np.array([0.4, 0.7, 0.59])
_CAMERA = np.array([0.0, 0.0, 4.0])
_FOV_DEG = 48.0
_RINGS, _SECTORS = 14, 22
_FINE = 2


class SphereScene:
    """size: pixels of a side. true: (2, 3) the positions of the target."""

    def __init__(self, size: int, true: Array) -> None:
        self.lens = Lens.of(_FOV_DEG, (size, size))
        self.closest = float(_CAMERA[2]) - 2 * RADIUS
        self._true = true
        self._unit, one = _globe()
        self.faces = np.concatenate([one, one + len(self._unit)]).astype(np.int32)
        self._one = one
        c2w = look_at(_CAMERA, np.zeros(3))
        flip = np.array([-1.0, 1.0, -1.0])
        R = c2w[:3, :3] * flip
        self.pose = Pose(R, -_CAMERA @ R, np.full(2, self.lens.focal), np.zeros(2))

    def verts(self, places: Array) -> Array:
        """(N V, 3): the vertices of spheres at ``places`` (N, 3)."""
        return np.asarray((RADIUS * self._unit[None] + places[:, None]).reshape(-1, 3))

    @cached_property
    def colors(self) -> Array:
        """(F, 3, 3) float32: each corner's colour in a light from far away, which no translation changes."""
        shade = 0.45 + 0.55 * np.square(0.5 + 0.5 * self._unit @ _LIGHT)
        both = np.concatenate([hue * shade[:, None] for hue in _HUES])
        return np.ascontiguousarray(both[self.faces], np.float32)

    def mask_of(self, places: Array) -> Array:
        """(H, W) bool: what spheres at ``places`` (N, 3) cover."""
        return self._drawn(places, self.lens)[1]

    def _drawn(self, places: Array, lens: Lens) -> tuple[Array, Array]:
        count = len(self._one) * len(places)
        shape = Shape(self.verts(places), self.faces[:count], self.colors[:count])
        drawn = lens.draw(shape, self.pose, 0.05)
        return np.where(drawn.seen[..., None], drawn.rgb, BACKGROUND), drawn.seen

    def target(self, noise: float, rng: np.random.Generator) -> Target:
        """The picture of the true positions: means of a finer one, with noise on the colours."""
        size = self.lens.size[0]
        fine = Lens(self.lens.focal, (_FINE * size, _FINE * size))
        rgb, seen = self._drawn(self._true, fine)
        rgb = rgb.reshape(size, _FINE, size, _FINE, 3).mean(axis=(1, 3))
        mask = seen.astype(np.float32).reshape(size, _FINE, size, _FINE).mean(axis=(1, 3))
        return Target(mask, np.clip(rgb + noise * rng.standard_normal(rgb.shape), 0, 1))

    def snapshot(self, places: Array, ways: Array, target: Target, rgb: Array) -> Snapshot:
        """places: (2, 3). ways: (N, 2, 3), from the start. rgb: (H, W, 3), the picture of the places."""
        assert target.rgb is not None
        scene: dict[str, Mesh | Lines] = {}
        for number, name in enumerate(NAMES):
            verts = (RADIUS * self._unit + places[number]).astype(np.float32)
            scene[name] = Mesh(verts, self._one, colors=self._vertex_colors[number])
            hue = tuple(_HUES[number].tolist())
            rings = _rings(self._true[number])
            colors = np.tile(np.array(hue, np.float32), (len(rings.edges), 1))
            scene[f"true {name}"] = Lines(rings.verts, rings.edges, colors)
        origin = np.zeros(3)
        still = np.zeros(len(ways), bool)
        trails = [trail_lines(ways[:, number], still, (hue[0], hue[1], hue[2]), origin) for number, hue in
                  enumerate(_HUES.tolist())]  # fmt: skip
        scene["ways"] = joined(trails, origin)
        scene["camera"] = camera_lines(self.pose.camera(self.lens.size), 0.6, TRUE, origin)
        apart = np.abs(rgb - target.rgb)
        pictures = {"target": target.rgb, "render": rgb, "difference": apart}
        return scene | {name: picture(pixels) for name, pixels in pictures.items()}

    @cached_property
    def _vertex_colors(self) -> tuple[Array, Array]:
        red, blue = (np.tile(hue, (len(self._unit), 1)).astype(np.float32) for hue in _HUES)
        return red, blue


def _globe() -> tuple[Array, Array]:
    """A sphere of radius 1: verts (V, 3) float64 and faces (F, 3) int32, wound outwards, of rings and sectors."""
    polar = np.pi * np.arange(1, _RINGS) / _RINGS
    around = 2 * np.pi * np.arange(_SECTORS) / _SECTORS
    ring = np.stack(
        [
            np.outer(np.sin(polar), np.sin(around)),
            np.repeat(np.cos(polar)[:, None], _SECTORS, axis=1),
            np.outer(np.sin(polar), np.cos(around)),
        ],
        axis=-1,
    ).reshape(-1, 3)
    verts = np.concatenate([[[0.0, 1.0, 0.0]], ring, [[0.0, -1.0, 0.0]]])
    last = len(verts) - 1
    faces = []
    for sector in range(_SECTORS):
        following = (sector + 1) % _SECTORS
        faces.append((0, 1 + sector, 1 + following))
        for row in range(_RINGS - 2):
            a, b = 1 + row * _SECTORS + sector, 1 + row * _SECTORS + following
            faces += [(a, a + _SECTORS, b), (b, a + _SECTORS, b + _SECTORS)]
        lowest = 1 + (_RINGS - 2) * _SECTORS
        faces.append((last, lowest + following, lowest + sector))
    return verts, np.array(faces, np.int32)


def _rings(place: Array) -> Lines:
    """Three great circles of a sphere at ``place`` (3,)."""
    count = 40
    angle = 2 * np.pi * np.arange(count) / count
    flat = np.stack([np.cos(angle), np.sin(angle), np.zeros(count)], axis=1)
    verts = np.concatenate([RADIUS * np.roll(flat, shift, axis=1) + place for shift in range(3)])
    one = np.stack([np.arange(count), (np.arange(count) + 1) % count], axis=1)
    return Lines(verts.astype(np.float32), np.concatenate([one + count * k for k in range(3)]).astype(np.int32))
