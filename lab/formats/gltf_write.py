"""Writing GLB: one node, one mesh, everything in one binary buffer."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

from lab import geometry
from lab.formats.base import Progress, left_out
from lab.formats.beside import encode_png
from lab.formats.gltf_materials import flip_v, to_linear
from lab.scene import Array, Material, Mesh, Points

_FLOAT, _UINT = 5126, 5125
VERTICES, _INDICES = 34962, 34963
_SHAPES = {1: "SCALAR", 2: "VEC2", 3: "VEC3"}


class Builder:
    """The document and its binary buffer while they grow."""

    def __init__(self) -> None:
        self.chunks: list[bytes] = []
        self.size = 0
        self.lists: dict[str, list[Any]] = {}

    def add(self, name: str, entry: dict[str, Any]) -> int:
        """Append to a list of the document; returns the index."""
        entries = self.lists.setdefault(name, [])
        entries.append(entry)
        return len(entries) - 1

    def view(self, data: bytes, target: int | None = None) -> int:
        """A buffer view of ``data``, at a multiple of four bytes."""
        entry: dict[str, Any] = {"buffer": 0, "byteOffset": self.size, "byteLength": len(data)}
        if target is not None:
            entry["target"] = target
        padding = -len(data) % 4
        self.chunks += [data, b"\0" * padding]
        self.size += len(data) + padding
        return self.add("bufferViews", entry)

    def accessor(self, values: Array, target: int, limits: bool = False) -> int:
        """An accessor of (N, width) float32 or uint32 numbers."""
        code = _FLOAT if values.dtype.kind == "f" else _UINT
        data = np.ascontiguousarray(values, "<f4" if code == _FLOAT else "<u4").tobytes()
        entry: dict[str, Any] = {"bufferView": self.view(data, target), "componentType": code, "count": len(values)}
        entry["type"] = _SHAPES[values.shape[1]]
        if limits:
            entry |= {"min": values.min(axis=0).tolist(), "max": values.max(axis=0).tolist()}
        return self.add("accessors", entry)


def write_glb(path: Path, entity: Mesh | Points, progress: Progress) -> tuple[str, ...]:
    """Positions, normals, colours, textures and materials. A far origin becomes the node's translation."""
    builder = Builder()
    corner_verts, uvs, corners = (
        split_at_seams(entity) if isinstance(entity, Mesh) else (np.arange(len(entity.verts)), None, None)
    )
    attributes = {"POSITION": builder.accessor(entity.verts[corner_verts], VERTICES, limits=True)}
    if entity.normals is not None:
        attributes["NORMAL"] = builder.accessor(entity.normals[corner_verts], VERTICES)
    if entity.colors is not None:
        attributes["COLOR_0"] = builder.accessor(to_linear(entity.colors[corner_verts]), VERTICES)
    if uvs is not None:
        attributes["TEXCOORD_0"] = builder.accessor(flip_v(uvs), VERTICES)
    progress(0.4, "Writing")
    if isinstance(entity, Points) or corners is None:
        primitives: list[dict[str, Any]] = [{"attributes": attributes, "mode": 0}]
    else:
        primitives = mesh_primitives(builder, entity, corners, attributes)
    progress(0.7, "Writing")
    node: dict[str, Any] = {"mesh": builder.add("meshes", {"primitives": primitives})}
    if np.any(entity.origin):
        node["translation"] = entity.origin.tolist()
    builder.add("nodes", node)
    save_glb(path, builder)
    materials = ("materials",) if isinstance(entity, Mesh) and entity.face_materials is not None else ()
    return left_out(entity, "normals", "colours", "textures", *materials)


def split_at_seams(mesh: Mesh) -> tuple[Array, Array | None, Array]:
    """glTF has one texture coordinate a vertex: split those that have several.

    Returns (N,) which vertex each written one copies, (N, 2) its texture coordinates or None, and (F, 3) the corners.
    Vertices keep their order, so that joining the seams again gives the same mesh.
    """
    if mesh.uvs is None:
        return np.arange(len(mesh.verts)), None, mesh.faces
    corners = mesh.faces.reshape(-1)
    unused = np.setdiff1d(np.arange(len(mesh.verts)), corners)
    vertex = np.concatenate([corners, unused]).astype(np.uint32)
    coordinates = np.concatenate([mesh.uvs.reshape(-1, 2), np.zeros((len(unused), 2), np.float32)])
    rows = np.column_stack([vertex, np.ascontiguousarray(coordinates).view(np.uint32)])
    first, inverse = geometry.merge_equal(rows)
    order = np.argsort(vertex[first], kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    chosen = first[order]
    return vertex[chosen], coordinates[chosen], place[inverse[: len(corners)]].reshape(-1, 3)


def mesh_primitives(builder: Builder, mesh: Mesh, corners: Array, attributes: dict[str, int]) -> list[dict[str, Any]]:
    """One part for each material in use; all share the vertices."""
    if mesh.face_materials is None or not mesh.materials:
        indices = builder.accessor(corners.reshape(-1, 1).astype(np.uint32), _INDICES)
        return [{"attributes": attributes, "indices": indices}]
    primitives = []
    for number, material in enumerate(mesh.materials):
        chosen = corners[mesh.face_materials == number]
        if len(chosen):
            indices = builder.accessor(chosen.reshape(-1, 1).astype(np.uint32), _INDICES)
            primitives.append({"attributes": attributes, "indices": indices, "material": _material(builder, material)})
    return primitives


def _material(builder: Builder, material: Material) -> int:
    factor = [float(value) for value in to_linear(np.array(material.diffuse))]
    surface: dict[str, Any] = {"baseColorFactor": [*factor, 1.0], "metallicFactor": 0.0, "roughnessFactor": 1.0}
    if material.texture is not None:
        image = builder.add(
            "images", {"bufferView": builder.view(encode_png(material.texture)), "mimeType": "image/png"}
        )
        surface["baseColorTexture"] = {"index": builder.add("textures", {"source": image})}
    return builder.add("materials", {"name": material.name, "pbrMetallicRoughness": surface, "doubleSided": True})


def save_glb(path: Path, builder: Builder) -> None:
    document = {
        "asset": {"version": "2.0", "generator": "DL3D Lab"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        **builder.lists,
        "buffers": [{"byteLength": builder.size}],
    }
    text = json.dumps(document, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 4)
    with open(path, "wb") as file:
        file.write(struct.pack("<4sII", b"glTF", 2, 12 + 8 + len(text) + 8 + builder.size))
        file.write(struct.pack("<I4s", len(text), b"JSON") + text)
        file.write(struct.pack("<I4s", builder.size, b"BIN\0"))
        for chunk in builder.chunks:
            file.write(chunk)
