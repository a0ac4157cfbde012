"""The basin map: from which starting cameras a single run of the optimiser finds the true one."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import ExperimentActivity, Preset, Term
from lab.params import choice, geometry, integer, number
from lab.study import Pane

LOOK_AT = "position, looking at the object"
FULL = "position and rotation"
ADAM, LEVENBERG = "Adam on the soft silhouette", "Levenberg-Marquardt on the outline"


@dataclass(frozen=True)
class BasinParams:
    """Parameters of the basin map. The object's radius is that of the sphere around it."""

    mesh: str = geometry("Object", "The mesh whose camera is looked for.", group="True camera")
    elevation: float = number(
        25.0,
        "Elevation",
        "Of the true camera above the horizon.",
        minimum=-85.0,
        maximum=85.0,
        unit="°",
        group="True camera",
    )
    azimuth: float = number(
        35.0,
        "Azimuth",
        "Of the true camera, from the object's +Z side towards +X.",
        minimum=-180.0,
        maximum=180.0,
        unit="°",
        group="True camera",
    )
    distance: float = number(
        3.0,
        "Distance",
        "Of the true camera from the object's centre, in radii of the object.",
        minimum=1.5,
        maximum=10.0,
        group="True camera",
    )
    fov: float = number(
        50.0,
        "Field of view",
        "Of the camera; it is known to the optimiser.",
        minimum=10.0,
        maximum=100.0,
        unit="°",
        group="True camera",
        advanced=True,
    )

    starts: int = integer(
        200,
        "Starts",
        "How many starting cameras are spread over the sphere.",
        minimum=50,
        maximum=1000,
        log=True,
        group="Starts",
    )
    start_distance: float = number(
        1.2,
        "Start distance",
        "Of the starting cameras, as a multiple of the true distance.",
        minimum=0.5,
        maximum=3.0,
        group="Starts",
    )

    variables: str = choice(
        LOOK_AT,
        "Variables",
        "What is optimised: three numbers of a camera that keeps looking at the object, as in the course, or six.",
        (LOOK_AT, FULL),
        group="Optimiser",
    )
    method: str = choice(
        ADAM,
        "Method",
        "Adam follows the gradient, as in the course; Levenberg-Marquardt solves for whole steps, of six variables.",
        (ADAM, LEVENBERG),
        group="Optimiser",
    )
    iterations: int = integer(
        80,
        "Iterations",
        "Of each start, at most; one that stands still ends earlier.",
        minimum=5,
        maximum=500,
        log=True,
        group="Optimiser",
    )
    learning_rate: float = number(
        0.05,
        "Learning rate",
        "Size of Adam's updates, in radii of the object and radians.",
        minimum=0.001,
        maximum=0.5,
        log=True,
        group="Optimiser",
    )
    sigma: float = number(
        1e-4,
        "Sigma σ",
        "Softness of the silhouette's edge, squared NDC.",
        minimum=1e-6,
        maximum=1e-2,
        log=True,
        group="Picture",
    )
    first_sigma: float = number(
        1e-4,
        "First sigma",
        "Softness at the first iteration; it falls to sigma over the first half of them.",
        minimum=1e-6,
        maximum=3e-2,
        log=True,
        group="Picture",
    )
    size: int = integer(
        64,
        "Picture size",
        "Side of the picture that is compared.",
        minimum=24,
        maximum=128,
        unit="px",
        group="Picture",
    )
    faces: int = integer(
        600,
        "Faces",
        "The object is simplified to about so many faces.",
        minimum=100,
        maximum=10_000,
        log=True,
        group="Picture",
        advanced=True,
    )
    good_angle: float = number(
        5.0,
        "Counts as found",
        "The largest rotation error at which a start counts as converged.",
        minimum=0.5,
        maximum=30.0,
        unit="°",
        live=True,
        group="Starts",
    )


BASINS = ExperimentActivity(
    key="pose-basins",
    title="Where it converges from",
    summary="Hundreds of starting cameras over a sphere, one run of the optimiser from each.",
    params=BasinParams,
    experiment="lab.pose.basins:Basins",
    steps="starts",
    result="starts",
    lesson="basins.md",
    terms=(
        Term("converged", "Converged (%)", "", dark="#6fb1ff", light="#1d54fe"),
        Term("error", "Rotation error (°)", "", dark="#ff961d", light="#a13900"),
    ),
    pictures=(
        Pane(
            "map",
            "Map",
            "picture",
            "The sphere of starts unrolled: azimuth across, elevation upwards. A ring is the true camera.",
        ),
        Pane("target", "Target", "picture", "The silhouette that every start is to reach."),
    ),
    presets=(
        Preset("The course's variables", "Three numbers, Adam, a narrow edge.", {}),
        Preset(
            "A narrow edge",
            "σ ten times smaller: the edge hardly feels where the target is.",
            {"sigma": 1e-5, "first_sigma": 1e-5},
        ),
        Preset(
            "From soft to sharp",
            "A wide edge at first: it reaches farther, but blurs what tells one side from another.",
            {"first_sigma": 3e-3},
        ),
        Preset("Six variables", "The camera may look elsewhere and roll, too.", {"variables": FULL}),
        Preset(
            "Levenberg-Marquardt",
            "No soft edge: distances between outlines, and whole steps of all six variables.",
            {"variables": FULL, "method": LEVENBERG, "iterations": 30},
        ),
        Preset("Far away", "Starts at twice the distance.", {"start_distance": 2.0, "iterations": 120}),
    ),
    example={"mesh": "spot.ply"},
    figures={
        "Starts": "How many starting cameras were tried.",
        "Converged": "The share of the starts whose last rotation error is small enough to count as found.",
        "Farthest start": "The largest angle between a start that converged and the true camera, seen from the object.",
        "Nearest failure": "The least angle between a start that failed and the true camera.",
        "Worst": "The largest rotation error at the end of any start.",
        "Median": "The rotation error that half of the starts are better than.",
        "Look-alike": "The share of starts that fail and yet cover the silhouette: the outline has two explanations.",
    },
)
