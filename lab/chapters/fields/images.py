"""What all reconstructions from posed pictures have in common: their pictures, what they show, and how they are judged.

``lab.fields.inputs`` makes or reads the pictures; ``lab.fields.experiment`` fills the panes and the figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lab.chapter import Term
from lab.params import choice, file, geometry, integer, number, numbers, switch
from lab.study import Pane

FOUND, MINE = "found", "my own"
PATHS = ("sphere", "circle", "course's circle")


def corner(default: float, label: str, **options: Any) -> Any:
    """A corner of the scene's box, which is there while the parameter ``box`` is MINE."""
    return numbers(
        (default,) * 3,
        label,
        "Of the box. Drag it in the world of “Posed images”.",
        minimum=-1e6,
        maximum=1e6,
        names=("x", "y", "z"),
        when=("box", (MINE,)),
        **options,
    )


@dataclass(frozen=True)
class PictureParams:
    """The pictures: a folder of one's own, or made of an object. Lengths in metres, or in your cameras' units."""

    data: str = file(
        "Own pictures",
        "A folder with pictures whose cameras are known: transforms.json, COLMAP or LLFF. "
        "Empty: the lab makes pictures of the object below.",
        folder=True,
        group="Pictures",
    )
    object: str = geometry(
        "Object", "What pictures are made of where there are none of your own.", when=("data", ("",)), group="Pictures"
    )
    views: int = integer(
        40,
        "Views",
        "Pictures to train on; of your own, at most so many. Eight more judge.",
        minimum=2,
        maximum=300,
        group="Pictures",
    )
    size: int = integer(
        128,
        "Size",
        "Pixels of a picture's longer side. Larger ones of your own are made smaller.",
        minimum=32,
        maximum=800,
        unit="px",
        group="Pictures",
    )
    path: str = choice("course's circle", "Cameras", "Where they stand.", PATHS, group="Pictures", advanced=True)
    masks: bool = switch(
        True, "Masks", "Use what is known of where the object is: the transparency of the pictures.", group="Pictures"
    )
    camera_noise: float = number(
        0.0,
        "Camera noise",
        "Error of the training cameras: how far each is turned about the object, standard deviation.",
        minimum=0.0,
        maximum=10.0,
        unit="°",
        group="Pictures",
        advanced=True,
    )
    box: str = choice(
        FOUND,
        "Scene box",
        "Where the field is: found from masks, points and cameras, or set by you. “Posed images” lets you drag it.",
        (FOUND, MINE),
        group="Pictures",
        advanced=True,
    )
    lower: tuple[float, ...] = corner(-1.0, "Lower corner", group="Pictures", advanced=True)
    upper: tuple[float, ...] = corner(1.0, "Upper corner", group="Pictures", advanced=True)


VERDICTS = (
    Term("psnr", "PSNR, held out (dB)", "", dark="#4fcc9e", light="#094763"),
    Term("psnr_object", "PSNR, object (dB)", "", dark="#8affff", light="#0a6ea0"),
    Term("ssim", "SSIM, held out", "", dark="#f06cc0", light="#b01e66"),
)
"""The curves of how good the held-out views are."""

PANES = (
    Pane("view", "Held-out view", "picture", "What the field shows from a camera that it was not trained on."),
    Pane("truth", "Truth", "picture", "The picture that this camera took."),
    Pane("difference", "Difference", "picture", "Where they differ: four times as bright."),
)

FIGURES = {
    "PSNR": "10 log10(1 / mean squared error) over the held-out views: 30 dB is good, 35 dB hard to tell apart.",
    "PSNR, object": "The same over the pixels of the object alone.",
    "SSIM": "Structural similarity of the held-out views; 1 is equal.",
    "All black": "The PSNR of black pictures: what learning nothing gives.",
    "Vertices": "Of the sparse grid, those that are left.",
    "Surface": "Faces of the mesh on which one voxel hides half of the light.",
}
"""What the figures mean that every run hands over."""
