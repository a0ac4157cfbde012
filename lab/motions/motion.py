"""A rigid motion along a twist, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lab.motions import euler, se3, so3
from lab.scene import Array


@dataclass(frozen=True)
class Motion:
    """A twist xi (6,) and a time t, and what follows from them."""

    xi: tuple[float, ...]
    t: float
    order: euler.Order

    @cached_property
    def omega(self) -> Array:
        """The rotation vector at time t, (3,) radians."""
        return self.t * np.array(self.xi[3:])

    @cached_property
    def rho(self) -> Array:
        """The translation part at time t, (3,) metres."""
        return self.t * np.array(self.xi[:3])

    @cached_property
    def theta(self) -> float:
        """The angle at time t, radians, not folded at pi."""
        return float(np.linalg.norm(self.omega))

    @cached_property
    def pose(self) -> Array:
        """(4, 4): the motion from the start to time t."""
        return se3.exp(se3.twist(self.rho, self.omega))

    @cached_property
    def rotation(self) -> Array:
        """(3, 3) at time t."""
        return self.pose[:3, :3]

    @cached_property
    def log(self) -> Array:
        return so3.log(self.rotation)

    @cached_property
    def angles(self) -> Array:
        """(3,) Euler angles at time t, radians."""
        return euler.from_matrix(self.rotation, self.order)

    @cached_property
    def screw(self) -> se3.Screw:
        """The screw of the whole twist."""
        return se3.screw(np.array(self.xi))

    def along(self, count: int) -> tuple[Array, Array]:
        """Times from 0 to 1, and the poses then (count, 4, 4)."""
        ts = np.linspace(0.0, 1.0, count)
        return ts, se3.exp(ts[:, None] * np.array(self.xi))
