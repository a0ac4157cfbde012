"""Tracking: the camera of each picture of a sequence, from the one before."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import ExperimentActivity, Preset, Term
from lab.params import choice, file, geometry, integer, number, switch
from lab.study import Pane

MADE, VIDEO, FOLDER = "made by the lab", "video", "folder of pictures"
ORBIT, WOBBLE, RANDOM = "orbit", "wobble", "random"
KNOWN, SEARCH = "known", "searched"
MASKS = {"any": "any", "transparency": "alpha", "background colour": "background"}
"""How masks are found, and what lab.photo calls it."""


@dataclass(frozen=True)
class TrackingParams:
    """Parameters of tracking. The object's radius is that of the sphere around it."""

    mesh: str = geometry("Object", "The mesh that is tracked.", group="Pictures")
    source: str = choice(
        MADE,
        "Pictures",
        "A sequence that the lab makes along a path, a video, or a folder of pictures.",
        (MADE, VIDEO, FOLDER),
        group="Pictures",
    )
    video: str = file(
        "Video or picture",
        "A video file, or any one picture of a folder: its neighbours are taken in order of name.",
        group="Pictures",
    )
    masks: str = choice(
        "any",
        "Mask by",
        "Where the object is in your own pictures. 'any' takes NAME_mask.png beside a picture, else its transparency, "
        "else the colour of the background.",
        tuple(MASKS),
        group="Pictures",
    )
    tolerance: float = number(
        12.0,
        "Tolerance",
        "How far the background's colours may be from each other (CIE Lab).",
        minimum=1.0,
        maximum=60.0,
        group="Pictures",
        advanced=True,
    )
    frames: int = integer(
        150, "Frames", "How many pictures follow the first one, at most.", minimum=1, maximum=2000, group="Pictures"
    )
    skip: int = integer(
        1,
        "Every nth",
        "Take every nth picture of a video or a folder.",
        minimum=1,
        maximum=50,
        group="Pictures",
        advanced=True,
    )
    fov: float = number(
        50.0,
        "Field of view",
        "Of the picture's height; most phones have 55° to 70° across the long side.",
        minimum=5.0,
        maximum=120.0,
        unit="°",
        group="Pictures",
    )

    path: str = choice(
        ORBIT,
        "Path",
        "orbit: round the object, up and down; wobble: to and fro, with roll; random: smooth and new for each seed.",
        (ORBIT, WOBBLE, RANDOM),
        group="Made by the lab",
    )
    speed: float = number(
        3.0,
        "Speed",
        "How far the camera turns about the object from one picture to the next.",
        minimum=0.1,
        maximum=30.0,
        unit="°",
        group="Made by the lab",
    )
    distance: float = number(
        3.0, "Distance", "Of the camera, in radii of the object.", minimum=1.6, maximum=8.0, group="Made by the lab"
    )
    noise: float = number(
        2.0,
        "Noise",
        "Standard deviation of the noise on the colours; also how ragged the mask's edge is.",
        minimum=0.0,
        maximum=30.0,
        unit="%",
        group="Made by the lab",
    )
    blur: float = number(
        0.0,
        "Blur",
        "Radius of the blur of the pictures.",
        minimum=0.0,
        maximum=6.0,
        unit="px",
        group="Made by the lab",
    )
    occlusion: float = number(
        0.0,
        "Occlusion",
        "Width of a bar that passes in front of the object, in shares of the picture.",
        minimum=0.0,
        maximum=60.0,
        unit="%",
        group="Made by the lab",
    )
    hidden: int = integer(
        0,
        "Hidden pictures",
        "For so many pictures in the middle the object is covered wholly.",
        minimum=0,
        maximum=500,
        group="Made by the lab",
    )

    start: str = choice(
        KNOWN,
        "First pose",
        "known: the true one, where there is one, a little off; searched: from all sides.",
        (KNOWN, SEARCH),
        group="Tracker",
    )
    size: int = integer(
        128,
        "Picture size",
        "Shorter side of the pictures that are compared.",
        minimum=48,
        maximum=256,
        unit="px",
        group="Tracker",
    )
    iterations: int = integer(
        6,
        "Iterations",
        "Levenberg-Marquardt steps per picture, at most.",
        minimum=2,
        maximum=40,
        live=True,
        group="Tracker",
    )
    outline_weight: float = number(
        1.0,
        "Outline",
        "How much the distance of the outlines counts.",
        minimum=0.1,
        maximum=10.0,
        live=True,
        term="outline",
        group="Tracker",
    )
    color_weight: float = number(
        1.0,
        "Colour",
        "How much the shading counts, in pictures made by the lab, whose light is known.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="color",
        group="Tracker",
    )
    prediction: float = number(
        1.0,
        "Motion prediction",
        "The share of the last motion that is expected again: 0 is none, 1 constant velocity.",
        minimum=0.0,
        maximum=1.0,
        live=True,
        group="Tracker",
    )
    robust: bool = switch(
        True,
        "Mind what covers it",
        "Holes deep within the outline are taken for something in front, and do not count.",
        live=True,
        group="Tracker",
    )
    reach: float = number(
        2.0,
        "Reach",
        "Outlines that are farther apart count hardly more, at the last steps; four times as far at the first.",
        minimum=0.5,
        maximum=20.0,
        log=True,
        live=True,
        unit="px",
        group="Tracker",
    )
    lost_below: float = number(
        0.7,
        "Lost below",
        "The track is lost when silhouettes share less than this (intersection over union).",
        minimum=0.0,
        maximum=0.95,
        live=True,
        group="Tracker",
    )
    search: bool = switch(
        True, "Find again", "Look over the whole sphere of views when the track is lost.", live=True, group="Tracker"
    )


TRACKING = ExperimentActivity(
    key="pose-tracking",
    title="Track an object",
    summary="A pose for each picture of a sequence: predicted, corrected, lost and found again.",
    params=TrackingParams,
    experiment="lab.pose.tracking:Tracking",
    steps="frames",
    result="object",
    lesson="tracking.md",
    terms=(
        Term("outline", "Outline", "outline_weight", dark="#6fb1ff", light="#1d54fe"),
        Term("color", "Colour", "color_weight", dark="#ff961d", light="#a13900"),
        Term("rotation_error", "Drift: rotation (°)", "", dark="#4fcc9e", light="#094763"),
        Term("distance_error", "Drift: distance (%)", "", dark="#f06cc0", light="#b01e66"),
        Term("iou", "Overlap (IoU)", "", dark="#f0e660", light="#7a5f00"),
    ),
    pictures=(
        Pane("frame", "Picture", "picture", "The picture of this step."),
        Pane(
            "overlay",
            "Overlay",
            "picture",
            "The outline of the pose that was found, over the picture: green is "
            "shared, red is only in the picture, blue only in the render.",
        ),
        Pane("render", "Render", "picture", "The object from the pose that was found."),
    ),
    presets=(
        Preset("Orbit", "Round the object, 3° from picture to picture.", {}),
        Preset(
            "Wobble with noise",
            "To and fro and rolling, with noise and blur.",
            {"path": WOBBLE, "noise": 10.0, "blur": 1.5},
        ),
        Preset("Random path", "A smooth path that is new for each seed.", {"path": RANDOM}),
        Preset(
            "Too fast without prediction",
            "20° a picture and no guess of the motion: the track is soon lost.",
            {"speed": 20.0, "prediction": 0.0, "search": False},
        ),
        Preset("Fast with prediction", "The same 20° a picture, expected: the track holds.", {"speed": 20.0}),
        Preset("A bar in front", "A bar passes before the object.", {"occlusion": 15.0}),
        Preset("Lost and found", "Hidden for 25 pictures; afterwards found again by search.", {"hidden": 25}),
        Preset("From nowhere", "The first pose is searched, too.", {"start": SEARCH}),
        Preset("Outline alone", "No colours: what the outline does not show drifts.", {"color_weight": 0.0}),
    ),
    example={"mesh": "spot.ply"},
    figures={
        "Pictures": "How many pictures have a pose.",
        "Median rotation error": "Half of the pictures are better than this, degrees.",
        "Worst rotation error": "The largest rotation error while the track was not lost, degrees.",
        "Median distance error": "Half of the pictures are better than this, % of the distance.",
        "Mean overlap": "Intersection over union of the silhouettes, mean over the pictures in which it was seen.",
        "Lost": "How often the track was lost.",
        "Found again": "How often it was found again.",
        "Pictures lost": "Pictures in which the track was lost.",
        "Milliseconds": "Median time of a picture's iterations.",
    },
)
