"""The classic NeRF: a network that knows the colour and density of every point, trained on posed images."""

from __future__ import annotations

from lab.chapter import ExperimentActivity, Preset, Term
from lab.chapters.fields.classic_params import (
    BLACK,
    BOX,
    COURSE,
    EVERYWHERE,
    HUBER,
    ONE_STEP,
    ORIGINAL,
    PLANES,
    RELU,
    WHITE,
    ClassicParams,
)
from lab.chapters.fields.images import FIGURES, PANES, VERDICTS
from lab.study import Pane

_PUBLISHED = {
    "network": ORIGINAL,
    "width": 256,
    "depth": 8,
    "density": RELU,
    "hierarchical": True,
    "coarse": 64,
    "fine": 128,
    "bounds": PLANES,
    "near": 1.3,
    "far": 4.0,
    "rays": 1024,
    "pictures": 1,
    "pixels": EVERYWHERE,
    "ground": WHITE,
    "learning_rate": 5e-4,
    "decay_steps": 500_000,
    "steps": 500_000,
    "view_size": 32,
    "grid": 32,
}
_COURSE = {
    "network": COURSE,
    "frequencies": 60,
    "direction_frequencies": 60,
    "coarse": 128,
    "jitter": False,
    "bounds": PLANES,
    "near": 0.1,
    "far": 3.0,
    "rays": 4500,
    "pictures": 6,
    "pixels": EVERYWHERE,
    "between_pixels": True,
    "ground": BLACK,
    "mask_weight": 1.0,
    "loss": HUBER,
    "learning_rate": 1e-3,
    "decay": ONE_STEP,
    "decay_steps": 2250,
    "steps": 3000,
    "view_size": 32,
    "grid": 32,
}

CLASSIC = ExperimentActivity(
    key="nerf-classic",
    title="Classic NeRF",
    summary="The network of 2020, small enough to learn on a laptop, with every part of it on a switch.",
    params=ClassicParams,
    experiment="lab.fields.classic.experiment:TrainClassic",
    steps="steps",
    result="field",
    mesh="surface",
    lesson="nerf-classic.md",
    example={"object": "spot.ply"},
    pictures=(
        *PANES,
        Pane(
            "encoding",
            "Encoding",
            "picture",
            "The features of x, a row each, the lowest frequency on top; dark: not used. Left: through the whole box. "
            "Right: three periods of each wave, which become steps where float32 has no numbers left in between.",
        ),
    ),
    terms=(
        Term("color", "Colour", "color_weight", dark="#6fb1ff", light="#1d54fe"),
        Term("coarse", "Colour, coarse", "coarse_weight", dark="#c4a6ff", light="#6b3fb5"),
        Term("mask", "Mask", "mask_weight", dark="#ff961d", light="#a13900"),
        *VERDICTS,
        Term("opacity", "Opacity, mean of the rays", "", dark="#f0e660", light="#7a5f00"),
    ),
    presets=(
        Preset("Learns on a CPU", "A small network, rays and samples only where the masks allow something.", {}),
        Preset(
            "Without masks",
            "Nobody says where the object is: samples in the whole box, and black is just a colour.",
            {"masks": False, "coarse": 48, "ground": BLACK},
        ),
        Preset(
            "Coarse and fine",
            "Hierarchical sampling at a size for a CPU: few samples for all, more where something is.",
            {"hierarchical": True, "coarse": 16, "fine": 16, "bounds": BOX, "rays": 384},
        ),
        Preset(
            "No encoding", "Bare coordinates: everything stays smooth. Switch it on while it runs.", {"encoding": False}
        ),
        Preset("Few views", "Six pictures alone: what nobody saw is made up.", {"views": 6}),
        Preset("Noisy cameras", "Each camera is off by a degree: nothing sharp fits.", {"camera_noise": 1.0}),
        Preset(
            "All black",
            "The collapse, on purpose: relu, a black background and a rate that is too high. The doctor names it.",
            {
                "masks": False,
                "density": RELU,
                "bounds": PLANES,
                "pixels": EVERYWHERE,
                "ground": BLACK,
                "coarse": 32,
                "learning_rate": 2e-2,
                "size": 64,
            },
        ),
        Preset("As published", "Two networks of 595,844 parameters, 500,000 steps: for a graphics card.", _PUBLISHED),
        Preset(
            "As the course has it",
            "One network of 317,188 parameters, 4,500 rays of 128 samples: about 20 s a step on two cores.",
            _COURSE,
        ),
    ),
    figures={**FIGURES, "Parameters": "The numbers that were learned, in all networks."},
)
