"""The study "Fly and film": a camera's way through a radiance field, and what can be taken along."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from lab.chapters.fields.film import (
    ADD,
    DENSITY,
    KEYS,
    MAKE_DEPTHS,
    MAKE_FILM,
    MAKE_MESH,
    MAKE_POINTS,
    MESH,
    POINTS,
    REMOVE,
    WAY,
    FilmParams,
)
from lab.fields.march import FieldView
from lab.fields.out import drawings
from lab.fields.out.example import example_field
from lab.fields.out.film import Lens, depth_maps, depth_of, frames, object_of, pixels_of
from lab.fields.out.keys import Subject, Way, edited, with_keys
from lab.fields.out.surface import points, surface
from lab.kernels.crew import Crew
from lab.scene import Field, Geometry, Mesh, Points
from lab.studies.kept import Kept
from lab.study import Board, Content, Data, Film, Note, Picture, Result, StudyContext, StudyError, View3D

_QUICK = 160  # pixels of a frame's longer side while something moves
_MOST_BYTES = 1_500_000_000  # of a film, or of its depth maps
_SHOWN_BY = {MAKE_MESH: MESH, MAKE_POINTS: POINTS}


class FilmStudy:
    """Keeps the field's view, its surface, and the film that was made last."""

    def __init__(self) -> None:
        self._kept = Kept()
        self._crew = Crew()

    def boards(self, params: FilmParams, ctx: StudyContext) -> Iterator[Board]:
        """A quick frame first, then one of the full size; then what a button asked for. Raises StudyError."""
        field = ctx.field("field") or self._kept.get("example", (ctx.seed,), lambda: example_field(ctx))
        view = self._kept.get("view", (field,), lambda: FieldView(field, self._crew))
        subject = self._kept.get("subject", (field,), lambda: Subject(*object_of(field)))
        params, taken = _decided(params, subject, ctx.action)
        if ctx.action in (MAKE_FILM, MAKE_DEPTHS):
            _check_memory(params, len(Way(params, subject).times()), 3 if ctx.action == MAKE_FILM else 4)
        board = self._board(params, taken, field, subject, ctx)
        lens = Lens(params.width, params.height, params.fov)
        if max(params.width, params.height) > _QUICK and not ctx.action:
            yield self._with_frame(board, params, view, subject, _small(lens), lambda: None)
        board = self._with_frame(board, params, view, subject, lens, ctx.checkpoint if not ctx.action else _no_pause)
        board = replace(board, results={**board.results, **self._made(params, view, subject)})
        yield board
        if ctx.action in (MAKE_FILM, MAKE_DEPTHS):
            self._make(params, view, subject, ctx)
            yield replace(board, results={**self._made(params, view, subject), **board.results})

    # --- what is seen -----------------------------------------------------------------------------------------------

    def _board(
        self, params: FilmParams, taken: dict[str, Any], field: Field, subject: Subject, ctx: StudyContext
    ) -> Board:
        """Everything but the frame."""
        way = Way(params, subject)
        route = _route(params)
        shape = None if params.shown == WAY else self._shape(params, field, ctx)
        still = self._kept.get("way", (subject, *route), lambda: drawings.drawn(params, way, subject))
        times = way.times()
        figures: dict[str, float | str | bool] = {"Frames": float(len(times)), "Way (m)": still.length}
        results: dict[str, Result] = {}
        if shape is not None:
            figures |= self._kept.get("figures", (shape,), lambda: drawings.figures_of(shape))
            results["mesh" if isinstance(shape, Mesh) else "points"] = shape
        camera = Lens(params.width, params.height, params.fov).camera(way.at(np.array([params.time]))[0])
        panes: dict[str, Content] = {"world": drawings.world(params, field, still, camera, subject)}
        if shape is None:
            panes["speed"] = drawings.speed_plot(still, params.time)
        else:
            panes["surface"] = View3D({params.shown: shape})
        return Board(
            panes,
            figures,
            results,
            values=taken,
            spans={"time": (0.0, params.seconds), "key": (1.0, float(max(params.count, 1)))},
            notes=() if ctx.field("field") else (_EXAMPLE,),
        )

    def _shape(self, params: FilmParams, field: Field, ctx: StudyContext) -> Geometry:
        """The surface as a mesh or a point cloud. Raises StudyError where there is none."""
        how: dict[str, Any] = {
            "opacity": params.opacity,
            "density": params.density if params.shape == DENSITY else None,
            "parts": int(params.largest),
            "closed": params.closed,
            "smooth": params.smooth,
        }

        def mesh() -> Mesh:
            ctx.report(None, "Finding the surface")
            return surface(field, faces=params.faces, **how)

        def cloud() -> Points:
            ctx.report(None, "Drawing points")
            return points(field, params.points, ctx.rng(), **how)

        key = (field, *how.values())
        try:
            if params.shown == POINTS:
                return self._kept.get("points", (*key, params.points, ctx.seed), cloud)
            made = self._kept.get("mesh", (*key, params.faces), mesh)
        except ValueError:
            raise StudyError(_NO_SURFACE) from None
        if not len(made.faces):
            raise StudyError(_NO_SURFACE)
        return made

    def _with_frame(
        self,
        board: Board,
        params: FilmParams,
        view: FieldView,
        subject: Subject,
        lens: Lens,
        pause: Callable[[], None],
    ) -> Board:
        """The board with what the camera sees."""
        camera = lens.camera(Way(params, subject).at(np.array([params.time]))[0])

        def make() -> drawings.Frame:
            seen = view.render(camera, pause=pause)
            return drawings.Frame(pixels_of(seen, view.field, params.ground), depth_of(seen, camera))

        frame = self._kept.get(f"frame {lens.width == params.width}", (view, camera.key, params.ground), make)
        size = (params.width, params.height)
        panes = {**board.panes, "frame": Picture(frame.pixels, stands_for=size)}
        if params.shown == WAY:
            panes["depth"] = drawings.depth_picture(frame, size)
        return replace(board, panes=panes, figures={**board.figures, **frame.figures})

    # --- what buttons make ------------------------------------------------------------------------------------------

    def _make(self, params: FilmParams, view: FieldView, subject: Subject, ctx: StudyContext) -> None:
        """The film or the depth maps, which are kept as long as they are of the same way."""
        way = Way(params, subject)
        lens = Lens(params.width, params.height, params.fov)
        times = way.times()
        cameras = [lens.camera(pose) for pose in way.at(times)]

        def progress(share: float, text: str) -> None:
            ctx.checkpoint()
            ctx.report(share, text)

        key = _film_key(params, view, subject)
        if ctx.action == MAKE_FILM:
            self._kept.get("film", key, lambda: Film(frames(view, cameras, params.ground, progress), params.rate))
            return

        def measured() -> Data:
            return Data(
                {
                    "depth": depth_maps(view, cameras, progress),
                    "c2w": np.stack([camera.c2w for camera in cameras]),
                    "intrinsics": cameras[0].intrinsics,
                    "seconds": times,
                }
            )

        self._kept.get("depths", key, measured)

    def _made(self, params: FilmParams, view: FieldView, subject: Subject) -> dict[str, Result]:
        """The film and the depth maps that were made of just this way."""
        key = _film_key(params, view, subject)
        return {name: self._kept.last(name, key) for name in ("film", "depths") if self._kept.has(name, key)}


_EXAMPLE = Note(
    "info", "This is a small field of Spot that the lab has just trained.", "Choose one of your own under Field."
)
_NO_SURFACE = "The field is empty for this surface. Ask for less light gone, or for less density."


def _no_pause() -> None:
    """What a button asked for is not interrupted by what is asked next."""


def _check_memory(params: FilmParams, count: int, bytes_a_pixel: int) -> None:
    """Raises StudyError for more than fits, before anything is drawn."""
    wanted = count * params.width * params.height * bytes_a_pixel
    if wanted > _MOST_BYTES:
        raise StudyError(
            f"{count} frames of {params.width} × {params.height} need {wanted / 1e9:.1f} GB of memory. "
            "Make the film shorter or smaller."
        )


def _decided(params: FilmParams, subject: Subject, action: str) -> tuple[FilmParams, dict[str, Any]]:
    """The parameters after the button, and what the form is to take over. Raises StudyError."""
    if action in (ADD, REMOVE):
        return edited(params, subject, action)
    if action in _SHOWN_BY:
        taken: dict[str, Any] = {"shown": _SHOWN_BY[action]}
        return replace(params, **taken), taken
    if action not in ("", MAKE_FILM, MAKE_DEPTHS):
        raise StudyError(f"There is no button '{action}'.")
    return with_keys(params, subject)


def _route(params: FilmParams) -> tuple[Any, ...]:
    """What the way depends on."""
    if params.route == KEYS:
        mine: tuple[Any, ...] = (params.keys, params.count, params.loop, params.gaze, params.pace, params.key)
    else:
        mine = (params.turns, params.elevation, params.start, params.distance)
    return (params.route, *mine, params.seconds, params.fov, params.width, params.height)


def _film_key(params: FilmParams, view: FieldView, subject: Subject) -> tuple[Any, ...]:
    return (view, subject, *_route(replace(params, key=1)), params.rate, params.ground)


def _small(lens: Lens) -> Lens:
    scale = _QUICK / max(lens.width, lens.height)
    return replace(lens, width=max(round(lens.width * scale), 8), height=max(round(lens.height * scale), 8))
