"""Motion: clips and files of motions, laid onto any shape of the body."""

from __future__ import annotations

from dataclasses import dataclass

from lab.body.skeleton import JOINTS
from lab.chapter import Preset, StudyActivity
from lab.chapters.body.body import BETA_WORDS
from lab.params import choice, file, integer, number, numbers, switch
from lab.study import Action, Pane

CLIPS = {
    "walk": "walk",
    "run": "run",
    "jump": "jump",
    "dance": "dance_a",
    "another dance": "dance_b",
    "kick": "kick",
    "punch": "punch",
    "spin": "spin",
    "spin kick": "spinkick",
    "backflip": "backflip",
    "cartwheel": "cartwheel",
    "roll": "roll",
    "crawl": "crawl",
    "get up from the belly": "getup_facedown",
    "get up from the back": "getup_faceup",
}
"""The bundled clips: what people call them, and how their files are named."""

OWN = "own file"
MODELS = ("neutral", "female", "male")
FEET, JOINT, SPEED = "feet above the floor", "a joint's rotation", "speed"
FILM = "film"
LONGEST = 3600.0
"""Seconds: a longer motion is shown up to here."""


@dataclass(frozen=True)
class MotionParams:
    """Parameters of "Motion". Seconds, metres, radians; world: Y up, the floor at y = 0."""

    clip: str = choice("walk", "Clip", "A motion that comes with the lab, or your own.", (*CLIPS, OWN), group="Motion")
    own: str = file(
        "Own file",
        "A motion of your own: .npz as AMASS has it (SMPL, SMPL-H or SMPL-X), or .bvh from a motion capture.",
        group="Motion",
        when=("clip", (OWN,)),
    )
    time: float = number(
        0.0,
        "Time",
        "What is shown; Play lets it run in real time, from the start again after the end.",
        minimum=0.0,
        maximum=LONGEST,
        unit="s",
        group="Motion",
        play=True,
    )
    speed: float = number(
        1.0, "Speed", "1 is as fast as it was recorded.", minimum=0.1, maximum=4.0, log=True, unit="×", group="Motion"
    )
    in_place: bool = switch(False, "Keep in place", "Leave out the way over the floor.", group="Motion")
    feet_stand: bool = switch(
        True,
        "Feet stand",
        "Feet that touch the floor stand still, and nothing sinks into it. Off: as it was recorded.",
        group="Floor",
    )
    smoothing: float = number(
        0.0,
        "Smoothing",
        "Width of the Gaussian over time that rotations and the way are averaged with.",
        minimum=0.0,
        maximum=0.5,
        unit="s",
        group="Floor",
    )
    model: str = choice("neutral", "Model", "Which of the lab's bodies moves.", MODELS, group="Body")
    own_model: str = file(
        "Own model", "A SMPL file (.pkl or .npz) in place of the lab's body.", group="Body", advanced=True
    )
    betas: tuple[float, ...] = numbers(
        (0.0, 0.0, 0.0, 0.0),
        "Shape",
        "The first betas. The way is as long as the legs make it.",
        minimum=-5.0,
        maximum=5.0,
        names=BETA_WORDS[:4],
        group="Body",
    )
    ghosts: int = integer(
        0, "Ghosts", "Poses before and after this one, pale, to either side.", minimum=0, maximum=6, group="Shown"
    )
    spacing: float = number(
        0.2,
        "Between ghosts",
        "Seconds from one to the next.",
        minimum=0.05,
        maximum=2.0,
        unit="s",
        group="Shown",
        advanced=True,
    )
    traces: bool = switch(True, "Way and footprints", "The way of the pelvis, and where feet stand.", group="Shown")
    curves: str = choice(FEET, "Curves", "What the curves show.", (FEET, JOINT, SPEED), group="Shown")
    joint: str = choice(
        "left_knee", "Joint", "Whose rotation the curves show.", JOINTS, group="Shown", when=("curves", (JOINT,))
    )
    film_height: int = integer(
        480, "Film height", "Pixels of the film's height.", minimum=120, maximum=1080, group="Film", advanced=True
    )


MOTION = StudyActivity(
    key="motion",
    title="Motion",
    summary="Play motions on any shape of the body: clips, AMASS and BVH files, with feet that stand.",
    params=MotionParams,
    lesson="motion.md",
    study="lab.body.motion.study:MotionStudy",
    panes=(
        (Pane("body", "Body", "view", "The body at this time, on the floor."),),
        (Pane("curves", "Over time", "plot", "The whole clip; the line is where it stands now."),),
    ),
    actions=(Action(FILM, "Make film", "Draw every frame at the clip's own rate; save it from the results."),),
    presets=(
        Preset("A walk", "One step of each foot. Press Play.", {}),
        Preset("Trail", "Poses before and after this one.", {"clip": "cartwheel", "ghosts": 4, "time": 1.2}),
        Preset(
            "As it was recorded",
            "Without any help: hands go through the floor, and feet slide.",
            {"clip": "get up from the belly", "feet_stand": False, "time": 1.2},
        ),
        Preset("On the spot", "A run without its way.", {"clip": "run", "in_place": True}),
        Preset("In slow motion", "A backflip at a quarter of its speed.", {"clip": "backflip", "speed": 0.25}),
        Preset(
            "Smoothed away",
            "Half a second of smoothing takes the kick out of a kick.",
            {"clip": "kick", "smoothing": 0.3, "curves": JOINT, "joint": "right_hip"},
        ),
    ),
    figures={
        "Sliding": "How fast points of the soles move along the floor while they stand, on the average.",
        "Sliding, recorded": "The same of the motion as it was recorded.",
        "Below the floor": "The deepest that any part of the body is below the floor, in the whole clip.",
        "Below the floor, recorded": "The same of the motion as it was recorded.",
        "Pose prior": "E of this pose under the mixture of Gaussians: the lower, the commoner.",
        "Speed of the pelvis": "Along the floor, at this time.",
    },
)
