"""Pictures of a radiance field from any camera."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import numpy as np

from lab.cameras.model import CameraModel
from lab.fields.march_kernels import BLOCK, densities, find_cells, march
from lab.fields.rays import rays_of
from lab.fields.trainer import Seen
from lab.kernels.crew import Crew
from lab.scene import Array, Field

STEP = 0.5
"""Of a cell's shortest edge: the way from one sample to the next."""

_STOP, _FAINT = 4e-3, 1e-3
_TILE = 2048  # rays that a thread takes at a time
_BAND = 16  # tiles between two pauses
_NO_SKY = np.zeros((0, 1, 3), np.float32)
_NO_LIMITS = np.zeros(0, np.float32)


class FieldView:
    """A field that is ready to be drawn. ``update`` it with a newer one: what did not change costs nothing."""

    def __init__(self, field: Field, crew: Crew | None = None) -> None:
        self._crew = crew
        self._field: Field | None = None
        self.update(field)

    def update(self, field: Field) -> None:
        """Show this field from now on. Raises ValueError for rows that the field does not have."""
        before = self._field
        if (before is None or field.rows is not before.rows) and int(field.rows.max()) >= len(field.density):
            raise ValueError(f"Field.rows: expected less than {len(field.density)}, found {int(field.rows.max())}")
        self._field = field
        if before is None or field.rows is not before.rows:
            shape = np.array(field.rows.shape) - 1
            self._cells = np.zeros(shape, np.uint8)
            self._blocks = np.zeros(-(-shape // BLOCK), np.uint8)
            find_cells(field.rows, self._cells, self._blocks)
        if before is None or field.density is not before.density or field.color is not before.color:
            self._packed = np.empty((len(field.density), 1 + 3 * field.color.shape[2]), np.float32)
            self._packed[:, 0] = field.density
            self._packed[:, 1:] = field.color.reshape(len(field.density), 3 * field.color.shape[2])
        self._sky = _NO_SKY if field.sky is None else field.sky.astype(np.float32)

    @property
    def field(self) -> Field:
        """What is shown."""
        assert self._field is not None
        return self._field

    @property
    def occupied(self) -> tuple[Array, Array] | None:
        """Lower and upper corner, (3,) float64, world, of the blocks that are not empty; None when all are."""
        found = np.argwhere(self._blocks)
        if not len(found):
            return None
        edge = self._edges()
        low, high = found.min(axis=0) * BLOCK, np.minimum((found.max(axis=0) + 1) * BLOCK, self._cells.shape)
        return self.field.lower + low * edge, self.field.lower + high * edge

    def render(self, camera: CameraModel, *, stop: float = _STOP, pause: Callable[[], None] = lambda: None) -> Seen:
        """What the camera sees, over the sky where there is one, else over black.

        stop: rays end where less light than this is left. pause: asked now and then, on the calling thread; what it
        raises is passed on.
        """
        drawn = self.draw(*rays_of(camera), stop=stop, pause=pause)
        height, width = camera.height, camera.width
        opacity = drawn[:, 3]
        depth = np.divide(drawn[:, 4], opacity, out=np.zeros_like(opacity), where=opacity > _FAINT)
        return Seen(
            np.clip(drawn[:, :3], 0.0, 1.0).reshape(height, width, 3),
            opacity.reshape(height, width),
            depth.reshape(height, width),
        )

    def normals(self, camera: CameraModel) -> Array:
        """(H, W, 3) float32 unit, world: which way the surface looks; zeros where nothing is."""
        gradient = -self.draw(*rays_of(camera), normals=True)[:, 5:]
        length = np.linalg.norm(gradient, axis=1, keepdims=True)
        unit = np.divide(gradient, length, out=np.zeros_like(gradient), where=length > 0)
        return unit.reshape(camera.height, camera.width, 3)

    def draw(
        self,
        origins: Array,
        directions: Array,
        *,
        limits: Array = _NO_LIMITS,
        sky: bool = True,
        stop: float = _STOP,
        normals: bool = False,
        pause: Callable[[], None] = lambda: None,
    ) -> Array:
        """(R, 8) float32 for rays with unit ``directions``, both (R, 3) float32, world: red, green, blue, opacity, the
        sum of weight times distance along the ray, and the weighted sum of the gradients of the raw density.

        limits: (R,) float32, metres along each ray where it ends. sky: whether the field's own is behind.
        """
        field, edge = self.field, self._edges()
        out = np.empty((len(origins), 8), np.float32)
        step = STEP * float(edge.min())

        def tile(first: int) -> None:
            last = min(first + _TILE, len(origins))
            march(
                first, last, origins, directions, limits, field.rows, self._packed, self._cells, self._blocks,
                field.lower, 1.0 / edge, step, field.scale, self._sky if sky else _NO_SKY, stop, _FAINT, normals, out,
            )  # fmt: skip

        with nullcontext(self._crew) if self._crew is not None else Crew() as crew:
            for begin in range(0, len(origins), _BAND * _TILE):
                pause()
                end = min(begin + _BAND * _TILE, len(origins))
                crew.share([lambda first=first: tile(first) for first in range(begin, end, _TILE)])
        return out

    def densities(self, points: Array) -> Array:
        """(N,) float32, per metre: sigma at points (N, 3) float32, world; 0 where the field has no cell."""
        out = np.empty(len(points), np.float32)
        edge, field = self._edges(), self.field
        densities(points, field.rows, self._packed, self._cells, field.lower, 1.0 / edge, field.scale, out)
        return out

    def _edges(self) -> Array:
        """(3,) float64: a cell's edges, metres."""
        return (self.field.upper - self.field.lower) / (np.array(self.field.rows.shape) - 1)
