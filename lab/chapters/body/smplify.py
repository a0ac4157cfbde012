"""SMPLify: a photo of one person, and the body that stands in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lab.chapter import ExperimentActivity, Preset, Term
from lab.chapters.body.body import GO_ON
from lab.chapters.body.scan import BODIES
from lab.params import choice, file, integer, number, switch
from lab.study import Pane

AUTOMATIC, GIVEN, PUBLISHED = "from the photo", "given", "as published"
PUBLISHED_FOCAL: Final = 5000.0


@dataclass(frozen=True)
class SmplifyParams:
    """Parameters of SMPLify. World: Y up, metres, the feet on the floor, the camera looks along -Z."""

    image: str = file(
        "Photo",
        "A picture of a person, best from head to foot. Without one, the lab's own example is used.",
        group="Photo",
    )
    keypoints: str = file(
        "Joints",
        "2D joints of the people in the photo, as OpenPose or COCO write them. Without a file they are found.",
        keypoints_of="image",
        group="Photo",
    )
    person: int = integer(
        1, "Person", "Which one, where there are several; 1 is the largest.", minimum=1, maximum=50, group="Photo"
    )
    focal_by: str = choice(
        AUTOMATIC,
        "Focal length",
        f"{AUTOMATIC}: what the camera wrote into the file, else that of a normal lens, 1.2 times the longer side; "
        f"{PUBLISHED}: {PUBLISHED_FOCAL:g} pixels, whatever the photo.",
        (AUTOMATIC, GIVEN, PUBLISHED),
        group="Photo",
    )
    focal: float = number(
        1000.0,
        "Pixels",
        "The focal length in pixels of the photo.",
        minimum=50.0,
        maximum=50_000.0,
        log=True,
        unit="px",
        when=("focal_by", (GIVEN,)),
        group="Photo",
    )
    model: str = choice("neutral", "Body", "Which of the lab's bodies is fitted.", BODIES, group="Body")
    prior: str = file(
        "Pose prior",
        "A mixture of Gaussians such as SMPLify's own gmm_08.pkl; without one, the lab's.",
        group="Body",
        advanced=True,
    )
    data_weight: float = number(
        1.0,
        "Joints in the picture",
        "How much the distances of the 2D joints count; all weights: 1 is as published.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="data",
        group="Objective",
    )
    pose_weight: float = number(
        1.0,
        "Pose prior",
        "How much the pose is drawn to those that are common.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="pose_prior",
        group="Objective",
    )
    limits_weight: float = number(
        0.1,
        "Joint limits",
        "How much elbows and knees resist bending the wrong way. At 1, as published, straight knees are too dear.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="limits",
        group="Objective",
    )
    collision_weight: float = number(
        1.0,
        "Interpenetration",
        "How much hands, arms and legs are kept out of the body, by capsules.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="collision",
        group="Objective",
    )
    shape_weight: float = number(
        1.0,
        "Shape prior",
        "How much the shape is drawn to the mean one.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="shape_prior",
        group="Objective",
    )
    stages: bool = switch(
        True,
        "Four stages",
        "Strong priors first, weaker ones later. Without, the last stage's weights from the start.",
        group="Optimisation",
    )
    many_starts: bool = switch(
        True,
        "Many starts",
        "Try both facings, each of the prior's common poses and flipped limbs, and keep the lowest. Without, one start "
        "from the mean pose, and the other facing only where the shoulders are narrow, as published.",
        group="Optimisation",
    )
    hips_weight: float = number(
        0.5,
        "Middle of the hips",
        "Weight of the point amid both hips among the joints; 0 as published. A hip alone never counts, as detectors "
        "put it elsewhere than the body has it.",
        minimum=0.0,
        maximum=1.0,
        group="Objective",
        advanced=True,
    )
    stride: float = number(
        0.15,
        "Stride",
        "The most by which any number of the body changes in a step, radians or metres: small to watch it stand up.",
        minimum=0.02,
        maximum=3.0,
        log=True,
        live=True,
        group="Optimisation",
    )
    steps: int = integer(120, "Steps", "Steps that are shown, at most.", minimum=1, maximum=500, group="Optimisation")


TERMS: Final = (
    Term("data", "Joints in the picture", "data_weight", "#6fb1ff", "#1d54fe"),
    Term("pose_prior", "Pose prior", "pose_weight", "#ff961d", "#a13900"),
    Term("limits", "Joint limits", "limits_weight", "#4fcc9e", "#094763"),
    Term("collision", "Interpenetration", "collision_weight", "#f0e660", "#7a5f00"),
    Term("shape_prior", "Shape prior", "shape_weight", "#f06cc0", "#b01e66"),
)

SMPLIFY = ExperimentActivity(
    key="smplify",
    title="Body from a photo",
    summary="SMPLify: shape and pose from the joints in one picture, and what one picture cannot know.",
    params=SmplifyParams,
    lesson="smplify.md",
    experiment="lab.body.smplify.experiment:Smplify",
    steps="steps",
    result="body",
    onward=GO_ON,
    pictures=(
        Pane("overlay", "Body over the photo", "picture", "The body as it is now, seen by the camera."),
        Pane(
            "joints",
            "Joints",
            "picture",
            "Rings: the joints in the photo, thin where the network was unsure. Dots: those of the body. "
            "Lines: what is left between them.",
        ),
    ),
    terms=TERMS,
    presets=(
        Preset("The best", "Many starts, four stages, all five terms.", {}),
        Preset(
            "As published",
            "One start, 5000 pixels, no interpenetration: what the course's book runs.",
            {
                "many_starts": False,
                "focal_by": PUBLISHED,
                "collision_weight": 0.0,
                "hips_weight": 0.0,
                "limits_weight": 1.0,
            },
        ),
        Preset("No pose prior", "The joints fit perfectly, and the body does not.", {"pose_weight": 0.0}),
        Preset(
            "No stages",
            "The last stage's weights from the start, from one start.",
            {"stages": False, "many_starts": False},
        ),
        Preset("Stiff", "The prior counts ten times: a common pose that misses the joints.", {"pose_weight": 10.0}),
    ),
    figures={
        "Mean residual": "Mean distance of the joints in the photo from those of the body, pixels of the photo.",
        "E_J": "The data term: the robust sum of squared distances, where the person is 500 pixels tall.",
        "Facing margin": "By how much E_J grows if the body faces the other way. Small: the photo does not say.",
        "Facing": "Which way the body looks.",
        "Other answers": "How many other minima are nearly as good: what one view cannot know.",
        "Spread": "How far the joints of those answers are from these, mean, both from the pelvis.",
        "Height": "Of the body that was found, standing upright. One picture tells size only by what is common.",
        "Distance": "From the camera to the pelvis; as sure as the focal length is.",
        "Residual": "Distance of one joint in the photo from that of the body, pixels of the photo.",
    },
)
