"""A radiance field of hash tables and two small networks, trained on posed images."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import ExperimentActivity, Preset, Term
from lab.chapters.fields.images import FIGURES, PANES, VERDICTS, PictureParams
from lab.chapters.fields.nerf import BLACK, GLOSSY, HARMONICS, LEARNED, RANDOM, SOFT, WHITE
from lab.params import choice, integer, number, switch

ALL, DENSE, FINEST = "all", "without hash", "finest alone"
MOST_LEVELS = 16


@dataclass(frozen=True)
class HashParams(PictureParams):
    """Parameters of a hashed field. Lengths in metres, or in the units of your own pictures' cameras."""

    levels: int = integer(
        8, "Levels", "Grids over the box, from coarse to fine.", minimum=1, maximum=MOST_LEVELS, group="Encoding"
    )
    base: int = integer(
        16, "Coarsest", "Cells of the first grid along the longest side of the box.", minimum=2, maximum=64,
        group="Encoding",
    )  # fmt: skip
    finest: int = integer(
        168, "Finest", "Cells of the last grid; those in between grow by the same factor.", minimum=8, maximum=1024,
        log=True, group="Encoding",
    )  # fmt: skip
    table_bits: int = integer(
        15,
        "Table size, log2",
        "A level has at most 2 to this power entries: 15 are 32,768. Grids with more vertices share them by a hash.",
        minimum=6,
        maximum=19,
        group="Encoding",
    )
    features: str = choice("2", "Features", "Numbers that an entry holds.", ("2", "4", "8"), group="Encoding")
    kept: str = choice(
        ALL,
        "Grids",
        "all: coarse and fine ones. without hash: those whose vertices have an entry each. finest alone: one hashed "
        "grid, whose collisions no coarser one tells apart.",
        (ALL, DENSE, FINEST),
        group="Encoding",
    )
    used: int = integer(
        MOST_LEVELS,
        "Levels in use",
        "The first so many; the network gets zeros for the others. Less, to see what each level adds.",
        minimum=1,
        maximum=MOST_LEVELS,
        live=True,
        group="Encoding",
    )
    width: str = choice(
        "64", "Width", "Of the networks' hidden layers.", ("16", "32", "64", "128"), group="Networks"
    )  # fmt: skip
    view_dependence: str = choice(
        SOFT,
        "View dependence",
        "How finely the colours' network sees the direction: 1, 4 or 9 spherical harmonics.",
        tuple(HARMONICS),
        group="Networks",
    )
    skip: bool = switch(
        True,
        "Skip empty space",
        "Samples only in cells that hold something. Off: all through the box, and a step has room for fewer rays.",
        group="Sampling",
    )
    samples: int = integer(
        32_768,
        "Samples",
        "That a step is for; how many rays this makes follows from how much is empty.",
        minimum=1024,
        maximum=1 << 20,
        log=True,
        group="Sampling",
        advanced=True,
    )
    ground: str = choice(
        BLACK,
        "Background",
        "What is behind the object. random: another colour for each ray, which tells what is see-through from what is "
        "black (it needs masks). learned: a panorama, for pictures that show more than the object.",
        (BLACK, WHITE, RANDOM, LEARNED),
        group="Sampling",
    )
    color_weight: float = number(
        1.0, "Colour", "Of the squared differences of the colours.", minimum=0.0, maximum=10.0, live=True,
        term="color", group="Losses",
    )  # fmt: skip
    mask_weight: float = number(
        0.5, "Mask", "Of the squared differences of opacity and mask.", minimum=0.0, maximum=10.0, live=True,
        term="mask", group="Losses",
    )  # fmt: skip
    steps: int = integer(600, "Steps", "How long it trains.", minimum=1, maximum=100_000, log=True, group="Optimiser")
    rate: float = number(
        1.0,
        "Learning rate",
        "Of Adam, against its usual one: 0.01 for the tables, 0.005 for the networks.",
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


HASHED = ExperimentActivity(
    key="nerf-hash",
    title="Hash grid and network",
    summary="Tables of features, found by a hash, and a network so small that it learns within seconds.",
    params=HashParams,
    experiment="lab.fields.hashed.experiment:TrainHashed",
    steps="steps",
    result="field",
    mesh="surface",
    lesson="nerf-hash.md",
    example={"object": "spot.ply"},
    pictures=PANES,
    terms=(
        Term("color", "Colour", "color_weight", dark="#6fb1ff", light="#1d54fe"),
        Term("mask", "Mask", "mask_weight", dark="#ff961d", light="#a13900"),
        *VERDICTS,
    ),
    presets=(
        Preset("Spot in seconds", "Eight levels of at most 32,768 entries, sized for two cores.", {}),
        Preset("Without masks", "Nobody says where the object is; black is just a colour.", {"masks": False}),
        Preset(
            "Without the hash",
            "Only the coarse grids, whose vertices all have an entry of their own: smooth, and never sharp.",
            {"kept": DENSE},
        ),
        Preset(
            "Finest grid alone",
            "One hashed grid: what collides stays mixed up, and no coarse grid fills what few rays meet.",
            {"kept": FINEST},
        ),
        Preset("Tiny tables", "512 entries a level: vertices share them by the thousand.", {"table_bits": 9}),
        Preset("No empty space", "Samples all through the box, most of them for nothing.", {"skip": False}),
        Preset(
            "Own photos",
            "Photos of your own: a learned panorama behind, and finer grids.",
            {
                "ground": LEARNED,
                "masks": False,
                "size": 400,
                "finest": 512,
                "levels": 12,
                "table_bits": 17,
                "steps": 3000,
                "path": "sphere",
            },
        ),
        Preset("Few views", "Eight pictures alone: what nobody saw is made up.", {"views": 8}),
        Preset(
            "As published",
            "Sixteen levels of 524,288 entries, nine harmonics, 262,144 samples: for a graphics card.",
            {"levels": 16, "table_bits": 19, "finest": 1024, "samples": 262_144, "view_dependence": GLOSSY},
        ),
    ),
    figures={
        **FIGURES,
        "Table entries": "Of all levels together.",
        "Levels without a hash": "Of the grids in use, those with an entry for each vertex.",
        "Vertices for each entry": "Of the finest grid: how many share one, as a mean over the whole box.",
        "Parameters": "The numbers that were learned: tables and networks.",
        "Empty": "The share of the box's cells that rays leave out, %.",
    },
)
