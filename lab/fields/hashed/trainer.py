"""Training a hashed field on posed images."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lab.cameras.model import CameraModel
from lab.experiment import State
from lab.fields.hashed.adam import descend, descend_table
from lab.fields.hashed.bake import Baker
from lab.fields.hashed.network import MOST_LEVELS, Network, Slopes, buffers_of, first_values, matrices, network_of
from lab.fields.hashed.occupancy import Look, Occupancy, looker
from lab.fields.hashed.options import HashOptions
from lab.fields.hashed.rays import Space, pictures_of
from lab.fields.hashed.train_kernels import train_rays
from lab.fields.hashed.view_kernels import draw_rays
from lab.fields.hull import hull_of
from lab.fields.instant.grid import first_cells, grid_of, pixels_that_meet, widened
from lab.fields.rays import rays_of
from lab.fields.trainer import Seen, factor, grounds, weights_of
from lab.kernels.crew import Crew
from lab.posed.images import PosedImages
from lab.scene import Array, Field

STEP = 0.5
"""Of an occupancy cell's edge: the way from one sample to the next."""

_FIRST_RAYS = 256
_ROWS = 1 << 14  # of the table, that a thread takes at a time
_TILE = 1024  # rays of a view, likewise
VIEW_DARK = 4e-3
"""Rays of views end where less light than this is left."""

SKY_RATE = 0.02
_FAINT = 1e-3
_CHEAPER = 8.0  # is a ray of a view than one of a step
_FOG, _FOG_STEP = 0.5, 4.0
_NO_SKY = np.zeros((0, 1, 3), np.float32)


class HashedField:
    """A Trainer. images: the pictures to train on. pause: asked between the tiles of views; what it raises passes on.

    The same seed gives the same steps on machines with the same number of threads.
    """

    def __init__(
        self,
        images: PosedImages,
        options: HashOptions | None = None,
        *,
        seed: int = 0,
        pause: Callable[[], None] = lambda: None,
    ) -> None:
        self.options = options or HashOptions()
        self._seed, self._pause = seed, pause
        self._crew, self.used = Crew(), MOST_LEVELS
        self.steps, self._rays = 0, min(_FIRST_RAYS, self.options.rays)
        self._pictures = pictures_of(images)
        self._place(images)
        self._sky = _NO_SKY
        if self.options.sky:
            mean = images.pixels.reshape(-1, 3)[:: len(images)].mean(axis=0) / 255
            self._sky = np.tile(mean.astype(np.float32), (self.options.sky_rows, 2 * self.options.sky_rows, 1))
        self._sky_moments = np.zeros((2, *self._sky.shape), np.float32)
        self._learn(*first_values(self.options, seed))
        viewing = np.stack([-camera.rotation[:, 2] for camera in images.cameras])
        self._baker = Baker(self.options.finer, viewing, self.options.harmonics)
        self._field: tuple[int, Field] | None = None

    def _place(self, images: PosedImages) -> None:
        """The box, which of its cells the masks leave, and the pixels whose rays meet them."""
        cells, self._lower, self._edge = first_cells(images.lower, images.upper, self.options.cells)
        self._longest = float((images.upper - images.lower).max())
        hull = cells
        if self.options.skip:
            hull = hull_of(images, cells, self._lower, self._edge, self._pictures.views, self._crew)
        self._occupancy = Occupancy(hull, self.options.faint)
        self._lit = np.zeros((self._crew.threads, *hull.shape), np.uint8)
        height, width = images.pixels.shape[1:3]
        self._candidates = np.arange(len(images) * height * width)
        if not self.options.sky:
            grid = grid_of(hull, self._lower, self._edge)
            meeting = pixels_that_meet(grid, self._pictures.views, width, height, self._crew)
            self._candidates = meeting if len(meeting) else self._candidates

    def _learn(self, table: Array, vector: Array) -> None:
        """Work with these values from now on."""
        parts = self._crew.threads
        self._table, self._vector = table, vector
        self._table_moments, self._moments = (np.zeros((2, *values.shape), np.float32) for values in (table, vector))
        self._gradients = np.zeros((parts, *table.shape), np.float32)
        self._touched = np.zeros((parts, len(table)), np.uint8)
        self._vector_gradients = np.zeros((parts, len(vector)), np.float32)
        self._sky_gradients = np.zeros((parts, *self._sky.shape), np.float32)
        self._slopes = [
            Slopes(self._gradients[part], self._touched[part], matrices(self.options, self._vector_gradients[part]))
            for part in range(parts)
        ]
        self._ready()
        self._buffers = deque(buffers_of(self._network) for _ in range(parts))

    def _ready(self) -> None:
        self._network: Network = network_of(self.options, self._table, self._vector, self.used)

    @property
    def space(self) -> Space:
        """The box and what is occupied in it."""
        return Space(
            self._occupancy.cells, self._occupancy.blocks, self._lower, 1.0 / self._edge, STEP * self._edge,
            1.0 / max(self._occupancy.cells.shape), 1.0 / self._longest,
        )  # fmt: skip

    def use_levels(self, count: int) -> None:
        """From now on, steps and views use the first ``count`` levels of the encoding; the others give zeros."""
        if count != self.used:
            self.used, self._field = count, None
            self._ready()

    # --- a step -----------------------------------------------------------------------------------------------------

    def step(self, live: Any = None) -> Mapping[str, float]:
        """One step. live: may have the weights ``color_weight`` and ``mask_weight``; ``rate``, a factor; and ``used``,
        as in ``use_levels``.
        """
        options = self.options
        self.use_levels(int(factor(live, "used", self.used)))
        rng = np.random.default_rng([self._seed, self.steps])
        count = self._rays
        chosen = self._candidates[rng.integers(len(self._candidates), size=count)]
        loss = self._back(
            chosen,
            rng.random(count, np.float32),
            grounds(options.ground, len(self._pictures.alphas) > 0, rng, count),
            live,
        )
        rate = 0.5 ** (max(0, self.steps - options.even) / options.half_life) * factor(live, "rate")
        self._descend(rate)
        self.steps += 1
        self._rays = _rays_for(options, count, loss[2])
        self._look_around(rng)
        metrics = {"color": loss[0] / (3 * count)}
        if len(self._pictures.alphas):
            metrics["mask"] = loss[1] / count
        return metrics

    def _back(self, chosen: Array, jitter: Array, ground: Array, live: Any) -> Array:
        parts, space = self._crew.threads, self.space
        bounds = np.linspace(0, len(chosen), parts + 1).astype(int)
        loss = np.zeros((parts, 4))
        color, mask = weights_of(live)

        def part(number: int) -> None:
            buffers = self._buffers.popleft()
            train_rays(
                bounds[number], bounds[number + 1], chosen, jitter, ground, self._pictures, space, self._sky,
                self._network, buffers, color / len(chosen), mask / len(chosen), self._slopes[number],
                self._sky_gradients[number], self._lit[number], loss[number],
            )  # fmt: skip
            self._buffers.append(buffers)

        self._crew.share([lambda number=number: part(number) for number in range(parts)])
        return np.asarray(loss.sum(axis=0))

    def _descend(self, rate: float) -> None:
        table, (mean, spread) = self._table, self._table_moments

        def tile(first: int) -> None:
            last = min(first + _ROWS, len(table))
            descend_table(
                first, last, table, mean, spread, self._gradients, self._touched, rate * self.options.table_rate
            )

        self._crew.share([lambda first=first: tile(first) for first in range(0, len(table), _ROWS)])
        slope = self._vector_gradients.sum(axis=0)
        self._vector_gradients[:] = 0
        descend(self._vector, self._moments[0], self._moments[1], slope, rate * self.options.network_rate)
        if len(self._sky):
            mean, spread = self._sky_moments
            descend(self._sky, mean, spread, self._sky_gradients.sum(axis=0), rate * SKY_RATE)
            np.clip(self._sky, 0.0, 1.0, out=self._sky)
            self._sky_gradients[:] = 0
        self._ready()

    def _view_space(self) -> Space:
        """The space for views. Where most of it is occupied there is nothing but fog, which takes fewer samples."""
        space = self.space
        foggy = float(space.cells.mean()) > _FOG
        return space._replace(step=_FOG_STEP * space.step) if foggy else space

    def _look_around(self, rng: np.random.Generator) -> None:
        """Find out which cells are occupied, when it is time to."""
        options = self.options
        if not options.skip:
            return
        if self.steps % options.dark_every == 0:
            self._occupancy.leave_out(widened(self._lit.max(axis=0), self._crew) == 0)
            self._lit[:] = 0
        if self.steps % options.occupied_every == 0:
            everywhere = self.steps <= options.occupied_all
            self._occupancy.update(self._looker(), everywhere, rng)

    def _looker(self) -> Look:
        return looker(self._network, self.space, self._crew)

    # --- what there is ----------------------------------------------------------------------------------------------

    def render(self, camera: CameraModel) -> Seen:
        """The view of a camera, by the networks; over the sky, over white where that is the ground, else over black."""
        origins, directions = rays_of(camera)
        out = np.empty((len(origins), 5), np.float32)
        ground, space = float(self.options.ground == "white"), self._view_space()

        def tile(first: int) -> None:
            buffers = self._buffers.popleft()
            last = min(first + _TILE, len(origins))
            draw_rays(
                first, last, origins, directions, space, self._sky, ground, VIEW_DARK, self._network, buffers, out
            )  # fmt: skip
            self._buffers.append(buffers)

        band = _TILE * 16
        for begin in range(0, len(origins), band):
            self._pause()
            firsts = range(begin, min(begin + band, len(origins)), _TILE)
            self._crew.share([lambda first=first: tile(first) for first in firsts])
        height, width, opacity = camera.height, camera.width, out[:, 3]
        depth = np.divide(out[:, 4], opacity, out=np.zeros_like(opacity), where=opacity > _FAINT)
        color = np.clip(out[:, :3], 0.0, 1.0).reshape(height, width, 3)
        return Seen(color, opacity.reshape(height, width), depth.reshape(height, width))

    def field(self) -> Field:
        """The field as voxels; its ``rows`` are the same object until the occupied cells change."""
        if self._field is None or self._field[0] != self.steps:
            self._sync()
            sky = self._sky if len(self._sky) else None
            self._field = self.steps, self._baker.bake(self._network, self.space, sky, self._crew)
        return self._field[1]

    @property
    def snapshot_effort(self) -> float:
        """How many steps ``field`` and a view take, roughly: a vertex is as much work as a sample."""
        height, width = self._pictures.pixels.shape[1:3]
        vertices, samples = self._baker.vertices(self.space), self.options.samples
        return float(vertices / samples + height * width / (_CHEAPER * self._rays))

    def state(self) -> State:
        """A checkpoint."""
        self._sync()
        return {
            "steps": self.steps,
            "rays": self._rays,
            "table": np.stack([self._table, *self._table_moments]),
            "layers": np.stack([self._vector, *self._moments]),
            "sky": np.stack([self._sky, *self._sky_moments]),
            "occupancy": self._occupancy.state(),
            "lit": self._lit.max(axis=0),
        }

    def _sync(self) -> None:
        """Called before what was learned is read: a chance to fetch it from elsewhere."""

    def restore(self, state: State) -> None:
        """Go on from a checkpoint."""
        self.steps, self._rays = int(state["steps"]), int(state["rays"])
        table, layers, sky = (np.array(state[name]) for name in ("table", "layers", "sky"))
        self._sky, self._sky_moments = sky[0], sky[1:]
        self._learn(table[0], layers[0])
        self._table_moments, self._moments = table[1:], layers[1:]
        self._occupancy.restore(state["occupancy"])
        self._lit[:] = 0
        self._lit[0] = state["lit"]
        self._field = None

    def close(self) -> None:
        """End its threads."""
        self._crew.close()


def _rays_for(options: HashOptions, rays: int, samples: float) -> int:
    """How many rays the next step takes, so that it has the samples it should; at most twice as many as this one."""
    wanted = int(rays * options.samples / max(samples, 1.0))
    return min(max(wanted, 64), 2 * rays, options.rays)
