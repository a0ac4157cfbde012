"""An activity with many numbers on pages, a number that plays, hidden ones and rows that come and go."""

from __future__ import annotations

from dataclasses import dataclass

from lab import params
from lab.chapter import Preset, StudyActivity

JOINTS = ("Hip", "Knee", "Ankle")
LIMIT = 2.0


@dataclass(frozen=True)
class Params:
    """For the tests of rows."""

    joint: str = params.choice("Hip", "Joint", "Whose rotation is shown.", JOINTS, group="Pose")
    pose: tuple[float, ...] = params.numbers(
        (0.0,) * 9,
        "Pose",
        "How far each joint is turned.",
        minimum=-LIMIT,
        maximum=LIMIT,
        names=("x", "y", "z"),
        pages=JOINTS,
        page_by="joint",
        degrees=True,
        group="Pose",
    )
    betas: tuple[float, ...] = params.numbers(
        (0.5, 0.0, 0.0), "Shape", "Of the body.", minimum=-5, maximum=5, names=("tall", "heavy", "broad"), group="Shape"
    )
    source: str = params.choice("clip", "Source", "Where from.", ("clip", "file"), group="Source")
    time: float = params.number(
        1.0,
        "Time",
        "In the clip.",
        minimum=0,
        maximum=60,
        unit="s",
        play=True,
        when=("source", ("clip",)),
        group="Time",
    )
    file: str = params.file("File", "Motion.", when=("source", ("file",)), group="Source")
    pull: tuple[float, ...] = params.numbers((0.0,) * 3, "Pull", "Where to.", minimum=-9, maximum=9, hidden=True)
    pulled: str = params.text("", "Pulled", "Which joint.", hidden=True)


POSED = StudyActivity(
    key="tests.ui.forms.posed:POSED",
    title="A pose",
    summary="For tests.",
    params=Params,
    lesson="../../tests/ui/studies/small.md",
    presets=(Preset("Rest", "All zero.", {}), Preset("Sit", "Bent.", {"pose[3]": 1.5, "pose[0]": -1.5})),
    study="tests.ui.studies.small:SmallStudy",
    panes=(),
)
