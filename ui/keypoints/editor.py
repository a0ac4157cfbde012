"""The people of a photo while their joints are set: which is chosen, and what can be undone. It knows no widgets."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, Signal

from lab.keypoints.people import Person2D, missing
from lab.scene import Array

_MOST_STEPS = 200

State = tuple[tuple[Person2D, ...], int]


class JointEditor(QObject):
    """People with joints, in the pixels of their photo. Every person is replaced, never changed."""

    changed = Signal()
    """The people, their joints, or which of them is chosen are others."""

    def __init__(self, people: Sequence[Person2D] = (), chosen: int = 0) -> None:
        super().__init__()
        self._state: State = (tuple(people), min(chosen, len(people) - 1))
        self._first = self._state[0]
        self._undo: list[State] = []
        self._redo: list[State] = []
        self._gesture: State | None = None  # before it

    @property
    def people(self) -> tuple[Person2D, ...]:
        return self._state[0]

    @property
    def chosen(self) -> int:
        """The number of the person that is changed, -1 for none."""
        return self._state[1]

    @property
    def person(self) -> Person2D | None:
        """The person that is changed."""
        return self.people[self.chosen] if self.chosen >= 0 else None

    @property
    def can_undo(self) -> bool:
        return bool(self._undo) or (self._gesture is not None and self._gesture[0] != self._state[0])

    @property
    def can_redo(self) -> bool:
        return bool(self._redo)

    @property
    def modified(self) -> bool:
        """Whether the people are others than at the beginning."""
        return self.people != self._first

    def choose(self, number: int) -> None:
        """Change another person; no step of its own."""
        if 0 <= number < len(self.people) and number != self.chosen:
            self._state = (self.people, number)
            self.changed.emit()

    # --- joints of the chosen person --------------------------------------------------------------------------------

    def missing(self, after: int = -1) -> int:
        """The first joint after the joint ``after`` that is not placed, going round; -1 when all are."""
        if self.person is None:
            return -1
        free = np.flatnonzero(self.person.confidence <= 0.0)
        if not len(free):
            return -1
        later = free[free > after]
        return int(later[0] if len(later) else free[0])

    def place(self, joint: int, at: tuple[float, float]) -> None:
        """Put a joint at (x, y); it is certain now."""
        self._set_joint(joint, at, 1.0)

    def remove(self, joint: int) -> None:
        """The joint is not seen."""
        person = self.person
        if person is not None and person.confidence[joint] > 0.0:
            self._set_joint(joint, (float(person.xy[joint, 0]), float(person.xy[joint, 1])), 0.0)

    def _set_joint(self, joint: int, at: tuple[float, float], confidence: float) -> None:
        person = self.person
        if person is None:
            return
        xy, sure = person.xy.copy(), person.confidence.copy()
        xy[joint], sure[joint] = at, confidence
        self._set_person(Person2D(xy, sure, person.names))

    def begin(self) -> None:
        """A gesture begins: all changes until ``end`` are one step."""
        if self._gesture is None:
            self._gesture = self._state

    def end(self) -> None:
        """The gesture has ended."""
        before, self._gesture = self._gesture, None
        if before is not None and before[0] != self._state[0]:
            self._keep(before)
            self.changed.emit()

    def swap_sides(self) -> None:
        """What was the left side becomes the right one."""
        person = self.person
        if person is not None:
            order = [person.names.index(_other_side(name, person.names)) for name in person.names]
            self._set_person(Person2D(person.xy[order], person.confidence[order], person.names))

    def clear(self) -> None:
        """No joint of the person is placed."""
        if self.person is not None and self.person.confidence.any():
            self._set_person(missing(self.person.names))

    def _set_person(self, person: Person2D) -> None:
        people = list(self.people)
        people[self.chosen] = person
        self._set(tuple(people), self.chosen)

    # --- people -----------------------------------------------------------------------------------------------------

    def set_people(self, people: Sequence[Person2D]) -> None:
        """Other people; the first is chosen."""
        self._set(tuple(people), 0 if people else -1)

    def add(self, names: Sequence[str]) -> None:
        """A person without joints, who is chosen."""
        self._set((*self.people, missing(names)), len(self.people))

    def drop(self) -> None:
        """Remove the person."""
        if self.person is not None:
            left = (*self.people[: self.chosen], *self.people[self.chosen + 1 :])
            self._set(left, min(self.chosen, len(left) - 1))

    # --- and back ---------------------------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take the last step back."""
        self.end()
        self._go(self._undo, self._redo)

    def redo(self) -> None:
        """Make it again."""
        self.end()
        self._go(self._redo, self._undo)

    def _go(self, source: list[State], other: list[State]) -> None:
        if source:
            other.append(self._state)
            self._state = source.pop()
            self.changed.emit()

    def _set(self, people: tuple[Person2D, ...], chosen: int) -> None:
        if self._gesture is None:
            self._keep(self._state)
        self._state = (people, chosen)
        self.changed.emit()

    def _keep(self, before: State) -> None:
        self._undo = [*self._undo[1 - _MOST_STEPS :], before]
        self._redo.clear()


def _other_side(name: str, names: Sequence[str]) -> str:
    """The joint of the other side; itself where there is none."""
    swapped = name.replace("left", "right") if "left" in name else name.replace("right", "left")
    return swapped if swapped in names else name


def nearest(person: Person2D, at: tuple[float, float]) -> tuple[int, float]:
    """The joint that is placed nearest to (x, y), and how far it is, pixels of the photo; (-1, inf) for none."""
    seen: Array = np.flatnonzero(person.confidence > 0.0)
    if not len(seen):
        return -1, float("inf")
    apart = np.linalg.norm(person.xy[seen] - at, axis=1)
    best = int(apart.argmin())
    return int(seen[best]), float(apart[best])
