"""The outline of a person in a picture, and the body that fills it."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import ExperimentActivity, Preset, Term
from lab.chapters.body.body import GO_ON
from lab.chapters.body.scan import BODIES
from lab.params import choice, file, integer, number
from lab.study import Pane

FRONT, BACK = "towards the camera", "away from it"
MASK_WAYS = {"automatic": "any", "transparency": "alpha", "file": "file", "background colour": "background"}
"""How the person is told from the background, and how lab.photo.masks calls it."""


@dataclass(frozen=True)
class OutlineParams:
    """Parameters of the fit to an outline. World: Y up, metres, the person near the origin."""

    image: str = file(
        "Photo",
        "A picture of one person, standing, from head to foot. Without one, the lab's own example is used.",
        group="Picture",
    )
    mask_by: str = choice(
        "automatic",
        "Person by",
        "automatic: a mask of your own if there is one, else transparency, else whatever is not the background.",
        tuple(MASK_WAYS),
        group="Picture",
    )
    mask: str = file(
        "Mask", "A picture of the same size, light on the person.", mask_of="image", group="Picture", advanced=True
    )
    tolerance: float = number(
        12.0,
        "Tolerance",
        "How far the background's colours may be from those at the border, in L*a*b*.",
        minimum=1.0,
        maximum=60.0,
        group="Picture",
        advanced=True,
    )
    size: int = integer(
        160,
        "Size",
        "Pixels of the longer side at which outlines are compared.",
        minimum=64,
        maximum=512,
        unit="px",
        group="Picture",
        advanced=True,
    )
    fov: float = number(
        40.0,
        "Field of view",
        "Of the camera, across the picture's shorter side; a guess where it is unknown.",
        minimum=5.0,
        maximum=120.0,
        unit="°",
        group="Picture",
    )
    facing: str = choice(
        FRONT,
        "The person faces",
        "An outline is nearly the same from the front and from behind, so it has to be said.",
        (FRONT, BACK),
        group="Body",
    )
    model: str = choice("neutral", "Body", "Which of the lab's bodies is fitted.", BODIES, group="Body")
    silhouette_weight: float = number(
        1.0,
        "Silhouette",
        "How much the overlap of the body's silhouette with the mask counts.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="silhouette",
        group="Objective",
    )
    pose_weight: float = number(
        1.0,
        "Pose prior",
        "How much the pose is drawn to those that are common.",
        minimum=0.0,
        maximum=100.0,
        live=True,
        term="pose",
        group="Objective",
    )
    shape_weight: float = number(
        1.0,
        "Shape prior",
        "How much the shape is drawn to the mean one: half the sum of the squared betas.",
        minimum=0.0,
        maximum=100.0,
        live=True,
        term="shape",
        group="Objective",
    )
    steps: int = integer(150, "Steps", "Steps of Adam.", minimum=1, maximum=2000, group="Optimisation")
    learning_rate: float = number(
        0.02,
        "Learning rate",
        "Size of Adam's updates: radians, betas and metres alike.",
        minimum=1e-4,
        maximum=0.2,
        log=True,
        live=True,
        group="Optimisation",
        advanced=True,
    )


OUTLINE = ExperimentActivity(
    key="body-outline",
    title="Body in an outline",
    summary="Fill the outline of a person in a picture with the body, by a differentiable silhouette.",
    params=OutlineParams,
    lesson="body_outline.md",
    experiment="lab.body.outline.experiment:FitOutline",
    steps="steps",
    result="body",
    onward=GO_ON,
    pictures=(
        Pane("target", "Picture", "picture", "What is given; the outline is that of its mask."),
        Pane("overlay", "Body over it", "picture", "The outline of the body as it is now, over the picture."),
        Pane("difference", "Difference", "picture", "Red: only the body. Blue: only the mask."),
    ),
    terms=(
        Term("silhouette", "Silhouette", "silhouette_weight", "#6fb1ff", "#1d54fe"),
        Term("pose", "Pose prior", "pose_weight", "#ff961d", "#a13900"),
        Term("shape", "Shape prior", "shape_weight", "#f06cc0", "#b01e66"),
    ),
    presets=(
        Preset("A person from the front", "The body looks at the camera.", {}),
        Preset(
            "Outline alone",
            "No priors: the outline is filled, and the body breaks.",
            {"pose_weight": 0.0, "shape_weight": 0.0},
        ),
        Preset("A stiff body", "Priors count five times as much.", {"pose_weight": 5.0, "shape_weight": 5.0}),
    ),
    figures={"IoU": "Overlap of the body's silhouette with the mask: shared area over united area."},
)
