"""The models that come with the lab."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lab.formats.base import Up

_FOLDER = Path(__file__).resolve().parent.parent / "assets" / "examples"


@dataclass(frozen=True)
class Example:
    """A bundled model.

    name: its key. file: in assets/examples. title, description: for the welcome page. credit, licence: of whom and
    under which words it may be shared. up: the axis of the file that points up.
    """

    name: str
    file: str
    title: str
    description: str
    credit: str
    licence: str
    up: Up = "y"

    @property
    def path(self) -> Path:
        return _FOLDER / self.file

    @property
    def thumbnail(self) -> Path:
        """A picture of it, made by a script."""
        return _FOLDER / "thumbnails" / f"{self.name}.png"


_EXAMPLES = (
    Example(
        "spot",
        "spot.ply",
        "Spot the cow",
        "A closed mesh with 5,856 faces: legs, horns and ears to reach with a sphere.",
        "Keenan Crane",
        "Public domain",
    ),
    Example(
        "bob",
        "bob_small.ply",
        "Bob the duck ring",
        "A small closed mesh with a hole through it, which no sphere can become.",
        "Keenan Crane",
        "Public domain",
    ),
    Example(
        "teapot",
        "teapot.obj",
        "The teapot",
        "Martin Newell's classic: 32 patches that are not joined to each other.",
        "Martin Newell; from the npm package teapot",
        "Public domain",
    ),
    Example(
        "person",
        "person_scan.ply",
        "Scan of a person",
        "12,000 coloured points of a clothed body that stands, as four depth cameras see it.",
        "The lab's own open body",
        "CC0",
    ),
    Example(
        "autzen",
        "autzen_trim.laz",
        "Aerial laser scan",
        "110,000 coloured points over Autzen Stadium, far from zero, with intensity and classes.",
        "From laspy's tests; the owner of the scan is not named",
        "BSD 2-Clause",
        up="z",
    ),
    Example(
        "b9",
        "b9_training.ply",
        "Labelled city scan",
        "22,300 points of a city; 2,447 of them carry a label: ground, plants or roof.",
        "From CGAL's examples; the author is not named",
        "CC0",
        up="z",
    ),
)


def examples() -> tuple[Example, ...]:
    """All bundled models, the best to begin with first."""
    return _EXAMPLES


def example_path(name: str) -> Path:
    """The file of the example called ``name`` ("spot" or "spot.ply"). Raises KeyError for an unknown one."""
    for example in _EXAMPLES:
        if name in (example.name, example.file):
            return example.path
    raise KeyError(f"{name!r} is no example; known are {', '.join(example.name for example in _EXAMPLES)}")
