"""Two spheres in one picture: both positions are found together."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import ExperimentActivity, Preset, Term
from lab.params import integer, number
from lab.study import Pane


def _place(default: float, label: str, doc: str, group: str, **options: object) -> float:
    value: float = number(default, label, doc, minimum=-2.0, maximum=2.0, unit="m", group=group, **options)
    return value


_X, _Y, _Z = "To the right.", "Upwards.", "Towards the camera, which is at z = 4."


@dataclass(frozen=True)
class SphereParams:
    """Parameters of the two spheres. The camera is at (0, 0, 4) and looks at the origin; metres."""

    true_red_x: float = _place(-0.35, "Red x", _X, "Target")
    true_red_y: float = _place(0.1, "Red y", _Y, "Target")
    true_red_z: float = _place(0.5, "Red z", _Z, "Target")
    true_blue_x: float = _place(0.35, "Blue x", _X, "Target")
    true_blue_y: float = _place(-0.15, "Blue y", _Y, "Target")
    true_blue_z: float = _place(-0.5, "Blue z", _Z, "Target")

    red_x: float = _place(-0.8, "Red x", _X, "Start")
    red_y: float = _place(0.5, "Red y", _Y, "Start")
    red_z: float = _place(0.0, "Red z", _Z, "Start")
    blue_x: float = _place(0.8, "Blue x", _X, "Start")
    blue_y: float = _place(0.3, "Blue y", _Y, "Start")
    blue_z: float = _place(0.0, "Blue z", _Z, "Start")

    silhouette_weight: float = number(
        1.0,
        "Silhouette",
        "How much the common outline counts.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="silhouette",
        group="Losses",
    )
    color_weight: float = number(
        1.0,
        "Colour",
        "How much the colours count.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="color",
        group="Losses",
    )

    steps: int = integer(200, "Steps", "How many updates Adam makes.", minimum=1, maximum=5000, group="Optimiser")
    learning_rate: float = number(
        0.03,
        "Learning rate",
        "Size of the updates, metres.",
        minimum=0.001,
        maximum=0.5,
        log=True,
        live=True,
        unit="m",
        group="Optimiser",
    )
    first_sigma: float = number(
        3e-3,
        "First sigma",
        "Softness of the edges at the first step; it falls to sigma over the first half.",
        minimum=1e-6,
        maximum=3e-2,
        log=True,
        group="Picture",
    )
    sigma: float = number(
        5e-6,
        "Sigma σ",
        "Softness of the edges at the end, squared NDC.",
        minimum=1e-6,
        maximum=1e-2,
        log=True,
        group="Picture",
    )
    gamma: float = number(
        1e-2,
        "Gamma γ",
        "How softly the nearer sphere covers the other one: small is sharp.",
        minimum=1e-4,
        maximum=1.0,
        log=True,
        live=True,
        group="Picture",
    )
    size: int = integer(96, "Picture size", "Side of the picture.", minimum=32, maximum=256, unit="px", group="Picture")
    noise: float = number(
        1.0,
        "Noise",
        "Standard deviation of the noise on the target's colours.",
        minimum=0.0,
        maximum=20.0,
        unit="%",
        group="Picture",
    )


SPHERES = ExperimentActivity(
    key="pose-spheres",
    title="Two spheres",
    summary="Two objects in one picture: both positions are found together, from outline and colour.",
    params=SphereParams,
    experiment="lab.pose.spheres:Spheres",
    steps="steps",
    result="red",
    lesson="spheres.md",
    terms=(
        Term("silhouette", "Silhouette", "silhouette_weight", dark="#6fb1ff", light="#1d54fe"),
        Term("color", "Colour", "color_weight", dark="#ff961d", light="#a13900"),
        Term("red_error", "Red: off by", "", dark="#f06cc0", light="#b01e66"),
        Term("blue_error", "Blue: off by", "", dark="#8affff", light="#0a6ea0"),
    ),
    pictures=(
        Pane("target", "Target", "picture", "The picture of the true positions."),
        Pane("render", "Render", "picture", "The picture of the positions so far."),
        Pane("difference", "Difference", "picture", "How far each pixel is off: black is none."),
    ),
    presets=(
        Preset("Side by side", "Both are found, red in front.", {}),
        Preset(
            "Outline alone",
            "Without colours the outline does not say who is who: the spheres start on each other's side and stay.",
            {"color_weight": 0.0, "red_x": 0.8, "blue_x": -0.8, "red_y": -0.1, "blue_y": 0.2},
        ),
        Preset(
            "Who is who",
            "The same start, colours alone, and a wide edge at first: each is pulled to its own colour.",
            {
                "silhouette_weight": 0.0,
                "first_sigma": 1e-2,
                "red_x": 0.8,
                "blue_x": -0.8,
                "red_y": -0.1,
                "blue_y": 0.2,
            },
        ),
        Preset(
            "One behind the other",
            "Blue is partly hidden: what is seen of it must do.",
            {
                "true_red_x": -0.1,
                "true_red_y": 0.0,
                "true_red_z": 0.8,
                "true_blue_x": 0.6,
                "true_blue_y": 0.1,
                "true_blue_z": -1.0,
                "steps": 400,
            },
        ),
        Preset("Sharp edges", "σ small from the start: without overlap there is no gradient.", {"first_sigma": 1e-5}),
        Preset("Sharp order", "γ small: which sphere is in front has no gradient.", {"gamma": 1e-4}),
    ),
    figures={
        "Red": "The position that was found, metres, and how far it is from the true one.",
        "Blue": "The position that was found, metres, and how far it is from the true one.",
        "In front": "Which sphere is nearer to the camera, and whether that is so in the target.",
    },
)
