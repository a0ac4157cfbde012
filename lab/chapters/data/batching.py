"""Heterogeneous batching: the forms of a batch, and the course's example that moves one."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import ExperimentActivity, Preset, StudyActivity, Term
from lab.params import choice, geometries, integer, number, switch
from lab.study import Pane

COURSE_BATCH = "the course's three"
BUNDLED_BATCH = "Spot, Bob and the teapot"
BUNDLED = ("spot", "bob", "teapot")
SIDE_BY_SIDE = "side by side"
AS_THEY_ARE = "as they are"
_BATCHES = (COURSE_BATCH, BUNDLED_BATCH)


@dataclass(frozen=True)
class BatchingParams:
    """Parameters of the study of batches."""

    batch: str = choice(
        COURSE_BATCH,
        "Batch",
        "The meshes in the batch: the course's cube, diamond and dodecahedron, or three bundled models.",
        _BATCHES,
        group="Batch",
    )
    meshes: tuple[str, ...] = geometries(
        "Own meshes", "Meshes of your own, which then take the place of the batch above.", group="Batch", optional=True
    )
    form: str = choice(
        "packed",
        "Form",
        "list: a tensor for each mesh; padded: one tensor with room for the largest; packed: all in one row.",
        ("list", "padded", "packed"),
        group="Table",
    )
    what: str = choice(
        "vertices",
        "Show",
        "What of the batch the table shows; the index vectors tell where a vertex of one form is in another.",
        ("vertices", "faces", "edges", "index vectors"),
        group="Table",
    )
    vertex: int = integer(
        -1,
        "Vertex",
        "The marked vertex, by its row in the packed form; -1 is none. Click one in the view.",
        minimum=-1,
        maximum=100_000_000,
        group="Table",
    )
    code: bool = switch(False, "Show the code", "The lines of PyTorch3D that give these rows, to copy.", group="Table")
    display: str = choice(
        SIDE_BY_SIDE,
        "Picture",
        "side by side: every mesh at the same size; as they are: in their true sizes and places.",
        (SIDE_BY_SIDE, AS_THEY_ARE),
        group="Picture",
    )


BATCHING = StudyActivity(
    key="batching",
    title="Batches of meshes",
    summary="Meshes of different sizes in one batch: list, padded and packed, row by row.",
    params=BatchingParams,
    study="lab.batching.study:Batching",
    lesson="batching.md",
    panes=(
        (
            Pane("view", "Batch", "view", "Every mesh in its colour. Click a vertex to find its row.", pick="vertex"),
            Pane("rows", "Rows", "table", "The rows of the chosen form, in the colours of the meshes."),
        ),
        (
            Pane("batch", "Meshes", "table", "Counts, and the packed rows at which each mesh begins."),
            Pane("memory", "Memory", "table", "What each form takes, and how much of it is padding."),
            Pane("code", "PyTorch3D", "text", "The same batch and table in PyTorch3D."),
        ),
    ),
    presets=(
        Preset("Packed", "All vertices in one row; no padding, but index vectors.", {}),
        Preset("Padded", "Room for the largest mesh in every row: look for the hatched rows.", {"form": "padded"}),
        Preset("Padded faces", "Unused faces are -1, because 0 is a vertex.", {"form": "padded", "what": "faces"}),
        Preset(
            "Packed faces",
            "The faces of the second mesh begin to count where the vertices of the first end.",
            {"form": "packed", "what": "faces"},
        ),
        Preset(
            "Real models",
            "Spot, Bob and the teapot: how much memory the padding costs.",
            {"batch": BUNDLED_BATCH, "form": "padded"},
        ),
    ),
    figures={
        "Meshes": "How many meshes are in the batch.",
        "Packed vertices": "The vertices of all meshes together.",
        "Padded rows": "The vertices that the padded form has room for: meshes times the largest.",
        "Padding": "The share of the padded form's vertices and faces that holds nothing, by bytes.",
        "Memory": "What the form takes with its index vectors.",
        "Round trip": "Whether packed to padded to list gives the very same numbers, by PyTorch3D.",
    },
)


@dataclass(frozen=True)
class BatchTranslationParams:
    """Parameters of the course's batch example. Lengths are metres."""

    batch: str = choice(
        COURSE_BATCH,
        "Batch",
        "The meshes in the batch: the course's cube, diamond and dodecahedron, or three bundled models.",
        _BATCHES,
        group="Data",
    )
    sizes: str = choice(
        "true",
        "Sizes",
        "true: the course's diamond is 78 times as large as its cube; equal: every mesh has the radius 1.",
        ("true", "equal"),
        group="Data",
    )
    offset_x: float = number(
        3.0, "Offset x", "How far the targets stand away along x, metres.", minimum=-10.0, maximum=10.0, group="Data"
    )
    offset_y: float = number(
        4.0, "Offset y", "How far the targets stand away along y, metres.", minimum=-10.0, maximum=10.0, group="Data"
    )
    offset_z: float = number(
        5.0, "Offset z", "How far the targets stand away along z, metres.", minimum=-10.0, maximum=10.0, group="Data"
    )
    noise: float = number(
        0.1,
        "Noise variance",
        "Variance of the noise on each coordinate of the targets' vertices, square metres.",
        minimum=0.0,
        maximum=1.0,
        group="Data",
    )

    steps: int = integer(200, "Steps", "How many updates the run makes.", minimum=1, maximum=10_000, group="Optimiser")
    samples: int = integer(
        5000,
        "Samples",
        "Points drawn at each step from every mesh and from every target.",
        minimum=10,
        maximum=50_000,
        live=True,
        group="Optimiser",
    )
    learning_rate: float = number(
        0.1,
        "Learning rate",
        "Size of the updates of gradient descent.",
        minimum=1e-4,
        maximum=2.0,
        log=True,
        live=True,
        group="Optimiser",
    )
    momentum: float = number(
        0.9,
        "Momentum",
        "Share of the last update that goes on.",
        minimum=0.0,
        maximum=0.999,
        live=True,
        group="Optimiser",
    )
    display: str = choice(
        SIDE_BY_SIDE,
        "Picture",
        "side by side: every mesh drawn (and saved) at the same size; as they are: in true sizes and places.",
        (SIDE_BY_SIDE, AS_THEY_ARE),
        live=True,
        group="Picture",
    )


BATCH_TRANSLATION = ExperimentActivity(
    key="batch-translation",
    title="One translation for a batch",
    summary="Three noisy meshes share one translation; gradient descent on the batch finds it.",
    params=BatchTranslationParams,
    experiment="lab.batching.experiment:BatchTranslation",
    steps="steps",
    result="moved",
    lesson="batch_translation.md",
    terms=(
        Term("chamfer", "Chamfer", "", dark="#5ab4f0", light="#0a6ab0"),
        Term("error", "Distance from truth", "", dark="#f28bb8", light="#b01e66"),
        Term("tx", "Translation x", "", dark="#f0a63c", light="#955400"),
        Term("ty", "Translation y", "", dark="#41c99a", light="#0b7350"),
        Term("tz", "Translation z", "", dark="#b9a4f7", light="#6a3fc4"),
    ),
    presets=(
        Preset("The course's run", "Rate 0.1, momentum 0.9: it overshoots, swings and settles near (3, 4, 5).", {}),
        Preset(
            "Equal sizes", "Every mesh has the radius 1: the Chamfer distance falls to the noise.", {"sizes": "equal"}
        ),
        Preset("Without momentum", "No swing: here the straight way is even the shorter one.", {"momentum": 0.0}),
        Preset("Too bold", "A learning rate at which the steps grow instead of shrinking.", {"learning_rate": 1.6}),
    ),
    figures={
        "Translation": "The estimate at the end, metres.",
        "Error": "The distance of the estimate from the true offset; by axis, then as a length, metres.",
        "Chamfer": "The mean over the batch of the Chamfer distance at the end, square metres.",
    },
)
