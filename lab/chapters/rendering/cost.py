"""What a picture costs: the pairs of faces and pixels that are looked at, and curves of time, measured on request."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import Preset, StudyActivity
from lab.params import choice, integer, number, switch
from lab.study import Action, Pane

MEASURE = "measure"
SILHOUETTE, COLORS, FRAGMENTS = "soft silhouette", "soft colours and depth", "fragments"
KINDS = (SILHOUETTE, COLORS, FRAGMENTS)


@dataclass(frozen=True)
class RasterCostParams:
    """Parameters of the study "What a picture costs". Distances in the image are NDC."""

    size: int = integer(
        96,
        "Resolution",
        "Pixels a side of the picture.",
        minimum=16,
        maximum=1024,
        unit="px",
        log=True,
        group="Picture",
    )
    level: int = integer(
        3,
        "Level of the sphere",
        "How often an icosahedron is subdivided: 20 faces at level 0, four times as many at each further one.",
        minimum=0,
        maximum=6,
        group="Picture",
    )
    sigma: float = number(
        1e-4,
        "Sigma σ",
        "How wide the soft edge is. Each face reaches its blur radius farther than its outline, sqrt(9.21 σ) in NDC.",
        minimum=1e-7,
        maximum=1e-2,
        log=True,
        unit="NDC²",
        group="Picture",
    )
    what: str = choice(
        SILHOUETTE,
        "Measured",
        "What the curves are of: the forward pass together with the gradient.",
        KINDS,
        group="Measurement",
    )
    faces_per_pixel: int = integer(
        50,
        "Faces per pixel K",
        "The K nearest faces of each pixel: of the fragments, and of PyTorch3D whatever is measured.",
        minimum=1,
        maximum=150,
        log=True,
        group="Measurement",
    )
    compare: bool = switch(
        True,
        "PyTorch3D too",
        "Measure PyTorch3D's own rasteriser as well, as far as a picture takes it less than about 2 seconds.",
        group="Measurement",
    )


RASTER_COST = StudyActivity(
    key="raster-cost",
    title="What a picture costs",
    summary="See which faces and pixels are looked at, and measure how time grows with resolution, faces and blur.",
    params=RasterCostParams,
    lesson="raster_cost.md",
    study="lab.raster.cost_study:RasterCost",
    panes=(
        (
            Pane(
                "silhouette", "Soft silhouette", "picture", "The alpha of the picture. Point at it to read the value."
            ),
            Pane("depth", "Faces of each pixel", "picture", "How many faces lie within the blur; point at a pixel."),
            Pane("load", "Faces of each tile", "picture", "How many faces each tile of 16 × 16 pixels looks at."),
        ),
        (
            Pane("resolution", "Time over resolution", "plot", "Forward and backward, milliseconds."),
            Pane("faces", "Time over faces", "plot", "Forward and backward, milliseconds."),
            Pane("blur", "Time over blur", "plot", "Forward and backward, milliseconds; the blur in pixels."),
        ),
    ),
    actions=(Action(MEASURE, "Measure", "Fill the three curves for these values; takes up to a minute"),),
    presets=(
        Preset("Both within seconds", "1,280 faces at 96², so that PyTorch3D is on all curves.", {}),
        Preset("The course's fit", "5,120 faces at 256²; PyTorch3D takes many seconds.", {"level": 4, "size": 256}),
        Preset(
            "A wide edge",
            "Sigma 3e-3: each face reaches 8 pixels farther, and a pixel has many faces.",
            {"sigma": 3e-3},
        ),
        Preset("Hard", "No blur to speak of: a pixel has one face in front and one behind.", {"sigma": 1e-7}),
        Preset(
            "Many small faces",
            "20,480 faces at 512² with a blur of 8 pixels: a face's box is mostly blur.",
            {"level": 5, "size": 512},
        ),
        Preset("The K nearest", "Measure full fragments, which every other shader needs.", {"what": FRAGMENTS}),
        Preset("Colours, too", "Measure soft colours and depth over all faces.", {"what": COLORS}),
    ),
    figures={
        "Faces": "Triangles of the sphere.",
        "All pairs": "Faces times pixels: what a rasteriser without tiles or boxes looks at.",
        "Pairs looked at": "Pixels within the box of each face, grown by the blur, in the tiles that the box touches.",
        "Pairs within the blur": "Those where the pixel is inside of the face, or nearer than the blur radius.",
        "Most faces of a pixel": "With a smaller K, faces of that pixel are lost.",
        "Blur": "How far the blur radius reaches beyond a face.",
        "Times faster": "PyTorch3D's time over the lab's, of the largest picture that both have made.",
    },
)
