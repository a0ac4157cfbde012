"""Rays, samples, weights: how a volume becomes a picture, for a ray that one can take apart."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import Preset, StudyActivity
from lab.params import choice, geometry, integer, number, switch
from lab.study import Pane

SLAB, SPHERE, BLOBS, MESH, FIELD = "slab", "sphere", "two blobs", "mesh", "radiance field"
PHYSICAL, OPACITY = "density (σδ)", "opacity (p)"
UNIFORM, STRATIFIED = "uniform", "stratified"
GRID, MONTE_CARLO = "grid", "Monte Carlo"
TO_FAR, INFINITE = "to far", "infinite, as in NeRF"
FOG, SURFACE, NOTHING = "fog", "surface", "nothing"
MOST_SAMPLES = 256

_VOXELS = (SLAB, SPHERE, BLOBS, MESH)


@dataclass(frozen=True)
class MarchingParams:
    """Parameters of the ray marching study. World: right-handed, Y up, metres."""

    scene: str = choice(BLOBS, "Scene", "What is in the volume.", (SLAB, SPHERE, BLOBS, MESH, FIELD), group="Scene")
    mesh: str = geometry(
        "Mesh",
        "It is scaled to the volume and filled. Empty: Spot, the cow.",
        optional=True,
        group="Scene",
        when=("scene", (MESH,)),
    )
    field: str = geometry(
        "Field",
        "A radiance field, trained in chapter 7 or from a file.",
        optional=True,
        group="Scene",
        accepts=("field",),
        when=("scene", (FIELD,)),
    )
    resolution: int = integer(
        32, "Voxels", "Along each side of the volume.", minimum=4, maximum=128, group="Scene", when=("scene", _VOXELS)
    )
    voxel: float = number(
        0.065,
        "Voxel size",
        "voxel_size of PyTorch3D's Volumes: the extent is (N - 1) / 2 times this, to either side.",
        minimum=0.005,
        maximum=0.5,
        unit="m",
        log=True,
        group="Scene",
        when=("scene", _VOXELS),
    )
    align_corners: bool = switch(
        True,
        "Align corners",
        "On: local ±1 are the centres of the outermost voxels. Off: their outer faces, and the voxels move together.",
        group="Scene",
        when=("scene", _VOXELS),
    )
    show: str = choice(
        FOG, "In the world", "How the volume is drawn in the world.", (FOG, SURFACE, NOTHING), group="Scene"
    )
    form: str = choice(
        PHYSICAL,
        "Volume holds",
        "Densities, of which each step takes 1 - exp(-σδ); or opacities, taken at each sample however many there are.",
        (PHYSICAL, OPACITY),
        group="Marching",
    )
    density: float = number(
        6.0,
        "Density",
        "σ where the volume is filled.",
        minimum=0.02,
        maximum=500,
        unit="1/m",
        log=True,
        group="Marching",
        when=("form", (PHYSICAL,)),
    )
    opacity: float = number(
        0.3,
        "Opacity",
        "p of each sample where the volume is filled.",
        minimum=0.0,
        maximum=1.0,
        group="Marching",
        when=("form", (OPACITY,)),
    )
    absorption: bool = switch(
        False, "Absorption only", "No light comes from the volume: the picture is its opacity.", group="Marching"
    )
    last: str = choice(
        TO_FAR,
        "Last step",
        "NeRF's code lets the last step go on for 1e10 metres: whatever is there is opaque.",
        (TO_FAR, INFINITE),
        group="Marching",
        when=("form", (PHYSICAL,)),
        advanced=True,
    )
    samples: int = integer(
        50, "Samples", "On each ray, from near to far.", minimum=2, maximum=MOST_SAMPLES, group="Sampling"
    )
    sampling: str = choice(
        UNIFORM,
        "Depths",
        "Even, or one at random in each stratum between the middles of neighbours.",
        (UNIFORM, STRATIFIED),
        group="Sampling",
    )
    near: float = number(
        1.0, "Near", "Depth of the first sample.", minimum=0.01, maximum=20, unit="m", log=True, group="Sampling"
    )
    far: float = number(
        4.5, "Far", "Depth of the last sample.", minimum=0.02, maximum=40, unit="m", log=True, group="Sampling"
    )
    rays: str = choice(
        GRID,
        "Rays shown",
        "A few of the rays of the picture's grid, or some anywhere in the picture.",
        (GRID, MONTE_CARLO),
        group="Sampling",
    )
    ray_count: int = integer(
        25, "How many", "Rays in the world, beside the chosen one.", minimum=0, maximum=200, group="Sampling"
    )
    distance: float = number(
        2.7,
        "Distance",
        "From the camera to the middle of the volume.",
        minimum=0.05,
        maximum=20,
        unit="m",
        log=True,
        group="Camera",
    )
    elevation: float = number(
        15.0, "Elevation", "How far above the horizon the camera is.", minimum=-90, maximum=90, unit="°", group="Camera"
    )
    azimuth: float = number(
        20.0,
        "Azimuth",
        "The side from which the camera looks: 0 is +Z, 90 is +X.",
        minimum=-180,
        maximum=180,
        unit="°",
        group="Camera",
    )
    fov: float = number(60.0, "Field of view", "Of the square image.", minimum=5, maximum=140, unit="°", group="Camera")
    size: int = integer(96, "Image size", "Of the square image.", minimum=8, maximum=200, unit="px", group="Camera")
    pixel_x: float = number(
        53.5,
        "Pixel x",
        "The chosen ray's, from the left. Click or drag in the picture.",
        minimum=0.0,
        maximum=200.0,
        unit="px",
        group="Ray",
    )
    pixel_y: float = number(
        46.5,
        "Pixel y",
        "The chosen ray's, from the top. Click or drag in the picture.",
        minimum=0.0,
        maximum=200.0,
        unit="px",
        group="Ray",
    )
    sample: int = integer(
        18,
        "Sample",
        "Whose eight voxels are shown, counted from 0. Click a sample in the world.",
        minimum=0,
        maximum=MOST_SAMPLES - 1,
        group="Ray",
    )


MARCHING = StudyActivity(
    key="ray-marching",
    title="Rays, samples, weights",
    summary="Click a pixel and take its ray apart: samples, voxels, opacity, transmittance, weights.",
    params=MarchingParams,
    study="lab.volumes.marching.study:MarchingStudy",
    lesson="ray-marching.md",
    panes=(
        (
            Pane(
                "world",
                "World",
                "view",
                "The chosen ray's samples, brighter the more they weigh. Click one to see its eight voxels.",
            ),
            Pane(
                "picture",
                "Picture",
                "picture",
                "What the rays gather. Click or drag to choose a ray.",
                point=("pixel_x", "pixel_y"),
            ),
            Pane(
                "cell",
                "Eight voxels",
                "view",
                "The centres of the voxels around the chosen sample: colour is their density, numbers are how much of "
                "each the sample has.",
                linked=False,
            ),
        ),
        (
            Pane("along", "Along the ray", "plot", "Density, opacity, what is left of the light, and the weight."),
            Pane("gathered", "Gathered so far", "plot", "Colour and opacity up to each depth."),
            Pane("counts", "Other numbers of samples", "plot", "The ray's opacity in both forms."),
        ),
        (
            Pane("table", "Samples", "table", "Every number of the ray; the chosen sample is marked."),
            Pane("code", "PyTorch3D", "text", "The same picture with PyTorch3D's own classes."),
        ),
    ),
    presets=(
        Preset("Start", "Two blobs of fog, one behind the other, and 50 samples on each ray.", {}),
        Preset(
            "A uniform slab",
            "Opacity is 1 - exp(-σd), whatever the number of samples.",
            {
                "scene": SLAB,
                "density": 2.0,
                "elevation": 0.0,
                "azimuth": 0.0,
            },
        ),
        Preset(
            "The same, as opacities",
            "Each sample takes its share, so that more samples make it more opaque.",
            {
                "scene": SLAB,
                "form": OPACITY,
                "opacity": 0.05,
                "elevation": 0.0,
                "azimuth": 0.0,
            },
        ),
        Preset(
            "Too few samples",
            "12 samples on thin things: rings, which stratified depths turn into noise.",
            {"samples": 12, "density": 40.0, "sample": 5},
        ),
        Preset(
            "Stratified",
            "The same 12 samples, each at random in its stratum.",
            {"samples": 12, "density": 40.0, "sample": 5, "sampling": STRATIFIED},
        ),
        Preset("Absorption only", "Dark where little gets through, as an X-ray.", {"absorption": True, "density": 2.0}),
        Preset(
            "The course's volume",
            "128³ voxels of 3/128 m, 150 samples: the extent is ±1.488 m, and depth ends before the far side.",
            {
                "scene": MESH,
                "resolution": 128,
                "voxel": 0.0234375,
                "samples": 150,
                "form": OPACITY,
                "opacity": 0.5,
                "near": 0.1,
                "far": 3.0,
                "elevation": 0.0,
                "azimuth": 150.0,
                "size": 128,
                "pixel_x": 64.5,
                "pixel_y": 60.5,
                "sample": 112,
            },
        ),
        Preset("Eight voxels", "Few large voxels: how a sample is interpolated.", {"resolution": 8, "voxel": 0.27}),
    ),
    figures={
        "Opacity": "Of the chosen ray: the sum of its weights.",
        "Light left": "What gets through the whole ray: 1 - opacity.",
        "Colour": "What the ray gathers, over black.",
        "Depth": "The mean depth of what the ray sees, weighted, metres.",
        "Closed form": "1 - exp(-optical depth), with the optical depth of 4,000 fine steps between near and far.",
        "Heaviest sample": "The sample with the greatest weight, and its share of the opacity.",
        "Step": "Metres along the chosen ray from one sample to the next.",
        "Direction's length": "Of the chosen ray: metres along it per metre of depth. 1 on the axis only.",
        "Extent": "From the middle to where the local coordinate is 1, metres.",
        "Voxel spacing": "From one voxel centre to the next, metres.",
        "p = 0.3, ten times": "1 - 0.7 to the 10th, for comparison: ten samples of opacity 0.3.",
    },
)
