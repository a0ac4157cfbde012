"""What the study draws: the skin, its bones, and what can be taken in hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from lab.body.skeleton import title
from lab.body.skinning.colours import Paint
from lab.body.skinning.stages import Stage
from lab.body.skinning.stroke import digest
from lab.chapters.body.skinning import BODY, SkinningParams
from lab.motions import so3
from lab.palette import surface
from lab.render.messages import Color, Style
from lab.scene import Array, Entity, Lines, Mesh
from lab.study import Handle, Label, View3D

DOT: Final[Color] = surface(0)
CHOSEN: Final[Color] = surface(4)
BRUSH: Final[Color] = surface(1)
BONE: Final[Color] = (0.93, 0.90, 0.82)
_THROUGH: Final = 0.35  # opacity of a body that one looks into


@dataclass(frozen=True, eq=False)
class Scene:
    """What is drawn. lift: (3,) metres, from the model's frame to the world. joint, vertex: the chosen ones."""

    params: SkinningParams
    stage: Stage
    mesh: Mesh
    paint: Paint
    names: tuple[str, ...]
    parents: Array
    lift: Array
    joint: int
    vertex: int


def view(scene: Scene) -> View3D:
    """The skin, maybe with bones, the handles, and where the vertex is."""
    entities: dict[str, Entity] = {"skin": scene.mesh}
    style = scene.paint.style
    styles = {"skin": style}
    if scene.params.bones:
        styles = {"skin": replace(style, opacity=_THROUGH), "bones": Style(color=BONE)}
        entities["bones"] = Lines((scene.stage.joints + scene.lift).astype(np.float32), _bones(scene.parents))
    place = scene.mesh.verts[scene.vertex].astype(np.float64)
    label = Label(_triple(place), f"vertex {scene.vertex}", CHOSEN)
    return View3D(entities, styles, tuple(handles(scene, place)), (label,))


def handles(scene: Scene, place: Array) -> Iterator[Handle]:
    """The brush while weights are painted; else a dot at each joint, and rings at the chosen one of a skinned body."""
    if scene.params.paint:
        yield _brush(scene.params, place)
        return
    chooses = "joint" if scene.params.object == BODY else "bone"
    for index, name in enumerate(scene.names):
        yield Handle(
            f"joint {name}",
            "dot",
            (),
            _triple(scene.stage.joints[index] + scene.lift),
            label=title(name),
            color=CHOSEN if index == scene.joint else DOT,
            sets={chooses: name},
        )
    if scene.stage.shares[2] == 1.0:
        yield _rings(scene)


def _brush(params: SkinningParams, place: Array) -> Handle:
    x, y, z = _triple(place)
    return Handle(
        "brush",
        "dot",
        ("brush_x", "brush_y", "brush_z"),
        (x, y, z),
        label=f"Brush: {params.brush}",
        color=BRUSH,
        sets={"stroke": digest(params.dabs), "brush_x": x, "brush_y": y, "brush_z": z},
    )


def _rings(scene: Scene) -> Handle:
    """The rotation of the chosen joint in its parent's frame."""
    joint, parent = scene.joint, int(scene.parents[scene.joint])
    numbers, chosen = ("pose", scene.params.pose) if scene.params.object == BODY else ("turn", scene.params.turn)
    above = so3.log(scene.stage.rotations[parent]) if parent >= 0 else np.zeros(3)
    return Handle(
        "turn",
        "frame",
        ("", "", "", *(f"{numbers}[{3 * joint + axis}]" for axis in range(3))),
        _triple(scene.stage.joints[joint] + scene.lift),
        _triple(np.array(chosen[3 * joint : 3 * joint + 3])),
        basis=_triple(above),
    )


def _bones(parents: Array) -> Array:
    return np.array([(parent, joint) for joint, parent in enumerate(parents) if parent >= 0], np.int32)


def _triple(place: Array) -> tuple[float, float, float]:
    x, y, z = place.tolist()
    return float(x), float(y), float(z)
