"""The figures of a finished fit, by hand and on fits that are known."""

from __future__ import annotations

import numpy as np
import pytest

from lab.experiment import Cancelled
from lab.fitting.chamfer import TargetPoints
from lab.fitting.evaluate import F_CURVE, evaluate, measure
from lab.fitting.neighbours import PointTree
from lab.fitting.target import Target
from lab.fitting.topology import build_topology
from lab.scene import Array, Mesh, Points
from tests.lab.fitting.fitting_help import blob, bumpy_mesh, cube, noisy_sphere


def quiet(fraction: float | None, text: str) -> None:
    """Nobody looks."""


def points(*rows: tuple[float, float, float], normals: Array | None = None) -> TargetPoints:
    return TargetPoints(PointTree(np.array(rows, float)), normals)


def test_distances_by_hand() -> None:
    distances = measure(points((0, 0, 0), (3, 0, 0)), points((0, 0, 4), (3, 0, 0), (3, 0, 1)))
    assert distances.to_target.tolist() == [3.0, 0.0]
    assert distances.to_fitted.tolist() == [4.0, 0.0, 1.0]
    assert distances.chamfer == pytest.approx(9 / 2 + 17 / 3)
    assert distances.mean == pytest.approx(0.5 * (3 / 2 + 5 / 3))
    assert distances.hausdorff == 4.0
    # within 1: one of two, two of three
    assert distances.f_score(1.0) == pytest.approx(2 * (1 / 2) * (2 / 3) / (1 / 2 + 2 / 3))
    assert distances.f_score(4.0) == 1.0
    assert distances.normal_consistency is None


def test_nothing_within_the_threshold_is_a_score_of_zero() -> None:
    assert measure(points((0, 0, 0)), points((1, 0, 0))).f_score(0.5) == 0.0


def test_normal_consistency_by_hand() -> None:
    own = points((0, 0, 0), (9, 0, 0), normals=np.array([[0, 0, 1.0], [1.0, 0, 0]]))
    goal = points((0, 0, 1), (9, 0, 1), normals=np.array([[0, 0, -2.0], [0, 1.0, 0]]))
    assert measure(own, goal).normal_consistency == pytest.approx(0.5)


def test_a_perfect_fit() -> None:
    mesh = bumpy_mesh(3)
    target = Target(mesh)
    result = evaluate(target.verts, build_topology(mesh.faces, len(mesh.verts)), target, 0, quiet)
    figures = result.figures
    assert figures["F-score at 1 %"] == pytest.approx(1.0, abs=1e-3)
    assert figures["Normal consistency"] > 0.98  # type: ignore[operator]
    assert figures["Chamfer (normalised, squared)"] < 2e-4  # type: ignore[operator]
    assert figures["Hausdorff distance"] < 0.05  # type: ignore[operator]
    assert figures["Self-intersecting faces"] == 0
    assert figures["Watertight"] is True
    assert (figures["Vertices"], figures["Faces"]) == (642, 1280)


def test_lengths_are_in_the_targets_units_and_chamfer_is_normalised() -> None:
    """Two concentric cubes of sides 2 and 2.2, a hundred times larger: the faces are 10 apart."""
    verts, faces = cube()
    target = Target(Mesh(100.0 * verts, faces))
    result = evaluate((1.1 * verts).astype(np.float32), build_topology(faces, 8), target, 0, quiet).figures
    assert result["Hausdorff distance"] == pytest.approx(10.0 * np.sqrt(3.0), rel=0.15)
    assert 10.0 < result["Mean distance"] < 11.0  # type: ignore[operator]
    assert 0.02 < result["Chamfer (normalised, squared)"] < 0.025  # type: ignore[operator]
    assert result["F-score at 5 %"] == pytest.approx(1.0, abs=1e-3)  # of a diagonal of 346
    assert result["F-score at 2 %"] == 0.0


def test_the_f_curve_rises_to_its_figures() -> None:
    verts, topology = noisy_sphere(3)
    target = Target(blob(2000))
    result = evaluate(verts, topology, target, 0, quiet)
    percent, score = result.curves[F_CURVE]
    assert percent[0] == 0.0
    assert percent[-1] == 5.0
    assert (np.diff(score) >= 0.0).all()
    assert score[20] == pytest.approx(result.figures["F-score at 1 %"])
    assert score[-1] == pytest.approx(result.figures["F-score at 5 %"])
    assert "Normal consistency" not in result.figures


def test_the_same_seed_measures_the_same() -> None:
    verts, topology = noisy_sphere(2)
    target = Target(bumpy_mesh())
    first, same, other = (evaluate(verts, topology, target, seed, quiet).figures for seed in (1, 1, 2))
    assert first == same
    assert first != other


def test_a_mesh_without_area_is_told() -> None:
    _, topology = noisy_sphere(1)
    target = Target(Points(blob(50).verts))
    result = evaluate(np.zeros((topology.vert_count, 3), np.float32), topology, target, 0, quiet)
    assert result.figures["Distances"] == "the fitted mesh has no area"
    assert result.figures["Watertight"] is True
    assert not result.curves


def test_it_tells_how_far_it_is_and_can_be_cancelled() -> None:
    verts, topology = noisy_sphere(2)
    heard: list[float | None] = []
    evaluate(verts, topology, Target(bumpy_mesh()), 0, lambda fraction, text: heard.append(fraction))
    assert heard == sorted(heard, key=float)  # type: ignore[arg-type]
    assert (heard[0], heard[-1]) == (0.0, 1.0)

    def cancel(fraction: float | None, text: str) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        evaluate(verts, topology, Target(bumpy_mesh()), 0, cancel)
