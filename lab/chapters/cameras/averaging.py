"""Averaging: one rotation out of many noisy ones, by distances in SO(3) and by what people do instead."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import Preset, StudyActivity
from lab.chapters.cameras.motions import EULER_ORDERS
from lab.params import choice, geometry, integer, number, switch
from lab.study import Pane

AVERAGES = (
    "Chordal mean",
    "Quaternion eigenvector",
    "Geodesic mean",
    "Geodesic median",
    "Mean matrix",
    "Mean quaternion",
    "Mean Euler angles",
    "Mean rotation vector",
)


def _truth(axis: str, default: float) -> float:
    return number(
        default,
        f"True turn {axis}",
        f"The {axis} part of the rotation vector that the noisy rotations scatter about.",
        minimum=-360.0,
        maximum=360.0,
        unit="°",
        group="Truth",
    )


@dataclass(frozen=True)
class AveragingParams:
    """Parameters of the study "Averaging". Angles in degrees."""

    count: int = integer(60, "Rotations", "How many rotations are averaged.", minimum=1, maximum=500, group="Rotations")
    spread: float = number(
        20.0,
        "Spread",
        "Standard deviation of the noise: of each component of the rotation vector that each rotation is off by.",
        minimum=0.0,
        maximum=90.0,
        unit="°",
        group="Rotations",
    )
    outliers: float = number(
        0.0,
        "Outliers",
        "Share of the rotations that have nothing to do with the truth: drawn evenly from a cap about another one.",
        minimum=0.0,
        maximum=0.6,
        group="Rotations",
    )
    outlier_weight: float = number(
        1.0,
        "Weight of outliers",
        "How much an outlier counts in every average; 1 is as much as any other.",
        minimum=0.0,
        maximum=1.0,
        group="Rotations",
    )
    signs: bool = switch(
        True,
        "Random signs",
        "The quaternions come with either sign, as from different sources. q and −q are the same rotation.",
        group="Rotations",
    )
    shown: str = choice(
        "Chordal mean",
        "Object at",
        "Which average the solid object stands at; the faint one shows the truth.",
        AVERAGES,
    )
    order: str = choice(
        "YXZ",
        "Euler order",
        "Which axes the averaged Euler angles turn about, in turn.",
        EULER_ORDERS,
        advanced=True,
    )
    object: str = geometry(
        "Object", "A mesh or point cloud to see the average on. Without one it is an airplane.", optional=True
    )
    u: float = _truth("x", -20.0)
    v: float = _truth("y", -60.0)
    w: float = _truth("z", 0.0)


AVERAGING = StudyActivity(
    key="averaging",
    title="Averaging rotations",
    summary="Average noisy rotations in eight ways, and see which stay near the truth.",
    params=AveragingParams,
    lesson="averaging.md",
    study="lab.motions.averaging_study:AveragingStudy",
    panes=(
        (
            Pane(
                "sphere",
                "Rotations on the sphere",
                "view",
                "Where each rotation takes the axes x (red), y (green) and z (blue). Turn the rings to turn the truth.",
            ),
        ),
        (
            Pane("averages", "Averages", "table", "How far each average is from the truth and from the rotations."),
            Pane("errors", "Error over outliers", "plot", "The error of each average if more rotations were outliers."),
        ),
    ),
    presets=(
        Preset(
            "Some noise", "60 rotations, 20° of noise: the averages of SO(3) agree within a fraction of a degree.", {}
        ),
        Preset(
            "Signs that agree",
            "All quaternions lie on one side, and so even their plain mean is good.",
            {"signs": False, "shown": "Mean quaternion"},
        ),
        Preset(
            "Near 180°",
            "A truth of half a turn: rotation vectors and Euler angles lie on both sides of their seam.",
            {"u": 0.0, "v": 180.0, "w": 0.0, "shown": "Mean rotation vector"},
        ),
        Preset(
            "Nose up",
            "A truth next to gimbal lock: yaw and roll scatter over the whole circle.",
            {"u": -85.0, "v": 0.0, "w": 0.0, "shown": "Mean Euler angles"},
        ),
        Preset(
            "A third is wrong",
            "Outliers pull every mean away; the median, which does not square, stays.",
            {"outliers": 0.33, "spread": 8.0, "shown": "Geodesic median"},
        ),
        Preset(
            "Outliers of no weight",
            "The same, but somebody knows which ones are wrong: a weight of 0 takes them out of every average.",
            {"outliers": 0.33, "spread": 8.0, "outlier_weight": 0.0},
        ),
        Preset(
            "Very wide",
            "60° of noise: the mean matrix has lost most of its volume, chordal and geodesic mean part.",
            {"spread": 60.0, "count": 200, "shown": "Mean matrix"},
        ),
    ),
    figures={
        "Error of": "The angle between this average and the truth.",
        "Expected error": "What an unbiased mean of so many rotations with such noise is off by, about.",
    },
)
