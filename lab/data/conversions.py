"""The study "Conversions": one representation into another, and what was lost."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lab.chapters.data.conversions import (
    BALL_PIVOTING,
    MESH_TO_POINTS,
    MESH_TO_TSDF,
    MESH_TO_VOXELS,
    POINTS_TO_VOXELS,
    POISSON,
    ConversionsParams,
)
from lab.data import views
from lab.data.compare import Loss, Reference, lost, share_within
from lab.data.distance import DistanceField
from lab.data.disturb import with_noise
from lab.data.grid import grid_around
from lab.data.marching_cubes import surface_of
from lab.data.objects import Body, body, mesh_notes
from lab.data.scan import Chooser, Scan, pool
from lab.data.voxels import blocks, occupied_by_points, occupied_by_surface
from lab.geometry import unique_edges
from lab.kernels.crew import Crew
from lab.render.messages import Style
from lab.scene import Geometry, Mesh, Points
from lab.studies.kept import Kept
from lab.study import Board, Note, Plot, StudyContext, StudyError, Table, View3D

DISTANCE = "distance"
_QUICK = {"resolution": 48, "depth": 5, "points": 2500}
_SLOW = {"resolution": 72, "depth": 5, "points": 4000}
"""Beyond these a first board is made with the quick values, so that sliders stay live."""
_DECIDES = {
    MESH_TO_TSDF: "resolution",
    MESH_TO_VOXELS: "resolution",
    POINTS_TO_VOXELS: "resolution",
    POISSON: "depth",
    BALL_PIVOTING: "points",
}


@dataclass(frozen=True, eq=False)
class _Converted:
    """before: what the conversion began with. result: what came out. nbytes: of its own form, a grid for instance."""

    before: Geometry
    result: Geometry
    nbytes: int
    seconds: float
    form: str


class Conversions:
    """See ``lab.study.Study``."""

    def __init__(self) -> None:
        self._kept = Kept()
        self._crew = Crew()

    def boards(self, params: ConversionsParams, ctx: StudyContext) -> Iterator[Board]:
        """A quick conversion first where the chosen one takes long; then that, and last the whole comparison."""
        found = self._kept.get("body", (ctx.geometry("object"),), lambda: body(ctx.geometry("object")))
        if params.conversion.startswith("mesh") and found.mesh is None:
            raise StudyError(
                "This conversion begins with a mesh, and the object is a point cloud. "
                "Choose a mesh, or a conversion that begins with points."
            )
        original = self._kept.get("original", (found, ctx.seed), lambda: self._reference(found.geometry, ctx))
        quick = _quick(params)
        settings = _settings(params)
        if quick is not None and not self._kept.has("converted", (found, ctx.seed, *settings)):
            yield self._board(found, original, self._convert(quick, found, ctx), None, ctx)
        ctx.report(None, f"Converting: {params.conversion}")
        converted = self._kept.get("converted", (found, ctx.seed, *settings), lambda: self._convert(params, found, ctx))
        if not self._kept.has("loss", (converted, original)):
            yield self._board(found, original, converted, None, ctx)
            ctx.report(None, "Measuring what was lost")
        loss = self._kept.get("loss", (converted, original), lambda: self._loss(original, converted, ctx))
        yield self._board(found, original, converted, loss, ctx)

    # --- the conversions ----------------------------------------------------------------------------------------

    def _convert(self, params: ConversionsParams, found: Body, ctx: StudyContext) -> _Converted:
        origin = found.geometry.origin
        if params.conversion in (MESH_TO_TSDF, MESH_TO_VOXELS):
            return self._through_grid(params, found, ctx)
        start = time.perf_counter()
        scan = self._scan(params, found, ctx)
        before = Points(scan.points, normals=scan.normals, origin=origin)
        if params.conversion == MESH_TO_POINTS:
            assert found.mesh is not None
            return _Converted(found.mesh, before, before.verts.nbytes, time.perf_counter() - start, "points")
        start = time.perf_counter()
        if params.conversion == POINTS_TO_VOXELS:
            grid = grid_around(found.lower, found.upper, params.resolution)
            filled = occupied_by_points(scan.points, grid)
            verts, normals, faces = blocks(filled, grid)
            result = Mesh(verts, faces, normals=normals, origin=origin)
            return _Converted(before, result, filled.nbytes, time.perf_counter() - start, "voxels")
        verts, faces = self._surface(params, scan)
        result = Mesh(verts, faces, origin=origin)
        return _Converted(before, result, verts.nbytes + faces.nbytes, time.perf_counter() - start, "mesh")

    def _through_grid(self, params: ConversionsParams, found: Body, ctx: StudyContext) -> _Converted:
        mesh = found.mesh
        assert mesh is not None
        start = time.perf_counter()
        field = DistanceField(
            mesh.verts, mesh.faces, grid_around(found.lower, found.upper, params.resolution), self._crew
        )
        if params.conversion == MESH_TO_VOXELS:
            filled = occupied_by_surface(field)
            verts, normals, faces = blocks(filled, field.grid)
            result = Mesh(verts, faces, normals=normals, origin=mesh.origin)
            return _Converted(mesh, result, filled.nbytes, time.perf_counter() - start, "voxels")
        tsdf = field.tsdf(params.truncation, lambda share: ctx.report(share, "Measuring distances"))
        result = Mesh(*surface_of(tsdf, field.grid), origin=mesh.origin)
        return _Converted(mesh, result, tsdf.nbytes, time.perf_counter() - start, "TSDF")

    def _scan(self, params: ConversionsParams, found: Body, ctx: StudyContext) -> Scan:
        whole = self._kept.get("pool", (found, ctx.seed), lambda: pool(found, ctx.rng()))
        chooser = self._kept.get("chooser", (whole,), lambda: Chooser(whole))
        chosen = chooser.choose(params.points, params.sampling)
        rng = np.random.default_rng([ctx.seed, 1])
        return Scan(with_noise(chosen.points, 0.01 * params.noise * found.size, rng), chosen.normals)

    def _surface(self, params: ConversionsParams, scan: Scan) -> tuple[np.ndarray, np.ndarray]:
        from lab.data.reconstruct import ball_pivoting, estimate_normals, poisson  # Open3D: only who needs it waits

        known = scan.normals if params.normals == "known" else None
        normals = estimate_normals(scan.points) if known is None else known
        if params.conversion == POISSON:
            surface = poisson(scan.points, normals, params.depth, 0.01 * params.trim)
        else:
            surface = ball_pivoting(scan.points, normals, params.radius)
        return surface.verts, surface.faces

    # --- what was lost ------------------------------------------------------------------------------------------

    def _reference(self, shape: Geometry, ctx: StudyContext) -> Reference:
        return Reference(shape, np.random.default_rng([ctx.seed, 3]), self._crew)

    def _loss(self, original: Reference, converted: _Converted, ctx: StudyContext) -> Loss | None:
        if not len(converted.result.verts):
            return None
        try:
            result = Reference(converted.result, np.random.default_rng([ctx.seed, 4]), self._crew)
        except ValueError:  # its faces have no area
            return None
        return lost(original, result)

    # --- the board ----------------------------------------------------------------------------------------------

    def _board(
        self, found: Body, original: Reference, converted: _Converted, loss: Loss | None, ctx: StudyContext
    ) -> Board:
        result, top = self._kept.get(
            "colored", (converted, original), lambda: _colored(converted, original, found.size)
        )
        before = {"before": converted.before}
        panes: dict[str, View3D | Plot | Table] = {
            "before": View3D(before, {"before": _before_style(converted.before)}),
            "after": View3D({"after": result}, {"after": _after_style(result, top)}),
            "cost": _cost_table(found, converted),
        }
        figures: dict[str, float | str | bool] = {}
        if loss is not None:
            panes["share"] = _share_plot(loss)
            figures = _loss_figures(loss)
        return Board(
            panes,
            figures=figures | _cost_figures(converted, top),
            results={"converted": converted.result},
            notes=_notes(found, converted),
            status=f"{converted.form} in {1e3 * converted.seconds:,.0f} ms",
        )


def _quick(params: ConversionsParams) -> ConversionsParams | None:
    """The same conversion with less detail, where the chosen detail takes too long to follow a slider."""
    name = _DECIDES.get(params.conversion)
    if name is None or getattr(params, name) <= _SLOW[name]:
        return None
    changes: dict[str, Any] = {name: _QUICK[name]}
    return replace(params, **changes)


def _settings(params: ConversionsParams) -> tuple[object, ...]:
    """What the chosen conversion depends on."""
    of_points = (params.points, params.sampling, params.noise)
    settings: dict[str, tuple[object, ...]] = {
        MESH_TO_TSDF: (params.resolution, params.truncation),
        MESH_TO_VOXELS: (params.resolution,),
        MESH_TO_POINTS: of_points,
        POINTS_TO_VOXELS: (*of_points, params.resolution),
        POISSON: (*of_points, params.normals, params.depth, params.trim),
        BALL_PIVOTING: (*of_points, params.normals, params.radius),
    }
    return (params.conversion, *settings[params.conversion])


def _colored(converted: _Converted, original: Reference, size: float) -> tuple[Geometry, float]:
    """The result with its distances from the object as a scalar, and where the colours end: near the largest.

    Rounding errors, below a millionth of the object's ``size``, are not worth a colour.
    """
    result = converted.result
    if not len(result.verts):
        return result, 0.0
    distances = original.distances(result.verts)
    return replace(result, scalars={DISTANCE: distances}), max(float(np.quantile(distances, 0.98)), 1e-6 * size)


def _before_style(entity: Geometry) -> Style:
    return views.MESH if isinstance(entity, Mesh) else views.POINTS


def _after_style(entity: Geometry, top: float) -> Style:
    if not len(entity.verts):
        return views.MESH
    return Style(scalar=DISTANCE, scalar_range=(0.0, top), colormap="plasma", point_size=3.0)


def _share_plot(loss: Loss) -> Plot:
    curves = {
        "result to object": share_within(loss.to_original),
        "object to result": share_within(loss.to_result),
    }
    return Plot(curves, x_label="distance", y_label="share within, %")


def _cost_table(found: Body, converted: _Converted) -> Table:
    before, result = converted.before, converted.result
    rows = (("object", found.geometry), ("before", before), ("after, as shown", result))
    words = [name for name, _ in rows] + [f"after, as {converted.form}"]
    verts = [len(entity.verts) for _, entity in rows]
    faces = [len(entity.faces) if isinstance(entity, Mesh) else 0 for _, entity in rows]
    memory = [_nbytes(entity) for _, entity in rows]
    return Table(
        ("", "points", "faces", "bytes"),
        (
            tuple(words),
            (*(f"{count:,}" for count in verts), ""),
            (*(f"{count:,}" for count in faces), ""),
            tuple(f"{count:,}" for count in (*memory, converted.nbytes)),
        ),
    )


def _nbytes(entity: Geometry) -> int:
    """Of the positions and faces alone."""
    return entity.verts.nbytes + (entity.faces.nbytes if isinstance(entity, Mesh) else 0)


def _loss_figures(loss: Loss) -> dict[str, float | str | bool]:
    figures: dict[str, float | str | bool] = {
        "Chamfer (squared)": loss.chamfer,
        "Mean distance": loss.mean,
        "Largest distance": loss.largest,
    }
    if loss.normal_error_deg is not None:
        figures["Normal error (°)"] = loss.normal_error_deg
    return figures


def _cost_figures(converted: _Converted, top: float) -> dict[str, float | str | bool]:
    figures: dict[str, float | str | bool] = {
        "Memory (bytes)": converted.nbytes,
        "Time (s)": converted.seconds,
        "Colours reach to": top,
    }
    if converted.form != "voxels" and isinstance(converted.result, Mesh):
        _, uses = unique_edges(converted.result.faces)
        figures["Closed"] = bool(len(uses)) and bool((uses == 2).all())
    return figures


def _notes(found: Body, converted: _Converted) -> tuple[Note, ...]:
    notes = mesh_notes(found) if converted.form == "TSDF" else ()
    if not len(converted.result.verts) or (isinstance(converted.result, Mesh) and not len(converted.result.faces)):
        empty = Note(
            "warning", "Nothing came out of this conversion.", "Take more points, or another size of the grid."
        )
        return (*notes, empty)
    return notes
