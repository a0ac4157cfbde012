"""Skinning from the ground: weights, joints, correctives, and where blending matrices goes wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from lab.body.presets import POSTURES
from lab.body.skeleton import JOINTS
from lab.chapter import Preset, StudyActivity
from lab.chapters.body.body import BETA_WORDS
from lab.params import choice, integer, number, numbers, switch, text
from lab.study import Action, Pane

BODY, CYLINDER = "body", "cylinder with two joints"
NEUTRAL, FEMALE, MALE = "neutral", "female", "male"
LINEAR, DUAL = "linear", "dual quaternion"
WEIGHT, BLENDED, CORRECTIVES, CLAY = "weights of the joint", "all joints", "pose correctives", "clay"
ADD, ERASE, SMOOTH = "add", "erase", "smooth"
SKIN, AIR = "along the skin", "through the air"
UNDO, ORIGINAL = "undo-dab", "original-weights"

BONES: Final = ("lower", "upper")
"""The joints of the cylinder; the upper one hangs on the lower one."""

REACH: Final = 20.0
"""Metres: how far the brush may be from the origin."""

_OBJECT, _JOINT, _STEPS, _PAINT, _SHOWN = "Object", "Joint", "Steps", "Painting", "Shown"


_BRUSH: Final[dict[str, Any]] = {"group": _PAINT, "when": ("paint", (True,))}


def _hidden_place(axis: str) -> float:
    return number(
        0.0, f"Brush {axis}", f"The {axis} of the brush.", minimum=-REACH, maximum=REACH, unit="m", hidden=True
    )


def _pose(**angles: tuple[float, float, float]) -> tuple[float, ...]:
    """SMPL's 72 numbers, radians, from degrees for each joint that is not at rest."""
    return tuple(math.radians(angle) for name in JOINTS for angle in angles.get(name, (0.0, 0.0, 0.0)))


def _turn(x: float, y: float, z: float) -> tuple[float, ...]:
    """The upper bone of the cylinder turned by degrees."""
    return (0.0, 0.0, 0.0, *map(math.radians, (x, y, z)))


def _rotations(
    label: str, doc: str, joints: tuple[str, ...], page_by: str, thing: str, first: Sequence[float]
) -> tuple[float, ...]:
    """A rotation vector for each joint of ``thing``, radians."""
    return numbers(
        first,
        label,
        doc,
        minimum=-math.pi,
        maximum=math.pi,
        names=("x", "y", "z"),
        pages=joints,
        page_by=page_by,
        degrees=True,
        group=_JOINT,
        when=("object", (thing,)),
    )


@dataclass(frozen=True)
class SkinningParams:
    """Parameters of "Skinning from the ground". Metres, radians; world: Y up, the body looks along +Z."""

    object: str = choice(
        BODY, "Object", "A body, or a cylinder that is as simple as can be.", (BODY, CYLINDER), group=_OBJECT
    )
    model: str = choice(
        NEUTRAL,
        "Model",
        "One of the lab's open bodies.",
        (NEUTRAL, FEMALE, MALE),
        group=_OBJECT,
        when=("object", (BODY,)),
    )
    skinning: str = choice(
        LINEAR,
        "Skinning",
        "Blend the joints' matrices, as SMPL does, or their unit dual quaternions, which stay rigid motions.",
        (LINEAR, DUAL),
        group=_OBJECT,
    )
    softness: float = number(
        0.3,
        "Softness",
        "How long the part of the cylinder is that both joints hold.",
        minimum=0.0,
        maximum=0.9,
        unit="m",
        group=_OBJECT,
        when=("object", (CYLINDER,)),
    )
    joint: str = choice(
        "left_elbow",
        "Joint",
        "Whose weights are shown, painted and turned. Or click its dot, or the skin that it holds.",
        JOINTS,
        group=_JOINT,
        when=("object", (BODY,)),
    )
    pose: tuple[float, ...] = _rotations(
        "Pose",
        "The joint's rotation relative to its parent: an axis, as long as the angle.",
        JOINTS,
        "joint",
        BODY,
        _pose(left_elbow=(0, -75, 0)),
    )
    bone: str = choice("upper", "Joint", "One of the cylinder's.", BONES, group=_JOINT, when=("object", (CYLINDER,)))
    turn: tuple[float, ...] = _rotations(
        "Turn", "As the pose of a body; y is along the cylinder.", BONES, "bone", CYLINDER, _turn(0, 0, 75)
    )
    step: float = number(
        3.0,
        "Step",
        "0: the template. 1: shaped. 2: with pose correctives. 3: skinned. Play shows them one after another.",
        minimum=0.0,
        maximum=3.0,
        play=True,
        group=_STEPS,
    )
    betas: tuple[float, ...] = numbers(
        (0.0,) * len(BETA_WORDS),
        "Betas",
        "Step 1: the shape, in standard deviations along each principal component.",
        minimum=-5.0,
        maximum=5.0,
        names=BETA_WORDS,
        group=_STEPS,
        advanced=True,
        when=("object", (BODY,)),
    )
    correctives: bool = switch(
        True,
        "Pose correctives",
        "Step 2: add to the template what this pose does to the skin.",
        group=_STEPS,
        when=("object", (BODY,)),
    )
    colours: str = choice(
        WEIGHT,
        "Colours",
        "What the skin shows: how much the joint holds it, who holds it, how far correctives move it, or its form.",
        (WEIGHT, BLENDED, CORRECTIVES, CLAY),
        group=_SHOWN,
    )
    vertex: int = integer(
        -1,
        "Vertex",
        "Whose equation is written out. Click one. -1: where the joint and its parent share the skin most evenly.",
        minimum=-1,
        maximum=10_000_000,
        group=_SHOWN,
    )
    bones: bool = switch(False, "Bones", "The joints' tree, in a body that one can look into.", group=_SHOWN)
    rest: bool = switch(False, "Before skinning", "A second view: what goes into step 3.", group=_SHOWN)
    profile: bool = switch(False, "Thickness", "A plot of how thick the limb is along the joint's bones.", group=_SHOWN)
    paint: bool = switch(
        False, "Paint weights", "A click on the skin is a dab. Drag the brush's dot for a stroke.", group=_PAINT
    )
    brush: str = choice(
        ADD,
        "Brush",
        "Give skin to the joint, take it away, or even out the weights with those around.",
        (ADD, ERASE, SMOOTH),
        **_BRUSH,
    )
    radius: float = number(
        0.06,
        "Radius",
        "How far a dab reaches.",
        minimum=0.005,
        maximum=0.4,
        unit="m",
        log=True,
        **_BRUSH,
    )
    strength: float = number(
        0.5,
        "Strength",
        "How much of the way a dab goes in its middle.",
        minimum=0.01,
        maximum=1.0,
        **_BRUSH,
    )
    reach: str = choice(
        SKIN,
        "Distance",
        "How the radius is measured. Through the air, a dab on a thigh also meets the other one.",
        (SKIN, AIR),
        **_BRUSH,
    )
    dabs: str = text(
        "",
        "Dabs",
        "All dabs. A line such as 'body left_elbow add skin 60 0.5', the radius in mm, then a line 'x y z' in mm for "
        "each dab, in the template.",
        hidden=True,
    )
    picked: int = integer(
        -1, "Click on the skin", "The vertex that was clicked just now.", minimum=-1, maximum=10_000_000, hidden=True
    )
    stroke: float = number(
        0.0, "Stroke", "Which dabs the last stroke began with.", minimum=0.0, maximum=float(2**33), hidden=True
    )
    brush_x: float = _hidden_place("x")
    brush_y: float = _hidden_place("y")
    brush_z: float = _hidden_place("z")


_WRUNG: Final[dict[str, Any]] = {"object": CYLINDER, "turn": _turn(0, 180, 0), "softness": 0.6, "profile": True}
_FOLDED: Final[dict[str, Any]] = {"object": CYLINDER, "turn": _turn(0, 0, 120), "profile": True}
_TWISTED: Final[dict[str, Any]] = {
    "joint": "left_wrist",
    "pose": _pose(left_wrist=(180, 0, 0)),
    "correctives": False,
    "profile": True,
}
_BENT: Final[dict[str, Any]] = {
    "joint": "left_elbow",
    "pose": _pose(left_elbow=(0, -140, 0)),
    "colours": CLAY,
    "profile": True,
}
_ADDED: Final[dict[str, Any]] = {**_BENT, "colours": CORRECTIVES, "profile": False}
_SQUAT: Final[dict[str, Any]] = {
    "joint": "left_knee",
    "pose": next(posture.pose for posture in POSTURES if posture.title == "Squat"),
    "betas": (2.0, -2.0, 1.5, *(0.0,) * (len(BETA_WORDS) - 3)),
    "colours": CLAY,
}

SKINNING = StudyActivity(
    key="skinning",
    title="Skinning from the ground",
    summary="See, turn and paint what holds the skin: weights, the four steps of SMPL, and where matrices collapse.",
    params=SkinningParams,
    lesson="skinning.md",
    study="lab.body.skinning.study:SkinningStudy",
    panes=(
        (
            Pane(
                "body",
                "Skin",
                "view",
                "Click the skin or a dot to choose a joint, then turn it by the rings. While painting, click for dabs.",
                pick="picked",
            ),
            Pane("rest", "Before skinning", "view", "The template with all that was added to it."),
        ),
        (
            Pane(
                "vertex", "One vertex", "table", "Where the vertex comes from, who holds it, and where it goes; metres."
            ),
            Pane("steps", "Four steps", "text", "What each step does, and how far it moves a vertex at most."),
            Pane("profile", "Thickness", "plot", "How far the skin is from the middle of each slice (RMS)."),
        ),
    ),
    actions=(
        Action(UNDO, "Undo dab", "Take back the last dab."),
        Action(ORIGINAL, "Original weights", "Take back all dabs."),
    ),
    presets=(
        Preset("A bent elbow", "75°, skinned as SMPL does it; in colours what the elbow holds.", {}),
        Preset(
            "Candy wrapper", "A twist of 180°. In the middle two matrices have half a say; their mean is flat.", _WRUNG
        ),
        Preset("The same with dual quaternions", "A mean that is a rigid motion itself.", {**_WRUNG, "skinning": DUAL}),
        Preset("Bent cylinder", "A bend of 120°: the inner side folds, the outer one is cut short.", _FOLDED),
        Preset("Bent with dual quaternions", "The price: the outer side bulges.", {**_FOLDED, "skinning": DUAL}),
        Preset("Twisted wrist", "The candy wrapper on a body: a hand turned by 180°.", _TWISTED),
        Preset("Twisted wrist, dual quaternions", "Blended as rigid motions.", {**_TWISTED, "skinning": DUAL}),
        Preset("Collapsing elbow", "Bent by 140° with nothing but linear blending.", {**_BENT, "correctives": False}),
        Preset("The same with pose correctives", "What the pose adds to the template smooths the crease.", _BENT),
        Preset("Where correctives act", "How far each vertex is moved before skinning, in millimetres.", _ADDED),
        Preset("Four steps", "Press Play: template, shaped, with pose correctives, skinned.", {**_SQUAT, "step": 0.0}),
        Preset("Who holds what", "Each joint with a colour of its own, mixed by the weights.", {"colours": BLENDED}),
    ),
    figures={
        "Largest shape offset": "Of all vertices: how far the betas move it.",
        "Largest pose corrective": "Of all vertices: how far the pose moves it in the template.",
        "Largest way of skinning": "Of all vertices: from the corrected template to the pose.",
        "Volume": "Of what is seen, by that of the shaped body at rest. Skin that collapses loses some.",
        "Thinnest slice": "Of the joint's bones: how thick it is, by how thick it was at rest.",
        "Length of the blend": "|Σ w q̂| of the vertex before it is made a unit again; 1 where all joints agree.",
        "Vertex": "Whose equation is written out.",
        "Held by": "How many joints have a weight at the vertex.",
        "Dabs": "How many were painted on this object.",
    },
)
"""The study "Skinning from the ground"."""
