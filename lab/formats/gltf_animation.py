"""Writing GLB: a mesh that a skeleton moves.

Source: Khronos Group, "glTF 2.0 Specification", sections 3.7.3 (skins) and 3.11 (animations).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from lab import geometry
from lab.formats.base import Progress
from lab.formats.gltf_materials import flip_v, to_linear
from lab.formats.gltf_write import VERTICES, Builder, mesh_primitives, save_glb, split_at_seams
from lab.scene import Array
from lab.study import Animation

_TYPES = {"SCALAR": 1, "VEC3": 3, "VEC4": 4, "MAT4": 16}
_CODES = {"u1": 5121, "u2": 5123, "f4": 5126}
_INFLUENCES = 4  # joints of a vertex: one set of them is what every viewer must understand


def write_animation(path: Path, animation: Animation, progress: Progress | None = None) -> None:
    """The mesh, its skeleton as nodes, its weights and one animation with a key for each frame.

    A vertex keeps its four strongest weights, which are made to sum to 1 again. The joints are relative to the world,
    as is the mesh. Raises ValueError for arrays that do not belong together, OSError.
    """
    _check(animation)
    report = progress or (lambda fraction, text: None)
    report(0.1, "Writing")
    builder = Builder()
    _add_mesh(builder, animation)
    report(0.5, "Writing")
    _add_skeleton(builder, animation)
    _add_motion(builder, animation)
    report(0.9, "Writing")
    save_glb(path, builder)


def strongest(weights: Array, most: int = _INFLUENCES) -> tuple[Array, Array]:
    """Each vertex' ``most`` strongest joints (V, most) and their weights, which sum to 1.

    weights: (V, J), not negative. Where a weight is 0 the joint is 0, as the format asks for.
    """
    padded = np.pad(weights, ((0, 0), (0, max(0, most - weights.shape[1]))))
    bones = np.argsort(-padded, axis=1, kind="stable")[:, :most]
    kept = np.take_along_axis(padded, bones, axis=1).astype(np.float64)
    kept /= kept.sum(axis=1, keepdims=True)
    return np.where(kept > 0, bones, 0), kept.astype(np.float32)


def _check(animation: Animation) -> None:
    joints, frames = len(animation.names), len(animation.translations)
    expected = {
        "parents": (animation.parents, (joints,)),
        "joints": (animation.joints, (joints, 3)),
        "weights": (animation.weights, (len(animation.mesh.verts), joints)),
        "rotations": (animation.rotations, (frames, joints, 4)),
        "translations": (animation.translations, (frames, 3)),
    }
    for name, (array, shape) in expected.items():
        if np.shape(array) != shape:
            raise ValueError(f"animation: expected {name} {shape}, found {np.shape(array)}")
    parents = np.asarray(animation.parents)
    if parents[0] != -1 or np.any(parents[1:] < 0) or np.any(parents >= np.arange(joints)):
        raise ValueError("animation: expected one root, which is the first joint, and each joint after its parent")
    if not frames or not animation.fps > 0:
        raise ValueError("animation: expected frames, and more than 0 of them a second")
    if not np.all(np.asarray(animation.weights).sum(axis=1) > 0):
        raise ValueError("animation: a vertex belongs to no joint")


def _add_mesh(builder: Builder, animation: Animation) -> None:
    """Node 0: the skinned mesh. It is the root of the scene, and the skeleton's root is its only child."""
    mesh = animation.mesh
    vertex, uvs, corners = split_at_seams(mesh)
    normals = mesh.normals  # without any, a viewer would have to show facets
    if normals is None:
        normals = geometry.vertex_normals(mesh.verts, mesh.faces)
    bones, weights = strongest(np.asarray(animation.weights))
    attributes = {
        "POSITION": builder.accessor(mesh.verts[vertex], VERTICES, limits=True),
        "NORMAL": builder.accessor(normals[vertex], VERTICES),
        "JOINTS_0": _numbers(builder, bones[vertex], "VEC4", "u1" if len(animation.names) <= 256 else "u2", VERTICES),
        "WEIGHTS_0": _numbers(builder, weights[vertex], "VEC4", "f4", VERTICES),
    }
    if mesh.colors is not None:
        attributes["COLOR_0"] = builder.accessor(to_linear(mesh.colors[vertex]), VERTICES)
    if uvs is not None:
        attributes["TEXCOORD_0"] = builder.accessor(flip_v(uvs), VERTICES)
    shape = builder.add("meshes", {"primitives": mesh_primitives(builder, mesh, corners, attributes)})
    node: dict[str, Any] = {"name": "body", "mesh": shape, "skin": 0, "children": [1]}
    if np.any(mesh.origin):
        node["translation"] = mesh.origin.tolist()
    builder.add("nodes", node)


def _add_skeleton(builder: Builder, animation: Animation) -> None:
    """Nodes 1 to J: the joints in their places at rest, and the skin that binds the mesh to them."""
    joints = np.asarray(animation.joints, np.float64) - animation.mesh.origin
    parents = np.asarray(animation.parents)
    for number, (name, parent) in enumerate(zip(animation.names, parents, strict=True)):
        place = joints[number] - (joints[parent] if parent >= 0 else 0.0)
        node: dict[str, Any] = {"name": name, "translation": place.tolist()}
        children = (np.flatnonzero(parents == number) + 1).tolist()
        builder.add("nodes", node | ({"children": children} if children else {}))
    inverse = np.tile(np.eye(4), (len(joints), 1, 1))
    inverse[:, 3, :3] = -joints  # a row of the array is a column of the matrix: glTF stores columns
    bind = _numbers(builder, inverse.reshape(-1, 16), "MAT4", "f4")
    builder.add("skins", {"inverseBindMatrices": bind, "joints": list(range(1, len(joints) + 1)), "skeleton": 1})


def _add_motion(builder: Builder, animation: Animation) -> None:
    frames = len(animation.translations)
    times = np.arange(frames, dtype=np.float64)[:, None] / animation.fps
    clock = _numbers(builder, times, "SCALAR", "f4", limits=True)
    samplers: list[dict[str, Any]] = []
    channels: list[dict[str, Any]] = []

    def follow(node: int, path: str, output: int) -> None:
        channels.append({"sampler": len(samplers), "target": {"node": node, "path": path}})
        samplers.append({"input": clock, "interpolation": "LINEAR", "output": output})

    root = np.asarray(animation.joints, np.float64)[0] - animation.mesh.origin
    follow(1, "translation", _numbers(builder, root + animation.translations, "VEC3", "f4"))
    for number in range(len(animation.names)):
        turns = _continuous(np.asarray(animation.rotations, np.float64)[:, number])
        follow(number + 1, "rotation", _numbers(builder, turns[:, [1, 2, 3, 0]], "VEC4", "f4"))  # glTF's are xyzw
    builder.add("animations", {"name": "motion", "samplers": samplers, "channels": channels})


def _continuous(quaternions: Array) -> Array:
    """Unit quaternions (N, 4) of the same rotations, each near the one before, so that none turns the long way."""
    unit = quaternions / np.linalg.norm(quaternions, axis=1, keepdims=True)
    flips = np.where(np.sum(unit[1:] * unit[:-1], axis=1) < 0, -1.0, 1.0)
    return np.asarray(unit * np.concatenate([[1.0], np.cumprod(flips)])[:, None])


def _numbers(
    builder: Builder, values: Array, kind: str, code: str, target: int | None = None, limits: bool = False
) -> int:
    """An accessor of (N, width) numbers; ``kind`` is glTF's word for the width, ``code`` numpy's for the type."""
    stored = np.ascontiguousarray(values, "<" + code if code != "u1" else code)
    if stored.shape[1:] != (_TYPES[kind],):
        raise ValueError(f"accessor {kind}: expected {_TYPES[kind]} columns, found {stored.shape[1:]}")
    view = builder.view(stored.tobytes(), target)
    entry: dict[str, Any] = {"bufferView": view, "componentType": _CODES[code], "count": len(stored), "type": kind}
    if limits:
        entry |= {"min": stored.min(axis=0).tolist(), "max": stored.max(axis=0).tolist()}
    return builder.add("accessors", entry)
