"""Measures a body as a tailor does, and finds the shape that meets given measurements.

Where a tape goes is found once on the template, by joints and weights: rings of points on edges, at the widest or
narrowest level between two joints. These points then move with the betas, as marks on the skin do.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import lsq_linear
from scipy.spatial import ConvexHull, QhullError

from lab.body.data import BodyData
from lab.body.posing import Poser, Shaped
from lab.scene import Array

MEASURES: Final = ("height", "chest", "waist", "hip", "arm_length", "leg_length", "inseam")
"""What is measured, metres. height: from the soles to the top of the head. chest, waist, hip: girths of the torso.

arm_length: shoulder, elbow, wrist. leg_length: hip, knee, ankle, and down to the sole. inseam: crotch to the soles.
Arm and leg are the mean of both sides.
"""

BETA_LIMIT: Final = 5.0
_BETAS: Final = 10  # the first, and largest, are those that are searched
_LEVELS: Final = 24  # heights that are looked at for each ring
_ARM: Final = 0.5  # the weight of arm joints from which on a vertex is of the arm
_SPREAD: Final = 0.001  # metres: how exactly a measurement is to be met
_PRIOR: Final = 0.2  # the residual of a beta of 1, against a measurement that is 1 mm off
_STEP: Final = 0.05  # of betas, for slopes: lengths are nearly linear in them
_STEPS: Final = 20


@dataclass(frozen=True, eq=False)
class _Ring:
    """Points on edges: starts, ends (N,) vertices, and shares (N, 1), 0 at the start."""

    starts: Array
    ends: Array
    shares: Array

    def on(self, verts: Array) -> Array:
        """(N, 3) where they are on a body."""
        return verts[self.starts] * (1 - self.shares) + verts[self.ends] * self.shares


class Tape:
    """Measures bodies of one model."""

    def __init__(self, data: BodyData) -> None:
        self._names = {name: number for number, name in enumerate(data.joint_names)}
        verts = data.v_template.astype(np.float64)
        joints = np.asarray(data.J_regressor @ verts)
        torso = self._torso_edges(data)
        height = {name: float(joints[self._names[name], 1]) for name in ("spine1", "spine2", "spine3", "left_hip")}
        shoulder, knee = (float(joints[self._names[name], 1]) for name in ("left_shoulder", "left_knee"))
        hip = height["left_hip"]
        under_arms = (height["spine3"] + shoulder) / 2
        self._rings = {
            "chest": _ring(verts, torso, height["spine2"], under_arms, widest=True),
            "waist": _ring(verts, torso, height["spine1"], height["spine3"], widest=False),
            "hip": _ring(verts, torso, hip - 0.25 * (hip - knee), height["spine1"], widest=True),
        }
        self._crotch = _crossings(verts, torso, 0, 0.0)
        below = self._crotch.on(verts)[:, 1] < hip + 0.5 * (height["spine2"] - hip)
        self._crotch = _Ring(self._crotch.starts[below], self._crotch.ends[below], self._crotch.shares[below])

    def measure(self, verts: Array, joints: Array) -> dict[str, float]:
        """The lengths by their names in MEASURES, metres, of a body at rest. verts: (V, 3); joints: (J, 3)."""
        soles, top = float(verts[:, 1].min()), float(verts[:, 1].max())
        sizes = {"height": top - soles}
        sizes.update({name: _girth(ring.on(verts)[:, ::2]) for name, ring in self._rings.items()})
        sizes["arm_length"] = self._chain(joints, "shoulder", "elbow", "wrist")
        ankles = [joints[self._names[f"{side}_ankle"], 1] for side in ("left", "right")]
        sizes["leg_length"] = self._chain(joints, "hip", "knee", "ankle") + float(np.mean(ankles)) - soles
        sizes["inseam"] = float(self._crotch.on(verts)[:, 1].min(initial=top)) - soles
        return sizes

    def _chain(self, joints: Array, *names: str) -> float:
        """The length from joint to joint, the mean of both sides."""
        sides = [np.array([joints[self._names[f"{side}_{name}"]] for name in names]) for side in ("left", "right")]
        return float(np.mean([np.linalg.norm(np.diff(points, axis=0), axis=1).sum() for points in sides]))

    @staticmethod
    def _torso_edges(data: BodyData) -> Array:
        """(E, 2) the edges of faces that are not of the arms."""
        shoulders = [data.joint_names.index(f"{side}_shoulder") for side in ("left", "right")]
        of_arms = np.isin(np.arange(len(data.parents)), shoulders)
        for joint, parent in enumerate(data.parents):
            of_arms[joint] |= parent >= 0 and of_arms[parent]
        arm = data.weights[:, of_arms].sum(axis=1) > _ARM
        faces = data.faces[~arm[data.faces].any(axis=1)]
        edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
        return np.unique(edges, axis=0)


def measure(data: BodyData, body: Shaped | npt.ArrayLike) -> dict[str, float]:
    """The lengths of a body by their names in MEASURES, metres, whatever its pose.

    body: from ``Poser.shape``, or betas (B,). Raises ValueError for more betas than the model has.
    """
    shaped = body if isinstance(body, Shaped) else Poser(data).shape(body)
    return tape(data).measure(shaped.verts, shaped.joints)


_TAPES: weakref.WeakKeyDictionary[BodyData, Tape] = weakref.WeakKeyDictionary()


def tape(data: BodyData) -> Tape:
    """The tape of a model, made once."""
    found = _TAPES.get(data)
    if found is None:
        found = _TAPES[data] = Tape(data)
    return found


def fit_betas(data: BodyData, wanted: Mapping[str, float]) -> Array:
    """The most ordinary shape that meets the ``wanted`` lengths: (B,) float64, each within 5 either way.

    wanted: metres, by names in MEASURES; what is not named is free. By Gauss and Newton's method with a weak prior on
    the betas' squares; lengths that no such body has are met as nearly as can be. Of more than 10 betas the others
    stay 0. Raises ValueError for an unknown name or a length that is not above 0.
    """
    for name, length in wanted.items():
        if name not in MEASURES:
            raise ValueError(f"wanted: there is no measure {name!r}; there are {', '.join(MEASURES)}")
        if not (np.isfinite(length) and length > 0):
            raise ValueError(f"wanted: expected a length above 0 for {name!r}, found {length}")
    poser, measures = Poser(data), tape(data)
    names = list(wanted)
    goal = np.array([wanted[name] for name in names])

    def off(betas: Array) -> Array:
        shaped = poser.shape(betas)
        sizes = measures.measure(shaped.verts, shaped.joints)
        lengths = (np.array([sizes[name] for name in names]) - goal) / _SPREAD
        return np.concatenate([lengths, _PRIOR * betas])

    found = np.zeros(data.shapedirs.shape[2])
    if names:
        searched = min(_BETAS, len(found))
        found[:searched] = _solve(off, searched)
    return found


def _solve(off: Callable[[Array], Array], count: int) -> Array:
    """Least squares of ``off``: Gauss-Newton steps within the limits, halved until they help."""
    betas = np.zeros(count)
    left = off(betas)
    for _ in range(_STEPS):
        slopes = np.stack([(off(betas + step) - off(betas - step)) / (2 * _STEP) for step in _STEP * np.eye(count)], 1)
        step = lsq_linear(slopes, -left, bounds=(-BETA_LIMIT - betas - 1e-9, BETA_LIMIT - betas + 1e-9)).x
        for _ in range(6):
            tried = np.clip(betas + step, -BETA_LIMIT, BETA_LIMIT)
            now = off(tried)
            if now @ now < left @ left:
                break
            step = step / 2
        else:
            break
        gain, betas, left = left @ left - now @ now, tried, now
        if gain < 1e-6 * (1 + left @ left):
            break
    return betas


# --- rings ------------------------------------------------------------------------------------------------------------


def _ring(verts: Array, edges: Array, low: float, high: float, *, widest: bool) -> _Ring:
    """The ring at the widest or narrowest level between two heights."""
    rings = [_crossings(verts, edges, 1, level) for level in np.linspace(low, high, _LEVELS)]
    girths = [_girth(ring.on(verts)[:, ::2]) for ring in rings]
    best = int(np.argmax(girths)) if widest else int(np.argmin([girth or np.inf for girth in girths]))
    return rings[best]


def _crossings(verts: Array, edges: Array, axis: int, level: float) -> _Ring:
    """Where edges go through the plane in which a coordinate has the value ``level``."""
    first, second = verts[edges[:, 0], axis] - level, verts[edges[:, 1], axis] - level
    through = (first < 0) != (second < 0)
    shares = first[through] / (first[through] - second[through])
    return _Ring(edges[through, 0], edges[through, 1], shares[:, None])


def _girth(points: Array) -> float:
    """The length of a tape around points of a plane (N, 2): their convex hull's; 0 where there are too few."""
    if len(points) < 3:
        return 0.0
    try:
        corners = points[ConvexHull(points).vertices]
    except QhullError:  # all on a line
        return 0.0
    return float(np.linalg.norm(corners - np.roll(corners, -1, axis=0), axis=1).sum())
