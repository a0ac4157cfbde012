"""Registration: two scans of one thing, and the motion that lays one on the other."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import ExperimentActivity, Preset, Term
from lab.params import choice, geometry, integer, number, switch

METHODS = {
    "point_to_point": "Point to point",
    "point_to_plane": "Point to plane",
    "features": "Global",
    "gradient": "Gradient descent",
}
"""The methods by key, in the order of their hues."""
_TURN = "_rotation"


def rotation_metric(method: str) -> str:
    """The name of the curve of a method's rotation error."""
    return method + _TURN


# the hues of lab.palette, as far from their ground as words need
_DARK = ("#6fb1ff", "#ff961d", "#4fcc9e", "#f06cc0", "#f0e660", "#8affff", "#e08a66", "#c58bff")
_LIGHT = ("#1d54fe", "#a13900", "#094763", "#b01e66", "#7a5f00", "#0a6ea0", "#640f0d", "#6b2fb0")


@dataclass(frozen=True)
class RegistrationParams:
    """Parameters of registration. Shares of the diagonal are those of the box around the target."""

    target: str = geometry("Target", "The scan that stands still: a mesh or a point cloud.", group="Scans")
    source: str = geometry(
        "Source",
        "The scan that is moved. With none, the target itself is scanned a second time and moved by the motion below.",
        group="Scans",
        optional=True,
    )
    points: int = integer(
        2000,
        "Points",
        "Points of the source that are used; of the target three times as many.",
        minimum=50,
        maximum=50_000,
        log=True,
        group="Scans",
    )
    start: str = choice(
        "as given",
        "Start",
        "as given: the scans where they are; centred: the middle of the source is first moved to that of the target.",
        ("as given", "centred"),
        group="Scans",
        advanced=True,
    )

    angle: float = number(
        25.0,
        "Rotation",
        "How far the second scan is turned, degrees.",
        minimum=0.0,
        maximum=180.0,
        unit="°",
        group="Known motion",
    )
    axis_x: float = number(
        0.2, "Axis x", "The axis of the rotation.", minimum=-1.0, maximum=1.0, group="Known motion", advanced=True
    )
    axis_y: float = number(
        1.0, "Axis y", "The axis of the rotation.", minimum=-1.0, maximum=1.0, group="Known motion", advanced=True
    )
    axis_z: float = number(
        0.4, "Axis z", "The axis of the rotation.", minimum=-1.0, maximum=1.0, group="Known motion", advanced=True
    )
    shift_x: float = number(
        20.0,
        "Shift x",
        "How far the second scan is moved along x, % of the diagonal.",
        minimum=-100.0,
        maximum=100.0,
        unit="%",
        group="Known motion",
    )
    shift_y: float = number(
        10.0,
        "Shift y",
        "How far the second scan is moved along y, % of the diagonal.",
        minimum=-100.0,
        maximum=100.0,
        unit="%",
        group="Known motion",
    )
    shift_z: float = number(
        0.0,
        "Shift z",
        "How far the second scan is moved along z, % of the diagonal.",
        minimum=-100.0,
        maximum=100.0,
        unit="%",
        group="Known motion",
    )
    noise: float = number(
        0.2,
        "Noise",
        "Standard deviation of the noise on both scans, % of the diagonal.",
        minimum=0.0,
        maximum=5.0,
        unit="%",
        group="Known motion",
    )
    overlap: float = number(
        100.0,
        "Overlap",
        "The share of each scan that the other one has seen, too, %.",
        minimum=20.0,
        maximum=100.0,
        unit="%",
        group="Known motion",
    )

    point_to_point: bool = switch(
        True,
        METHODS["point_to_point"],
        "ICP: pairs of nearest points, laid on each other.",
        term="point_to_point",
        group="Methods",
    )
    point_to_plane: bool = switch(
        True,
        METHODS["point_to_plane"],
        "ICP: points on the planes through the nearest points.",
        term="point_to_plane",
        group="Methods",
    )
    features: bool = switch(
        True,
        METHODS["features"],
        "Matches points that look alike (FPFH), finds a motion by RANSAC, then goes on as point to plane.",
        term="features",
        group="Methods",
    )
    gradient: bool = switch(
        True, METHODS["gradient"], "Adam on the six numbers of the exponent of SE(3).", term="gradient", group="Methods"
    )

    reach: float = number(
        30.0,
        "Largest distance",
        "Pairs that are farther apart do not count, % of the diagonal.",
        minimum=0.5,
        maximum=100.0,
        unit="%",
        log=True,
        live=True,
        group="Pairs",
    )
    robust: str = choice(
        "none",
        "Robust",
        "none: all pairs count alike; Huber: far pairs count less; trimmed: only the nearest pairs count.",
        ("none", "Huber", "trimmed"),
        live=True,
        group="Pairs",
    )
    keep: float = number(
        60.0,
        "Kept pairs",
        "The share of the pairs, the nearest ones, that 'trimmed' keeps, %.",
        minimum=5.0,
        maximum=100.0,
        unit="%",
        live=True,
        group="Pairs",
    )

    steps: int = integer(
        120, "Steps", "How many iterations each method makes.", minimum=1, maximum=5000, group="Iterations"
    )
    learning_rate: float = number(
        0.03,
        "Learning rate",
        "Size of the updates of gradient descent, radians and shares of the diagonal.",
        minimum=1e-4,
        maximum=1.0,
        log=True,
        live=True,
        group="Iterations",
    )
    rounds: int = integer(
        20,
        "Global rounds",
        "Steps that the global method searches before it goes on as point to plane.",
        minimum=1,
        maximum=1000,
        group="Iterations",
        advanced=True,
    )
    triples: int = integer(
        5000,
        "Triples a round",
        "Random triples of matches that the global method tries in each of these steps.",
        minimum=10,
        maximum=100_000,
        log=True,
        group="Iterations",
        advanced=True,
    )


def _terms() -> tuple[Term, ...]:
    """For each method the curve of its distance, in the hue that it has in the scene, and that of its rotation."""
    count = len(METHODS)
    distances = [
        Term(key, f"{title}: distance", "", dark=_DARK[number], light=_LIGHT[number])
        for number, (key, title) in enumerate(METHODS.items())
    ]
    rotations = [
        Term(rotation_metric(key), f"{title}: rotation", "", dark=_DARK[count + number], light=_LIGHT[count + number])
        for number, (key, title) in enumerate(METHODS.items())
    ]
    return (*distances, *rotations)


REGISTRATION = ExperimentActivity(
    key="registration",
    title="Registration",
    summary="Lay one scan on another: ICP, features and gradient descent on SE(3), side by side.",
    params=RegistrationParams,
    experiment="lab.registration.experiment:Registration",
    steps="steps",
    result="aligned",
    lesson="registration.md",
    terms=_terms(),
    presets=(
        Preset("Small motion", "All methods arrive. Compare how many steps each takes.", {}),
        Preset(
            "Large rotation",
            "Turned by 150°: the local methods stop at a wrong place, the global one finds the way.",
            {"angle": 150.0},
        ),
        Preset(
            "Partial overlap",
            "Each scan has seen three quarters of the thing: pairs with nothing to meet pull it out of place.",
            {"overlap": 70.0, "angle": 20.0, "shift_x": 10.0, "shift_y": 5.0, "reach": 100.0},
        ),
        Preset(
            "Partial overlap, trimmed",
            "The same scans, but only the nearest 70 % of the pairs count: now all methods arrive.",
            {
                "overlap": 70.0,
                "angle": 20.0,
                "shift_x": 10.0,
                "shift_y": 5.0,
                "reach": 100.0,
                "robust": "trimmed",
                "keep": 70.0,
            },
        ),
        Preset("Noisy scans", "Noise of 1.5 % of the diagonal on both scans.", {"noise": 1.5}),
    ),
    example={"target": "spot.ply"},
    figures={
        "Best": "The method with the least distance when all pairs beyond 2 % of the diagonal count as 2 %.",
        "Rotation (": "The angle of the best motion, from the source to the target, degrees.",
        "Rotation vector": "The axis of the best motion times its angle, radians: the whole rotation in full digits.",
        "Axis": "The axis of the best motion's rotation.",
        "R, row": "The rotation of the best motion x' = R x + t, for column vectors in world coordinates.",
        "t, ": "The translation of the best motion x' = R x + t, metres.",
        "Overlap": "The share of the source within 2 % of the diagonal of the target at the end.",
        "Point to point": "ICP by pairs of nearest points: its distance, and how far from the true motion it is.",
        "Point to plane": "ICP by the planes at the nearest points: its distance, and how far off it is.",
        "Global": "Features and RANSAC, then point to plane: its distance, and how far off it is.",
        "Gradient": "Adam on the exponent of SE(3): its distance, and how far off it is.",
        "True rotation": "The angle of the motion that is looked for, degrees.",
    },
)
