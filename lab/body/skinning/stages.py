"""SMPL in four steps, and everything in between: template, shaped, with pose correctives, skinned."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.body.data import BodyData
from lab.body.normals import vertex_normals
from lab.body.posing import Posed, Poser, Shaped, strongest_weights
from lab.body.skinning.blending import dual_quaternion, joint_motions, linear
from lab.chapters.body.skinning import DUAL
from lab.scene import Array
from lab.studies.kept import Kept


@dataclass(frozen=True, eq=False)
class Asked:
    """What is to be shown: the parameters that the surface depends on. betas: (B,); pose: (J, 3), radians."""

    step: float
    betas: tuple[float, ...]
    pose: Array
    correctives: bool
    skinning: str


@dataclass(frozen=True, eq=False)
class Stage:
    """One moment of the four steps, in the model's frame; metres.

    template, shaped, corrected: (V, 3) float32, after 0, 1 and 2 full steps. rest, before: (V, 3) float32, as far as
    steps 1 and 2 are done now; ``before`` goes into skinning. verts: (V, 3) float32, what is seen; normals: (V, 3).
    shape_joints: (J, 3), at rest, which skinning turns about. joints: (J, 3), rotations: (J, 3, 3), where they are now.
    motions: (J, 3, 4), see ``joint_motions``. weights: (V, J). shares: how much of steps 1, 2 and 3 is done, each in
    [0, 1].
    """

    template: Array
    shaped: Array
    corrected: Array
    rest: Array
    before: Array
    verts: Array
    normals: Array
    shape_joints: Array
    joints: Array
    rotations: Array
    motions: Array
    weights: Array
    shares: tuple[float, float, float]


class Stages:
    """A model on its way through the steps. Keeps what did not change."""

    def __init__(self, data: BodyData) -> None:
        self.data = data
        self.faces = frozen(np.ascontiguousarray(data.faces, np.int32).copy())
        self._poser = Poser(data)
        self._template = self._poser.shape(())
        self._kept = Kept()

    def at(self, asked: Asked, weights: Array) -> Stage:
        """The moment that ``asked.step`` tells, from 0 to 3. weights: (V, J) float32, maybe painted ones."""
        key = (asked.step, asked.betas, asked.pose.tobytes(), asked.correctives, asked.skinning, weights)
        stage: Stage = self._kept.get("stage", key, lambda: self._make(asked, weights))
        return stage

    def skinned(self, verts: Array, motions: Array, weights: Array, skinning: str) -> Array:
        """(V, 3) float32: ``verts`` with the joints moved, by one of the two ways."""
        if skinning == DUAL:
            return dual_quaternion(verts, motions, weights)
        bones, strongest = self._kept.get("strongest", (weights,), lambda: strongest_weights(weights))
        return linear(verts, motions, bones, strongest)

    def _make(self, asked: Asked, weights: Array) -> Stage:
        first, second, third = (float(np.clip(asked.step - n, 0.0, 1.0)) for n in range(3))
        shaped = self._poser.shape(asked.betas[: self.data.shapedirs.shape[2]])
        part = self._part(shaped, first)
        posed = self._poser.pose(shaped, asked.pose, correctives=asked.correctives)
        before = self._before(part, posed, second)
        frames, motions = joint_motions(third * asked.pose, part.joints, self.data.parents)
        verts = before
        if third > 0.0:
            verts = self._kept.get(
                "skinned",
                (before, motions.tobytes(), weights, asked.skinning),
                lambda: frozen(self.skinned(before, motions, weights, asked.skinning)),
            )
        normals = self._kept.get("normals", (verts,), lambda: frozen(vertex_normals(verts, self.faces)))
        return Stage(
            self.data.v_template,
            shaped.verts,
            posed.corrected,
            part.verts,
            before,
            verts,
            normals,
            part.joints,
            frames[:, :3, 3],
            frames[:, :3, :3],
            motions,
            weights,
            (first, second, third),
        )

    def _part(self, shaped: Shaped, share: float) -> Shaped:
        """The body at rest with a share of the betas; verts and joints are linear in them."""
        if share in (0.0, 1.0):
            return shaped if share else self._template
        whole, none = shaped, self._template

        def make() -> Shaped:
            verts = none.verts + np.float32(share) * (whole.verts - none.verts)
            joints = none.joints + share * (whole.joints - none.joints)
            return Shaped(frozen(verts), frozen(joints), frozen(share * whole.betas))

        part: Shaped = self._kept.get("part", (shaped, share), make)
        return part

    def _before(self, part: Shaped, posed: Posed, share: float) -> Array:
        if share == 0.0:
            return part.verts
        if share == 1.0:
            return posed.corrected
        between: Array = self._kept.get(
            "before",
            (part, posed.corrected, share),
            lambda: frozen(part.verts + np.float32(share) * (posed.corrected - part.verts)),
        )
        return between


def frozen(array: Array) -> Array:
    """The same array, read-only: an entity keeps such a one as it is, so that it stays the same object."""
    array.flags.writeable = False
    return array
