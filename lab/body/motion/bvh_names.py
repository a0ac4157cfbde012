"""Which joints of a skeleton are SMPL's, by the names that common programs and collections give them.

CMU (cgspeed), Mixamo, LAFAN1, Rokoko, Biovision's own, MotionBuilder, 3ds Max, Poser, Blender's rigs and SMPL itself.
"""

from __future__ import annotations

import re
from typing import Final

_SIDES: Final = {"left": ("left", "l"), "right": ("right", "r")}

_MIDDLE: Final = {
    "pelvis": ("hips", "hip", "pelvis", "root"),
    "neck": ("neck", "neck1", "neck01", "upperneck"),
    "head": ("head",),
}
_LIMBS: Final = {
    "hip": ("upleg", "thigh", "upperleg", "hip", "hipjoint", "femur"),
    "knee": ("knee", "calf", "shin", "lowerleg", "lowleg", "tibia", "leg"),
    "ankle": ("ankle", "foot"),
    "foot": ("toebase", "toe", "toes", "toe0", "ball", "foot", "footend", "ankleend"),
    "collar": ("collar", "clavicle", "shoulder"),
    "shoulder": ("arm", "upperarm", "uparm", "shoulder", "shldr", "humerus"),
    "elbow": ("forearm", "elbow", "lowerarm", "lowarm", "radius"),
    "wrist": ("wrist", "hand"),
    "hand": ("hand",),
}
_NEEDED: Final = ("hip", "knee", "ankle", "shoulder", "elbow")


def match(names: list[str], parents: list[int]) -> dict[str, int]:
    """SMPL's names -> numbers of the skeleton's joints. Raises ValueError when limbs are missing.

    The spine has many names: its joints are those between the pelvis and the joint from which neck and arms branch.
    """
    plain = [_plain(name) for name in names]
    found: dict[str, int] = {}
    for key, words in _MIDDLE.items():
        _take(found, key, plain, words)
    found.setdefault("pelvis", 0)
    for side, marks in _SIDES.items():
        for part, words in _LIMBS.items():
            _take(found, f"{side}_{part}", plain, tuple(_sided(word, mark) for word in words for mark in marks))
        _untangle(found, side)
    missing = [f"{side} {part}" for side in _SIDES for part in _NEEDED if f"{side}_{part}" not in found]
    if missing:
        raise ValueError(f"its joints are named in an unknown way: no {', no '.join(missing[:3])} was found")
    if found["left_hip"] == found["pelvis"] or found["right_hip"] == found["pelvis"]:
        raise ValueError("its hips are no joints of their own")
    _add_spine(found, parents)
    if not {"spine3", "neck", "head"} & set(found):
        raise ValueError("it has no spine, no neck and no head that are joints of their own")
    return found


def _plain(name: str) -> str:
    """Lower case letters and digits, without what stands before a colon: "mixamorig:LeftUpLeg" is "leftupleg"."""
    return re.sub(r"[^a-z0-9]", "", name.rpartition(":")[2].lower().replace("bip01", ""))


def _sided(word: str, mark: str) -> tuple[str, str]:
    return mark + word, word + mark


def _take(found: dict[str, int], key: str, plain: list[str], words: tuple[str | tuple[str, str], ...]) -> None:
    """The first word that some joint has which is not taken yet."""
    for word in words:
        options = (word,) if isinstance(word, str) else word
        for option in options:
            if option in plain and plain.index(option) not in found.values():
                found[key] = plain.index(option)
                return


def _untangle(found: dict[str, int], side: str) -> None:
    """A shoulder that is the arm itself is no collar."""
    if f"{side}_shoulder" not in found and f"{side}_collar" in found:
        found[f"{side}_shoulder"] = found.pop(f"{side}_collar")


def _add_spine(found: dict[str, int], parents: list[int]) -> None:
    arms = [_way(found[f"{side}_shoulder"], parents) for side in _SIDES]
    shared = [number for number in arms[0] if number in arms[1]]
    way = shared[: shared.index(found["pelvis"])][::-1] if found["pelvis"] in shared else []
    taken = set(found.values())
    way = [number for number in way if number not in taken]
    if way:
        found["spine3"] = way[-1]
    if len(way) > 1:
        found["spine1"] = way[0]
    if len(way) > 2:
        found["spine2"] = way[len(way) // 2]


def _way(number: int, parents: list[int]) -> list[int]:
    """The joints above one, nearest first."""
    way = []
    while parents[number] >= 0:
        number = parents[number]
        way.append(number)
    return way
