"""The study "Rays, samples, weights": a picture, and one ray of it with every number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from lab.cameras.model import CameraModel
from lab.chapters.volumes.marching import (
    FIELD,
    FOG,
    INFINITE,
    MESH,
    MONTE_CARLO,
    PHYSICAL,
    STRATIFIED,
    SURFACE,
    MarchingParams,
)
from lab.data.marching_cubes import marching_cubes
from lab.geometry import vertex_normals
from lab.kernels.crew import Crew
from lab.posed.make import spot
from lab.rendering.views import PROBE_COLOR, camera_at, coarse, probed, to_screen
from lab.scene import Array, Entity, Field, Mesh
from lab.studies.kept import Kept
from lab.study import Board, Content, Data, Mark, Picture, StudyContext, StudyError, Text
from lab.volumes.marching.code import pytorch3d_code
from lab.volumes.marching.compositing import Form, march
from lab.volumes.marching.figures import figures_of, notes_of
from lab.volumes.marching.picture import render
from lab.volumes.marching.rays import Bundle, Sampling, bundle, monte_carlo, sparse_grid
from lab.volumes.marching.scenes import denser, drawn, volume_of
from lab.volumes.marching.tables import along_plot, counts_plot, gathered_plot, samples_table
from lab.volumes.marching.volume import FieldMedium, Medium, Volume
from lab.volumes.marching.world import Chosen, cell_view, world_view

_QUICK = 48  # pixels a side of the picture while something moves
_SMOOTH = 600_000  # samples of a picture that needs no quick one before it
_FINE = 4000  # samples of what stands for the integral
_DIM = (0.62, 0.72, 0.86)


@dataclass(frozen=True, eq=False)
class _Scene:
    """What is marched through, and how. shown: what the viewport shows of it."""

    medium: Medium
    camera: CameraModel
    sampling: Sampling
    form: Form
    shown: Entity | None


class MarchingStudy:
    """Marches rays. Keeps the volume and the pictures that did not change."""

    def __init__(self) -> None:
        self._kept = Kept()
        self._crew = Crew()

    def boards(self, params: MarchingParams, ctx: StudyContext) -> Iterator[Board]:
        """A quick picture first where the full one takes long. Raises StudyError for a scene that is not there."""
        if not params.near < params.far:
            raise StudyError("Near is not before far, so there is nowhere to sample: make near smaller or far larger.")
        if not self._kept.has("volume", self._volume_key(params, ctx)):
            ctx.report(None, "Filling the volume")
        scene = self._scene(params, ctx)
        board = self._board(params, ctx, scene)
        if params.size**2 * params.samples > _SMOOTH and params.size > _QUICK:
            yield self._with_picture(board, params, scene, coarse(scene.camera, _QUICK))
            ctx.checkpoint()
        yield self._with_picture(board, params, scene, scene.camera)

    # --- what there is ------------------------------------------------------------------------------------------------

    def _volume_key(self, params: MarchingParams, ctx: StudyContext) -> tuple[object, ...]:
        given = ctx.inputs.get("field" if params.scene == FIELD else "mesh")
        return (params.scene, given, params.resolution, params.voxel, params.align_corners)

    def _medium(self, params: MarchingParams, ctx: StudyContext) -> Medium:
        if params.scene == FIELD:
            field = ctx.inputs.get("field")
            if not isinstance(field, Field):
                raise StudyError(
                    "There is no radiance field to march through: train one in chapter 7, or choose another."
                )
            return FieldMedium(field)
        mesh = ctx.inputs.get("mesh")
        if params.scene == MESH and mesh is None:
            mesh = self._kept.get("spot", (), spot)
        return volume_of(
            params.scene,
            mesh if isinstance(mesh, Mesh) else None,
            params.resolution,
            params.voxel,
            params.align_corners,
            self._crew,
        )

    def _scene(self, params: MarchingParams, ctx: StudyContext) -> _Scene:
        medium = self._kept.get("volume", self._volume_key(params, ctx), lambda: self._medium(params, ctx))
        lower, upper = medium.box
        side = (params.size, params.size)
        camera = camera_at((lower + upper) / 2, params.distance, params.elevation, params.azimuth, params.fov, side)
        seed = int(ctx.rng().integers(2**31))
        sampling = Sampling(params.samples, params.near, params.far, params.sampling == STRATIFIED, seed)
        return _Scene(medium, camera, sampling, _form(params, medium), self._body(params, medium))

    def _body(self, params: MarchingParams, medium: Medium) -> Entity | None:
        """What the viewport shows of the volume itself."""
        if params.show == FOG:
            if not isinstance(medium, Volume):
                assert isinstance(medium, FieldMedium)
                return medium.field
            amount = _amount(params)
            fog = self._kept.get("fog", (medium,), lambda: drawn(medium))
            return denser(fog, amount)
        if params.show == SURFACE and isinstance(medium, Volume):
            return self._kept.get("surface", (medium,), lambda: _surface(medium))
        return None

    # --- the board ----------------------------------------------------------------------------------------------------

    def _board(self, params: MarchingParams, ctx: StudyContext, scene: _Scene) -> Board:
        """Everything but the picture."""
        chosen = _chosen(params, scene)
        others = self._others(params, ctx, scene)
        span = (params.near, params.far)
        world = world_view(scene.medium, scene.camera, others, chosen, span, scene.shown)
        lengths = chosen.ray.lengths[0]
        panes: dict[str, Content] = {
            "world": world,
            "cell": cell_view(chosen),
            "code": Text(_code(params, scene), "python"),
            "along": along_plot(chosen.march, lengths, float(lengths[chosen.sample])),
            "gathered": gathered_plot(chosen.march, lengths, float(lengths[chosen.sample])),
            "counts": counts_plot(
                partial(_counted, scene, chosen.ray), _both_forms(params, scene.medium), params.samples
            ),
            "table": samples_table(chosen.march, lengths, chosen.sample),
        }
        values: dict[str, Array | float | str] = {
            "depth": lengths,
            "points": chosen.ray.points[0],
            **{
                name: getattr(chosen.march, name) for name in ("density", "opacity", "transmittance", "weight", "color")
            },
        }
        return Board(
            panes,
            figures_of(params, scene.medium, chosen, _closed(params, scene, chosen)),
            results={"ray": Data(values)},
            notes=tuple(notes_of(params, scene.medium, scene.form, chosen)),
        )

    def _with_picture(self, board: Board, params: MarchingParams, scene: _Scene, camera: CameraModel) -> Board:
        depends_on = (scene.medium, camera.key, scene.sampling, scene.form)
        name = "picture" if camera is scene.camera else "quick picture"
        drawn_ = self._kept.get(
            name, depends_on, lambda: render(scene.medium, camera, scene.sampling, scene.form, self._crew)
        )
        pixels = self._kept.get(
            f"{name} pixels", (drawn_, params.absorption), lambda: _pixels(drawn_, params.absorption)
        )
        opacity = self._kept.get(f"{name} opacity", (drawn_,), lambda: drawn_[..., 3].astype(np.float32))
        row, column = probed(params.pixel_x, params.pixel_y, scene.camera)
        marks = [Mark(column + 0.5, row + 0.5, color=PROBE_COLOR)]
        rays = self._kept.last("others", self._others_key(params, scene))
        marks += [Mark(float(x), float(y), color=_DIM) for x, y in rays.pixels] if params.rays == MONTE_CARLO else []
        picture = Picture(pixels, tuple(marks), opacity, "opacity", (scene.camera.width, scene.camera.height))
        panes = {**board.panes, "picture": picture}
        status = f"{camera.width} × {camera.height} rays × {params.samples} samples"
        return replace(board, panes=panes, results={"picture": Picture(pixels), **board.results}, status=status)

    def _others_key(self, params: MarchingParams, scene: _Scene) -> tuple[object, ...]:
        return (params.rays, params.ray_count, scene.camera.key, scene.sampling)

    def _others(self, params: MarchingParams, ctx: StudyContext, scene: _Scene) -> Bundle:
        """Rays beside the chosen one."""
        width, height = scene.camera.width, scene.camera.height

        def make() -> Bundle:
            if params.rays == MONTE_CARLO or not params.ray_count:
                pixels = monte_carlo(width, height, params.ray_count, ctx.rng())
            else:
                pixels = sparse_grid(width, height, params.ray_count)
            return bundle(scene.camera, pixels, scene.sampling)

        return self._kept.get("others", self._others_key(params, scene), make)


def _amount(params: MarchingParams) -> float:
    """The density per metre that a filled voxel has in the viewport."""
    if params.form == PHYSICAL:
        return params.density
    step = (params.far - params.near) / (params.samples - 1)
    return float(-np.log1p(-min(params.opacity, 0.999)) / step)


def _form(params: MarchingParams, medium: Medium) -> Form:
    return _both_forms(params, medium)[0 if params.form == PHYSICAL else 1]


def _both_forms(params: MarchingParams, medium: Medium) -> tuple[Form, Form]:
    """What densities become with step lengths, and without."""
    infinite = params.last == INFINITE
    if isinstance(medium, FieldMedium):  # its densities are its own
        return Form(1.0, True, infinite), Form(1.0, False, reference=medium.voxel)
    return Form(params.density, True, infinite), Form(params.opacity, False)


def _chosen(params: MarchingParams, scene: _Scene) -> Chosen:
    """The ray of the chosen pixel, as the picture's own."""
    row, column = probed(params.pixel_x, params.pixel_y, scene.camera)
    number = row * scene.camera.width + column
    ray = bundle(scene.camera, np.array([[column + 0.5, row + 0.5]]), scene.sampling, number)
    found = march(_values(scene.medium, ray), ray.lengths[0], float(ray.norms[0]), params.far, scene.form)
    sample = min(params.sample, params.samples - 1)
    return Chosen(ray, found, sample, scene.medium.corners(ray.points[0, sample]))


def _values(medium: Medium, ray: Bundle) -> Array:
    """(S, 4) float32 along a bundle of one ray."""
    values = np.empty((1, ray.lengths.shape[1], 4), np.float32)
    medium.sample(0, 1, ray.origins, ray.directions, ray.lengths, values)
    return values[0]


def _counted(scene: _Scene, ray: Bundle, count: int, form: Form) -> float:
    """The ray's opacity with another number of samples, evenly spread."""
    sampling = replace(scene.sampling, count=count, stratified=False)
    other = replace(ray, lengths=sampling.lengths(0, 1))
    return float(
        march(_values(scene.medium, other), other.lengths[0], float(ray.norms[0]), sampling.far, form).result[3]
    )


def _surface(volume: Volume) -> Mesh:
    """Where the volume is half full."""
    verts, faces = marching_cubes(-np.pad(volume.values[..., 0], 1), -0.5)
    placed = volume.world(verts.astype(np.float64) - 1.0).astype(np.float32)
    return Mesh(placed, faces, normals=vertex_normals(placed, faces))


def _pixels(drawn_: Array, absorption: bool) -> Array:
    """(H, W, 3) uint8: the colours over black, or the light that is left."""
    if absorption:
        return to_screen(np.repeat(1.0 - drawn_[..., 3:4], 3, axis=2))
    return to_screen(drawn_[..., :3])


def _code(params: MarchingParams, scene: _Scene) -> str:
    if not isinstance(scene.medium, Volume):
        return "# PyTorch3D's Volumes are dense grids.\n# Choose another scene to see its code.\n"
    return pytorch3d_code(
        scene.camera, scene.sampling, scene.form, params.voxel, params.align_corners, params.absorption
    )


def _closed(params: MarchingParams, scene: _Scene, chosen: Chosen) -> float | None:
    """The chosen ray's opacity in the limit; None where there is none, as in the form without lengths."""
    if params.form != PHYSICAL or scene.form.infinite:
        return None
    return _counted(scene, chosen.ray, _FINE, scene.form)
