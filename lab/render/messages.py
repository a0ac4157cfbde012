"""What the render process is told and what it answers. Plain data, numpy only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lab.render.camera import Camera
from lab.scene import Array, Entity

Color = tuple[float, float, float]
Shading = Literal["lit", "flat", "normals", "depth", "unlit"]


@dataclass(frozen=True)
class Style:
    """How one entity is drawn.

    color: sRGB in [0, 1] over the entity's own colours; None keeps those (or the default grey).
    opacity: 0 to 1. scalar: the field to colour by, or None; scalar_range: its ends, or None for its own minimum
    and maximum. colormap: a name of lab.render.colormaps. arrows: vector field -> color; arrow_scale: length of an
    arrow per unit of its field, or None so that most are up to 6 % of the entity's size.
    point_size: pixels. wireframe: edges drawn over the faces.
    """

    visible: bool = True
    color: Color | None = None
    opacity: float = 1.0
    scalar: str | None = None
    scalar_range: tuple[float, float] | None = None
    colormap: str = "viridis"
    arrows: Mapping[str, Color] = field(default_factory=dict)
    arrow_scale: float | None = None
    point_size: float = 3.0
    wireframe: bool = False


@dataclass(frozen=True)
class View:
    """What is to be seen: camera, size in device pixels, and how the whole scene is drawn.

    background, grid_color: sRGB; grid_color None follows from the background. pixel_scale: device pixels per pixel of
    a style's point sizes and line widths. clip: (nx, ny, nz, d), world: only where n · x + d >= 0 is drawn and
    picked; n is of length 1.
    """

    camera: Camera
    width: int
    height: int
    shading: Shading = "lit"
    wireframe: bool = False
    grid: bool = True
    axes: bool = True
    bounding_box: bool = False
    background: Color = (0.11, 0.12, 0.14)
    grid_color: Color | None = None
    pixel_scale: float = 1.0
    clip: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Hit:
    """What lies under a pixel.

    kind "face": index is the face, vertex its nearest corner, barycentric (3,) its affine coordinates in it.
    kind "point": index and vertex are the point, barycentric is None. kind "field": where most of the light of a
    radiance field comes from; index and vertex are 0, barycentric is None. position: (3,) float64, world.
    """

    path: str
    kind: Literal["face", "point", "field"]
    index: int
    vertex: int
    position: Array
    barycentric: Array | None


# --- to the render process ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Change:
    """What is different in the scene from now on. None in place of an entity removes it."""

    entities: Mapping[str, Entity | None]
    styles: Mapping[str, Style]


@dataclass(frozen=True)
class Draw:
    """Draw the scene. A later Draw takes the place of one that is not finished, which then is not answered.

    draft: no supersampling and, where the frame budget asks for it, a lower resolution, in the same colours.
    """

    number: int
    view: View
    draft: bool


@dataclass(frozen=True)
class Pick:
    """What is under the pixel (x, y) of the view, the origin at its top left."""

    token: int
    view: View
    x: float
    y: float


@dataclass(frozen=True)
class ExpectFields:
    """A radiance field may come soon: load what draws one, which takes half a second."""


@dataclass(frozen=True)
class Shoot:
    """A picture of the scene at the view's size in full quality, whatever its resolution."""

    token: int
    view: View


# --- and back -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RendererReady:
    """The render process draws. gl_renderer: the driver's own words; seconds: from its start."""

    gl_renderer: str
    open3d_version: str
    seconds: float


@dataclass(frozen=True)
class Drawn:
    """pixels: (h, w, 3) uint8 of the view; h and w may be smaller than asked for in a draft. seconds: drawing time.

    number: of the Draw. scalar_ranges: for each visible entity coloured by a scalar, the range used.
    """

    number: int
    pixels: Array
    view: View
    draft: bool
    seconds: float
    scalar_ranges: Mapping[str, tuple[float, float]]


@dataclass(frozen=True)
class Picked:
    token: int
    hit: Hit | None


@dataclass(frozen=True)
class Shot:
    """pixels: (height, width, 3) uint8, or None with the reason."""

    token: int
    pixels: Array | None
    sentence: str = ""


@dataclass(frozen=True)
class RendererFailed:
    """The renderer cannot draw, or died. final: it is not started again by itself."""

    sentence: str
    details: str
    final: bool


RenderEvent = RendererReady | Drawn | Picked | Shot | RendererFailed
