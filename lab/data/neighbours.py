"""How far points are from each other."""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from lab.scene import Array

_MOST = 20_000


def spacing(points: Array) -> float:
    """The mean distance of a point to its nearest neighbour, metres; of some of them where there are very many.

    points: (N, 3), N at least 2, else 0. Points in the same place count as one.
    """
    distinct = np.unique(points, axis=0)
    if len(distinct) < 2:
        return 0.0
    asked = distinct[:: max(1, len(distinct) // _MOST)]
    distances, _ = cKDTree(distinct).query(asked, k=2)
    return float(distances[:, 1].mean())
