"""Find the camera: a mesh, one picture of it, and the pose from which it was taken."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import ExperimentActivity, Preset, Term
from lab.params import choice, file, geometry, integer, number, switch
from lab.study import Pane

RENDER, PHOTO = "render", "photo"
ANYWHERE, ONE_START = "from anywhere", "from one start"
LOOK_AT, FREE = "position (look-at)", "rotation and position"
CHOSEN, RANDOM = "chosen", "random"
MASK_WAYS = {"automatic": "any", "alpha": "alpha", "file": "file", "background colour": "background"}
"""How the mask of a photo is found, and how lab.photo.masks calls it."""
BACKGROUNDS = {"white": (1.0, 1.0, 1.0), "grey": (0.5, 0.5, 0.5), "black": (0.0, 0.0, 0.0)}


@dataclass(frozen=True)
class PoseParams:
    """Parameters of the pose estimate. An object that is very large or small counts as 2 m across."""

    mesh: str = geometry("Object", "The mesh whose camera is looked for.", group="Picture")
    target: str = choice(
        RENDER,
        "Picture",
        "render: made by the lab from a hidden camera; photo: your own picture, with a mask.",
        (RENDER, PHOTO),
        group="Picture",
    )
    size: int = integer(
        128, "Size", "Pixels of the picture's longer side.", minimum=64, maximum=512, unit="px", group="Picture"
    )
    fov: float = number(
        60.0,
        "Field of view",
        "Of the camera that took the picture, across the shorter side; a guess where it is unknown.",
        minimum=5.0,
        maximum=120.0,
        unit="°",
        group="Picture",
    )
    focal: str = choice(
        "known",
        "Focal length",
        "known: from the field of view above; unknown: it is looked for, too.",
        ("known", "unknown"),
        group="Picture",
    )
    hidden: str = choice(
        CHOSEN,
        "Hidden camera",
        "chosen: by the numbers below; random: anywhere on the sphere and rolled anyhow, by the run's seed.",
        (CHOSEN, RANDOM),
        group="Hidden camera",
    )
    distance: float = number(
        3.5, "Distance", "From the middle.", minimum=0.5, maximum=20.0, unit="m", log=True, group="Hidden camera"
    )
    elevation: float = number(
        20.0, "Elevation", "Above the horizon.", minimum=-90.0, maximum=90.0, unit="°", group="Hidden camera"
    )
    azimuth: float = number(
        135.0, "Azimuth", "From +Z towards +X.", minimum=-180.0, maximum=180.0, unit="°", group="Hidden camera"
    )
    roll: float = number(
        25.0, "Roll", "About the optical axis.", minimum=-180.0, maximum=180.0, unit="°", group="Hidden camera"
    )
    looks_at: str = choice(
        "object",
        "Looks at",
        "What the hidden camera looks at, and a single run, too: the middle of the object's box, "
        "or the world's origin as in the course.",
        ("object", "origin"),
        group="Hidden camera",
        advanced=True,
    )
    noise: float = number(
        2.0, "Noise", "On the colours.", minimum=0.0, maximum=50.0, unit="%", group="Hidden camera", advanced=True
    )
    light: str = choice(
        "studio",
        "Light",
        "studio: from the upper left, and from the sky; course: a point light at (2, 2, -2), as PyTorch3D's tutorials.",
        ("studio", "course"),
        group="Hidden camera",
        advanced=True,
    )
    photo: str = file("Photo", "The picture: PNG, JPEG or WebP.", group="Photo")
    mask: str = file("Mask", "A picture of the same size, light where the object is.", mask_of="photo", group="Photo")
    mask_by: str = choice(
        "automatic",
        "Mask by",
        "automatic: the mask's file if there is one, else the photo's transparency, else its background.",
        tuple(MASK_WAYS),
        group="Photo",
    )
    tolerance: float = number(
        12.0,
        "Tolerance",
        "How far a colour may be from the background's, CIE L*a*b*.",
        minimum=1.0,
        maximum=80.0,
        group="Photo",
        advanced=True,
    )
    photo_colors: bool = switch(
        False,
        "Trust its colours",
        "Compare the photo's colours with the mesh's as well. Only with a light like the lab's own.",
        group="Photo",
        advanced=True,
    )

    method: str = choice(
        ANYWHERE,
        "Method",
        "from anywhere: all rotations are tried, the best refined; from one start: Adam alone, as in the course.",
        (ANYWHERE, ONE_START),
        group="Method",
    )
    variables: str = choice(
        LOOK_AT,
        "Variables",
        "Of the single run. position: the camera looks at the middle, upright; or all of SE(3).",
        (LOOK_AT, FREE),
        group="Method",
    )
    start_x: float = number(3.0, "Start x", "Of the single run.", minimum=-20.0, maximum=20.0, unit="m", group="Method")
    start_y: float = number(6.9, "Start y", "Of the single run.", minimum=-20.0, maximum=20.0, unit="m", group="Method")
    start_z: float = number(2.5, "Start z", "Of the single run.", minimum=-20.0, maximum=20.0, unit="m", group="Method")

    silhouette_weight: float = number(
        1.0,
        "Silhouette",
        "Of the squared differences of the outlines' coverage.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="silhouette",
        group="Losses",
    )
    rgb_weight: float = number(
        0.1,
        "Colours",
        "Of the squared differences of the colours. They tell a front from a back that have the same outline.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="rgb",
        group="Losses",
    )
    distance_weight: float = number(
        0.0,
        "Distance transform",
        "Of how far what is drawn lies from the mask. It pulls even where nothing overlaps. Of the single run alone.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="distance",
        group="Losses",
    )
    reduction: str = choice(
        "sum",
        "Pixels",
        "sum: as the course's code; mean: as its text. Adam hardly cares, thresholds do.",
        ("sum", "mean"),
        group="Losses",
        advanced=True,
    )
    sigma: float = number(
        1e-4,
        "Sigma",
        "How soft the outline is, squared NDC.",
        minimum=1e-6,
        maximum=1e-2,
        log=True,
        group="Losses",
        advanced=True,
    )
    gamma: float = number(
        1e-4,
        "Gamma",
        "How soft the order of depths is.",
        minimum=1e-5,
        maximum=1e-1,
        log=True,
        group="Losses",
        advanced=True,
    )
    background: str = choice(
        "white", "Background", "Behind the render.", tuple(BACKGROUNDS), group="Losses", advanced=True
    )

    steps: int = integer(
        200, "Steps", "At most. The search from anywhere needs fewer.", minimum=1, maximum=5000, group="Optimiser"
    )
    learning_rate: float = number(
        0.05,
        "Learning rate",
        "Of Adam: metres for a position; radians and radii for all of SE(3).",
        minimum=1e-4,
        maximum=1.0,
        log=True,
        live=True,
        group="Optimiser",
    )
    coarse_to_fine: bool = switch(
        False,
        "Coarse to fine",
        "The single run begins with a picture a quarter as large, whose blur reaches four times as far.",
        live=True,
        group="Optimiser",
    )
    stop_below: float = number(
        0.0,
        "Stop below",
        "A single run ends when its loss is lower; 0 for never.",
        minimum=0.0,
        maximum=1e6,
        live=True,
        group="Optimiser",
        advanced=True,
    )


_COURSE = {
    "method": ONE_START,
    "variables": LOOK_AT,
    "size": 256,
    "distance": 3.0,
    "elevation": 50.0,
    "azimuth": 0.0,
    "roll": 0.0,
    "looks_at": "origin",
    "noise": 0.0,
    "light": "course",
}

POSE = ExperimentActivity(
    key="pose",
    title="Find the camera",
    summary="A mesh and one picture of it: watch the camera fly to where the picture was taken from.",
    params=PoseParams,
    experiment="lab.pose.experiment:EstimatePose",
    steps="steps",
    result="object",
    lesson="pose.md",
    terms=(
        Term("silhouette", "Silhouette", "silhouette_weight", dark="#6fb1ff", light="#1d54fe"),
        Term("rgb", "Colours", "rgb_weight", dark="#ff961d", light="#a13900"),
        Term("distance", "Distance transform", "distance_weight", dark="#4fcc9e", light="#094763"),
    ),
    presets=(
        Preset("From anywhere", "All rotations are tried at once: about a second to the pose.", {}),
        Preset("Random camera", "A hidden camera anywhere on the sphere, upside down if it likes.", {"hidden": RANDOM}),
        Preset(
            "Unknown focal length",
            "Distance and focal length together: only perspective tells them apart.",
            {"focal": "unknown", "distance": 2.6, "size": 256},
        ),
        Preset(
            "Outline alone",
            "Without colours. Front and back have nearly the same outline.",
            {"rgb_weight": 0.0, "hidden": RANDOM},
        ),
        Preset(
            "The book, silhouette",
            "One start, Adam on the position, sum of squared differences of the soft silhouette.",
            {**_COURSE, "rgb_weight": 0.0, "stop_below": 500.0},
        ),
        Preset(
            "The book, texture",
            "The same with 0.1 times the colours. The book's own run ended in NaN at step 55; this one arrives.",
            {**_COURSE, "rgb_weight": 0.1, "stop_below": 800.0},
        ),
        Preset(
            "All of SE(3)",
            "One start, six free numbers, coarse to fine.",
            {
                "method": ONE_START,
                "variables": FREE,
                "start_x": 2.9,
                "start_y": 0.9,
                "start_z": -1.6,
                "sigma": 2e-5,
                "coarse_to_fine": True,
                "learning_rate": 0.02,
                "roll": 10.0,
                "size": 128,
            },
        ),
    ),
    example={"mesh": "spot.ply"},
    figures={
        "Rotation error": "The angle between the found camera's axes and the true one's, degrees.",
        "Distance error": "Of the camera's distance from the object's middle, percent of the true one.",
        "IoU": "Intersection over union of the two masks: 1 when they are the same.",
        "Loss": "The weighted sum of the chosen losses at the best pose.",
        "Steps": "How many steps the run made.",
        "Camera": "Where the camera stands, metres, in the coordinates of the object's file.",
        "Distance (m)": "From the camera to the middle of the object's box.",
        "Field of view": "Across the picture's shorter side.",
        "Other answer": "The best pose that differs: how far it is turned from the best one, and its overlap.",
    },
    pictures=(
        Pane("target", "Target", "picture", "The picture that was given."),
        Pane("render", "Render", "picture", "What the camera sees from where it is now."),
        Pane("difference", "Difference", "picture", "Red: only in the render; blue: only in the target."),
        Pane("overlay", "Overlay", "picture", "The render's outline over the target."),
    ),
)
