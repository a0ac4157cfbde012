"""Many starts, as one picture has many explanations: both facings, each of the prior's common poses, and flipped limbs.

The objective decides: the lowest one wins. Others that are nearly as low are kept, since they are what one view cannot
tell from the winner.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from lab.body.joint_model import Places
from lab.body.smplify.camera_stage import place, shoulder_width, turned_round
from lab.body.smplify.flips import BONES, flipped
from lab.body.smplify.objective import DATA, Objective
from lab.body.smplify.solver import Iterate, descend
from lab.body.smplify.stages import STAGES, Stage
from lab.motions import so3
from lab.scene import Array

TOWARDS, AWAY = "towards the camera", "away from the camera"
_QUICK = (4, 4, 8, 14)
"""Steps of each stage for a start."""
_LAST = 40
_FINALISTS = 3
_ROUNDS = 2
_NARROW = 25.0
"""Pixels between the shoulders, where the person is 500 pixels tall."""
_SAME = 0.02
"""Metres: answers whose joints are nearer to each other on the mean are one."""


@dataclass(frozen=True, eq=False)
class Answer:
    """One explanation. x: the unknowns. start: those it began from. energy: of the last stage. data: E_J, px².

    facing: TOWARDS or AWAY. points: (24, 3), the joints from the pelvis, metres.
    """

    x: Array
    start: Array
    energy: float
    data: float
    facing: str
    points: Array


@dataclass(frozen=True, eq=False)
class Found:
    """answers: distinct ones, the best first. margin: E_J of the best that faces the other way, less the best's."""

    answers: tuple[Answer, ...]
    margin: float

    @property
    def best(self) -> Answer:
        return self.answers[0]


def search(
    objective: Objective,
    scale: Mapping[str, float],
    stages: tuple[Stage, ...] = STAGES,
    *,
    many: bool = True,
    tell: Callable[[float], None] = lambda share: None,
) -> Found:
    """Every start through all stages, the best ones to the end, and the lowest sum wins.

    many: False for what was published: the prior's mean pose alone, and the other facing only where the shoulders are
    narrower than 25 pixels; the lower E_J wins. tell: of how much is done; it may raise to cancel.
    """
    begun = list(_starts(objective) if many else _published_starts(objective))
    rough = []
    for number, start in enumerate(begun):
        tell(0.6 * number / len(begun))
        rough.append(_answer(objective, start, _through(objective, start, scale, stages), scale, stages[-1]))
    if not many:
        rough.sort(key=lambda answer: answer.data)
        return _found(rough)
    rough.sort(key=lambda answer: answer.energy)
    finalists = _distinct(rough)
    chosen = finalists[:_FINALISTS]
    for facing in (TOWARDS, AWAY):  # both are taken to the end, as their comparison is part of the answer
        if all(answer.facing != facing for answer in chosen):
            chosen += [answer for answer in finalists if answer.facing == facing][:1]
    done: list[Answer] = []
    for number, answer in enumerate(chosen):
        tell(0.6 + 0.4 * number / len(chosen))
        done += _polished(objective, answer, scale, stages[-1])
    done.sort(key=lambda answer: answer.energy)
    return _found(_distinct(done))


def _found(answers: list[Answer]) -> Found:
    others = [answer.data for answer in answers if answer.facing != answers[0].facing]
    return Found(tuple(answers), min(others) - answers[0].data if others else np.inf)


def _starts(objective: Objective) -> Iterator[Array]:
    """After the camera's stage: the prior's mean pose and those of its components, facing here and there."""
    prior = objective.prior
    for pose in (prior.weights @ prior.means, *prior.means):
        towards = place(objective, pose, 0.0)
        yield towards
        yield turned_round(towards)


def _published_starts(objective: Objective) -> Iterator[Array]:
    towards = place(objective, objective.prior.weights @ objective.prior.means, 0.0)
    yield towards
    if shoulder_width(objective) < _NARROW:
        yield turned_round(towards)


def _through(objective: Objective, start: Array, scale: Mapping[str, float], stages: tuple[Stage, ...]) -> Iterate:
    x = start
    steps = _QUICK[-len(stages) :]
    for stage, most in zip(stages, steps, strict=True):
        weights = stage.weights(scale)
        now = descend(x, lambda at, weights=weights: objective.evaluate(at, weights), most)  # type: ignore[misc]
        x = now.x
    return now


def _polished(objective: Objective, answer: Answer, scale: Mapping[str, float], stage: Stage) -> list[Answer]:
    """The answer with all steps, and what its flipped limbs lead to, if that is another minimum."""
    weights = stage.weights(scale)

    def to_the_end(x: Array, most: int) -> Answer:
        now = descend(x, lambda at: objective.evaluate(at, weights), most)
        return _answer(objective, answer.start, now, scale, stage)

    best = to_the_end(answer.x, _LAST)
    others = []
    for _ in range(_ROUNDS):
        tried = [to_the_end(flipped(objective.model, best.x, bone), _QUICK[-1]) for bone in BONES]
        tried.sort(key=lambda other: other.energy)
        others += [other for other in tried if other.energy >= best.energy]
        if tried[0].energy >= best.energy * (1.0 - 1e-3):
            break
        others.append(best)
        best = to_the_end(tried[0].x, _LAST)
    return [best, *others]


def _answer(objective: Objective, start: Array, now: Iterate, scale: Mapping[str, float], stage: Stage) -> Answer:
    points = now.look.places.points[:24] if now.look.terms else np.zeros((24, 3))
    facing = facing_of(now.look.places)
    data = now.look.terms.get(DATA, np.inf)
    return Answer(now.x, start, now.look.value, data, facing, points - points[0])


def facing_of(places: Places) -> str:
    """TOWARDS or AWAY, by the pelvis."""
    return TOWARDS if float(places.rotations[0][:, 2] @ -places.points[0]) > 0.0 else AWAY


def shown_start(objective: Objective, answer: Answer) -> Array:
    """The answer's start for whoever watches: turned round at once where it turned on the way."""
    same = facing_of(objective.places(answer.start)) == answer.facing
    return answer.start if same else turned_round(answer.start)


def _distinct(answers: list[Answer]) -> list[Answer]:
    """Without those that are nearly one with a better one; sorted as before."""
    kept: list[Answer] = []
    for answer in answers:
        if np.isfinite(answer.energy) and all(distance(answer, other) > _SAME for other in kept):
            kept.append(answer)
    return kept


def distance(a: Answer, b: Answer) -> float:
    """The mean distance of two answers' joints, both from the pelvis, metres."""
    return float(np.linalg.norm(a.points - b.points, axis=1).mean())


def turn(a: Answer, b: Answer) -> float:
    """By how much their bodies are turned against each other, radians."""
    return float(so3.angle_between(so3.exp(a.x[:3]), so3.exp(b.x[:3])))
