"""Seeded trials, ``python -m lab.body.smplify.trials``: people made by the lab, seen with noise, and found again.

Half of the poses are everyday ones, drawn anew, half are frames of the bundled clips with noise on every joint. The
prior was fitted to poses of the same kinds, though not to these; the focal length is known.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

import numpy as np

from lab.body.library import load_body
from lab.body.motion.everyday import KINDS, everyday
from lab.body.motion.library import CLIPS, load_clip
from lab.body.prior import PosePrior
from lab.body.smplify.errors import error
from lab.body.smplify.fit import Body, load_prior
from lab.body.smplify.observed import TALL, Lens
from lab.body.smplify.search import search
from lab.keypoints.mapping import BLAZEPOSE, LSP, map_joints
from lab.motions import so3
from lab.scene import Array

Layout = Literal["BlazePose", "LSP"]
LAYOUTS: Final[dict[Layout, tuple[str, ...]]] = {"BlazePose": BLAZEPOSE, "LSP": LSP}
COUNT: Final = 100
NOISE: Final = 3.0
"""Pixels, standard deviation in x and in y, where the person is 500 pixels tall."""
_SIZE = (600, 600)
_JITTER = 0.1  # radians on each number of a clip's pose
_YAW, _PITCH = np.pi, (-0.1, 0.3)
_LENSES = (0.8, 2.0)  # times a normal lens


@dataclass(frozen=True, eq=False)
class Person:
    """One that is known. points: (P, 3) in the camera's frame, metres. xy: (K, 2) px with noise. names: (K,)."""

    kind: str
    points: Array
    xy: Array
    names: tuple[str, ...]
    lens: Lens


@dataclass(frozen=True)
class Trial:
    """Errors after similarity alignment, mm: of the 24 joints, and of LSP's 14. facing: whether it was found.

    nearest: the 24 joints' error of the best among all the answers that the search kept.
    """

    seed: int
    kind: str
    joints: float
    lsp: float
    nearest: float
    facing: bool
    seconds: float


@lru_cache(maxsize=1)
def neutral() -> Body:
    """The body of all trials."""
    return Body.of(load_body("neutral"))


def make_person(seed: int, layout: Layout, noise: float = NOISE) -> Person:
    """A random shape, pose, yaw and camera; 500 pixels tall in the picture."""
    rng, model = np.random.default_rng([seed, 8]), neutral().model
    kind, pose = _pose(seed, rng)
    yaw = so3.exp([0.0, rng.uniform(-_YAW, _YAW), 0.0])
    pose[0] = so3.log(so3.exp([rng.uniform(*_PITCH), 0.0, 0.0]) @ yaw @ so3.exp(pose[0]))
    points = model.forward(rng.normal(size=model.betas), pose).points
    points -= points[0]
    normal = Lens.of(_SIZE)
    lens = Lens.of(_SIZE, normal.focal * rng.uniform(*_LENSES))
    direction = np.array([*rng.uniform(-0.1, 0.1, 2), -1.0])
    distance = 3.0
    for _ in range(30):  # the picture's size is nearly as 1 / distance
        distance *= float(np.ptp(lens.project(points + distance * direction), axis=0).max()) / TALL
    points += distance * direction
    mapped = map_joints(LAYOUTS[layout], model.names)
    xy = lens.project(mapped.matrix @ points)
    return Person(kind, points, xy + noise * rng.normal(size=xy.shape), mapped.names, lens)


def _pose(seed: int, rng: np.random.Generator) -> tuple[str, Array]:
    if seed % 2 == 0:
        kind = KINDS[seed // 2 % len(KINDS)]
        return kind, everyday(kind, 1, neutral().model.rest(())[:24], rng)[0]
    name = CLIPS[seed // 2 % len(CLIPS)]
    clip = load_clip(name)
    pose = clip.poses[rng.integers(len(clip))].copy()
    pose[1:] += _JITTER * rng.normal(size=(23, 3))
    return name, pose


def trial(
    seed: int, layout: Layout, prior: PosePrior | None = None, noise: float = NOISE, *, lens_known: bool = True
) -> Trial:
    """Find one person."""
    person, body = make_person(seed, layout, noise), neutral()
    lens = person.lens if lens_known else Lens.of(_SIZE)
    began = time.perf_counter()
    sure = np.ones(len(person.xy))
    objective = body.objective(prior or load_prior(""), person.names, person.xy, sure, lens)
    found = search(objective, {})
    seconds = time.perf_counter() - began
    errors = [error(objective.places(answer.x).points[:24], person.points[:24]) for answer in found.answers]
    points = objective.places(found.best.x).points
    rows = map_joints([name for name in LSP if name != "neck"], body.model.names).matrix
    turned = so3.angle_between(_torso(points), _torso(person.points))
    return Trial(
        seed,
        person.kind,
        errors[0],
        error(rows @ points, rows @ person.points),
        min(errors),
        bool(turned < np.pi / 2),
        seconds,
    )


def _torso(points: Array) -> Array:
    """Which way the torso is turned: (3, 3), from hips and shoulders."""
    names = neutral().model.names
    left, right, low = (points[names.index(name)] for name in ("left_shoulder", "right_shoulder", "pelvis"))
    return so3.project(np.stack([left - right, (left + right) / 2 - low, np.cross(left - right, left - low)], axis=1))


def trials(seeds: range, layout: Layout) -> Iterator[Trial]:
    """One after the other."""
    for seed in seeds:
        yield trial(seed, layout)


def main() -> None:
    """Print a line for each trial, and the means."""
    parser = argparse.ArgumentParser(description="Find people whose bodies are known.")
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--layout", choices=tuple(LAYOUTS), default="BlazePose")
    options = parser.parse_args()
    made = []
    for one in trials(range(options.count), options.layout):
        made.append(one)
        facing = "" if one.facing else "  other facing"
        sys.stdout.write(
            f"{one.seed:4} {one.kind:12} {one.joints:6.1f} mm  LSP {one.lsp:6.1f} mm  best kept {one.nearest:6.1f} mm  "
            f"{one.seconds:5.2f} s{facing}\n"
        )
        sys.stdout.flush()
    joints, lsp = np.array([one.joints for one in made]), np.array([one.lsp for one in made])
    seconds, share = np.array([one.seconds for one in made]), np.mean([one.facing for one in made])
    sys.stdout.write(
        f"24 joints: mean {joints.mean():.1f} mm, median {np.median(joints):.1f} mm; LSP's: {lsp.mean():.1f} mm; "
        f"facing found {100 * share:.0f} %; {seconds.mean():.2f} s each, at most {seconds.max():.2f} s\n"
    )


if __name__ == "__main__":
    main()
