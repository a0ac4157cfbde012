"""Chapter 4: deform a template mesh onto a scan."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import Chapter, ExperimentActivity, Preset, Term
from lab.params import choice, geometry, integer, number, switch


@dataclass(frozen=True)
class MeshFittingParams:
    """Parameters of mesh fitting. Lengths are in the normalised frame, in which the target spans [-1, 1]."""

    target: str = geometry("Target", "The mesh or point cloud to fit.", group="Data")
    template: str = choice(
        "ico-sphere",
        "Template",
        "The mesh that is deformed: a sphere, the target's convex hull, or a mesh of your own.",
        ("ico-sphere", "convex hull", "own mesh"),
        group="Data",
    )
    template_level: int = integer(
        4,
        "Sphere level",
        "Subdivisions of the sphere, also of the hull. Level 4 has 5,120 faces, each level more four times as many.",
        minimum=1,
        maximum=7,
        group="Data",
    )
    template_mesh: str = geometry(
        "Own template", "The mesh to start from, with the template 'own mesh'.", group="Data", optional=True
    )

    chamfer_weight: float = number(
        1.0,
        "Chamfer",
        "Pulls the surface to the target, and every target point to the surface.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="chamfer",
        group="Losses",
    )
    normals_weight: float = number(
        0.0,
        "Chamfer normals",
        "Turns the surface like the target's normals at the nearest points, if the target has any (a mesh has).",
        minimum=0.0,
        maximum=1.0,
        live=True,
        term="normals",
        group="Losses",
    )
    edge_weight: float = number(
        1.0,
        "Edge length",
        "Keeps edges short and even, so that vertices do not clump.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="edge",
        group="Losses",
    )
    normal_weight: float = number(
        0.01,
        "Normal consistency",
        "Keeps neighbouring faces from folding against each other.",
        minimum=0.0,
        maximum=1.0,
        live=True,
        term="normal",
        group="Losses",
    )
    laplacian_weight: float = number(
        0.1,
        "Laplacian",
        "Pulls each vertex to the mean of its neighbours: a smooth surface.",
        minimum=0.0,
        maximum=10.0,
        live=True,
        term="laplacian",
        group="Losses",
    )
    laplacian_kind: str = choice(
        "uniform",
        "Laplacian kind",
        "uniform: the mean of the neighbours; cot: weighted by the angles, so that only bending counts; "
        "cotcurv: cot, divided by the area, the mean curvature.",
        ("uniform", "cot", "cotcurv"),
        live=True,
        group="Losses",
        advanced=True,
    )

    steps: int = integer(
        2000, "Steps", "How many updates the run makes.", minimum=1, maximum=100_000, group="Optimiser"
    )
    samples: int = integer(
        5000,
        "Samples",
        "Points drawn at each step from the surface, and from a target that is a mesh or a larger cloud.",
        minimum=10,
        maximum=200_000,
        live=True,
        group="Optimiser",
    )
    optimiser: str = choice(
        "SGD", "Optimiser", "SGD with momentum, as in the course, or Adam.", ("SGD", "Adam"), group="Optimiser"
    )
    learning_rate: float = number(
        1.0,
        "Learning rate",
        "Size of the updates. SGD works around 1, Adam around 0.01.",
        minimum=1e-5,
        maximum=10.0,
        log=True,
        live=True,
        group="Optimiser",
    )
    momentum: float = number(
        0.9,
        "Momentum",
        "Share of the last update that goes on (SGD); the first beta of Adam.",
        minimum=0.0,
        maximum=0.999,
        live=True,
        group="Optimiser",
        advanced=True,
    )
    schedule: str = choice(
        "constant",
        "Rate schedule",
        "constant; cosine: down to a hundredth at the end; step: a tenth at half and at three quarters of the run.",
        ("constant", "cosine", "step"),
        live=True,
        group="Optimiser",
        advanced=True,
    )
    coarse_to_fine: bool = switch(
        False,
        "Coarse to fine",
        "Start two levels coarser and subdivide at a quarter and at a half of the run.",
        group="Optimiser",
        advanced=True,
    )
    early_stop: bool = switch(
        False,
        "Stop early",
        "End the run when the loss has not improved by 0.1 % over the last 200 steps.",
        live=True,
        group="Optimiser",
        advanced=True,
    )


MESH_FITTING = ExperimentActivity(
    key="mesh-fitting",
    title="Mesh fitting",
    summary="Deform a sphere onto a scan and watch what each loss wants.",
    params=MeshFittingParams,
    experiment="lab.fitting.experiment:MeshFitting",
    steps="steps",
    result="fitted",
    lesson="mesh_fitting.md",
    terms=(
        Term("chamfer", "Chamfer", "chamfer_weight", dark="#5ab4f0", light="#0a6ab0"),
        Term("normals", "Chamfer normals", "normals_weight", dark="#b9a4f7", light="#6a3fc4"),
        Term("edge", "Edge length", "edge_weight", dark="#f0a63c", light="#955400"),
        Term("normal", "Normal consistency", "normal_weight", dark="#f28bb8", light="#b01e66"),
        Term("laplacian", "Laplacian", "laplacian_weight", dark="#41c99a", light="#0b7350"),
    ),
    presets=(
        Preset("Smooth fit", "The course's first run: all four losses. A smooth, evenly covered surface.", {}),
        Preset(
            "Chamfer alone",
            "The course's second run: nothing holds the surface together. Spikes and clumps.",
            {"edge_weight": 0.0, "normal_weight": 0.0, "laplacian_weight": 0.0},
        ),
        Preset(
            "Chamfer and edges",
            "The course's third run: even edges, but the surface still crumples.",
            {"normal_weight": 0.0, "laplacian_weight": 0.0},
        ),
        Preset(
            "Fine detail",
            "Adam, coarse to fine, with a light hand on the smoothing: closer to the scan.",
            {
                "optimiser": "Adam",
                "learning_rate": 0.01,
                "schedule": "cosine",
                "coarse_to_fine": True,
                "template_level": 5,
                "edge_weight": 0.2,
                "laplacian_weight": 0.02,
            },
        ),
    ),
    example={"target": "spot.ply"},
    figures={
        "Chamfer": "The sum of both mean squared distances, scan to surface and back, with the scan scaled to [-1, 1].",
        "Mean distance": "The mean distance between scan and surface, both ways, in the scan's own units.",
        "Hausdorff": "The largest distance of any point of one from the other, in the scan's own units.",
        "F-score": "How much of both lies within this share of the scan's diagonal of the other; 1 is all.",
        "Normal consistency": "How well the surfaces face the same way: the mean |cos| of their normals; 1 is perfect.",
        "Self-intersecting": "Faces that cut through another face of the fitted mesh; 0 is sound.",
        "Watertight": "Whether the mesh closes a volume: every edge has exactly two faces.",
        "Vertices": "Vertices of the fitted mesh.",
        "Faces": "Triangles of the fitted mesh.",
    },
)

CHAPTER = Chapter("mesh-fitting", 4, "Mesh fitting", MESH_FITTING.summary, (MESH_FITTING,))
