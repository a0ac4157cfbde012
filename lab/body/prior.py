"""How common a pose is: a mixture of Gaussians over the 69 numbers of body_pose (REFERENCE IV.2).

The bundled mixture is fitted by ``python -m lab.body.motion.build_prior``; SMPLify's own, ``gmm_08.pkl``, can be
loaded in its place.

Source: F. Bogo et al., "Keep It SMPL: Automatic Estimation of 3D Human Pose and Shape from a Single Image" (2016).
"""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from lab.body.files.base import NotABody
from lab.body.files.pickles import read_pickle
from lab.body.skeleton import POSE
from lab.files import explain
from lab.formats.base import FormatError
from lab.npz import DAMAGE, read_npz
from lab.scene import Array

SIZE: Final = POSE - 3
"""Numbers of body_pose: an axis-angle vector for each joint but the pelvis."""

BUNDLED: Final = Path(__file__).resolve().parents[2] / "assets" / "body" / "pose_prior.npz"

_NAMES: Final = ("means", "covars", "weights")
_MOST_BYTES = 64 << 20
_MOST_COMPONENTS = 256


class PosePrior:
    """E(x) = min over j of 1/2 (x - mu_j)^T S_j^-1 (x - mu_j) - log g~_j, the lower the commoner.

    g~_j = g_j / ((2 pi)^(69/2) sqrt|S_j| / min sqrt|S|) < 1, so that E is positive. The minimum stands for
    the mixture's -log of a sum, which is what it nearly is where one component outweighs the others.

    means: (C, 69) radians. covars: (C, 69, 69). weights: (C,), they sum to 1. Raises ValueError on other shapes, and
    on covariances that are not positive definite.
    """

    def __init__(self, means: npt.ArrayLike, covars: npt.ArrayLike, weights: npt.ArrayLike) -> None:
        self.means, self.covars, self.weights = _checked(means, covars, weights)
        factors = np.linalg.cholesky(self.covars)  # S = L L^T
        self._factors = factors
        self._whiten = np.linalg.solve(factors, np.broadcast_to(np.eye(SIZE), factors.shape))  # L^-1
        half_log_det = np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1)
        normal = SIZE / 2 * math.log(2 * math.pi) + half_log_det - half_log_det.min()
        self.log_weights = np.log(self.weights) - normal
        self._log_density = np.log(self.weights) - SIZE / 2 * math.log(2 * math.pi) - half_log_det

    def __len__(self) -> int:
        return len(self.weights)

    def energies(self, body_pose: npt.ArrayLike) -> Array:
        """Each component's own energy: (69,) or (23, 3) -> (C,); (N, 69) -> (N, C)."""
        pose = np.asarray(body_pose, np.float64)
        pose = pose.reshape(-1) if pose.size == SIZE else pose.reshape(-1, SIZE)
        white = np.einsum("cij,...cj->...ci", self._whiten, pose[..., None, :] - self.means, optimize=True)
        return np.asarray(0.5 * np.square(white).sum(axis=-1) - self.log_weights)

    def nearest(self, body_pose: npt.ArrayLike) -> int:
        """The component that gives the energy."""
        return int(np.argmin(self.energies(body_pose)))

    def energy(self, body_pose: npt.ArrayLike) -> float:
        """E of a pose: (69,) or (23, 3), axis-angle, radians."""
        return float(self.energies(body_pose).min())

    def residuals(self, body_pose: npt.ArrayLike, component: int | None = None) -> tuple[Array, Array]:
        """E as a sum of squares, for least squares: r (70,) with r·r = E, and its Jacobian (70, 69).

        component: None chooses the nearest one. The last residual is constant: sqrt(-log g~).
        """
        pose = np.asarray(body_pose, np.float64).reshape(SIZE)
        chosen = self.nearest(pose) if component is None else component
        jacobian = np.zeros((SIZE + 1, SIZE))
        jacobian[:SIZE] = math.sqrt(0.5) * self._whiten[chosen]
        residuals = jacobian @ (pose - self.means[chosen])
        residuals[SIZE] = math.sqrt(-self.log_weights[chosen])
        return residuals, jacobian

    def log_density(self, body_pose: npt.ArrayLike) -> float:
        """The logarithm of the whole mixture's density, not only of its nearest component."""
        logs = self._log_density - self.energies(body_pose) - self.log_weights
        return float(np.logaddexp.reduce(logs))

    def sample(self, rng: np.random.Generator) -> Array:
        """A pose drawn from the mixture: (69,) float64, radians."""
        chosen = rng.choice(len(self), p=self.weights)
        return np.asarray(self.means[chosen] + self._factors[chosen] @ rng.standard_normal(SIZE))

    @classmethod
    def load(cls, path: str | os.PathLike[str] | None = None) -> PosePrior:
        """The bundled mixture, or that of a file: .npz, or .pkl as SMPLify's gmm_08.pkl.

        Raises FormatError with a sentence.
        """
        source = BUNDLED if path is None else Path(path)
        try:
            if source.stat().st_size > _MOST_BYTES:
                raise NotABody(f"it has more than {_MOST_BYTES >> 20} MB, too many for a pose prior")
            content = (read_pickle if source.suffix.lower() == ".pkl" else read_npz)(source, _NAMES)
            missing = [name for name in _NAMES if name not in content]
            if missing:
                raise NotABody(f"it has no {missing[0]}")
            return cls(*(np.asarray(content[name], np.float64) for name in _NAMES))
        except OSError as error:
            raise FormatError(f"{source.name} cannot be read: {explain(error)}.") from error
        except DAMAGE as error:
            cause = str(error) if isinstance(error, ValueError) else "it is damaged"
            advice = "Choose a mixture with means (C, 69), covars (C, 69, 69) and weights (C,)."
            raise FormatError(f"{source.name} cannot be read: {cause}. {advice}") from error

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write an .npz with means, covars and weights. Raises OSError."""
        np.savez_compressed(path, means=self.means, covars=self.covars, weights=self.weights)


def _checked(means: npt.ArrayLike, covars: npt.ArrayLike, weights: npt.ArrayLike) -> tuple[Array, Array, Array]:
    means, covars, weights = (np.array(array, np.float64) for array in (means, covars, np.ravel(np.asarray(weights))))
    count = len(weights)
    if not 0 < count <= _MOST_COMPONENTS or means.shape != (count, SIZE) or covars.shape != (count, SIZE, SIZE):
        raise ValueError(f"expected means (C, {SIZE}) and covars (C, {SIZE}, {SIZE}), found {means.shape}")
    if not all(np.isfinite(array).all() for array in (means, covars, weights)):
        raise ValueError("it has numbers that are not finite")
    if not (weights > 0).all() or abs(weights.sum() - 1) > 1e-3:
        raise ValueError("its weights are not positive, or do not sum to 1")
    covars = (covars + np.swapaxes(covars, 1, 2)) / 2
    if not np.linalg.eigvalsh(covars).min() > 0:
        raise ValueError("a covariance is not positive definite")
    return means, covars, weights / weights.sum()
