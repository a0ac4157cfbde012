"""What the convention lens writes: code, the table of the four conventions, the readings of a pasted camera."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import numpy as np

from lab.cameras.code import code
from lab.cameras.conventions import Convention, to_blender, to_opencv, to_opengl, to_pytorch3d
from lab.cameras.lens_form import world_of
from lab.cameras.model import CameraModel
from lab.cameras.recognise import Reading
from lab.cameras.round_trip import TOLERANCE
from lab.chapters.cameras.lens import LensParams
from lab.scene import Array
from lab.study import Table, Text


def code_text(params: LensParams, camera: CameraModel) -> Text:
    """The camera in the chosen convention's code."""
    convention = cast(Convention, params.convention)
    return Text(code(camera, convention, world_of(params, convention), in_ndc=params.in_ndc), "python")


def all_four(params: LensParams, camera: CameraModel, trips: Mapping[Convention, float]) -> Table:
    """Rows of every convention's matrices, in its own hue, with a tick where the round trip is green."""
    torch3d = to_pytorch3d(camera, in_ndc=params.in_ndc, world=world_of(params, "PyTorch3D"))
    opencv = to_opencv(camera, world=world_of(params, "OpenCV"))
    opengl = to_opengl(camera, world=world_of(params, "OpenGL"))
    blender = to_blender(camera, world=world_of(params, "Blender"))
    unit = "NDC" if params.in_ndc else "px"
    matrices: dict[Convention, dict[str, Array]] = {
        "PyTorch3D": {
            "R": torch3d.R,
            "T": torch3d.T[None],
            f"focal, {unit}": torch3d.focal_length[None],
            f"principal, {unit}": torch3d.principal_point[None],
        },
        "OpenCV": {"R | t": np.concatenate([opencv.R, opencv.t[:, None]], axis=1), "K, px": opencv.K},
        "OpenGL": {"view": opengl.view, "projection": opengl.projection},
        "Blender": {"matrix_world": blender.matrix_world},
    }
    names: list[str] = []
    rows: list[Array] = []
    hues: list[int] = []
    for hue, (convention, found) in enumerate(matrices.items()):
        parts = [("", np.zeros((1, 0))), *found.items()]
        names += [f"{convention} {'✓' if trips[convention] <= TOLERANCE else '✗'}"]
        names += [word if i == 0 else "" for word, matrix in found.items() for i in range(len(matrix))]
        rows += [row for _, matrix in parts for row in matrix]
        hues += [hue] * (len(rows) - len(hues))
    padded = [[*(f"{value:.3f}" for value in np.round(row, 3) + 0.0), *[""] * (4 - len(row))] for row in rows]
    columns = (tuple(column) for column in zip(*padded, strict=True))
    return Table(("Matrix", "1", "2", "3", "4"), (tuple(names), *columns), hues=np.array(hues, np.int32))


def verdict_table(found: tuple[Reading, ...], marked: int) -> Table:
    """The readings of a pasted camera, the most believable first."""
    return Table(
        ("Read as", "Sees", "In front %", "In image %", "Camera x", "y", "z"),
        (
            tuple(reading.title for reading in found),
            tuple(reading.sight.words() for reading in found),
            np.array([100 * reading.sight.in_front for reading in found]),
            np.array([100 * reading.sight.in_image for reading in found]),
            *np.array([reading.camera.center for reading in found]).T,
        ),
        digits=2,
        marked=marked,
    )
