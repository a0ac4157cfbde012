"""Reading glTF 2.0 (.gltf and .glb): all meshes of the scene, placed by their nodes and merged into one.

Colours in glTF are linear, the lab's are sRGB; its texture coordinates begin at the top, the lab's at the bottom.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from lab import geometry
from lab.formats.base import Raw, Source, unit_colors
from lab.formats.gltf_data import Document, Node
from lab.formats.gltf_materials import MaterialTable, flip_v, to_srgb
from lab.scene import Array

_POINTS, _TRIANGLES, _STRIP, _FAN = 0, 4, 5, 6
_MOST_VERTICES = 50_000_000  # after placing: one mesh may be placed many times, ...
_MOST_CORNERS = 300_000_000  # ... and many parts may share one list of indices
_MOST_NODES = 1_000_000
_DROPPED = {"animations": "animations", "skins": "skins", "cameras": "cameras"}


@dataclass
class _Block:
    """The vertices of one or more primitives, in the world; parts that the file does not give are None."""

    verts: Array
    normals: Array | None
    colors: Array | None
    uvs: dict[int, Array]


@dataclass
class _Merged:
    """What was collected. faces (n, 3) count from the first vertex of all; uvs (n, 3, 2) or None."""

    blocks: list[_Block] = field(default_factory=list)
    total: int = 0
    corners: int = 0
    faces: list[Array] = field(default_factory=list)
    uvs: list[Array | None] = field(default_factory=list)
    materials: list[Array] = field(default_factory=list)
    points: list[int] = field(default_factory=list)
    unindexed: bool = False
    dropped: set[str] = field(default_factory=set)


def read_gltf(source: Source) -> Raw:
    """A mesh, or points when there are no triangles."""
    document = Document(source)
    source.progress(0.2, "Reading")
    materials = MaterialTable(document)
    merged = _Merged()
    for index, matrix in _placed_meshes(document):
        _add_mesh(merged, document, materials, index, matrix)
    source.progress(0.6, "Reading")
    dropped = [name for key, name in _DROPPED.items() if document.objects(key)]
    if not merged.faces and not merged.points:
        raise source.error("", "it holds no triangles and no points", "Export it again from the program that made it")
    raw = _assemble(merged, materials)
    raw.dropped += [*dropped, *sorted(merged.dropped), *materials.dropped]
    return raw


# --- nodes ----------------------------------------------------------------------------------------------------------


def _placed_meshes(document: Document) -> Iterator[tuple[int, Array]]:
    """The meshes of the scene, each with its (4, 4) matrix to the world. Every node is visited once at most."""
    nodes = document.objects("nodes")
    if not nodes:
        yield from ((index, np.eye(4)) for index in range(len(document.objects("meshes"))))
        return
    waiting = [(index, np.eye(4)) for index in reversed(_roots(document))]
    visited: set[int] = set()
    while waiting:
        index, parent = waiting.pop()
        node = document.object("nodes", index, "scene")
        if index in visited or len(visited) > _MOST_NODES:
            raise document.source.error(
                f"node {index}", "it has more than one parent", "The file is damaged; export it again"
            )
        visited.add(index)
        matrix = parent @ _local_matrix(document, node, f"node {index}")
        mesh = document.index(node, "mesh", f"node {index}")
        if mesh is not None:
            yield mesh, matrix
        waiting += [(child, matrix) for child in reversed(_indices(document, node, "children", f"node {index}"))]


def _roots(document: Document) -> list[int]:
    scenes = document.objects("scenes")
    if scenes:
        scene = document.object("scenes", document.get(document.root, "scene", int, 0, "document"), "document")
        return _indices(document, scene, "nodes", "scene")
    children = set()
    for index in range(len(document.objects("nodes"))):
        children.update(_indices(document, document.object("nodes", index, "nodes"), "children", f"node {index}"))
    return [index for index in range(len(document.objects("nodes"))) if index not in children]


def _indices(document: Document, node: Node, key: str, place: str) -> list[int]:
    found = document.get(node, key, list, [], place)
    if not all(isinstance(item, int) and not isinstance(item, bool) and item >= 0 for item in found):
        raise document.source.error(place, f"“{key}” is not a list of indices", "The file is damaged; export it again")
    return list(found)


def _local_matrix(document: Document, node: Node, place: str) -> Array:
    matrix = document.numbers(node, "matrix", 16, place)
    if matrix is not None:
        return np.array(matrix).reshape(4, 4).T
    result = np.eye(4)
    scale = document.numbers(node, "scale", 3, place) or [1.0, 1.0, 1.0]
    x, y, z, w = document.numbers(node, "rotation", 4, place) or [0.0, 0.0, 0.0, 1.0]
    result[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    result[:3, :3] *= scale
    result[:3, 3] = document.numbers(node, "translation", 3, place) or [0.0, 0.0, 0.0]
    return result


# --- meshes ---------------------------------------------------------------------------------------------------------


def _add_mesh(merged: _Merged, document: Document, materials: MaterialTable, index: int, matrix: Array) -> None:
    mesh = document.object("meshes", index, "node")
    shared: dict[tuple[tuple[str, int], ...], tuple[int, _Block]] = {}
    for number, primitive in enumerate(document.get(mesh, "primitives", list, [], f"mesh {index}")):
        place = f"mesh {index}, part {number}"
        if not isinstance(primitive, dict):
            raise document.source.error(place, "it is not an object", "The file is damaged; export it again")
        _add_primitive(merged, document, materials, primitive, matrix, shared, place)


def _add_primitive(
    merged: _Merged,
    document: Document,
    materials: MaterialTable,
    primitive: Node,
    matrix: Array,
    shared: dict[tuple[tuple[str, int], ...], tuple[int, _Block]],
    place: str,
) -> None:
    mode = document.get(primitive, "mode", int, _TRIANGLES, place)
    if mode not in (_POINTS, _TRIANGLES, _STRIP, _FAN):
        merged.dropped.add("lines")
        return
    if "KHR_draco_mesh_compression" in document.get(primitive, "extensions", dict, {}, place):
        document.refuse_compression("KHR_draco_mesh_compression")
    if primitive.get("targets"):
        merged.dropped.add("morph targets")
    attributes = document.get(primitive, "attributes", dict, {}, place)
    key = tuple(sorted((name, document.index(attributes, name, place) or 0) for name in attributes))
    if key not in shared:
        block = _read_block(document, dict(key), matrix, merged.total, place)
        shared[key] = (merged.total, block)
        merged.blocks.append(block)
        merged.total += len(block.verts)
    first, block = shared[key]
    if mode == _POINTS:
        merged.points.append(len(merged.blocks) - 1)
        return
    corners = _corners(document, primitive, len(block.verts), place)
    merged.corners += len(corners)
    if merged.corners > _MOST_CORNERS:
        raise document.source.error(
            place, f"the scene has more than {_MOST_CORNERS:,} corners in all", "Thin it out first"
        )
    merged.unindexed |= "indices" not in primitive
    faces = _triangles(corners, mode)
    if np.linalg.det(matrix[:3, :3]) < 0:  # a mirror turns the surface inside out
        faces = faces[:, ::-1]
    material, uv_set = materials.use(document.index(primitive, "material", place))
    uvs = block.uvs.get(uv_set)
    merged.faces.append(faces + first)
    merged.uvs.append(None if uvs is None else uvs[faces])
    merged.materials.append(np.full(len(faces), material, np.int32))


def _read_block(document: Document, attributes: dict[str, int], matrix: Array, so_far: int, place: str) -> _Block:
    source = document.source
    if "POSITION" not in attributes:
        raise source.error(place, "it has no positions", "Export it again from the program that made it")
    count = document.count(attributes["POSITION"], place)
    if so_far + count > _MOST_VERTICES:
        raise source.error(place, f"the scene has more than {_MOST_VERTICES:,} vertices in all", "Thin it out first")
    parts: dict[str, Array] = {}
    for name, accessor in attributes.items():
        if name in ("POSITION", "NORMAL", "COLOR_0") or name.startswith("TEXCOORD_"):
            values = document.accessor(accessor, place)
            widths = {"TEXCOORD": (2,), "COLOR": (3, 4)}.get(name.split("_")[0], (3,))
            if len(values) != count or values.shape[1] not in widths:
                raise source.error(
                    place, f"“{name}” does not fit the {count:,} positions", "The file is damaged; export it again"
                )
            parts[name] = values
    turn = matrix[:3, :3]
    verts = parts["POSITION"].astype(np.float64) @ turn.T + matrix[:3, 3]
    normals = parts["NORMAL"].astype(np.float64) @ _cofactors(turn).T if "NORMAL" in parts else None
    if np.array_equal(matrix, np.eye(4)) and parts["POSITION"].dtype == np.float32:
        verts = parts["POSITION"].astype(np.float32)
        normals = parts["NORMAL"].astype(np.float32) if "NORMAL" in parts else None
    colors = to_srgb(unit_colors(parts["COLOR_0"][:, :3])) if "COLOR_0" in parts else None
    uvs = {
        int(name[9:]): flip_v(parts[name].astype(np.float32))
        for name in parts
        if name.startswith("TEXCOORD_") and name[9:].isdigit()
    }
    return _Block(verts, normals, colors, uvs)


def _cofactors(turn: Array) -> Array:
    """The matrix that turns normals: the inverse transpose times |det|, which exists for every matrix."""
    a, b, c = turn
    return np.stack([np.cross(b, c), np.cross(c, a), np.cross(a, b)]) * (-1.0 if np.linalg.det(turn) < 0 else 1.0)


def _corners(document: Document, primitive: Node, count: int, place: str) -> Array:
    index = document.index(primitive, "indices", place)
    if index is None:
        return np.arange(count)
    values = document.accessor(index, place)
    if values.shape[1] != 1 or values.dtype.kind != "u":
        raise document.source.error(place, "its indices are not whole numbers", "The file is damaged; export it again")
    corners = values[:, 0].astype(np.int64)
    if corners.max(initial=-1) >= count:
        at = int(np.argmax(corners >= count))
        cause = f"index {at:,} points at vertex {int(corners[at]):,}, but there are only {count:,}"
        raise document.source.error(place, cause, "The file is damaged; export it again")
    return corners


def _triangles(corners: Array, mode: int) -> Array:
    """(F, 3) from a list, strip or fan."""
    if mode == _TRIANGLES:
        return corners[: len(corners) // 3 * 3].reshape(-1, 3)
    count = max(len(corners) - 2, 0)
    step = np.arange(count)
    if mode == _FAN:
        return np.stack([np.repeat(corners[:1], count), corners[step + 1], corners[step + 2]], axis=1)
    odd = step % 2
    return np.stack([corners[step], corners[step + 1 + odd], corners[step + 2 - odd]], axis=1)


# --- the whole ------------------------------------------------------------------------------------------------------


def _assemble(merged: _Merged, materials: MaterialTable) -> Raw:
    blocks = merged.blocks if merged.faces else [merged.blocks[i] for i in merged.points]
    raw = Raw(np.concatenate([block.verts for block in blocks]))
    if any(block.normals is not None for block in blocks):
        raw.normals = np.concatenate(
            [np.full((len(b.verts), 3), np.nan) if b.normals is None else b.normals for b in blocks]
        )
    if any(block.colors is not None for block in blocks):
        raw.colors = np.concatenate(
            [np.ones((len(b.verts), 3), np.float32) if b.colors is None else b.colors for b in blocks]
        )
    if not merged.faces:
        return raw
    if merged.points:
        merged.dropped.add("points beside the triangles")
    raw.faces = np.concatenate(merged.faces)
    if any(part is not None for part in merged.uvs):
        parts = zip(merged.uvs, merged.faces, strict=True)
        raw.uvs = np.concatenate([np.zeros((len(f), 3, 2), np.float32) if uv is None else uv for uv, f in parts])
    raw.materials = materials.used()
    raw.face_materials = np.concatenate(merged.materials) if raw.materials else None
    if raw.uvs is not None or merged.unindexed or len(merged.blocks) > 1:
        _weld(raw)
    return raw


def _weld(raw: Raw) -> None:
    """Join vertices that differ in nothing but their texture coordinates: the file splits them along seams."""
    rows = [raw.verts.astype(np.float64)]
    rows += [part.astype(np.float64) for part in (raw.normals, raw.colors) if part is not None]
    first, inverse = geometry.merge_equal(np.concatenate(rows, axis=1))
    assert raw.faces is not None
    raw.faces = inverse[raw.faces]
    raw.verts = raw.verts[first]
    raw.normals = None if raw.normals is None else raw.normals[first]
    raw.colors = None if raw.colors is None else raw.colors[first]
