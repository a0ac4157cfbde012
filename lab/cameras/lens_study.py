"""The study "Convention lens": one camera, its pictures, its matrices in four conventions, and pasted ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np

from lab.cameras import drawing
from lab.cameras.conventions import CONVENTIONS, Convention
from lab.cameras.lens_form import camera_of, fitted, misreading, pose_values, taken_over, world_of
from lab.cameras.lens_tables import all_four, code_text, verdict_table
from lab.cameras.misread import Misreading
from lab.cameras.model import CameraError, CameraModel, look_at
from lab.cameras.pasted import read
from lab.cameras.picture import Painter, Shot, quick_is_rough, shown
from lab.cameras.recognise import Reading, readings, verdict
from lab.cameras.round_trip import TOLERANCE, round_trip
from lab.cameras.sight import Sight, look
from lab.cameras.subject import Subject, prepare
from lab.chapters.cameras.lens import AIM, FIT, USE, LensParams
from lab.render.messages import Style
from lab.scene import Entity, Geometry
from lab.studies.kept import Kept
from lab.study import Board, Content, Handle, Label, Note, StudyContext, StudyError, Text, View3D

_QUICK = 320  # pixels a side of the picture while something moves
_CAMERA, _READ, _PASTED = (0.95, 0.70, 0.25), (0.92, 0.36, 0.36), (0.42, 0.68, 0.95)


@dataclass(frozen=True, eq=False)
class _Paste:
    """What became of the pasted text: its readings and the verdict, or a sentence on why there are none."""

    found: tuple[Reading, ...] = ()
    sentence: str = ""
    has_intrinsics: bool = False


class LensStudy:
    """Shows one camera in every convention. Keeps the ray caster and what was made of the object."""

    def __init__(self) -> None:
        self._painter = Painter()
        self._kept = Kept()

    def boards(self, params: LensParams, ctx: StudyContext) -> Iterator[Board]:
        """A quick picture first, then one of the full size. Raises StudyError without an object or a proper camera."""
        geometry = ctx.geometry("object")
        subject = self._kept.get("subject", (geometry,), lambda: prepare(geometry))
        notes: list[Note] = []
        taken: dict[str, Any] = {}
        if ctx.action:
            taken = self._act(ctx.action, params, subject, notes)
            params = replace(params, **taken)
        camera = camera_of(params)
        board = self._board(params, camera, subject, notes)
        board = replace(board, values=taken)
        yield self._with_pictures(board, params, camera, subject.shown)
        if quick_is_rough(subject.shown, camera, _QUICK):
            yield self._with_pictures(board, params, camera, subject.shown, ctx.checkpoint)

    # --- what the buttons do ------------------------------------------------------------------------------------------

    def _act(self, action: str, params: LensParams, subject: Subject, notes: list[Note]) -> dict[str, Any]:
        """The parameters that an action changes."""
        camera = camera_of(params)
        if action == AIM:
            if np.linalg.norm(camera.center - subject.center) < 1e-6:
                notes.append(Note("warning", "The camera stands in the object's middle.", "Move it away first."))
                return {}
            return pose_values(camera.moved(look_at(camera.center, subject.center)))
        if action == FIT:
            return fitted(params, camera, subject, notes)
        if action == USE:
            paste = self._paste(params, camera, subject)
            if not paste.found:
                notes.append(Note("warning", "There is no pasted camera to use.", "Paste a matrix first."))
                return {}
            return taken_over(_chosen(paste, params), paste.has_intrinsics, notes)
        raise StudyError(f"unknown action {action!r}; known are {AIM}, {FIT}, {USE}")

    # --- what is shown ------------------------------------------------------------------------------------------------

    def _board(self, params: LensParams, camera: CameraModel, subject: Subject, notes: list[Note]) -> Board:
        """Everything but the pictures."""
        wrong, paste = misreading(params, camera), self._paste(params, camera, subject)
        sight = look(camera, subject.points)
        trips = {name: round_trip(camera, name, world_of(params, name)) for name in CONVENTIONS}
        panes: dict[str, Content] = {
            "world": _world_view(params, camera, subject, wrong, _chosen(paste, params) if paste.found else None),
            "code": code_text(params, camera),
        }
        if params.paste.strip():
            panes["verdict"] = Text(paste.sentence)
            if paste.found:
                panes["verdict"] = verdict_table(paste.found, paste.found.index(_chosen(paste, params)))
        else:
            panes["all"] = all_four(params, camera, trips)
        figures: dict[str, float | str | bool] = {
            "Round trip": max(trips.values()),
            "Camera centre": ", ".join(f"{value:.4g}" for value in camera.center),
            "In front": sight.in_front,
            "In the image": sight.in_image,
        }
        if sight.roll_deg is not None:
            figures["Turned"] = sight.roll_deg
        notes.extend(_notes(subject, sight, wrong, trips))
        if wrong.wrong:
            figures["Misread"] = _effect(wrong, look(wrong.camera, subject.points), sight)
            notes.append(Note("warning", f"As it is read: {figures['Misread']}.", " ".join(wrong.fixes)))
        if paste.sentence:
            figures["Pasted"] = paste.found[0].title if paste.found else "no camera"
            notes.append(Note("info" if paste.found else "warning", paste.sentence))
        return Board(panes, figures, notes=tuple(notes))

    def _paste(self, params: LensParams, camera: CameraModel, subject: Subject) -> _Paste:
        """The readings of the pasted text; kept while text, lens, camera and object stay."""
        if not params.paste.strip():
            return _Paste()
        key = (params.paste, camera.key, subject)
        return self._kept.get("paste", key, lambda: _readings(params.paste, camera, subject))

    def _with_pictures(
        self,
        board: Board,
        params: LensParams,
        camera: CameraModel,
        geometry: Geometry,
        full: Callable[[], None] | None = None,
    ) -> Board:
        """The board with what the camera sees, and with what it sees as it is read.

        full: the checkpoint within pictures of full size; without it, the pictures are quick ones.
        """
        shot = self._shot("picture", geometry, camera, full)
        panes = {**board.panes, "picture": shown(shot, camera)}
        wrong = misreading(params, camera)
        if wrong.wrong:
            seen = _flipped(self._shot("misread", geometry, wrong.camera, full), wrong)
            panes["misread"] = shown(seen, camera)
        return replace(board, panes=panes, status=f"{camera.width} × {camera.height} pixels")

    def _shot(self, name: str, geometry: Geometry, camera: CameraModel, full: Callable[[], None] | None) -> Shot:
        """A picture; the last one of that name, if it was of the same."""

        def make() -> Shot:
            if full is None:
                return self._painter.shoot_quick(geometry, camera, _QUICK)
            return self._painter.shoot(geometry, camera, checkpoint=full)

        return self._kept.get(name, (geometry, camera.key, full is None), make)


# --- pasted cameras ---------------------------------------------------------------------------------------------------


def _readings(pasted_text: str, camera: CameraModel, subject: Subject) -> _Paste:
    try:
        pasted = read(pasted_text)
        found = readings(pasted, camera, subject.points)
    except CameraError as error:
        return _Paste(sentence=f"The pasted text is no camera: {error}.")
    return _Paste(found, verdict(found, pasted), pasted.K is not None)


def _chosen(paste: _Paste, params: LensParams) -> Reading:
    return paste.found[min(params.reading, len(paste.found)) - 1]


# --- views, code and tables -------------------------------------------------------------------------------------------


def _world_view(
    params: LensParams, camera: CameraModel, subject: Subject, wrong: Misreading, pasted: Reading | None
) -> View3D:
    length = 0.45 * subject.radius
    convention = cast(Convention, params.convention)
    axes, labels = drawing.axes(camera, convention, 1.7 * length)  # beyond the handle
    entities: dict[str, Entity] = {
        "object": subject.shown,
        "camera": drawing.frustum(camera, 0.0, length),
        "axes": axes,
    }
    styles = {"camera": Style(color=_CAMERA)}
    more: list[Label] = []
    if wrong.wrong:
        entities["read"] = drawing.frustum(wrong.camera, 0.0, length)
        styles["read"] = Style(color=_READ)
        more.append(drawing.label(drawing.roof(wrong.camera, length), "as it is read", _READ))
    if pasted is not None:
        entities["pasted"] = drawing.frustum(pasted.camera, 0.0, length)
        styles["pasted"] = Style(color=_PASTED)
        more.append(drawing.label(drawing.roof(pasted.camera, length), "pasted", _PASTED))
    handle = Handle(
        "camera",
        "frame",
        ("x", "y", "z", "rx", "ry", "rz"),
        (params.x, params.y, params.z),
        (params.rx, params.ry, params.rz),
        color=_CAMERA,
        degrees=True,
    )
    return View3D(entities, styles, (handle,), (*labels, *more))


def _flipped(shot: Shot, wrong: Misreading) -> Shot:
    rows = slice(None, None, -1 if wrong.flip_rows else 1)
    columns = slice(None, None, -1 if wrong.flip_columns else 1)
    return Shot(np.ascontiguousarray(shot.pixels[rows, columns]), np.ascontiguousarray(shot.depth[rows, columns]))


def _effect(wrong: Misreading, found: Sight, right: Sight) -> str:
    """What the wrong reading makes of the picture, in words, compared with the right one."""
    words = [found.words()]
    if wrong.flip_rows or wrong.flip_columns:
        words.append("mirrored" + (", top to bottom" if wrong.flip_rows else ", left to right"))
    elif found.words() == right.words():
        words.append("yet not the same picture")
    return "; ".join(words)


def _notes(subject: Subject, sight: Sight, wrong: Misreading, trips: Mapping[Convention, float]) -> Iterator[Note]:
    if subject.moved:
        yield Note("info", "The object is out of the sliders' reach; it is shown at the origin, 2 m in size.")
    if not wrong.wrong and sight.in_image < 0.01:
        yield Note("info", f"The picture is empty: {sight.words()}.", "Press Look at the object.")
    for name, error in trips.items():
        if not error <= TOLERANCE:
            yield Note("error", f"The round trip through {name} changes the camera by {error:.2g}.")
