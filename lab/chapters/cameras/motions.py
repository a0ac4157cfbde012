"""Motions: a rotation vector and a twist that one drags, and everything that follows from them."""

from __future__ import annotations

import math
from dataclasses import dataclass

from lab.chapter import Preset, StudyActivity
from lab.params import choice, geometry, integer, number
from lab.study import Pane

TURN = 2 * math.pi

EULER_ORDERS = ("XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX", "XYX", "XZX", "YXY", "YZY", "ZXZ", "ZYZ")


def _turn(default: float, axis: str) -> float:
    return number(
        default,
        f"ω {axis}",
        f"The {axis} part of the rotation vector: its direction is the axis, its length the angle.",
        minimum=-TURN,
        maximum=TURN,
        unit="rad",
        group="Rotation vector ω",
    )


def _shift(default: float, axis: str) -> float:
    return number(
        default,
        f"ρ {axis}",
        f"The {axis} part of the twist's translation part: the velocity of the point at the origin when t = 0.",
        minimum=-4.0,
        maximum=4.0,
        unit="m",
        group="Translation part ρ",
    )


@dataclass(frozen=True)
class MotionsParams:
    """Parameters of the study "Motions". Radians and metres, world frame."""

    t: float = number(
        1.0,
        "Time t",
        "How far along the motion the object is: 0 is the start, 1 is the whole twist.",
        minimum=0.0,
        maximum=1.0,
        group="Motion",
    )
    wx: float = _turn(0.4, "x")
    wy: float = _turn(2.8, "y")
    wz: float = _turn(0.0, "z")
    rx: float = _shift(3.4, "x")
    ry: float = _shift(1.6, "y")
    rz: float = _shift(0.4, "z")
    order: str = choice(
        "YXZ",
        "Euler order",
        "Which axes the three Euler angles turn about, in turn. For this airplane YXZ is yaw, pitch, roll.",
        EULER_ORDERS,
        group="Shown",
    )
    plot: str = choice(
        "Euler angles",
        "Curves",
        "What is drawn along the motion: the Euler angles, the log of the rotation, or how exact two ways to take "
        "the log are.",
        ("Euler angles", "Log of the rotation", "Error of the log"),
        group="Shown",
    )
    frames: int = integer(
        12, "Frames on the way", "How many small frames mark the way.", minimum=0, maximum=60, group="Shown"
    )
    object: str = geometry(
        "Object",
        "What moves: a mesh or point cloud, shown centred and two metres long. Without one it is an airplane.",
        optional=True,
        group="Shown",
    )


MOTIONS = StudyActivity(
    key="motions",
    title="Motions",
    summary="Drag a rotation vector and a twist: hat, exp and log, the screw, and the places where they go wrong.",
    params=MotionsParams,
    lesson="motions.md",
    study="lab.motions.motions_study:MotionsStudy",
    panes=(
        (
            Pane(
                "motion",
                "Motion",
                "view",
                "The object at the start and at time t. Drag the tips of ω and ρ.",
                linked=False,
            ),
            Pane(
                "gimbals",
                "Euler axes",
                "view",
                "The axes that the three Euler angles turn about at time t. In gimbal lock two lie on one line.",
                linked=False,
            ),
        ),
        (
            Pane("numbers", "Numbers", "text", "All of it as numpy code, to copy."),
            Pane("curves", "Along the way", "plot", "The numbers from t = 0 to t = 1."),
        ),
    ),
    presets=(
        Preset("Screw motion", "A turn and a shift at once: a helix about an axis off the origin.", {}),
        Preset(
            "Turn about a far axis",
            "ρ at right angles to ω: no shift along the axis, only a turn about an axis elsewhere.",
            {"wx": 0.0, "wy": math.pi / 2, "wz": 0.0, "rx": 3.0, "ry": 0.0, "rz": 0.0},
        ),
        Preset(
            "Next to nothing",
            "A turn of a thousandth of a degree: sin(θ)/θ needs its series, and the axis of the log is hardly known.",
            {"wx": 1e-5, "wy": 1.4e-5, "wz": 0.0, "rx": 2.0, "ry": 1.0, "rz": 0.0, "plot": "Error of the log"},
        ),
        Preset(
            "Half a turn",
            "θ = 180°: ω and −ω are the same rotation, and the textbook log divides 0 by 0.",
            {"wx": 0.0, "wy": math.pi, "wz": 0.0, "rx": 2.0, "ry": 0.6, "rz": 0.0, "plot": "Error of the log"},
        ),
        Preset(
            "Beyond half a turn",
            "θ = 260°: the log comes back the short way, 100° about the opposite axis.",
            {"wx": 0.0, "wy": 4.5379, "wz": 0.0, "rx": 3.0, "ry": 1.0, "rz": 0.0, "plot": "Log of the rotation"},
        ),
        Preset(
            "A full turn",
            "θ = 360°: R is the identity again and J is singular: only the shift along the axis is left of ρ.",
            {"wx": 0.0, "wy": TURN, "wz": 0.0, "rx": 3.0, "ry": 1.2, "rz": 0.0, "plot": "Log of the rotation"},
        ),
        Preset(
            "Gimbal lock",
            "Nose straight up: pitch is −90°, and yaw and roll turn about the same line.",
            {"wx": -math.pi / 2, "wy": 0.0, "wz": 0.0, "rx": 0.0, "ry": 0.0, "rz": 0.0, "order": "YXZ"},
        ),
        Preset(
            "Past gimbal lock",
            "A loop that passes close to the lock: the motion is even, yet yaw and roll jump by half a turn.",
            {"wx": -3.0, "wy": 0.12, "wz": 0.0, "rx": 0.0, "ry": 0.0, "rz": 3.0, "order": "YXZ"},
        ),
    ),
    figures={
        "Angle of log R": "How far log turns, at most 180°: beyond that it takes the shorter way round.",
        "Angle": "How far the motion has turned at time t, about its axis.",
        "Shift along the axis": "How far it has moved along the axis of the screw at time t.",
        "Pitch": "Metres along the axis in one whole turn; a motion without a turn has none.",
        "|log(exp ω) − ω|": "The distance of the rotation vector from the log of its rotation; 0 up to 180°.",
        "Textbook log": "The same error in float32, of ω = θ / (2 sin θ) times the skew part, with θ from arccos.",
        "Quaternion log": "The same error in float32, by way of the quaternion.",
        "From gimbal lock": "How far the middle Euler angle is from where the first and the last axis coincide.",
        "Rotation error": "The largest entry of RᵀR − I, or |det R − 1|: rounding alone.",
    },
)
