"""The rows of a form for numbers, choices and switches."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from lab.chapter import Term
from lab.params import Param
from ui.forms.controls import ChoiceBox, NumberBox, Switch, ValueSlider
from ui.forms.number_scale import Scale, limits
from ui.forms.play_button import PlayButton
from ui.forms.row import Row
from ui.look.icons import icon
from ui.look.theme import ThemeManager

_CHOICE_WIDTH = 172  # px


class NumberRow(Row):
    """A number: a field to type in, and a slider below it where its range suits one."""

    arrows = Signal(str, bool)
    """(term key, whether its arrows shall be shown)."""

    def __init__(self, param: Param, themes: ThemeManager, term: Term | None = None, *, slider: bool = True) -> None:
        super().__init__(param, themes, term)
        self._allowed = param
        scale = Scale.of(param)
        if param.unit:
            unit = QLabel(param.unit)
            unit.setProperty("role", "muted")
            self.line.addWidget(unit)
        self.line.addStretch(1)
        self.arrow_button: QToolButton | None = self._make_arrow_button() if term else None
        self.play: PlayButton | None = self._make_play_button() if param.play else None
        self.box = NumberBox(scale, param.default, param.check)
        self.box.edited.connect(self._take)
        self.box.problem.connect(self.show_problem)
        self.box.lineEdit().textEdited.connect(self.stop_playing)
        self.line.addWidget(self.box)
        self.slider: ValueSlider | None = None
        if slider:
            self.slider = ValueSlider(scale, param.default, self._color, themes)
            self.slider.edited.connect(self._take)
            self.slider.sliderPressed.connect(self.stop_playing)
            self.slider.sliderReleased.connect(self.released)
            self.body.addWidget(self.slider)
        self.finish()

    def _take(self, value: float) -> None:
        """A number that the person chose; time stands still then."""
        self.stop_playing()
        self.edit(value)

    # --- its limits -------------------------------------------------------------------------------------------------

    @property
    def span(self) -> tuple[float, float]:
        """What slider and field go from and to."""
        return limits(self._allowed)

    def set_span(self, span: tuple[float, float] | None) -> None:
        """Narrower limits of slider and field, None for the parameter's own. The value stays, whatever is shown."""
        first, last = limits(self.param)
        low, high = (min(max(limit, first), last) for limit in span or (first, last))
        allowed = replace(self.param, minimum=low, maximum=high) if span and low < high else self.param
        if allowed == self._allowed:
            return
        self._allowed = allowed
        scale = Scale.of(allowed)
        self.box.set_scale(scale, allowed.check)
        if self.slider:
            self.slider.set_scale(scale, self.param.default)
        self.show_value()

    # --- playing ----------------------------------------------------------------------------------------------------

    def _make_play_button(self) -> PlayButton:
        button = PlayButton(lambda: float(self.value), lambda: self.span, self.themes)
        button.advanced.connect(self.edit)
        button.toggled.connect(lambda _: self.released.emit())
        self.line.addWidget(button)
        return button

    def stop_playing(self) -> None:
        """Stand still, if it plays."""
        if self.play:
            self.play.stop()

    def set_locked(self, locked: bool) -> None:
        super().set_locked(locked)
        if self.play:
            self.play.stop()
            self.play.setEnabled(not locked)

    @property
    def held(self) -> bool:
        playing = self.play is not None and self.play.playing
        return playing or (self.slider is not None and self.slider.isSliderDown())

    # --- looks ------------------------------------------------------------------------------------------------------

    def _color(self) -> str:
        return self.themes.term_color(self.term) if self.term else self.themes.theme.accent

    def _make_arrow_button(self) -> QToolButton:
        button = QToolButton()
        button.setCheckable(True)
        button.setFixedSize(28, 26)
        button.setAccessibleName(f"{self.param.label}: show what this loss wants")
        button.setToolTip(
            "<p>Show what this loss wants: an arrow on each vertex, the way in which this term alone would move it "
            "(its negative gradient).</p>"
        )
        button.toggled.connect(self._arrows_toggled)
        self.line.addWidget(button)
        return button

    def _arrows_toggled(self, shown: bool) -> None:
        if self.term:
            self.arrows.emit(self.term.key, shown)

    def show_value(self) -> None:
        low, high = self.span
        shown = min(max(self.value, low), high)
        self.box.set_number(shown)
        if self.slider:
            self.slider.set_number(shown)

    def editors(self) -> tuple[QWidget, ...]:
        return (self.box, self.slider) if self.slider else (self.box,)

    def dress(self) -> None:
        super().dress()
        if self.term and self.arrow_button:
            self.arrow_button.setIcon(icon("arrow", self.themes.theme, color=self._color()))


class ChoiceRow(Row):
    """One of several words."""

    def __init__(self, param: Param, themes: ThemeManager) -> None:
        super().__init__(param, themes)
        words = [word.replace("_", " ") for word in param.choices]  # names of the field, such as left_elbow
        self.box = ChoiceBox(words)
        self.box.activated.connect(lambda index: self.edit(param.choices[index]))
        self.line.addStretch(1)
        self.line.addWidget(self.box, 1000)  # all that is left, up to its maximum
        longest = max(self.box.fontMetrics().horizontalAdvance(word) for word in words)
        self.box.setMinimumWidth(_CHOICE_WIDTH)
        self.box.setMaximumWidth(max(_CHOICE_WIDTH, longest + 64))
        self.box.view().setMinimumWidth(longest + 24)
        self.finish()

    def show_value(self) -> None:
        self.box.setCurrentIndex(self.param.choices.index(self.value))

    def editors(self) -> tuple[QWidget, ...]:
        return (self.box,)


class SwitchRow(Row):
    """On or off."""

    def __init__(self, param: Param, themes: ThemeManager, term: Term | None = None) -> None:
        super().__init__(param, themes, term)
        self.switch = Switch(themes)
        self.switch.toggled.connect(self.edit)
        self.line.addStretch(1)
        self.line.addWidget(self.switch)
        self.finish()

    def show_value(self) -> None:
        self.switch.setChecked(self.value)

    def editors(self) -> tuple[QWidget, ...]:
        return (self.switch,)

    def dress(self) -> None:
        super().dress()
        self.switch.update()
