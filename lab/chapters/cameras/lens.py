"""The convention lens: one camera, as four programs write it down."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import Preset, StudyActivity
from lab.params import choice, geometry, integer, number, switch, text
from lab.study import Action, Pane

CONVENTIONS = ("PyTorch3D", "OpenCV", "OpenGL", "Blender")
AS_WRITTEN = "as written"
NO_SLIP = "none"
SLIPS = (
    NO_SLIP,
    "R transposed",
    "camera to world taken for world to camera",
    "Z-up world taken for Y up",
    "camera centre given as T",
    "left-handed axes",
    "rows of the image from the bottom",
    "focal length in pixels taken as NDC",
    "principal point's sign",
    "width and height swapped",
)
WORLDS = ("as usual there", "Y up", "Z up")
USE, AIM, FIT = "use", "aim", "fit"


@dataclass(frozen=True)
class LensParams:
    """Parameters of the convention lens. World: right-handed, Y up, metres."""

    object: str = geometry("Object", "What stands before the camera: a mesh or point cloud.", group="Scene")
    convention: str = choice(
        "PyTorch3D",
        "Convention",
        "Whose axes are drawn at the camera, and whose code is shown.",
        CONVENTIONS,
        group="Convention",
    )
    world: str = choice(
        WORLDS[0],
        "World",
        "Which axis points up in the world of the code. In Blender that is Z, elsewhere mostly Y.",
        WORLDS,
        group="Convention",
    )
    in_ndc: bool = switch(
        True,
        "PyTorch3D in NDC",
        "Write PyTorch3D's focal length and principal point in NDC; off: in pixels.",
        group="Convention",
    )
    read_as: str = choice(
        AS_WRITTEN,
        "Read as",
        "Take the numbers of the convention above for those of another: the picture shows what comes of it.",
        (AS_WRITTEN, *CONVENTIONS),
        group="Misread",
    )
    slip: str = choice(
        NO_SLIP,
        "Slip",
        "A mistake on the way from one program to the other: the picture shows what comes of it.",
        SLIPS,
        group="Misread",
    )
    x: float = number(1.22, "x", "Where the camera stands.", minimum=-10, maximum=10, unit="m", group="Camera")
    y: float = number(1.0, "y", "Where the camera stands.", minimum=-10, maximum=10, unit="m", group="Camera")
    z: float = number(-1.93, "z", "Where the camera stands.", minimum=-10, maximum=10, unit="m", group="Camera")
    rx: float = number(
        -6.987, "Turn x", "Rotation vector of the camera.", minimum=-360, maximum=360, unit="°", group="Camera"
    )
    ry: float = number(
        148.094, "Turn y", "Rotation vector of the camera.", minimum=-360, maximum=360, unit="°", group="Camera"
    )
    rz: float = number(
        26.149, "Turn z", "Rotation vector of the camera.", minimum=-360, maximum=360, unit="°", group="Camera"
    )
    projection: str = choice(
        "perspective",
        "Projection",
        "perspective: far things are smaller; orthographic: all rays are parallel.",
        ("perspective", "orthographic"),
        group="Lens",
    )
    fov: float = number(
        45.0,
        "Field of view",
        "Angle from the bottom to the top of the image, in perspective.",
        minimum=1,
        maximum=160,
        unit="°",
        group="Lens",
    )
    view_height: float = number(
        2.4,
        "Image spans",
        "What the image shows from bottom to top, in orthographic projection.",
        minimum=0.01,
        maximum=50,
        unit="m",
        group="Lens",
        advanced=True,
    )
    width: int = integer(320, "Width", "Of the image.", minimum=8, maximum=1024, unit="px", group="Lens")
    height: int = integer(240, "Height", "Of the image.", minimum=8, maximum=1024, unit="px", group="Lens")
    shift_x: float = number(
        0.0,
        "Principal point x",
        "How far right of the image's middle the optical axis meets it.",
        minimum=-1000,
        maximum=1000,
        unit="px",
        group="Lens",
        advanced=True,
    )
    shift_y: float = number(
        0.0,
        "Principal point y",
        "How far below the image's middle the optical axis meets it.",
        minimum=-1000,
        maximum=1000,
        unit="px",
        group="Lens",
        advanced=True,
    )
    pixel_ratio: float = number(
        1.0,
        "fx / fy",
        "1 for square pixels; other cameras have focal lengths that differ.",
        minimum=0.1,
        maximum=10,
        group="Lens",
        advanced=True,
    )
    near: float = number(
        0.1,
        "Near",
        "Nearest depth, for OpenGL and Blender.",
        minimum=0.001,
        maximum=10,
        unit="m",
        group="Lens",
        advanced=True,
    )
    far: float = number(
        100.0,
        "Far",
        "Farthest depth, for OpenGL and Blender.",
        minimum=0.002,
        maximum=10_000,
        unit="m",
        group="Lens",
        advanced=True,
    )
    paste: str = text(
        "",
        "Paste a camera",
        "A 4x4, a 3x4, or R and T (and K), as code, JSON, a print or plain numbers, to be told what it can be.",
        group="Paste",
    )
    reading: int = integer(
        1,
        "Reading",
        "The row of the verdict that is drawn in the world and taken over by the button.",
        minimum=1,
        maximum=24,
        group="Paste",
    )


_NERF = """{"transform_matrix": [
  [-0.9063, 0.1786, -0.3830, -1.0725],
  [-0.4226, -0.3830, 0.8214, 2.1099],
  [0.0, 0.9063, 0.4226, 1.2933],
  [0.0, 0.0, 0.0, 1.0]]}"""

LENS = StudyActivity(
    key="lens",
    title="Convention lens",
    summary="One camera as PyTorch3D, OpenCV, OpenGL and Blender write it; paste one, and see what it can be.",
    params=LensParams,
    study="lab.cameras.lens_study:LensStudy",
    lesson="lens.md",
    panes=(
        (
            Pane("world", "World", "view", "Drag the camera by its handle; its axes are those of the convention."),
            Pane("picture", "What the camera sees", "picture", "Ray cast through the intrinsics; hover for the depth."),
            Pane("misread", "As it is read", "picture", "The picture that the wrong reading makes."),
        ),
        (
            Pane("code", "Code", "text", "The camera in the chosen convention; copy and run it."),
            Pane(
                "all",
                "All four",
                "table",
                "The same camera in the four conventions; a tick where the way there and back changes nothing.",
            ),
            Pane("verdict", "Readings of the pasted camera", "table", "The most believable first; a guess, no proof."),
        ),
    ),
    actions=(
        Action(AIM, "Look at the object", "Turn the camera to the object's middle, upright"),
        Action(FIT, "Fit the object", "Step back or forth until the object fills the image"),
        Action(USE, "Use the pasted camera", "Take over the pasted camera as the chosen reading has it"),
    ),
    presets=(
        Preset("As it should be", "The camera, read as it was written.", {}),
        Preset(
            "Upside down",
            "OpenCV's camera taken for PyTorch3D's: x and y are flipped, the picture is turned by 180°.",
            {"convention": "OpenCV", "read_as": "PyTorch3D"},
        ),
        Preset(
            "Looking away",
            "OpenCV's camera taken for OpenGL's: y and z are flipped, the object is behind the camera.",
            {"convention": "OpenCV", "read_as": "OpenGL"},
        ),
        Preset("Mirrored", "Left-handed axes: a mirror image, which no rotation undoes.", {"slip": "left-handed axes"}),
        Preset("Transposed", "PyTorch3D's R used as for column vectors.", {"slip": "R transposed"}),
        Preset(
            "Inverted",
            "A pose (camera to world) where world to camera is asked for.",
            {"convention": "OpenCV", "slip": "camera to world taken for world to camera"},
        ),
        Preset(
            "Toppled",
            "A camera of a Z-up world in a world where Y is up.",
            {"convention": "OpenGL", "slip": "Z-up world taken for Y up"},
        ),
        Preset(
            "Off-centre and wide",
            "A wide image with the principal point off its middle: only K tells, no field of view.",
            {"width": 480, "height": 240, "shift_x": 60.0, "shift_y": -30.0, "convention": "OpenCV"},
        ),
        Preset("Who wrote this?", "A pasted camera from a NeRF data set.", {"paste": _NERF}),
    ),
    example={"object": "spot.ply"},
    figures={
        "Round trip": "The largest difference of pose and intrinsics after going to each convention and back.",
        "Camera centre": "Where the camera stands, world, metres.",
        "In front": "Share of the object in front of the camera.",
        "In the image": "Share of the object within the image.",
        "Turned": "By how much the world's up is turned in the image, degrees, counter-clockwise.",
        "Misread": "What the wrong reading makes of the picture.",
        "Pasted": "The most believable reading of the pasted camera.",
    },
)
