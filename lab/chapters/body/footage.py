"""A body in each picture of a film, one shape for all, without jerks."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import ExperimentActivity, Preset, Term
from lab.chapters.body.scan import BODIES
from lab.chapters.body.smplify import TERMS
from lab.params import choice, file, integer, number
from lab.study import Pane

MADE, FILM, FOLDER = "made by the lab", "film", "folder of pictures"
CLIPS = ("walk", "run", "dance_a", "kick", "punch", "jump", "spin")


@dataclass(frozen=True)
class FootageParams:
    """Parameters of a fit to a film. World: Y up, metres, the feet near the floor, the camera stands still."""

    source: str = choice(
        MADE,
        "Film from",
        f"{MADE}: a known motion, seen with noise, so that errors are known; {FILM}: a video file; "
        f"{FOLDER}: the folder of the picture that is chosen.",
        (MADE, FILM, FOLDER),
        group="Film",
    )
    clip: str = choice("walk", "Motion", "What the made person does.", CLIPS, when=("source", (MADE,)), group="Film")
    turn: float = number(
        35.0,
        "Turned",
        "How far the made person's way is turned from the camera.",
        minimum=-180.0,
        maximum=180.0,
        unit="°",
        when=("source", (MADE,)),
        group="Film",
    )
    noise: float = number(
        3.0,
        "Noise",
        "Of the made 2D joints, where the person is 500 pixels tall.",
        minimum=0.0,
        maximum=30.0,
        unit="px",
        when=("source", (MADE,)),
        group="Film",
    )
    path: str = file(
        "Film or picture",
        "A video, or one picture of a folder. The camera must stand still.",
        when=("source", (FILM, FOLDER)),
        group="Film",
    )
    keypoints: str = file(
        "Joints",
        "One of a folder of OpenPose's JSON files, one a picture, in order of name. Without, joints are found.",
        when=("source", (FILM, FOLDER)),
        group="Film",
        advanced=True,
    )
    fps: float = number(
        30.0,
        "Pictures a second",
        "Of a folder; a video says it itself.",
        minimum=1.0,
        maximum=240.0,
        when=("source", (FOLDER,)),
        group="Film",
    )
    skip: int = integer(
        1, "Every so manieth", "Which pictures are used; 1 is all.", minimum=1, maximum=60, group="Film"
    )
    focal: float = number(
        0.0,
        "Focal length",
        "In pixels of the film; 0 is that of a normal lens, 1.2 times the longer side.",
        minimum=0.0,
        maximum=50_000.0,
        unit="px",
        group="Film",
        advanced=True,
    )
    model: str = choice("neutral", "Body", "Which of the lab's bodies is fitted.", BODIES, group="Body")
    data_weight: float = number(
        1.0, "Joints in the picture", "Weight; 1 is as published.", minimum=0.0, maximum=10.0, live=True, term="data",
        group="Objective",
    )  # fmt: skip
    pose_weight: float = number(
        1.0, "Pose prior", "Weight; 1 is as published.", minimum=0.0, maximum=10.0, live=True, term="pose_prior",
        group="Objective",
    )  # fmt: skip
    limits_weight: float = number(
        0.1, "Joint limits", "Weight; 1 is as published.", minimum=0.0, maximum=10.0, live=True, term="limits",
        group="Objective",
    )  # fmt: skip
    collision_weight: float = number(
        1.0, "Interpenetration", "Weight; 1 is as published.", minimum=0.0, maximum=10.0, live=True, term="collision",
        group="Objective",
    )  # fmt: skip
    shape_weight: float = number(
        1.0, "Shape prior", "Weight; 1 is as published.", minimum=0.0, maximum=10.0, live=True, term="shape_prior",
        group="Objective",
    )  # fmt: skip
    smooth_weight: float = number(
        1.0,
        "Smoothness",
        "How much accelerations of the joints cost; at 1, 5 m/s² are as usual as joints that are 3 pixels off.",
        minimum=0.0,
        maximum=100.0,
        live=True,
        term="smooth",
        group="Objective",
    )
    frames: int = integer(40, "Pictures", "How many after the first.", minimum=2, maximum=600, group="Film")


FOOTAGE = ExperimentActivity(
    key="body-footage",
    title="Body in a film",
    summary="A pose for each picture of a film, one shape for all, smooth in time.",
    params=FootageParams,
    lesson="body_footage.md",
    experiment="lab.body.smplify.footage:BodyFootage",
    steps="frames",
    result="body",
    pictures=(
        Pane("overlay", "Body over the picture", "picture", "The body as it is now, seen by the camera."),
        Pane("joints", "Joints", "picture", "Rings: the joints in the picture. Dots: those of the body."),
    ),
    terms=(*TERMS, Term("smooth", "Smoothness", "smooth_weight", "#8affff", "#0a6ea0")),
    presets=(
        Preset("A walk", "Seen from the side, joints 3 pixels off.", {}),
        Preset("Without smoothness", "Each picture for itself: the body trembles.", {"smooth_weight": 0.0}),
        Preset("A noisy run", "Joints 10 pixels off.", {"clip": "run", "noise": 10.0}),
    ),
    figures={
        "Pictures": "How many pictures have a body.",
        "Mean residual": "Mean distance of the joints in the pictures from those of the body, pixels.",
        "Acceleration": "Mean acceleration of the joints, m/s²: before and after all pictures were fitted together.",
        "Error": "Of the 24 joints against the known motion, after similarity alignment, picture by picture, mm.",
        "Milliseconds": "Median time of a picture.",
    },
)
