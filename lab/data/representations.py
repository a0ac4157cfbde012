"""The study "One object, four ways": points, mesh, voxels and signed distances of one object, side by side."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lab.chapters.data.representations import RepresentationsParams
from lab.data import views
from lab.data.depth import DepthCamera, back_project, look_at, orbit, visible
from lab.data.distance import DistanceField
from lab.data.disturb import outliers, with_noise
from lab.data.grid import Grid, grid_around
from lab.data.marching_cubes import surface_of
from lab.data.objects import Body, body, mesh_notes
from lab.data.scan import Chooser, Scan, pool, shuffled
from lab.data.slices import coordinate, cut_open, slice_index, slice_picture, slice_plane, slice_values
from lab.data.voxels import blocks, occupied_by_points, occupied_by_solid, occupied_by_surface
from lab.kernels.crew import Crew
from lab.scene import Array, Mesh, Points
from lab.studies.kept import Kept
from lab.study import Board, Handle, Note, Picture, StudyContext, View3D

QUICK_RESOLUTION = 48
"""Of the first board, where the chosen resolution takes too long to follow a slider."""
LIVE_RESOLUTION = 72
MODEL_POINTS = 20_000
MODEL_DEPTH = 6
"""Of the Poisson reconstruction that stands for the mesh of a cloud."""
_VIEW_WIDTH, _VIEW_HEIGHT, _FOV_DEG = 320, 240, 50.0
_CLOUD_PIXELS = 96  # of the coarse picture in which the points of a cloud hide each other
_NEAREST, _FARTHEST = 0.9, 6.0  # of a camera placed by hand, in longest sides of the object


@dataclass(frozen=True, eq=False)
class _Volume:
    """The grid, its field of distances, and what was made of both."""

    grid: Grid
    field: DistanceField
    tsdf: Array
    level: Mesh
    filled: Array
    blocks: Mesh


class Representations:
    """See ``lab.study.Study``. What a change does not concern stays as it is."""

    def __init__(self) -> None:
        self._kept = Kept()
        self._crew = Crew()

    def boards(self, params: RepresentationsParams, ctx: StudyContext) -> Iterator[Board]:
        """First what is quick: of a cloud its points, of a fine grid a coarser one; then all of it."""
        geometry = ctx.geometry("object")
        found = self._kept.get("body", (geometry,), lambda: body(geometry))
        cloud = self._cloud(params, found, ctx)
        model, notes = found.mesh, self._kept.get("notes", (found,), lambda: mesh_notes(found))
        if model is None:
            if not self._kept.has("model", (found, ctx.seed)):
                yield self._board(params, found, cloud, None, None, (_reconstructing(),))
            ctx.report(None, "Reconstructing a mesh from the points")
            model = self._kept.get("model", (found, ctx.seed), lambda: _model(found, ctx))
            notes = self._kept.get("model notes", (model,), lambda: (_reconstructed(model), *mesh_notes(body(model))))
        if self._is_slow(params, model):
            quick = self._volume("quick ", params, QUICK_RESOLUTION, found, model, cloud, ctx)
            yield self._board(params, found, cloud, model, quick, notes)
        start = time.perf_counter()
        volume = self._volume("", params, params.resolution, found, model, cloud, ctx)
        yield self._board(params, found, cloud, model, volume, notes, time.perf_counter() - start)

    # --- the parts ----------------------------------------------------------------------------------------------

    def _cloud(self, params: RepresentationsParams, found: Body, ctx: StudyContext) -> _Cloud:
        """The points, as the parameters choose and disturb them."""
        whole = self._kept.get("pool", (found, ctx.seed), lambda: pool(found, ctx.rng()))
        camera = _camera(params, found)
        seen, key = whole, (whole,)
        if params.partial:
            place = tuple(camera.eye)
            seen = self._kept.get("seen", (whole, place), lambda: self._seen(found, whole, camera, ctx))
            key = (seen,)
        chooser = self._kept.get("chooser", key, lambda: Chooser(seen))
        chosen_by = (chooser, params.points, params.sampling)
        chosen = self._kept.get("chosen", chosen_by, lambda: chooser.choose(params.points, params.sampling))
        made_of = (chosen, params.noise, params.outliers, found, ctx.seed)
        return self._kept.get("cloud", made_of, lambda: _disturbed(*made_of))

    def _seen(self, found: Body, whole: Scan, camera: DepthCamera, ctx: StudyContext) -> Scan:
        """What the depth camera sees: the pixels of its picture as points, or the points of a cloud that it sees."""
        mesh = found.mesh
        if mesh is None:
            coarse = look_at(camera.eye, found.centre, _FOV_DEG, _CLOUD_PIXELS, _CLOUD_PIXELS)
            return whole.take(visible(whole.points, coarse, 0.05 * found.size))
        ctx.report(None, "Casting the rays of the depth camera")
        from lab.data.caster import Caster  # loads Open3D, which takes over a second: only who needs it waits

        caster = self._kept.get("caster", (mesh,), lambda: Caster(mesh.verts, mesh.faces))
        depth, _ = caster.depth(camera)
        return shuffled(Scan(back_project(depth, camera)), ctx.rng())

    def _is_slow(self, params: RepresentationsParams, model: Mesh) -> bool:
        """Whether distances have to be measured on a grid that is too fine for a slider."""
        if params.resolution <= LIVE_RESOLUTION:
            return False
        key = (model, params.resolution)
        return not self._kept.has("field", key) or self._kept.last("field", key).band < params.truncation

    def _volume(
        self,
        stage: str,
        params: RepresentationsParams,
        resolution: int,
        found: Body,
        model: Mesh,
        cloud: _Cloud,
        ctx: StudyContext,
    ) -> _Volume:
        """Everything on the grid; each part is made anew only when its own parameters changed."""
        get, origin = self._kept.get, found.geometry.origin
        low, high = np.minimum(found.lower, model.verts.min(0)), np.maximum(found.upper, model.verts.max(0))
        field = get(
            stage + "field",
            (model, resolution),
            lambda: DistanceField(model.verts, model.faces, grid_around(low, high, resolution), self._crew),
        )
        grid = field.grid
        words = f"Measuring distances at {resolution} voxels"
        tsdf = get(
            stage + "tsdf",
            (field, params.truncation),
            lambda: field.tsdf(params.truncation, lambda share: ctx.report(share, words)),
        )
        level = get(stage + "level", (tsdf,), lambda: Mesh(*surface_of(tsdf, grid), origin=origin))
        by_points = params.fill == "points"
        filled_by = (field, params.fill, cloud if by_points else None)
        filled = get(stage + "filled", filled_by, lambda: _filled(params.fill, field, cloud))
        return _Volume(
            grid, field, tsdf, level, filled, get(stage + "blocks", (filled,), lambda: _blocks(filled, grid, origin))
        )

    # --- the board ----------------------------------------------------------------------------------------------

    def _board(
        self,
        params: RepresentationsParams,
        found: Body,
        cloud: _Cloud,
        model: Mesh | None,
        volume: _Volume | None,
        notes: tuple[Note, ...],
        seconds: float | None = None,
    ) -> Board:
        panes: dict[str, View3D | Picture] = {
            "points": _points_view(params, found, cloud),
            "mesh": View3D({} if model is None else {"mesh": model}, {"mesh": views.MESH}),
            "voxels": View3D({}),
            "tsdf": View3D({}),
        }
        results: dict[str, Mesh | Points] = {"points": cloud.whole}
        if model is not None and found.mesh is None:
            results["reconstructed mesh"] = model
        if volume is not None:
            index = slice_index(volume.grid, params.axis, params.position)
            panes["voxels"] = View3D({"voxels": volume.blocks}, {"voxels": views.VOXELS})
            panes["tsdf"] = self._level_view(params, found, volume, index)
            panes["slice"] = slice_picture(slice_values(volume.tsdf, params.axis, index), -1.0, 1.0, "coolwarm")
            results |= {"voxels": volume.blocks, "TSDF surface": volume.level}
        return Board(
            panes,
            figures=_figures(params, cloud, model, volume),
            results=results,
            notes=(*notes, *cloud.notes, *_level_notes(params, volume)),
            status="" if volume is None or seconds is None else _status(volume, seconds),
        )

    def _level_view(self, params: RepresentationsParams, found: Body, volume: _Volume, index: int) -> View3D:
        place, origin = coordinate(volume.grid, params.axis, index), found.geometry.origin
        plane_of = (volume.tsdf, params.axis, index)
        plane = self._kept.get(
            "plane",
            plane_of,
            lambda: slice_plane(volume.tsdf, volume.grid, params.axis, index, views.FIELD, origin),
        )
        level = volume.level
        if params.cut:
            level = self._kept.get("cut", (*plane_of, level), lambda: cut_open(volume.level, params.axis, place))
        box = self._kept.get("box", (volume.grid,), lambda: views.box_lines(volume.grid, origin))
        return View3D(
            {"level": level, "slice": plane, "grid": box},
            {"level": views.LEVEL, "slice": views.PLANE, "grid": views.BOX},
        )


@dataclass(frozen=True, eq=False)
class _Cloud:
    """The points, the outliers, and both in one."""

    points: Points
    outliers: Points
    whole: Points
    notes: tuple[Note, ...] = ()


def _disturbed(chosen: Scan, noise: float, outlier_percent: float, found: Body, seed: int) -> _Cloud:
    rng = np.random.default_rng([seed, 1])
    points = with_noise(chosen.points, 0.01 * noise * found.size, rng)
    count = round(0.01 * outlier_percent * len(points))
    strays = outliers(found.lower, found.upper, count, np.random.default_rng([seed, 2]))
    origin = found.geometry.origin
    notes = () if len(chosen) else (Note("warning", "The camera sees nothing of the object.", "Place it elsewhere."),)
    whole = Points(np.concatenate([points, strays]), origin=origin)
    return _Cloud(Points(points, origin=origin), Points(strays, origin=origin), whole, notes)


def _camera(params: RepresentationsParams, found: Body) -> DepthCamera:
    """Where the sliders put it, or where it was dragged to: then not into the object, and not out of sight of it."""
    eye = orbit(found.centre, params.azimuth, params.elevation, params.distance * found.size)
    dragged = np.array([params.camera_x, params.camera_y, params.camera_z])
    if params.by_hand and dragged.any():
        away = dragged - found.geometry.origin - found.centre
        length = float(np.linalg.norm(away))
        direction = away / length if length > 0.0 else np.array([0.0, 0.0, 1.0])
        eye = found.centre + direction * min(max(length, _NEAREST * found.size), _FARTHEST * found.size)
    return look_at(eye, found.centre, _FOV_DEG, _VIEW_WIDTH, _VIEW_HEIGHT)


def _points_view(params: RepresentationsParams, found: Body, cloud: _Cloud) -> View3D:
    entities = {"points": cloud.points, "outliers": cloud.outliers}
    styles = {"points": views.POINTS, "outliers": views.OUTLIERS, "camera": views.CAMERA}
    if not params.partial:
        return View3D(entities, styles)
    origin, camera = found.geometry.origin, _camera(params, found)
    x, y, z = (float(value) for value in camera.eye + origin)
    names = ("camera_x", "camera_y", "camera_z")
    handles = (Handle("camera", "point", names, (x, y, z), label="camera"),) if params.by_hand else ()
    lines = views.camera_lines(camera, 0.18 * found.size, origin)
    return View3D({**entities, "camera": lines}, styles, handles=handles)


def _filled(fill: str, field: DistanceField, cloud: _Cloud) -> Array:
    if fill == "points":
        return occupied_by_points(cloud.whole.verts, field.grid)
    return occupied_by_solid(field) if fill == "solid" else occupied_by_surface(field)


def _blocks(filled: Array, grid: Grid, origin: Array) -> Mesh:
    verts, normals, faces = blocks(filled, grid)
    return Mesh(verts, faces, normals=normals, origin=origin)


def _model(found: Body, ctx: StudyContext) -> Mesh:
    """A mesh for a cloud, by Poisson reconstruction from some of its points."""
    from lab.data.reconstruct import estimate_normals, poisson  # loads Open3D: only who needs it waits

    scan = pool(found, ctx.rng()).take(slice(MODEL_POINTS))
    ctx.report(0.2, "Estimating normals")
    normals = estimate_normals(scan.points) if scan.normals is None else scan.normals
    ctx.report(0.6, "Reconstructing a mesh from the points")
    surface = poisson(scan.points, normals, MODEL_DEPTH, trim=0.02)
    return Mesh(surface.verts, surface.faces, origin=found.geometry.origin)


def _reconstructing() -> Note:
    return Note("info", "This is a point cloud: its mesh, and the distances to it, are being reconstructed.")


def _reconstructed(model: Mesh) -> Note:
    text = f"This is a point cloud. Its mesh was reconstructed by Poisson ({len(model.faces):,} faces), and the "
    return Note("info", text + "distances are those to it.", 'See "Conversions" for what that costs.')


def _level_notes(params: RepresentationsParams, volume: _Volume | None) -> tuple[Note, ...]:
    if volume is None:
        return ()
    if not len(volume.level.faces):
        text = "No voxel lies inside, so there is no zero level."
        return (Note("warning", text, "Use a finer resolution, or a closed mesh."),)
    if params.truncation < 1.0:
        text = "μ is less than a voxel: beside the surface the values are cut off already, and it becomes steps."
        return (Note("info", text, "Usual are 3 to 5 voxels."),)
    return ()


def _figures(
    params: RepresentationsParams, cloud: _Cloud, model: Mesh | None, volume: _Volume | None
) -> dict[str, float | str | bool]:
    figures: dict[str, float | str | bool] = {
        "Points: count": len(cloud.whole.verts),
        "Points: bytes": cloud.whole.verts.nbytes,
    }
    if model is not None:
        figures |= {"Mesh: faces": len(model.faces), "Mesh: bytes": model.verts.nbytes + model.faces.nbytes}
    if volume is not None:
        figures |= {
            "Voxels: full": int(np.count_nonzero(volume.filled)),
            "Voxels: bytes": volume.filled.nbytes,
            "TSDF: bytes": volume.tsdf.nbytes,
            "TSDF: faces of the zero level": len(volume.level.faces),
            "Voxel size": volume.grid.voxel,
            "Truncation distance": params.truncation * volume.grid.voxel,
        }
    return figures


def _status(volume: _Volume, seconds: float) -> str:
    width, height, depth = volume.grid.shape[::-1]
    quick = f"{1e3 * seconds:.0f} ms" if seconds < 1.0 else f"{seconds:.1f} s"
    return f"{width} × {height} × {depth} voxels, {math.prod((width, height, depth)):,} in all, in {quick}"
