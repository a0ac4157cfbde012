"""From one representation to another, and what is lost on the way: parameters and panes."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import Preset, StudyActivity
from lab.chapters.data.representations import HOW_SAMPLED, SAMPLINGS
from lab.params import choice, geometry, integer, number
from lab.study import Pane

MESH_TO_POINTS = "mesh to points"
MESH_TO_VOXELS = "mesh to voxels"
MESH_TO_TSDF = "mesh to TSDF and back"
POINTS_TO_VOXELS = "points to voxels"
POISSON = "points to mesh: Poisson"
BALL_PIVOTING = "points to mesh: ball pivoting"
CONVERSIONS = (MESH_TO_TSDF, MESH_TO_VOXELS, MESH_TO_POINTS, POINTS_TO_VOXELS, POISSON, BALL_PIVOTING)

POINTS = "Points"
GRID = "Grid"
SURFACE = "Surface from points"


@dataclass(frozen=True)
class ConversionsParams:
    """Which conversion, and its settings."""

    object: str = geometry("Object", "The mesh or point cloud that is converted.")
    conversion: str = choice(
        MESH_TO_TSDF,
        "Conversion",
        "From which representation to which. A mesh is sampled first where the conversion begins with points.",
        CONVERSIONS,
    )

    points: int = integer(
        5000,
        "Points",
        "How many points are drawn from the mesh, or taken of the cloud.",
        minimum=50,
        maximum=100_000,
        log=True,
        group=POINTS,
    )
    sampling: str = choice(
        "area-weighted",
        "Sampling",
        HOW_SAMPLED,
        SAMPLINGS,
        group=POINTS,
    )
    noise: float = number(
        0.0,
        "Noise",
        "Standard deviation of Gaussian noise on the points, in percent of the object's longest side.",
        unit="%",
        minimum=0.0,
        maximum=3.0,
        group=POINTS,
    )

    resolution: int = integer(
        64,
        "Resolution",
        "Voxels along the longest side of the grid.",
        minimum=8,
        maximum=256,
        log=True,
        group=GRID,
    )
    truncation: float = number(
        4.0,
        "Truncation",
        "Distance μ, in voxels, beyond which the TSDF is 1 or -1.",
        unit="voxels",
        minimum=0.25,
        maximum=16.0,
        log=True,
        group=GRID,
    )

    normals: str = choice(
        "known",
        "Normals",
        "known: those of the object, where it has any; estimated: from the neighbours of each point, as of a scan.",
        ("known", "estimated"),
        group=SURFACE,
    )
    depth: int = integer(
        6,
        "Octree depth",
        "Poisson: cells of 1/2^depth of the size. Each level shows finer detail and takes two to four times as long.",
        minimum=3,
        maximum=9,
        group=SURFACE,
    )
    trim: float = number(
        0.0,
        "Trim",
        "Poisson: takes away this share of the vertices, where points are thinnest and the surface is a guess.",
        unit="%",
        minimum=0.0,
        maximum=40.0,
        group=SURFACE,
    )
    radius: float = number(
        1.5,
        "Ball radius",
        "Ball pivoting: radius of the first ball, in mean distances between neighbouring points.",
        minimum=0.5,
        maximum=5.0,
        group=SURFACE,
    )


CONVERSIONS_ACTIVITY = StudyActivity(
    key="conversions",
    title="Conversions",
    summary="Turn one representation into another, and see where it hurts.",
    params=ConversionsParams,
    study="lab.data.conversions:Conversions",
    lesson="conversions.md",
    panes=(
        (
            Pane("before", "Before", "view", "What the conversion begins with."),
            Pane("after", "After", "view", "The result, coloured by its distance from the object."),
        ),
        (
            Pane("share", "How much is how near", "plot", "The share of either that lies within a distance."),
            Pane("cost", "Size", "table", "What both need in memory."),
        ),
    ),
    presets=(
        Preset("TSDF and back", "A mesh to a distance field of 64 voxels a side, and back by marching cubes.", {}),
        Preset("TSDF, too coarse", "24 voxels a side: horns and hooves melt.", {"resolution": 24}),
        Preset(
            "TSDF, truncated too early",
            "μ of 0.4 voxels: marching cubes has nothing to interpolate.",
            {"truncation": 0.4},
        ),
        Preset("Blocks", "A mesh to full and empty voxels.", {"conversion": MESH_TO_VOXELS}),
        Preset("Points", "A mesh to 5,000 points.", {"conversion": MESH_TO_POINTS}),
        Preset("Poisson", "A closed surface through points with normals.", {"conversion": POISSON}),
        Preset(
            "Poisson on a raw scan",
            "Noise, and normals that must be estimated.",
            {"conversion": POISSON, "noise": 0.6, "normals": "estimated"},
        ),
        Preset(
            "Ball pivoting",
            "Triangles between the points themselves.",
            {"conversion": BALL_PIVOTING, "sampling": "farthest point", "points": 4000},
        ),
        Preset(
            "Ball pivoting on noise",
            "The ball rests on stray points, and falls through gaps.",
            {"conversion": BALL_PIVOTING, "noise": 0.5},
        ),
    ),
    example={"object": "spot.ply"},
    figures={
        "Chamfer": "The mean squared distance from result to object plus that from object to result, squared units.",
        "Mean distance": "The mean of both directions' mean distances, in the object's units.",
        "Largest distance": "The largest distance of any sample of one from the other (Hausdorff).",
        "Normal error": "The mean angle between the normals at nearest places, whichever way they point.",
        "Memory": "What the result takes, in bytes: 12 a vertex or face, 4 a value of the TSDF, 1 a voxel.",
        "Time": "How long the conversion took on this machine.",
        "Colours reach to": "The distance, in the object's units, at the upper end of the colours.",
        "Closed": "Whether every edge of the result has two faces.",
    },
)
