"""The study "Shape and pose": answers while the mouse moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np

from lab.body.data import BodyData
from lab.body.files.base import BodyFileError
from lab.body.library import load_body
from lab.body.posing import Shaped
from lab.body.record import BodyPose
from lab.body.studio.actions import act
from lab.body.studio.drawing import shape_table, table, view
from lab.body.studio.figure import Figure, Stance
from lab.body.studio.hand import Hand, Lift, State
from lab.body.studio.words import figures
from lab.chapters.body.body import FIT, FULL, OWN, BodyParams
from lab.formats.base import FormatError
from lab.scene import Array
from lab.studies.kept import Kept
from lab.study import Board, Content, Note, Result, StudyContext, StudyError

_MISSED: Final = 0.005  # metres: a wanted measurement that is further off is told


class BodyStudy:
    """One body: shaped, posed, pulled, measured and mirrored."""

    def __init__(self) -> None:
        self._kept = Kept()
        self._hand = Hand()

    def boards(self, params: BodyParams, ctx: StudyContext) -> Iterator[Board]:
        """One board. Raises StudyError where a model cannot be read, or a button has nothing to do."""
        try:
            yield self._board(params, ctx)
        except (BodyFileError, FormatError) as error:
            raise StudyError(str(error)) from error

    def _board(self, params: BodyParams, ctx: StudyContext) -> Board:
        figure = self._figure(params)
        shaped = figure.shape(params.betas)
        state = self._hand.state(params, ctx.changed, figure.chain(shaped), self._lift(params, figure, shaped))
        values: dict[str, Any] = {}
        if ctx.action:
            values = act(ctx.action, params, state, figure, ctx)
            shaped = figure.shape(values.get("betas", params.betas))
            pose = np.array(values.get("pose", state.pose)).reshape(-1, 3)
            state = State(pose, np.array(values.get("transl", state.transl)))
        stance = figure.stand(shaped, state, correctives=params.correctives, grounded=params.grounded)
        values = {**values, **self._hand.answered(stance.state, params)}
        shown = replace(params, **{name: value for name, value in values.items() if name == "betas"})
        return Board(
            self._panes(shown, figure, shaped, stance),
            figures(shown.betas, figure.measures(shaped), stance),
            self._results(shown, figure, stance),
            tuple(self._notes(params, ctx, figure, shaped)),
            values,
            status=f"{figure.data.name}, {len(stance.mesh.verts):,} vertices",
        )

    def _figure(self, params: BodyParams) -> Figure:
        if params.model == OWN and not params.own:
            raise StudyError("Own file: choose a SMPL model, .pkl or .npz, or one of the lab's own bodies.")
        bundled = f"{params.model}_full" if params.detail == FULL else params.model
        data: BodyData = load_body(params.own if params.model == OWN else bundled)
        figure: Figure = self._kept.get("figure", (data,), lambda: Figure(data))
        return figure

    @staticmethod
    def _lift(params: BodyParams, figure: Figure, shaped: Shaped) -> Lift:
        def lift(pose: Array) -> float:
            return figure.lift(shaped, pose, correctives=params.correctives) if params.grounded else 0.0

        return lift

    def _panes(self, params: BodyParams, figure: Figure, shaped: Shaped, stance: Stance) -> dict[str, Content]:
        ghost = figure.ghost(shaped, stance.transl) if params.ghost else None
        panes: dict[str, Content] = {"body": view(params, stance, ghost)}
        if params.side:
            panes["second"] = view(replace(params, rings=False), stance, ghost)
        if params.table:
            panes["table"] = table(params, stance)
            panes["shape"] = shape_table(params.betas, figure.data.beta_words)
        return panes

    def _results(self, params: BodyParams, figure: Figure, stance: Stance) -> dict[str, Result]:
        """The mesh as it stands, and its numbers."""
        name = params.own if params.model == OWN else params.model
        betas = np.array(params.betas[: figure.betas])
        record = BodyPose(name, betas, stance.state.pose, stance.transl)
        return {"mesh": stance.mesh, "pose": record.to_data()}

    def _notes(self, params: BodyParams, ctx: StudyContext, figure: Figure, shaped: Shaped) -> Iterator[Note]:
        if ctx.action == FIT:
            sizes = figure.measures(shaped)
            missed = [
                f"{name.removesuffix('_length')} {100 * sizes[name]:.1f} cm"
                for name in sizes
                if getattr(params, name, 0.0) > 0 and abs(sizes[name] - getattr(params, name) / 100) > _MISSED
            ]
            if missed:
                text = f"No body of this model meets all of these measurements. The nearest: {', '.join(missed)}."
                yield Note("warning", text, "Set some of them to 0, so that they are free.")
        if any(params.betas[figure.betas :]):
            yield Note("info", f"This model has {figure.betas} betas; the others do nothing.")
