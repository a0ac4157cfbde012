"""Points of the skin with names: the face, the soles and the tips of the fingers."""

from __future__ import annotations

from typing import Any

import numpy as np

from lab.body.builder.skin import cube
from lab.body.builder.surface import Surface
from lab.body.skeleton import joint
from lab.scene import Array

_TIPS = {"thumb": "finger-1-4", "index": "finger-2-4", "pinky": "finger-5-4"}
_TOES = {"big_toe": "toe-1-3", "small_toe": "toe-5-4"}


def landmarks(verts: Array, weights: Array, surface: Surface, base: Array, groups: dict[str, Any]) -> dict[str, int]:
    """Name -> vertex of the full mesh. verts: (V, 3) at rest, weights (V, 24). base: (N, 3) the base mesh, metres."""
    owner = weights.argmax(axis=1)
    head = np.flatnonzero(owner == joint("head"))
    found = {
        "head_top": _most(verts, head, (0.0, 1.0, 0.0), middle=True),
        "nose": _most(verts, head, (0.0, 0.0, 1.0), middle=True),
    }
    eye = np.flatnonzero(np.isin(surface.ids, _range(groups, "helper-l-eye")))
    foot = np.flatnonzero(np.isin(owner, [joint("left_ankle"), joint("left_foot")]))
    left = {
        "eye": _most(verts, eye, (0.0, 0.0, 1.0)),
        "ear": _most(verts, head, (1.0, 0.0, 0.0)),
        "heel": _most(verts, foot, (0.0, -0.5, -1.0)),
    }
    skin = base[surface.ids]  # in the pose that the markers are in
    for name, marker in {**_TIPS, **_TOES}.items():
        middle = base[cube(groups, f"l-{marker}")].mean(axis=0)
        left[name] = int(np.linalg.norm(skin - middle, axis=1).argmin())
    for name, vertex in left.items():
        found[f"left_{name}"], found[f"right_{name}"] = vertex, int(surface.mirror[vertex])
    return found


def carried(marks: dict[str, int], full: Array, light: Array, mirror: Array) -> dict[str, int]:
    """The same on the light mesh: the nearest vertex, mirrored for the right side."""
    found: dict[str, int] = {}
    for name, vertex in marks.items():
        if name.startswith("right_"):
            found[name] = int(mirror[found[name.replace("right_", "left_", 1)]])
        else:
            found[name] = int(np.linalg.norm(light - full[vertex], axis=1).argmin())
    return found


def _most(verts: Array, among: Array, direction: tuple[float, float, float], *, middle: bool = False) -> int:
    """The vertex that lies farthest in a direction; middle: of those in the body's middle plane."""
    if middle:
        among = among[np.abs(verts[among, 0]) < 1e-4]
    return int(among[(verts[among] @ np.array(direction)).argmax()])


def _range(groups: dict[str, Any], name: str) -> Array:
    return np.concatenate([np.arange(int(first), int(last) + 1) for first, last in groups[name]])
