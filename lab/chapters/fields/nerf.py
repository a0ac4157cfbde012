"""A radiance field from posed images, sharp within seconds."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import ExperimentActivity, Preset, Term
from lab.chapters.fields.images import FIGURES, PANES, VERDICTS, PictureParams
from lab.params import choice, integer, number, switch

NONE, SOFT, GLOSSY = "none", "soft", "glossy"
HARMONICS = {NONE: 1, SOFT: 4, GLOSSY: 9}
"""View dependence, and how many spherical harmonics it takes."""

BLACK, WHITE, RANDOM, LEARNED = "black", "white", "random", "learned"
CELLS = ("64", "128", "256")


@dataclass(frozen=True)
class NerfParams(PictureParams):
    """Parameters of a radiance field. Lengths in metres, or in the units of your own pictures' cameras."""

    refine_cameras: bool = switch(
        False,
        "Refine cameras",
        "Correct the cameras along with the field: for photos whose poses are a little off. Held-out ones stay.",
        group="Pictures",
    )
    cells: str = choice("128", "Voxels", "Along the longest side of the box, in the end.", CELLS, group="Field")
    view_dependence: str = choice(
        NONE,
        "View dependence",
        "Colours that change with the direction of view: highlights need them. Each step takes longer.",
        tuple(HARMONICS),
        group="Field",
    )
    ground: str = choice(
        BLACK,
        "Background",
        "What is behind the object. random: another colour for each ray, which tells what is see-through from what is "
        "black (it needs masks). learned: a panorama, for pictures that show more than the object.",
        (BLACK, WHITE, RANDOM, LEARNED),
        group="Field",
    )
    color_weight: float = number(
        1.0,
        "Colour",
        "Of the squared differences of the colours.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="color",
        group="Losses",
    )
    mask_weight: float = number(
        0.5,
        "Mask",
        "Of the squared differences of opacity and mask.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="mask",
        group="Losses",
    )
    smooth_weight: float = number(
        1.0,
        "Smoothness",
        "Of the total variation, against its usual strength: more of it takes noise away, and then detail.",
        minimum=0.0,
        maximum=1000.0,
        live=True,
        group="Losses",
        advanced=True,
    )
    budget: float = number(
        0.0,
        "Time budget",
        "Seconds for the whole training on this machine: a short measurement then chooses voxels, rays and steps. "
        "0: as many steps as below.",
        minimum=0.0,
        maximum=86_400.0,
        unit="s",
        group="Optimiser",
    )
    steps: int = integer(800, "Steps", "How long it trains.", minimum=1, maximum=100_000, log=True, group="Optimiser")
    rays: int = integer(
        4096, "Rays", "Of a step.", minimum=256, maximum=65_536, log=True, group="Optimiser", advanced=True
    )
    rate: float = number(
        1.0,
        "Learning rate",
        "Of Adam, against its usual one: 0.3 for density, 0.1 for colour.",
        minimum=0.01,
        maximum=10.0,
        log=True,
        live=True,
        group="Optimiser",
    )
    shown: int = integer(
        1, "View shown", "Which of the held-out views is shown beside its truth.", minimum=1, maximum=40, live=True,
        group="Shown",
    )  # fmt: skip


NERF = ExperimentActivity(
    key="nerf",
    title="Instant field",
    summary="A radiance field from posed images, sharp within seconds: fly around it while it trains.",
    params=NerfParams,
    experiment="lab.fields.experiment:TrainInstant",
    steps="steps",
    result="field",
    mesh="surface",
    lesson="nerf.md",
    example={"object": "spot.ply"},
    pictures=PANES,
    terms=(
        Term("color", "Colour", "color_weight", dark="#6fb1ff", light="#1d54fe"),
        Term("mask", "Mask", "mask_weight", dark="#ff961d", light="#a13900"),
        *VERDICTS,
    ),
    presets=(
        Preset("Spot in seconds", "Forty pictures with masks: sharp within a second.", {}),
        Preset("One minute", "As fine and as long as this machine can in 60 seconds.", {"budget": 60.0}),
        Preset("Without masks", "Nobody says where the object is; black is just a colour.", {"masks": False}),
        Preset(
            "Own photos",
            "Photos of your own: a learned panorama behind, and colours that may change with the view.",
            {"ground": LEARNED, "masks": False, "view_dependence": SOFT, "size": 400, "steps": 2000, "path": "sphere"},
        ),
        Preset(
            "Highlights",
            "Colours that change with the direction of view, from all around.",
            {"view_dependence": SOFT, "path": "sphere"},
        ),
        Preset("Few views", "Eight pictures alone: what nobody saw is made up.", {"views": 8}),
        Preset(
            "Noisy cameras", "Each camera is off by a degree: nothing sharp fits all of them.", {"camera_noise": 1.0}
        ),
        Preset(
            "Refined cameras",
            "The same cameras, corrected while the field is trained.",
            {"camera_noise": 1.0, "refine_cameras": True},
        ),
    ),
    figures={**FIGURES, "Cameras turned": "The mean angle by which refining has turned the training cameras."},
)
