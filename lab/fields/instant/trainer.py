"""Training an instant field on posed images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from lab.cameras.model import CameraModel
from lab.experiment import State
from lab.fields.hull import hull_of
from lab.fields.instant.grid import Grid, doubled, first_cells, grid_of, pixels_that_meet, taken_over, widened
from lab.fields.instant.kernels import descend, gather, train_rays
from lab.fields.instant.options import Options
from lab.fields.instant.poses import Poses
from lab.fields.march import STEP, FieldView
from lab.fields.rays import view_numbers
from lab.fields.trainer import Seen, factor, grounds, weights_of
from lab.kernels.crew import Crew
from lab.posed.images import PosedImages
from lab.scene import Array, Field

_ROWS = 1 << 14  # that a thread takes at a time
_SKY_RATE = 0.02
_NO_SKY = np.zeros((0, 1, 3), np.float32)
_THINNER = 2  # gradients of a finer grid's vertices, against the coarser ones': Adam goes on as it was, without a jolt


class InstantField:
    """A Trainer. images: the pictures to train on. options.harmonics and the rest may not change on the way.

    The same seed gives the same steps on machines with the same number of threads.
    """

    def __init__(self, images: PosedImages, options: Options | None = None, *, seed: int = 0) -> None:
        self.options = options or Options()
        self._images, self._seed = images, seed
        self._crew = Crew()
        self._mean: Array = np.zeros(0)
        self._spread: Array = np.zeros(0)
        self._views = view_numbers(images.cameras)
        self._middle = (images.lower + images.upper) / 2
        self._poses = Poses(images.cameras, self._middle, float((images.upper - images.lower).max()) / 2)
        rows = len(images.cameras) if self.options.refine_cameras else 0
        self._pose_gradients = np.zeros((self._crew.threads, rows, 6))
        count, self._height, self._width = images.pixels.shape[:3]
        self._alphas = np.zeros((0, 1, 1), np.uint8) if images.alphas is None else images.alphas
        self._scale = self.options.scale * 2.0 / float((images.upper - images.lower).max())
        self.steps = self._level = self._pruned = 0
        cells, lower, edge = first_cells(images.lower, images.upper, self.options.cells)
        usual = self._usual()
        grid = grid_of(self._within_masks(cells, lower, edge), lower, edge)
        self._packed = np.tile(usual, (grid.vertices, 1))
        taken_over(grid, self._packed, grid, 1, usual)
        self._sky = _NO_SKY
        if self.options.sky:
            mean = images.pixels[..., :].reshape(-1, 3)[:: max(1, count)].mean(axis=0) / 255
            self._sky = np.tile(mean.astype(np.float32), (self.options.sky_rows, 2 * self.options.sky_rows, 1))
        self._sky_mean, self._sky_spread = np.zeros_like(self._sky), np.zeros_like(self._sky)
        self._begin(grid)
        self._view: FieldView | None = None
        self._field: tuple[int, Field, Grid] | None = None

    # --- a step -----------------------------------------------------------------------------------------------------

    def step(self, live: Any = None) -> Mapping[str, float]:
        """One step. live: may have the weights ``color_weight`` and ``mask_weight``, and ``smooth_weight``
        and ``rate``, factors of the usual."""
        options = self.options
        self._refine()
        rng = np.random.default_rng([self._seed, self.steps])
        count = options.rays
        chosen = self._candidates[rng.integers(len(self._candidates), size=count)]
        jitter = rng.random(count, np.float32)
        loss = self._back(chosen, jitter, grounds(options.ground, self._images.alphas is not None, rng, count), live)
        rate = 0.5 ** (max(0, self.steps - (options.finer or (0,))[-1]) / options.half_life) * factor(live, "rate")
        smooth = factor(live, "smooth_weight")
        self._descend(
            options.density_rate * rate,
            options.color_rate * rate,
            smooth * options.density_smooth,
            smooth * options.color_smooth,
        )
        self._descend_sky(_SKY_RATE * rate)
        self._descend_poses()
        self.steps += 1
        metrics = {"color": loss[0] / (3 * count)}
        if self._images.alphas is not None:
            metrics["mask"] = loss[1] / count
        return metrics

    def _back(self, chosen: Array, jitter: Array, ground: Array, live: Any) -> Array:
        grid, parts = self._grid, self._crew.threads
        inverse, step = np.full(3, 1.0 / grid.edge), STEP * grid.edge
        bounds = np.linspace(0, len(chosen), parts + 1).astype(int)
        loss = np.zeros((parts, 3))
        one = self._packed.dtype.type(1)
        color, mask = weights_of(live)

        def part(number: int) -> None:
            train_rays(
                bounds[number], bounds[number + 1], chosen, jitter, ground, self._views, self._images.pixels,
                self._alphas, grid.rows, self._packed, grid.cells, grid.blocks, self._sky, grid.lower, inverse, step,
                self._scale, one, color, mask, self._gradients[number], self._sky_gradients[number],
                self._touched[number], self._heaviest[number], loss[number], self._middle, self._pose_gradients[number],
            )  # fmt: skip

        self._crew.share([lambda number=number: part(number) for number in range(parts)])
        return np.asarray(loss.sum(axis=0))

    def _descend(self, density_rate: float, color_rate: float, density_smooth: float, color_smooth: float) -> None:
        one = self._packed.dtype.type(1)
        share = 1.0 / self.options.rays
        grid = self._grid

        def collect(first: int) -> None:
            gather(
                first, min(first + _ROWS, len(self._packed)), self._packed, self._gradients, self._touched, grid.places,
                grid.rows, density_smooth, color_smooth, share, one,
            )  # fmt: skip

        def update(first: int) -> None:
            descend(
                first, min(first + _ROWS, len(self._packed)), self._packed, self._mean, self._spread,
                self._gradients[0], self._touched[0], density_rate, color_rate, one,
            )  # fmt: skip

        for work in (collect, update):
            self._crew.share([lambda first=first, do=work: do(first) for first in range(0, len(self._packed), _ROWS)])

    def _descend_sky(self, rate: float) -> None:
        if not len(self._sky):
            return
        total = self._sky_gradients.sum(axis=0)
        self._sky_gradients[:] = 0
        seen = total != 0
        self._sky_mean[seen] += 0.1 * (total - self._sky_mean)[seen]
        self._sky_spread[seen] += 0.01 * (total * total - self._sky_spread)[seen]
        self._sky[seen] -= (rate * self._sky_mean / (np.sqrt(self._sky_spread) + 1e-10))[seen]
        np.clip(self._sky, 0.0, 1.0, out=self._sky)

    def _descend_poses(self) -> None:
        options = self.options
        if options.refine_cameras and self.steps >= options.pose_from:
            rate = options.pose_rate * 0.5 ** ((self.steps - options.pose_from) / options.pose_half_life)
            self._poses.descend(self._pose_gradients.sum(axis=0) / options.rays, rate)
            self._views = view_numbers(self._poses.cameras())
        self._pose_gradients[:] = 0

    def cameras(self) -> tuple[CameraModel, ...]:
        """The training cameras, corrected as far as that was asked for."""
        return self._poses.cameras()

    # --- the grid ---------------------------------------------------------------------------------------------------

    def _refine(self) -> None:
        options, step = self.options, self.steps
        if self._level < len(options.finer) and step >= options.finer[self._level]:
            self._level += 1
            self._finer()
        elif step >= options.prune_at and (step - options.prune_at) % options.prune_every == 0 and step > self._pruned:
            self._prune()

    def _finer(self) -> None:
        old = self._grid
        cells, edge = doubled(old.cells), old.edge / 2
        grid = grid_of(self._within_masks(cells, old.lower, edge), old.lower, edge)
        zeros = np.zeros_like(self._usual())
        mean, spread = (taken_over(grid, moment, old, 2, zeros) for moment in (self._mean, self._spread))
        self._packed = taken_over(grid, self._packed, old, 2, self._usual())
        self._begin(grid)
        self._mean, self._spread = mean / _THINNER, spread / _THINNER**2

    def _prune(self) -> None:
        old = self._grid
        kept = widened((self._heaviest.max(axis=0) > self.options.faint).astype(np.uint8), self._crew) & old.cells
        if not kept.any():
            return
        grid = grid_of(kept, old.lower, old.edge)
        zeros = np.zeros_like(self._usual())
        mean, spread = (taken_over(grid, moment, old, 1, zeros) for moment in (self._mean, self._spread))
        self._packed = taken_over(grid, self._packed, old, 1, zeros)
        self._begin(grid)
        self._mean, self._spread = mean, spread
        self._pruned = self.steps

    def _begin(self, grid: Grid) -> None:
        """Work on this grid from now on; ``_packed`` fits it already."""
        parts, shape = self._crew.threads, self._packed.shape
        self._grid = grid
        self._begun = self._views.copy()
        self._pruned = self.steps
        self._mean, self._spread = np.zeros_like(self._packed), np.zeros_like(self._packed)
        self._gradients = np.zeros((parts, *shape), self._packed.dtype)
        self._sky_gradients = np.zeros((parts, *self._sky.shape), np.float32)
        self._touched = np.zeros((parts, shape[0]), np.uint8)
        self._heaviest: Array = np.zeros((parts, *grid.cells.shape), np.float32)
        self._candidates = np.arange(len(self._views) * self._height * self._width)
        if not len(self._sky):
            meeting = pixels_that_meet(grid, self._views, self._width, self._height, self._crew)
            self._candidates = meeting if len(meeting) else self._candidates

    def _within_masks(self, cells: Array, lower: Array, edge: float) -> Array:
        return hull_of(self._images, cells, lower, edge, self._views, self._crew)

    def _usual(self) -> Array:
        usual = np.zeros(1 + 3 * self.options.harmonics, np.float32)
        usual[0] = self.options.first_density
        return usual

    # --- what there is ----------------------------------------------------------------------------------------------

    def render(self, camera: CameraModel) -> Seen:
        """The view of a camera, on white where it was trained so."""
        field = self.field()
        if self._view is None:
            self._view = FieldView(field, self._crew)
        self._view.update(field)
        seen = self._view.render(camera)
        if self.options.ground == "white" and field.sky is None:
            return replace(seen, color=np.minimum(seen.color + (1 - seen.opacity[..., None]), 1.0))
        return seen

    def field(self) -> Field:
        """The field as it is; its ``rows`` are the same object until the grid changes."""
        if self._field is None or self._field[0] != self.steps:
            grid = self._grid
            values = self._packed.astype(np.float16)
            colors = values[:, 1:].reshape(len(values), 3, -1)
            sky = self._sky.astype(np.float16) if len(self._sky) else None
            rows = self._field[1].rows if self._field is not None and self._field[2] is grid else grid.rows
            field = Field(rows, values[:, 0], colors, grid.lower, grid.upper, self._scale, sky)
            self._field = self.steps, field, grid
        return self._field[1]

    def state(self) -> State:
        """A checkpoint."""
        grid = self._grid
        return {
            "steps": self.steps,
            "level": self._level,
            "pruned": self._pruned,
            "cells": grid.cells.copy(),
            "lower": grid.lower.copy(),
            "edge": grid.edge,
            "packed": self._packed.copy(),
            "mean": self._mean.copy(),
            "spread": self._spread.copy(),
            "heaviest": self._heaviest.max(axis=0),
            "sky": np.stack([self._sky, self._sky_mean, self._sky_spread]),
            "begun": self._begun,
            **self._poses.state(),
        }

    def restore(self, state: State) -> None:
        """Go on from a checkpoint."""
        self.steps, self._level = int(state["steps"]), int(state["level"])
        grid = grid_of(np.array(state["cells"]), np.array(state["lower"]), float(state["edge"]))
        self._packed = np.array(state["packed"])
        taken_over(grid, self._packed, grid, 1, self._usual())  # fills the places
        self._sky, self._sky_mean, self._sky_spread = (np.array(part) for part in state["sky"])
        self._views = np.array(state["begun"])  # which pixels meet the grid was found with these
        self._begin(grid)
        self._poses.restore(state)
        if self.options.refine_cameras:  # else they are as they were, to the last digit
            self._views = view_numbers(self._poses.cameras())
        self._mean, self._spread = np.array(state["mean"]), np.array(state["spread"])
        self._heaviest[0] = state["heaviest"]
        self._pruned = int(state["pruned"])
        self._field = None

    def close(self) -> None:
        """End its threads."""
        self._crew.close()
