"""The way of the study "Fly and film": from its parameters to poses, and keyframes that are added and removed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lab.cameras.model import CameraError
from lab.chapters.fields.film import EVEN, KEYS, MOST_KEYS, NUMBERS, ORBIT, REMOVE, TARGET, FilmParams
from lab.fields.out.film import ROOM
from lab.fields.out.path import Course, apart, fitting_distance, orbit, spiral
from lab.motions import so3
from lab.scene import Array
from lab.study import StudyError

_A_TURN = 6  # keyframes
_NEAREST = 1e-9  # metres, between a camera and what it looks at
_THROUGH = (
    "On its way the camera goes through the point that it looks at. "
    "Drag a keyframe, or let the camera turn evenly from keyframe to keyframe."
)
_AHEAD = 1e-3  # seconds, by which speeds are measured


@dataclass(frozen=True, eq=False)
class Subject:
    """What is filmed: its middle (3,) and its radius, metres."""

    middle: Array
    radius: float


class Way:
    """Where the camera is at each time of the film."""

    def __init__(self, params: FilmParams, subject: Subject) -> None:
        self._params, self._subject = params, subject
        self._course: Course | None = None
        if params.route == KEYS:
            self._course = course_of(params)

    def at(self, seconds: Array) -> Array:
        """(T, 4, 4) float64 poses, camera to world, at times (T,). Raises StudyError where there is none."""
        p = self._params
        shares = np.clip(np.asarray(seconds, np.float64) / p.seconds, 0.0, 1.0)
        if self._course is not None:
            try:
                return self._course.at(parameters(self._course, shares, p, self._subject))
            except CameraError:
                raise StudyError(_THROUGH) from None
        distance = p.distance * fitting_distance(ROOM * self._subject.radius, p.fov)
        go = orbit if p.route == ORBIT else spiral
        return go(self._subject.middle, distance, p.elevation, shares, p.turns, p.start)

    @property
    def repeats(self) -> bool:
        """Whether the last pose is the first one again."""
        p = self._params
        if p.route == KEYS:
            return p.loop
        return p.route == ORBIT and p.turns != 0 and float(p.turns).is_integer()

    def times(self) -> Array:
        """(N,) seconds of the film's frames; without the last one where that is the first one again."""
        count = max(round(self._params.seconds * self._params.rate), 1)
        return np.arange(count) * (self._params.seconds / (count if self.repeats else max(count - 1, 1)))

    def speeds(self, seconds: Array) -> tuple[Array, Array]:
        """Metres a second, and radians a second, at times (T,)."""
        p, ahead = self._params, _AHEAD * self._params.seconds
        begins = np.clip(seconds, 0.0, p.seconds - ahead)
        a, b = self.at(begins), self.at(begins + ahead)
        turned = so3.angle_between(a[:, :3, :3], b[:, :3, :3])
        return apart(a, b, 0.0) / ahead, turned / ahead


# --- keyframes --------------------------------------------------------------------------------------------------------


def numbers_of(params: FilmParams) -> Array:
    """(K, 2, 3) float64: where the camera stands at each keyframe, and what it looks at."""
    return np.array(params.keys[: params.count * NUMBERS], np.float64).reshape(-1, 2, 3)


def course_of(params: FilmParams) -> Course:
    """The way through the keyframes. Raises StudyError where there is none."""
    keys = numbers_of(params)
    for number, (eye, target) in enumerate(keys, 1):
        if np.linalg.norm(eye - target) < _NEAREST:
            raise StudyError(f"Keyframe {number} stands on the point that it looks at. Drag one of the two away.")
    return Course(keys[:, 0], keys[:, 1], loop=params.loop, aimed=params.gaze == TARGET)


def poses_of(params: FilmParams) -> Array:
    """(K, 4, 4) float64 of the keyframes. Raises StudyError where a camera stands on what it looks at."""
    return course_of(params).at(np.arange(params.count))


def parameters(course: Course, shares: Array, params: FilmParams, subject: Subject) -> Array:
    """(T,): where on the course shares (T,) of the film's time are."""
    return course.even(shares, subject.radius) if params.pace == EVEN else shares * course.segments


def with_keys(params: FilmParams, subject: Subject) -> tuple[FilmParams, dict[str, Any]]:
    """The parameters with keyframes where the way needs some and there are none, and what the form is to take over."""
    if params.route != KEYS or params.count:
        return params, {}
    return _converted(replace(params, route=ORBIT), subject)


def edited(params: FilmParams, subject: Subject, action: str) -> tuple[FilmParams, dict[str, Any]]:
    """The parameters after "add" or "remove", and what the form is to take over. Raises StudyError."""
    made, _ = with_keys(params, subject) if params.route == KEYS else _converted(params, subject)
    keys = numbers_of(made)
    if action == REMOVE:
        if len(keys) < 3:
            raise StudyError("A way needs two keyframes, so none of these can be removed.")
        chosen = min(made.key, len(keys))
        return _taken(made, np.delete(keys, chosen - 1, axis=0), min(chosen, len(keys) - 1))
    if len(keys) >= MOST_KEYS:
        raise StudyError(f"There are {MOST_KEYS} keyframes, which is the most. Remove one first.")
    return _added(made, keys, subject)


def _converted(params: FilmParams, subject: Subject) -> tuple[FilmParams, dict[str, Any]]:
    """Keyframes on an orbit or a spiral."""
    way = Way(params, subject)
    loop = way.repeats and abs(params.turns) == 1
    count = _A_TURN if loop else min(max(math.ceil(_A_TURN * abs(params.turns)) + 1, 3), MOST_KEYS - 1)
    shares = np.arange(count) / (count if loop else count - 1)
    poses = way.at(shares * params.seconds)
    return _taken(replace(params, loop=loop), _looking(poses, subject), 1)


def _added(params: FilmParams, keys: Array, subject: Subject) -> tuple[FilmParams, dict[str, Any]]:
    """A keyframe more, on the way where the camera is now."""
    course = course_of(params)
    share = np.clip(params.time / params.seconds, 0.0, 1.0) * np.ones(1)
    added = _looking(Way(params, subject).at(share * params.seconds), subject)
    place = parameters(course, share, params, subject)
    targets = course.targets_at(place)
    if targets is not None:
        added[:, 1] = targets
    after = min(int(place[0]), max(course.segments - 1, 0)) + 1
    return _taken(params, np.insert(keys, after, added[0], axis=0), after + 1)


def _looking(poses: Array, subject: Subject) -> Array:
    """(K, 2, 3): where cameras stand, and a point on each axis, as far away as the middle of what is filmed."""
    eyes, ahead = poses[:, :3, 3], -poses[:, :3, 2]
    reach = np.maximum(((subject.middle - eyes) * ahead).sum(axis=1), 0.1 * subject.radius)
    return np.stack([eyes, eyes + reach[:, None] * ahead], axis=1)


def _taken(params: FilmParams, keys: Array, chosen: int) -> tuple[FilmParams, dict[str, Any]]:
    flat = [round(float(value), 6) for value in keys.reshape(-1)]
    whole = (*flat, *(0.0,) * (MOST_KEYS * NUMBERS - len(flat)))
    changed: dict[str, Any] = {"route": KEYS, "keys": whole, "count": len(keys), "key": chosen, "loop": params.loop}
    return replace(params, **changed), changed
