"""The study "Skinning from the ground": answers while the mouse moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from lab.body.data import BodyData
from lab.body.files.base import BodyFileError
from lab.body.library import load_body
from lab.body.skinning import words
from lab.body.skinning.colours import Colours, Paint
from lab.body.skinning.cylinder import cylinder
from lab.body.skinning.dabs import Brush, Dab, DabsError, parse, write
from lab.body.skinning.drawing import Scene, view
from lab.body.skinning.painting import Painting
from lab.body.skinning.profile import Slices
from lab.body.skinning.stages import Asked, Stage, Stages, frozen
from lab.body.skinning.stroke import Painted, Strokes, clicked
from lab.chapters.body.skinning import BODY, CYLINDER, DUAL, LINEAR, ORIGINAL, UNDO, SkinningParams
from lab.formats.base import FormatError
from lab.scene import Array, Mesh
from lab.studies.kept import Kept
from lab.study import Board, Content, Data, Note, Plot, Result, StudyContext, StudyError, Text, View3D

_CM: Final = 100.0


@dataclass(frozen=True, eq=False)
class _Model:
    """What belongs to one object. lift: (3,) metres, from the model's frame to a template that stands on the floor."""

    data: BodyData
    stages: Stages
    painting: Painting
    lift: Array


class SkinningStudy:
    """Weights, four steps, two ways of blending, and a brush."""

    def __init__(self) -> None:
        self._kept = Kept()
        self._colours = Colours()
        self._strokes = Strokes()

    def boards(self, params: SkinningParams, ctx: StudyContext) -> Iterator[Board]:
        """One board. Raises StudyError where a model cannot be read, a dab is none, or a button has nothing to do."""
        try:
            yield self._board(params, ctx)
        except (BodyFileError, FormatError, DabsError) as error:
            raise StudyError(str(error)) from error

    def _board(self, params: SkinningParams, ctx: StudyContext) -> Board:
        model = self._model(params)
        values, full = self._answer(params, model, ctx.action)
        shown = replace(params, **values)
        stage = self._stage(shown, model)
        vertex = self._vertex(shown, model, _joint(shown, model))
        return Board(
            self._panes(shown, model, stage, vertex),
            self._figures(shown, model, stage, vertex),
            self._results(shown, model, stage),
            tuple(_notes(shown, model, full)),
            values,
            spans={"vertex": (-1.0, float(len(stage.verts) - 1))},
            status=f"{model.data.name}, {len(stage.verts):,} vertices",
        )

    # --- what is asked about ------------------------------------------------------------------------------------------

    def _model(self, params: SkinningParams) -> _Model:
        """The object; that of the last question if it is the same."""
        if params.object == CYLINDER:
            data = self._kept.get("cylinder", (params.softness,), lambda: cylinder(params.softness))
        else:
            data = load_body(params.model)
        model: _Model = self._kept.get(f"model {params.object}", (data,), lambda: _made(data, params.object))
        return model

    def _stage(self, params: SkinningParams, model: _Model) -> Stage:
        pose = params.pose if params.object == BODY else params.turn
        betas = params.betas if params.object == BODY else ()
        asked = Asked(params.step, betas, np.array(pose).reshape(-1, 3), params.correctives, params.skinning)
        return model.stages.at(asked, model.painting.weights(_own(params)))

    def _offsets(self, stage: Stage) -> words.Offsets:
        most: words.Offsets = self._kept.get("offsets", (stage,), lambda: words.offsets(stage))
        return most

    @staticmethod
    def _vertex(params: SkinningParams, model: _Model, joint: int) -> int:
        """The vertex that is written out: the chosen one, or the one that joint and parent share most evenly."""
        if 0 <= params.vertex < len(model.data.v_template):
            return params.vertex
        weights, parent = model.data.weights, int(model.data.parents[joint])
        others = weights[:, parent] if parent >= 0 else np.delete(weights, joint, axis=1).max(axis=1, initial=0.0)
        return int((weights[:, joint] * others).argmax())

    def _answer(self, params: SkinningParams, model: _Model, action: str) -> tuple[dict[str, Any], bool]:
        """What a button, a click or a stroke changes, and whether there is no room for more dabs."""
        if action:
            return _acted(action, params), False
        stage = self._stage(params, model)
        brush = _brush(params)
        if params.picked >= 0:
            vertex = min(params.picked, len(stage.verts) - 1)
            if not params.paint:
                return {"picked": -1, "vertex": vertex, **_main_joint(params, model, stage, vertex)}, False
            painted = clicked(params.dabs, brush, model.data.v_template[vertex])
            return {"picked": -1, "vertex": vertex, "stroke": 0.0, "dabs": painted.dabs}, painted.full
        start = stage.verts[self._vertex(params, model, _joint(params, model))] + model.lift
        painted = self._strokes.paint(params, brush, start, lambda place: _seen(stage, model, place))
        return _painted(painted, params), painted.full

    # --- what is shown ------------------------------------------------------------------------------------------------

    def _panes(self, params: SkinningParams, model: _Model, stage: Stage, vertex: int) -> dict[str, Content]:
        joint, names = _joint(params, model), model.data.joint_names
        paint = self._colours.paint(params, stage, joint, names[joint])
        mesh = self._mesh("now", stage.verts, stage.normals, paint, model)
        scene = Scene(params, stage, mesh, paint, names, model.data.parents, model.lift, joint, vertex)
        found = words.Vertex.of(stage, vertex)
        panes: dict[str, Content] = {
            "body": view(scene),
            "vertex": words.vertex_table(stage, found, names, params.skinning, joint, float(model.lift[1])),
            "steps": Text(words.steps(stage, self._offsets(stage), found, params.skinning)),
        }
        if params.rest:
            before = self._mesh("before", stage.before, None, paint, model)
            panes["rest"] = View3D({"skin": before}, {"skin": paint.style})
        if params.profile:
            panes["profile"] = self._profile(params, model, stage)
        return panes

    def _mesh(self, name: str, verts: Array, normals: Array | None, paint: Paint, model: _Model) -> Mesh:
        return Mesh(
            self._lifted(name, verts, model), model.stages.faces, normals, colors=paint.colors, scalars=paint.scalars
        )

    def _lifted(self, name: str, verts: Array, model: _Model) -> Array:
        """Vertices in the world."""
        lifted: Array = self._kept.get(
            f"lifted {name}", (verts, model), lambda: frozen(verts + model.lift.astype(np.float32))
        )
        return lifted

    def _profile(self, params: SkinningParams, model: _Model, stage: Stage) -> Plot:
        """Thickness at rest, and of either way of blending."""
        rest, ways = self._thickness(params, model, stage)
        at = _CM * self._slices(params, model, stage).at
        curves = {name: (at, _CM * values) for name, values in {"at rest": rest, **ways}.items()}
        name = model.data.joint_names[_joint(params, model)].replace("_", " ")
        return Plot(curves, f"cm along the bones, from the {name}", "thickness, cm")

    def _slices(self, params: SkinningParams, model: _Model, stage: Stage) -> Slices:
        joint = _joint(params, model)
        key = (stage.rest, stage.shape_joints.tobytes(), joint)
        slices: Slices = self._kept.get(
            "slices", key, lambda: Slices(model.data, stage.rest, stage.shape_joints, joint)
        )
        return slices

    def _thickness(self, params: SkinningParams, model: _Model, stage: Stage) -> tuple[Array, dict[str, Array]]:
        """Of the slices, metres: of the shaped body at rest, and after skinning by each of the two ways."""
        slices = self._slices(params, model, stage)

        def make() -> tuple[Array, dict[str, Array]]:
            before, weights = stage.before[slices.rows], stage.weights[slices.rows]
            ways = {
                way: slices.thickness(model.stages.skinned(before, stage.motions, weights, way))
                for way in (LINEAR, DUAL)
            }
            return slices.thickness(stage.rest[slices.rows]), ways

        found: tuple[Array, dict[str, Array]] = self._kept.get(
            "thickness", (slices, stage.before, stage.motions.tobytes(), stage.weights), make
        )
        return found

    def _figures(
        self, params: SkinningParams, model: _Model, stage: Stage, vertex: int
    ) -> dict[str, float | str | bool]:
        most = self._offsets(stage)
        found = words.Vertex.of(stage, vertex)
        faces = model.stages.faces
        rest = self._kept.get("volume at rest", (stage.rest, faces), lambda: words.volume(stage.rest, faces))
        now = self._kept.get("volume", (stage.verts, faces), lambda: words.volume(stage.verts, faces))
        figures: dict[str, float | str | bool] = {
            "Largest shape offset": f"{1000 * most.shape:.1f} mm",
            "Largest pose corrective": f"{1000 * most.pose:.1f} mm",
            "Largest way of skinning": f"{1000 * most.skin:.1f} mm",
            "Volume": f"{100 * now / rest:.1f} %",
            "Thinnest slice": self._thinnest(params, model, stage),
        }
        if params.skinning == DUAL:
            figures["Length of the blend"] = round(words.blend_length(stage, found), 4)
        return {**figures, "Vertex": vertex, "Held by": len(found.joints), "Dabs": len(_own(params))}

    def _thinnest(self, params: SkinningParams, model: _Model, stage: Stage) -> str:
        rest, ways = self._thickness(params, model, stage)
        shares = ways[params.skinning] / rest
        return f"{100 * np.nanmin(shares):.1f} %" if np.isfinite(shares).any() else "no slices"

    def _results(self, params: SkinningParams, model: _Model, stage: Stage) -> dict[str, Result]:
        """The surface as it is seen, and the weights with the names of their columns."""
        mesh = Mesh(self._lifted("now", stage.verts, model), model.stages.faces, stage.normals)
        weights: dict[str, Array | float | str] = {
            "weights": stage.weights,
            "joint_names": np.array(model.data.joint_names),
            "dabs": write(_own(params)),
        }
        return {"mesh": mesh, "weights": Data(weights)}


# --- small parts ------------------------------------------------------------------------------------------------------


def _made(data: BodyData, name: str) -> _Model:
    floor = float(data.v_template[:, 1].min()) if name == BODY else 0.0
    return _Model(data, Stages(data), Painting(data), np.array([0.0, -floor, 0.0]))


def _joint(params: SkinningParams, model: _Model) -> int:
    return model.data.joint_names.index(params.joint if params.object == BODY else params.bone)


def _own(params: SkinningParams) -> tuple[Dab, ...]:
    """The dabs that were painted on this object."""
    return tuple(dab for dab in parse(params.dabs) if dab.brush.object == params.object)


def _brush(params: SkinningParams) -> Brush:
    joint = params.joint if params.object == BODY else params.bone
    return Brush(
        params.object, joint, params.brush, params.reach, round(1000 * params.radius), round(params.strength, 3)
    )


def _main_joint(params: SkinningParams, model: _Model, stage: Stage, vertex: int) -> dict[str, Any]:
    """The joint that holds a vertex most, as the form names it."""
    name = model.data.joint_names[int(stage.weights[vertex].argmax())]
    return {"joint" if params.object == BODY else "bone": name}


def _seen(stage: Stage, model: _Model, place: Array) -> tuple[int, Array]:
    vertex = int(np.square(stage.verts - (place - model.lift).astype(np.float32)).sum(axis=1).argmin())
    return vertex, model.data.v_template[vertex]


def _painted(painted: Painted, params: SkinningParams) -> dict[str, Any]:
    """What a stroke changes in the form."""
    changed: dict[str, Any] = {} if painted.vertex is None else {"vertex": painted.vertex}
    if painted.dabs != params.dabs:
        changed["dabs"] = painted.dabs
    return changed


def _acted(action: str, params: SkinningParams) -> dict[str, Any]:
    """What a button changes. Raises StudyError where there are no dabs."""
    if action not in (UNDO, ORIGINAL):
        raise StudyError(f"unknown action {action!r}; known are {UNDO} and {ORIGINAL}")
    dabs, own = parse(params.dabs), _own(params)
    if not own:
        raise StudyError("There are no dabs on this object. Switch on Paint weights, and click the skin.")
    last = max(index for index, dab in enumerate(dabs) if dab.brush.object == params.object)
    left = [dab for index, dab in enumerate(dabs) if index != last]
    if action == ORIGINAL:
        left = [dab for dab in dabs if dab.brush.object != params.object]
    return {"dabs": write(left), "stroke": 0.0, "picked": -1}


def _notes(params: SkinningParams, model: _Model, full: bool) -> Iterator[Note]:
    count = len(model.data.v_template)
    if full:
        yield Note("warning", "There is no room for more dabs.", "Take some back, or use a larger radius.")
    if params.vertex >= count:
        yield Note("info", f"Vertex {params.vertex} is not there: this object has {count:,}. Another one is shown.")
    if params.object == CYLINDER and params.colours == "pose correctives":
        yield Note("info", "The cylinder has no pose correctives: nothing is added to its template.")
    if params.paint and params.step <= 2.0:
        yield Note("info", "Before step 3 nothing is skinned: what you paint moves nothing yet.")
