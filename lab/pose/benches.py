"""How often, and how fast, hidden cameras are found: the search from anywhere against one start with Adam."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from lab.bench import Figure
from lab.fitting.optimiser import Optimiser
from lab.kernels.crew import Crew
from lab.pose.model import Model
from lab.pose.objective import Look, Objective
from lab.pose.scenes import focal_of, random_pose, see
from lab.pose.trials import DISTANCE_PERCENT, OBJECTS, ROTATION_DEG, load_object, trial
from lab.pose.variables import FreePose, Pose, pose_errors

TRIALS = 20
_STEPS, _SIZE, _RATE = 150, 64, 0.03


def pose() -> Iterator[Figure]:
    """For each object: cameras that were not found within 2 degrees and 2 % of the distance, and seconds for each."""
    with Crew() as crew:
        for name in OBJECTS:
            model = load_object(name)
            found = [trial(model, name, seed, crew) for seed in range(TRIALS)]
            single = [_one_start(model, name, seed, crew) for seed in range(TRIALS)]
            missed = float(sum(not one.succeeded for one in found))
            note = f"of {TRIALS} at 128²; against Adam on SE(3) from the front, {_STEPS} steps at {_SIZE}²"
            peer = float(sum(not good for good, _ in single))
            yield Figure(f"{name}: cameras missed", missed, peer, "", note)
            ours, theirs = np.median([one.seconds for one in found]), np.median([seconds for _, seconds in single])
            yield Figure(f"{name}: time for one", float(ours), float(theirs), "s", "median; the same two ways")


def _one_start(model: Model, name: str, seed: int, crew: Crew) -> tuple[bool, float]:
    """Whether one start in front of the object arrives, and how long it takes."""
    focal = focal_of(60.0)
    true = random_pose(model, focal, np.random.default_rng([seed, len(name)]))
    target = see(model, true, (_SIZE, _SIZE), (1.0, 1.0, 1.0))
    began = time.perf_counter()
    look = Look(sigma=1e-4)
    objective = Objective(
        model.shape.verts, model.shape.faces, target, corner_colors=model.shape.colors, look=look, crew=crew
    )
    start = Pose.looking_at(model.center + np.array([0.0, 0.0, 3.0 * model.radius]), model.center, focal)
    variables, adam = FreePose(start, model.center, model.radius), Optimiser("Adam", np.zeros(6), np.zeros(6))
    for _ in range(_STEPS):
        there = objective.evaluate(variables.pose, {"silhouette": 1.0, "rgb": 0.1})
        if not there.finite:
            break
        delta = np.zeros(6)
        adam.step(delta, variables.pull(there.gradient), _RATE, 0.9)
        variables = variables.moved(delta)
    turn, distance = pose_errors(variables.pose, true, model.center)
    return turn <= ROTATION_DEG and distance <= DISTANCE_PERCENT, time.perf_counter() - began
