"""Interpolation: the ways from one pose to another, compared on a moving object."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import Preset, StudyActivity
from lab.chapters.cameras.motions import EULER_ORDERS
from lab.params import choice, geometry, integer, number, switch
from lab.study import Pane


def _place(default: float, axis: str, pose: str) -> float:
    return number(
        default,
        f"{pose} {axis}",
        f"Where the origin of the {pose.lower()} pose is along {axis}, in the first row.",
        minimum=-10.0,
        maximum=10.0,
        unit="m",
        group=f"{pose} pose",
    )


def _turn(default: float, axis: str, pose: str) -> float:
    return number(
        default,
        f"{pose} turn {axis}",
        f"The {axis} part of the rotation vector of the {pose.lower()} pose.",
        minimum=-360.0,
        maximum=360.0,
        unit="°",
        group=f"{pose} pose",
    )


def _method(on: bool, label: str, doc: str) -> bool:
    return switch(on, label, doc, group="Methods")


@dataclass(frozen=True)
class InterpolationParams:
    """Parameters of the study "Interpolation". Metres and degrees, world frame."""

    t: float = number(
        0.5, "Time t", "Where the objects are on their ways: 0 is the first pose, 1 the last.", minimum=0.0, maximum=1.0
    )
    slerp: bool = _method(True, "Slerp", "The rotation turns evenly about one axis; the origin goes straight.")
    screw: bool = _method(True, "SE(3) screw", "Rotation and translation together, as one even screw motion.")
    euler: bool = _method(True, "Euler angles", "Each angle goes straight to its end; the origin goes straight.")
    matrix: bool = _method(True, "Matrix", "The entries of the matrices are mixed; nobody keeps them a rotation.")
    projected: bool = _method(False, "Matrix, projected", "The mixed matrix, replaced by the nearest rotation (SVD).")
    nlerp: bool = _method(False, "Quaternion, scaled", "A straight line between the quaternions, scaled to length 1.")
    quaternion: bool = _method(False, "Quaternion", "A straight line between the quaternions, left as it is.")
    order: str = choice(
        "YXZ", "Euler order", "Which axes the three Euler angles turn about, in turn.", EULER_ORDERS, group="Methods"
    )
    other_sign: bool = switch(
        False,
        "Other sign",
        "Take the last quaternion as −q. It is the same rotation, but slerp and the quaternion lines go the long way.",
        group="Methods",
    )
    apart: bool = switch(
        True,
        "Side by side",
        "Each method in a row of its own, one behind the other; off: all in one place.",
        group="Shown",
    )
    ghosts: int = integer(5, "Ghosts", "How many copies mark each way.", minimum=0, maximum=30, group="Shown")
    object: str = geometry(
        "Object",
        "What moves: a mesh or point cloud, shown centred and two metres long. Without one it is an airplane.",
        optional=True,
        group="Shown",
    )
    ax: float = _place(-3.0, "x", "First")
    ay: float = _place(0.0, "y", "First")
    az: float = _place(0.0, "z", "First")
    au: float = _turn(0.0, "x", "First")
    av: float = _turn(20.0, "y", "First")
    aw: float = _turn(0.0, "z", "First")
    bx: float = _place(3.0, "x", "Last")
    by: float = _place(0.0, "y", "Last")
    bz: float = _place(0.0, "z", "Last")
    bu: float = _turn(-60.0, "x", "Last")
    bv: float = _turn(110.0, "y", "Last")
    bw: float = _turn(70.0, "z", "Last")


_STRAIGHT = {"av": 0.0, "bu": 0.0, "bw": 0.0}

INTERPOLATION = StudyActivity(
    key="interpolation",
    title="Interpolation",
    summary="Go from one pose to another by slerp, Euler angles, matrices or a screw, and see what each does.",
    params=InterpolationParams,
    lesson="interpolation.md",
    study="lab.motions.interpolation_study:InterpolationStudy",
    panes=(
        (Pane("ways", "Ways", "view", "One row a method, in its colour. Drag or turn the first and the last pose."),),
        (
            Pane("angle", "Angle from the start", "plot", "How far each method has turned away from the first pose."),
            Pane("speed", "Angular speed", "plot", "How fast each method turns; a level line is an even turn."),
            Pane("methods", "Methods", "table", "How far each turns, and how much it bends the object."),
        ),
    ),
    presets=(
        Preset("Four ways", "Slerp, screw, Euler angles and matrices between two poses 128° apart.", {}),
        Preset(
            "Half a turn",
            "180°: the mixed matrix goes flat half-way and the object is gone.",
            {**_STRAIGHT, "bv": 180.0, "projected": True, "euler": False, "screw": False},
        ),
        Preset(
            "Detour of Euler angles",
            "The last nose looks nearly straight up, next to gimbal lock: 92° apart, and the angles turn 319°.",
            {"av": 0.0, "bu": -90.0, "bv": 15.0, "bw": 15.0, "matrix": False},
        ),
        Preset(
            "Across 180°",
            "A yaw from 170° to 190°: the number for 190° is −170°, so the angle goes back through 0.",
            {**_STRAIGHT, "av": 170.0, "bv": 190.0, "matrix": False},
        ),
        Preset(
            "The other sign",
            "q and −q are one rotation. Without a look at the sign, slerp turns the long way round.",
            {"other_sign": True, "nlerp": True, "euler": False, "matrix": False},
        ),
        Preset(
            "Uneven speed",
            "Slerp against lines that are scaled or projected back: the same way, at another pace.",
            {
                **_STRAIGHT,
                "bv": 160.0,
                "projected": True,
                "nlerp": True,
                "euler": False,
                "matrix": False,
                "screw": False,
            },
        ),
        Preset(
            "Screw or straight",
            "A pure turn about a far axis: the screw goes around it, slerp cuts across.",
            {**_STRAIGHT, "av": 90.0, "bv": -90.0, "bz": 0.5, "euler": False, "matrix": False},
        ),
        Preset(
            "A small turn",
            "20° apart: the right ways can hardly be told apart, and even the matrix is only 1.5 % too small.",
            {**_STRAIGHT, "bv": 20.0, "nlerp": True},
        ),
    ),
    figures={
        "Apart": "The angle between the first and the last pose: no way can be shorter.",
        "Way of": "How far the method turns in all. What is above the angle apart is a detour.",
        "Volume error of": "The largest |det − 1| on the way: 0 keeps the object's volume, 1 loses all of it.",
    },
)
