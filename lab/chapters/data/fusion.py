"""Depth images, fused one after the other into a distance field: parameters and panes."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import Preset, StudyActivity
from lab.chapters.data.representations import AXES
from lab.params import choice, geometry, integer, number, switch
from lab.study import Pane

CAMERAS = "Cameras"
VOLUME = "Volume"
SLICE = "Slice"

MOST_CAMERAS = 48


@dataclass(frozen=True)
class FusionParams:
    """The cameras, the volume, and the slice through it."""

    object: str = geometry("Object", "The mesh that the depth cameras look at.")

    fused: int = integer(
        6,
        "Cameras fused",
        "How many of the depth images are taken in, one after the other.",
        minimum=0,
        maximum=MOST_CAMERAS,
    )

    cameras: int = integer(
        12,
        "Cameras",
        "How many cameras stand around the object.",
        minimum=1,
        maximum=MOST_CAMERAS,
        group=CAMERAS,
    )
    placing: str = choice(
        "ring",
        "Placed on",
        "ring: a circle around the object; sphere: all around it, above and below.",
        ("ring", "sphere"),
        group=CAMERAS,
    )
    elevation: float = number(
        20.0,
        "Elevation",
        "Angle of the ring above the ground.",
        unit="°",
        minimum=-80.0,
        maximum=80.0,
        group=CAMERAS,
    )
    distance: float = number(
        1.5,
        "Distance",
        "Distance of the cameras from the object's centre, in its longest sides.",
        minimum=1.0,
        maximum=5.0,
        group=CAMERAS,
    )
    pixels: int = integer(
        160,
        "Image width",
        "Pixels across a depth image; its height is three quarters of that.",
        unit="px",
        minimum=16,
        maximum=640,
        log=True,
        group=CAMERAS,
    )
    noise: float = number(
        0.0,
        "Depth noise",
        "Standard deviation of Gaussian noise on each depth, in percent of the object's longest side.",
        unit="%",
        minimum=0.0,
        maximum=5.0,
        group=CAMERAS,
    )

    resolution: int = integer(
        64, "Resolution", "Voxels along the longest side.", minimum=8, maximum=256, log=True, group=VOLUME
    )
    truncation: float = number(
        4.0,
        "Truncation",
        "Distance μ in voxels. Noise needs more, thin parts less. Usual are 3 to 5.",
        unit="voxels",
        minimum=0.5,
        maximum=16.0,
        log=True,
        group=VOLUME,
    )
    most_weight: int = integer(
        64,
        "Largest weight",
        "W_max: a voxel that reached it follows newer images as if it had seen no more than these.",
        minimum=1,
        maximum=64,
        group=VOLUME,
        advanced=True,
    )

    axis: str = choice("y", "Slice across", "The axis that the slice plane stands across.", AXES, group=SLICE)
    position: float = number(
        0.5,
        "Slice position",
        "Where the slice lies along its axis: 0 is the lower end of the volume, 1 the upper.",
        minimum=0.0,
        maximum=1.0,
        group=SLICE,
    )
    show_slice: bool = switch(True, "Slice in the world", "Show the slice plane in the 3D view.", group=SLICE)


FUSION = StudyActivity(
    key="fusion",
    title="Depth fusion",
    summary="Fuse depth images into a distance field, one camera after the other.",
    params=FusionParams,
    study="lab.data.fusion:Fusion",
    lesson="fusion.md",
    panes=(
        (
            Pane("world", "Cameras and fused surface", "view", "The newest camera is bright; those to come are grey."),
            Pane("depth", "Newest depth image", "picture", "Bright is near. Point at it to read the depth."),
        ),
        (
            Pane("tsdf", "TSDF slice", "picture", "Blue is behind the surface, red in front; grey was never seen."),
            Pane("weights", "Weights slice", "picture", "How many images count in each voxel."),
        ),
    ),
    presets=(
        Preset("Six of twelve", "Half a ring of cameras: half a cow.", {}),
        Preset("One camera", "What a single depth image tells.", {"fused": 1}),
        Preset("All around", "24 cameras on a sphere, all fused.", {"placing": "sphere", "cameras": 24, "fused": 24}),
        Preset(
            "Noisy, one",
            "One noisy image: the surface is as rough as the sensor.",
            {"noise": 1.0, "fused": 1, "cameras": 48, "placing": "sphere"},
        ),
        Preset(
            "Noisy, many",
            "48 noisy images: their mean is smooth.",
            {"noise": 1.0, "fused": 48, "cameras": 48, "placing": "sphere"},
        ),
        Preset(
            "μ too large",
            "16 voxels: the back of thin parts is overwritten from the front.",
            {"truncation": 16.0, "cameras": 24, "fused": 24, "placing": "sphere"},
        ),
    ),
    example={"object": "spot.ply"},
    figures={
        "Seen": "The share of the object's surface that lies within one voxel of the fused one.",
        "Accuracy": "The mean distance of the fused surface from the object, in the object's units.",
        "Voxels seen": "The share of the voxels that at least one image says something about.",
        "Mean weight": "How many images count in a voxel that was seen, on average.",
        "Faces": "Triangles of the fused surface.",
        "Truncation distance": "μ in the units of the object.",
    },
)
