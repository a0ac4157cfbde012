"""From world to pixel, one space after the other, exactly as PyTorch3D, OpenCV and OpenGL go; and back.

Source: REFERENCE I.3; PyTorch3D 0.7.9 ``renderer/cameras.py``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from lab.cameras.conventions import Convention, WorldUp, projection_matrix, to_opencv, to_opengl, to_pytorch3d
from lab.cameras.model import CameraError, CameraModel, pose
from lab.scene import Array

Vectors = Literal["row", "column"]
Family = Literal["focal", "fov"]
"""PyTorch3D's two families: Perspective/OrthographicCameras (focal lengths), and FoV...Cameras (znear and zfar)."""


@dataclass(frozen=True, eq=False)
class Stage:
    """Points in one space, and the matrix that brought them there from the space before.

    coordinates: (N, 3). matrix: (4, 4), or None for the world. vectors: whether points are rows or columns to it.
    divides: the result is divided by its last coordinate. meaning: what the three numbers are.
    """

    space: str
    coordinates: Array
    matrix: Array | None
    vectors: Vectors
    divides: bool
    meaning: str


def apply(matrix: Array, points: Array, vectors: Vectors) -> Array:
    """(N, 3) float64: ``points`` (N, 3) through a (4, 4) matrix, divided by the last coordinate.

    Points for which that is 0 (in the plane of the camera) come out infinite or NaN.
    """
    homogeneous = np.concatenate([np.asarray(points, float), np.ones((len(points), 1))], axis=1)
    mapped = homogeneous @ (matrix if vectors == "row" else matrix.T)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(mapped[:, :3] / mapped[:, 3:])


def stages(
    camera: CameraModel, points: Array, convention: Convention = "PyTorch3D", family: Family = "focal"
) -> tuple[Stage, ...]:
    """The way of ``points`` (N, 3), world (Y up), to the screen: four stages in PyTorch3D, OpenCV or OpenGL.

    Raises CameraError for Blender, which names no spaces of its own between world and picture.
    """
    points = np.asarray(points, float)
    if convention == "PyTorch3D":
        steps = _pytorch3d(camera, family)
    elif convention == "OpenCV":
        steps = _opencv(camera)
    elif convention == "OpenGL":
        steps = _opengl(camera)
    else:
        raise CameraError(f"{convention} has no stages of its own: choose PyTorch3D, OpenCV or OpenGL")
    vectors: Vectors = "row" if convention == "PyTorch3D" else "column"
    found = [Stage("world", points, None, vectors, False, "x, y, z in metres; right-handed, Y up")]
    for space, matrix, divides, meaning in steps:
        found.append(Stage(space, apply(matrix, found[-1].coordinates, vectors), matrix, vectors, divides, meaning))
    return tuple(found)


Step = tuple[str, Array, bool, str]


def world_to_view_row(camera: CameraModel, world: WorldUp = "y") -> Array:
    """(4, 4) for row vectors, as PyTorch3D's ``get_world_to_view_transform().get_matrix()``."""
    other = to_pytorch3d(camera, world=world)
    return pose(other.R.T, other.T).T


def view_to_ndc_row(camera: CameraModel, family: Family = "focal") -> Array:
    """(4, 4) for row vectors: PyTorch3D's projection from view space to NDC; the division comes after it."""
    other = to_pytorch3d(camera)
    (fx, fy), (px, py) = other.focal_length, other.principal_point
    near, far = camera.near, camera.far
    if camera.orthographic:
        scale, shift = (1.0, 0.0) if family == "focal" else (1 / (far - near), -near / (far - near))
        return np.array([[fx, 0, 0, px], [0, fy, 0, py], [0, 0, scale, shift], [0, 0, 0, 1]]).T
    scale, shift = (0.0, 1.0) if family == "focal" else (far / (far - near), -far * near / (far - near))
    return np.array([[fx, 0, px, 0], [0, fy, py, 0], [0, 0, scale, shift], [0, 0, 1, 0]]).T


def ndc_to_screen_row(camera: CameraModel) -> Array:
    """(4, 4) for row vectors: PyTorch3D's NDC (+X left, +Y up) to pixels (+X right, +Y down); z stays."""
    half = min(camera.width, camera.height) / 2
    w, h = camera.width / 2, camera.height / 2
    return np.array([[-half, 0, 0, w], [0, -half, 0, h], [0, 0, 1, 0], [0, 0, 0, 1]]).T


def _pytorch3d(camera: CameraModel, family: Family) -> tuple[Step, ...]:
    divides = not camera.orthographic
    depth = {
        ("focal", False): "1/Z of the view",
        ("focal", True): "Z of the view",
        ("fov", False): "0 at znear, 1 at zfar, not even between",
        ("fov", True): "0 at znear, 1 at zfar",
    }[family, camera.orthographic]
    ndc = f"x left, y up: the short side spans -1 to 1; z: {depth}"
    return (
        ("view", world_to_view_row(camera), False, "metres from the camera; x left, y up, z forward"),
        ("NDC", view_to_ndc_row(camera, family), divides, ndc),
        ("screen", ndc_to_screen_row(camera), False, "pixels; x right, y down from the top left corner; z as in NDC"),
    )


def _opencv(camera: CameraModel) -> tuple[Step, ...]:
    other = to_opencv(camera)
    normalise = np.eye(4)
    if not camera.orthographic:
        normalise[2, 2:] = 0.0, 1.0  # z becomes 1/Z, so that nothing is lost
        normalise[3, 2:] = 1.0, 0.0
    intrinsics = np.eye(4)
    intrinsics[:2, :2], intrinsics[:2, 3] = other.K[:2, :2], other.K[:2, 2]
    depth = "Z" if camera.orthographic else "1/Z"
    return (
        ("camera", pose(other.R, other.t), False, "metres from the camera; x right, y down, z forward"),
        ("normalised", normalise, not camera.orthographic, f"x/Z and y/Z, the image at 1 m; third: {depth}"),
        ("pixel", intrinsics, False, f"K times the normalised point; third: {depth}"),
    )


def _opengl(camera: CameraModel) -> tuple[Step, ...]:
    w, h = camera.width / 2, camera.height / 2
    window = np.array([[w, 0, 0, w], [0, -h, 0, h], [0, 0, 0.5, 0.5], [0, 0, 0, 1]])
    return (
        ("eye", to_opengl(camera).view, False, "metres from the camera; x right, y up, z backward"),
        ("NDC", projection_matrix(camera), not camera.orthographic, "all three from -1 to 1 inside the frustum"),
        ("window", window, False, "pixels, turned to y down as in image files; depth from 0 at near to 1 at far"),
    )


# --- pixels and back ------------------------------------------------------------------------------------------------


def pixels(camera: CameraModel, points: Array) -> tuple[Array, Array]:
    """(N, 2) pixels and (N,) depths, metres along the optical axis, of ``points`` (N, 3), world.

    The pixels of points that are not in front of a perspective camera are NaN.
    """
    x, y, z = ((np.asarray(points, float) - camera.center) @ camera.rotation).T
    depth = -z
    if camera.orthographic:
        scale = np.ones(len(depth))
    else:
        scale = np.full(len(depth), np.nan)
        np.divide(1.0, depth, out=scale, where=depth > 0)
    return np.stack([camera.cx + camera.fx * x * scale, camera.cy - camera.fy * y * scale], axis=1), depth


def unproject(camera: CameraModel, at: Array, depth: Array) -> Array:
    """(N, 3) world points of pixels ``at`` (N, 2) at ``depth`` (N,), metres along the optical axis."""
    at, depth = np.asarray(at, float), np.asarray(depth, float)
    scale = np.ones_like(depth) if camera.orthographic else depth
    x, y = (at[:, 0] - camera.cx) / camera.fx * scale, (camera.cy - at[:, 1]) / camera.fy * scale
    return np.asarray(np.stack([x, y, -depth], axis=1) @ camera.rotation.T + camera.center)


def rays(camera: CameraModel, at: Array) -> tuple[Array, Array]:
    """Origins and directions, (N, 3) float64 each, world, of the rays through pixels ``at`` (N, 2).

    A step of 1 along a direction goes 1 m forward along the optical axis. Origins lie in the plane of the camera.
    """
    ones = np.ones(len(at))
    origins = unproject(camera, at, 0 * ones)
    return origins, unproject(camera, at, ones) - origins
