"""Shape and pose: every slider of the body, and joints that can be pulled."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lab.body.presets import POSTURES
from lab.body.skeleton import JOINTS, POSE
from lab.chapter import Onward, Preset, StudyActivity
from lab.params import choice, file, number, numbers, switch, text
from lab.study import Action, Pane

NEUTRAL, FEMALE, MALE, OWN = "neutral", "female", "male", "own file"
LIGHT, FULL = "light", "full"
VECTOR, EULER = "rotation vector", "Euler angles XYZ"
MIRROR, RESET_POSE, RESET_SHAPE = "mirror", "reset-pose", "reset-shape"
RANDOM_POSE, RANDOM_SHAPE, FIT = "random-pose", "random-shape", "fit"

BETA_WORDS = (
    "Taller",
    "Broader shoulders",
    "Longer legs",
    "Thicker thighs",
    "Thicker waist",
    "Heavier",
    "Longer hands",
    "Wider face",
    "Thicker arms",
    "Larger head",
)
"""What each beta of the neutral model does most, as its file has it. Those of other models are in the table."""

REACH = 20.0
"""Metres: how far a joint may be pulled from the origin."""

_BODY, _SHAPE, _POSE, _PULLING, _WANTED, _SHOWN = "Body", "Shape", "Pose", "Pulling joints", "Measurements", "Shown"


def _wanted(label: str, doc: str, most: float) -> float:
    return number(
        0.0, label, f"{doc} 0 leaves it free.", minimum=0.0, maximum=most, unit="cm", group=_WANTED, advanced=True
    )


def _pulled(axis: str) -> float:
    return number(
        0.0,
        f"Pulled to {axis}",
        f"The {axis} that a joint is pulled to.",
        minimum=-REACH,
        maximum=REACH,
        unit="m",
        hidden=True,
    )


@dataclass(frozen=True)
class BodyParams:
    """Parameters of "Shape and pose". Metres, radians; world: Y up, the body looks along +Z, its left towards +X."""

    model: str = choice(
        NEUTRAL,
        "Model",
        "One of the lab's open bodies, or a SMPL file of your own.",
        (NEUTRAL, FEMALE, MALE, OWN),
        group=_BODY,
    )
    detail: str = choice(
        LIGHT,
        "Detail",
        "Light has about as many vertices as SMPL, full twice as many.",
        (LIGHT, FULL),
        group=_BODY,
        when=("model", (NEUTRAL, FEMALE, MALE)),
    )
    own: str = file(
        "Own file",
        "A SMPL, SMPL-H or SMPL-X model: .pkl or .npz. Nothing in it is executed.",
        group=_BODY,
        when=("model", (OWN,)),
    )
    betas: tuple[float, ...] = numbers(
        (0.0,) * len(BETA_WORDS),
        "Betas",
        "How far the shape goes along each principal component, in standard deviations. Most people are within ±2.",
        minimum=-5.0,
        maximum=5.0,
        names=BETA_WORDS,
        group=_SHAPE,
    )
    joint: str = choice(
        "left_shoulder",
        "Joint",
        "The joint whose angles are shown. Or click a dot in the view.",
        JOINTS,
        group=_POSE,
    )
    angles: str = choice(
        VECTOR,
        "Angles",
        "The rotation vector that SMPL has for each joint, or turns about the moving axes x, y and z.",
        (VECTOR, EULER),
        group=_POSE,
    )
    pose: tuple[float, ...] = numbers(
        (0.0,) * POSE,
        "Pose",
        "The joint's rotation relative to its parent: an axis, as long as the angle.",
        minimum=-math.pi,
        maximum=math.pi,
        names=("x", "y", "z"),
        pages=JOINTS,
        page_by="joint",
        degrees=True,
        group=_POSE,
        when=("angles", (VECTOR,)),
    )
    euler: tuple[float, ...] = numbers(
        (0.0, 0.0, 0.0),
        "Euler angles",
        "The same rotation as turns about x, then the moved y, then the moved z.",
        minimum=-math.pi,
        maximum=math.pi,
        names=("about x", "about y", "about z"),
        degrees=True,
        group=_POSE,
        when=("angles", (EULER,)),
    )
    limits: bool = switch(True, "Limits", "Keep every joint within what a healthy adult can do.", group=_POSE)
    correctives: bool = switch(
        True, "Pose correctives", "Add what the pose does to the skin: bent limbs crease less.", group=_POSE
    )
    transl: tuple[float, ...] = numbers(
        (0.0, 0.0, 0.0),
        "Translation",
        "Added to the whole body, last of all.",
        minimum=-5.0,
        maximum=5.0,
        names=("x", "y", "z"),
        unit="m",
        group=_POSE,
    )
    grounded: bool = switch(
        True,
        "Stand on the floor",
        "Count the translation from where the body touches the floor, y = 0. Off: from the origin of the model's file.",
        group=_POSE,
    )
    feet: bool = switch(
        True, "Feet stay", "While a joint is pulled, the feet that are not pulled stay where they are.", group=_PULLING
    )
    follow: bool = switch(
        True, "Whole body follows", "While a joint is pulled, the pelvis may move and turn.", group=_PULLING
    )
    height: float = _wanted("Height", "From the soles to the top of the head.", 250.0)
    chest: float = _wanted("Chest", "Around the chest, below the arms.", 200.0)
    waist: float = _wanted("Waist", "Around the narrowest part of the trunk.", 200.0)
    hip: float = _wanted("Hip", "Around the widest part below the waist.", 200.0)
    arm_length: float = _wanted("Arm", "From shoulder by elbow to wrist.", 100.0)
    leg_length: float = _wanted("Leg", "From hip by knee and ankle to the sole.", 150.0)
    dots: bool = switch(True, "Joints", "A dot at each joint. Drag it, and the body follows.", group=_SHOWN)
    rings: bool = switch(True, "Rings", "Rings at the chosen joint, to turn it by hand.", group=_SHOWN)
    bones: bool = switch(False, "Bones", "The tree of joints, inside a body that lets one look in.", group=_SHOWN)
    ghost: bool = switch(False, "T-pose", "The same body unposed, as a ghost.", group=_SHOWN)
    side: bool = switch(False, "Second view", "The body once more, with a camera of its own.", group=_SHOWN)
    table: bool = switch(
        False, "Tables", "All joints with their angles, and what the betas of the model do.", group=_SHOWN
    )
    pull: str = text("", "Pulled joint", "The joint that was pulled last.", hidden=True)
    pull_x: float = _pulled("x")
    pull_y: float = _pulled("y")
    pull_z: float = _pulled("z")
    grip: float = number(
        0.0, "Grip", "Which pose the last pull began in.", minimum=0.0, maximum=float(2**32), hidden=True
    )
    draw: float = number(0.0, "Draw", "How many times chance was asked.", minimum=0.0, maximum=1e9, hidden=True)


BODY = StudyActivity(
    key="body",
    title="Shape and pose",
    summary="Shape a body, pull its joints, and read its measures: SMPL's 10 betas and 72 pose numbers at once.",
    params=BodyParams,
    lesson="body.md",
    study="lab.body.studio.study:BodyStudy",
    panes=(
        (
            Pane(
                "body",
                "Body",
                "view",
                "Drag a dot to pull a joint. Click it to choose the joint, then turn it by the rings.",
                linked=False,
            ),
            Pane("second", "Second view", "view", "The same body. This camera is moved by itself.", linked=False),
        ),
        (
            Pane("table", "Pose", "table", "Degrees: the rotation vector of each joint, and whether it is at a limit."),
            Pane("shape", "Shape", "table", "What each beta of this model does, and its value."),
        ),
    ),
    actions=(
        Action(MIRROR, "Mirror", "Exchange left and right."),
        Action(RESET_POSE, "Reset pose", "Back to the T-pose, in the middle."),
        Action(RESET_SHAPE, "Reset shape", "All betas to 0: the mean body."),
        Action(RANDOM_POSE, "Random pose", "A pose as in recorded motions: drawn from the pose prior."),
        Action(RANDOM_SHAPE, "Random shape", "Betas drawn from the population that the model was made of."),
        Action(FIT, "Fit to measurements", "Find the betas that meet the measurements that are not 0."),
    ),
    presets=tuple(Preset(posture.title, posture.doc, {"pose": posture.pose}) for posture in POSTURES),
    figures={
        "Height": "From the soles to the top of the head, unposed.",
        "Chest": "Around the chest, below the arms.",
        "Waist": "Around the narrowest part of the trunk.",
        "Hip": "Around the widest part below the waist.",
        "Arm": "From shoulder by elbow to wrist.",
        "Leg": "From hip by knee and ankle to the sole.",
        "Inseam": "From the crotch to the soles.",
        "Weight": "Volume times 1,010 kg/m³, the mean density of a living body.",
        "Volume": "What the unposed body's surface encloses.",
        "Pose energy": "Of the pose prior: the lower, the commoner in recorded motions.",
        "At a limit": "Joints that cannot turn on in some direction.",
        "Shape": "The sum of the squared betas; about 10 for a person picked by chance.",
    },
)

GO_ON = Onward(BODY.key, ("model", "betas", "pose"))
"""A body that was found goes on in these sliders."""
