"""How the joints give way to a pull: as they do in recorded motions."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np

from lab.body.prior import PosePrior
from lab.scene import Array

_STRENGTH: Final = 1.0  # the most that the prior adds to the stiffness of any direction
_LOOSE: Final = 0.05  # rad²: along directions that vary more than this, it adds less than half of it


@cache
def prior() -> PosePrior:
    """The bundled pose prior, read once. Raises FormatError where it is missing."""
    return PosePrior.load()


@cache
def _precision(component: int) -> Array:
    """k t (S + t I)^-1 of one Gaussian: the prior's precision, bounded by k; (69, 69)."""
    covariance = prior().covars[component]
    eye = np.eye(len(covariance))
    return np.asarray(_STRENGTH * _LOOSE * np.linalg.inv(covariance + _LOOSE * eye))


def give(pose: Array) -> Array:
    """The precision for a pull that begins in ``pose`` (24, 3): (69, 69), of the nearest Gaussian of the prior."""
    return _precision(prior().nearest(pose[1:].reshape(-1)))
