"""Seeded trials: hidden cameras all over the sphere, and how often the search finds them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lab.examples import example_path
from lab.experiment import ExperimentError
from lab.formats.files import read
from lab.kernels.crew import Crew
from lab.pose.model import Model
from lab.pose.scenes import focal_of, random_pose, see
from lab.pose.search import find_pose
from lab.pose.variables import pose_errors
from lab.scene import Mesh

OBJECTS = ("spot", "bob", "teapot")
Object = Literal["spot", "bob", "teapot"]
ROTATION_DEG, DISTANCE_PERCENT = 2.0, 2.0
"""Within which a trial has succeeded. None of the three objects looks the same from two sides."""


@dataclass(frozen=True)
class Trial:
    """turn: rotation error, degrees. distance: error of the distance, %. overlap: of the masks. seconds: it took."""

    object: str
    seed: int
    turn: float
    distance: float
    overlap: float
    seconds: float

    @property
    def succeeded(self) -> bool:
        return self.turn <= ROTATION_DEG and self.distance <= DISTANCE_PERCENT


def load_object(name: str) -> Model:
    """One of the three examples."""
    entity = read(str(example_path(name))).entity
    if not isinstance(entity, Mesh):
        raise ExperimentError(f"{name} is no mesh")
    return Model.of(entity)


def trial(model: Model, name: str, seed: int, crew: Crew, *, size: int = 128, fov_deg: float = 60.0) -> Trial:
    """Hide a camera anywhere, look through it, and find it."""
    true = random_pose(model, focal_of(fov_deg), np.random.default_rng([seed, len(name)]))
    target = see(model, true, (size, size), (1.0, 1.0, 1.0))
    began = time.perf_counter()
    found = find_pose(model, target, true, crew=crew)
    seconds = time.perf_counter() - began
    turn, distance = pose_errors(found.pose, true, model.center)
    return Trial(name, seed, turn, distance, found.score, seconds)


def trials(name: str, seeds: range, crew: Crew, *, size: int = 128) -> Iterator[Trial]:
    """One after the other."""
    model = load_object(name)
    for seed in seeds:
        yield trial(model, name, seed, crew, size=size)
