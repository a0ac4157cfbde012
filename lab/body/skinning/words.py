"""What the study says: the four steps, one vertex in numbers, and figures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from lab.body.skeleton import title
from lab.body.skinning.blending import blend, dual_quaternions
from lab.body.skinning.stages import Stage
from lab.chapters.body.skinning import DUAL
from lab.scene import Array
from lab.study import Table

_MM: Final = 1000.0
_TEMPLATE: Final = "Now: the mean body as it is stored. Neither a person nor a pose has been asked for yet."
_SHAPE: Final = "Now: the betas weigh shape blend shapes. The joints move along, as they are regressed from this skin."
_POSE: Final = "Now: the pose weighs pose blend shapes. The body still stands at rest, and its joints stay."
_LINEAR: Final = "Now: each vertex goes to the weighted mean of where each of its joints alone would take it."
_DUAL: Final = (
    "Now: each vertex moves as the blend of its joints' dual quaternions, made a unit again. For the vertex in the "
    "table the blend has the length {length:.4f} before that."
)


@dataclass(frozen=True)
class Offsets:
    """The largest ways of any vertex, metres: by the shape, the pose correctives, and skinning as far as it is now."""

    shape: float
    pose: float
    skin: float


def offsets(stage: Stage) -> Offsets:
    """Over all vertices."""
    return Offsets(
        _largest(stage.shaped - stage.template),
        _largest(stage.corrected - stage.shaped),
        _largest(stage.verts - stage.before),
    )


def _largest(ways: Array) -> float:
    return float(np.sqrt(np.square(ways).sum(axis=1).max(initial=0.0)))


@dataclass(frozen=True, eq=False)
class Vertex:
    """One vertex of a stage. joints: (K,) those that hold it, the strongest first; weights: (K,) theirs."""

    index: int
    joints: Array
    weights: Array

    @staticmethod
    def of(stage: Stage, index: int) -> Vertex:
        """The vertex with its joints."""
        row = stage.weights[index]
        order = np.argsort(-row, kind="stable")
        held = order[row[order] > 0]
        return Vertex(index, held, row[held].astype(np.float64))


def steps(stage: Stage, most: Offsets, found: Vertex, skinning: str) -> str:
    """The four steps, how much of each is done, and what is going on now."""
    said = (
        ("T̄", "the template", None),
        ("+ B_S(β)", "shape", most.shape),
        ("+ B_P(θ)", "pose correctives", most.pose),
        ("Σ w G′", "skinning", most.skin),
    )
    lines = []
    for number, ((symbol, name, way), share) in enumerate(zip(said, (1.0, *stage.shares), strict=True)):
        done = "✓" if share == 1.0 else "–" if share == 0.0 else f"{100 * share:.0f} %"
        reach = "" if way is None else f", up to {_MM * way:.1f} mm"
        lines.append(f"{number}  {symbol}  {name}{reach}  {done}")
    return "\n".join((*lines, "", _now(stage, found, skinning)))


def _now(stage: Stage, found: Vertex, skinning: str) -> str:
    first, second, third = stage.shares
    if third > 0.0:
        return _DUAL.format(length=blend_length(stage, found)) if skinning == DUAL else _LINEAR
    return _POSE if second > 0.0 else _SHAPE if first > 0.0 else _TEMPLATE


def vertex_table(stage: Stage, found: Vertex, names: tuple[str, ...], skinning: str, joint: int, lift: float) -> Table:
    """v = sum of w G' T_P in numbers: each term of T_P, and where each joint alone would take the vertex; metres.

    joint: the one that is marked. lift: the translation in y that is added last.
    """
    index = found.index
    first, second, _ = stage.shares
    alone = np.array([carried(stage, index, k) for k in found.joints]).reshape(-1, 3)
    rows = [
        ("T̄", "", stage.template[index]),
        ("+ B_S(β)", "", first * (stage.shaped[index] - stage.template[index])),
        ("+ B_P(θ)", "", second * (stage.corrected[index] - stage.shaped[index])),
        ("= T_P", "", stage.before[index]),
        *((f"G′ {title(names[k])}", f"{w:.3f}", p) for k, w, p in zip(found.joints, found.weights, alone, strict=True)),
        ("= mean, Σ w", f"{found.weights.sum():.3f}", found.weights @ alone),
    ]
    if skinning == DUAL:
        rows.append(("v by dual quaternions", "", stage.verts[index]))
    if lift:
        rows.append(("+ translation", "", np.array([0.0, lift, 0.0])))
        rows.append(("= v in the view", "", stage.verts[index] + np.array([0.0, lift, 0.0])))
    places = np.round([place for _, _, place in rows], 6) + 0.0  # what is less is rounding; and no -0
    marked = np.flatnonzero(found.joints == joint)
    return Table(
        (f"Vertex {index}", "w", "x", "y", "z"),
        (tuple(row[0] for row in rows), tuple(row[1] for row in rows), places[:, 0], places[:, 1], places[:, 2]),
        digits=3,
        marked=4 + int(marked[0]) if len(marked) else None,
    )


def carried(stage: Stage, index: int, joint: int) -> Array:
    """(3,) where one joint alone would take a vertex: G' T_P."""
    place = stage.before[index].astype(np.float64)
    motion = stage.motions[joint]
    return np.asarray(place + motion[:, :3] @ place + motion[:, 3])


def blend_length(stage: Stage, found: Vertex) -> float:
    """The length of a vertex' blend of quaternions before it is made a unit: less where its joints differ more."""
    weights = stage.weights[[found.index]].astype(np.float64)
    return float(np.linalg.norm(blend(dual_quaternions(stage.motions), weights)[0, :4]))


def volume(verts: Array, faces: Array) -> float:
    """What a closed surface encloses, m³: the sum of the tetrahedra between the origin and each face, with sign."""
    a, b, c = (verts[faces[:, corner]].astype(np.float64) for corner in range(3))
    return float(np.einsum("fi,fi->", a, np.cross(b, c)) / 6)
