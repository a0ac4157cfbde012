"""The row of a parameter that is many numbers: a line for each, or for those of the page that another row names."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QSizePolicy, QWidget

from lab.params import Param
from ui.forms.controls import NumberBox, ValueSlider
from ui.forms.number_scale import Scale, limits
from ui.forms.row import Row, RowLabel, plain_words
from ui.look.theme import ThemeManager

_LABEL_WIDTH = 112  # px, at most
_DEGREE = 180 / math.pi
_DECIMALS = 2  # of a degree


class NumberLine(QWidget):
    """One of the numbers: its name, a slider and a field, all in the unit that the person sees."""

    edited = Signal(float)
    """A new number, in the person's unit."""
    problem = Signal(str)
    """What is wrong with what is typed; "" when nothing is."""
    released = Signal()
    """The slider was let go of."""
    resetWanted = Signal()

    def __init__(self, seen: Param, themes: ThemeManager) -> None:
        super().__init__()
        self._scale = Scale.of(seen)
        self._shown = math.nan
        self.label = RowLabel()
        self.label.doubleClicked.connect(self.resetWanted)
        self.slider = ValueSlider(self._scale, seen.default, lambda: themes.theme.accent, themes)
        self.slider.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.box = NumberBox(self._scale, seen.default, seen.check)
        self.label.setBuddy(self.box)
        self.slider.edited.connect(self.edited)
        self.slider.sliderReleased.connect(self.released)
        self.box.edited.connect(self.edited)
        self.box.problem.connect(self.problem)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.label)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self.box)

    def set_title(self, name: str, title: str, default: float, width: int) -> None:
        """Stand for another number: what it is called here, and in full; its default; the width of the names."""
        self.label.setFixedWidth(width)
        self.label.setText(self.label.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, width))
        self.slider.set_scale(self._scale, default)
        for editor in (self.slider, self.box):
            editor.setAccessibleName(title)

    def show_number(self, number: float) -> None:
        """Show a number; the same one again costs nothing, unless another one is being typed."""
        if number != self._shown or number != self.box.number:
            self._shown = number
            self.slider.set_number(number)
            self.box.set_number(number)

    def take_back(self, number: float) -> None:
        """Show a number in place of whatever stands there."""
        self._shown = math.nan
        self.show_number(number)


class NumbersRow(Row):
    """A tuple of numbers. Only the lines of the page that is shown exist, so that 72 numbers cost as few as 3."""

    def __init__(self, param: Param, themes: ThemeManager) -> None:
        if param.pages and len(param.pages) * len(param.names) != len(param.default):
            raise ValueError(f"{param.name}: {len(param.default)} numbers are not {len(param.pages)} pages of names")
        super().__init__(param, themes)
        self.page = 0
        """The number of the page that is shown."""
        self._edited = param.label
        self._factor = _DEGREE if param.degrees else 1.0
        seen = self._as_seen()
        self.lines = tuple(
            NumberLine(seen, themes) for _ in range(len(param.names) if param.pages else len(param.default))
        )
        self._page_words = QLabel()
        self._page_words.setProperty("role", "muted")
        if seen.unit:
            unit = QLabel(seen.unit)
            unit.setProperty("role", "muted")
            self.line.addWidget(unit)
        self.line.addStretch(1)
        self.line.addWidget(self._page_words)
        self.label.doubleClicked.disconnect(self.reset)
        self.label.doubleClicked.connect(self.reset_page)
        for index, line in enumerate(self.lines):
            line.edited.connect(lambda number, i=index: self._take(i, number))
            line.problem.connect(self.show_problem)
            line.released.connect(self.released)
            line.resetWanted.connect(lambda i=index: self.reset_one(i))
            self.body.addWidget(line)
        self.finish()
        self._name_lines()

    def _as_seen(self) -> Param:
        """One of the numbers, as the person sees it."""
        param = self.param
        low, high = map(self._to_person, limits(param))
        unit = "°" if param.degrees else param.unit
        return replace(param, kind="number", default=0.0, minimum=low, maximum=high, unit=unit)

    # --- pages --------------------------------------------------------------------------------------------------------

    def show_page(self, title: str) -> None:
        """Show the numbers of a page; a word that is no page's hides them all."""
        page = self.param.pages.index(title) if title in self.param.pages else -1
        if page != self.page:
            self.page = page
            self._name_lines()
            self.show_problem("")
            self.show_value()

    def title_of(self, index: int) -> str:
        """What a number of the page is called in full, as in "Left elbow x"."""
        name = self.param.names[index] if index < len(self.param.names) else str(index + 1)
        if self.param.pages:
            return f"{plain_words(self.param.pages[self.page])} {name}"
        return name if self.param.names else f"{self.param.label} {name}"

    def _name_lines(self) -> None:
        shown = self.page >= 0
        for line in self.lines:
            line.setVisible(shown)
        self._page_words.setText(plain_words(self.param.pages[self.page]) if self.param.pages and shown else "")
        if not shown:
            return
        names = [self.param.names[i] if self.param.names else str(i + 1) for i in range(len(self.lines))]
        metrics = self.label.fontMetrics()
        width = min(_LABEL_WIDTH, max(map(metrics.horizontalAdvance, names)) + 2)
        for index, line in enumerate(self.lines):
            title = self.title_of(index)
            line.set_title(names[index], title, self._to_person(self.param.default[self._place(index)]), width)
            for widget in (line.label, line.slider, line.box):
                widget.setToolTip(f"<p><b>{title}</b></p>{self._tip()}")

    def _place(self, index: int) -> int:
        """Where a number of the page stands among all."""
        return self.page * len(self.lines) + index if self.param.pages else index

    # --- values -------------------------------------------------------------------------------------------------------

    def show_value(self) -> None:
        if self.page >= 0:
            for index, line in enumerate(self.lines):
                line.show_number(self._to_person(self._value[self._place(index)]))

    @property
    def edited(self) -> str:
        return self._edited

    @property
    def held(self) -> bool:
        return any(line.slider.isSliderDown() for line in self.lines)

    def _take(self, index: int, number: float) -> None:
        """A number that the person chose, in their unit."""
        low, high = limits(self.param)
        self._edited = self.title_of(index)
        self._put(self._place(index), (min(max(number / self._factor, low), high),))

    def _put(self, start: int, numbers: tuple[float, ...]) -> None:
        self.edit((*self._value[:start], *numbers, *self._value[start + len(numbers) :]))

    def reset_one(self, index: int) -> None:
        """A number of the page back to its default."""
        if not self._locked:
            self._edited = self.title_of(index)
            place = self._place(index)
            self._put(place, self.param.default[place : place + 1])
            self.lines[index].take_back(self._to_person(self._value[place]))

    def reset_page(self) -> None:
        """The page back to its defaults; all numbers where there are no pages."""
        if not self.param.pages:
            self.reset()
        elif not self._locked and self.page >= 0:
            self._edited = plain_words(self.param.pages[self.page])
            start = self._place(0)
            self._put(start, self.param.default[start : start + len(self.lines)])

    def reset(self) -> None:
        self._edited = self.param.label
        super().reset()

    def _to_person(self, number: float) -> float:
        return round(number * self._factor, _DECIMALS) if self.param.degrees else number

    # --- looks --------------------------------------------------------------------------------------------------------

    def editors(self) -> tuple[QWidget, ...]:
        return tuple(editor for line in self.lines for editor in (line.box, line.slider))

    def _tip(self) -> str:
        low, high = (f"{self._to_person(value):g}" for value in limits(self.param))
        unit = "°" if self.param.degrees else f" {self.param.unit}" if self.param.unit else ""
        return f"<p>{self.param.doc}</p><p>From {low} to {high}{unit}.</p>{self._when_to_change()}"

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        under = next((i for i, line in enumerate(self.lines) if line.geometry().contains(event.pos())), None)
        menu = self.reset_menu(under)
        menu.exec(event.globalPos())
        menu.deleteLater()

    def reset_menu(self, index: int | None) -> QMenu:
        """What can be set back: the number under the pointer, if any, its page, and everything."""
        menu = QMenu(self)
        start, default = self._place(0), self.param.default

        def offer(text: str, run: Callable[[], None], first: int, count: int) -> None:
            action = menu.addAction(text, run)
            differs = self._value[first : first + count] != default[first : first + count]
            action.setEnabled(differs and not self._locked)

        if index is not None and self.page >= 0:
            offer(f"Reset {self.title_of(index)}", partial(self.reset_one, index), start + index, 1)
        if self.param.pages and self.page >= 0:
            offer(f"Reset {plain_words(self.param.pages[self.page])}", self.reset_page, start, len(self.lines))
        offer(f"Reset all of {self.param.label}", self.reset, 0, len(default))
        return menu
