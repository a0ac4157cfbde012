"""A body with its poser, and SMPL's 24 joints in it, whatever its family."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lab.body.data import BodyData
from lab.body.ik import Chain
from lab.body.measure import measure
from lab.body.normals import vertex_normals
from lab.body.posing import Posed, Poser, Shaped
from lab.body.skeleton import JOINTS, PARENTS
from lab.body.studio.hand import State
from lab.scene import Array, Mesh
from lab.studies.kept import Kept


@dataclass(frozen=True, eq=False)
class Stance:
    """A body in a pose, world, metres.

    state: as the form has it. transl: (3,), with the way down to the floor or up to it. mesh: the skin.
    joints: (24, 3). above: (24, 3, 3), the frames that the joints turn in.
    """

    state: State
    transl: Array
    mesh: Mesh
    joints: Array
    above: Array


class Figure:
    """One model, shaped and posed. Keeps what did not change."""

    def __init__(self, data: BodyData) -> None:
        self.data = data
        self._poser = Poser(data)
        self._kept = Kept()
        self._rows = _rows(data)
        self._faces = np.ascontiguousarray(data.faces, np.int32)

    @property
    def betas(self) -> int:
        """How many betas the model has."""
        return int(self.data.shapedirs.shape[2])

    def shape(self, betas: tuple[float, ...]) -> Shaped:
        """The body at rest; betas that the model does not have are left out."""
        return self._poser.shape(betas[: self.betas])

    def chain(self, shaped: Shaped) -> Chain:
        """Its joints, to be pulled."""
        chain: Chain = self._kept.get("chain", (shaped,), lambda: Chain(shaped.joints[self._rows]))
        return chain

    def lift(self, shaped: Shaped, pose: Array, *, correctives: bool) -> float:
        """How far up a body in a pose (24, 3) must go so that its lowest vertex is on the floor, y = 0; metres."""
        posed = self._poser.pose(shaped, pose, correctives=correctives)
        low: float = self._kept.get("low", (posed,), lambda: round(float(posed.verts[:, 1].min()), 6))
        return -low

    def stand(self, shaped: Shaped, state: State, *, correctives: bool, grounded: bool) -> Stance:
        """The body in a pose; grounded: its translation counts from where it touches the floor."""
        lift = self.lift(shaped, state.pose, correctives=correctives) if grounded else 0.0
        posed = self._poser.pose(shaped, state.pose, correctives=correctives)
        transl = state.transl + np.array([0.0, lift, 0.0])
        key = (posed, state.key, lift)
        stance: Stance = self._kept.get("stance", key, lambda: self._stance(state, posed, transl))
        return stance

    def ghost(self, shaped: Shaped, transl: Array) -> Mesh:
        """The body at rest, on its own floor."""

        shift = (float(transl[0]), -float(shaped.verts[:, 1].min()), float(transl[2]))
        rest: Mesh = self._kept.get(
            "ghost", (shaped, shift), lambda: Mesh(shaped.verts + np.array(shift, np.float32), self._faces)
        )
        return rest

    def measures(self, shaped: Shaped) -> dict[str, float]:
        """Lengths, metres, and the "volume", m³, of the body at rest."""

        def make() -> dict[str, float]:
            return {**measure(self.data, shaped), "volume": _volume(shaped.verts, self._faces)}

        found: dict[str, float] = self._kept.get("measures", (shaped,), make)
        return found

    def _stance(self, state: State, posed: Posed, transl: Array) -> Stance:
        normals = self._kept.get("normals", (posed,), lambda: vertex_normals(posed.verts, self._faces))
        mesh = Mesh(posed.verts + transl.astype(np.float32), self._faces, normals, uvs=self.data.uvs)
        rotations = posed.rotations[self._rows]
        above = np.concatenate([np.eye(3)[None], rotations[list(PARENTS[1:])]])
        return Stance(state, transl, mesh, posed.joints[self._rows] + transl, above)


def _rows(data: BodyData) -> Array:
    """(24,) the model's joint for each of SMPL's; a hand that the model has not is its wrist."""
    names = {name: row for row, name in enumerate(data.joint_names)}
    rows: list[int] = []
    for index, name in enumerate(JOINTS):
        rows.append(names.get(name, rows[PARENTS[index]] if index else 0))
    return np.array(rows)


def _volume(verts: Array, faces: Array) -> float:
    """What a closed surface encloses, m³: the sum of the tetrahedra between the origin and each face."""
    a, b, c = (verts[faces[:, corner]].astype(np.float64) for corner in range(3))
    return math.fabs(float(np.einsum("fi,fi->", a, np.cross(b, c))) / 6)
