"""Words for the betas, from what they do: how each one changes measures of the body, against how people differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
from scipy.spatial import ConvexHull, QhullError

from lab.body.skeleton import joint
from lab.scene import Array

WORDS: Final = {
    "height": ("Taller", "shorter"),
    "bulk": ("Heavier", "slimmer"),
    "arms": ("Longer arms", "shorter arms"),
    "legs": ("Longer legs", "shorter legs"),
    "shoulders": ("Broader shoulders", "narrower shoulders"),
    "hips": ("Wider hips", "narrower hips"),
    "waist": ("Thicker waist", "thinner waist"),
    "chest": ("Fuller chest", "flatter chest"),
    "belly": ("Fuller belly", "flatter belly"),
    "thighs": ("Thicker thighs", "thinner thighs"),
    "calves": ("Thicker calves", "thinner calves"),
    "upper arms": ("Thicker arms", "thinner arms"),
    "head": ("Larger head", "smaller head"),
    "face": ("Wider face", "narrower face"),
    "neck": ("Longer neck", "shorter neck"),
    "throat": ("Thicker neck", "thinner neck"),
    "feet": ("Longer feet", "shorter feet"),
    "hands": ("Longer hands", "shorter hands"),
    "posture": ("More upright", "more bent"),
}
"""Measure -> what more of it and what less of it is called."""

SALIENCE: Final = {
    "height": 1.7,
    "bulk": 1.6,
    "legs": 1.2,
    "shoulders": 1.2,
    "waist": 1.1,
    "calves": 0.7,
    "hands": 0.7,
    "feet": 0.7,
    "neck": 0.7,
    "posture": 0.7,
}
"""How soon people see a change and name it, when betas share the words; 1 for the others."""

CLEAR: Final = 0.1  # of the people's spread; less than it nobody sees
SECOND: Final = 0.45  # from here on a second measure is named too
REACH: Final = 2.0  # standard deviations to both sides over which the betas are looked at
HALF_BAND: Final = 0.025  # metres


class Ruler:
    """Measures bodies in the rest pose. faces: (F, 3), closed; weights: (V, 24) of skinning."""

    def __init__(self, faces: Array, weights: Array) -> None:
        self._faces = faces

        def owned(*names: str) -> Array:
            return weights[:, [joint(name) for name in names]].sum(axis=1) > 0.5

        self._trunk = owned("pelvis", "spine1", "spine2", "spine3", "left_hip", "right_hip")
        self._skull = owned("head")
        self._throat = owned("neck", "head")
        self._leg = owned("left_hip", "left_knee", "left_ankle")
        self._arm = owned("left_shoulder", "left_elbow")
        self._hand = owned("left_wrist", "left_hand")
        self._foot = owned("left_ankle", "left_foot")

    def measure(self, verts: Array, joints: Array) -> dict[str, float]:
        """The measures that WORDS names: height in metres, bulk in litres per metre squared, the rest in heights."""
        place = {name: joints[joint(name)] for name in _PLACES}
        floor, top = float(verts[:, 1].min()), float(verts[:, 1].max())
        tall = top - floor
        hips, waist, chest = (self._across(verts, y) for y in self._levels(place))
        neck = 0.4 * place["head"] + 0.6 * place["neck"]
        elbow, knee = (
            0.5 * (place[a] + place[b]) for a, b in (("left_shoulder", "left_elbow"), ("left_hip", "left_knee"))
        )
        calf = 0.65 * place["left_knee"] + 0.35 * place["left_ankle"]
        lengths = {
            "arms": place["left_wrist"][0] - place["left_shoulder"][0],
            "legs": place["left_hip"][1] - floor,
            "shoulders": 2.0 * place["left_shoulder"][0],
            "hips": hips[0],
            "waist": _girth(self._slice(verts, self._trunk, 1, self._levels(place)[1]), 1),
            "chest": chest[1],
            "belly": waist[1],
            "thighs": _girth(self._slice(verts, self._leg, 1, knee[1]), 1),
            "calves": _girth(self._slice(verts, self._leg, 1, calf[1]), 1),
            "upper arms": _girth(self._slice(verts, self._arm, 0, elbow[0]), 0),
            "head": np.ptp(verts[self._skull, 1]),
            "neck": place["head"][1] - place["neck"][1],
            "throat": _girth(self._slice(verts, self._throat, 1, neck[1]), 1),
            "feet": np.ptp(verts[self._foot, 2]),
            "hands": np.ptp(verts[self._hand, 0]),
            "posture": place["pelvis"][2] - place["head"][2],
        }
        result = {name: float(value) / tall for name, value in lengths.items()}
        result["height"] = tall
        result["bulk"] = 1e3 * volume(verts, self._faces) / tall**2
        result["face"] = float(np.ptp(verts[self._skull, 0]) / np.ptp(verts[self._skull, 1]))
        return result

    @staticmethod
    def _levels(place: dict[str, Array]) -> tuple[float, float, float]:
        """The heights of hips, waist and chest."""
        middle = 0.5 * (place["spine1"][1] + place["spine2"][1])
        return place["left_hip"][1] - 0.02, middle, 0.55 * place["spine3"][1] + 0.45 * place["spine2"][1]

    @staticmethod
    def _slice(verts: Array, part: Array, axis: int, level: float) -> Array:
        return verts[part & (np.abs(verts[:, axis] - level) < HALF_BAND)]

    def _across(self, verts: Array, level: float) -> tuple[float, float]:
        """The width (x) and depth (z) of the trunk at a height."""
        band = self._slice(verts, self._trunk, 1, level)
        return (float(np.ptp(band[:, 0])), float(np.ptp(band[:, 2]))) if len(band) else (0.0, 0.0)


_PLACES: Final = (
    "pelvis", "spine1", "spine2", "spine3", "neck", "head", "left_hip", "left_knee", "left_ankle",
    "left_shoulder", "left_elbow", "left_wrist",
)  # fmt: skip


def _girth(points: Array, axis: int) -> float:
    """The length of the tape around points (P, 3), seen along an axis; 0 for too few of them."""
    flat = np.delete(points, axis, axis=1)
    try:
        return float(ConvexHull(flat).area) if len(flat) > 3 else 0.0
    except QhullError:  # all in one line
        return 0.0


def volume(verts: Array, faces: Array) -> float:
    """Cubic metres inside a closed surface (divergence theorem)."""
    a, b, c = (verts[faces[:, corner]] for corner in range(3))
    return float(np.einsum("fa,fa->", a, np.cross(b, c)) / 6.0)


def effects(
    ruler: Ruler, mean: Array, directions: Array, joints_of: Callable[[Array], Array], people: Array
) -> tuple[list[str], Array]:
    """Names of measures, and (B, M): their change per standard deviation of each beta, in the people's own spread.

    Measured between -REACH and REACH. mean: (V, 3), directions: (V, 3, B), people: (N, V, 3); joints_of gives (24, 3).
    """

    def measured(verts: Array) -> dict[str, float]:
        return ruler.measure(verts, joints_of(verts))

    crowd = [measured(verts.astype(np.float64)) for verts in people]
    names = [name for name in WORDS if np.std([person[name] for person in crowd]) > 1e-9]
    table = np.zeros((directions.shape[2], len(names)))
    for beta in range(len(table)):
        less, more = (measured(mean + side * REACH * directions[:, :, beta]) for side in (-1.0, 1.0))
        for column, name in enumerate(names):
            spread = float(np.std([person[name] for person in crowd]))
            table[beta, column] = (more[name] - less[name]) / (2.0 * REACH * spread)
    return names, table


def describe(names: list[str], table: Array) -> tuple[tuple[str, ...], Array]:
    """What each beta does: words, all different, and signs (B,), +-1, with which plus is what the words say.

    names: (M,) of measures, table: (B, M) of effects. The clearest pairs of beta and measure come first; a measure
    leads the words of one beta only.
    """
    lead: dict[int, int] = {}
    seen = np.abs(table) * np.array([SALIENCE.get(name, 1.0) for name in names])
    for flat in np.argsort(-seen, axis=None, kind="stable"):
        beta, measure = divmod(int(flat), len(names))
        if beta not in lead and measure not in lead.values() and abs(table[beta, measure]) >= CLEAR:
            lead[beta] = measure
    signs = np.ones(len(table))
    words = []
    for beta, row in enumerate(table):
        if beta not in lead:
            words.append(f"Fine shape {beta + 1}")
            continue
        signs[beta] = 1.0 if row[lead[beta]] > 0.0 else -1.0
        words.append(_phrase(row * signs[beta], seen[beta], lead[beta], names))
    return tuple(words), signs


def _phrase(row: Array, seen: Array, lead: int, names: list[str]) -> str:
    """The words for one beta: its leading measure, and the next one when that is clear too."""
    second = int(np.argmax(seen * (np.arange(len(row)) != lead)))
    if abs(row[second]) < SECOND:
        return WORDS[names[lead]][0]
    more, less = WORDS[names[second]]
    return f"{WORDS[names[lead]][0]}, {more[0].lower() + more[1:] if row[second] > 0.0 else less}"
