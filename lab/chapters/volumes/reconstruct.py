"""A volume of densities and colours, found from pictures whose cameras are known."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import ExperimentActivity, Preset, Term
from lab.chapters.fields.images import FIGURES, PANES, VERDICTS, PictureParams
from lab.chapters.fields.nerf import BLACK, LEARNED, RANDOM
from lab.params import choice, integer, number
from lab.study import Pane

FUSED, CLASSES = "fused", "PyTorch3D's classes"
AROUND, PLANES = "around the volume", "near and far"
BOX, COURSE_BOX = "the object's box", "3 m about the origin"
SQUARED, HUBER = "squared", "pseudo-Huber"
COLOR, OPACITY = "colour", "opacity"
VOXELS = ("32", "64", "128")

_CLASSES = ("method", (CLASSES,))
_FUSED = ("method", (FUSED,))
_PLANES = ("depths", (PLANES,))


@dataclass(frozen=True)
class VolumeParams(PictureParams):
    """Parameters of a volume. Lengths in metres, or in the units of your own pictures' cameras."""

    method: str = choice(
        FUSED,
        "Method",
        "fused: the lab's own kernel, on voxels where something may be. PyTorch3D's classes: the course's loop, with "
        "every voxel and autograd; it takes seconds to minutes.",
        (FUSED, CLASSES),
        group="Volume",
    )
    voxels: str = choice("128", "Voxels", "Along the longest side, in the end.", VOXELS, group="Volume")
    box: str = choice(
        BOX,
        "Where it is",
        "What the volume fills: the box of the object, as a cube; or, as in the course, 3 m about the origin.",
        (BOX, COURSE_BOX),
        group="Volume",
        when=_CLASSES,
    )
    first_density: float = number(
        -5.0,
        "First density",
        "Of every voxel, before its activation: fog. The course has -4, and sigmoid(-4) is an opacity of 0.018.",
        minimum=-12.0,
        maximum=4.0,
        group="Volume",
    )
    ground: str = choice(
        BLACK,
        "Background",
        "What is behind the volume. random: another colour for each ray (it needs masks). learned: a panorama, for "
        "pictures that show more than the object. The course's loop has black.",
        (BLACK, RANDOM, LEARNED),
        group="Volume",
        when=_FUSED,
    )
    points: int = integer(
        75, "Samples", "Of each ray; 150 in the course.", minimum=4, maximum=512, log=True, group="Rays", when=_CLASSES
    )
    depths: str = choice(
        AROUND,
        "Samples lie",
        "around the volume: between its nearest and its farthest corner; near and far: between two planes before the "
        "camera.",
        (AROUND, PLANES),
        group="Rays",
        when=_CLASSES,
    )
    near: float = number(
        0.1,
        "Near",
        "The first plane, from the camera.",
        minimum=0.01,
        maximum=1000.0,
        unit="m",
        log=True,
        group="Rays",
        when=_PLANES,
    )
    far: float = number(
        3.0,
        "Far",
        "The second plane. 3 m, as in the course, ends within the object.",
        minimum=0.02,
        maximum=10_000.0,
        unit="m",
        log=True,
        group="Rays",
        when=_PLANES,
    )
    rays: int = integer(
        4096, "Rays", "Of a step.", minimum=256, maximum=65_536, log=True, group="Rays", advanced=True, when=_FUSED
    )
    batch: int = integer(
        5,
        "Pictures a step",
        "All of their rays are marched; 10 in the course.",
        minimum=1,
        maximum=300,
        group="Rays",
        when=_CLASSES,
    )

    color_weight: float = number(
        1.0,
        "Colour",
        "Of the differences of the colours.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="color",
        group="Losses",
    )
    mask_weight: float = number(
        0.5,
        "Mask",
        "Of the differences of opacity and mask; 1 in the course.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="mask",
        group="Losses",
    )
    loss: str = choice(
        HUBER,
        "Differences",
        "pseudo-Huber: the course's, whose slope is at most 1; squared: as radiance fields have them.",
        (HUBER, SQUARED),
        group="Losses",
        when=_CLASSES,
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
        when=_FUSED,
    )
    steps: int = integer(600, "Steps", "How long it trains.", minimum=1, maximum=100_000, log=True, group="Optimiser")
    rate: float = number(
        1.0,
        "Learning rate",
        "Of Adam, against its usual one: 0.3 for density, 0.1 for colour.",
        minimum=0.01,
        maximum=10.0,
        log=True,
        live=True,
        group="Optimiser",
        when=_FUSED,
    )
    learning_rate: float = number(
        0.1,
        "Learning rate",
        "Of Adam.",
        minimum=1e-4,
        maximum=1.0,
        log=True,
        live=True,
        group="Optimiser",
        when=_CLASSES,
    )
    restart: int = integer(
        225,
        "Afresh from step",
        "From then on a new Adam goes on with a tenth of the rate; 0: never.",
        minimum=0,
        maximum=100_000,
        group="Optimiser",
        when=_CLASSES,
    )

    shown: int = integer(
        1,
        "View shown",
        "Which of the held-out views is shown beside its truth.",
        minimum=1,
        maximum=40,
        live=True,
        group="Shown",
    )
    slice_x: float = number(
        0.5, "Slice across x", "Where it is, from 0 (left) to 1.", minimum=0.0, maximum=1.0, live=True, group="Shown"
    )
    slice_y: float = number(
        0.5, "Slice across y", "Where it is, from 0 (below) to 1.", minimum=0.0, maximum=1.0, live=True, group="Shown"
    )
    slice_z: float = number(
        0.5, "Slice across z", "Where it is, from 0 (behind) to 1.", minimum=0.0, maximum=1.0, live=True, group="Shown"
    )
    slices_show: str = choice(
        COLOR,
        "Slices show",
        "The colour of what is opaque, or how opaque every voxel is.",
        (COLOR, OPACITY),
        live=True,
        group="Shown",
    )


_COURSE = {
    "method": CLASSES,
    "voxels": "128",
    "box": COURSE_BOX,
    "first_density": -4.0,
    "points": 150,
    "depths": PLANES,
    "near": 0.1,
    "far": 3.0,
    "batch": 10,
    "mask_weight": 1.0,
    "loss": HUBER,
    "learning_rate": 0.1,
    "restart": 225,
    "steps": 300,
}
_REDUCED = {**_COURSE, "size": 64, "voxels": "64", "points": 75, "batch": 5}

VOLUME = ExperimentActivity(
    key="volume",
    title="Volume from images",
    summary="A density and a colour in every voxel, found by comparing pictures: the course's loop, and a fast one.",
    params=VolumeParams,
    experiment="lab.volumes.reconstruct.experiment:TrainVolume",
    steps="steps",
    result="field",
    mesh="surface",
    lesson="volume.md",
    example={"object": "spot.ply"},
    pictures=(
        *PANES,
        Pane(
            "slices",
            "Slices",
            "picture",
            "Through the volume, framed like the planes in the view: across x (seen from the right), across y (from "
            "above), across z (from the front).",
        ),
    ),
    terms=(
        Term("color", "Colour", "color_weight", dark="#6fb1ff", light="#1d54fe"),
        Term("mask", "Mask", "mask_weight", dark="#ff961d", light="#a13900"),
        *VERDICTS,
        Term("iou", "Mask IoU, held out", "", dark="#f0e660", light="#7a5f00"),
    ),
    presets=(
        Preset("Fused", "The lab's own: forty pictures with masks, sharp within a second.", {}),
        Preset("Reduced", "The course's loop with PyTorch3D's classes at a size for a CPU: about a minute.", _REDUCED),
        Preset(
            "As the course has it",
            "128 voxels a side, 150 samples, ten pictures of 128 x 128 a step: a quarter of an hour on two cores.",
            _COURSE,
        ),
        Preset(
            "Samples around the volume",
            "The reduced loop, with its samples spent where the volume is.",
            {**_REDUCED, "depths": AROUND},
        ),
        Preset("Without masks", "Nobody says where the object is; black is just a colour.", {"masks": False}),
        Preset(
            "Loop without masks", "The reduced loop, without masks.", {**_REDUCED, "masks": False, "depths": AROUND}
        ),
        Preset(
            "Own photos",
            "Photos of your own: a learned panorama behind the object.",
            {"ground": LEARNED, "masks": False, "size": 400, "steps": 2000, "path": "sphere"},
        ),
        Preset("Few views", "Six pictures alone: what nobody saw is made up.", {"views": 6}),
        Preset(
            "Thick fog",
            "The reduced loop begins nearly opaque: the nearest voxels hide all others, and it gets stuck.",
            {**_REDUCED, "first_density": 2.0},
        ),
        Preset(
            "Squared differences",
            "The reduced loop with squares instead of pseudo-Huber.",
            {**_REDUCED, "loss": SQUARED},
        ),
    ),
    figures={
        **FIGURES,
        "Mask IoU": "Of the masks of held-out views and what is at least half opaque: intersection over union.",
        "Training views": "The same for the pictures that it was trained on.",
    },
)
