"""How far joints are off once place, turn and size are given away, as the field reports it."""

from __future__ import annotations

import numpy as np

from lab.scene import Array


def error(found: Array, true: Array) -> float:
    """The mean distance of points (N, 3) after the best similarity, mm (Umeyama 1991)."""
    a, b = found - found.mean(axis=0), true - true.mean(axis=0)
    u, s, vt = np.linalg.svd(a.T @ b)
    signs = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    aligned = float((s * signs).sum() / (a * a).sum()) * a @ (u * signs) @ vt
    return 1000.0 * float(np.linalg.norm(aligned - b, axis=1).mean())
