"""The loss of the course's batch example: the mean Chamfer distance of a batch, by the translation that it shares.

Source: REFERENCE I.1, "Book example (chapter 2)"; the values and gradients are those of ``pytorch3d.loss``'s
``chamfer_distance`` over sampled points.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lab.fitting.neighbours import PointTree
from lab.kernels.crew import Crew
from lab.scene import Array


def shared_translation(
    points: Sequence[Array], targets: Sequence[Array], translation: Array, crew: Crew | None = None
) -> tuple[float, Array]:
    """The mean over a batch of the Chamfer distance of ``points[n] + translation`` and ``targets[n]``; its gradient.

    points, targets: N arrays (S_n, 3), (M_n, 3), metres; translation: (3,). The value is in square metres, the gradient
    (3,) float64 is by the translation. Nearest points are constants of the gradient, as in PyTorch3D.
    """
    pairs = [_Pairs((p + translation).astype(np.float32), q) for p, q in zip(points, targets, strict=True)]
    (crew or Crew(1)).share([piece for pair in pairs for piece in pair.pieces])
    value, gradient = 0.0, np.zeros(3)
    for pair in pairs:
        there, back = pair.differences()
        value += float((there**2).sum(axis=1).mean() + (back**2).sum(axis=1).mean())
        gradient += 2.0 * (there.mean(axis=0) + back.mean(axis=0))
    return value / len(pairs), gradient / len(pairs)


class _Pairs:
    """The nearest points of two clouds, found when ``pieces`` are done."""

    def __init__(self, points: Array, targets: Array) -> None:
        self._points, self._targets = points, np.ascontiguousarray(targets, np.float32)
        own, other = PointTree(self._points), PointTree(self._targets)
        there, self._to_target, _ = other.query_pieces(self._points, own.order)
        back, self._to_point, _ = own.query_pieces(self._targets, other.order)
        self.pieces = there + back

    def differences(self) -> tuple[Array, Array]:
        """Point minus its nearest target (S, 3), and each target's nearest point minus it (M, 3), float64."""
        points, targets = self._points.astype(np.float64), self._targets.astype(np.float64)
        return points - targets[self._to_target], points[self._to_point] - targets
