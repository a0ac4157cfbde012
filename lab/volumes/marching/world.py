"""The world of the ray marching study: the volume, the camera, its rays, the chosen one, and eight voxels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.cameras import drawing
from lab.cameras.model import CameraModel
from lab.render.colormaps import table as colormap
from lab.render.messages import Style
from lab.scene import Array, Entity, Lines, Points
from lab.study import Handle, View3D
from lab.volumes.marching.compositing import March
from lab.volumes.marching.rays import Bundle
from lab.volumes.marching.volume import Corners, Medium

_CAMERA, _BOX, _RAY, _OTHER = (0.95, 0.70, 0.25), (0.55, 0.57, 0.62), (0.95, 0.30, 0.55), (0.42, 0.52, 0.66)
_VOXEL, _SAMPLE = (0.40, 0.85, 0.65), (1.0, 1.0, 1.0)
_EDGES = np.array([[a, a | bit] for bit in (1, 2, 4) for a in range(8) if not a & bit])
_REACH = 0.9  # cells along the ray to either side of the sample, in the close-up
_MOST_DOTS = 64  # samples that can be clicked


@dataclass(frozen=True, eq=False)
class Chosen:
    """The ray that is taken apart (a bundle of one), what its march was, and the sample whose voxels are shown."""

    ray: Bundle
    march: March
    sample: int
    corners: Corners


def world_view(
    medium: Medium, camera: CameraModel, others: Bundle, chosen: Chosen, span: tuple[float, float], body: Entity | None
) -> View3D:
    """Everything; span: near and far, metres of depth; body: what is shown of the volume itself."""
    near, far = span
    entities: dict[str, Entity] = {
        "box": box_lines(*medium.box),
        "camera": drawing.frustum(camera, near, far),
        "rays": _segments(others, near, far),
        "other samples": Points(others.points.reshape(-1, 3)),
        "ray": _segments(chosen.ray, near, far),
        "samples": Points(chosen.ray.points[0], scalars={"weight": chosen.march.weight}),
        "voxels": Points(chosen.corners.centres, scalars={"weight": chosen.corners.weights}),
        "cell": Lines(chosen.corners.centres, _EDGES),
    }
    styles = {
        "box": Style(color=_BOX),
        "camera": Style(color=_CAMERA),
        "rays": Style(color=_OTHER, opacity=0.45),
        "other samples": Style(color=_OTHER, point_size=2.0),
        "ray": Style(color=_RAY),
        "samples": Style(scalar="weight", colormap="viridis", point_size=9.0),
        "voxels": Style(color=_VOXEL, point_size=11.0),
        "cell": Style(color=_VOXEL),
    }
    if body is not None:
        entities["volume"] = body
        styles["volume"] = Style(opacity=0.55)
    return View3D(entities, styles, tuple(_dots(chosen)))


def box_lines(lower: Array, upper: Array) -> Lines:
    """The twelve edges of a box between two corners (3,), world."""
    corners = np.array([[(lower, upper)[c >> k & 1][k] for k in range(3)] for c in range(8)])
    return Lines(corners, _EDGES)


def _segments(some: Bundle, near: float, far: float) -> Lines:
    """The rays between two depths."""
    ends = np.stack([some.origins + near * some.directions, some.origins + far * some.directions], axis=1)
    return Lines(ends.reshape(-1, 3), np.arange(2 * len(ends)).reshape(-1, 2))


def cell_view(chosen: Chosen) -> View3D:
    """The eight voxels around the chosen sample, close up: the cell is drawn with edges of 1 from the origin."""
    corners = chosen.corners
    lower, edges = corners.centres[0], corners.centres[7] - corners.centres[0]
    place = (chosen.ray.points[0, chosen.sample] - lower) / edges
    along = chosen.ray.directions[0] / edges
    reach = _REACH / float(np.abs(along).max())
    unit = (corners.centres - lower) / edges
    entities: dict[str, Entity] = {
        "cell": Lines(unit, _EDGES),
        "voxels": Points(unit, colors=_shades(corners.values)),
        "ray": drawing.segment(place - reach * along, place + reach * along),
        "sample": Points(place[None]),
    }
    styles = {
        "cell": Style(color=_VOXEL),
        "voxels": Style(point_size=16.0),
        "ray": Style(color=_RAY),
        "sample": Style(color=_SAMPLE, point_size=12.0),
    }
    labels = tuple(
        drawing.label(at, f"{weight:.2f}") for at, weight in zip(_outwards(unit), corners.weights, strict=True)
    )
    return View3D(entities, styles, labels=labels)


def _shades(values: Array) -> Array:
    """(N, 3) colours of densities that the volume holds: empty is dark, full is bright."""
    shares = values / max(float(values.max()), 1.0)
    return np.asarray(colormap("viridis")[np.round(shares * 255).astype(int), :3] / 255.0)


def _outwards(unit: Array) -> Array:
    """Places for labels beside the corners of the unit cube."""
    return np.asarray(0.5 + (unit - 0.5) * 1.15)


def _dots(chosen: Chosen) -> list[Handle]:
    """Samples that can be clicked: all of them, or some that are evenly spread; the chosen one is white."""
    points = chosen.ray.points[0]
    some = np.unique(np.linspace(0, len(points) - 1, min(len(points), _MOST_DOTS)).round().astype(int))
    dots = []
    for k in sorted({*some.tolist(), chosen.sample}):
        x, y, z = points[k].tolist()
        color = _SAMPLE if k == chosen.sample else None
        dots.append(Handle(f"sample {k}", "dot", (), (x, y, z), color=color, sets={"sample": int(k)}))
    return dots
