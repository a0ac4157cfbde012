"""How good a fit is, once it is finished."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np

from lab.fitting.chamfer import TargetPoints
from lab.fitting.intersections import self_intersecting_faces
from lab.fitting.neighbours import PointTree
from lab.fitting.sampling import SurfaceSampler
from lab.fitting.target import Target
from lab.fitting.topology import Topology
from lab.kernels.crew import Crew
from lab.scene import Array

EVALUATION_SAMPLES = 50_000
THRESHOLDS_PERCENT = (1.0, 2.0, 5.0)
"""Of the target's bounding box's diagonal, at which the F-score is told."""

F_CURVE = "F-score over its threshold, in % of the target's diagonal"
"""What the curve is called."""
CURVE_POINTS = 101

Report = Callable[[float | None, str], None]


@dataclass(frozen=True)
class Evaluation:
    """figures: label -> number or yes/no, in order. curves: name -> (x, y)."""

    figures: Mapping[str, float | str | bool] = field(default_factory=dict)
    curves: Mapping[str, tuple[Array, Array]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Distances:
    """Between two sets of points: of each point to the other set (n,) and (m,), and |cos| of the normals there."""

    to_target: Array
    to_fitted: Array
    cosines_to_target: Array | None = None
    cosines_to_fitted: Array | None = None

    @property
    def chamfer(self) -> float:
        """PyTorch3D's Chamfer distance: the sum of both mean squared distances."""
        return float(np.mean(self.to_target**2) + np.mean(self.to_fitted**2))

    @property
    def mean(self) -> float:
        """The mean of both directions' mean distances."""
        return 0.5 * float(np.mean(self.to_target) + np.mean(self.to_fitted))

    @property
    def hausdorff(self) -> float:
        """The largest distance of any point from the other set."""
        return float(max(self.to_target.max(), self.to_fitted.max()))

    def f_score(self, threshold: float) -> float:
        """The harmonic mean of the shares of either set within ``threshold`` of the other (Tatarchenko et al. 2019)."""
        precision = float(np.mean(self.to_target <= threshold))
        recall = float(np.mean(self.to_fitted <= threshold))
        return 2.0 * precision * recall / (precision + recall) if precision + recall > 0.0 else 0.0

    @property
    def normal_consistency(self) -> float | None:
        """The mean |cos| of the normals at nearest points, over both directions; 1 is perfect. None without normals."""
        if self.cosines_to_target is None or self.cosines_to_fitted is None:
            return None
        return 0.5 * float(np.mean(self.cosines_to_target) + np.mean(self.cosines_to_fitted))


def measure(fitted: TargetPoints, target: TargetPoints, crew: Crew | None = None) -> Distances:
    """The distances between two sets of points; float64."""
    to_target, squared_to_target = target.tree.query(fitted.tree.points, fitted.tree.order, crew)
    to_fitted, squared_to_fitted = fitted.tree.query(target.tree.points, target.tree.order, crew)
    distances = np.sqrt(squared_to_target.astype(np.float64)), np.sqrt(squared_to_fitted.astype(np.float64))
    if fitted.normals is None or target.normals is None:
        return Distances(*distances)
    return Distances(
        *distances,
        _cosines(fitted.normals, target.normals[to_target]),
        _cosines(target.normals, fitted.normals[to_fitted]),
    )


def _cosines(a: Array, b: Array) -> Array:
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.abs((a * b).sum(axis=1)) / np.maximum(lengths, 1e-12)


def evaluate(
    verts: Array, topology: Topology, target: Target, seed: int, report: Report, crew: Crew | None = None
) -> Evaluation:
    """Measure the fitted mesh, ``verts`` (V, 3) in the normalised frame, by 50,000 points of either side.

    Lengths are in the target's own units, the Chamfer distance in the normalised frame as in the course. Of a larger
    cloud, 50,000 points are chosen. report(fraction, text) may raise, to cancel. A mesh without area has no distances.
    """
    report(0.0, "Measuring the fit")
    rng = np.random.default_rng([seed, EVALUATION_SAMPLES])
    figures: dict[str, float | str | bool] = {}
    curves: dict[str, tuple[Array, Array]] = {}
    try:
        samples = SurfaceSampler(verts, topology.faces).draw(EVALUATION_SAMPLES, rng)
    except ValueError:
        figures["Distances"] = "the fitted mesh has no area"
    else:
        points = samples.points(verts, topology.faces)
        fitted = TargetPoints(PointTree(points), samples.normals(verts, topology.faces))
        distances = measure(fitted, target.tree(target.pick(EVALUATION_SAMPLES, rng)), crew)
        report(0.4, "Measuring the fit")
        figures |= _distance_figures(distances, target)
        curves[F_CURVE] = _f_curve(distances, target)
    report(0.5, "Looking for faces that cut each other")
    figures["Self-intersecting faces"] = int(self_intersecting_faces(verts, topology.faces, crew).sum())
    figures["Watertight"] = topology.watertight
    figures["Vertices"] = topology.vert_count
    figures["Faces"] = len(topology.faces)
    report(1.0, "Measured")
    return Evaluation(figures, curves)


def _diagonal(target: Target) -> float:
    return float(np.linalg.norm(np.ptp(target.verts, axis=0)))


def _distance_figures(distances: Distances, target: Target) -> dict[str, float | str | bool]:
    scale = target.frame.scale
    figures: dict[str, float | str | bool] = {
        "Chamfer (normalised, squared)": distances.chamfer,
        "Mean distance": distances.mean * scale,
        "Hausdorff distance": distances.hausdorff * scale,
    }
    for percent in THRESHOLDS_PERCENT:
        figures[f"F-score at {percent:g} %"] = distances.f_score(0.01 * percent * _diagonal(target))
    consistency = distances.normal_consistency
    if consistency is not None:
        figures["Normal consistency"] = consistency
    return figures


def _f_curve(distances: Distances, target: Target) -> tuple[Array, Array]:
    """The F-score over its threshold in percent of the diagonal."""
    percent = np.linspace(0.0, THRESHOLDS_PERCENT[-1], CURVE_POINTS)
    scores = [distances.f_score(0.01 * value * _diagonal(target)) for value in percent]
    return percent, np.array(scores)
