"""From hard to soft: one edge that becomes differentiable, one pixel with all the faces that reach it."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import Preset, StudyActivity
from lab.params import choice, geometry, integer, number, switch
from lab.study import Pane

SANE, PYTORCH3D, OFF = "inside only", "PyTorch3D's", "off"
BY_SIGMA, BY_RADIUS = "follows sigma", "by hand"
VERTEX, LIGHT = "vertex", "light"
RGB, ALPHA = "RGB", "alpha"
AXES = ("x", "y", "z")
WHITE, GREY, BLACK = "white", "grey", "black"


def _log(default: float, label: str, doc: str, low: float, high: float, group: str, unit: str = "") -> float:
    return number(default, label, doc, minimum=low, maximum=high, log=True, group=group, unit=unit)


@dataclass(frozen=True)
class SoftParams:
    """Parameters of the soft rasteriser. World: right-handed, Y up, metres. Distances in the image are NDC."""

    object: str = geometry("Object", "A mesh; click a vertex of it in the world for the gradient.", group="Object")
    sigma: float = _log(
        1e-4,
        "Sigma σ",
        "How wide the edge is: D = sigmoid(-d / σ), with the signed squared distance d. The course has 1e-4.",
        1e-7,
        1e-1,
        "Softness",
        "NDC²",
    )
    gamma: float = _log(
        1e-4,
        "Gamma γ",
        "How sharply the nearest face wins: small is a z-buffer, large is glass. The course has 1e-4.",
        1e-6,
        1e1,
        "Softness",
    )
    blur_by: str = choice(
        BY_SIGMA,
        "Blur radius",
        "Following sigma it is ln(1e4 - 1) σ: there D has fallen to 1e-4.",
        (BY_SIGMA, BY_RADIUS),
        group="Softness",
    )
    blur_radius: float = _log(
        9.21e-4,
        "By hand",
        "How far from a face its pixels are looked for, as a squared distance. Used when it is set by hand.",
        1e-7,
        1.0,
        "Softness",
        "NDC²",
    )
    faces_per_pixel: int = integer(
        50,
        "Faces per pixel K",
        "Only the K nearest faces of each pixel count.",
        minimum=1,
        maximum=150,
        log=True,
        group="Softness",
    )
    correction: str = choice(
        SANE,
        "Perspective",
        "Of the barycentrics. Outside of a face PyTorch3D's formula explodes; inside only is the lab's way.",
        (SANE, PYTORCH3D, OFF),
        group="Softness",
    )
    clip: bool = switch(
        True,
        "Clip barycentrics",
        "To [0, 1], outside of a face. PyTorch3D does so wherever there is blur.",
        group="Softness",
        advanced=True,
    )
    distance: float = number(
        2.6,
        "Distance",
        "From the camera to the object's middle.",
        minimum=0.1,
        maximum=40,
        unit="m",
        log=True,
        group="Camera",
    )
    elevation: float = number(
        15.0, "Elevation", "How far above the horizon the camera is.", minimum=-90, maximum=90, unit="°", group="Camera"
    )
    azimuth: float = number(
        150.0,
        "Azimuth",
        "The side from which the camera looks: 0 is +Z, 90 is +X.",
        minimum=-180,
        maximum=180,
        unit="°",
        group="Camera",
    )
    fov: float = number(45.0, "Field of view", "Of the square image.", minimum=5, maximum=140, unit="°", group="Camera")
    size: int = integer(96, "Image size", "Of the square image.", minimum=16, maximum=256, unit="px", group="Camera")
    background: str = choice(
        WHITE, "Background", "The course's is white.", (WHITE, GREY, BLACK), group="Camera", advanced=True
    )
    light_x: float = number(1.2, "Light x", "Drag it in the world.", minimum=-20, maximum=20, unit="m", group="Light")
    light_y: float = number(1.8, "Light y", "Drag it in the world.", minimum=-20, maximum=20, unit="m", group="Light")
    light_z: float = number(-2.4, "Light z", "Drag it in the world.", minimum=-20, maximum=20, unit="m", group="Light")
    pixel_x: float = number(
        84.5,
        "Pixel x",
        "The probed pixel, from the left. Click or drag in a picture.",
        minimum=0.0,
        maximum=256.0,
        unit="px",
        group="Probe",
    )
    pixel_y: float = number(
        40.5,
        "Pixel y",
        "The probed pixel, from the top. Click or drag in a picture.",
        minimum=0.0,
        maximum=256.0,
        unit="px",
        group="Probe",
    )
    of: str = choice(VERTEX, "Gradient of", "What is moved: a vertex, or the light.", (VERTEX, LIGHT), group="Gradient")
    channel: str = choice(
        RGB, "In", "What changes: the mean of red, green and blue, or alpha.", (RGB, ALPHA), group="Gradient"
    )
    vertex: int = integer(
        2197,
        "Vertex",
        "The vertex that is moved, counted from 0. Click one in the world.",
        minimum=0,
        maximum=100_000_000,
        group="Gradient",
    )
    axis: str = choice("x", "Along", "The axis of the world that it is moved along.", AXES, group="Gradient")


SOFT = StudyActivity(
    key="soft-rasterizer",
    title="From hard to soft",
    summary="Widen an edge until it has a gradient, and take one pixel apart, face by face.",
    params=SoftParams,
    study="lab.rendering.soft_study:SoftStudy",
    lesson="soft.md",
    panes=(
        (
            Pane(
                "world",
                "World",
                "view",
                "The faces that reach the probed pixel are coloured. Click a vertex for the gradient; drag the light.",
                pick="vertex",
            ),
            Pane(
                "render",
                "Soft render",
                "picture",
                "The K nearest faces of each pixel, blended. Click or drag to probe a pixel.",
                point=("pixel_x", "pixel_y"),
            ),
            Pane(
                "alpha",
                "Alpha",
                "picture",
                "1 - Π(1 - D): the soft silhouette. Hover for the number.",
                point=("pixel_x", "pixel_y"),
            ),
            Pane(
                "gradient",
                "Gradient",
                "picture",
                "How each pixel changes when vertex or light move: red rises, blue falls.",
                point=("pixel_x", "pixel_y"),
            ),
        ),
        (
            Pane("faces", "The faces that reach the pixel", "table", "In depth order. The last row is the pixel."),
            Pane("edge", "Along the pixel's row", "plot", "Alpha across the edge for narrow and wide sigma, and hard."),
        ),
    ),
    presets=(
        Preset("Start", "Sigma and gamma as in the course, all faces that matter.", {}),
        Preset(
            "Hard",
            "Sigma so small that an edge is a step: no pixel's alpha says where to move.",
            {"sigma": 1e-7, "gamma": 1e-6, "channel": ALPHA},
        ),
        Preset("Course", "Sigma and gamma 1e-4, blur ln(1e4 - 1) σ, K = 100.", {"faces_per_pixel": 100}),
        Preset(
            "Wide blur",
            "Sigma 3e-3: edges reach far, and so do gradients.",
            {"sigma": 3e-3, "faces_per_pixel": 150, "pixel_x": 88.5, "pixel_y": 45.5, "channel": ALPHA},
        ),
        Preset(
            "Glass",
            "A large gamma: near and far faces weigh alike, the object becomes transparent.",
            {"gamma": 1.0, "pixel_x": 50.5, "pixel_y": 40.5},
        ),
        Preset(
            "K too small",
            "Only the two nearest faces of each pixel: the others are lost, from the edge and from alpha.",
            {"sigma": 3e-3, "faces_per_pixel": 2, "pixel_x": 88.5, "pixel_y": 45.5, "channel": ALPHA},
        ),
        Preset(
            "The halo of soft RGB",
            "Alpha fades, RGB does not: with a small gamma the background weighs nothing within the whole blur radius.",
            {"sigma": 3e-4, "gamma": 1e-4, "faces_per_pixel": 100, "pixel_x": 86.5, "pixel_y": 41.5},
        ),
        Preset(
            "Exploding barycentrics",
            "Perspective correction outside of the faces, not clipped: close by, weights leave [0, 1] by far.",
            {"correction": PYTORCH3D, "clip": False, "sigma": 1e-3, "distance": 1.2, "fov": 90.0},
        ),
        Preset(
            "Gradient of the light",
            "How each pixel changes when the light moves to the right.",
            {"of": LIGHT, "axis": "x"},
        ),
    ),
    example={"object": "spot.ply"},
    figures={
        "Pixel": "Its colour, red, green and blue, linear from 0 to 1.",
        "Alpha": "Of the probed pixel: 1 - Π(1 - D).",
        "Faces within the blur": "Faces that reach the probed pixel, whatever K.",
        "Faces lost": "Of those, the ones that K leaves out.",
        "Alpha lost": "What the faces left out would add to the pixel's alpha.",
        "Background": "The weight of the background in the probed pixel.",
        "Blur radius": "The squared distance, NDC², and how far that is in pixels.",
        "Barycentrics": "The least and the greatest weight that any face of the picture has in a pixel.",
        "Gradient": "The greatest change of a pixel, per metre.",
        "Pixels with gradient": "Pixels that change when the vertex or the light moves.",
    },
)
