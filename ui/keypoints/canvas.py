"""The photo with the joints of its people over it: dragged, placed and removed with the mouse and the keys."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter

from lab.keypoints.people import Person2D
from lab.scene import Array
from ui.keypoints.drawing import draw_label, draw_person, title
from ui.keypoints.editor import JointEditor, nearest
from ui.look.theme import ThemeManager
from ui.photos.canvas import PhotoCanvas

_REACH = 11.0  # widget pixels from a joint at which it is taken
_NUDGES = {
    int(Qt.Key.Key_Left): (-1.0, 0.0),
    int(Qt.Key.Key_Right): (1.0, 0.0),
    int(Qt.Key.Key_Up): (0.0, -1.0),
    int(Qt.Key.Key_Down): (0.0, 1.0),
}


class JointCanvas(PhotoCanvas):
    """Shows a photo and people. Left drag: move a joint; right click on one: remove it.

    While ``placing`` a click puts the next joint that is missing, whose name goes with the pointer.
    """

    pointed = Signal(str)
    """What is under the pointer, "" for nothing."""
    placingChanged = Signal(bool)

    def __init__(self, levels: tuple[Array, ...], editor: JointEditor, themes: ThemeManager) -> None:
        super().__init__(levels, themes)
        self.editor = editor
        self.selected = -1
        """The joint that the keys move, -1 for none."""
        self._asked = -1  # the joint that the next click places
        self._dragged = False
        self._hold = (0.0, 0.0)  # from the pointer to the joint that is dragged, pixels of the photo
        self._pointer: QPointF | None = None
        self._hover = (-1, -1)  # (person, joint)
        self._removable = False  # the right button went down on a joint
        self._shown = editor.chosen  # the person that was chosen when joints were looked at last
        self.setAccessibleName("Photo and joints")
        self.setAccessibleDescription(
            "Drag joints with the left mouse button. The wheel zooms, the right button moves the photo or removes a "
            "joint. Tab goes to the next joint, the arrow keys move it."
        )
        editor.changed.connect(self._on_changed)

    # --- placing ----------------------------------------------------------------------------------------------------

    @property
    def placing(self) -> bool:
        """Whether clicks place joints."""
        return self._asked >= 0

    @property
    def asked(self) -> int:
        """The joint that the next click places, -1 for none."""
        return self._asked

    def set_placing(self, on: bool) -> None:
        """Begin to place the joints that are missing, or end it."""
        self._ask(self.editor.missing() if on else -1)

    def skip(self) -> None:
        """Go on with the next joint that is missing."""
        if self.placing:
            self._ask(self.editor.missing(self._asked))

    def _ask(self, joint: int) -> None:
        before, self._asked = self.placing, joint
        if self.placing != before:
            self.placingChanged.emit(self.placing)
        self.show_cursor()
        self.update()

    def tool_cursor(self) -> Qt.CursorShape:
        if self.placing:
            return Qt.CursorShape.CrossCursor
        return Qt.CursorShape.PointingHandCursor if self._hover[1] >= 0 else Qt.CursorShape.ArrowCursor

    # --- mouse ------------------------------------------------------------------------------------------------------

    def pressed(self, at: QPointF, event: QMouseEvent) -> bool:
        person, joint = self._joint_at(at)
        if event.button() == Qt.MouseButton.RightButton:
            self._removable = joint >= 0 and person == self.editor.chosen
            return self._removable
        if event.button() != Qt.MouseButton.LeftButton:
            return False
        if self.placing:
            self._place(at)
        elif joint >= 0:
            self.editor.choose(person)
            self._grip(joint, at)
        else:
            self.selected = -1
            self.update()
        return True

    def _place(self, at: QPointF) -> None:
        joint, place = self._asked, self._inside(self.photo_place(at))
        self.editor.begin()
        self.editor.place(joint, place)
        self._grip(joint, at)
        self._ask(self.editor.missing(joint))

    def _grip(self, joint: int, at: QPointF) -> None:
        person = self.editor.person
        assert person is not None
        x, y = self.photo_place(at)
        self._hold = float(person.xy[joint, 0]) - x, float(person.xy[joint, 1]) - y
        self.selected, self._dragged = joint, True
        self.editor.begin()
        self.update()

    def moved(self, at: QPointF, event: QMouseEvent) -> None:
        self._pointer = at
        if self._dragged:
            self.editor.begin()  # an undo in the middle has ended the gesture
            x, y = self.photo_place(at)
            self.editor.place(self.selected, self._inside((x + self._hold[0], y + self._hold[1])))
        else:
            self._hover = self._joint_at(at)
            self.show_cursor()
        self._tell()
        self.update()

    def released(self, at: QPointF, event: QMouseEvent, *, panned: bool) -> None:
        if event.button() == Qt.MouseButton.RightButton and self._removable and not panned:
            person, joint = self._joint_at(at)
            if joint >= 0 and person == self.editor.chosen:
                self.editor.remove(joint)
        self._removable = False
        if event.button() == Qt.MouseButton.LeftButton:
            self._dragged = False
            self.editor.end()

    def leaveEvent(self, event: QEvent) -> None:
        self._pointer, self._hover = None, (-1, -1)
        self._tell()
        self.update()

    def _inside(self, place: tuple[float, float]) -> tuple[float, float]:
        """The place, or the nearest one in the photo."""
        width, height = self.photo_size
        return min(max(place[0], 0.0), float(width)), min(max(place[1], 0.0), float(height))

    def _joint_at(self, at: QPointF) -> tuple[int, int]:
        """(person, joint) under a place; the chosen person's first."""
        place, reach = self.photo_place(at), _REACH / self.placement.scale
        found = [(*nearest(person, place), number) for number, person in enumerate(self.editor.people)]
        found = [one for one in found if one[1] <= reach]
        if not found:
            return -1, -1
        joint, _, person = min(found, key=lambda one: (one[2] != self.editor.chosen, one[1]))
        return person, joint

    # --- keys -------------------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        nudge = _NUDGES.get(event.key())
        if nudge is not None:
            self._nudge(nudge, 10.0 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1.0)
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.remove_selected()
        elif event.key() == Qt.Key.Key_Escape and self.placing:
            self.set_placing(False)
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab goes through the joints, and then to the next widget."""
        person = self.editor.person
        seen = [] if person is None else [joint for joint, sure in enumerate(person.confidence) if sure > 0.0]
        later = [joint for joint in seen if (joint > self.selected if forward else joint < self.selected)]
        if not later or (self.selected < 0 and not forward):
            self.selected = -1
            self.update()
            return super().focusNextPrevChild(forward)
        self.selected = later[0] if forward else later[-1]
        self._tell()
        self.update()
        return True

    def remove_selected(self) -> None:
        """Remove the joint under the pointer, or the one that the keys move."""
        person, joint = self._hover
        self.editor.remove(joint if joint >= 0 and person == self.editor.chosen else self.selected)

    def _nudge(self, step: tuple[float, float], pixels: float) -> None:
        person = self.editor.person
        if person is not None and self.selected >= 0:
            x, y = person.xy[self.selected]
            self.editor.place(self.selected, self._inside((x + pixels * step[0], y + pixels * step[1])))

    # --- what is shown ----------------------------------------------------------------------------------------------

    def _on_changed(self) -> None:
        person, other = self.editor.person, self.editor.chosen != self._shown
        if other:
            self._shown, self.selected = self.editor.chosen, -1
        if person is None or (self.selected >= 0 and not self._seen(person, self.selected)):
            self.selected = -1
        self._dragged &= self.selected >= 0  # an undo may take away what is held
        if self._pointer is not None and not self._dragged:
            self._hover = self._joint_at(self._pointer)
        if self.placing and not self._dragged and (other or person is None or self._seen(person, self._asked)):
            self._ask(self.editor.missing())
        self._tell()
        self.update()

    @staticmethod
    def _seen(person: Person2D, joint: int) -> bool:
        return joint < len(person.names) and bool(person.confidence[joint] > 0.0)

    def _words(self) -> tuple[str, int, int]:
        """What is told of a joint, its person and its number: of the dragged one, that under the pointer, or the
        selected one."""
        number, joint = (
            self._hover if not self._dragged and self._hover[1] >= 0 else (self.editor.chosen, self.selected)
        )
        if number < 0 or joint < 0 or number >= len(self.editor.people):
            return "", -1, -1
        person = self.editor.people[number]
        if joint >= len(person.names):
            return "", -1, -1
        return f"{title(person.names[joint])}  {100 * person.confidence[joint]:.0f} %", number, joint

    def _tell(self) -> None:
        words, number, joint = self._words()
        if number >= 0:
            x, y = self.editor.people[number].xy[joint]
            words = f"{words}   x {x:.1f}  y {y:.1f}"
        self.pointed.emit(words)

    def draw_over(self, painter: QPainter, rect: QRect) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, person in enumerate(self.editor.people):
            if number != self.editor.chosen:
                draw_person(painter, person, self._points(person), chosen=False)
        chosen = self.editor.person
        if chosen is not None:
            draw_person(painter, chosen, self._points(chosen), chosen=True, marked=self.selected)
        words, number, joint = self._words()
        if self.placing and self._pointer is not None and chosen is not None and not self._dragged:
            draw_label(
                painter, self._pointer, f"Click: {title(chosen.names[self._asked]).lower()}", QRectF(self.rect())
            )
        elif words:
            person = self.editor.people[number]
            draw_label(painter, self._points(person)[joint], words, QRectF(self.rect()))

    def _points(self, person: Person2D) -> list[QPointF]:
        left, top, scale = self.placement.left, self.placement.top, self.placement.scale
        return [QPointF(left + scale * x, top + scale * y) for x, y in person.xy.tolist()]

    def fit_person(self) -> None:
        """Zoom to the chosen person."""
        person = self.editor.person
        if person is None or not person.confidence.any():
            return
        left, top, right, bottom = person.box.tolist()
        self.show_whole()
        room = 0.8 * min(self.width() / max(right - left, 1.0), self.height() / max(bottom - top, 1.0))
        x, y = self.placement.to_widget((left + right) / 2, (top + bottom) / 2)
        self._set(self.placement.zoomed(max(1.0, room / self.placement.scale), x, y))
        x, y = self.placement.to_widget((left + right) / 2, (top + bottom) / 2)
        self._set(self.placement.panned(math.floor(self.width() / 2 - x), math.floor(self.height() / 2 - y)))
