"""Where is up, and where is the object: what a reconstruction needs to know and files of cameras often do not say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lab.cameras.conventions import world_turn
from lab.cameras.model import CameraModel
from lab.posed.capture import Up
from lab.scene import Array, Points

Box = tuple[Array, Array]
"""Lower and upper corner, (3,) float64 each, world."""

_UNSURE = 0.3  # length of the mean of the cameras' ups, below which it says nothing
_OFF = 0.7  # cosine: a file's up that is farther than this from the cameras' is not believed
_FEWEST_POINTS = 50
_GRID = 48  # cells a side, that are tried against masks
_VIEWS = 40  # that they are tried against
_SEEN = 0.25  # share of the views that see a cell: one that hardly any sees is denied by none


def upright(c2w: Sequence[Array], up: Up) -> tuple[Array, str]:
    """(3, 3): the rotation that takes a file's world to one whose Y is up; and a sentence where that is a guess."""
    turn = {"y": np.eye(3), "z": world_turn("z").T, "-y": np.diag([1.0, -1.0, -1.0]), "cameras": np.eye(3)}[up]
    mean = np.mean([turn @ matrix[:3, 1] for matrix in c2w], axis=0)
    length = float(np.linalg.norm(mean))
    if length < _UNSURE:
        return turn, "Nobody says which way is up, so that the file's Y axis is taken." if up == "cameras" else ""
    mean /= length
    if up != "cameras" and mean[1] >= _OFF:
        return turn, ""
    guess = _turn_between(mean, np.array([0.0, 1.0, 0.0])) @ turn
    if up == "cameras":
        return guess, "The files do not say which way is up: it is where the cameras' ups point on average."
    return guess, f"The cameras do not stand upright along the file's {up[-1].upper()} axis: up is where they point."


def _turn_between(start: Array, end: Array) -> Array:
    """(3, 3): the smallest rotation that takes one unit vector (3,) to another."""
    cosine = float(start @ end)
    if cosine < -1 + 1e-9:
        return np.diag([1.0, -1.0, -1.0])  # half a turn about X; the vectors are +-Y here
    cross = np.cross(start, end)
    skew = np.array([[0, -cross[2], cross[1]], [cross[2], 0, -cross[0]], [-cross[1], cross[0], 0]])
    return np.asarray(np.eye(3) + skew + skew @ skew / (1 + cosine))


def meeting_point(cameras: Sequence[CameraModel]) -> Array | None:
    """(3,) float64: the point nearest to all optical axes, by least squares; None where they do not meet before them.

    They do not where cameras look side by side, or away from each other.
    """
    centers = np.array([camera.center for camera in cameras])
    forward = np.array([-camera.rotation[:, 2] for camera in cameras])
    across = np.eye(3) - forward[:, :, None] * forward[:, None, :]
    matrix = across.sum(axis=0)
    if np.linalg.eigvalsh(matrix)[0] < 0.01 * len(cameras):
        return None
    point = np.linalg.solve(matrix, np.einsum("nij,nj->i", across, centers))
    depth = np.einsum("nd,nd->n", point - centers, forward)
    miss = np.linalg.norm(np.cross(point - centers, forward), axis=1)
    ahead = depth > 0
    if ahead.mean() < 0.8 or np.median(miss[ahead]) > 0.4 * np.median(depth[ahead]):
        return None
    return np.asarray(point)


def scene_box(
    cameras: Sequence[CameraModel],
    alphas: Array | None = None,
    points: Points | None = None,
    depths: Sequence[tuple[float, float] | None] = (),
) -> tuple[Box, str]:
    """The box in which the object is, and a sentence on how it was found.

    Masks tell best, where the axes meet; then points near that place; then what all cameras see. Where cameras look
    side by side, it is what they see between the depths of the files, or of the points.
    """
    center = meeting_point(cameras)
    if center is None:
        return _ahead(cameras, points, depths)
    distances = np.array([np.linalg.norm(camera.center - center) for camera in cameras])
    half = [0.5 * min(c.width / c.fx, c.height / c.fy) for c in cameras]
    radius = float(np.median(distances * np.minimum(half, 1.0)))
    if alphas is not None:
        carved = _carved(cameras, alphas, center, radius)
        if carved is not None:
            return carved, "The box is as large as the masks allow."
    if points is not None:
        places = points.verts + points.origin
        near = places[np.linalg.norm(places - center, axis=1) < radius]
        if len(near) >= _FEWEST_POINTS:
            return _padded(np.percentile(near, 1, axis=0), np.percentile(near, 99, axis=0)), (
                "The box holds the points about which the cameras stand."
            )
    return (center - radius, center + radius), "The box is what the cameras see where their axes meet."


def _carved(cameras: Sequence[CameraModel], alphas: Array, center: Array, radius: float) -> Box | None:
    """The box of the cells that no mask denies; None where none is left."""
    side = (np.arange(_GRID) + 0.5) / _GRID * 2 - 1
    cells = center + 1.25 * radius * np.stack(np.meshgrid(side, side, side, indexing="ij"), axis=-1).reshape(-1, 3)
    cell = 2.5 * radius / _GRID
    seen = np.zeros(len(cells), np.int32)
    tried = np.unique(np.linspace(0, len(cameras) - 1, min(_VIEWS, len(cameras))).astype(int)).tolist()
    for number in tried:
        camera = cameras[number]
        view = (cells - camera.center) @ camera.rotation
        depth = -view[:, 2]
        ahead = depth > 1e-6
        safe = np.where(ahead, depth, 1.0)
        x, y = camera.fx * view[:, 0] / safe + camera.cx, camera.cy - camera.fy * view[:, 1] / safe
        reach = max(1, int(np.ceil(0.9 * cell * camera.fx / max(float(np.median(safe)), 1e-9))))
        mask = _pooled(alphas[number] > 0, reach)
        within = ahead & (x >= 0) & (x < camera.width) & (y >= 0) & (y < camera.height)
        denied = np.zeros(len(cells), bool)
        denied[within] = ~mask[(y[within] / reach).astype(int), (x[within] / reach).astype(int)]
        cells, seen = cells[~denied], (seen + within)[~denied]
        if not len(cells):
            return None
    cells = cells[seen >= _SEEN * len(tried)]
    if not len(cells):
        return None
    return cells.min(axis=0) - cell, cells.max(axis=0) + cell


def _pooled(mask: Array, block: int) -> Array:
    """Whether a block of pixels, or one beside it, has any of the mask."""
    h, w = -(-mask.shape[0] // block), -(-mask.shape[1] // block)
    padded = np.zeros((h * block, w * block), bool)
    padded[: mask.shape[0], : mask.shape[1]] = mask
    coarse = np.pad(padded.reshape(h, block, w, block).any(axis=(1, 3)), 1)
    rows = coarse[:-2] | coarse[1:-1] | coarse[2:]
    return np.asarray(rows[:, :-2] | rows[:, 1:-1] | rows[:, 2:])


def _ahead(
    cameras: Sequence[CameraModel], points: Points | None, depths: Sequence[tuple[float, float] | None]
) -> tuple[Box, str]:
    """The box of cameras that look side by side."""
    told = [each for each in depths if each is not None]
    if len(told) == len(cameras):
        near, far = min(each[0] for each in told), min(max(each[1] for each in told), 4 * max(e[0] for e in told))
        return _seen_between(cameras, near, far), "The box is what the cameras see between the depths of the file."
    if points is not None and len(points.verts) >= _FEWEST_POINTS:
        places = points.verts + points.origin
        low, high = np.percentile(places, 3, axis=0), np.percentile(places, 97, axis=0)
        return _padded(low, high), "The box holds the points: the cameras look side by side."
    centers = np.array([camera.center for camera in cameras])
    span = float(np.linalg.norm(np.ptp(centers, axis=0))) or 1.0
    return _seen_between(cameras, span, 4 * span), (
        "The cameras look side by side, and nobody says how far: the box is a guess. Adjust it."
    )


def _seen_between(cameras: Sequence[CameraModel], near: float, far: float) -> Box:
    corners = []
    for camera in cameras:
        x = (np.array([0, camera.width, 0, camera.width]) - camera.cx) / camera.fx
        y = (camera.cy - np.array([0, 0, camera.height, camera.height])) / camera.fy
        ray = np.stack([x, y, -np.ones(4)], axis=1) @ camera.rotation.T
        corners += [camera.center + near * ray, camera.center + far * ray]
    all_corners = np.concatenate(corners)
    return all_corners.min(axis=0), all_corners.max(axis=0)


def _padded(lower: Array, upper: Array) -> Box:
    margin = 0.1 * max(float((upper - lower).max()), 1e-6)
    return lower - margin, upper + margin
