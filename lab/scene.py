"""What can stand in a scene.

Entities hold numpy arrays only, made read-only on construction, so that they can be shared between threads,
recorded and sent to other processes without copies. An entity lives under a stable path such as
``"target"`` or ``"run 1/fitted"``. *Identity is the version*: an array that did not change between two
snapshots is the same object in both, and is then neither sent, uploaded nor recorded twice.

Frame: the world is right-handed, Y up, metres. ``origin`` is a float64 offset for data far from zero (aerial
scans): world position = origin + array.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_SMALL = 512  # bytes; smaller arrays are sent as part of their message
_EMPTY: Mapping[str, Array] = MappingProxyType({})


def _frozen(value: npt.ArrayLike, dtype: npt.DTypeLike, shape: tuple[int | None, ...], name: str) -> Array:
    """``value`` as a read-only contiguous array of ``dtype``; no copy when it already is one.

    ``None`` in ``shape`` accepts any length. Raises ValueError naming the field, what was expected and found.
    """
    array = np.ascontiguousarray(value, dtype=dtype)
    if array.ndim != len(shape) or any(want not in (None, got) for want, got in zip(shape, array.shape, strict=False)):
        expected = "(" + ", ".join("N" if want is None else str(want) for want in shape) + ")"
        raise ValueError(f"{name}: expected shape {expected}, found {array.shape}")
    if array is value and array.flags.writeable:
        array = array.view()
    array.flags.writeable = False
    return array


class _Entity:
    """Shared behaviour of the dataclasses below."""

    def _freeze(self, name: str, dtype: npt.DTypeLike, *shape: int | None) -> None:
        value = getattr(self, name)
        if value is not None:
            object.__setattr__(self, name, _frozen(value, dtype, shape, f"{type(self).__name__}.{name}"))

    def _freeze_fields(self, name: str, count: int, *tail: int) -> None:
        """The named per-vertex fields, each of shape (count, *tail) float32."""
        label = f"{type(self).__name__}.{name}"
        shape = (count, *tail)
        values = getattr(self, name).items()
        object.__setattr__(self, name, {key: _frozen(v, np.float32, shape, f"{label}[{key!r}]") for key, v in values})

    def arrays(self) -> Iterator[Array]:
        """Every array of the entity, for counting memory."""
        for item in fields(self):  # type: ignore[arg-type]
            value = getattr(self, item.name)
            if isinstance(value, np.ndarray):
                yield value
            elif isinstance(value, Mapping):
                yield from value.values()

    @property
    def nbytes(self) -> int:
        """Bytes held by the entity's arrays."""
        return sum(array.nbytes for array in self.arrays())


@dataclass(frozen=True, eq=False)
class Material:
    """A surface's colour: ``diffuse`` RGB in [0, 1], and an optional ``texture`` (H, W, 3) uint8, row 0 at the top."""

    name: str = ""
    diffuse: tuple[float, float, float] = (0.8, 0.8, 0.8)
    texture: Array | None = None


@dataclass(frozen=True, eq=False)
class Mesh(_Entity):
    """A triangle mesh.

    verts: (V, 3) float32, metres; faces: (F, 3) int32, counter-clockwise seen from outside.
    normals: (V, 3) float32 unit, or None; colors: (V, 3) float32 in [0, 1], or None.
    uvs: (F, 3, 2) float32 per corner, origin at the bottom left, or None.
    materials and face_materials (F,) int32: which material each face has; empty and None without materials.
    scalars: name -> (V,) float32, to colour by. vectors: name -> (V, 3) float32, drawn as arrows.
    origin: (3,) float64 offset of the coordinates. Raises ValueError on wrong shapes.
    """

    verts: Array
    faces: Array
    normals: Array | None = None
    colors: Array | None = None
    uvs: Array | None = None
    face_materials: Array | None = None
    materials: tuple[Material, ...] = ()
    scalars: Mapping[str, Array] = field(default_factory=lambda: _EMPTY)
    vectors: Mapping[str, Array] = field(default_factory=lambda: _EMPTY)
    origin: Array = field(default_factory=lambda: np.zeros(3))

    def __post_init__(self) -> None:
        self._freeze("verts", np.float32, None, 3)
        self._freeze("faces", np.int32, None, 3)
        count = len(self.verts)
        self._freeze("normals", np.float32, count, 3)
        self._freeze("colors", np.float32, count, 3)
        self._freeze("uvs", np.float32, len(self.faces), 3, 2)
        self._freeze("face_materials", np.int32, len(self.faces))
        self._freeze("origin", np.float64, 3)
        self._freeze_fields("scalars", count)
        self._freeze_fields("vectors", count, 3)


@dataclass(frozen=True, eq=False)
class Points(_Entity):
    """A point cloud.

    verts: (N, 3) float32, metres; normals (N, 3) float32 unit, colors (N, 3) float32 in [0, 1], or None.
    scalars, vectors, origin: as in Mesh. Raises ValueError on wrong shapes.
    """

    verts: Array
    normals: Array | None = None
    colors: Array | None = None
    scalars: Mapping[str, Array] = field(default_factory=lambda: _EMPTY)
    vectors: Mapping[str, Array] = field(default_factory=lambda: _EMPTY)
    origin: Array = field(default_factory=lambda: np.zeros(3))

    def __post_init__(self) -> None:
        self._freeze("verts", np.float32, None, 3)
        count = len(self.verts)
        self._freeze("normals", np.float32, count, 3)
        self._freeze("colors", np.float32, count, 3)
        self._freeze("origin", np.float64, 3)
        self._freeze_fields("scalars", count)
        self._freeze_fields("vectors", count, 3)


@dataclass(frozen=True, eq=False)
class Lines(_Entity):
    """Line segments: verts (N, 3) float32, edges (M, 2) int32, colors (M, 3) float32 in [0, 1] or None."""

    verts: Array
    edges: Array
    colors: Array | None = None
    origin: Array = field(default_factory=lambda: np.zeros(3))

    def __post_init__(self) -> None:
        self._freeze("verts", np.float32, None, 3)
        self._freeze("edges", np.int32, None, 2)
        self._freeze("colors", np.float32, len(self.edges), 3)
        self._freeze("origin", np.float64, 3)


@dataclass(frozen=True, eq=False)
class Image(_Entity):
    """A picture for an image pane: pixels (H, W, 3) uint8, sRGB, row 0 at the top."""

    pixels: Array

    def __post_init__(self) -> None:
        self._freeze("pixels", np.uint8, None, None, 3)


@dataclass(frozen=True, eq=False)
class Field(_Entity):
    """A radiance field on the vertices of a sparse grid; where there is no vertex it is empty.

    rows: (X, Y, Z) int32, for each vertex its row in the two arrays below, or -1. A cell is there when its eight
    vertices are. Vertex (0, 0, 0) stands at ``lower``, the last one at ``upper``, both (3,) float64, world, metres.
    density: (N,) float16, raw: it is interpolated trilinearly, then sigma = scale * log(1 + exp(raw)), per metre.
    color: (N, 3, K) float16: red, green and blue, each as K real spherical harmonics of the unit viewing direction
    (x, y, z), from the eye: K = 1 (constant), 4 (1, x, y, z) or 9, with the factors left out. They are interpolated,
    summed up, and taken through a sigmoid: sRGB in [0, 1].
    sky: (H, W, 3) float16 sRGB, what is behind everything, over all directions (equirectangular, row 0 is up, column 0
    and the last meet at -Z), or None: see through. scale: per metre. Raises ValueError on wrong shapes.
    """

    rows: Array
    density: Array
    color: Array
    lower: Array
    upper: Array
    scale: float = 60.0
    sky: Array | None = None

    def __post_init__(self) -> None:
        self._freeze("rows", np.int32, None, None, None)
        self._freeze("density", np.float16, None)
        self._freeze("color", np.float16, len(self.density), 3, None)
        self._freeze("lower", np.float64, 3)
        self._freeze("upper", np.float64, 3)
        self._freeze("sky", np.float16, None, None, 3)
        if self.color.shape[2] not in (1, 4, 9):
            raise ValueError(f"Field.color: expected 1, 4 or 9 coefficients, found {self.color.shape[2]}")
        if min(self.rows.shape) < 2 or not (self.lower < self.upper).all() or self.scale <= 0:
            raise ValueError("Field: expected two vertices along each axis, lower < upper and a positive scale")


Entity = Mesh | Points | Lines | Image | Field
Geometry = Mesh | Points
Input = Geometry | Field
"""What a parameter can be set to."""
Snapshot = Mapping[str, Entity]


def is_accepted(entity: object, accepts: tuple[str, ...]) -> bool:
    """Whether a parameter that ``accepts`` "shape" (a mesh or point cloud), "field" or both takes an entity."""
    kinds = {"shape": Mesh | Points, "field": Field}
    return any(isinstance(entity, kinds[name]) for name in accepts)


def extremes(verts: Array) -> tuple[Array, Array]:
    """The least and the greatest of each column of ``verts`` (N, 3), each (3,) float64; zeros without any.

    Column by column, which is twenty times faster than along the axis of rows so short.
    """
    if not len(verts):
        return np.zeros(3), np.zeros(3)
    columns = [verts[:, axis] for axis in range(verts.shape[1])]
    return np.array([c.min() for c in columns], np.float64), np.array([c.max() for c in columns], np.float64)


def same(a: Any, b: Any) -> bool:
    """Whether two entities (or tuples of them) are one and the same for all that follows from them.

    An entity that was sent to another process twice arrives as two objects; its large arrays are the same objects, its
    small ones are equal.
    """
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, np.ndarray):
        small = a.nbytes <= _SMALL and a.shape == b.shape and a.dtype == b.dtype
        return small and a.tobytes() == b.tobytes()
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, Mapping):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, _Entity | Material):
        return all(same(getattr(a, item.name), getattr(b, item.name)) for item in fields(a))  # type: ignore[arg-type]
    return bool(a == b)


def bounds(entity: Mesh | Points | Lines | Field) -> tuple[Array, Array]:
    """Lower and upper corner, each (3,) float64, world. Zeros for an entity without vertices."""
    if isinstance(entity, Field):
        return entity.lower, entity.upper
    if not len(entity.verts):
        return np.zeros(3), np.zeros(3)
    lower, upper = extremes(entity.verts)
    return entity.origin + lower, entity.origin + upper
