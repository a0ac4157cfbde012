"""A scan of a person, and the body model that is laid into it."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import ExperimentActivity, Preset, Term
from lab.chapters.body.body import GO_ON
from lab.params import choice, file, geometry, integer, number

AUTO, METRES, CENTIMETRES, MILLIMETRES = "found by the height", "metres", "centimetres", "millimetres"
UNITS = {METRES: 1.0, CENTIMETRES: 0.01, MILLIMETRES: 0.001}
BODIES = ("neutral", "female", "male")


@dataclass(frozen=True)
class ScanParams:
    """Parameters of the fit to a scan. Distances in metres."""

    scan: str = geometry(
        "Scan", "A person as a mesh or a point cloud: standing, Y up, seen from any side.", group="Scan"
    )
    unit: str = choice(
        AUTO,
        "Unit of the scan",
        "What 1 means in the file. By default the unit is chosen in which the scan is as tall as a person.",
        (AUTO, *UNITS),
        group="Scan",
    )
    points: int = integer(
        1500,
        "Points",
        "Points of the scan that are used, spread evenly over it.",
        minimum=100,
        maximum=20_000,
        log=True,
        group="Scan",
    )
    model: str = choice("neutral", "Body", "Which of the lab's bodies is fitted.", BODIES, group="Body")
    own_model: str = file(
        "Your own model",
        "An SMPL file (.pkl or .npz) in place of the lab's body.",
        group="Body",
        advanced=True,
    )
    scan_weight: float = number(
        1.0,
        "Scan to body",
        "How much the distances from the scan to the body count.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="scan",
        group="Objective",
    )
    body_weight: float = number(
        0.3,
        "Body to scan",
        "How much the distances from the body to the scan count. Lower it for a scan with large holes.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="body",
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
    reach: float = number(
        5.0,
        "Robust distance",
        "Distances well beyond this count no more than it: hair, clothes and floor do not pull at the body.",
        minimum=0.5,
        maximum=50.0,
        unit="cm",
        log=True,
        live=True,
        group="Objective",
    )
    steps: int = integer(60, "Steps", "Steps of Gauss-Newton.", minimum=1, maximum=1000, group="Optimisation")


SCAN = ExperimentActivity(
    key="body-scan",
    title="Body in a scan",
    summary="Lay the body model into a scan of a person: pose and shape from points, with measurements.",
    params=ScanParams,
    lesson="body_scan.md",
    experiment="lab.body.scan.experiment:FitScan",
    steps="steps",
    result="body",
    onward=GO_ON,
    example={"scan": "person_scan.ply"},
    terms=(
        Term("scan", "Scan to body", "scan_weight", "#6fb1ff", "#1d54fe"),
        Term("body", "Body to scan", "body_weight", "#4fcc9e", "#094763"),
        Term("pose", "Pose prior", "pose_weight", "#ff961d", "#a13900"),
        Term("shape", "Shape prior", "shape_weight", "#f06cc0", "#b01e66"),
    ),
    presets=(
        Preset("A whole person", "Points on all sides.", {}),
        Preset(
            "Seen from one side", "A depth camera's view: the body's other side has no points.", {"body_weight": 0.0}
        ),
        Preset(
            "Loose clothes",
            "The body stays within common shapes, and far points count less.",
            {"shape_weight": 4.0, "reach": 2.5},
        ),
    ),
    figures={
        "Scan to body": "Distance from a point of the scan to the body's surface.",
        "Body to scan": "Distance from a vertex of the body to the nearest point of the scan.",
        "Unit of the scan": "What 1 in the file was taken for.",
    },
)
