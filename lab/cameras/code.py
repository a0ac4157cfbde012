"""A camera as Python code of each convention, to be copied and run."""

from __future__ import annotations

import numpy as np

from lab.cameras.conventions import (
    AXIS_WORDS,
    Convention,
    WorldUp,
    to_blender,
    to_opencv,
    to_opengl,
    to_pytorch3d,
)
from lab.cameras.model import CameraModel
from lab.scene import Array

DIGITS = 6
"""Decimals of the matrices: rounding errors of half a micrometre, and lines that fit a narrow pane."""


def number(value: float) -> str:
    """A number to nine significant figures, never as "-0"."""
    return f"{float(value) + 0.0:.9g}" if abs(value) > 1e-12 else "0"


def assign(name: str, array: Array, note: str = "") -> str:
    """``name = np.array(...)``, one row a line, aligned, with a comment behind the first line."""
    rounded = np.round(np.asarray(array, np.float64), DIGITS) + 0.0  # no "-0"
    rows = ["[" + ", ".join(f"{value: .{DIGITS}f}" for value in row) + "]" for row in np.atleast_2d(rounded)]
    comment = f"  # {note}" if note else ""
    if rounded.ndim == 1:
        return f"{name} = np.array({rows[0]}){comment}"
    return "\n".join((f"{name} = np.array([{comment}", *(f"    {row}," for row in rows), "])"))


def _tuple(values: Array) -> str:
    return "(" + ", ".join(number(value) for value in values) + ")"


def code(camera: CameraModel, convention: Convention, world: WorldUp, *, in_ndc: bool = True) -> str:
    """The camera in a convention's own code. in_ndc: whether PyTorch3D's focal length is in NDC or in pixels."""
    head = f"# {convention}: {', '.join(AXIS_WORDS[convention])}\n# world: {world.upper()} up\n"
    if convention == "PyTorch3D":
        return head + _pytorch3d(camera, world, in_ndc)
    if convention == "OpenCV":
        return head + _opencv(camera, world)
    if convention == "OpenGL":
        return head + _opengl(camera, world)
    return head + _blender(camera, world)


def _pytorch3d(camera: CameraModel, world: WorldUp, in_ndc: bool) -> str:
    other = to_pytorch3d(camera, in_ndc=in_ndc, world=world)
    kind = "OrthographicCameras" if camera.orthographic else "PerspectiveCameras"
    unit = "NDC: the short side spans [-1, 1]" if in_ndc else "pixels"
    return "\n".join(
        (
            "import numpy as np",
            "import torch",
            f"from pytorch3d.renderer import {kind}",
            "",
            "# row vectors: x_view = x_world @ R + T",
            assign("R", other.R),
            assign("T", other.T),
            f"cameras = {kind}(",
            "    R=torch.tensor(R, dtype=torch.float32)[None],",
            "    T=torch.tensor(T, dtype=torch.float32)[None],",
            f"    focal_length=({_tuple(other.focal_length)},),  # {unit}",
            f"    principal_point=({_tuple(other.principal_point)},),",
            f"    image_size=({other.image_size},),  # (height, width)",
            f"    in_ndc={in_ndc},",
            ")",
            "",
        )
    )


def _opencv(camera: CameraModel, world: WorldUp) -> str:
    other = to_opencv(camera, world=world)
    project = "x @ K[:2, :2].T + K[:2, 2]" if camera.orthographic else "(x / x[2] @ K.T)[:2]"
    kind = "orthographic; OpenCV itself knows perspective only" if camera.orthographic else "perspective"
    x = "x = (R @ x_world + t)[:2]" if camera.orthographic else "x = R @ x_world + t"
    return "\n".join(
        (
            "import numpy as np",
            "",
            "# column vectors:",
            f"# {x}",
            f"# pixel = {project}",
            assign("R", other.R),
            assign("t", other.t),
            assign("K", other.K, f"pixels, {kind}"),
            f"width, height = {camera.width}, {camera.height}",
            "# A pixel's centre is at a half. Where pixels are",
            "# counted at their centres, cx and cy are less by 0.5.",
            "",
        )
    )


def _opengl(camera: CameraModel, world: WorldUp) -> str:
    other = to_opengl(camera, world=world)
    return "\n".join(
        (
            "import numpy as np",
            "",
            "# column vectors: clip = projection @ view @ x,",
            "# then divide by clip[3]. Upload the transposes:",
            "# numpy keeps rows together, OpenGL columns.",
            assign("view", other.view),
            assign("projection", other.projection, f"near {number(camera.near)}, far {number(camera.far)}"),
            f"width, height = {camera.width}, {camera.height}",
            "",
        )
    )


def _blender(camera: CameraModel, world: WorldUp) -> str:
    other = to_blender(camera, world=world)
    lens = f"camera.ortho_scale = {number(other.ortho_scale)}  # metres across the image"
    if not camera.orthographic:
        lens = f"camera.lens = {number(other.lens)}  # mm"
    rows = np.round(other.matrix_world, DIGITS) + 0.0
    matrix = ",\n".join("    (" + ", ".join(f"{value: .{DIGITS}f}" for value in row) + ")" for row in rows)
    return "\n".join(
        (
            "import bpy",
            "from mathutils import Matrix",
            "",
            "scene = bpy.context.scene",
            "camera = scene.camera.data",
            f'camera.type = "{"ORTHO" if camera.orthographic else "PERSP"}"',
            lens,
            f'camera.sensor_fit, camera.sensor_width = "{other.sensor_fit}", {number(other.sensor_width)}  # mm',
            f"camera.shift_x, camera.shift_y = {number(other.shift_x)}, {number(other.shift_y)}",
            f"camera.clip_start, camera.clip_end = {number(other.clip_start)}, {number(other.clip_end)}",
            "render = scene.render",
            f"render.resolution_x, render.resolution_y = {camera.width}, {camera.height}",
            f"render.pixel_aspect_x, render.pixel_aspect_y = {_tuple(np.array(other.pixel_aspect))[1:-1]}",
            "# camera to world, column vectors",
            f"scene.camera.matrix_world = Matrix((\n{matrix},\n))",
            "",
        )
    )
