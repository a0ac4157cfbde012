"""Which pose is meant: a form, a hand that pulls a joint, and answers that come back as questions.

The form is always a little behind. While a joint is pulled, questions still hold the pose before the pull, or an
earlier answer. So a pull is solved from the pose that it began in, which its first question holds and which ``grip``
names by a digest: where the joint is pulled to decides the answer, not which answers are on their way.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from lab.body.ik import Chain, Pull
from lab.body.limits import clamp
from lab.body.skeleton import JOINTS
from lab.body.studio.give import give
from lab.chapters.body.body import EULER, BodyParams
from lab.motions import euler, so3
from lab.scene import Array

_FEET: Final = {side: tuple(JOINTS.index(f"{side}_{name}") for name in ("ankle", "foot")) for side in ("left", "right")}
_FARTHEST: Final = 5.0  # metres: of the translation's parameter
_ON_FLOOR: Final = 0.004  # metres: feet that stay are pinned that well
_PULLS: Final = frozenset(("pull", "pull_x", "pull_y", "pull_z", "grip"))


Lift = Callable[[Array], float]


@dataclass(frozen=True, eq=False)
class State:
    """A pose (24, 3) float64, radians, and the form's translation (3,), metres."""

    pose: Array
    transl: Array

    @property
    def key(self) -> bytes:
        """Equal for equal states, also after a form has counted in degrees."""
        numbers = np.concatenate([self.pose.reshape(-1), self.transl])
        return (np.round(numbers, 9) + 0.0).tobytes()

    @property
    def grip(self) -> float:
        """The digest that names this state in ``BodyParams.grip``. Rounded: a form may count in degrees."""
        numbers = np.concatenate([self.pose.reshape(-1), self.transl])
        return float(zlib.crc32((np.round(numbers, 5) + 0.0).tobytes()))


@dataclass(eq=False)
class _Drag:
    """A pull that goes on.

    start: where it began; transl: (3,), in the world. precision: how joints give way. latest: the last solution.
    """

    grip: float
    start: State
    transl: Array
    precision: Array | None
    latest: tuple[Array, Array] | None = None


class Hand:
    """Remembers the pull that goes on, and what was answered during it."""

    def __init__(self) -> None:
        self._drag: _Drag | None = None
        self._answered: dict[bytes, tuple[float, ...]] = {}  # a state's key -> the Euler angles that went with it
        self._last: State | None = None
        self._euler: tuple[float, ...] | None = None

    def state(self, params: BodyParams, changed: frozenset[str], chain: Chain, lift: Lift) -> State:
        """The pose that a question is about. lift: how far above the form's translation a pose is."""
        given = State(np.array(params.pose).reshape(-1, 3), np.array(params.transl))
        if params.pull in JOINTS and (changed & _PULLS):
            drag = self._grasp(params, given, lift)
            if drag is not None:
                return self._pull(params, drag, chain, lift)
        last = self._last
        if last is not None and given.key == last.key:
            # the form is up to date: no earlier answer can come back any more
            self._answered = {given.key: self._answered.get(given.key, params.euler)}
            given = last
        elif last is not None and self._is_echo(params, changed, given):
            given = last
        elif "pose" in changed:
            self._drag = None  # the person went on by other means
        return self._limited(params, self._turned(params, changed, given))

    def _is_echo(self, params: BodyParams, changed: frozenset[str], given: State) -> bool:
        """Whether an earlier answer has come back, while the hand that it answered holds still.

        What is undone changes where the hand was, too, and is none.
        """
        held = self._drag is not None or (self._euler is not None and params.euler == self._euler)
        if not held or changed & _PULLS or given.key not in self._answered:
            return False
        turned = params.angles == EULER and "euler" in changed  # by the person, or by that same answer
        return not turned or self._answered[given.key] == params.euler

    def answered(self, state: State, params: BodyParams) -> dict[str, object]:
        """What the form is to take over from the answer, which is remembered."""
        angles = tuple(euler.from_matrix(so3.exp(state.pose[JOINTS.index(params.joint)]), "XYZ").tolist())
        if self._euler is not None and params.euler == self._euler:
            angles = params.euler  # the person's own: the same turn may have others
        self._last = state
        self._answered[state.key] = angles
        while len(self._answered) > 200:
            del self._answered[next(iter(self._answered))]
        values = {
            "pose": tuple(state.pose.reshape(-1).tolist()),
            "transl": tuple(state.transl.tolist()),
            "euler": angles,
        }
        return {name: value for name, value in values.items() if value != getattr(params, name)}

    # --- pulling ------------------------------------------------------------------------------------------------------

    def _grasp(self, params: BodyParams, given: State, lift: Lift) -> _Drag | None:
        """The pull that the question belongs to; None where its pose is what came of an earlier one."""
        if self._drag is None or self._drag.grip != params.grip:
            if given.grip != params.grip:
                self._drag = None
                return None
            given = self._limited(params, given)
            self._drag = _Drag(
                params.grip, given, given.transl + np.array([0.0, lift(given.pose), 0.0]), give(given.pose)
            )
            self._answered.clear()
        return self._drag

    def _pull(self, params: BodyParams, drag: _Drag, chain: Chain, lift: Lift) -> State:
        joint = JOINTS.index(params.pull)
        pins = [pin for pair in _FEET.values() if joint not in pair for pin in pair] if params.feet else []
        pull = Pull(
            joint,
            np.array([params.pull_x, params.pull_y, params.pull_z]),
            tuple(pins),
            params.follow,
            params.limits,
            drag.precision,
        )
        pulled = chain.pull(drag.start.pose, drag.transl, pull, drag.latest)
        drag.latest = pulled.pose, pulled.transl
        pose = _within(pulled.pose)
        transl = pulled.transl - [0.0, lift(pose), 0.0]
        if params.feet and abs(transl[1]) < _ON_FLOOR:
            transl[1] = 0.0
        return State(pose, np.clip(transl, -_FARTHEST, _FARTHEST))

    # --- angles -------------------------------------------------------------------------------------------------------

    def _turned(self, params: BodyParams, changed: frozenset[str], given: State) -> State:
        """With the chosen joint turned by the Euler angles, where those are what the person moved."""
        if params.angles != EULER or changed & {"joint", "angles"}:
            self._euler = None
        elif "euler" in changed and ("pose" not in changed or given.key in self._answered):
            self._euler = params.euler
        elif "pose" in changed and given is not self._last:
            self._euler = None  # turned by other means
        if self._euler is None or params.euler != self._euler:
            return given
        pose = given.pose.copy()
        pose[JOINTS.index(params.joint)] = so3.log(euler.to_matrix(params.euler, "XYZ"))
        return replace(given, pose=pose)

    def _limited(self, params: BodyParams, given: State) -> State:
        if not params.limits:
            return given
        pose = clamp(given.pose)
        if np.array_equal(pose, given.pose):
            return given
        self._euler = None  # the angles that were asked for are not those that came of it
        return replace(given, pose=pose)


def _within(pose: Array) -> Array:
    """Rotation vectors whose numbers are within ±π, as the form wants them; the same rotations where possible."""
    lengths = np.linalg.norm(pose, axis=1)
    long = lengths > math.pi
    if long.any():
        pose = pose.copy()
        pose[long] = so3.log(so3.exp(pose[long]))
    return np.clip(pose, -math.pi, math.pi)
