"""The study "From hard to soft": a soft render, the faces of one of its pixels, its edges, and its gradient."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from lab.cameras.model import CameraModel
from lab.cameras.subject import Subject
from lab.chapters.rendering.soft import LIGHT, SoftParams
from lab.rendering.edge import Lost, lost_at
from lab.rendering.soft_picture import SoftBlend, SoftPicture
from lab.rendering.soft_scene import SoftScene, blend_of, camera_of
from lab.rendering.soft_tables import edge_plot, faces_table
from lab.rendering.soft_world import world_view
from lab.rendering.views import PROBE_COLOR, coarse, probed, ray, signed, subject_of, to_screen
from lab.scene import Array, Mesh
from lab.shading.probe import PixelProbe
from lab.studies.kept import Kept
from lab.study import Board, Mark, Note, Picture, StudyContext

_QUICK, _QUICK_CROWDED = 48, 28  # pixels a side of the pictures while something moves
_CROWDED = 60  # faces in one pixel, from which on a picture takes long
_LOSS = 1e-3  # of alpha, which is worth a word
_MOVING = 1e-3  # of the greatest change: pixels that change less are not counted


class SoftStudy:
    """Renders softly and takes one pixel apart. Keeps what the last question made."""

    def __init__(self) -> None:
        self._kept = Kept()
        self._scene: SoftScene | None = None
        self._gradient_shown = Picture(signed(np.zeros((1, 1)))[0])
        self._busiest = 0

    def boards(self, params: SoftParams, ctx: StudyContext) -> Iterator[Board]:
        """Coarse pictures first, then those of the full size, the gradient last. Raises StudyError without a mesh."""
        geometry = ctx.geometry("object")
        subject, mesh = self._kept.get("subject", (geometry,), lambda: subject_of(geometry))
        vertex = min(params.vertex, len(mesh.verts) - 1)
        camera = camera_of(params, subject)
        quick = coarse(camera, _QUICK if self._busiest < _CROWDED else _QUICK_CROWDED)
        if not self._kept.has("picture", self._key(params, camera, mesh)) and quick is not camera:
            yield self._with_gradient(self._board(params, subject, mesh, vertex, camera, quick), params, None)
            ctx.checkpoint()
        board = self._board(params, subject, mesh, vertex, camera, camera)
        key = (*self._key(params, camera, mesh), vertex, params.of, params.channel, params.axis)
        if not self._kept.has("gradient", key):
            yield self._with_gradient(board, params, None)
            ctx.checkpoint()
        change = self._kept.get("gradient", key, lambda: self._scene_of(mesh).gradient(params, camera, vertex))
        yield self._with_gradient(board, params, change)

    def _board(
        self, params: SoftParams, subject: Subject, mesh: Mesh, vertex: int, whole: CameraModel, camera: CameraModel
    ) -> Board:
        """Everything but the gradient, from a picture of ``camera``, which may be a coarser one than ``whole``."""
        scene = self._scene_of(mesh)
        picture = self._kept.get("picture", self._key(params, camera, mesh), lambda: scene.picture(params, camera))
        self._busiest = _most(picture)
        scale = camera.width / whole.width
        row, column = probed(params.pixel_x * scale, params.pixel_y * scale, camera)
        ndc, shape = scene.ndc(camera), picture.alpha.shape
        stack = scene.probe(params, camera, row, column)
        depth = float(stack.z[0]) if len(stack.z) else params.distance + subject.radius
        line = ray(camera, row, column, depth)
        size = (whole.width, whole.height)
        at_row, at_column = probed(params.pixel_x, params.pixel_y, whole)
        marks = (Mark(at_column + 0.5, at_row + 0.5, color=PROBE_COLOR),)
        grey = to_screen(np.repeat(picture.alpha[..., None], 3, axis=2))
        render = Picture(to_screen(picture.rgb), values=picture.rgb.mean(axis=2, dtype=np.float32))
        soft = blend_of(params)
        lost = lost_at(ndc, mesh.faces, stack.ndc, soft.blur_radius, soft.sigma, len(stack.face))
        spread = _extremes(picture)
        notes = list(_notes(spread, stack, lost))
        if subject.moved:
            notes.append(
                Note("info", "The object is out of the sliders' reach; it is shown at the origin, 2 m in size.")
            )
        if vertex != params.vertex:
            notes.append(Note("info", f"The object has {vertex + 1:,} vertices; the last one is moved."))
        return Board(
            {
                "world": world_view(params, whole, subject, mesh, line, stack.face, vertex),
                "render": replace(render, marks=marks, stands_for=size),
                "alpha": Picture(grey, marks, picture.alpha.astype(np.float32), "", stands_for=size),
                "faces": faces_table(stack),
                "edge": edge_plot(ndc, mesh.faces, shape, row, column + 0.5, params.sigma),
            },
            _figures(soft, shape, spread, stack, lost),
            notes=tuple(notes),
            results={"soft render": render, "soft alpha": Picture(grey, values=picture.alpha)},
            status=f"{shape[1]} × {shape[0]} pixels, {self._busiest} faces in one",
        )

    def _with_gradient(self, board: Board, params: SoftParams, change: Array | None) -> Board:
        """The board with the gradient's picture; without one yet, with the last that was shown."""
        if change is None:
            return replace(board, panes={**board.panes, "gradient": self._gradient_shown})
        board = _with_gradient(board, params, change)
        shown = board.panes["gradient"]
        assert isinstance(shown, Picture)
        self._gradient_shown = replace(shown, marks=())
        return board

    def _scene_of(self, mesh: Mesh) -> SoftScene:
        if self._scene is None or self._scene.mesh is not mesh:
            if self._scene is not None:
                self._scene.close()
            self._scene = SoftScene(mesh)
        return self._scene

    @staticmethod
    def _key(params: SoftParams, camera: CameraModel, mesh: Mesh) -> tuple[object, ...]:
        """What a picture depends on."""
        light = (params.light_x, params.light_y, params.light_z)
        return (mesh, camera.key, blend_of(params), light, params.background)


def _with_gradient(board: Board, params: SoftParams, change: Array) -> Board:
    pixels, limit = signed(change)
    mark = board.panes["render"]
    marks = mark.marks if isinstance(mark, Picture) else ()
    picture = Picture(pixels, marks, change.astype(np.float32), "per m")
    figures: dict[str, float | str | bool] = {
        "Gradient": limit,
        "Pixels with gradient": int((np.abs(change) > _MOVING * limit).sum()) if limit else 0,
    }
    notes = board.notes
    if not limit:
        moved = "light" if params.of == LIGHT else "vertex"
        words = f"Nothing changes when the {moved} moves: an optimiser would have nothing to follow."
        advice = (
            "Alpha does not depend on the light." if params.of == LIGHT else "Raise sigma, or choose another vertex."
        )
        notes = (*notes, Note("info", words, advice))
    results = {**board.results, "gradient of the image": picture}
    return replace(
        board,
        panes={**board.panes, "gradient": picture},
        figures={**board.figures, **figures},
        notes=notes,
        results=results,
    )


def _figures(
    soft: SoftBlend, shape: tuple[int, ...], spread: tuple[float, float], stack: PixelProbe, lost: Lost
) -> dict[str, float | str | bool]:
    short = min(shape)
    pixels = math.sqrt(soft.blur_radius) * short / 2
    low, high = spread
    return {
        "Pixel": ", ".join(f"{value:.4f}" for value in stack.rgb),
        "Alpha": stack.alpha,
        "Background": stack.background_weight,
        "Faces within the blur": lost.reaching,
        "Faces lost": lost.left_out,
        "Alpha lost": max(lost.alpha - stack.alpha, 0.0),
        "Blur radius": f"{soft.blur_radius:.3g} NDC², {pixels:.2f} px",
        "Barycentrics": f"{low:.3g} to {high:.3g}",
    }


def _notes(spread: tuple[float, float], stack: PixelProbe, lost: Lost) -> Iterator[Note]:
    if lost.alpha - stack.alpha > _LOSS:
        yield Note(
            "warning",
            f"{lost.reaching} faces reach this pixel, and K keeps {len(stack.face)}: "
            f"alpha is {stack.alpha:.4f} in place of {lost.alpha:.4f}.",
            "Raise K.",
        )
    if stack.background_weight < 0.01 and stack.alpha < 0.25 and len(stack.face):
        yield Note(
            "info",
            f"Alpha is {stack.alpha:.4f} here, yet the background has a weight of {stack.background_weight:.1e} only: "
            "soft RGB does not fade.",
        )
    low, high = spread
    if low < -1 or high > 2:
        yield Note(
            "warning",
            f"Barycentrics run from {low:.3g} to {high:.3g}: outside of the faces the formula explodes.",
            "Correct inside only, or clip them.",
        )


def _extremes(picture: SoftPicture) -> tuple[float, float]:
    """The least and the greatest barycentric of all fragments."""
    bary = picture.fragments.bary[picture.fragments.pix_to_face >= 0]
    return (float(bary.min()), float(bary.max())) if len(bary) else (0.0, 0.0)


def _most(picture: SoftPicture) -> int:
    """The most faces in any pixel."""
    return int((picture.fragments.pix_to_face >= 0).sum(axis=2).max(initial=0))
