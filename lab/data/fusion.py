"""The study "Depth fusion": cameras around an object, their depth images, and the field that they make together."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lab.chapters.data.fusion import FusionParams
from lab.data import views
from lab.data.caster import Caster
from lab.data.compare import Reference
from lab.data.depth import DepthCamera, look_at, orbit
from lab.data.grid import Grid, grid_around
from lab.data.marching_cubes import surface_of
from lab.data.objects import Body, body
from lab.data.slices import slice_index, slice_picture, slice_plane, slice_values
from lab.data.tsdf_volume import TsdfVolume
from lab.kernels.crew import Crew
from lab.render.messages import Style
from lab.scene import Array, Lines, Mesh
from lab.studies.kept import Kept
from lab.study import Board, Note, Picture, StudyContext, StudyError, View3D

QUICK_RESOLUTION = 48
LIVE_RESOLUTION = 80
_FOV_DEG = 50.0
_GOLDEN = math.pi * (3.0 - math.sqrt(5.0))
_WAITING = Style(color=(0.5, 0.5, 0.5), opacity=0.6)
_DONE = Style(color=views.CAMERA.color)
_NEWEST = Style(color=(1.0, 0.95, 0.5))


@dataclass(frozen=True, eq=False)
class _Rig:
    """The cameras, in the order in which they are fused."""

    cameras: tuple[DepthCamera, ...]


class _Images:
    """The depth images of a rig, each made when it is first asked for."""

    def __init__(self, caster: Caster, rig: _Rig, noise: float, seed: int) -> None:
        self._caster, self._rig, self._noise, self._seed = caster, rig, noise, seed
        self._made: dict[int, Array] = {}

    def __getitem__(self, number: int) -> Array:
        """(H, W) float32, metres, infinity where nothing is."""
        if number not in self._made:
            depth, _ = self._caster.depth(self._rig.cameras[number])
            if self._noise > 0.0:
                rng = np.random.default_rng([self._seed, number])
                depth = depth + np.float32(self._noise) * rng.standard_normal(depth.shape, np.float32)
            self._made[number] = depth
        return self._made[number]


class _Fused:
    """A volume and how many images are in it. Going on from there is quick; going back begins anew."""

    def __init__(self, images: _Images, rig: _Rig, grid: Grid, truncation: float, most_weight: float) -> None:
        self._images, self._rig = images, rig
        self._settings = (grid, truncation * grid.voxel, most_weight)
        self._volume = TsdfVolume(*self._settings)
        self._count = 0

    def after(self, count: int, ctx: StudyContext, crew: Crew) -> TsdfVolume:
        """The volume with the first ``count`` images. It is the same object each time, and changes."""
        if count < self._count:
            self._volume, self._count = TsdfVolume(*self._settings), 0
        while self._count < count:
            ctx.report(self._count / count, "Fusing depth images")
            self._volume.integrate(self._images[self._count], self._rig.cameras[self._count], crew=crew)
            self._count += 1
        return self._volume


@dataclass(frozen=True, eq=False)
class _State:
    """What is shown of a volume: copies, as the volume goes on changing."""

    grid: Grid
    truncation: float
    values: Array
    weights: Array
    surface: Mesh


class Fusion:
    """See ``lab.study.Study``."""

    def __init__(self) -> None:
        self._kept = Kept()
        self._crew = Crew()

    def boards(self, params: FusionParams, ctx: StudyContext) -> Iterator[Board]:
        """At once what is fused so far; how good it is, and a fine volume, a moment later."""
        found = self._kept.get("body", (ctx.geometry("object"),), lambda: body(ctx.geometry("object")))
        mesh = found.mesh
        if mesh is None:
            raise StudyError("The cameras look at a surface, and the object is a point cloud. Choose a mesh.")
        placed = (found, params.cameras, params.placing, params.elevation, params.distance, params.pixels)
        rig = self._kept.get("rig", placed, lambda: _rig(params, found))
        caster = self._kept.get("caster", (mesh,), lambda: Caster(mesh.verts, mesh.faces))
        noise = 0.01 * params.noise * found.size
        images = self._kept.get("images", (rig, noise, ctx.seed), lambda: _Images(caster, rig, noise, ctx.seed))
        start = time.perf_counter()
        count = min(params.fused, params.cameras)
        if params.resolution > LIVE_RESOLUTION:
            state = self._state("quick ", params, QUICK_RESOLUTION, found, rig, images, ctx)
            yield self._board(params, found, rig, images, state, {}, "")
        state = self._state("", params, params.resolution, found, rig, images, ctx)
        status = f"{count} images in {1e3 * (time.perf_counter() - start):,.0f} ms"
        if not self._kept.has("quality", (state.surface, found, ctx.seed)):
            yield self._board(params, found, rig, images, state, {}, status)
            ctx.report(None, "Measuring the fused surface")
        quality = self._kept.get("quality", (state.surface, found, ctx.seed), lambda: self._quality(found, state, ctx))
        yield self._board(params, found, rig, images, state, quality, status)

    def _state(
        self,
        stage: str,
        params: FusionParams,
        resolution: int,
        found: Body,
        rig: _Rig,
        images: _Images,
        ctx: StudyContext,
    ) -> _State:
        get = self._kept.get
        grid = get(stage + "grid", (found, resolution), lambda: grid_around(found.lower, found.upper, resolution))
        settings = (images, grid, params.truncation, params.most_weight)
        fused = get(
            stage + "fused",
            settings,
            lambda: _Fused(images, rig, grid, params.truncation, params.most_weight),
        )
        count = min(params.fused, params.cameras)
        return get(
            stage + "state", (fused, count), lambda: _look(fused.after(count, ctx, self._crew), found.geometry.origin)
        )

    def _quality(self, found: Body, state: _State, ctx: StudyContext) -> dict[str, float | str | bool]:
        """How much of the object the fused surface covers, and how near to the object it lies."""
        if not len(state.surface.faces):
            return {"Seen (%)": 0.0}
        rng = np.random.default_rng([ctx.seed, 5])
        original = self._kept.get("original", (found,), lambda: Reference(found.geometry, rng, self._crew))
        try:
            result = Reference(state.surface, rng, self._crew)
        except ValueError:  # faces without area
            return {"Seen (%)": 0.0}
        near = result.distances(original.samples[0]) <= state.grid.voxel
        return {
            "Seen (%)": 100.0 * float(near.mean()),
            "Accuracy": float(original.distances(result.samples[0]).mean()),
        }

    # --- the board ----------------------------------------------------------------------------------------------

    def _board(
        self,
        params: FusionParams,
        found: Body,
        rig: _Rig,
        images: _Images,
        state: _State,
        quality: dict[str, float | str | bool],
        status: str,
    ) -> Board:
        count = min(params.fused, params.cameras)
        index = slice_index(state.grid, params.axis, params.position)
        values = slice_values(state.values, params.axis, index)
        weights = slice_values(state.weights, params.axis, index)
        panes: dict[str, View3D | Picture] = {
            "world": self._world(params, found, rig, state, count, index),
            "tsdf": slice_picture(values, -1.0, 1.0, "coolwarm"),
            "weights": slice_picture(weights, 0.0, max(1.0, float(count)), "viridis", "images", zero_line=False),
        }
        if count:
            panes["depth"] = self._kept.get(
                "depth", (images, count), lambda: _depth_picture(images[count - 1], params, found)
            )
        return Board(
            panes,
            figures=quality | _figures(state),
            results={"fused surface": state.surface},
            notes=_notes(params),
            status=status,
        )

    def _world(self, params: FusionParams, found: Body, rig: _Rig, state: _State, count: int, index: int) -> View3D:
        origin = found.geometry.origin
        lines = self._kept.get(
            "frusta", (rig,), lambda: [views.camera_lines(c, 0.18 * found.size, origin) for c in rig.cameras]
        )
        entities: dict[str, Mesh | Lines] = {"fused": state.surface}
        styles = {"fused": views.LEVEL, "slice": views.PLANE}
        for number, line in enumerate(lines):
            path = f"cameras/{number + 1}"
            entities[path] = line
            styles[path] = _NEWEST if number == count - 1 else _DONE if number < count else _WAITING
        if params.show_slice:
            entities["slice"] = self._kept.get(
                "plane",
                (state, params.axis, index),
                lambda: slice_plane(state.values, state.grid, params.axis, index, views.FIELD, origin),
            )
        return View3D(entities, styles)


def _rig(params: FusionParams, found: Body) -> _Rig:
    cameras = []
    for number in range(params.cameras):
        if params.placing == "ring":
            azimuth, elevation = 360.0 * number / params.cameras, params.elevation
        else:  # a Fibonacci sphere: spread evenly, from above to below
            height = 1.0 - 2.0 * (number + 0.5) / params.cameras
            azimuth, elevation = math.degrees(number * _GOLDEN), math.degrees(math.asin(height))
        eye = orbit(found.centre, azimuth, elevation, params.distance * found.size)
        cameras.append(look_at(eye, found.centre, _FOV_DEG, params.pixels, max(1, round(0.75 * params.pixels))))
    return _Rig(tuple(cameras))


def _look(volume: TsdfVolume, origin: Array) -> _State:
    values = volume.observed()
    surface = Mesh(*surface_of(values, volume.grid), origin=origin)
    return _State(volume.grid, volume.truncation, values, volume.weights.copy(), surface)


def _depth_picture(depth: Array, params: FusionParams, found: Body) -> Picture:
    """Bright is near; what is too far is grey."""
    known = np.where(np.isfinite(depth), depth, np.float32(np.nan))
    middle = params.distance * found.size
    low, high = middle - 0.7 * found.size, middle + 0.7 * found.size
    bright = slice_picture(-known, -high, -low, "viridis", "m", zero_line=False)
    return Picture(bright.pixels, values=None if bright.values is None else -bright.values, unit="m")


def _figures(state: _State) -> dict[str, float | str | bool]:
    seen = state.weights > 0.0
    return {
        "Voxels seen (%)": 100.0 * float(seen.mean()),
        "Mean weight": float(state.weights[seen].mean()) if seen.any() else 0.0,
        "Faces": len(state.surface.faces),
        "Truncation distance": state.truncation,
    }


def _notes(params: FusionParams) -> tuple[Note, ...]:
    if params.fused == 0:
        return (Note("info", "No image is fused yet.", 'Raise "Cameras fused".'),)
    if params.fused > params.cameras:
        text = f"There are {params.cameras} cameras, so {params.cameras} images are fused."
        return (Note("info", text, 'Raise "Cameras" for more.'),)
    return ()
