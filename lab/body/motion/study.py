"""The study "Motion": a clip that plays on a body."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from lab.body import look
from lab.body.data import BodyData
from lab.body.library import load_body
from lab.body.motion import drawing
from lab.body.motion.amass import to_amass
from lab.body.motion.clip import Clip
from lab.body.motion.film import film
from lab.body.motion.library import load_clip
from lab.body.motion.prepared import Prepared, leg_length, prepare
from lab.body.posing import Poser, Shaped
from lab.body.prior import PosePrior
from lab.body.record import BodyPose
from lab.body.skeleton import JOINTS
from lab.chapters.body.motion import CLIPS, FEET, FILM, JOINT, LONGEST, OWN, MotionParams
from lab.formats.base import FormatError
from lab.motions import so3
from lab.render.messages import Style
from lab.scene import Array, Entity, Material, Mesh
from lab.studies.kept import Kept
from lab.study import Animation, Board, Data, Film, Note, Plot, Result, StudyContext, StudyError, View3D

_GHOSTS_KEPT: Final = 32
_CLAY: Final = Material("clay", look.CLAY)


class MotionStudy:
    """Answers within a few milliseconds while time goes on: only the body is posed anew."""

    def __init__(self) -> None:
        self._kept = Kept()
        self._prior = PosePrior.load()

    def boards(self, params: MotionParams, ctx: StudyContext) -> Iterator[Board]:
        """One board; with the action "film" the same one again, with the film among its results."""
        if ctx.action not in ("", FILM):
            raise StudyError(f"unknown action {ctx.action!r}; known is {FILM}")
        scene = self._scene(params)
        board = self._board(params, scene)
        yield board
        if ctx.action:
            frames = film(
                lambda number: scene.posed(number / scene.motion.fps, params.in_place),
                scene.data.faces,
                _way(scene.motion.root, params.in_place),
                params.film_height,
                lambda share: ctx.report(share, "Drawing the film"),
            )
            made = Film(frames, scene.motion.fps * params.speed)
            yield Board(board.panes, board.figures, {"film": made, **board.results}, board.notes, spans=board.spans)

    def _scene(self, params: MotionParams) -> _Scene:
        try:
            clip = load_clip(_source(params))
            data = load_body(params.own_model or params.model)
        except FormatError as error:
            raise StudyError(str(error)) from error
        poser = self._kept.get("poser", (data,), lambda: Poser(data))
        shaped = poser.shape(params.betas[: data.shapedirs.shape[2]])
        motion = self._kept.get(
            "motion",
            (clip, shaped, params.feet_stand, params.smoothing),
            lambda: prepare(clip, data, shaped, feet_stand=params.feet_stand, smoothing=params.smoothing),
        )
        return self._kept.get("scene", (motion, poser), lambda: _Scene(data, poser, shaped, motion))

    def _board(self, params: MotionParams, scene: _Scene) -> Board:
        motion = scene.motion
        seconds = min(params.time * params.speed, motion.clip.seconds)
        pose, root = motion.at(seconds)
        body = scene.mesh(seconds, params.in_place)
        entities: dict[str, Entity] = {"body": body}
        styles = {"body": look.style()}
        if params.traces and not params.in_place:
            entities["way"] = self._kept.get("way", (motion,), lambda: drawing.way(motion))
            entities["footprints"] = self._kept.get("footprints", (motion,), lambda: drawing.footprints(motion))
            styles["footprints"] = Style(point_size=9.0)
        for name, ghost, opacity in self._trail(params, scene, seconds):
            entities[name] = ghost
            styles[name] = Style(color=look.CLAY, opacity=opacity)
        return Board(
            {"body": View3D(entities, styles), "curves": self._plot(params, motion)},
            self._figures(motion, pose, seconds),
            self._results(params, scene, pose, root, body),
            notes=tuple(_notes(params, motion.clip)),
            spans={"time": (0.0, min(max(motion.clip.seconds / params.speed, 1e-3), LONGEST))},
            status=f"frame {seconds * motion.fps + 1:.0f} of {len(motion.root):,}",
        )

    def _trail(self, params: MotionParams, scene: _Scene, seconds: float) -> Iterator[tuple[str, Mesh, float]]:
        """Bodies at multiples of the spacing around now. They stay while time goes on, until they are too far away."""
        known: dict[tuple[int, bool], Mesh] = self._kept.get("ghosts", (scene, params.spacing), dict)
        here = round(seconds / params.spacing)
        for step in range(here - params.ghosts, here + params.ghosts + 1):
            time = step * params.spacing
            away = abs(time - seconds) / params.spacing
            if not (0 <= time <= scene.motion.clip.seconds) or away < 0.35 or not params.ghosts:
                continue
            key = (step, params.in_place)
            if key not in known:
                if len(known) >= _GHOSTS_KEPT:
                    known.clear()
                known[key] = Mesh(scene.ghost(time, params.in_place), scene.data.faces)
            yield f"ghosts/{step}", known[key], 0.4 * (1 - away / (params.ghosts + 1))

    def _plot(self, params: MotionParams, motion: Prepared) -> Plot:
        def make() -> dict[str, tuple[Array, Array]]:
            if params.curves == FEET:
                found = drawing.foot_curves(motion)
            elif params.curves == JOINT:
                found = drawing.joint_curves(motion, params.joint)
            else:
                found = drawing.speed_curves(motion)
            return {name: (x / params.speed, y) for name, (x, y) in found.items()}

        curves = self._kept.get("curves", (motion, params.curves, params.joint, params.speed), make)
        unit = {FEET: "cm above the floor", JOINT: "degrees"}.get(params.curves, "m/s")
        return Plot(curves, "seconds", unit, at=params.time)

    def _figures(self, motion: Prepared, pose: Array, seconds: float) -> dict[str, float | str | bool]:
        ahead = motion.at(seconds + 0.5 / motion.fps)[1] - motion.at(seconds - 0.5 / motion.fps)[1]
        clipped = min(seconds + 0.5 / motion.fps, motion.clip.seconds) - max(seconds - 0.5 / motion.fps, 0.0)
        speed = float(np.hypot(ahead[0], ahead[2])) / max(clipped, 1e-9)
        return {
            "Length": f"{motion.clip.seconds:.2f} s, {len(motion.root):,} frames at {motion.fps:.3g} a second",
            "Speed of the pelvis": f"{speed:.2f} m/s",
            "Sliding": f"{motion.after.slide:.0f} mm/s",
            "Sliding, recorded": f"{motion.before.slide:.0f} mm/s",
            "Below the floor": f"{motion.after.depth:.0f} mm",
            "Below the floor, recorded": f"{motion.before.depth:.0f} mm",
            "Pose prior": round(self._prior.energy(pose[1:]), 2),
        }

    def _results(self, params: MotionParams, scene: _Scene, pose: Array, root: Array, body: Mesh) -> dict[str, Result]:
        place = _way(root[None], params.in_place)[0] - scene.shaped.joints[0]
        record = BodyPose(params.own_model or params.model, scene.shaped.betas, pose, place)
        whole = self._kept.get(
            "files", (scene, params.in_place, params.model), lambda: _files(scene, params.in_place, params.model)
        )
        return {"mesh": body, "pose": record.to_data(), **whole}


class _Scene:
    """A motion on a body. Ghosts have a poser of their own, which keeps what the moving body needs again."""

    def __init__(self, data: BodyData, poser: Poser, shaped: Shaped, motion: Prepared) -> None:
        self.data, self.shaped, self.motion = data, shaped, motion
        self._poser = poser
        self._other: Poser | None = None

    def posed(self, seconds: float, in_place: bool) -> Array:
        """(V, 3) float32."""
        return self._pose(self._poser, seconds, in_place)

    def mesh(self, seconds: float, in_place: bool) -> Mesh:
        """The body at a time."""
        return Mesh(self.posed(seconds, in_place), self.data.faces)

    def ghost(self, seconds: float, in_place: bool) -> Array:
        """As ``posed``."""
        self._other = self._other or Poser(self.data)
        return self._pose(self._other, seconds, in_place)

    def _pose(self, poser: Poser, seconds: float, in_place: bool) -> Array:
        pose, root = self.motion.at(seconds)
        place = _way(root[None], in_place)[0] - self.shaped.joints[0]
        return poser.pose(self.shaped, pose, place).verts


def _source(params: MotionParams) -> str:
    if params.clip != OWN:
        return CLIPS[params.clip]
    if not params.own:
        raise StudyError("There is no motion to play yet. Choose an .npz (AMASS) or .bvh file as “Own file”.")
    return params.own


def _way(root: Array, in_place: bool) -> Array:
    """(N, 3) places of the pelvis, over one spot of the floor if wanted."""
    return root * [0, 1, 0] if in_place else root


def _files(scene: _Scene, in_place: bool, gender: str) -> dict[str, Result]:
    """What can be saved of the whole clip; made once."""
    motion, rest = scene.motion, scene.shaped.joints[: len(JOINTS)]
    root = _way(motion.root, in_place)
    poses = so3.quaternion_log(motion.quaternions)
    mesh = Mesh(
        scene.shaped.verts,
        scene.data.faces,
        uvs=scene.data.uvs,
        materials=(_CLAY,),
        face_materials=np.zeros(len(scene.data.faces), np.int32),
    )
    animation = Animation(
        mesh,
        scene.data.joint_names,
        scene.data.parents,
        scene.shaped.joints,
        scene.data.weights,
        _all_joints(motion.quaternions, scene.data),
        root - rest[0],
        motion.fps,
    )
    saved = to_amass(
        poses,
        root - rest[0],
        motion.fps,
        leg_length(rest),
        betas=scene.shaped.betas,
        gender=gender,
        loops=float(motion.clip.loops),
    )
    return {"motion": Data(saved), "animation": animation}


def _all_joints(quaternions: Array, data: BodyData) -> Array:
    """(N, J, 4) for a model of any family: joints that SMPL has not stay at rest."""
    full = np.zeros((len(quaternions), len(data.parents), 4))
    full[..., 0] = 1.0
    for number, name in enumerate(JOINTS):
        if name in data.joint_names:
            full[:, data.joint_names.index(name)] = quaternions[:, number]
    return full


def _notes(params: MotionParams, clip: Clip) -> Iterator[Note]:
    if clip.seconds / params.speed > LONGEST:
        yield Note("warning", f"Only the first {LONGEST:.0f} seconds are shown.", "Raise the speed to see all of it.")
