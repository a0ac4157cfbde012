"""Cameras to test with."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import strategies as st
from pytorch3d.renderer import OrthographicCameras, PerspectiveCameras

from lab.cameras.model import CameraModel, pose
from lab.motions import so3

_number = st.floats(-3, 3, width=32)


@st.composite
def cameras(draw, *, orthographic=None, centred=False):
    """Any camera: any pose, an image of any shape, pixels that are not square, a principal point off the middle."""
    width, height = draw(st.integers(4, 2000)), draw(st.integers(4, 2000))
    fx, fy = draw(st.floats(1, 3000)), draw(st.floats(1, 3000))
    shift = (0.0, 0.0) if centred else (draw(st.floats(-1, 1)) * width, draw(st.floats(-1, 1)) * height)
    near = draw(st.floats(0.01, 2))
    return CameraModel(
        pose(so3.exp(np.array([draw(_number) for _ in range(3)])), np.array([draw(_number) for _ in range(3)])),
        fx,
        fy,
        width / 2 + shift[0],
        height / 2 + shift[1],
        width,
        height,
        near,
        near + draw(st.floats(0.1, 1000)),
        draw(st.booleans()) if orthographic is None else orthographic,
    )


def points_in_front(camera, seed=0, count=20):
    """(count, 3) float64: world points 0.5 to 8 m in front of a camera, some beside the image."""
    rng = np.random.default_rng(seed)
    depth = rng.uniform(0.5, 8, count)
    own = np.stack([rng.normal(size=count) * depth, rng.normal(size=count) * depth, -depth], axis=1)
    return own @ camera.rotation.T + camera.center


def assert_same_camera(one, other, tolerance=1e-9):
    """Equal poses, intrinsics, sizes and kinds."""
    assert np.abs(one.c2w - other.c2w).max() <= tolerance
    for name in ("fx", "fy", "cx", "cy", "near", "far"):
        a, b = getattr(one, name), getattr(other, name)
        assert abs(a - b) <= tolerance * max(1.0, abs(a), one.width, one.height, 1e3 * (name in ("near", "far"))), name
    assert (one.width, one.height, one.orthographic) == (other.width, other.height, other.orthographic)


def batched(value):
    return torch.tensor(np.asarray(value), dtype=torch.float32)[None]


def theirs(other):
    """PyTorch3D's own camera of our numbers, in its float32."""
    kind = OrthographicCameras if other.orthographic else PerspectiveCameras
    return kind(
        R=batched(other.R),
        T=batched(other.T),
        focal_length=batched(other.focal_length),
        principal_point=batched(other.principal_point),
        image_size=batched(other.image_size),
        in_ndc=other.in_ndc,
    )


def assert_close(found, expected, camera, tolerance=1e-5):
    """Within a share of the scale of a camera's pixels: PyTorch3D computes in float32."""
    expected = np.asarray(expected)
    scale = max(1.0, camera.width, camera.height, camera.fx, camera.fy, abs(camera.cx), abs(camera.cy))
    assert np.all(np.abs(np.asarray(found) - expected) <= tolerance * (scale + np.abs(expected)))
