"""What a study is, what it shows, and what the lab gives it.

A study answers at once: each time a parameter, an input or a handle in the viewport changes, it is asked for new
boards. A board says what each pane of the study shows: a 3D view, a picture, a table, a text or a plot. The study
never knows who looks. It lives in a process of its own (``lab.studies``), as long as it is open, and may keep what it
computed for the next time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np

from lab.experiment import Cancelled, ExperimentError
from lab.render.camera import Camera
from lab.render.messages import Color, Style
from lab.scene import Array, Entity, Field, Geometry, Input, Mesh, Points, Snapshot

__all__ = [
    "Action",
    "Animation",
    "Board",
    "Cancelled",
    "Content",
    "Data",
    "Film",
    "Handle",
    "Label",
    "Mark",
    "Note",
    "Pane",
    "Picture",
    "Plot",
    "Result",
    "Study",
    "StudyContext",
    "StudyError",
    "Table",
    "Text",
    "View3D",
]


class StudyError(ExperimentError):
    """A study cannot answer; the message is a sentence that a person understands: what, where, what to do."""


# --- how a study is laid out: light declarations --------------------------------------------------------------------


@dataclass(frozen=True)
class Pane:
    """A place on the study's stage. A pane that is not on the board is hidden.

    linked: a view's camera moves with those of the study's other linked views.
    pick: the integer parameter that is set to the vertex (or point) that the person clicks in the view.
    point: the two number parameters that are set to the pixel (x, y) that the person clicks or drags in the picture.
    """

    key: str
    title: str
    kind: Literal["view", "picture", "table", "text", "plot"]
    tip: str = ""
    linked: bool = True
    pick: str = ""
    point: tuple[str, str] | None = None


@dataclass(frozen=True)
class Action:
    """A button of the study. Pressed, it asks for boards with ``ctx.action`` set to its key."""

    key: str
    title: str
    tip: str


# --- what a board holds ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Label:
    """Words at a place of the world: position (3,), metres."""

    position: tuple[float, float, float]
    text: str
    color: Color | None = None


@dataclass(frozen=True)
class Handle:
    """Something in a view that can be dragged, and the number parameters that follow it. Metres and radians, world.

    kind "point": ``params`` are x, y, z of ``position``.
    kind "frame": ``params`` are x, y, z of ``position`` and the rotation vector of ``rotation``, which takes the
    frame's axes to the world (column vectors): six of them.
    kind "vector": ``params`` are the x, y, z of ``vector``, an arrow that begins at ``position``; its tip is dragged.
    kind "dot": as "point", but no more than a dot, dragged in the plane that faces the eye; without params it is only
    clicked.
    An empty name locks that number. A name may be a component, "pose[5]". degrees: the rotation parameters count
    degrees. basis: a rotation vector in radians, and the rotation parameters are told in its frame: the axes that
    ``rotation`` takes to the world through it, ``basis @ rotation``, such as those of a joint in its parent's frame.
    sets: parameters that get these values as soon as the handle is taken in hand.
    """

    key: str
    kind: Literal["point", "frame", "vector", "dot"]
    params: tuple[str, ...]
    position: tuple[float, float, float]
    rotation: tuple[float, float, float] = (0.0, 0.0, 0.0)
    vector: tuple[float, float, float] = (0.0, 0.0, 0.0)
    label: str = ""
    color: Color | None = None
    degrees: bool = False
    basis: tuple[float, float, float] = (0.0, 0.0, 0.0)
    sets: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class View3D:
    """A 3D view: entities by path, and how they are drawn.

    camera: where the view looks from, for a view that shows what a certain camera sees; None leaves it to the person.
    aspect: width over height of that camera's picture, all of which is in view then, also where the pane is narrower.
    """

    entities: Snapshot
    styles: Mapping[str, Style] = field(default_factory=dict)
    handles: tuple[Handle, ...] = ()
    labels: tuple[Label, ...] = ()
    camera: Camera | None = None
    aspect: float = 0.0


@dataclass(frozen=True)
class Mark:
    """A cross in a picture at pixel (x, y); the centre of the first pixel is (0.5, 0.5), y goes down."""

    x: float
    y: float
    label: str = ""
    color: Color | None = None


@dataclass(frozen=True)
class Picture:
    """pixels: (H, W, 3) uint8 sRGB, row 0 at the top. values: (H, W) float32, what hovering tells; unit: of those.

    stands_for: (width, height) of the picture that a coarse one is shown in place of; ``marks`` are in its pixels.
    """

    pixels: Array
    marks: tuple[Mark, ...] = ()
    values: Array | None = None
    unit: str = ""
    stands_for: tuple[int, int] | None = None

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in the pixels that are told and marked."""
        return self.stands_for or (self.pixels.shape[1], self.pixels.shape[0])


@dataclass(frozen=True)
class Table:
    """Columns of equal length: numbers as (R,) arrays, words as tuples of str.

    hues: (R,) int32, which colour each row has (0, 1, 2, ... as the objects of the study; -1 is padding, -2 none).
    digits: decimals of the numbers that are not whole. marked: the row that is pointed at.
    """

    columns: tuple[str, ...]
    cells: tuple[Array | tuple[str, ...], ...]
    hues: Array | None = None
    digits: int = 4
    marked: int | None = None

    def __post_init__(self) -> None:
        if len(self.columns) != len(self.cells):
            raise ValueError(f"Table: {len(self.columns)} columns are named, {len(self.cells)} given")
        lengths = {len(column) for column in self.cells}
        if len(lengths) > 1:
            raise ValueError(f"Table: columns of different lengths {sorted(lengths)}")

    def __len__(self) -> int:
        return len(self.cells[0]) if self.cells else 0


@dataclass(frozen=True)
class Text:
    """Words or code, with a button that copies it. language: "python" or "" for plain words."""

    text: str
    language: str = ""


@dataclass(frozen=True)
class Plot:
    """Curves, name -> (x, y); at: where the study stands on the x axis."""

    curves: Mapping[str, tuple[Array, Array]]
    x_label: str = ""
    y_label: str = ""
    log_y: bool = False
    at: float | None = None


Content = View3D | Picture | Table | Text | Plot


@dataclass(frozen=True)
class Note:
    """One sentence that the person should see, and what they can do."""

    level: Literal["info", "warning", "error"]
    text: str
    advice: str = ""


@dataclass(frozen=True)
class Film:
    """Pictures that follow each other, to be saved: frames (N, H, W, 3) uint8 sRGB; fps: frames a second."""

    frames: Array
    fps: float = 25.0


@dataclass(frozen=True)
class Data:
    """Numbers to be saved as .npz or .json: name -> array, number or word."""

    values: Mapping[str, Array | float | str]


@dataclass(frozen=True)
class Animation:
    """A skinned mesh that moves, to be saved as .glb.

    mesh: in its rest pose. names, parents (J,) int with -1 for the root: its joints. joints: (J, 3), where they are at
    rest. weights: (V, J), rows sum to 1. rotations: (N, J, 4) quaternions wxyz, each relative to its parent.
    translations: (N, 3), added to the root's place at rest. fps: frames a second.
    """

    mesh: Mesh
    names: tuple[str, ...]
    parents: Array
    joints: Array
    weights: Array
    rotations: Array
    translations: Array
    fps: float = 30.0


Result = Entity | Film | Picture | Data | Animation


@dataclass(frozen=True)
class Board:
    """What a study shows.

    panes: by the key of the pane. figures: label -> number or word, for the page "Results" and the command line.
    results: name -> entity in world coordinates, at full detail, to be put into the scene or saved; or a Film, a
    Picture, whose ``values`` are saved in the format EXR, Data or an Animation.
    values: parameters that the form is to take over, after an action or because others decide them (a joint that was
    pulled). The question that follows from them has them among ``changed``.
    spans: number parameters whose sliders have narrower limits now, such as the time within a clip.
    status: a word on how it was made ("64³ voxels in 0.12 s").
    """

    panes: Mapping[str, Content]
    figures: Mapping[str, float | str | bool] = field(default_factory=dict)
    results: Mapping[str, Result] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    spans: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    status: str = ""


# --- its compute ----------------------------------------------------------------------------------------------------


@dataclass
class StudyContext:
    """The study's side of the lab.

    inputs: the resolved geometry parameters by name (a tuple of them for a parameter of the kind "geometries").
    changed: the parameters that are others than at the last finished question; all of them at the first.
    action: the key of the button that was pressed, "" for none.
    report(fraction or None, text): progress of what takes longer than half a second; raises Cancelled.
    checkpoint(): raises Cancelled when there is a newer question. The way to the first board of a question is never
    interrupted, so that a slider that is dragged always shows something: give a quick board first, then a better one.
    """

    inputs: Mapping[str, Input | tuple[Input, ...]]
    changed: frozenset[str] = frozenset()
    action: str = ""
    seed: int = 0
    report: Callable[[float | None, str], None] = lambda fraction, text: None
    checkpoint: Callable[[], None] = lambda: None

    def rng(self) -> np.random.Generator:
        """A fresh generator: the same seed gives the same board."""
        return np.random.default_rng(self.seed)

    def geometry(self, name: str) -> Geometry | None:
        """A mesh or point cloud of a single geometry parameter, None while it is empty."""
        found = self.inputs.get(name)
        return found if isinstance(found, Mesh | Points) else None

    def geometries(self, name: str) -> tuple[Geometry, ...]:
        """The meshes and point clouds of a parameter of the kind "geometries"."""
        found = self.inputs.get(name, ())
        return tuple(one for one in found if isinstance(one, Mesh | Points)) if isinstance(found, tuple) else ()

    def field(self, name: str) -> Field | None:
        """A radiance field of a geometry parameter that accepts fields, None while it is empty."""
        found = self.inputs.get(name)
        return found if isinstance(found, Field) else None


class Study(Protocol):
    """A study's compute. One object serves all questions while the study is open, and may remember."""

    def boards(self, params: Any, ctx: StudyContext) -> Iterator[Board]:
        """One board or several, each better than the one before. Raises StudyError when it cannot answer.

        Equal params, inputs and seed give an equal last board, whatever was asked before. An array that did not change
        since the last board should be the same object: it is then neither sent nor uploaded again.
        """
        ...
