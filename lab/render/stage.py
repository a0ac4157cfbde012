"""The scene as the graphics have it: what must be uploaded again for a view, and where everything stands."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lab.render import drawing
from lab.render.cells import Cells
from lab.render.clipping import local_plane
from lab.render.coarse import Limits
from lab.render.drawing import Piece
from lab.render.floor import Floor, floor_lines, floor_under
from lab.render.frustum import Frustum, corners, frustum_of, placed
from lab.render.graphics import Graphics, Texture
from lab.render.items import Drawn, Item, Part, Pause
from lab.render.messages import Color, Style, View
from lab.render.topology import Memory
from lab.scene import Array, Entity, Field, Image, Lines, Mesh

if TYPE_CHECKING:
    from lab.render.fields import FieldLayer

OPAQUE = 0.995  # opacities from here on are drawn as opaque
_GRAIN = 32  # sizes of renderers are multiples of it, so that dragging a window's edge does not need many
_ARROW_ROOM = 0.15  # of the scene's size
_BIG = 150_000  # vertices; the light of a larger piece follows the camera, in drafts, in steps ...
_STEP = math.radians(4)  # ... of this angle
_BOX_EDGES = np.array([(a, a | bit) for bit in (1, 2, 4) for a in range(8) if not a & bit], np.int32)
_FLOOR, _BOX = "\nfloor", "\nbox"  # names that no path can have


class Stage:
    """The entities, and the graphics that show them. Belongs to one thread.

    limits: how much is drawn of large entities.
    """

    def __init__(self, limits: Limits) -> None:
        self._items: dict[str, Item] = {}
        self._limits = limits
        self._memory = Memory()
        self._textures = Memory(16)
        self._floor: Floor | None = None
        self._extras: dict[str, tuple[object, ...]] = {}
        self._graphics: Graphics | None = None
        self._field_layer: FieldLayer | None = None
        self.renderers = 0  # how many were made so far

    # --- what is on it --------------------------------------------------------------------------------------------

    def change(self, entities: Mapping[str, Entity | None], styles: Mapping[str, Style]) -> None:
        """Put, replace or (None) remove entities, and give some of them another style."""
        for path, entity in entities.items():
            item = self._items.get(path)
            if entity is None:
                if item is not None:
                    item.drop()
                    del self._items[path]
            elif item is not None:
                item.put(sound(entity, self._memory))
            else:
                entity = sound(entity, self._memory)
                self._items[path] = Item(path, entity, self._limits, self._memory, self._remove)
        for path, style in styles.items():
            if path in self._items:
                self._items[path].style = style

    def visible(self) -> dict[str, Entity]:
        """What can be seen, by path."""
        return {path: item.entity for path, item in self._items.items() if item.visible}

    def style(self, path: str) -> Style:
        """The style of an entity. Raises KeyError."""
        return self._items[path].style

    def scalar_ranges(self) -> dict[str, tuple[float, float]]:
        """The range used for each visible entity that is coloured by a scalar."""
        found = {path: item.scalar_range() for path, item in self._items.items() if item.visible}
        return {path: limits for path, limits in found.items() if limits is not None}

    def cells(self) -> dict[str, Cells]:
        """The huge clouds whose cells are known, by path."""
        return {path: item.cells for path, item in self._items.items() if item.cells is not None}

    def opacities(self) -> list[float]:
        """The different opacities of what one sees through, the faintest first."""
        return sorted({i.style.opacity for i in self._items.values() if i.visible and i.style.opacity < OPAQUE})

    def fields(self) -> dict[str, tuple[Field, Style]]:
        """The visible radiance fields, which the graphics do not draw, by path."""
        shown = {path: item for path, item in self._items.items() if item.visible}
        return {path: (i.entity, i.style) for path, i in shown.items() if isinstance(i.entity, Field)}

    @property
    def has_solids(self) -> bool:
        """Whether the graphics draw anything that may stand before or within a field; the floor does not count."""
        return any(item.visible and item.parts for item in self._items.values())

    @property
    def field_layer(self) -> FieldLayer:
        """What draws the fields. Its kernels take memory, so it is made when the first field is seen."""
        if self._field_layer is None:
            from lab.render.fields import FieldLayer

            self._field_layer = FieldLayer()
        return self._field_layer

    def warm_up_fields(self) -> None:
        """Load what draws a field, so that the first one is seen at once. May be called from a thread of its own."""
        from lab.render.fields import warm_up

        warm_up()

    @property
    def field_seconds(self) -> float:
        """How long the fields of the last picture took."""
        return self._field_layer.seconds if self._field_layer is not None and self.fields() else 0.0

    @property
    def has_xray(self) -> bool:
        """Whether something shows through what is in front of it."""
        return any(part.piece.xray for item in self._items.values() if item.visible for part in item.parts)

    def bounds(self) -> tuple[Array, Array]:
        """Lower and upper corner, (3,) float64, world, of all that is visible; ±1 where nothing is."""
        boxes = [i.box for i in self._items.values() if i.visible and i.box is not None]
        if not boxes:
            return -np.ones(3), np.ones(3)
        return np.min([lower for lower, _ in boxes], axis=0), np.max([upper for _, upper in boxes], axis=0)

    # --- before a picture -----------------------------------------------------------------------------------------

    def prepare(
        self,
        view: View,
        width: int,
        height: int,
        tile: tuple[int, int],
        *,
        draft: bool,
        pause: Pause = lambda: None,
    ) -> Frustum:
        """Bring the graphics up to date for a picture of ``width`` x ``height`` pixels, made in tiles of that size.

        Passes on what ``pause`` raises; what was done until then is of use for the next time.
        """
        self._resize(*tile)
        graphics = self.graphics
        graphics.set_background(view.background)
        lower, upper = self.bounds()
        if view.grid:
            self._floor = floor_under(lower, upper, self._floor)
        floor = self._floor if view.grid and view.shading != "depth" else None
        frustum = frustum_of(view.camera, width, height, *_surroundings(lower, upper, floor))
        scale = view.pixel_scale * height / view.height
        inner = frustum_of(view.camera, width, height, lower, upper)
        for item in self._items.values():
            if item.visible:
                item.build(view, frustum, draft=draft, pause=pause)
                for part in item.parts:
                    self._update(item, part, view, frustum, scale, (inner.nearest, inner.farthest), draft)
                    pause()
        self._draw_floor(view, floor, frustum, scale)
        self._draw_box(view, lower, upper, frustum, scale)
        return frustum

    def show(self, wanted: Callable[[Style, Piece], bool], *, extras: bool) -> None:
        """Show the visible pieces that are ``wanted``, and (extras) floor and box; hide the rest."""
        for item in self._items.values():
            parts = item.parts if item.visible else []
            for part in item.all_parts():
                if part.drawn is not None:
                    self.graphics.show(part.name, part in parts and wanted(item.style, part.piece))
        for name in self._extras:
            self.graphics.show(name, extras)

    @property
    def graphics(self) -> Graphics:
        """The graphics, prepared."""
        if self._graphics is None:
            raise RuntimeError("the stage is not prepared")
        return self._graphics

    def _resize(self, width: int, height: int) -> None:
        """Graphics of at least this size; new ones know nothing yet."""
        width, height = (math.ceil(side / _GRAIN) * _GRAIN for side in (width, height))
        if self._graphics is not None and (self._graphics.width, self._graphics.height) == (width, height):
            return
        self._graphics = None  # first the old one goes: there must never be two
        self._graphics = Graphics(width, height)
        self.renderers += 1
        self._extras.clear()
        for item in self._items.values():
            for part in item.all_parts():
                part.drawn = None

    # --- entities -------------------------------------------------------------------------------------------------

    def _update(
        self,
        item: Item,
        part: Part,
        view: View,
        frustum: Frustum,
        scale: float,
        near_far: tuple[float, float],
        draft: bool,
    ) -> None:
        """Upload a piece if it looks different from what the graphics have, and put it in its place."""
        piece, origin = part.piece, item.origin
        depths = near_far if view.shading == "depth" else None
        if view.clip is not None:
            piece = part.clipped(local_plane(view.clip, origin))
        wanted = Drawn(view.shading, view.camera, round(piece.size * scale, 2), depths, view.clip)
        if part.drawn is None or _differs(piece, part.drawn, wanted, draft):
            colors = drawing.colors(piece, view.shading, view.camera, origin, near_far)
            self._upload(part.name, piece, wanted.size, colors)
            part.drawn = wanted
        self.graphics.place(part.name, placed(view.camera, frustum, origin, lift=piece.lifted))

    def _upload(self, name: str, piece: Piece, size: float, colors: Array) -> None:
        graphics = self.graphics
        if _is_nothing(piece):
            graphics.remove(name)
            return
        if piece.kind == "points":
            graphics.add_points(name, piece.verts, colors, size)
        elif piece.kind == "lines":
            assert piece.indices is not None
            graphics.add_lines(name, piece.verts, piece.indices, colors, size)
        else:
            assert piece.indices is not None
            pixels = piece.texture
            texture = None if pixels is None else self._textures.of(pixels, "texture", lambda: Texture(pixels))
            graphics.add_mesh(name, piece.verts, piece.indices, colors, piece.uvs, texture)

    def _remove(self, name: str) -> None:
        if self._graphics is not None:
            self._graphics.remove(name)

    # --- floor and box --------------------------------------------------------------------------------------------

    def _draw_floor(self, view: View, floor: Floor | None, frustum: Frustum, scale: float) -> None:
        if floor is None:
            self._drop_extra(_FLOOR)
            return
        line = view.grid_color or _against(view.background, 0.16)
        key = (floor, line, view.background, view.axes, scale)
        if self._extras.get(_FLOOR) != key:
            self.graphics.add_lines(_FLOOR, *floor_lines(floor, line, view.background, view.axes), width=scale)
            self._extras[_FLOOR] = key
        self.graphics.place(_FLOOR, placed(view.camera, frustum, np.array(floor.centre), lift=False))

    def _draw_box(self, view: View, lower: Array, upper: Array, frustum: Frustum, scale: float) -> None:
        if not view.bounding_box or not self.visible():
            self._drop_extra(_BOX)
            return
        color = _against(view.background, 0.45)
        key = (tuple(upper - lower), color, scale)
        if self._extras.get(_BOX) != key:
            verts = corners(np.zeros(3), upper - lower).astype(np.float32)
            tint = np.tile(np.array(color, np.float32), (len(_BOX_EDGES), 1))
            self.graphics.add_lines(_BOX, verts, _BOX_EDGES, tint, width=scale)
            self._extras[_BOX] = key
        self.graphics.place(_BOX, placed(view.camera, frustum, lower, lift=True))

    def _drop_extra(self, name: str) -> None:
        if self._extras.pop(name, None) is not None:
            self.graphics.remove(name)


def _is_nothing(piece: Piece) -> bool:
    """Whether there is nothing to draw; lines that are all one point would end the process."""
    if not len(piece.verts) or (piece.indices is not None and not len(piece.indices)):
        return True
    return piece.kind == "lines" and bool((piece.verts == piece.verts[0]).all())


def _differs(piece: Piece, drawn: Drawn, wanted: Drawn, draft: bool) -> bool:
    """Whether a piece uploaded as ``drawn`` must be uploaded again to look as ``wanted``."""
    if replace(drawn, camera=wanted.camera) != wanted:
        return True
    follows = drawing.follows_camera(piece, wanted.shading)
    if not follows or drawn.camera == wanted.camera:
        return False
    if follows == "move" or not draft:
        return True
    if len(piece.verts) < _BIG:
        return drawn.camera.rotation != wanted.camera.rotation
    cosine = abs(sum(a * b for a, b in zip(drawn.camera.rotation, wanted.camera.rotation, strict=True)))
    return 2 * math.acos(min(1.0, cosine)) > _STEP


def sound(entity: Entity, memory: Memory) -> Entity:
    """The entity without what would upset the graphics: vertices that are not finite, faces without their vertices.

    A run that explodes must not take the viewport along.
    """
    if isinstance(entity, Image | Field):
        return entity
    if not np.isfinite(entity.verts).all():
        finite = _all_of_row(np.isfinite(entity.verts))
        rest = entity.verts[finite].mean(axis=0) if finite.any() else np.zeros(3, np.float32)
        entity = replace(entity, verts=np.where(finite[:, None], entity.verts, rest))
    count = len(entity.verts)
    if isinstance(entity, Mesh):
        faces = entity.faces
        good = memory.of(faces, ("sound", count), lambda: _all_of_row((faces >= 0) & (faces < count)))
        if not good.all():
            uvs = None if entity.uvs is None else entity.uvs[good]
            materials = None if entity.face_materials is None else entity.face_materials[good]
            entity = replace(entity, faces=faces[good], uvs=uvs, face_materials=materials)
    if isinstance(entity, Lines):
        inside = _all_of_row((entity.edges >= 0) & (entity.edges < count))
        if not inside.all():
            colors = None if entity.colors is None else entity.colors[inside]
            entity = replace(entity, edges=entity.edges[inside], colors=colors)
    return entity


def _all_of_row(conditions: Array) -> Array:
    """(N,) bool: whether all of (N, C) conditions hold."""
    return np.asarray(conditions.all(axis=1))


def _surroundings(lower: Array, upper: Array, floor: Floor | None) -> tuple[Array, Array]:
    """The bounds with room for the arrows that stand out from them, and with the floor's."""
    room = _ARROW_ROOM * float(np.linalg.norm(upper - lower))
    lower, upper = lower - room, upper + room
    if floor is None:
        return lower, upper
    reach = np.array([floor.radius, 0.0, floor.radius])
    return np.minimum(lower, floor.centre - reach), np.maximum(upper, floor.centre + reach)


def _against(background: Color, strength: float) -> Color:
    """A grey that stands out from the background, lighter on dark and darker on light."""
    target = 1.0 if sum(background) < 1.5 else 0.0
    r, g, b = (value + (target - value) * strength for value in background)
    return r, g, b
