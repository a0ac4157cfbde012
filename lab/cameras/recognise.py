"""Which conventions a pasted matrix fits. Evidence ranks the readings; it proves none.

From one matrix alone nobody can tell world-to-camera from camera-to-world, or one convention's axes from another's:
every rotation with a translation is a valid camera in all of them. But cameras look at the object that they were made
for, and mostly stand upright. The readings are ranked by that, and by what the numbers' names say.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lab.cameras.conventions import Convention, OpenCVCamera, WorldUp, from_camera_to_world, from_opencv
from lab.cameras.model import CameraModel, inverse, pose
from lab.cameras.pasted import Pasted
from lab.cameras.sight import Sight, look
from lab.scene import Array

Direction = Literal["world to camera", "camera to world"]

_AXES: tuple[Convention, ...] = ("PyTorch3D", "OpenCV", "OpenGL")  # Blender's are those of OpenGL
_USUAL: dict[tuple[str, str, str, str], str] = {
    ("PyTorch3D", "world to camera", "y", "rows"): "PyTorch3D R, T",
    ("OpenCV", "world to camera", "y", "columns"): "OpenCV R, t",
    ("OpenCV", "world to camera", "z", "columns"): "OpenCV R, t",
    ("OpenCV", "camera to world", "y", "columns"): "OpenCV pose (inverse of R, t)",
    ("OpenGL", "world to camera", "y", "columns"): "OpenGL view matrix",
    ("OpenGL", "camera to world", "y", "columns"): "OpenGL pose (NeRF's data)",
    ("OpenGL", "camera to world", "z", "columns"): "Blender matrix_world",
}
_NAMES: dict[str, tuple[str, ...]] = {
    "matrix_world": ("Blender",),
    "transform_matrix": ("NeRF", "Blender"),
    "c2w": ("pose", "Blender"),
    "view": ("OpenGL view",),
    "view_matrix": ("OpenGL view",),
    "modelview": ("OpenGL view",),
    "T": ("PyTorch3D R, T",),
    "t": ("OpenCV R, t",),
    "rvec": ("OpenCV R, t",),
    "tvec": ("OpenCV R, t",),
    "w2c": ("OpenCV R, t", "OpenGL view"),
    "extrinsic": ("OpenCV R, t",),
    "extrinsics": ("OpenCV R, t",),
}
"""What numbers are called, and the beginnings of the readings that this speaks for."""

_SHORT: dict[Direction, str] = {"world to camera": "w2c", "camera to world": "c2w"}
_UNUSUAL = 0.7  # a reading without a name of its own counts less
_NAMED = 1.25  # what the numbers are called counts a little


@dataclass(frozen=True, eq=False)
class Reading:
    """One way to read the matrix. score: believability, for the order only. known: it has a name of its own.

    same: it gives the camera that is shown already.
    """

    title: str
    axes: Convention
    direction: Direction
    world: WorldUp
    vectors: str
    camera: CameraModel
    sight: Sight
    score: float
    known: bool
    same: bool


def readings(pasted: Pasted, lens: CameraModel, points: Array) -> tuple[Reading, ...]:
    """All readings, the most believable first.

    lens: the camera whose intrinsics are used when no K was pasted. points: (N, 3), world, the object.
    """
    found = [_reading(pasted, lens, points, *way) for way in _ways(pasted)]
    distinct: list[Reading] = []
    for reading in sorted(found, key=lambda r: -r.score):
        if not any(np.allclose(reading.camera.c2w, other.camera.c2w, atol=1e-9) for other in distinct):
            distinct.append(reading)
    return tuple(distinct)


def _ways(pasted: Pasted) -> Iterator[tuple[Convention, Direction, WorldUp, str]]:
    layouts = {"columns": ("columns",), "rows": ("rows",)}.get(pasted.layout, ("rows", "columns"))
    directions: tuple[Direction, ...] = (
        ("world to camera",) if pasted.centre else ("world to camera", "camera to world")
    )
    for vectors in layouts:
        for axes in _AXES:
            for direction in directions:
                yield axes, direction, "y", vectors
                yield axes, direction, "z", vectors


def _reading(
    pasted: Pasted,
    lens: CameraModel,
    points: Array,
    axes: Convention,
    direction: Direction,
    world: WorldUp,
    vectors: str,
) -> Reading:
    camera = _camera(pasted, lens, axes, direction, world, vectors)
    sight = look(camera, points)
    usual = _USUAL.get((axes, direction, world, vectors))
    title = usual or f"{axes} axes, {_SHORT[direction]}, {vectors}"
    hints = [hint for name in pasted.names for hint in _NAMES.get(name, _NAMES.get(name.lower(), ()))]
    named = any(hint in title for hint in hints)
    score = sight.score * (1 if usual else _UNUSUAL) * (_NAMED if named else 1)
    return Reading(
        f"{title}, {world.upper()} up",
        axes,
        direction,
        world,
        vectors,
        camera,
        sight,
        score,
        usual is not None,
        bool(np.allclose(camera.c2w, lens.c2w, atol=1e-5 * max(1.0, float(np.abs(lens.center).max())))),
    )


def _camera(
    pasted: Pasted, lens: CameraModel, axes: Convention, direction: Direction, world: WorldUp, vectors: str
) -> CameraModel:
    """The camera of one reading."""
    rotation = pasted.rotation.T if vectors == "rows" else pasted.rotation
    shift = np.zeros(3) if pasted.translation is None else pasted.translation
    matrix = pose(rotation, -rotation @ shift if pasted.centre else shift)
    c2w = from_camera_to_world(inverse(matrix) if direction == "world to camera" else matrix, axes, world)
    if pasted.K is None:
        return lens.moved(c2w)
    own = OpenCVCamera(np.eye(3), np.zeros(3), pixels_of(pasted.K, lens), (lens.height, lens.width))
    return from_opencv(own, near=lens.near, far=lens.far).moved(c2w)


def pixels_of(K: Array, lens: CameraModel) -> Array:
    """(3, 3): K in pixels. One in PyTorch3D's NDC is known by its small numbers: no lens has 20 pixels of focal length.

    The sign of an NDC principal point is turned, as +X is left and +Y is up there.
    """
    if not is_ndc(K):
        return K
    half = min(lens.width, lens.height) / 2
    cx, cy = lens.width / 2 - K[0, 2] * half, lens.height / 2 - K[1, 2] * half
    return np.array([[K[0, 0] * half, 0, cx], [0, K[1, 1] * half, cy], [0, 0, 1]])


def is_ndc(K: Array) -> bool:
    """Whether a (3, 3) K looks like NDC: focal lengths below 20, principal point within a few units."""
    return bool(max(K[0, 0], K[1, 1]) < 20 and np.abs(K[:2, 2]).max() < 5)


def verdict(found: tuple[Reading, ...], pasted: Pasted) -> str:
    """Sentences: what the matrix most likely is, what else it may be, and what was repaired."""
    best = found[0]
    fitting = [reading for reading in found if reading.sight.fits]
    words = []
    if not fitting:
        words.append(f"No reading shows the object well. The best is {best.title}: {best.sight.words()}.")
    else:
        words.append(f"Most likely {best.title}: {best.sight.words()}.")
        if others := [reading.title for reading in fitting if reading is not best]:
            shown = "; ".join(others[:3]) + (f"; and {len(others) - 3} more" if len(others) > 3 else "")
            words.append(f"It fits as well as: {shown}. One matrix alone cannot tell these apart.")
        else:
            words.append("No other reading puts the object upright into the image.")
    if same := next((reading for reading in found if reading.same), None):
        words.append(f"Read as {same.title}, it is the camera that is shown.")
    return " ".join((*words, *pasted.remarks))
