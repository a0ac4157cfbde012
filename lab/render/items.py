"""An entity on the stage: what drafts show of it, and what a picture in full quality shows.

Small entities are shown as they are in both. Of large ones a draft shows a coarse mesh, or some of the points, and what
that needs is all that is worked out before the first picture. Of a huge cloud full quality, too, shows as many points
as a picture can tell apart, chosen among those in view: close by that is every one. Nothing else depends on it: what
is picked, measured and saved is the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from lab.render import coarse, colormaps, drawing, field_scalars
from lab.render.camera import Camera
from lab.render.cells import Cells, sorting
from lab.render.clipping import Plane, clipped, local_plane
from lab.render.coarse import Limits
from lab.render.drawing import Piece
from lab.render.frustum import Frustum, placed
from lab.render.messages import Shading, Style, View
from lab.render.topology import Memory
from lab.scene import Array, Entity, Field, Image, Lines, Mesh, Points, bounds

_INVISIBLE = 0.005
_LARGER = 2.0  # the fewer points of a draft are at most so much larger

_Drawable = Mesh | Points | Lines
Level = Literal["draft", "rest", "arrows"]
Pause = Callable[[], None]
"""Called between two parts of some work; raises Interrupted where the work is not wanted any more."""


class Interrupted(Exception):
    """A picture is not wanted any more."""


@dataclass(frozen=True)
class Drawn:
    """What a piece was uploaded for. near_far: of the depth's greys."""

    shading: Shading
    camera: Camera
    size: float
    near_far: tuple[float, float] | None
    clip: Plane | None


@dataclass(eq=False)
class Part:
    """A piece, under its name in the graphics.

    drawn: what it was uploaded for, None before that. cut: the plane that it was clipped with last, and what was left.
    """

    name: str
    piece: Piece
    drawn: Drawn | None = None
    cut: tuple[Plane, Piece] | None = None

    def clipped(self, plane: Plane) -> Piece:
        """What is left of the piece on the plane's upper side."""
        if self.cut is None or self.cut[0] != plane:
            self.cut = (plane, clipped(self.piece, plane))
        return self.cut[1]


@dataclass(eq=False)
class _Built:
    """Parts, and what they were made of."""

    wanted: tuple[object, ...]
    parts: list[Part] = field(default_factory=list)


class Item:
    """An entity under a path, with its style. discard(name): called for each part that is not needed any more.

    box: the bounds of the entity, (3,) float64 each, world, or None if it takes no room.
    """

    def __init__(
        self, path: str, entity: Entity, limits: Limits, memory: Memory, discard: Callable[[str], None]
    ) -> None:
        self.path = path
        self.style = Style()
        self.entity = entity
        self.box = _box(entity)
        self._limits = limits
        self._memory = memory
        self._discard = discard
        self._drawable = _drawable(entity)
        self._built: dict[Level, _Built] = {}
        self._current: list[Part] = []
        self._coarse: Mesh | None = None
        self._chosen: dict[Level, tuple[Array, Points]] = {}
        self._cells: Cells | None = None
        self._sorting: Generator[None, None, Cells] | None = None
        self._share = 1.0  # of the points in full quality that the draft shows

    def put(self, entity: Entity) -> None:
        """Another entity in this one's place. Both may have arrays in common: what follows from those is kept."""
        if entity is self.entity:
            return
        kept = {id(array) for array in entity.arrays()}
        self._memory.forget([array for array in self.entity.arrays() if id(array) not in kept])
        if isinstance(entity, Image | Field) or id(entity.verts) not in {id(array) for array in self.entity.arrays()}:
            self._cells = self._sorting = None
        self.entity, self.box, self._drawable, self._coarse = entity, _box(entity), _drawable(entity), None
        self._chosen.clear()
        if "draft" in self._built:  # what was at rest may not be wanted again for long, and is large
            self._drop_level("rest")

    def drop(self) -> None:
        """Leave the stage."""
        for level in tuple(self._built):
            self._drop_level(level)
        self._memory.forget(self.entity.arrays())
        if self._coarse is not None:
            self._memory.forget(self._coarse.arrays())

    def _drop_level(self, level: Level) -> None:
        built = self._built.pop(level, None)
        for part in [] if built is None else built.parts:
            self._discard(part.name)

    @property
    def origin(self) -> Array:
        return np.zeros(3) if isinstance(self.entity, Image | Field) else self.entity.origin

    @property
    def visible(self) -> bool:
        return self.style.visible and self.style.opacity > _INVISIBLE and self.box is not None

    @property
    def cells(self) -> Cells | None:
        """The points of a huge cloud by cell, once that is known."""
        return self._cells

    @property
    def parts(self) -> list[Part]:
        """Those of the last ``build``."""
        return self._current

    def all_parts(self) -> list[Part]:
        """Those that may be in the graphics, shown or not."""
        return [part for built in self._built.values() for part in built.parts]

    def scalar_range(self) -> tuple[float, float] | None:
        """The range of the scalar that the entity is coloured by, of all its values; None without one."""
        entity, style = self.entity, self.style
        if isinstance(entity, Field) and style.scalar in field_scalars.NAMES:
            name = style.scalar
            return style.scalar_range or self._memory.of(
                entity.density, name, lambda: field_scalars.own_range(entity, name)
            )
        if not isinstance(entity, Mesh | Points) or style.scalar is None or style.scalar not in entity.scalars:
            return None
        values = entity.scalars[style.scalar]
        return style.scalar_range or self._memory.of(values, "range", lambda: colormaps.own_range(values))

    # --- what to draw ---------------------------------------------------------------------------------------------

    def build(self, view: View, frustum: Frustum, *, draft: bool, pause: Pause) -> None:
        """Make the ``parts`` that show the entity in a picture, where they are not there already."""
        drawable = self._drawable
        if drawable is None:
            return
        wireframe = view.wireframe or self.style.wireframe
        draft = draft and coarse.is_large(drawable, self._limits, wireframe)
        shown = self._shown(drawable, view, frustum, draft, pause)
        pause()
        style = replace(self.style, visible=True, opacity=1.0, scalar_range=self.scalar_range())
        level: Level = "draft" if draft else "rest"
        wanted = (shown, style, view.shading, wireframe)
        self._make(level, wanted, lambda: self._surfaces(shown, style, view.shading, wireframe, draft))
        self._make("arrows", (self.entity, style), lambda: drawing.arrows(self.entity, style, self._memory))
        self._current = self._built[level].parts + self._built["arrows"].parts

    def _make(self, level: Level, wanted: tuple[object, ...], pieces: Callable[[], list[Piece]]) -> None:
        """The parts of a level, anew if they are to be made of something else than before."""
        last = self._built.get(level)
        if last is not None and all(a is b or a == b for a, b in zip(last.wanted, wanted, strict=True)):
            return
        made = pieces()
        self._drop_level(level)
        parts = [Part(f"{self.path}\n{level}{number}", piece) for number, piece in enumerate(made)]
        self._built[level] = _Built(wanted, parts)

    def _surfaces(self, shown: Entity, style: Style, how: Shading, wireframe: bool, draft: bool) -> list[Piece]:
        if not draft:
            return drawing.surfaces(shown, style, how, wireframe, self._memory, self._heights())
        if isinstance(shown, Points):
            style = replace(style, point_size=style.point_size * min(self._share**-0.5, _LARGER))
        smooth: Shading = "lit" if how == "flat" and shown is not self._drawable else how  # its faces are not those
        made = drawing.surfaces(shown, style, smooth, wireframe, self._memory, self._heights())
        return [coarse.fewer_lines(piece, self._limits.lines) for piece in made]

    def _heights(self) -> tuple[float, float] | None:
        if not isinstance(self._drawable, Points) or self.box is None:
            return None
        lower, upper = (float(corner[1] - self.origin[1]) for corner in self.box)
        return lower, upper

    # --- how much of it -------------------------------------------------------------------------------------------

    def _shown(self, drawable: _Drawable, view: View, frustum: Frustum, draft: bool, pause: Pause) -> _Drawable:
        """The entity, or the smaller one that stands for it in this picture."""
        if isinstance(drawable, Points):
            return self._some_points(drawable, view, frustum, draft, pause)
        if isinstance(drawable, Mesh) and draft:
            if self._coarse is None:
                self._coarse = coarse.coarse_mesh(drawable, self._limits.faces, self._memory)
            return self._coarse
        return drawable

    def _some_points(self, points: Points, view: View, frustum: Frustum, draft: bool, pause: Pause) -> Points:
        """The points in view, evenly thinned where there are too many. A draft does not wait for the cells."""
        count, limits = len(points.verts), self._limits
        if count <= limits.points:
            return points
        if not draft:
            self._sort(points.verts, pause)
            if count <= limits.at_rest:
                return points
        level: Level = "draft" if draft else "rest"
        most = limits.points if draft else limits.at_rest
        if self._cells is None:
            chosen, in_view = np.arange(0, count, coarse.every(count, most), dtype=np.int32), count
        else:
            to_camera = placed(view.camera, frustum, points.origin, lift=False)
            clip = None if view.clip is None else local_plane(view.clip, points.origin)
            chosen, in_view = self._cells.visible(points.verts, to_camera, frustum, most, clip)
        pause()
        last = self._chosen.get(level)
        if last is None or not np.array_equal(last[0], chosen):
            last = self._chosen[level] = (chosen, coarse.picked(points, chosen))
        if draft:
            self._share = min(1.0, max(1, len(chosen)) / max(1, min(in_view, limits.at_rest)))
        return last[1]

    def _sort(self, verts: Array, pause: Pause) -> None:
        """Find the cells, from where the work was left when somebody moved."""
        if self._cells is None and self._sorting is None:
            self._sorting = sorting(verts)
        while self._sorting is not None:
            try:
                next(self._sorting)
            except StopIteration as finished:
                self._cells, self._sorting = finished.value, None
            pause()


def _drawable(entity: Entity) -> _Drawable | None:
    """The entity as something for the graphics: a mesh without faces is a cloud, images and fields are none."""
    if isinstance(entity, Image | Field):
        return None
    return drawing.as_cloud(entity) if isinstance(entity, Mesh) and not len(entity.faces) else entity


def _box(entity: Entity) -> tuple[Array, Array] | None:
    if isinstance(entity, Image) or not len(entity.density if isinstance(entity, Field) else entity.verts):
        return None
    return bounds(entity)
