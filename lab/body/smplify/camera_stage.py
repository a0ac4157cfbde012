"""The first stage: where the body stands and which way it is turned, from shoulders and hips."""

from __future__ import annotations

import numpy as np

from lab.body.smplify.objective import Look, Objective
from lab.body.smplify.observed import NEAREST
from lab.body.smplify.solver import descend
from lab.motions import so3
from lab.scene import Array

DEPTH_WEIGHT = 100.0
"""Of the residual that keeps the depth near the first guess."""
_ITERATIONS = 25
_SIDES = (("left_shoulder", "left_hip"), ("right_shoulder", "right_hip"))


def place(objective: Objective, body_pose: Array, facing: float) -> Array:
    """x with the camera's stage done: body_pose (69,) and zero betas stay, the rest is found.

    facing: radians by which the body is first turned about its own vertical axis, 0 towards the camera. Where less than
    two of the torso's joints are seen, all joints stand in for them.
    """
    model, observed = objective.model, objective.observed
    rows = observed.torso
    rows = rows if len(rows) >= 2 else np.flatnonzero(observed.confidence > 0.0)
    x = np.zeros(model.unknowns)
    x[3:72] = body_pose
    roll = so3.exp([0.0, 0.0, _roll(objective)])
    x[:3] = so3.log(roll @ so3.exp([0.0, facing, 0.0]))
    x[72:75] = _first_guess(objective, x, rows)
    depth = float(x[74])
    free = np.array([0, 1, 2, 72, 73, 74])
    found = descend(x, lambda at: _look(objective, at, rows, depth), _ITERATIONS, free=free).x
    found[:3] = shortest(found[:3])
    return found


def shortest(vector: Array) -> Array:
    """The same rotation by at most half a turn."""
    return so3.log(so3.exp(vector))


def turned_round(x: Array) -> Array:
    """x with the body turned half round its own vertical axis."""
    other = x.copy()
    other[:3] = so3.log(so3.exp(x[:3]) @ so3.exp([0.0, np.pi, 0.0]))
    return other


def _first_guess(objective: Objective, x: Array, rows: Array) -> Array:
    """transl by similar triangles: depth = f (torso in metres) / (torso in pixels); amid the seen joints."""
    observed, lens = objective.observed, objective.lens
    points = observed.matrix @ objective.places(x).points
    known = dict(zip(observed.names, range(len(observed.names)), strict=True))
    sides = [(known[a], known[b]) for a, b in _SIDES if a in known and b in known]
    sides = [pair for pair in sides if set(pair) <= set(rows.tolist())]
    if not sides:
        spread, pixels = np.ptp(points[rows, :2], axis=0).max(), np.ptp(observed.xy[rows], axis=0).max()
    else:
        spread = np.mean([np.linalg.norm(points[a] - points[b]) for a, b in sides])
        pixels = np.mean([np.linalg.norm(observed.xy[a] - observed.xy[b]) for a, b in sides])
    depth = max(lens.focal * float(spread) / max(float(pixels), 1.0), 4.0 * NEAREST)
    return lens.ray(observed.xy[rows].mean(axis=0), depth) - points[rows].mean(axis=0) * [1.0, 1.0, 0.0]


def _roll(objective: Objective) -> float:
    """How far the torso leans in the picture, radians, counter-clockwise; 0 where it is not seen."""
    observed = objective.observed
    sure = {name: xy for name, xy, c in zip(observed.names, observed.xy, observed.confidence, strict=True) if c > 0.0}
    upper = [sure[name] for name, _ in _SIDES if name in sure]
    lower = [sure[name] for _, name in _SIDES if name in sure]
    if not upper or not lower:
        return 0.0
    x, y = np.mean(upper, axis=0) - np.mean(lower, axis=0)
    return float(np.arctan2(-x, -y)) if np.hypot(x, y) > 1.0 else 0.0


def _look(objective: Objective, x: Array, rows: Array, depth: float) -> Look:
    """The torso's squared residuals, and 100 (t_z - first guess), as a sum of squares."""
    model, observed, places = objective.model, objective.observed, objective.places(x)
    points = observed.matrix[rows] @ places.points
    unknowns = model.unknowns
    if not bool((points[:, 2] < -NEAREST).all()):
        return Look(np.inf, {}, np.zeros(unknowns), np.zeros((unknowns, unknowns)), np.zeros(len(rows)), places)
    lens = objective.lens.scaled(observed.scale)
    off = lens.project(points) - observed.scale * observed.xy[rows]
    moved = (observed.matrix[rows] @ model.jacobian(places).reshape(len(places.points), -1)).reshape(len(rows), 3, -1)
    sure = observed.confidence[rows][:, None]
    jacobian = np.zeros((2 * len(rows) + 1, unknowns))
    jacobian[:-1] = (sure[..., None] * (lens.derivative(points) @ moved)).reshape(2 * len(rows), -1)
    jacobian[-1, 74] = DEPTH_WEIGHT
    residuals = np.append((sure * off).ravel(), DEPTH_WEIGHT * (x[74] - depth))
    return Look(
        float(residuals @ residuals), {}, 2 * residuals @ jacobian, 2 * jacobian.T @ jacobian, np.abs(off), places
    )


def shoulder_width(objective: Objective) -> float:
    """Pixels between the shoulders, in the counted picture; 0 where one is not seen."""
    observed = objective.observed
    rows = [k for k, name in enumerate(observed.names) if name.endswith("_shoulder") and observed.confidence[k] > 0.0]
    if len(rows) < 2:
        return 0.0
    return float(np.linalg.norm(observed.xy[rows[0]] - observed.xy[rows[1]]) * observed.scale)
