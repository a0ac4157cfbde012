"""Look into a scan: a transfer function, a surface, and three slices through one volume of numbers."""

from __future__ import annotations

from dataclasses import dataclass

from lab.chapter import Preset, StudyActivity
from lab.params import choice, file, integer, number, numbers, switch
from lab.study import Pane

HEAD, ENGINE, SHEPP_LOGAN, FILE = "head", "engine", "Shepp-Logan", "file"
LIGHT, GREATEST, MEAN = "light", "greatest value", "mean value"
OWN = "my own"
LOOKS = ("bone", "skin", "skin and bone", "layers", "ramp", OWN)
COLORS = ("viridis", "plasma", "turbo", "coolwarm", "grey")
Z_UP, Y_UP = "z up", "y up"
FINEST = 256

_MADE = (HEAD, ENGINE, SHEPP_LOGAN)


def _slice(label: str, doc: str, default: float) -> float:
    return number(default, label, doc, minimum=0.0, maximum=1024.0, unit="px", group="Slices")


@dataclass(frozen=True)
class ScalarParams:
    """Parameters of the scan. World: +X a patient's left, +Y up, +Z to the front; metres."""

    source: str = choice(
        HEAD,
        "Scan",
        "Made by the lab, of simple solids: a head in Hounsfield units, an engine in g/cm³, a phantom; or your own.",
        (*_MADE, FILE),
        group="Scan",
    )
    path: str = file(
        "File",
        "A volume of one number per voxel: .npy, .nrrd, .nhdr, .nii or .nii.gz.",
        group="Scan",
        when=("source", (FILE,)),
    )
    axes: str = choice(
        Z_UP,
        "First axis",
        "Of files that do not say how they lie: upwards, or forwards.",
        (Z_UP, Y_UP),
        group="Scan",
        when=("source", (FILE,)),
    )
    side: int = integer(
        112, "Voxels", "Along each side.", minimum=32, maximum=192, group="Scan", when=("source", _MADE)
    )
    mode: str = choice(
        LIGHT,
        "A ray tells",
        "The light that it gathers through the transfer function; or its greatest, or its mean value, as an X-ray.",
        (LIGHT, GREATEST, MEAN),
        group="Picture",
    )
    look: str = choice(
        "skin and bone",
        "Transfer function",
        "Which colour and opacity each value has. See the plot.",
        LOOKS,
        group="Picture",
    )
    low: float = number(
        0.233,
        "Window from",
        "Where the function begins, from 0 (the least value) to 1.",
        minimum=0.0,
        maximum=1.0,
        group="Picture",
    )
    high: float = number(
        0.733, "Window to", "Where it ends. The slices have the same window.", minimum=0.0, maximum=1.0, group="Picture"
    )
    places: tuple[float, ...] = numbers(
        (0.0, 0.3, 0.5, 0.7, 1.0),
        "Points",
        "Control points, from 0 to 1 within the window.",
        minimum=0.0,
        maximum=1.0,
        names=("1", "2", "3", "4", "5"),
        group="Picture",
        when=("look", (OWN,)),
    )
    heights: tuple[float, ...] = numbers(
        (0.0, 0.05, 0.0, 0.3, 0.9),
        "Opacities",
        "At the control points, for a hundredth of the scan's longest side.",
        minimum=0.0,
        maximum=1.0,
        names=("1", "2", "3", "4", "5"),
        group="Picture",
        when=("look", (OWN,)),
    )
    colors: str = choice("plasma", "Colours", "Of the control points.", COLORS, group="Picture", when=("look", (OWN,)))
    strength: float = number(
        1.0, "Strength", "Of all opacities.", minimum=0.02, maximum=20.0, log=True, group="Picture"
    )
    ambient: float = number(
        0.25,
        "Ambient",
        "Light where none falls; 1 and nothing is shaded. The light is at the eye.",
        minimum=0.0,
        maximum=1.0,
        group="Picture",
    )
    size: int = integer(320, "Picture size", "Both ways.", minimum=32, maximum=800, unit="px", group="Picture")
    steps: float = number(
        1.5,
        "Samples",
        "For each voxel that a ray passes.",
        minimum=0.25,
        maximum=6.0,
        log=True,
        group="Picture",
        advanced=True,
    )
    azimuth: float = number(
        30.0, "Azimuth", "Seen from where: 0 is the front, 90 a patient's left.", minimum=-180.0, maximum=180.0,
        unit="°", group="Camera",
    )  # fmt: skip
    elevation: float = number(
        12.0, "Elevation", "Above the horizon.", minimum=-89.0, maximum=89.0, unit="°", group="Camera"
    )
    zoom: float = number(
        1.0, "Zoom", "1 and all is in the picture.", minimum=0.3, maximum=8.0, log=True, group="Camera"
    )
    level: float = number(
        0.45,
        "Surface at",
        "Values above it are inside; from 0 (the least value) to 1.",
        minimum=0.0,
        maximum=1.0,
        group="Surface",
    )
    surface: bool = switch(True, "Show the surface", "In the world, with the slices.", group="Surface")
    slice_x: float = _slice("Slice x", "From the left edge of the picture from the front. Click a slice.", 56.0)
    slice_y: float = _slice("Slice y", "From the top.", 46.0)
    slice_z: float = _slice("Slice z", "From the front.", 58.0)


SCALAR = StudyActivity(
    key="scalar-volume",
    title="Look into a scan",
    summary="A head or your own scan: turn values into light, find a surface, cut slices.",
    params=ScalarParams,
    study="lab.volumes.scalar.study:ScalarStudy",
    lesson="scalar-volume.md",
    panes=(
        (
            Pane("picture", "Picture", "picture", "What rays gather on their way through the scan."),
            Pane("world", "Surface and slices", "view", "The surface at the chosen value, and where the slices lie."),
            Pane(
                "values",
                "Values",
                "plot",
                "How many voxels have each value (the tallest is 1, on a logarithmic scale), and the opacity of each. "
                "The line is where the surface is.",
            ),
        ),
        (
            Pane(
                "front",
                "From the front",
                "picture",
                "A patient's left is on the right. Click or drag to move the other two slices.",
                point=("slice_x", "slice_y"),
            ),
            Pane(
                "left",
                "From a patient's left",
                "picture",
                "The front is on the left. Click or drag to move the other two slices.",
                point=("slice_z", "slice_y"),
            ),
            Pane(
                "below",
                "From below",
                "picture",
                "As radiologists look: the front is at the top, a patient's left on the right.",
                point=("slice_x", "slice_z"),
            ),
        ),
    ),
    presets=(
        Preset("Start", "Skin like glass, and bone in it.", {}),
        Preset("Skin", "The outermost: what is opaque first hides the rest.", {
            "look": "skin", "low": 0.1, "high": 0.38, "level": 0.2, "azimuth": 35.0,
        }),
        Preset("Bone", "Nothing below 200 HU is seen.", {"look": "bone", "low": 0.40, "high": 0.80, "level": 0.5}),
        Preset("Brain window", "From -20 to 90 HU: brain, fluid and a tumour, which differ by little.", {
            "look": "ramp", "low": 0.3267, "high": 0.3633, "level": 0.355, "slice_x": 70.0, "slice_y": 36.0,
            "slice_z": 63.0, "strength": 0.3, "azimuth": 60.0,
        }),
        Preset("X-ray", "The mean along each ray.", {"mode": MEAN, "low": 0.0, "high": 0.55, "azimuth": 0.0}),
        Preset("Greatest value", "The brightest voxel of each ray: vessels, without depth.", {
            "mode": GREATEST, "low": 0.30, "high": 0.85,
        }),
        Preset("Engine", "Aluminium like glass, steel within it.", {
            "source": ENGINE, "look": "skin and bone", "low": 0.26, "high": 0.906, "level": 0.6, "azimuth": 35.0,
            "elevation": 25.0,
        }),
        Preset("Shepp-Logan", "The phantom that every method is tried on: ten ellipsoids.", {
            "source": SHEPP_LOGAN, "look": OWN, "low": 0.0, "high": 1.0, "level": 0.25, "elevation": 60.0,
            "places": (0.0, 0.22, 0.30, 0.40, 1.0), "heights": (0.0, 0.0, 0.06, 0.0, 0.006), "colors": "turbo",
        }),
        Preset("My own function", "Five control points that you move.", {
            "look": OWN, "low": 0.25, "high": 0.85, "ambient": 0.4,
        }),
    ),
    figures={
        "Voxels": "Of the scan, along x, y and z.",
        "Size": "Of the scan, from left to right, from bottom to top and from back to front.",
        "Values": "The least and the greatest between which the sliders go.",
        "Window": "The values between which the transfer function lies.",
        "At the cross": "The value of the voxel where the three slices meet.",
        "Surface at": "The value on the surface.",
        "Surface's area": "Of the triangles in the world, square centimetres.",
        "Volume inside": "What the triangles enclose, cubic centimetres.",
        "Voxels inside": "Share of the voxels whose value is above the surface's.",
    },
)  # fmt: skip
