"""How PyTorch3D, OpenCV, OpenGL and Blender write the same camera down: exact conversions, both ways.

This is the one place of the lab where conventions are converted. The camera in between is ``lab.cameras.model``'s.

| convention | camera axes                | vectors | matrix             | world (default) |
|------------|----------------------------|---------|--------------------|-----------------|
| PyTorch3D  | +X left, +Y up, +Z forward | rows    | world to camera    | Y up            |
| OpenCV     | +X right, +Y down, +Z fwd  | columns | world to camera    | Y up            |
| OpenGL     | +X right, +Y up, -Z fwd    | columns | world to camera    | Y up            |
| Blender    | as OpenGL                  | columns | camera to world    | Z up            |

Every conversion takes ``world``, the axis that points up in the other side's world. OpenCV itself names no up axis.
In all of them a pixel's centre lies at a half: (0.5, 0.5) is the middle of the first. Programs that count the first
pixel's middle as (0, 0), as OpenCV's image functions do, need cx - 0.5 and cy - 0.5.
Sources: REFERENCE I.3; PyTorch3D 0.7.9 ``renderer/cameras.py``; OpenGL 4.6 section 13.6 and 13.8; Blender's
``BKE_camera_params_compute_viewplane``.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lab.cameras.model import CameraError, CameraModel, inverse, pose
from lab.scene import Array

Convention = Literal["PyTorch3D", "OpenCV", "OpenGL", "Blender"]
CONVENTIONS: tuple[Convention, ...] = ("PyTorch3D", "OpenCV", "OpenGL", "Blender")
WorldUp = Literal["y", "z"]

AXES: dict[Convention, Array] = {
    "PyTorch3D": np.diag([-1.0, 1.0, -1.0]),
    "OpenCV": np.diag([1.0, -1.0, -1.0]),
    "OpenGL": np.eye(3),
    "Blender": np.eye(3),
}
"""(3, 3) each: the columns are the convention's camera axes, in the axes of CameraModel. Each is its own inverse."""

AXIS_WORDS: dict[Convention, tuple[str, str, str]] = {
    "PyTorch3D": ("+X left", "+Y up", "+Z forward"),
    "OpenCV": ("+X right", "+Y down", "+Z forward"),
    "OpenGL": ("+X right", "+Y up", "+Z backward"),
    "Blender": ("+X right", "+Y up", "+Z backward"),
}

WORLD_UP: dict[Convention, WorldUp] = {"PyTorch3D": "y", "OpenCV": "y", "OpenGL": "y", "Blender": "z"}
"""The world that each convention's own programs usually have."""

_Z_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])


def world_turn(world: WorldUp) -> Array:
    """(3, 3): takes the lab's world (Y up) to a world where ``world`` is up: (x, y, z) to (x, -z, y) for "z"."""
    return _Z_UP if world == "z" else np.eye(3)


def camera_to_world(camera: CameraModel, convention: Convention, world: WorldUp) -> Array:
    """(4, 4), columns: the camera's pose in a convention's own camera axes and world."""
    turn = world_turn(world)
    return pose(turn @ camera.rotation @ AXES[convention], turn @ camera.center)


def from_camera_to_world(matrix: Array, convention: Convention, world: WorldUp) -> Array:
    """(4, 4) c2w of CameraModel from the pose in a convention's own camera axes and world."""
    turn = world_turn(world)
    return pose(turn.T @ matrix[:3, :3] @ AXES[convention], turn.T @ matrix[:3, 3])


# --- PyTorch3D ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class PyTorch3DCamera:
    """What PerspectiveCameras and OrthographicCameras take, for a batch of one without the batch's axis.

    R: (3, 3), T: (3,), for row vectors: ``x_view = x_world @ R + T``. focal_length, principal_point: (2,), in NDC or
    in pixels (in_ndc False). image_size: (height, width).
    """

    R: Array
    T: Array
    focal_length: Array
    principal_point: Array
    image_size: tuple[int, int]
    in_ndc: bool
    orthographic: bool


def to_pytorch3d(camera: CameraModel, *, in_ndc: bool = True, world: WorldUp = "y") -> PyTorch3DCamera:
    """The camera for PyTorch3D; in NDC, the short side of the image spans [-1, 1]."""
    matrix = camera_to_world(camera, "PyTorch3D", world)
    rotation = matrix[:3, :3]  # rows times R: its columns are the camera's axes in the world
    focal, principal = np.array([camera.fx, camera.fy]), np.array([camera.cx, camera.cy])
    if in_ndc:
        short = min(camera.width, camera.height)
        focal = focal * 2 / short
        principal = (np.array([camera.width, camera.height]) / 2 - principal) * 2 / short
    size = (camera.height, camera.width)
    shift = -matrix[:3, 3] @ rotation
    return PyTorch3DCamera(rotation, shift, focal, principal, size, in_ndc, camera.orthographic)


def from_pytorch3d(
    other: PyTorch3DCamera, *, near: float = 0.1, far: float = 100.0, world: WorldUp = "y"
) -> CameraModel:
    """The camera of PyTorch3D's numbers; near and far, which these cameras do not have, are given beside them."""
    height, width = other.image_size
    focal, principal = np.asarray(other.focal_length, float), np.asarray(other.principal_point, float)
    if other.in_ndc:
        short = min(width, height)
        focal = focal * short / 2
        principal = np.array([width, height]) / 2 - principal * short / 2
    matrix = pose(other.R, -np.asarray(other.T, float) @ np.asarray(other.R, float).T)
    c2w = from_camera_to_world(matrix, "PyTorch3D", world)
    (fx, fy), (cx, cy) = focal.tolist(), principal.tolist()
    return CameraModel(c2w, fx, fy, cx, cy, width, height, near, far, other.orthographic)


@dataclass(frozen=True, eq=False)
class PyTorch3DFovCamera:
    """What FoVPerspectiveCameras takes (R, T as above). aspect_ratio: of a pixel, width to height of its focal lengths.

    fov_deg is that of the image's short side when pixels are square.
    """

    R: Array
    T: Array
    fov_deg: float
    aspect_ratio: float
    znear: float
    zfar: float
    image_size: tuple[int, int]


def to_pytorch3d_fov(camera: CameraModel, *, world: WorldUp = "y") -> PyTorch3DFovCamera:
    """The camera as FoVPerspectiveCameras. Raises CameraError for one that is orthographic or off-centre."""
    if camera.orthographic:
        raise CameraError("FoVPerspectiveCameras are not orthographic: use FoVOrthographicCameras")
    other = to_pytorch3d(camera, world=world)
    if np.abs(other.principal_point).max() > 1e-12:
        raise CameraError("FoVPerspectiveCameras have their principal point in the middle: use PerspectiveCameras")
    fx, fy = other.focal_length
    fov = math.degrees(2 * math.atan(1 / fy))
    return PyTorch3DFovCamera(other.R, other.T, fov, float(fy / fx), camera.near, camera.far, other.image_size)


def from_pytorch3d_fov(other: PyTorch3DFovCamera, *, world: WorldUp = "y") -> CameraModel:
    """The camera of FoVPerspectiveCameras."""
    fy = 1 / math.tan(math.radians(other.fov_deg) / 2)
    focal = np.array([fy / other.aspect_ratio, fy])
    plain = PyTorch3DCamera(other.R, other.T, focal, np.zeros(2), other.image_size, in_ndc=True, orthographic=False)
    return from_pytorch3d(plain, near=other.znear, far=other.zfar, world=world)


@dataclass(frozen=True, eq=False)
class PyTorch3DFovOrthographicCamera:
    """What FoVOrthographicCameras takes (R, T as above): the box of view space, metres, that NDC [-1, 1] shows."""

    R: Array
    T: Array
    min_x: float
    max_x: float
    min_y: float
    max_y: float
    znear: float
    zfar: float
    image_size: tuple[int, int]


def to_pytorch3d_fov_orthographic(camera: CameraModel, *, world: WorldUp = "y") -> PyTorch3DFovOrthographicCamera:
    """The camera as FoVOrthographicCameras. Raises CameraError for a perspective one."""
    if not camera.orthographic:
        raise CameraError("FoVOrthographicCameras are not perspective: use FoVPerspectiveCameras")
    other = to_pytorch3d(camera, world=world)
    lower = (-1 - other.principal_point) / other.focal_length
    upper = (1 - other.principal_point) / other.focal_length
    box = (float(lower[0]), float(upper[0]), float(lower[1]), float(upper[1]))
    return PyTorch3DFovOrthographicCamera(other.R, other.T, *box, camera.near, camera.far, other.image_size)


def from_pytorch3d_fov_orthographic(other: PyTorch3DFovOrthographicCamera, *, world: WorldUp = "y") -> CameraModel:
    """The camera of FoVOrthographicCameras."""
    lower, upper = np.array([other.min_x, other.min_y]), np.array([other.max_x, other.max_y])
    focal, principal = 2 / (upper - lower), -(upper + lower) / (upper - lower)
    plain = PyTorch3DCamera(other.R, other.T, focal, principal, other.image_size, in_ndc=True, orthographic=True)
    return from_pytorch3d(plain, near=other.znear, far=other.zfar, world=world)


# --- OpenCV ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class OpenCVCamera:
    """``x_camera = R @ x_world + t`` and ``pixel ~ K @ x_camera``. R, K: (3, 3); t: (3,). image_size: (height, width).

    OpenCV has perspective cameras only; of an orthographic one, K holds pixels per metre, and no division follows.
    """

    R: Array
    t: Array
    K: Array
    image_size: tuple[int, int]
    orthographic: bool = False


def to_opencv(camera: CameraModel, *, world: WorldUp = "y") -> OpenCVCamera:
    """The camera for OpenCV and COLMAP."""
    matrix = inverse(camera_to_world(camera, "OpenCV", world))
    size = (camera.height, camera.width)
    return OpenCVCamera(matrix[:3, :3], matrix[:3, 3], camera.intrinsics, size, camera.orthographic)


def from_opencv(other: OpenCVCamera, *, near: float = 0.1, far: float = 100.0, world: WorldUp = "y") -> CameraModel:
    """The camera of OpenCV's numbers. Raises CameraError for a K with skew."""
    K = np.asarray(other.K, float)
    if abs(K[0, 1]) > 1e-9 * abs(K[0, 0]):
        raise CameraError(f"K has a skew of {K[0, 1]:g}, which no camera of the lab has: set it to 0")
    c2w = from_camera_to_world(inverse(pose(other.R, other.t)), "OpenCV", world)
    height, width = other.image_size
    fx, fy, cx, cy = (float(K[index]) for index in ((0, 0), (1, 1), (0, 2), (1, 2)))
    return CameraModel(c2w, fx, fy, cx, cy, width, height, near, far, other.orthographic)


# --- OpenGL ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class OpenGLCamera:
    """``clip = projection @ view @ x_world``, (4, 4) each, for column vectors. image_size: (height, width).

    numpy keeps rows together and OpenGL columns: upload the transposed array, or have OpenGL transpose it.
    """

    view: Array
    projection: Array
    image_size: tuple[int, int]


def to_opengl(camera: CameraModel, *, world: WorldUp = "y") -> OpenGLCamera:
    """The camera for OpenGL; its depth runs from -1 at near to 1 at far."""
    view = inverse(camera_to_world(camera, "OpenGL", world))
    return OpenGLCamera(view, projection_matrix(camera), (camera.height, camera.width))


def projection_matrix(camera: CameraModel) -> Array:
    """(4, 4): camera to OpenGL's clip space, the principal point included."""
    w, h, near, far = camera.width, camera.height, camera.near, camera.far
    matrix = np.zeros((4, 4))
    matrix[0, 0], matrix[1, 1] = 2 * camera.fx / w, 2 * camera.fy / h
    offset = np.array([2 * camera.cx / w - 1, 1 - 2 * camera.cy / h])
    if camera.orthographic:
        matrix[:2, 3] = offset
        matrix[2, 2:] = -2 / (far - near), -(far + near) / (far - near)
        matrix[3, 3] = 1
    else:
        matrix[:2, 2] = -offset
        matrix[2, 2:] = -(far + near) / (far - near), -2 * far * near / (far - near)
        matrix[3, 2] = -1
    return matrix


def from_opengl(other: OpenGLCamera, *, world: WorldUp = "y") -> CameraModel:
    """The camera of OpenGL's two matrices."""
    height, width = other.image_size
    P = np.asarray(other.projection, float)
    orthographic = P[3, 3] == 1
    if orthographic:
        near, far = (P[2, 3] + 1) / P[2, 2], (P[2, 3] - 1) / P[2, 2]
        offset = P[:2, 3]
    else:
        near, far = P[2, 3] / (P[2, 2] - 1), P[2, 3] / (P[2, 2] + 1)
        offset = -P[:2, 2]
    c2w = from_camera_to_world(inverse(np.asarray(other.view, float)), "OpenGL", world)
    cx, cy = (offset[0] + 1) * width / 2, (1 - offset[1]) * height / 2
    fx, fy = float(P[0, 0]) * width / 2, float(P[1, 1]) * height / 2
    return CameraModel(c2w, fx, fy, float(cx), float(cy), width, height, float(near), float(far), bool(orthographic))


# --- Blender --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class BlenderCamera:
    """A Blender camera object and the render's size. matrix_world: (4, 4), camera to world, columns, Z up.

    lens, sensor_width, sensor_height: mm. shift_x, shift_y: in widths of the fitted side. ortho_scale: metres.
    """

    matrix_world: Array
    resolution: tuple[int, int]  # x, y
    lens: float = 50.0
    sensor_width: float = 36.0
    sensor_height: float = 24.0
    sensor_fit: Literal["AUTO", "HORIZONTAL", "VERTICAL"] = "HORIZONTAL"
    shift_x: float = 0.0
    shift_y: float = 0.0
    pixel_aspect: tuple[float, float] = (1.0, 1.0)  # x, y
    clip_start: float = 0.1
    clip_end: float = 100.0
    orthographic: bool = False
    ortho_scale: float = 6.0


def to_blender(camera: CameraModel, *, sensor_width: float = 36.0, world: WorldUp = "z") -> BlenderCamera:
    """The camera for Blender, fitted to the width of the sensor. Blender's pixel aspects are 1 or more."""
    width, height = camera.width, camera.height
    ratio = camera.fx / camera.fy
    return BlenderCamera(
        camera_to_world(camera, "Blender", world),
        (width, height),
        lens=camera.fx * sensor_width / width,
        sensor_width=sensor_width,
        shift_x=(width / 2 - camera.cx) / width,
        shift_y=(camera.cy - height / 2) * ratio / width,
        pixel_aspect=(max(1 / ratio, 1.0), max(ratio, 1.0)),
        clip_start=camera.near,
        clip_end=camera.far,
        orthographic=camera.orthographic,
        ortho_scale=width / camera.fx,
    )


def from_blender(other: BlenderCamera, *, world: WorldUp = "z") -> CameraModel:
    """The camera of Blender's settings; a scale of the object is left out, as Blender's own camera leaves it out."""
    width, height = other.resolution
    ratio = other.pixel_aspect[1] / other.pixel_aspect[0]  # pixels per metre, x to y
    horizontal = other.sensor_fit == "HORIZONTAL" or (other.sensor_fit == "AUTO" and width >= height * ratio)
    side = width if horizontal else height * ratio
    sensor = other.sensor_height if other.sensor_fit == "VERTICAL" else other.sensor_width
    fx = side / other.ortho_scale if other.orthographic else other.lens * side / sensor
    matrix = np.asarray(other.matrix_world, float)
    scale = np.linalg.norm(matrix[:3, :3], axis=0)
    c2w = from_camera_to_world(pose(matrix[:3, :3] / scale, matrix[:3, 3]), "Blender", world)
    cx, cy = width / 2 - other.shift_x * side, height / 2 + other.shift_y * side / ratio
    near, far = other.clip_start, other.clip_end
    return CameraModel(c2w, fx, fx / ratio, cx, cy, width, height, near, far, other.orthographic)
