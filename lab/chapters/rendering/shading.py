"""The shading lab: lights, materials and interpolation, and every term of one pixel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lab.chapter import Preset, StudyActivity
from lab.params import choice, geometry, integer, number, switch
from lab.study import Action, Pane

POINT, DIRECTIONAL, AMBIENT = "point", "directional", "ambient"
PHONG, LAMBERT, BLINN = "Phong", "Lambert", "Blinn-Phong"
FLAT, GOURAUD, PIXELS = "flat", "Gouraud", "Phong"
DIFFERENCE, DEPTH, NORMALS = "difference to ray cast", "depth", "normals"
MIDDLE, WORLD_ORIGIN = "object's middle", "world's origin"
WHITE, GREY, BLACK = "white", "grey", "black"
TURNTABLE = "turntable"


def _place(default: float, axis: str) -> float:
    return number(
        default,
        f"Position {axis}",
        f"The {axis} of the point light. Drag it in the world.",
        minimum=-20.0,
        maximum=20.0,
        unit="m",
        group="Light",
    )


def _direction(default: float, axis: str) -> float:
    return number(
        default,
        f"Towards {axis}",
        f"The {axis} of the direction towards the directional light. Drag its arrow.",
        minimum=-5.0,
        maximum=5.0,
        unit="m",
        group="Light",
        advanced=True,
    )


def _strength(default: float, label: str, doc: str, group: str, **options: Any) -> float:
    return number(default, label, doc, minimum=0.0, maximum=2.0, group=group, **options)


def _color(default: float, label: str, doc: str, group: str, **options: Any) -> float:
    return number(default, label, doc, minimum=0.0, maximum=1.0, group=group, **options)


@dataclass(frozen=True)
class ShadingParams:
    """Parameters of the shading lab. World: right-handed, Y up, metres. Colours and strengths are linear."""

    object: str = geometry("Object", "A mesh, with its texture or colours if it has some.", group="Object")
    texture: bool = switch(True, "Texture", "Use the texture or colours that the object brings.", group="Object")
    own_red: float = _color(
        0.93, "Own red", "Of an object that brings no colour, or with its own off.", "Object", advanced=True
    )
    own_green: float = _color(0.66, "Own green", "As own red.", "Object", advanced=True)
    own_blue: float = _color(0.36, "Own blue", "As own red.", "Object", advanced=True)
    distance: float = number(
        2.4,
        "Distance",
        "From the camera to the point that it looks at.",
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
    fov: float = number(
        50.0,
        "Field of view",
        "Angle that the image's shorter side spans.",
        minimum=5,
        maximum=140,
        unit="°",
        group="Camera",
    )
    aim: str = choice(
        MIDDLE, "Looks at", "The point in the picture's middle.", (MIDDLE, WORLD_ORIGIN), group="Camera", advanced=True
    )
    light: str = choice(
        POINT,
        "Kind",
        "A point light shines from a place, a directional one from far away, an ambient one from nowhere.",
        (POINT, DIRECTIONAL, AMBIENT),
        group="Light",
    )
    light_x: float = _place(1.2, "x")
    light_y: float = _place(1.8, "y")
    light_z: float = _place(-2.4, "z")
    towards_x: float = _direction(0.4, "x")
    towards_y: float = _direction(1.2, "y")
    towards_z: float = _direction(-0.7, "z")
    light_ambient: float = _strength(0.3, "Ambient light", "I_a. PyTorch3D's default is 0.5.", "Light")
    light_diffuse: float = _strength(0.7, "Diffuse light", "I_d. PyTorch3D's default is 0.3.", "Light")
    light_specular: float = _strength(0.4, "Specular light", "I_s. PyTorch3D's default is 0.2.", "Light")
    light_red: float = _color(1.0, "Light red", "The share of red in the light.", "Light", advanced=True)
    light_green: float = _color(1.0, "Light green", "The share of green in the light.", "Light", advanced=True)
    light_blue: float = _color(1.0, "Light blue", "The share of blue in the light.", "Light", advanced=True)
    model: str = choice(
        PHONG,
        "Model",
        "Lambert has no specular term. Blinn-Phong takes the half vector in place of the reflection.",
        (PHONG, LAMBERT, BLINN),
        group="Material",
    )
    interpolation: str = choice(
        PIXELS,
        "Interpolation",
        "Flat: one normal a face. Gouraud: shaded at the vertices, colours blended. Phong: normals blended.",
        (FLAT, GOURAUD, PIXELS),
        group="Material",
    )
    ambient: float = _strength(1.0, "Ambient", "k_a, of the material.", "Material")
    diffuse: float = _strength(1.0, "Diffuse", "k_d, of the material.", "Material")
    specular_red: float = _color(1.0, "Specular red", "The red part of k_s.", "Material")
    specular_green: float = _color(1.0, "Specular green", "The green part of k_s.", "Material")
    specular_blue: float = _color(1.0, "Specular blue", "The blue part of k_s.", "Material")
    shininess: float = number(
        32.0,
        "Shininess",
        "p: how small the highlight is. At 0 it is a flat tint.",
        minimum=0.0,
        maximum=256.0,
        group="Material",
    )
    pixel_x: float = number(
        188.5,
        "Pixel x",
        "The probed pixel, from the left. Click or drag in the render.",
        minimum=0.0,
        maximum=2048.0,
        unit="px",
        group="Probe",
    )
    pixel_y: float = number(
        100.5,
        "Pixel y",
        "The probed pixel, from the top. Click or drag in the render.",
        minimum=0.0,
        maximum=2048.0,
        unit="px",
        group="Probe",
    )
    compare: str = choice(
        DEPTH,
        "Compare by",
        "The depth, the difference between rasterised and ray cast, or the normals that are shaded.",
        (DEPTH, DIFFERENCE, NORMALS),
        group="Image",
    )
    shadows: bool = switch(
        False,
        "Shadows in the ray cast",
        "A ray to the light tells what lies in shadow. A rasteriser cannot do that in one pass; PyTorch3D has none.",
        group="Image",
    )
    width: int = integer(320, "Width", "Of the image.", minimum=16, maximum=1024, unit="px", group="Image")
    height: int = integer(240, "Height", "Of the image.", minimum=16, maximum=1024, unit="px", group="Image")
    samples: int = integer(
        1,
        "Samples a side",
        "1: one ray a pixel, as in PyTorch3D. 2 or 3: the mean of 4 or 9, with smooth edges.",
        minimum=1,
        maximum=3,
        group="Image",
    )
    background: str = choice(
        GREY, "Background", "PyTorch3D's is white.", (WHITE, GREY, BLACK), group="Image", advanced=True
    )
    frames: int = integer(
        72, "Turntable pictures", "Of one turn.", minimum=8, maximum=360, group="Image", advanced=True
    )


_BOOK = {
    "aim": WORLD_ORIGIN,
    "width": 512,
    "height": 512,
    "pixel_x": 256.5,
    "pixel_y": 200.5,
    "light_ambient": 0.5,
    "light_diffuse": 0.3,
    "light_specular": 0.2,
    "shininess": 64.0,
    "background": WHITE,
    "own_red": 1.0,
    "own_green": 1.0,
    "own_blue": 1.0,
}
"""Image, light and background of the course's pictures: PyTorch3D's defaults."""

_FRONT = _BOOK | {"distance": 2.7, "elevation": 0.0, "azimuth": 180.0, "fov": 90.0, "light_x": 0.0, "light_y": 0.0}
_SIDE = _BOOK | {"distance": 2.7, "elevation": 10.0, "azimuth": -150.0, "fov": 60.0}
_SIDE |= {"light_x": 2.0, "light_y": 2.0, "light_z": -2.0}


def _specular(red: float, green: float, blue: float, shininess: float) -> dict[str, float]:
    return {"specular_red": red, "specular_green": green, "specular_blue": blue, "shininess": shininess}


SHADING = StudyActivity(
    key="shading",
    title="Shading lab",
    summary="Drag lights, change the material, click a pixel: every term of its colour as a number.",
    params=ShadingParams,
    study="lab.rendering.shading_study:ShadingStudy",
    lesson="shading.md",
    panes=(
        (
            Pane("world", "World", "view", "Drag the light. The arrows are those of the probed point."),
            Pane(
                "viewport",
                "Viewport",
                "view",
                "The same camera, drawn by Filament in its own light.",
                linked=False,
            ),
            Pane(
                "raycast",
                "Ray cast",
                "picture",
                "The same camera, light and material, by a ray for each pixel.",
                point=("pixel_x", "pixel_y"),
            ),
            Pane(
                "compare",
                "Depth and more",
                "picture",
                "Depth, the difference to the ray cast, or normals, as chosen in the form. Hover for the numbers.",
                point=("pixel_x", "pixel_y"),
            ),
        ),
        (
            Pane("terms", "The pixel, term by term", "table", "The numbers add up to the pixel."),
            Pane(
                "render",
                "The lab's render",
                "picture",
                "Rasterised and shaded as PyTorch3D does. Click or drag to probe a pixel.",
                point=("pixel_x", "pixel_y"),
            ),
        ),
    ),
    presets=(
        Preset("Start", "A point light over the shoulder.", {}),
        Preset(
            "Course: front",
            "The course's first image: a point light before the face, PyTorch3D's default material.",
            _FRONT | {"light_z": -3.0},
        ),
        Preset(
            "Course: back",
            "The light behind: only the ambient term is left on the side that is seen.",
            _FRONT | {"light_z": 1.0},
        ),
        Preset(
            "Course: dark",
            "The light behind and hardly any ambient: a black silhouette. The green highlight is on the far side.",
            _FRONT | {"light_z": 1.0, "ambient": 0.01} | _specular(0.0, 1.0, 0.0, 10.0),
        ),
        Preset("Course: green", "A green highlight, shininess 10.", _SIDE | _specular(0.0, 1.0, 0.0, 10.0)),
        Preset("Course: red", "A red highlight, smaller: shininess 20.", _SIDE | _specular(1.0, 0.0, 0.0, 20.0)),
        Preset(
            "Course: blue",
            "Shininess 0 is no missing highlight: a flat blue tint, as x to the power of 0 is 1.",
            _SIDE | _specular(0.0, 0.0, 1.0, 0.0),
        ),
        Preset("Flat", "One normal for each face: the facets show.", {"interpolation": FLAT}),
        Preset(
            "Gouraud loses the highlight",
            "Shaded at the vertices only: a small highlight between them is lost or smeared.",
            {"interpolation": GOURAUD, "shininess": 128.0, "light_specular": 1.0},
        ),
        Preset(
            "The same with Phong",
            "The normals are blended, and the highlight is where it belongs.",
            {"interpolation": PIXELS, "shininess": 128.0, "light_specular": 1.0},
        ),
        Preset(
            "Ambient only",
            "Texel times ambient, everywhere: form cannot be seen.",
            {"light": AMBIENT, "light_ambient": 1.0},
        ),
        Preset(
            "Sunlight with shadows",
            "A directional light; the ray cast asks whether the light is hidden.",
            {
                "compare": DIFFERENCE,
                "light": DIRECTIONAL,
                "shadows": True,
                "towards_x": 0.9,
                "towards_y": 1.1,
                "towards_z": 0.2,
            },
        ),
    ),
    actions=(Action(TURNTABLE, "Turntable", "Render one turn around the object, as a film to be saved."),),
    example={"object": "spot.ply"},
    figures={
        "Pixel": "Its colour, red, green and blue, linear from 0 to 1; the sum of the terms.",
        "n · l": "The cosine between normal and light. Below 0 the light is behind the surface.",
        "r · v": "The cosine between the reflected light and the eye.",
        "n · h": "The cosine between the normal and the half vector between light and eye.",
        "Depth": "Of the probed point along the optical axis, metres.",
        "Face": "The face that is seen in the probed pixel, counted from 0.",
        "Barycentric": "Where in its face the pixel lies: the weights of the corners, perspective-correct.",
        "Pixels that differ": "Between rasterised and ray cast, by more than 1 %.",
    },
)
