"""The selected object's motion in numbers: what the gizmo does with the mouse, typed."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from lab.render.camera import Vector
from lab.scene import Array
from ui.scene.fields import NumberField
from ui.scene.model import SceneModel
from ui.scene.motion import Motion, turn_xyz
from ui.scene.mover import Mover


class TransformForm(QWidget):
    """Move in metres, turn in degrees about the world's x, then y, then z, and scale, all about the object's middle.

    What is typed is shown at once, and done with Apply; the numbers are relative to where the object stands.
    """

    def __init__(self, scene: SceneModel, mover: Mover, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene = scene
        self._mover = mover
        self._filling = True
        self._path: str | None = None
        self.moves = tuple(self._number(f"Move along {axis}, metres", 0.1, 4) for axis in "xyz")
        self.turns = tuple(self._number(f"Turn about {axis}, degrees", 5.0, 2) for axis in "xyz")
        self.scale = self._number("Scale", 0.1, 4)
        self.scale.setRange(0.0001, 10_000)
        self.apply = QPushButton("Apply")
        self.reset = QPushButton("Reset")
        self.apply.clicked.connect(self._apply)
        self.reset.clicked.connect(self._reset)
        self._build()
        scene.selectionChanged.connect(lambda _: self._on_selected())
        scene.removed.connect(lambda _: self._on_selected())
        scene.added.connect(lambda _: self._on_selected())
        mover.progressed.connect(lambda *_: self._enable())
        self._on_selected()

    def _build(self) -> None:
        title = QLabel("Transform")
        title.setProperty("role", "section")
        self._hint = QLabel("What a run shows stands where the run puts it.")
        self._hint.setProperty("role", "muted")
        self._hint.setWordWrap(True)
        self._numbers = QWidget()
        grid = QGridLayout(self._numbers)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(4)
        rows = (("Move", "m", self.moves), ("Turn", "°", self.turns), ("Scale", "×", (self.scale,)))
        for row, (name, unit, boxes) in enumerate(rows):
            for column, word in ((0, name), (4, unit)):
                label = QLabel(word)
                label.setProperty("role", "muted")
                grid.addWidget(label, row, column)
            for column, box in enumerate(boxes, 1):
                grid.addWidget(box, row, column)
        for column in (1, 2, 3):
            grid.setColumnStretch(column, 1)
        buttons = QHBoxLayout()
        buttons.addWidget(self.apply)
        buttons.addWidget(self.reset)
        buttons.addStretch(1)
        grid.addLayout(buttons, len(rows), 1, 1, 4)
        column_of_all = QVBoxLayout(self)
        column_of_all.setContentsMargins(0, 8, 0, 0)
        column_of_all.setSpacing(6)
        for widget in (title, self._hint, self._numbers):
            column_of_all.addWidget(widget)

    def _number(self, name: str, step: float, decimals: int) -> NumberField:
        box = NumberField(name, step, decimals)
        box.valueChanged.connect(self._on_typed)
        return box

    # --- numbers ------------------------------------------------------------------------------------------------------

    def motion(self) -> Motion:
        """What the numbers say, about the middle of the selected object."""
        middle = self._mover.middle(self._path) if self._path is not None else None
        pivot = (0.0, 0.0, 0.0) if middle is None else (float(middle[0]), float(middle[1]), float(middle[2]))
        turns = _three(self.turns)
        rotation = turn_xyz(turns) if any(turns) else np.eye(3)
        return Motion(pivot, _three(self.moves), rotation, self.scale.value())

    def show_motion(self, motion: Motion | None) -> None:
        """The numbers of a motion that the gizmo makes; None: it is over."""
        shift = (0.0, 0.0, 0.0) if motion is None else motion.shift
        turns = (0.0, 0.0, 0.0) if motion is None else xyz_of(motion.rotation)
        self._filling = True
        for box, value in zip((*self.moves, *self.turns), (*shift, *turns), strict=True):
            box.setValue(value)
        self.scale.setValue(1.0 if motion is None else motion.factor)
        self._filling = False
        self._enable()

    def _on_typed(self) -> None:
        if self._filling:
            return
        self._enable()
        if self._path is None:
            return
        motion = self.motion()
        if motion.is_identity:
            self._mover.cancel(self._path)
        else:
            self._mover.preview(self._path, motion)

    def _apply(self) -> None:
        if self._path is not None:
            motion, path = self.motion(), self._path
            self.show_motion(None)
            self._mover.apply(path, motion)

    def _reset(self) -> None:
        self.show_motion(None)
        if self._path is not None:
            self._mover.cancel(self._path)

    # --- which object -------------------------------------------------------------------------------------------------

    def _on_selected(self) -> None:
        selected = self._scene.selected
        path = selected if self._mover.movable(selected) is not None else None
        if path != self._path:
            if self._path is not None and not self._mover.busy:
                self._mover.cancel(self._path)
            self._path = path
            self.show_motion(None)
        run = selected is not None and self._scene.entry(selected).owner == "run"
        self.setVisible(path is not None or run)
        self._hint.setVisible(run)
        self._numbers.setVisible(path is not None)
        self._enable()

    def _enable(self) -> None:
        changed = not self.motion().is_identity
        self._numbers.setEnabled(not self._mover.busy)
        self.apply.setEnabled(changed)
        self.reset.setEnabled(changed)


def xyz_of(rotation: Array) -> Vector:
    """The angles in degrees of ``turn_xyz`` that make a rotation (3, 3); in gimbal lock the one about x is 0."""
    sine = float(np.clip(-rotation[2, 0], -1.0, 1.0))
    if abs(sine) > 1 - 1e-12:
        angles = (0.0, math.asin(sine), math.atan2(-rotation[0, 1], rotation[1, 1]))
    else:
        x = math.atan2(rotation[2, 1], rotation[2, 2])
        angles = (x, math.asin(sine), math.atan2(rotation[1, 0], rotation[0, 0]))
    return math.degrees(angles[0]), math.degrees(angles[1]), math.degrees(angles[2])


def _three(boxes: tuple[NumberField, ...]) -> Vector:
    x, y, z = (box.value() for box in boxes)
    return x, y, z
