"""Targets made by the lab: a hidden camera, and what it sees of a model."""

from __future__ import annotations

import numpy as np

from lab.cameras.model import on_sphere
from lab.motions import so3
from lab.pose.model import Model
from lab.pose.normal_kernels import hard_faces, project
from lab.pose.target import Target, Window
from lab.pose.variables import Pose
from lab.scene import Array

NEAR = 1e-3
"""Of the object's radius: what is nearer to the camera's plane is not drawn."""


def focal_of(fov_deg: float) -> float:
    """The focal length in NDC whose image's short side spans a field of view, degrees."""
    return float(1.0 / np.tan(np.radians(fov_deg) / 2))


def hidden_pose(distance: float, elevation: float, azimuth: float, roll: float, at: Array, focal: float) -> Pose:
    """A camera as PyTorch3D's look_at_view_transform puts it, then rolled counter-clockwise. Degrees, metres."""
    pose = Pose.looking_at(on_sphere(distance, elevation, azimuth, at), at, focal)
    return pose.turned(np.radians([0.0, 0.0, roll]), np.zeros(3), pose.center)


def random_pose(model: Model, focal: float, rng: np.random.Generator) -> Pose:
    """A camera anywhere around the model, rolled anyhow, which has most of it in the image, not always amid."""
    R = so3.random(rng)
    distance = model.radius * rng.uniform(1.15, 2.2) * max(focal, 1.0)
    across = rng.uniform(-0.2, 0.2, 2) * distance / focal
    T = np.array([across[0], across[1], max(distance, 1.6 * model.radius)]) - model.center @ R
    return Pose(R, T, np.full(2, focal), np.zeros(2))


def see(model: Model, pose: Pose, size: tuple[int, int], background: tuple[float, float, float]) -> Target:
    """A hard picture (H, W): each pixel belongs to the nearest face at its centre, or to the background."""
    window, shape = Window.whole(size), model.shape
    ndc, _ = project(shape.verts, pose.R, pose.T, pose.focal, pose.principal, model.center, model.radius)
    place = (window.left, window.top, window.step)
    found, where = hard_faces(ndc, shape.faces, *place, *size, NEAR * model.radius)
    corners = np.concatenate([1.0 - where.sum(axis=-1, keepdims=True), where], axis=-1)
    colors = np.einsum("hwk,hwkc->hwc", corners, shape.colors[np.maximum(found, 0)])
    mask = found >= 0
    return Target(mask.astype(np.float32), np.where(mask[..., None], colors, background).astype(np.float32))


def with_noise(target: Target, amount: float, rng: np.random.Generator) -> Target:
    """The same with Gaussian noise of this standard deviation on its colours, in [0, 1]; the mask stays."""
    if amount <= 0.0 or target.rgb is None:
        return target
    noisy = target.rgb + rng.normal(scale=amount, size=target.rgb.shape)
    return Target(target.mask, np.clip(noisy, 0.0, 1.0).astype(np.float32))
