"""Registration as an experiment: all chosen methods side by side, an iteration of each per step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from lab.chapters.cameras.registration import METHODS, RegistrationParams, rotation_metric
from lab.experiment import ExperimentError, Outcome, RunContext, Step
from lab.kernels.crew import Crew
from lab.motions import se3, so3
from lab.palette import surface
from lab.registration.doctor import Doctor
from lab.registration.methods import ByFeatures, ByGradient, Method, PointToPlane, PointToPoint, Settings
from lab.registration.pairs import NEAR, Neighbourhood, Pairs, Rules
from lab.registration.rigid import motion_errors
from lab.registration.scans import Scans, make_scans
from lab.scene import Array, Geometry, Mesh, Points, Snapshot

RESULT = "aligned"
TARGET = "target scan"
_TARGET_COLOR = (0.62, 0.64, 0.68)
_MOVED_LIVE = 200_000
"""Vertices up to which a source is moved as a whole at every snapshot; a larger one at the end only."""
_SEEDS = 2**63


class Registration:
    """Lay ``inputs["source"]`` on ``inputs["target"]``; without a source, a second scan of the target.

    Step k has every method's motion after k iterations. The checkpoint holds both scans, every method's own state and
    the random generators, so that a resumed run goes on bit by bit with the scans that it had.
    """

    def run(self, params: RegistrationParams, ctx: RunContext) -> Iterator[Step]:
        """See ``lab.experiment.Experiment.run``."""
        with Crew() as crew:
            yield from _Run(params, ctx, crew).steps()


def warm_up() -> None:
    """Compile the kernels, or load them from the cache."""
    points = np.random.default_rng(0).random((50, 3))
    Neighbourhood(points, points).pairs(points)


class _Run:
    """One run."""

    def __init__(self, params: RegistrationParams, ctx: RunContext, crew: Crew) -> None:
        self._ctx, self._steps = ctx, params.steps
        state = ctx.resume
        if state is not None and not state.keys() >= {"step", "scans", "start", "methods", "doctors"}:
            raise ExperimentError("The checkpoint is not one of a registration, so the run cannot go on from it.")
        ctx.report(None, "Taking points from the scans")
        if state is None:
            self._scans = make_scans(params, ctx.inputs, np.random.default_rng(ctx.seed % _SEEDS))
            self._start = _start(params, self._scans)
        else:
            self._scans, self._start = Scans.restored(state["scans"]), np.array(state["start"])
        self._first = 0 if state is None else int(state["step"])
        self._methods = _make_methods(params, self._scans, self._start, ctx, crew)
        self._doctors = {
            key: Doctor(key, METHODS[key], patience=params.rounds if key == "features" else 0) for key in self._methods
        }
        if state is not None:
            self._restore(state)
        self._looks: dict[str, Pairs] = {}
        self._source: Geometry = ctx.inputs.get("source") or self._made_source()
        self._origin: Array = ctx.inputs["target"].origin
        self._target = self._cloud(self._scans.target, _TARGET_COLOR)
        self._colors = {key: _uniform(surface(number), len(self._scans.source)) for number, key in enumerate(METHODS)}

    def _restore(self, state: Mapping[str, Any]) -> None:
        for key in self._methods.keys() & state["methods"].keys():
            self._methods[key].restore(state["methods"][key])
            self._doctors[key].restore(state["doctors"][key])

    def steps(self) -> Iterator[Step]:
        """The steps; then the outcome is handed over."""
        index = self._first
        while True:
            self._looks = {key: method.look() for key, method in self._methods.items()}
            yield Step(index, self._examine(index), self._snapshot, self._state(index))
            if index >= self._steps or self._ctx.stop_requested:
                break
            settings = self._settings()
            for key, method in self._methods.items():
                method.advance(self._looks[key], settings)
                self._ctx.checkpoint()
            index += 1
        self._finish()

    def _settings(self) -> Settings:
        params: RegistrationParams = self._ctx.params
        return Settings(Rules(params.reach / 100.0, params.robust, params.keep / 100.0), params.learning_rate)

    # --- what is measured -----------------------------------------------------------------------------------------

    def _distance(self, key: str) -> float:
        """The method's root mean square distance, metres; see ``Pairs.rmse``."""
        return self._looks[key].rmse(self._settings().rules) * self._scans.diagonal

    def _turn(self, key: str) -> float | None:
        """The method's rotation error, degrees, where the truth is known."""
        if self._scans.truth is None:
            return None
        return motion_errors(self._methods[key].pose, self._scans.truth, self._scans.source)[0]

    def _examine(self, index: int) -> dict[str, float]:
        """The metrics of a step; what the doctor finds is told."""
        distances = {key: self._distance(key) for key in self._methods}
        metrics = {"loss": distances[self._best()], **distances}
        for key, distance in distances.items():
            turn = self._turn(key)
            metrics[f"{key} (weighted)"] = distance
            if turn is not None:
                metrics[rotation_metric(key)] = turn
            notice = self._doctors[key].look(index, distance, self._looks[key].overlap(), turn)
            if notice is not None:
                self._ctx.notice(notice)
        return metrics

    def _best(self) -> str:
        """The method that lays most of the source near the target: a plain distance would punish a partial scan."""
        return min(self._methods, key=lambda key: self._looks[key].rmse(Rules(reach=NEAR)))

    # --- what is handed out ---------------------------------------------------------------------------------------

    def _snapshot(self) -> Snapshot:
        clouds = {METHODS[key].lower(): self._moved(key) for key in self._methods}
        whole = "source" in self._ctx.inputs and len(self._source.verts) <= _MOVED_LIVE
        return {TARGET: self._target, **clouds, **({RESULT: self._aligned()} if whole else {})}

    def _moved(self, key: str) -> Points:
        return replace(self._cloud(self._looks[key].moved), colors=self._colors[key])

    def _cloud(self, points: Array, color: tuple[float, float, float] | None = None) -> Points:
        """Normalised points (N, 3) in the target's coordinates."""
        verts = self._scans.diagonal * points + (self._scans.centre - self._origin)
        colors = None if color is None else _uniform(color, len(verts))
        return Points(verts.astype(np.float32), colors=colors, origin=self._origin)

    def _made_source(self) -> Points:
        """The second scan of the target, where it was before any motion."""
        scans = self._scans
        world = scans.diagonal * scans.source + scans.centre
        middle = world.mean(axis=0)
        return Points((world - middle).astype(np.float32), normals=scans.source_normals, origin=middle)

    def _aligned(self) -> Geometry:
        """The whole source, moved by the best method, about the target's origin."""
        return move_geometry(self._source, self._scans.to_world(self._methods[self._best()].pose), self._origin)

    def _state(self, index: int) -> Callable[[], dict[str, Any]]:
        return lambda: {
            "step": index,
            "scans": self._scans.state(),
            "start": self._start.copy(),
            "methods": {key: method.state() for key, method in self._methods.items()},
            "doctors": {key: doctor.state() for key, doctor in self._doctors.items()},
        }

    def _finish(self) -> None:
        """The best motion in world coordinates, and how each method came out."""
        best = self._best()
        motion = self._scans.to_world(self._methods[best].pose)
        figures: dict[str, float | str | bool] = {"Best method": METHODS[best], **motion_figures(motion)}
        figures["Overlap"] = self._looks[best].overlap()
        for key, method in self._methods.items():
            figures[f"{METHODS[key]}: distance (m)"] = self._distance(key)
            if self._scans.truth is not None:
                turn, apart = motion_errors(method.pose, self._scans.truth, self._scans.source)
                figures[f"{METHODS[key]}: off by (°)"] = turn
                figures[f"{METHODS[key]}: off by (m)"] = apart * self._scans.diagonal
        if self._scans.truth is not None:
            figures["True rotation (°)"] = float(np.degrees(so3.angle(self._scans.truth[:3, :3])))
        self._ctx.outcome(Outcome({**self._snapshot(), RESULT: self._aligned()}, figures))


def _uniform(color: tuple[float, float, float], count: int) -> Array:
    """One colour for ``count`` points, read-only, so that all snapshots share it."""
    colors = np.tile(np.array(color, np.float32), (count, 1))
    colors.flags.writeable = False
    return colors


def _start(params: RegistrationParams, scans: Scans) -> Array:
    """The motion (4, 4) that every method begins with."""
    shift = np.zeros(3)
    if params.start == "centred":
        shift = scans.target.mean(axis=0) - scans.source.mean(axis=0)
    return se3.matrix(np.eye(3), shift)


def _make_methods(
    params: RegistrationParams, scans: Scans, start: Array, ctx: RunContext, crew: Crew
) -> dict[str, Method]:
    """The chosen methods by key, in the order of their hues. Raises ExperimentError for none."""
    neighbourhood = Neighbourhood(scans.source, scans.target, crew)
    made: dict[str, Method] = {}
    for key in METHODS:
        if not getattr(params, key):
            continue
        if key == "features":
            ctx.report(None, "Describing the points of both scans")
            search = ByFeatures(scans, neighbourhood, start, params.rounds, params.triples, ctx.seed % _SEEDS)
            search.prepare()
            made[key] = search
        else:
            plain = {"point_to_point": PointToPoint, "point_to_plane": PointToPlane, "gradient": ByGradient}
            made[key] = plain[key](scans, neighbourhood, start)
    if not made:
        raise ExperimentError("No method is chosen. Turn on at least one under 'Methods'.")
    return made


def move_geometry(geometry: Geometry, motion: Array, origin: Array) -> Geometry:
    """``geometry`` moved by a motion (4, 4) of world coordinates, about ``origin`` (3,) float64, with its normals."""
    R = motion[:3, :3]
    verts = geometry.verts.astype(np.float64) @ R.T + (R @ geometry.origin + motion[:3, 3] - origin)
    normals = None if geometry.normals is None else (geometry.normals @ R.T).astype(np.float32)
    vectors = {name: (field @ R.T).astype(np.float32) for name, field in geometry.vectors.items()}
    common: dict[str, Any] = {"normals": normals, "vectors": vectors, "origin": origin}
    if isinstance(geometry, Mesh):
        return replace(geometry, verts=verts.astype(np.float32), **common)
    return replace(geometry, verts=verts.astype(np.float32), **common)


def motion_figures(motion: Array) -> dict[str, float | str]:
    """A motion (4, 4) of world coordinates as figures.

    Angle and axis, and the rotation matrix row by row, to read; rotation vector and translation in full.
    """
    R, t = motion[:3, :3], motion[:3, 3]
    omega = so3.log(R)
    angle = float(np.linalg.norm(omega))
    axis = omega / angle if angle > 0.0 else np.zeros(3)
    figures: dict[str, float | str] = {
        "Rotation (°)": float(np.degrees(angle)),
        "Axis": ", ".join(f"{value:.4f}" for value in axis),
    }
    figures |= {f"R, row {number + 1}": "  ".join(f"{value:.6f}" for value in row) for number, row in enumerate(R)}
    figures |= {f"t, {name} (m)": float(value) for name, value in zip("xyz", t, strict=True)}
    return figures | {f"Rotation vector {name}": float(value) for name, value in zip("xyz", omega, strict=True)}
