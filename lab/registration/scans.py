"""The two scans of a run: points of the source and of the target in a normalised frame, and the true motion if known.

The normalised frame has its origin in the middle of the target's box, and the box has the diagonal 1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.chapters.cameras.registration import RegistrationParams
from lab.experiment import ExperimentError
from lab.fitting.sampling import SurfaceSampler, face_normals
from lab.motions import se3, so3
from lab.registration.normals import estimate_normals
from lab.scene import Array, Geometry, Mesh, bounds

FEWEST = 10
TARGET_SHARE = 3
"""Points of the target for each of the source."""
_VIEW = np.array([1.0, 0.35, 0.2])
"""Partial scans see the object from either end of this direction."""


@dataclass(frozen=True, eq=False)
class Scans:
    """source (N, 3), target (M, 3) and their unit normals, float64, normalised; truth: the motion (4, 4) that lays
    the source on the target, or None. centre (3,) float64, world, and diagonal, metres: of the frame.
    """

    source: Array
    target: Array
    source_normals: Array
    target_normals: Array
    centre: Array
    diagonal: float
    truth: Array | None

    def to_world(self, motion: Array) -> Array:
        """The same motion (4, 4) of world coordinates, metres."""
        R, t = motion[:3, :3], motion[:3, 3]
        return se3.matrix(R, self.diagonal * t + self.centre - R @ self.centre)

    def state(self) -> dict[str, Any]:
        """For a checkpoint; the same arrays every time."""
        return {name: value for name, value in vars(self).items() if value is not None}

    @staticmethod
    def restored(state: Mapping[str, Any]) -> Scans:
        """From a checkpoint."""
        arrays = {name: state[name] for name in ("source", "target", "source_normals", "target_normals", "centre")}
        return Scans(**arrays, diagonal=float(state["diagonal"]), truth=state.get("truth"))


def make_scans(params: RegistrationParams, inputs: Mapping[str, Geometry], rng: np.random.Generator) -> Scans:
    """The scans that the inputs and parameters ask for. Raises ExperimentError when one has too few points."""
    target = inputs["target"]
    _check(target, "target")
    lower, upper = bounds(target)
    centre, diagonal = 0.5 * (lower + upper), float(np.linalg.norm(upper - lower))
    if not diagonal > 0.0:
        raise ExperimentError("All points of the target are in the same place. Choose another target.")
    source = inputs.get("source")
    count = params.points
    if source is None:
        return _known_motion(params, target, centre, diagonal, rng)
    _check(source, "source")
    moving, moving_hints = _draw(source, count, rng)
    still, still_hints = _draw(target, TARGET_SHARE * count, rng)
    moving, still = ((points - centre) / diagonal for points in (moving, still))
    normals = estimate_normals(moving, moving_hints), estimate_normals(still, still_hints)
    return Scans(moving, still, *normals, centre, diagonal, None)


def _known_motion(
    params: RegistrationParams, target: Geometry, centre: Array, diagonal: float, rng: np.random.Generator
) -> Scans:
    """Two scans of the target, with points of their own, noise, and as much in common as was asked for."""
    count = params.points
    points, hints = _draw(target, (1 + TARGET_SHARE) * count, rng)
    points = (points - centre) / diagonal
    share = len(points) // (1 + TARGET_SHARE)
    first, second = slice(0, share), slice(share, None)
    seen_first, seen_second = _seen(points, params.overlap / 100.0)
    sigma = params.noise / 100.0
    scans = []
    for part, seen in ((first, seen_first), (second, seen_second)):
        chosen = points[part][seen[part]]
        chosen = chosen + sigma * rng.standard_normal(chosen.shape)
        scans.append((chosen, None if hints is None else hints[part][seen[part]]))
    (source, source_hints), (still, still_hints) = scans
    if min(len(source), len(still)) < FEWEST:
        raise ExperimentError("The target has too few points for two scans of it. Choose another target.")
    moved = _motion(params)
    turned = None if source_hints is None else source_hints @ moved[:3, :3].T
    source = se3.apply(moved, source)
    normals = estimate_normals(source, turned), estimate_normals(still, still_hints)
    return Scans(source, still, *normals, centre, diagonal, se3.inverse(moved))


def _motion(params: RegistrationParams) -> Array:
    """The known motion (4, 4), normalised. Raises ExperimentError for an axis without a direction."""
    axis = np.array([params.axis_x, params.axis_y, params.axis_z])
    length = float(np.linalg.norm(axis))
    if not length > 0.0:
        raise ExperimentError("The axis of the rotation is (0, 0, 0), which has no direction. Change one of the three.")
    shift = np.array([params.shift_x, params.shift_y, params.shift_z]) / 100.0
    return se3.matrix(so3.exp(np.radians(params.angle) * axis / length), shift)


def _seen(points: Array, overlap: float) -> tuple[Array, Array]:
    """Which points each of two scans has seen, so that they share ``overlap`` of what each has."""
    part = 1.0 / (2.0 - overlap)
    depth = points @ (_VIEW / np.linalg.norm(_VIEW))
    return depth <= np.quantile(depth, part), depth >= np.quantile(depth, 1.0 - part)


def _draw(geometry: Geometry, count: int, rng: np.random.Generator) -> tuple[Array, Array | None]:
    """At most ``count`` points (n, 3) float64, world, and known normals (n, 3) or None."""
    if isinstance(geometry, Mesh) and len(geometry.faces):
        try:
            samples = SurfaceSampler(geometry.verts, geometry.faces).draw(count, rng)
        except ValueError:
            raise ExperimentError("The faces of a scan have no area, so it has no surface. Choose another.") from None
        points = samples.points(geometry.verts, geometry.faces).astype(np.float64) + geometry.origin
        return points, face_normals(geometry.verts, geometry.faces)[samples.face_ids].astype(np.float64)
    chosen = rng.permutation(len(geometry.verts))[:count]
    normals = None if geometry.normals is None else geometry.normals[chosen].astype(np.float64)
    return geometry.verts[chosen].astype(np.float64) + geometry.origin, normals


def _check(geometry: Geometry, name: str) -> None:
    if len(geometry.verts) < FEWEST and not (isinstance(geometry, Mesh) and len(geometry.faces)):
        text = f"The {name} has {len(geometry.verts)} points, and registration needs at least {FEWEST}."
        raise ExperimentError(f"{text} Choose another {name}.")
    if not np.isfinite(geometry.verts).all():
        raise ExperimentError(f"The {name} has coordinates that are not finite numbers. Remove those points first.")
