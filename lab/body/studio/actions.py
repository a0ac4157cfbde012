"""What the buttons do: each gives the parameters that are to change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from lab.body.limits import clamp
from lab.body.measure import fit_betas
from lab.body.motion.mirror import mirrored
from lab.body.studio.figure import Figure
from lab.body.studio.give import prior
from lab.body.studio.hand import State
from lab.chapters.body.body import (
    FIT,
    MIRROR,
    RANDOM_POSE,
    RANDOM_SHAPE,
    RESET_POSE,
    RESET_SHAPE,
    BodyParams,
)
from lab.study import StudyContext, StudyError

_WANTED: Final = ("height", "chest", "waist", "hip", "arm_length", "leg_length")
_LIMIT: Final = 5.0  # of a beta
_Values = dict[str, Any]


def act(action: str, params: BodyParams, state: State, figure: Figure, ctx: StudyContext) -> _Values:
    """The values of parameters after a button was pressed. Raises StudyError."""
    rng = np.random.default_rng((ctx.seed, int(params.draw)))
    known: dict[str, Callable[[], _Values]] = {
        MIRROR: lambda: {**_pose(mirrored(state.pose)), "transl": _tuple(state.transl * [-1.0, 1.0, 1.0])},
        RESET_POSE: lambda: {**_pose(np.zeros_like(state.pose)), "transl": (0.0, 0.0, 0.0)},
        RESET_SHAPE: lambda: {"betas": (0.0,) * len(params.betas)},
        RANDOM_POSE: lambda: {**_pose(_random_pose(state, rng)), "draw": params.draw + 1},
        RANDOM_SHAPE: lambda: {"betas": _betas(params, rng.standard_normal(figure.betas)), "draw": params.draw + 1},
        FIT: lambda: {"betas": _betas(params, _fitted(params, figure))},
    }
    if action not in known:
        raise StudyError(f"unknown action {action!r}; known are {', '.join(known)}")
    return known[action]()


def _pose(pose: np.ndarray[Any, Any]) -> _Values:
    return {"pose": _tuple(pose)}


def _tuple(numbers: np.ndarray[Any, Any]) -> tuple[float, ...]:
    return tuple((numbers.reshape(-1) + 0.0).tolist())


def _random_pose(state: State, rng: np.random.Generator) -> np.ndarray[Any, Any]:
    """Drawn from the prior, within the limits; the whole body goes on facing where it does."""
    return np.concatenate(
        [state.pose[:1], clamp(np.concatenate([np.zeros(3), prior().sample(rng)]).reshape(-1, 3))[1:]]
    )


def _betas(params: BodyParams, betas: np.ndarray[Any, Any]) -> tuple[float, ...]:
    """As many as the form has."""
    full = np.zeros(len(params.betas))
    count = min(len(full), len(betas))
    full[:count] = np.clip(betas[:count], -_LIMIT, _LIMIT)
    return _tuple(full)


def _fitted(params: BodyParams, figure: Figure) -> np.ndarray[Any, Any]:
    wanted = {name: getattr(params, name) / 100 for name in _WANTED if getattr(params, name) > 0}
    if not wanted:
        raise StudyError("Fit to measurements: all are 0. Type at least one, such as the height in cm.")
    return fit_betas(figure.data, wanted)
