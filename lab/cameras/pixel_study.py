"""The study "From world to pixel": a vertex on its way, two pictures side by side, near and far as they are."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from lab.cameras import drawing
from lab.cameras.model import CameraModel
from lab.cameras.picture import Clip, Painter, Shot, quick_is_rough, shown
from lab.cameras.pixel_camera import (
    FAR_TINT,
    NEAR_TINT,
    Fate,
    cameras_of,
    clip_of,
    fate,
    knows_planes,
    matrices_code,
    tinted,
    way,
)
from lab.cameras.projection import Stage, pixels
from lab.cameras.subject import Subject, prepare
from lab.chapters.cameras.pixel import FOV_CAMERAS, PixelParams
from lab.render.messages import Style
from lab.scene import Array, Entity, Points
from lab.studies.kept import Kept
from lab.study import Board, Content, Mark, Note, Picture, StudyContext, Table, Text, View3D

_QUICK = 240  # pixels a side of a picture while something moves; there are two
_CAMERA, _FLAT, _MARK = (0.95, 0.70, 0.25), (0.70, 0.62, 0.85), (0.95, 0.30, 0.55)
_CLIP = (0.92, 0.36, 0.36)
_NO_WORDS = 0.3  # of the distance: planes nearer to the camera would have their words on top of each other


class PixelStudy:
    """Follows one vertex to its pixel. Keeps the ray caster of the object."""

    def __init__(self) -> None:
        self._painter = Painter()
        self._kept = Kept()

    def boards(self, params: PixelParams, ctx: StudyContext) -> Iterator[Board]:
        """Quick pictures first, then those of the full size. Raises StudyError without an object or a proper camera."""
        geometry = ctx.geometry("object")
        subject = self._kept.get("subject", (geometry,), lambda: prepare(geometry))
        vertex = min(params.vertex, len(subject.shown.verts) - 1)
        board = self._board(params, subject, vertex)
        yield self._with_pictures(board, params, subject, vertex)
        if quick_is_rough(subject.shown, cameras_of(params, subject)[0], _QUICK):
            yield self._with_pictures(board, params, subject, vertex, ctx.checkpoint)

    def _board(self, params: PixelParams, subject: Subject, vertex: int) -> Board:
        """Everything but the pictures."""
        point = _point(subject, vertex)
        one, flat = cameras_of(params, subject)
        clip = clip_of(params, one)
        found = way(params, one, point)
        panes: dict[str, Content] = {
            "world": self._world(params, subject, one, flat, point, clip),
            "steps": _steps(found, way(params, flat, point)),
            "matrices": Text(matrices_code(found, vertex), "python"),
        }
        depth = pixels(one, subject.points)[1]
        notes = tuple(_notes(params, subject, vertex, one, clip, depth))
        status = f"{one.width} × {one.height} pixels"
        return Board(panes, _figures(one, clip, depth), notes=notes, status=status)

    def _with_pictures(
        self, board: Board, params: PixelParams, subject: Subject, vertex: int, full: Callable[[], None] | None = None
    ) -> Board:
        """The board with both pictures, and with what becomes of the vertex in the perspective one.

        full: the checkpoint within pictures of full size; without it, the pictures are quick ones.
        """
        point = _point(subject, vertex)
        panes, fates = dict(board.panes), []
        for name, camera in zip(("perspective", "orthographic"), cameras_of(params, subject), strict=True):
            clip = clip_of(params, camera)
            shot = self._shot(name, subject, camera, clip, full)
            fates.append(fate(camera, point, clip, shot))
            panes[name] = _picture(params, camera, shot, fates[-1])
        x, y = fates[0].at
        figures: dict[str, float | str | bool] = {
            "Pixel": f"{x:.2f}, {y:.2f}" if np.isfinite(x) else "none",
            "Depth": fates[0].depth,
            "Vertex": fates[0].visible,
        }
        return replace(board, panes=panes, figures={**figures, **board.figures})

    def _shot(
        self, name: str, subject: Subject, camera: CameraModel, clip: Clip, full: Callable[[], None] | None
    ) -> Shot:
        """A picture; the last one of that name, if it was of the same."""

        def make() -> Shot:
            if full is None:
                return self._painter.shoot_quick(subject.shown, camera, _QUICK, clip)
            return self._painter.shoot(subject.shown, camera, clip, full)

        return self._kept.get(name, (subject, camera.key, clip.lower, clip.upper, full is None), make)

    def _world(
        self, params: PixelParams, subject: Subject, one: CameraModel, flat: CameraModel, point: Array, clip: Clip
    ) -> View3D:
        """The object, both frustums, the planes of near and far, and the ray of the vertex."""
        end = params.distance + subject.radius
        entities: dict[str, Entity] = {
            "object": subject.shown,
            "perspective": drawing.frustum(one, 0.0, end),
            "orthographic": drawing.frustum(flat, 0.0, end),
            "ray": drawing.segment(one.center, point),
            "vertex": Points(point[None].astype(np.float32)),
        }
        styles = {
            "perspective": Style(color=_CAMERA),
            "orthographic": Style(color=_FLAT, opacity=0.5),
            "ray": Style(color=_MARK),
            "vertex": Style(color=_MARK, point_size=9.0),
        }
        labels = []
        for corner, (key, depth, name, color) in enumerate(_planes(params, one, clip)):
            if depth <= 2 * end:
                entities[key] = drawing.rectangle(one, depth)
                styles[key] = Style(color=color)
                if depth > _NO_WORDS * params.distance:
                    labels.append(drawing.label(drawing.corners(one, depth)[corner], name, color))
        return View3D(entities, styles, labels=tuple(labels))


def _planes(
    params: PixelParams, camera: CameraModel, clip: Clip
) -> Iterator[tuple[str, float, str, tuple[float, float, float]]]:
    """The planes to draw: entity, depth in metres, words, colour."""
    if not knows_planes(params):
        return
    yield "near", camera.near, f"near, {camera.near:g} m", NEAR_TINT
    yield "far", camera.far, f"far, {camera.far:g} m", FAR_TINT
    if clip.lower != camera.near:
        yield "clip", clip.lower, f"clipped here: near / 2, {clip.lower:g} m", _CLIP


def _picture(params: PixelParams, camera: CameraModel, shot: Shot, found: Fate) -> Picture:
    image = tinted(shot, camera) if params.tint and knows_planes(params) else shot.pixels
    x, y = found.at
    marks: tuple[Mark, ...] = ()
    if 0 <= x <= camera.width and 0 <= y <= camera.height:
        words = f"{x:.1f}, {y:.1f}" if found.visible == "visible" else found.visible
        marks = (Mark(float(x), float(y), words, _MARK),)
    return replace(shown(shot, camera), pixels=image, marks=marks)


def _steps(found: tuple[Stage, ...], flat: tuple[Stage, ...]) -> Table:
    """The coordinates in each space; the orthographic camera differs from the third on."""
    named = [(stage.space, stage) for stage in found]
    named += [(f"ortho {stage.space}", stage) for stage in flat[2:]]
    coordinates = np.array([stage.coordinates[0] for _, stage in named])
    return Table(
        ("Space", "x", "y", "z", "What they are"),
        (tuple(name for name, _ in named), *coordinates.T, tuple(stage.meaning for _, stage in named)),
        hues=np.array([0] * len(found) + [1] * (len(flat) - 2), np.int32),
        marked=len(found) - 1,
    )


def _point(subject: Subject, vertex: int) -> Array:
    """(3,) float64: a vertex of the object, world."""
    return np.asarray(subject.shown.verts[vertex] + subject.shown.origin, np.float64)


def _figures(camera: CameraModel, clip: Clip, depth: Array) -> dict[str, float | str | bool]:
    """What can be said without a picture; depth: (N,), of the object's points."""
    short = min(camera.width, camera.height)
    angles = np.degrees(2 * np.arctan([camera.width / (2 * camera.fx), camera.height / (2 * camera.fy)]))
    drawn = (depth >= clip.lower) & (depth <= clip.upper)
    return {
        "Focal length": f"{camera.fx:.1f} px, {2 * camera.fx / short:.4f} in NDC",
        "Field of view": f"{angles[0]:.1f}° × {angles[1]:.1f}°",
        "Clipped at": clip.lower,
        "Nearer than near": float((drawn & (depth < camera.near)).mean()),
        "Beyond far": float((drawn & (depth > camera.far)).mean()),
        "Cut away": float((~drawn).mean()),
    }


def _notes(
    params: PixelParams, subject: Subject, vertex: int, camera: CameraModel, clip: Clip, depth: Array
) -> Iterator[Note]:
    if subject.moved:
        yield Note("info", "The object is out of the sliders' reach; it is shown at the origin, 2 m in size.")
    if vertex != params.vertex:
        yield Note("info", f"The object has {vertex + 1:,} vertices; the last one is followed.")
    if params.spaces == "PyTorch3D" and params.family == FOV_CAMERAS:
        if params.shift_x or params.shift_y:
            yield Note(
                "warning",
                "PyTorch3D's FoV cameras have their principal point in the middle; the matrices shown need K=.",
                "Choose the focal-length cameras.",
            )
        if ((depth >= clip.lower) & (depth < camera.near)).any():
            yield Note("info", "Orange: nearer than znear, and drawn. PyTorch3D clips at znear / 2, in perspective.")
        if (depth > camera.far).any():
            yield Note("info", "Blue: beyond zfar, and drawn: PyTorch3D culls nothing there.")
    if params.spaces == "OpenGL" and ((depth < clip.lower) | (depth > clip.upper)).any():
        yield Note("info", "OpenGL draws nothing nearer than near or beyond far.")
