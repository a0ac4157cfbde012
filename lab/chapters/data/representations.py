"""One object as points, mesh, voxels and signed distances, side by side: parameters and panes."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import Preset, StudyActivity
from lab.params import choice, geometry, integer, number, switch
from lab.study import Pane

SAMPLINGS = ("area-weighted", "farthest point", "voxel grid")
HOW_SAMPLED = (
    "area-weighted: at random, evenly by area; farthest point: each as far as possible from those before; "
    "voxel grid: the mean of the points in each cell of a grid."
)
AXES = ("x", "y", "z")

POINTS = "Points"
CAMERA = "Depth camera"
VOXELS = "Voxels and distances"
SLICE = "Slice"


@dataclass(frozen=True)
class RepresentationsParams:
    """What is shown of the object, and how."""

    object: str = geometry("Object", "The mesh or point cloud that is shown in every representation.")

    points: int = integer(
        3000, "Points", "How many points the cloud has.", minimum=10, maximum=100_000, log=True, group=POINTS
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
        "Standard deviation of the Gaussian noise along each axis, in percent of the object's longest side.",
        unit="%",
        minimum=0.0,
        maximum=5.0,
        group=POINTS,
    )
    outliers: float = number(
        0.0,
        "Outliers",
        "Points added anywhere in the box around the object, in percent of the number of points.",
        unit="%",
        minimum=0.0,
        maximum=50.0,
        group=POINTS,
    )

    partial: bool = switch(
        False, "Partial view", "Only the points that a depth camera sees from its place.", group=CAMERA
    )
    azimuth: float = number(
        35.0,
        "Azimuth",
        "Angle of the camera around the object, from +Z towards +X.",
        unit="°",
        minimum=-180.0,
        maximum=180.0,
        group=CAMERA,
    )
    elevation: float = number(
        20.0, "Elevation", "Angle of the camera above the ground.", unit="°", minimum=-89.0, maximum=89.0, group=CAMERA
    )
    distance: float = number(
        1.5,
        "Distance",
        "Distance of the camera from the object's centre, in the object's longest sides.",
        minimum=1.0,
        maximum=5.0,
        group=CAMERA,
    )
    by_hand: bool = switch(
        False,
        "Place by hand",
        "Drag the camera in the view of the points; the three sliders then have no effect.",
        group=CAMERA,
    )
    camera_x: float = number(
        0.0,
        "Camera x",
        "Where the camera was dragged to, metres, world. All three 0: where the sliders put it.",
        unit="m",
        minimum=-1e8,
        maximum=1e8,
        group=CAMERA,
        advanced=True,
    )
    camera_y: float = number(
        0.0,
        "Camera y",
        "Where the camera was dragged to, metres, world.",
        unit="m",
        minimum=-1e8,
        maximum=1e8,
        group=CAMERA,
        advanced=True,
    )
    camera_z: float = number(
        0.0,
        "Camera z",
        "Where the camera was dragged to, metres, world.",
        unit="m",
        minimum=-1e8,
        maximum=1e8,
        group=CAMERA,
        advanced=True,
    )

    resolution: int = integer(
        64,
        "Resolution",
        "Voxels along the longest side of the grid. Twice as many take eight times the memory.",
        minimum=8,
        maximum=256,
        log=True,
        group=VOXELS,
    )
    fill: str = choice(
        "surface",
        "Voxels filled by",
        "surface: the voxels that the surface goes through; solid: those whose centre lies inside; "
        "points: those that hold a point of the cloud, noise and outliers too.",
        ("surface", "solid", "points"),
        group=VOXELS,
    )
    truncation: float = number(
        4.0,
        "Truncation",
        "Distance μ, in voxels, beyond which the TSDF is 1 or -1. Usual are 3 to 5.",
        unit="voxels",
        minimum=0.25,
        maximum=16.0,
        log=True,
        group=VOXELS,
    )

    axis: str = choice("x", "Slice across", "The axis that the slice plane stands across.", AXES, group=SLICE)
    position: float = number(
        0.5,
        "Slice position",
        "Where the slice lies along its axis: 0 is the lower end of the grid, 1 the upper.",
        minimum=0.0,
        maximum=1.0,
        group=SLICE,
    )
    cut: bool = switch(
        True, "Cut open", "Leave out what lies beyond the slice, so that one looks onto it.", group=SLICE
    )


REPRESENTATIONS = StudyActivity(
    key="representations",
    title="One object, four ways",
    summary="See one object as points, mesh, voxels and signed distances, and what each keeps.",
    params=RepresentationsParams,
    study="lab.data.representations:Representations",
    lesson="representations.md",
    panes=(
        (
            Pane("points", "Point cloud", "view", "Samples of the surface: positions, and nothing between them."),
            Pane("mesh", "Mesh", "view", "Vertices, and faces that join them."),
            Pane("voxels", "Voxels", "view", "Every cell of a grid is full or empty."),
        ),
        (
            Pane("tsdf", "TSDF", "view", "The surface on which the signed distance is zero, and the slice through it."),
            Pane("slice", "TSDF slice", "picture", "Blue is inside, red outside; the dark line is the surface."),
        ),
    ),
    presets=(
        Preset("Clean", "A clean cloud of 3,000 points, 64 voxels a side.", {}),
        Preset(
            "A real scan",
            "One depth camera, noise and outliers: what a sensor gives.",
            {"partial": True, "noise": 0.5, "outliers": 3.0, "points": 8000, "fill": "points"},
        ),
        Preset(
            "Evenly spread",
            "Farthest point sampling: few points, but no gaps.",
            {"sampling": "farthest point", "points": 1000},
        ),
        Preset("Coarse voxels", "16 voxels a side: thin parts vanish.", {"resolution": 16, "fill": "solid"}),
        Preset("Fine voxels", "160 voxels a side: fine, with a thousand times the memory of 16.", {"resolution": 160}),
        Preset("Truncated too early", "μ of half a voxel: the surface becomes steps.", {"truncation": 0.5}),
    ),
    example={"object": "spot.ply"},
    figures={
        "Points: ": "The cloud: how many points there are, and their memory: three float32 each.",
        "Mesh: ": "The mesh: its faces, and the memory of its vertices (three float32) and faces (three int32).",
        "Voxels: ": "The grid: how many voxels are full, and its memory: one byte for each voxel, full or empty.",
        "TSDF: ": "The distance field: its memory (one float32 a voxel), and the faces of its zero level.",
        "Voxel size": "The side of a voxel, in the units of the object.",
        "Truncation distance": "μ in the units of the object.",
    },
)
