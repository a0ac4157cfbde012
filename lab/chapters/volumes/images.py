"""Posed images: pictures with known cameras, made from a mesh or opened from files. Chapters 6 and 7 rest on them."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import Onward, Preset, StudyActivity
from lab.chapters.fields.images import FOUND, MINE, corner
from lab.params import choice, file, geometry, integer, number, switch
from lab.study import Action, Pane

PATHS = ("course's circle", "circle", "dome", "sphere")
BACKGROUNDS = ("black", "white", "grey", "checker", "gradient")
UPS = ("auto", "y", "z", "-y", "cameras")
SAVE = "save"

_OF_MESH = ("data", ("",))


def _light(default: float, axis: str) -> float:
    return number(
        default,
        f"Light {axis}",
        f"The {axis} of the point light's place. Drag it in the world.",
        minimum=-20.0,
        maximum=20.0,
        unit="m",
        group="Light",
        when=_OF_MESH,
    )


def _strength(default: float, label: str, doc: str) -> float:
    return number(default, label, doc, minimum=0.0, maximum=2.0, group="Light", when=_OF_MESH, advanced=True)


@dataclass(frozen=True)
class ImagesParams:
    """Parameters of posed images. World: right-handed, Y up; metres, or the files' own units."""

    data: str = file(
        "Folder",
        "Your own posed pictures: a folder, or its transforms.json, cameras.bin or poses_bounds.npy. Drop it anywhere. "
        "Empty: they are made from the mesh.",
        folder=True,
        optional=True,
        group="Pictures",
    )
    object: str = geometry(
        "Mesh", "It is centred, and scaled so that its largest coordinate is 1 m.", when=_OF_MESH, group="Pictures"
    )
    image: int = integer(
        0, "Picture shown", "Counted from 0. Its camera is bright.", minimum=0, maximum=999, group="Pictures"
    )
    count: int = integer(48, "Number", "Of pictures.", minimum=2, maximum=400, when=_OF_MESH, group="Cameras")
    held_out: int = integer(
        8,
        "Held out",
        "Pictures that are not trained on: they judge what was reconstructed.",
        minimum=0,
        maximum=100,
        when=_OF_MESH,
        group="Cameras",
    )
    size: int = integer(
        128, "Size", "Of each picture, both ways.", minimum=16, maximum=800, unit="px", when=_OF_MESH, group="Cameras"
    )
    path: str = choice(
        PATHS[0],
        "Stand on",
        "The course's circle has its first and last camera at one place; a dome is the upper half of a sphere.",
        PATHS,
        when=_OF_MESH,
        group="Cameras",
    )
    distance: float = number(
        2.7,
        "Distance",
        "From each camera to the object's middle.",
        minimum=0.5,
        maximum=20.0,
        unit="m",
        log=True,
        when=_OF_MESH,
        group="Cameras",
    )
    elevation: float = number(
        0.0,
        "Elevation",
        "How far above the horizon a circle's cameras are.",
        minimum=-80.0,
        maximum=80.0,
        unit="°",
        when=_OF_MESH,
        group="Cameras",
    )
    fov: float = number(
        60.0,
        "Field of view",
        "The angle that a picture spans.",
        minimum=5.0,
        maximum=120.0,
        unit="°",
        when=_OF_MESH,
        group="Cameras",
    )
    masks: bool = switch(
        True,
        "Masks are known",
        "Whether each picture tells how much of each pixel the object covers.",
        when=_OF_MESH,
        group="Cameras",
    )
    background: str = choice(
        "black",
        "Background",
        "What is behind the object where masks are not known.",
        BACKGROUNDS,
        when=_OF_MESH,
        group="Cameras",
    )
    light_x: float = _light(0.0, "x")
    light_y: float = _light(0.0, "y")
    light_z: float = _light(-3.0, "z")
    ambient: float = _strength(0.5, "Ambient", "Light from nowhere.")
    diffuse: float = _strength(0.3, "Diffuse", "Light that a rough surface sends back.")
    specular: float = _strength(0.2, "Specular", "Highlights, which move with the eye.")
    shininess: float = number(
        64.0,
        "Shininess",
        "The exponent of the highlights: more makes them smaller.",
        minimum=1.0,
        maximum=500.0,
        log=True,
        when=_OF_MESH,
        group="Light",
        advanced=True,
    )
    pattern: bool = switch(
        True, "Pattern", "Colours for a mesh that has none of its own.", when=_OF_MESH, group="Light", advanced=True
    )
    noise: float = number(
        0.0,
        "Noise",
        "Standard deviation that is added to every colour, of 100 % = white.",
        minimum=0.0,
        maximum=50.0,
        unit="%",
        when=_OF_MESH,
        group="Imperfections",
    )
    camera_noise: float = number(
        0.0,
        "Camera error",
        "Standard deviation of the error of the cameras that are trained with, angle and place.",
        minimum=0.0,
        maximum=10.0,
        unit="°",
        when=_OF_MESH,
        group="Imperfections",
    )
    every: int = integer(
        8,
        "Hold out every",
        "So many-th picture, where the files have no split of their own; 0 holds out none.",
        minimum=0,
        maximum=100,
        advanced=True,
        group="Reading",
    )
    max_size: int = integer(
        400,
        "At most",
        "Pixels of a picture's longer side; larger ones are made smaller by area.",
        minimum=16,
        maximum=2000,
        unit="px",
        advanced=True,
        group="Reading",
    )
    most: int = integer(
        300,
        "Pictures, at most",
        "Of more, some are taken that are spread over all.",
        minimum=2,
        maximum=1000,
        advanced=True,
        group="Reading",
    )
    file_masks: bool = switch(
        True, "Use masks", "Take alphas and mask files as what the object covers.", group="Reading", advanced=True
    )
    up: str = choice(
        "auto",
        "Up",
        "Which axis of the files' world points up; 'auto' knows the formats, 'cameras' is the mean of their ups.",
        UPS,
        advanced=True,
        group="Reading",
    )
    box: str = choice(
        FOUND,
        "Scene box",
        "Where the object is looked for: found from masks, points and cameras, or set by you. Drag its corners.",
        (FOUND, MINE),
        group="Box",
    )
    lower: tuple[float, ...] = corner(-1.0, "Lower corner", group="Box")
    upper: tuple[float, ...] = corner(1.0, "Upper corner", group="Box")
    save_to: str = file(
        "Save into",
        "A folder that is there. 'Save folder' makes a new one in it, with transforms.json and the pictures.",
        folder=True,
        optional=True,
        group="Save",
    )


IMAGES = StudyActivity(
    key="posed-images",
    title="Posed images",
    summary="Pictures with known cameras: rendered from a mesh, or your own from files. Checked, split, boxed.",
    params=ImagesParams,
    study="lab.posed.study:PosedStudy",
    lesson="posed-images.md",
    panes=(
        (
            Pane("world", "Cameras", "view", "Each camera with its picture; the held-out ones are orange."),
            Pane("picture", "Picture", "picture", "The chosen picture. A checker shows where it is transparent."),
        ),
        (Pane("table", "All pictures", "table", "Size, part, and whether each camera sees the box."),),
    ),
    onward=Onward("nerf", ("data", "object", "size", "path", "masks", "camera_noise", "box", "lower", "upper")),
    actions=(
        Action(SAVE, "Save folder", "Save as transforms.json with the pictures, for this lab, nerfstudio and others."),
    ),
    presets=(
        Preset(
            "As the course has it",
            "Spot in 48 views of 128 x 128 on a circle, distance 2.7 m, black background.",
            {},
        ),
        Preset("A sphere of views", "The same object from all sides.", {"path": "sphere"}),
        Preset(
            "Without masks",
            "Before a checker: the object must be told from what is behind it.",
            {"masks": False, "background": "checker", "path": "sphere"},
        ),
        Preset(
            "Harder",
            "Glossy, larger, from all sides: highlights move with the eye, and no single colour fits.",
            {
                "path": "sphere",
                "count": 112,
                "held_out": 12,
                "size": 200,
                "distance": 2.2,
                "light_x": 2.0,
                "light_y": 3.0,
                "light_z": 2.5,
                "ambient": 0.45,
                "diffuse": 0.5,
                "specular": 0.6,
                "shininess": 40.0,
            },
        ),
        Preset("Wrong cameras", "Each training camera is off by about a degree.", {"camera_noise": 1.0}),
    ),
    example={"object": "spot.ply"},
    figures={
        "Pictures": "How many there are: trained on and held out.",
        "Size": "Width and height of all of them, pixels.",
        "Masks": "Whether it is known how much of each pixel the object covers.",
        "Field of view": "Across the width, the smallest and the largest of all cameras.",
        "Distance": "From the cameras to the middle of the box: the smallest, the median and the largest.",
        "Box": "Its sides, in world units.",
        "See the box": "How many cameras have any of the box in their picture.",
        "All black": "PSNR of black pictures against the held-out ones, over black: what learning nothing scores.",
    },
)
