"""What a pose estimate shows: cameras in the scene, and pictures beside it."""

from __future__ import annotations

import numpy as np

from lab.cameras.drawing import frustum
from lab.palette import surface
from lab.pose.model import Model
from lab.pose.search import Candidate
from lab.pose.target import Target
from lab.pose.variables import Pose
from lab.scene import Array, Image, Lines, Points

MOVING, TRUE, TRAIL = surface(1), surface(2), surface(0)
_OUTLINE = np.array([255, 150, 30], np.uint8)


def camera_lines(model: Model, pose: Pose, size: tuple[int, int], color: tuple[float, float, float]) -> Lines:
    """The frustum of a camera, world, as deep as a third of the object's radius."""
    camera = model.to_world(pose.camera(size))
    depth = 0.35 * model.radius / model.scale
    lines = frustum(camera, 0.02 * depth, depth)
    return Lines(lines.verts, lines.edges, np.tile(np.array(color, np.float32), (len(lines.edges), 1)))


def trail_lines(model: Model, centers: Array) -> Lines:
    """Where the camera has been: (N, 3), working frame."""
    count = max(len(centers) - 1, 0)
    edges = np.stack([np.arange(count), np.arange(1, count + 1)], axis=1)
    colors = np.tile(np.array(TRAIL, np.float32), (count, 1))
    return Lines(model.points_to_world(centers.reshape(-1, 3)).astype(np.float32), edges, colors)


def start_points(model: Model, candidates: list[Candidate]) -> Points:
    """The cameras on trial as points, with their overlap to colour by."""
    centers = np.array([candidate.pose.center for candidate in candidates]).reshape(-1, 3)
    scores = np.array([candidate.score for candidate in candidates], np.float32)
    return Points(model.points_to_world(centers).astype(np.float32), scalars={"overlap": scores})


def picture(target: Target) -> Image:
    """A target's colours, or its mask without any."""
    values = np.repeat(target.mask[..., None], 3, axis=2) if target.rgb is None else target.rgb
    return Image(_bytes(values))


def difference(drawn: Target, target: Target) -> Image:
    """Red where only the render is, blue where only the target is; darker where their colours differ."""
    mine, theirs = drawn.mask > 0.5, target.mask > 0.5
    image = np.full((*target.size, 3), 1.0, np.float32)
    if drawn.rgb is not None and target.rgb is not None:
        apart = np.abs(drawn.rgb - target.rgb).mean(axis=2)
        image[mine & theirs] = (0.92 - np.minimum(3.0 * apart, 0.9))[mine & theirs][:, None]
    image[mine & ~theirs] = (0.85, 0.2, 0.15)
    image[theirs & ~mine] = (0.15, 0.35, 0.85)
    return Image(_bytes(image))


def overlay(drawn: Target, target: Target) -> Image:
    """The target, and over it the outline of what is drawn."""
    image = picture(target).pixels.copy()
    inner = drawn.mask > 0.5
    core = inner.copy()
    core[1:] &= inner[:-1]
    core[:-1] &= inner[1:]
    core[:, 1:] &= inner[:, :-1]
    core[:, :-1] &= inner[:, 1:]
    image[inner & ~core] = _OUTLINE
    return Image(image)


def _bytes(values: Array) -> Array:
    return np.asarray(np.rint(np.clip(values, 0.0, 1.0) * 255.0), np.uint8)
