"""From world to pixel: one vertex on its way through every space of a camera."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import Preset, StudyActivity
from lab.params import choice, geometry, integer, number, switch
from lab.study import Pane

SPACES = ("PyTorch3D", "OpenCV", "OpenGL")
FOV_CAMERAS, FOCAL_CAMERAS = "FoV cameras", "focal-length cameras"
BY_ANGLE, BY_FOCAL = "field of view", "focal length"


@dataclass(frozen=True)
class PixelParams:
    """Parameters of the way from world to pixel. World: right-handed, Y up, metres."""

    object: str = geometry("Object", "A mesh or point cloud; click one of its vertices in the world.", group="Point")
    vertex: int = integer(
        1453,
        "Vertex",
        "The vertex that is followed, counted from 0. Click one in the world.",
        minimum=0,
        maximum=100_000_000,
        group="Point",
    )
    spaces: str = choice(
        "PyTorch3D",
        "Spaces",
        "Whose spaces and matrices are shown, and whose near and far decide what is drawn.",
        SPACES,
        group="Point",
    )
    distance: float = number(
        2.6,
        "Distance",
        "From the camera to the object's middle.",
        minimum=0.05,
        maximum=40,
        unit="m",
        log=True,
        group="Camera",
    )
    elevation: float = number(
        20.0, "Elevation", "How far above the horizon the camera is.", minimum=-90, maximum=90, unit="°", group="Camera"
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
    lens_by: str = choice(
        BY_ANGLE, "Lens by", "What the perspective lens is described by.", (BY_ANGLE, BY_FOCAL), group="Lens"
    )
    fov: float = number(
        45.0,
        "Field of view",
        "Angle that the image's shorter side spans.",
        minimum=1,
        maximum=160,
        unit="°",
        group="Lens",
    )
    focal: float = number(
        2.4,
        "Focal length",
        "In NDC, as PyTorch3D counts it: 1 is half of the image's shorter side.",
        minimum=0.1,
        maximum=60,
        log=True,
        group="Lens",
    )
    ortho_height: float = number(
        2.2,
        "Orthographic span",
        "How much of the world the shorter side of the orthographic image shows.",
        minimum=0.05,
        maximum=40,
        unit="m",
        log=True,
        group="Lens",
    )
    width: int = integer(320, "Width", "Of the image.", minimum=8, maximum=1024, unit="px", group="Image")
    height: int = integer(240, "Height", "Of the image.", minimum=8, maximum=1024, unit="px", group="Image")
    shift_x: float = number(
        0.0,
        "Principal point x",
        "How far right of the image's middle the optical axis meets it.",
        minimum=-512,
        maximum=512,
        unit="px",
        group="Image",
    )
    shift_y: float = number(
        0.0,
        "Principal point y",
        "How far below the image's middle the optical axis meets it.",
        minimum=-512,
        maximum=512,
        unit="px",
        group="Image",
    )
    near: float = number(
        0.5,
        "Near",
        "znear. PyTorch3D's FoV cameras clip at half of it, OpenGL at all of it.",
        minimum=0.01,
        maximum=20,
        unit="m",
        log=True,
        group="Near and far",
    )
    far: float = number(
        10.0,
        "Far",
        "zfar. PyTorch3D culls nothing there, OpenGL does.",
        minimum=0.02,
        maximum=200,
        unit="m",
        log=True,
        group="Near and far",
    )
    family: str = choice(
        FOV_CAMERAS,
        "PyTorch3D class",
        "FoV cameras know znear and zfar, and scale z to 0..1; focal-length cameras do not, their z is 1/Z.",
        (FOV_CAMERAS, FOCAL_CAMERAS),
        group="Near and far",
    )
    tint: bool = switch(
        True,
        "Tint what is past them",
        "Colour what is drawn although it is nearer than near (orange) or beyond far (blue).",
        group="Near and far",
    )


PIXEL = StudyActivity(
    key="pixel",
    title="From world to pixel",
    summary="Pick a vertex and follow it: world, view, NDC, screen, each with its matrix.",
    params=PixelParams,
    study="lab.cameras.pixel_study:PixelStudy",
    lesson="pixel.md",
    panes=(
        (
            Pane("world", "World", "view", "Click a vertex to follow it to its pixel.", pick="vertex"),
            Pane("perspective", "Perspective", "picture", "Size falls with depth. Hover for the depth."),
            Pane("orthographic", "Orthographic", "picture", "Size does not depend on depth. Hover for the depth."),
        ),
        (
            Pane("steps", "The vertex in every space", "table", "From the world to the pixel, row by row."),
            Pane("matrices", "Matrices", "text", "The matrix of each step, as numpy code that can be run."),
        ),
    ),
    presets=(
        Preset("Start", "A camera at a good distance.", {}),
        Preset(
            "Telephoto",
            "Far away with a narrow lens: perspective becomes almost orthographic.",
            {"distance": 16.0, "fov": 7.7, "far": 40.0},
        ),
        Preset(
            "Wide angle",
            "Close with a wide lens: what is near becomes huge.",
            {"distance": 1.35, "fov": 100.0, "near": 0.05},
        ),
        Preset(
            "Near cuts",
            "znear within the object: PyTorch3D draws from znear / 2 on.",
            {"near": 4.4, "far": 10.0},
        ),
        Preset(
            "Near cuts, OpenGL",
            "The same planes in OpenGL: it draws from near on, and nothing beyond far.",
            {"near": 2.4, "far": 2.8, "spaces": "OpenGL"},
        ),
        Preset(
            "Far does nothing",
            "zfar before the middle of the object: PyTorch3D draws all of it.",
            {"near": 0.5, "far": 2.4},
        ),
        Preset(
            "Wide image",
            "A wide image: NDC's x runs beyond 1, as the short side spans [-1, 1].",
            {"width": 480, "height": 200},
        ),
        Preset(
            "Off-centre",
            "The principal point is moved: p in NDC has the opposite sign.",
            {"shift_x": 60.0, "shift_y": -30.0, "family": FOCAL_CAMERAS},
        ),
    ),
    example={"object": "spot.ply"},
    figures={
        "Pixel": "Where the vertex lies in the perspective image, x right and y down, from its top left corner.",
        "Depth": "Of the vertex along the optical axis, metres.",
        "Vertex": "Whether the vertex can be seen in the perspective image.",
        "Focal length": "Of the perspective camera: pixels, and NDC.",
        "Field of view": "Of the perspective camera, horizontal by vertical, with the axis in the image's middle.",
        "Clipped at": "Depth from which on the perspective picture is drawn, metres.",
        "Nearer than near": "Vertices before near that are drawn nevertheless.",
        "Beyond far": "Vertices beyond far that are drawn nevertheless.",
        "Cut away": "Vertices that are not drawn, as they are before the clipping plane or, in OpenGL, beyond far.",
    },
)
