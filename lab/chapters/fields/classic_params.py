"""The parameters of a classic NeRF."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapters.fields.images import PictureParams
from lab.params import choice, file, integer, number, switch

ORIGINAL, COURSE = "original", "course"
BLACK, WHITE, RANDOM = "black", "white", "random"
OBJECT, BOX, PLANES = "object", "box", "near and far"
ON_OBJECT, EVERYWHERE = "on the object", "everywhere"
RELU, SOFTPLUS = "relu", "softplus"
SMOOTH, ONE_STEP = "smooth", "one step"
SQUARED, HUBER = "squared", "pseudo-Huber"


@dataclass(frozen=True)
class ClassicParams(PictureParams):
    """Parameters of a classic NeRF. Lengths in metres, or in the units of your own pictures' cameras."""

    encoding: bool = switch(
        True,
        "Positional encoding",
        "Off, the network gets bare coordinates (the course's network then gets nothing at all).",
        live=True,
        group="Encoding",
    )
    frequencies: int = integer(
        10,
        "Frequencies, place",
        "How many are used, from the lowest on. The original network has 10 at most, the course's 60.",
        minimum=0,
        maximum=60,
        live=True,
        group="Encoding",
    )
    view_dependence: bool = switch(
        True,
        "View dependence",
        "Off, the network does not know where it is looked at from: no highlights.",
        live=True,
        group="Encoding",
    )
    direction_frequencies: int = integer(
        4,
        "Frequencies, direction",
        "How many are used. The original network has 4 at most, the course's 60.",
        minimum=0,
        maximum=60,
        live=True,
        group="Encoding",
    )

    network: str = choice(
        ORIGINAL,
        "Network",
        "original: as published, with the width and depth below; course: its own, 317,188 parameters, "
        "whose opacity does not know how far apart the samples are.",
        (ORIGINAL, COURSE),
        group="Network",
    )
    width: int = integer(
        64,
        "Width",
        "Of the layers; 256 as published.",
        minimum=8,
        maximum=512,
        log=True,
        group="Network",
        when=("network", (ORIGINAL,)),
    )
    depth: int = integer(
        4,
        "Layers",
        "Before density and colour part; 8 as published.",
        minimum=2,
        maximum=12,
        group="Network",
        when=("network", (ORIGINAL,)),
    )
    density: str = choice(
        SOFTPLUS,
        "Density from",
        "relu: as published, and it can die: where it is 0, nothing pulls it back. softplus: never quite 0.",
        (SOFTPLUS, RELU),
        group="Network",
        advanced=True,
        when=("network", (ORIGINAL,)),
    )
    weights: str = file(
        "Weights",
        "Begin with weights of an earlier run: what “Save .npz…” made of its results. Empty: random ones.",
        group="Network",
        advanced=True,
    )

    hierarchical: bool = switch(
        False,
        "Coarse and fine",
        "Two networks: the second one has samples where the first one found something.",
        group="Sampling",
    )
    coarse: int = integer(
        24, "Samples", "Of each ray; 64 as published.", minimum=4, maximum=512, log=True, group="Sampling"
    )
    fine: int = integer(
        24,
        "Fine samples",
        "As many more for the second network; 128 as published.",
        minimum=4,
        maximum=512,
        log=True,
        group="Sampling",
        when=("hierarchical", (True,)),
    )
    jitter: bool = switch(
        True, "Jitter", "Samples move at random, each within its bin.", group="Sampling", advanced=True
    )
    bounds: str = choice(
        OBJECT,
        "Samples lie",
        "object: where all masks agree that something may be (the box, where there are no masks); box: in the "
        "object's box; near and far: between two planes before the camera, as published.",
        (OBJECT, BOX, PLANES),
        group="Sampling",
    )
    near: float = number(
        1.3,
        "Near",
        "The first plane, from the camera.",
        minimum=0.01,
        maximum=1000.0,
        unit="m",
        log=True,
        group="Sampling",
        when=("bounds", (PLANES,)),
    )
    far: float = number(
        4.0,
        "Far",
        "The second plane.",
        minimum=0.02,
        maximum=10_000.0,
        unit="m",
        log=True,
        group="Sampling",
        when=("bounds", (PLANES,)),
    )
    rays: int = integer(512, "Rays", "Of a step.", minimum=16, maximum=65_536, log=True, group="Rays")
    pictures: int = integer(
        0,
        "From pictures",
        "How many pictures the rays of a step come from: 1 as published, 6 in the course; 0: all of them.",
        minimum=0,
        maximum=300,
        group="Rays",
    )
    pixels: str = choice(
        ON_OBJECT,
        "Rays go",
        "on the object: through pixels of the masks and around them (with a box or planes, every second ray); "
        "everywhere: through any pixel.",
        (ON_OBJECT, EVERYWHERE),
        group="Rays",
    )
    between_pixels: bool = switch(
        False,
        "Between pixels",
        "Rays through any place of a picture, whose colour is interpolated, as in the course.",
        group="Rays",
        advanced=True,
    )
    ground: str = choice(
        RANDOM,
        "Background",
        "What is behind the object. random: another colour for each ray, so that being empty and being black are not "
        "the same any more (it needs masks, else it is black).",
        (RANDOM, BLACK, WHITE),
        group="Rays",
    )
    first_sizes: int = integer(
        0,
        "Small pictures first",
        "A quarter of the size, then half of it, each for so many steps.",
        minimum=0,
        maximum=10_000,
        group="Rays",
        advanced=True,
    )

    color_weight: float = number(
        1.0, "Colour", "Of the colours.", minimum=0.0, maximum=10.0, live=True, term="color", group="Losses"
    )
    coarse_weight: float = number(
        1.0,
        "Colour, coarse",
        "Of the first network's colours, where there are two.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="coarse",
        group="Losses",
        when=("hierarchical", (True,)),
    )
    mask_weight: float = number(
        0.0,
        "Mask",
        "Of opacity against mask. A random background says the same already.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="mask",
        group="Losses",
    )
    loss: str = choice(
        SQUARED,
        "Differences",
        "squared: as published; pseudo-Huber: the course's, whose slope is less than 1.",
        (SQUARED, HUBER),
        group="Losses",
        advanced=True,
    )
    noise: float = number(
        0.0,
        "Density noise",
        "Standard deviation of what is added before density is made; 1 as published for photos.",
        minimum=0.0,
        maximum=5.0,
        live=True,
        group="Losses",
        advanced=True,
    )

    steps: int = integer(2000, "Steps", "How long it trains.", minimum=1, maximum=500_000, log=True, group="Optimiser")
    learning_rate: float = number(
        3e-3,
        "Learning rate",
        "Of Adam; 0.0005 as published.",
        minimum=1e-6,
        maximum=0.1,
        log=True,
        live=True,
        group="Optimiser",
    )
    decay: str = choice(
        SMOOTH,
        "Decay",
        "How the learning rate falls to a tenth.",
        (SMOOTH, ONE_STEP),
        group="Optimiser",
        advanced=True,
    )
    decay_steps: int = integer(
        2000,
        "Decay over",
        "After so many steps it is a tenth; 0: never.",
        minimum=0,
        maximum=1_000_000,
        group="Optimiser",
        advanced=True,
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
    view_size: int = integer(
        128,
        "View size",
        "Views are computed with at most so many pixels a side, and enlarged. Large networks need seconds for each.",
        minimum=8,
        maximum=800,
        unit="px",
        group="Shown",
        advanced=True,
    )
    grid: int = integer(
        72,
        "Voxels",
        "What the viewport shows is the network on a grid: so many points along the longest side.",
        minimum=16,
        maximum=160,
        group="Shown",
        advanced=True,
    )
