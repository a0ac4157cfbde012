"""The study "Look into a scan": light through a transfer function, a surface, slices, and the values themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lab.cameras.model import CameraModel
from lab.chapters.volumes.scalar import ENGINE, FILE, GREATEST, HEAD, LIGHT, MEAN, OWN, ScalarParams
from lab.kernels.crew import Crew
from lab.render.messages import Style
from lab.rendering.views import camera_at, coarse, to_screen
from lab.scene import Array, Entity, Mesh
from lab.studies.kept import Kept
from lab.study import Board, Content, Mark, Note, Picture, Plot, StudyContext, StudyError, View3D
from lab.volumes.marching.world import box_lines
from lab.volumes.scalar import kernels, phantoms
from lab.volumes.scalar.files import read_scan
from lab.volumes.scalar.isosurface import area_and_volume, surface_at
from lab.volumes.scalar.render import render
from lab.volumes.scalar.scan import Scan, ScanError
from lab.volumes.scalar.slices import frames_of, hue_of, pixels_of, slice_of, voxel_at, windowed
from lab.volumes.scalar.transfer import LOOKS, Transfer, own_stops

_QUICK = 112  # pixels a side of a draft
_FOV = 30.0
_BINS = 256
_MODES = {LIGHT: kernels.COMPOSITE, GREATEST: kernels.GREATEST, MEAN: kernels.MEAN}
_ACROSS = ((2, 1), (0, 2), (0, 1))  # which of x, y, z goes to the right and down in each
_SKIN, _BOX = (0.90, 0.80, 0.68), (0.55, 0.57, 0.62)


@dataclass(frozen=True, eq=False)
class _Looked:
    """How the scan is looked at. at: (3,), where the slices are, in their pixels."""

    scan: Scan
    camera: CameraModel
    transfer: Transfer
    at: Array


class ScalarStudy:
    """Draws a scan. Keeps what did not change: the scan, its pictures, its surface and its slices."""

    def __init__(self) -> None:
        self._kept = Kept()
        self._crew = Crew()

    def boards(self, params: ScalarParams, ctx: StudyContext) -> Iterator[Board]:
        """A draft, the picture, and then the surface in full. Raises StudyError for a scan that cannot be read."""
        if not params.low < params.high:
            raise StudyError("The window ends before it begins: make “Window from” smaller or “Window to” larger.")
        looked = self._looked(params, self._scan(params, ctx))
        slow_picture = params.size > _QUICK and not self._kept.has("picture", self._seen(params, looked))
        slow_surface = params.surface and not self._kept.has("surface", self._surface_key(params, looked.scan))
        if slow_picture or slow_surface:
            yield self._board(params, looked, ctx, picture=not slow_picture, surface=not slow_surface)
            ctx.checkpoint()
        yield self._board(params, looked, ctx, picture=True, surface=True)

    # --- what there is ------------------------------------------------------------------------------------------------

    def _scan(self, params: ScalarParams, ctx: StudyContext) -> Scan:
        if params.source != FILE:
            key: tuple[object, ...] = (params.source, params.side)
            if not self._kept.has("scan", key):
                ctx.report(None, "Making the scan")
            makers = {HEAD: phantoms.head, ENGINE: phantoms.engine}
            return self._kept.get("scan", key, lambda: makers.get(params.source, phantoms.shepp_logan)(params.side))
        if not params.path:
            raise StudyError("There is no scan: choose a .npy, .nrrd or .nii file, or one that the lab makes.")
        key = (params.path, params.axes, _when(params.path))
        if not self._kept.has("scan", key):
            ctx.report(None, "Reading the scan")
        try:
            return self._kept.get("scan", key, lambda: read_scan(params.path, params.axes))
        except ScanError as error:
            raise StudyError(str(error)) from error

    def _looked(self, params: ScalarParams, scan: Scan) -> _Looked:
        half = float(scan.size.max()) / 2
        distance = half + half / np.tan(np.radians(_FOV / 2)) / params.zoom
        side = (params.size, params.size)
        camera = camera_at(np.zeros(3), distance, params.elevation, params.azimuth, _FOV, side)
        stops = own_stops(params.places, params.heights, params.colors) if params.look == OWN else LOOKS[params.look]
        transfer = Transfer(stops, params.low, params.high, params.strength)
        at = np.clip(np.array([params.slice_x, params.slice_y, params.slice_z]), 0, pixels_of(scan))
        return _Looked(scan, camera, transfer, at)

    def _seen(self, params: ScalarParams, looked: _Looked) -> tuple[object, ...]:
        return (looked.scan, looked.camera.key, looked.transfer, params.mode, params.ambient, params.steps)

    def _surface_key(self, params: ScalarParams, scan: Scan) -> tuple[object, ...]:
        return (scan, params.level)

    # --- panes --------------------------------------------------------------------------------------------------------

    def _board(
        self, params: ScalarParams, looked: _Looked, ctx: StudyContext, *, picture: bool, surface: bool
    ) -> Board:
        """picture, surface: whether it is the full one; else a draft."""
        scan = looked.scan
        shown = self._picture(params, looked, ctx, full=picture)
        mesh = self._surface(params, scan, full=surface) if params.surface else None
        slices = self._slices(params, looked)
        panes: dict[str, Content] = {
            "picture": shown,
            "world": _world(looked, mesh),
            **slices,
            "values": self._values(params, looked),
        }
        results = {"picture": shown, **{f"slice {key}": one for key, one in slices.items()}} if picture else {}
        full = surface and mesh is not None and len(mesh.faces) > 0
        sides = pixels_of(scan)
        return Board(
            panes,
            self._figures(params, looked, mesh if surface else None),
            results={**({"surface": mesh} if full and mesh is not None else {}), **results},
            notes=tuple(_notes(scan, mesh)),
            spans={
                name: (0.0, float(side)) for name, side in zip(("slice_x", "slice_y", "slice_z"), sides, strict=True)
            },
            status=f"{scan.sides[0]} × {scan.sides[1]} × {scan.sides[2]} voxels",
        )

    def _picture(self, params: ScalarParams, looked: _Looked, ctx: StudyContext, *, full: bool) -> Picture:
        camera = looked.camera if full else coarse(looked.camera, _QUICK)
        name = "picture" if full else "draft"
        key = (looked.scan, camera.key, looked.transfer, params.mode, params.ambient, params.steps)

        def draw() -> Picture:
            scan = looked.scan if full else looked.scan.coarse
            drawn = render(
                scan,
                camera,
                looked.transfer.table(),
                self._crew,
                mode=_MODES[params.mode],
                ambient=params.ambient,
                steps=params.steps,
                pause=ctx.checkpoint if full else lambda: None,
            )
            return _shown(drawn, params, looked)

        return self._kept.get(name, key, draw)

    def _surface(self, params: ScalarParams, scan: Scan, *, full: bool) -> Mesh:
        key = self._surface_key(params, scan)
        if full:
            return self._kept.get("surface", key, lambda: surface_at(scan, scan.value(params.level)))
        return self._kept.get("coarse surface", key, lambda: surface_at(scan.coarse, scan.value(params.level)))

    def _slices(self, params: ScalarParams, looked: _Looked) -> dict[str, Picture]:
        scan, low, high = looked.scan, looked.scan.value(params.low), looked.scan.value(params.high)
        voxel = voxel_at(scan, looked.at)
        found = {}
        for axis, key in ((2, "front"), (0, "left"), (1, "below")):
            values = self._kept.get(key, (scan, voxel[axis]), lambda axis=axis: slice_of(scan, axis, looked.at))  # type: ignore[misc]
            pixels = self._kept.get(f"{key} pixels", (values, low, high), lambda v=values: windowed(v, low, high))  # type: ignore[misc]
            right, down = (float(looked.at[k]) for k in _ACROSS[axis])
            found[key] = Picture(pixels, (Mark(right, down, color=hue_of(axis)),), values, scan.unit)
        return found

    def _values(self, params: ScalarParams, looked: _Looked) -> Plot:
        scan = looked.scan
        low, high = scan.ends
        counted = self._kept.get("histogram", (scan,), lambda: histogram(scan))
        table = looked.transfer.table()
        at = np.linspace(low, high, len(table))
        curves = {"voxels (log)": counted, "opacity": (at, table[:, 0])}
        return Plot(curves, scan.unit or "value", at=scan.value(params.level))

    def _figures(self, params: ScalarParams, looked: _Looked, mesh: Mesh | None) -> dict[str, float | str | bool]:
        scan, unit = looked.scan, looked.scan.unit and f" {looked.scan.unit}"
        i, j, k = voxel_at(scan, looked.at)
        level = scan.value(params.level)
        figures: dict[str, float | str | bool] = {
            "Voxels": " × ".join(str(side) for side in scan.sides),
            "Size": " × ".join(f"{side * 100 / scan.enlarged:.4g}" for side in scan.size) + " cm",
            "Values": f"{scan.ends[0]:.5g} to {scan.ends[1]:.5g}{unit}",
            "Window": f"{scan.value(params.low):.5g} to {scan.value(params.high):.5g}{unit}",
            "At the cross": float(scan.values[k, j, i]),
            "Surface at": level,
        }
        if mesh is not None:
            area, volume = self._kept.get("measures", (mesh,), lambda: area_and_volume(mesh))
            figures["Surface's area"] = area * 1e4 / scan.enlarged**2
            figures["Volume inside"] = volume * 1e6 / scan.enlarged**3
        figures["Voxels inside"] = self._kept.get("share", (scan, level), lambda: f"{(scan.values > level).mean():.2%}")
        return figures


def histogram(scan: Scan) -> tuple[Array, Array]:
    """Values (B,) and how many voxels have about each, on a logarithmic scale whose most is 1."""
    counts, edges = np.histogram(scan.values, bins=_BINS, range=scan.ends)
    tall = np.log1p(counts)
    return (edges[:-1] + edges[1:]) / 2, tall / max(float(tall.max()), 1e-12)


def _shown(drawn: Array, params: ScalarParams, looked: _Looked) -> Picture:
    told = (looked.camera.width, looked.camera.height)
    if params.mode == LIGHT:
        return Picture(to_screen(drawn[..., :3]), values=drawn[..., 3].copy(), unit="opacity", stands_for=told)
    scan = looked.scan
    values = np.where(drawn[..., 3] > 0, drawn[..., 0], scan.ends[0]).astype(np.float32)
    pixels = windowed(values, scan.value(params.low), scan.value(params.high))
    return Picture(pixels, values=values, unit=scan.unit, stands_for=told)


def _world(looked: _Looked, mesh: Mesh | None) -> View3D:
    half = looked.scan.size / 2
    entities: dict[str, Entity] = {"box": box_lines(-half, half), "slices": frames_of(looked.scan, looked.at)}
    styles = {"box": Style(color=_BOX), "surface": Style(color=_SKIN)}
    if mesh is not None and len(mesh.faces):
        entities["surface"] = mesh
    return View3D(entities, styles)


def _notes(scan: Scan, mesh: Mesh | None) -> Iterator[Note]:
    if mesh is not None and not len(mesh.faces):
        yield Note("info", "No value of the scan is above the surface's, so there is no surface.", "Move it down.")
    if scan.reduced > 1:
        yield Note("info", f"The scan is large: {scan.reduced}³ voxels became one.")
    if scan.enlarged != 1.0:
        yield Note("info", f"The scan is shown {scan.enlarged:.3g} times as large as its file says; figures are true.")


def _when(path: str) -> int:
    """Changes when the file does."""
    found = Path(path).expanduser()
    return found.stat().st_mtime_ns if found.is_file() else 0
