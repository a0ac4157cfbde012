"""Fits the bundled pose prior: ``python -m lab.body.motion.build_prior FOLDER_OF_DEEPMIMIC``.

Recorded athletes crawl, flip and kick; so that somebody who just stands is the likeliest, most of the weight is on
everyday poses, which are drawn at random (``everyday``). SHARES says how much.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Final

import numpy as np

from lab.body.library import load_body
from lab.body.motion.deepmimic import read_deepmimic
from lab.body.motion.everyday import KINDS, everyday
from lab.body.motion.mirror import mirrored
from lab.body.motion.mixture import Regulariser, fit_mixture
from lab.body.prior import BUNDLED, SIZE, PosePrior
from lab.body.skeleton import JOINTS, joint
from lab.files import atomic_write
from lab.motions import so3
from lab.scene import Array

COMPONENTS: Final = 8
SHARES: Final = {
    "standing": 0.26,
    "gesture": 0.17,
    "sitting": 0.08,
    "spread": 0.05,
    "walking": 0.14,
    "athletes": 0.18,
    "between": 0.12,
}
"""How much of the mixture's weight each kind of pose has before the fit."""

SHRINK = 0.2
_EACH = 1500
_WALKS = ("walk", "run")
_SPREAD: Final = {
    "hip": (0.08, 0.08, 0.06),
    "knee": (0.08, 0.06, 0.05),
    "ankle": (0.12, 0.12, 0.1),
    "foot": (0.12, 0.06, 0.06),
    "spine1": (0.06, 0.05, 0.05),
    "spine2": (0.06, 0.05, 0.05),
    "spine3": (0.06, 0.05, 0.05),
    "neck": (0.1, 0.12, 0.08),
    "head": (0.1, 0.12, 0.08),
    "collar": (0.05, 0.08, 0.1),
    "shoulder": (0.2, 0.12, 0.12),
    "elbow": (0.25, 0.12, 0.08),
    "wrist": (0.2, 0.2, 0.25),
    "hand": (0.1, 0.1, 0.15),
}
"""Radians by which each joint's x, y and z spread beyond the samples. Wrists, hands and feet have none of their own."""


def floor() -> Array:
    """(69,) variances that are added to every component's."""
    words = [name.removeprefix("left_").removeprefix("right_") for name in JOINTS[1:]]
    return np.square([_SPREAD[word] for word in words]).reshape(SIZE)


def training_poses(folder: Path, rng: np.random.Generator) -> tuple[Array, Array]:
    """Poses (N, 69) and how much each counts (N,), their mirror images among them."""
    rest = _rest()
    clips = [read_deepmimic(path, rest) for path in sorted(folder.glob("humanoid3d_*.txt"))]
    groups: dict[str, Array] = {kind: everyday(kind, _EACH, rest, rng) for kind in KINDS}
    groups["walking"] = np.concatenate([_thinned(clip.poses, clip.fps) for clip in clips if clip.name in _WALKS])
    groups["athletes"] = np.concatenate([_thinned(clip.poses, clip.fps) for clip in clips if clip.name not in _WALKS])
    groups["between"] = _between(groups["standing"], np.concatenate([groups["athletes"], groups["gesture"]]), rng)
    poses = [np.concatenate([group, mirrored(group)])[:, 1:].reshape(-1, SIZE) for group in groups.values()]
    counts = [np.full(len(rows), SHARES[kind] / len(rows)) for kind, rows in zip(groups, poses, strict=True)]
    return np.concatenate(poses), np.concatenate(counts)


def fit(folder: Path, seed: int = 8) -> PosePrior:
    """The mixture of the poses of the clips in ``folder`` and of everyday ones."""
    rng = np.random.default_rng(seed)
    poses, counts = training_poses(folder, rng)
    mixture = fit_mixture(poses, counts, COMPONENTS, Regulariser(floor(), SHRINK), rng)
    order = np.argsort(-mixture.weights)
    return PosePrior(mixture.means[order], mixture.covars[order], mixture.weights[order])


def _rest() -> Array:
    body = load_body("neutral")
    return np.asarray(body.J_regressor @ body.v_template.astype(np.float64))[: joint("right_hand") + 1]


def _thinned(poses: Array, fps: float) -> Array:
    """About 15 poses a second: neighbours say the same thing twice."""
    return poses[:: max(1, round(fps / 15))]


def _between(first: Array, others: Array, rng: np.random.Generator) -> Array:
    """Poses on the shortest way from one to another, for what people do between two postures."""
    start, end = first[rng.integers(len(first), size=_EACH)], others[rng.integers(len(others), size=_EACH)]
    way = so3.log(np.swapaxes(so3.exp(start), -1, -2) @ so3.exp(end))
    share = rng.uniform(0.2, 0.8, (_EACH, 1, 1))
    return so3.log(so3.exp(start) @ so3.exp(share * way))


def main() -> None:
    """Write assets/body/pose_prior.npz."""
    parser = argparse.ArgumentParser(description="Fit the bundled pose prior.")
    parser.add_argument("folder", type=Path, help="where the humanoid3d_*.txt of DeepMimic are")
    parser.add_argument("--out", type=Path, default=BUNDLED)
    options = parser.parse_args()
    prior = fit(options.folder)
    with atomic_write(options.out) as temporary:
        prior.save(temporary)


if __name__ == "__main__":
    main()
