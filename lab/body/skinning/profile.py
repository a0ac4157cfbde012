"""How thick a limb is along the bones of a joint: what collapses or bulges there, in numbers."""

from __future__ import annotations

from typing import Final

import numpy as np

from lab.body.data import BodyData
from lab.scene import Array

_SLICES: Final = 41
_SOFT: Final = 1.5  # slices: how wide each one is, as a Gaussian's sigma
_HELD: Final = 0.5  # a vertex belongs to the limb if these joints hold that much of it
_LEAST, _MOST = 0.05, 0.3  # metres to either side


class Slices:
    """Soft slices across the bones before and behind a joint, made at rest; their vertices stay theirs.

    at: (S,) metres from the joint along the bones. rows: (N,) the limb's vertices.
    """

    def __init__(self, data: BodyData, verts: Array, joints: Array, joint: int) -> None:
        """verts: (V, 3) at rest, joints: (J, 3), metres. joint: the one in the middle."""
        parent, child = _neighbours(data, joints, joint)
        axis, half = _axis(joints, parent, joint, child)
        along = (verts - joints[joint]) @ axis
        chain = [index for index in (parent, joint, child) if index >= 0]
        held = data.weights[:, chain].sum(axis=1) >= _HELD
        self.rows = np.flatnonzero(held & (np.abs(along) < 1.2 * half))
        self.at = np.linspace(-half, half, _SLICES)
        off = (along[self.rows][None] - self.at[:, None]) / (_SOFT * (self.at[1] - self.at[0]))
        shares = np.exp(-0.5 * np.square(off))
        sums = shares.sum(axis=1, keepdims=True)
        self._shares = shares / np.maximum(sums, 1e-12)
        self._full = sums[:, 0] > 3.0  # too few vertices make no slice

    def thickness(self, verts: Array) -> Array:
        """(S,) float64, metres: the root mean square distance of each slice's vertices from their middle; NaN for none.

        verts: (N, 3), those of ``rows``, wherever they are now.
        """
        points = verts.astype(np.float64)
        middles = self._shares @ points
        squares = self._shares @ np.square(points).sum(axis=1) - np.square(middles).sum(axis=1)
        return np.asarray(np.where(self._full, np.sqrt(np.maximum(squares, 0.0)), np.nan))


def _neighbours(data: BodyData, joints: Array, joint: int) -> tuple[int, int]:
    """The joint before and the one behind, -1 for none; of several children the one that is most in the middle."""
    children = [int(child) for child in np.flatnonzero(data.parents == joint)]
    child = min(children, key=lambda index: abs(float(joints[index, 0]))) if len(children) > 1 else -1
    return int(data.parents[joint]), children[0] if len(children) == 1 else child


def _axis(joints: Array, parent: int, joint: int, child: int) -> tuple[Array, float]:
    """The direction of the bones at rest, a unit vector, and how far to look along it, metres."""
    start, end = (joints[index] if index >= 0 else joints[joint] for index in (parent, child))
    way = end - start
    length = float(np.linalg.norm(way))
    bones = [float(np.linalg.norm(joints[index] - joints[joint])) for index in (parent, child) if index >= 0]
    half = float(np.clip(0.9 * min(bones, default=_LEAST), _LEAST, _MOST))
    return (way / length if length > 0 else np.array([0.0, 1.0, 0.0])), half
