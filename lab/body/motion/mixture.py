"""A mixture of Gaussians, fitted by expectation and maximisation (A. Dempster, N. Laird, D. Rubin, 1977)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.scene import Array


@dataclass(frozen=True, eq=False)
class Mixture:
    """means: (C, D). covars: (C, D, D). weights: (C,). log_likelihood: mean over the samples, after the last step."""

    means: Array
    covars: Array
    weights: Array
    log_likelihood: float


@dataclass(frozen=True)
class Regulariser:
    """What a covariance of few samples needs to be of use far from them.

    floor: (D,) variances that are added, as if each sample were only known to that exactness. shrink: by how much the
    covariances between different numbers are made smaller, 0 to 1.
    """

    floor: Array
    shrink: float = 0.0

    def apply(self, covars: Array) -> Array:
        """(C, D, D) -> (C, D, D)."""
        diagonal = np.diagonal(covars, axis1=1, axis2=2)[:, :, None] * np.eye(covars.shape[1])
        return np.asarray((1 - self.shrink) * covars + self.shrink * diagonal + np.diag(self.floor))


def fit_mixture(
    samples: Array,
    counts: Array,
    components: int,
    regulariser: Regulariser,
    rng: np.random.Generator,
    steps: int = 60,
    tolerance: float = 1e-5,
) -> Mixture:
    """Fit to ``samples`` (N, D), each as often as ``counts`` (N,) says. Ends after ``steps``, or when little changes.

    The first means are samples far from each other (k-means++). Raises ValueError for fewer samples than components.
    """
    if len(samples) < components:
        raise ValueError(f"samples: expected {components} or more, found {len(samples)}")
    shares = counts / counts.sum()
    belongs = _first_guess(samples, shares, components, rng)
    mixture = _maximise(samples, shares, belongs, regulariser)
    for _ in range(steps):
        belongs, likelihood = _expect(samples, shares, mixture)
        better = _maximise(samples, shares, belongs, regulariser, likelihood)
        done = abs(likelihood - mixture.log_likelihood) < tolerance
        mixture = better
        if done:
            break
    return mixture


def _first_guess(samples: Array, shares: Array, components: int, rng: np.random.Generator) -> Array:
    """(N, C) of 0 and 1: the nearest of ``components`` samples, each drawn by its squared distance from the others."""
    chosen = [int(rng.choice(len(samples), p=shares))]
    distances = _distances(samples, samples[chosen[0]])
    while len(chosen) < components:
        odds = shares * distances
        chosen.append(int(rng.choice(len(samples), p=odds / odds.sum())))
        distances = np.minimum(distances, _distances(samples, samples[chosen[-1]]))
    nearest = np.argmin(np.stack([_distances(samples, samples[one]) for one in chosen], axis=1), axis=1)
    return np.eye(components)[nearest]


def _distances(samples: Array, center: Array) -> Array:
    return np.asarray(np.square(samples - center).sum(axis=1))


def _expect(samples: Array, shares: Array, mixture: Mixture) -> tuple[Array, float]:
    """How much each sample belongs to each component (N, C), and the mean log-likelihood."""
    logs = np.empty((len(samples), len(mixture.weights)))
    for place, (mean, covar, weight) in enumerate(zip(mixture.means, mixture.covars, mixture.weights, strict=True)):
        factor = np.linalg.cholesky(covar)
        white = np.linalg.solve(factor, (samples - mean).T)
        log_det = 2 * np.log(np.diagonal(factor)).sum()
        size = samples.shape[1] * np.log(2 * np.pi)
        logs[:, place] = np.log(weight) - 0.5 * (size + log_det + np.square(white).sum(axis=0))
    total = np.logaddexp.reduce(logs, axis=1)
    return np.exp(logs - total[:, None]), float(shares @ total)


def _maximise(
    samples: Array, shares: Array, belongs: Array, regulariser: Regulariser, likelihood: float = -np.inf
) -> Mixture:
    held = belongs * shares[:, None]
    weights = np.maximum(held.sum(axis=0), 1e-12)
    means = (held.T @ samples) / weights[:, None]
    covars = np.stack([((samples - mean).T * row) @ (samples - mean) for mean, row in zip(means, held.T, strict=True)])
    covars /= weights[:, None, None]
    return Mixture(means, regulariser.apply(covars), weights / weights.sum(), likelihood)
