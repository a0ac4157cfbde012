"""The study "Shading lab": one camera, three ways to a picture of it, and one pixel term by term."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from lab.cameras.model import CameraModel
from lab.cameras.subject import Subject
from lab.cameras.viewport import to_viewport
from lab.chapters.rendering.shading import DEPTH, DIFFERENCE, TURNTABLE, ShadingParams
from lab.kernels.crew import Crew
from lab.rendering.look import camera_of, look_of
from lab.rendering.probe_table import Probe, probe, terms_table
from lab.rendering.raycast import Caster, cast_picture
from lab.rendering.shading_world import object_style, world_view
from lab.rendering.views import PROBE_COLOR, coarse, greys, probed, ray, signed, subject_of, to_screen
from lab.scene import Array, Mesh
from lab.shading.look import Look
from lab.shading.picture import Renderer, Shaded, hard_fragments
from lab.shading.surface import Surface
from lab.shading.turntable import turntable
from lab.studies.kept import Kept
from lab.study import Board, Content, Film, Mark, Note, Picture, StudyContext, StudyError, View3D

_QUICK = 192  # pixels a side of the pictures while something moves
_SMOOTH = 330 * 250  # samples of a picture that needs no quick one before it
_DIFFERS = 0.01  # of white, in any channel


@dataclass(frozen=True, eq=False)
class _Shot:
    """One camera's pictures, none with marks. render, cast: the lab's and the ray cast; compared: the chosen one."""

    shaded: Shaded
    surface: Surface
    render: Picture
    cast: Picture
    compared: Picture
    differs: int


class ShadingStudy:
    """Shades, casts rays and probes. Keeps what light and material do not change."""

    def __init__(self) -> None:
        self._kept = Kept()
        self._renderer = Renderer(Crew())

    def boards(self, params: ShadingParams, ctx: StudyContext) -> Iterator[Board]:
        """Quick pictures first where full ones take long. Raises StudyError without a mesh or a light's direction."""
        geometry = ctx.geometry("object")
        subject, mesh = self._kept.get("subject", (geometry,), lambda: subject_of(geometry))
        camera, look = camera_of(params, subject), look_of(params)
        if params.width * params.height * params.samples**2 > _SMOOTH:
            yield self._board(params, subject, mesh, camera, coarse(camera, _QUICK), replace(look, samples=1))
            ctx.checkpoint()
        board = self._board(params, subject, mesh, camera, camera, look)
        if ctx.action == TURNTABLE:
            yield board
            frames = turntable(
                mesh,
                camera,
                look,
                params.frames,
                pivot=subject.center,
                progress=lambda share: ctx.report(share, "Turning"),
                renderer=self._renderer,
            )
            board = replace(board, results={"turntable": Film(frames), **board.results})
        elif ctx.action:
            raise StudyError(f"unknown action {ctx.action!r}; known is {TURNTABLE}")
        yield board

    def _board(
        self, params: ShadingParams, subject: Subject, mesh: Mesh, whole: CameraModel, camera: CameraModel, look: Look
    ) -> Board:
        """Everything, from pictures of ``camera``, which may be a coarser one than ``whole``."""
        shot = self._shot(params, mesh, whole, camera, look)
        found = self._probe(params, mesh, whole, camera, shot)
        row, column = probed(params.pixel_x, params.pixel_y, whole)
        line = ray(whole, row, column, found.depth if found.face >= 0 else params.distance + subject.radius)
        marks = (Mark(column + 0.5, row + 0.5, color=PROBE_COLOR),)
        viewport = View3D(
            {"object": mesh},
            {"object": object_style(params, mesh)},
            camera=to_viewport(whole, params.distance),
            aspect=whole.width / whole.height,
        )
        panes: dict[str, Content] = {
            "world": world_view(params, whole, subject, line, found.point),
            "render": replace(shot.render, marks=marks),
            "viewport": viewport,
            "raycast": replace(shot.cast, marks=marks),
            "compare": replace(shot.compared, marks=marks),
            "terms": terms_table(found, look),
        }
        return Board(
            panes,
            _figures(found, look, shot.differs),
            results={"image": Picture(shot.render.pixels), "depth": _depth(shot.shaded)},
            notes=tuple(_notes(params, subject, found)),
            status=f"{camera.width} × {camera.height} pixels",
        )

    def _shot(self, params: ShadingParams, mesh: Mesh, whole: CameraModel, camera: CameraModel, look: Look) -> _Shot:
        """The pictures; the last ones, if they were of the same."""
        caster = self._kept.get("caster", (mesh,), lambda: Caster(mesh))
        fine = camera.resized(camera.width * look.samples, camera.height * look.samples)
        size = (whole.width, whole.height)

        def make() -> _Shot:
            surface = Surface(mesh, look, camera.center)
            shaded = self._renderer.render(mesh, camera, look)
            seen = self._kept.get("seen", (mesh, fine.key), lambda: caster.look(fine))
            cast = cast_picture(caster, seen, surface, params.shadows)
            change = shaded.rgb - cast
            return _Shot(
                shaded,
                surface,
                Picture(to_screen(shaded.rgb), stands_for=size),
                Picture(to_screen(cast), stands_for=size),
                replace(_compared(params, shaded, change), stands_for=size),
                _differing(change),
            )

        return self._kept.get("shot", (mesh, camera.key, look, params.shadows, params.compare, size), make)

    def _probe(self, params: ShadingParams, mesh: Mesh, whole: CameraModel, camera: CameraModel, shot: _Shot) -> Probe:
        """The probed pixel of a picture of ``camera``."""
        scale, shaded, look = camera.width / whole.width, shot.shaded, shot.surface.look
        row, column = probed(params.pixel_x * scale, params.pixel_y * scale, camera)
        center = int(shaded.face[row, column]), shaded.bary[row, column], float(shaded.depth[row, column])
        samples = shaded.face[row : row + 1, column], shaded.bary[row : row + 1, column]
        if look.samples > 1:
            side, depends_on = look.samples, (mesh, camera.key, look.samples, look.cull_backfaces)
            finer = self._kept.get("samples", depends_on, lambda: hard_fragments(mesh, camera, side))
            block = np.s_[row * side : (row + 1) * side, column * side : (column + 1) * side, 0]
            samples = finer.pix_to_face[block].reshape(-1), finer.bary[block].reshape(-1, 3)
        return probe(shot.surface, camera, samples, center)


def _compared(params: ShadingParams, shaded: Shaded, change: Array) -> Picture:
    """The picture that the person chose to see last. change: (H, W, 3), from the ray cast to the render."""
    if params.compare == DIFFERENCE:
        mean = (change[..., 0] + change[..., 1] + change[..., 2]) / 3
        return Picture(signed(mean, 1.0)[0], values=mean)
    if params.compare == DEPTH:
        return _depth(shaded)
    return Picture(to_screen(np.where(shaded.face[..., None] >= 0, 0.5 + 0.5 * shaded.normals, 0.1)))


def _depth(shaded: Shaded) -> Picture:
    return Picture(greys(shaded.depth), values=shaded.depth, unit="m")


def _differing(change: Array) -> int:
    """How many pixels differ in any channel; each channel by itself, as sums along rows of three are slow."""
    over = np.abs(change) > _DIFFERS
    return int((over[..., 0] | over[..., 1] | over[..., 2]).sum())


def _figures(found: Probe, look: Look, differs: int) -> dict[str, float | str | bool]:
    figures: dict[str, float | str | bool] = {"Pixel": ", ".join(f"{value:.4f}" for value in found.pixel)}
    if found.light is not None:
        figures["n · l"] = found.light.to_light_cosine
        figures["n · h" if look.model == "Blinn-Phong" else "r · v"] = found.light.to_eye_cosine
    if found.face >= 0:
        figures["Depth"] = found.depth
        figures["Face"] = found.face
        figures["Barycentric"] = ", ".join(f"{value:.4f}" for value in found.bary)
    figures["Pixels that differ"] = differs
    return figures


def _notes(params: ShadingParams, subject: Subject, found: Probe) -> Iterator[Note]:
    if subject.moved:
        yield Note("info", "The object is out of the sliders' reach; it is shown at the origin, 2 m in size.")
    if found.pixel.max() > 1.0:
        yield Note("info", "This pixel is brighter than white: what is above 1 is cut off.", "Lower the lights.")
    if found.light is not None and found.light.to_light_cosine < 0:
        yield Note("info", "The light is behind this surface: n · l is negative, and only the ambient term is left.")
    if params.shadows:
        yield Note("info", "Shadows are in the ray cast only: the difference shows them.")
