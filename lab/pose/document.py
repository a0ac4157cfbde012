"""A camera in every convention, as plain data that JSON can hold."""

from __future__ import annotations

from typing import Any

from lab.cameras.conventions import to_blender, to_opencv, to_opengl, to_pytorch3d
from lab.cameras.model import CameraModel
from lab.scene import Array


def camera_document(camera: CameraModel) -> dict[str, Any]:
    """The camera in PyTorch3D's, OpenCV's, OpenGL's and Blender's own numbers; see lab.cameras.conventions."""
    torch3d, cv, gl, blender = to_pytorch3d(camera), to_opencv(camera), to_opengl(camera), to_blender(camera)
    return {
        "image_size": [camera.height, camera.width],
        "position": _list(camera.center),
        "camera_to_world": _list(camera.c2w),
        "PyTorch3D": {
            "R": _list(torch3d.R),
            "T": _list(torch3d.T),
            "focal_length": _list(torch3d.focal_length),
            "principal_point": _list(torch3d.principal_point),
            "in_ndc": True,
        },
        "OpenCV": {"R": _list(cv.R), "t": _list(cv.t), "K": _list(cv.K)},
        "OpenGL": {"view": _list(gl.view), "projection": _list(gl.projection)},
        "Blender": {
            "matrix_world": _list(blender.matrix_world),
            "lens": float(blender.lens),
            "sensor_width": float(blender.sensor_width),
            "shift_x": float(blender.shift_x),
            "shift_y": float(blender.shift_y),
            "resolution": [int(side) for side in blender.resolution],
        },
    }


def _list(array: Array) -> Any:
    return array.tolist()
