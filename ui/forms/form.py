"""The form of an activity's parameters, made entirely from their declaration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from lab.chapter import Activity
from lab.params import Param, ParamError, build, declared
from lab.params import values as plain_values
from ui.forms.geometry_rows import SceneRow
from ui.forms.kinds import make_row
from ui.forms.mask_row import MaskRow
from ui.forms.preset_bar import PresetBar
from ui.forms.rows import INPUTS, NumberRow, Row
from ui.forms.section import Section
from ui.look.theme import ThemeManager
from ui.scene.model import SceneModel
from ui.throttle import Throttle

_MANY = 10  # rows; the groups of a longer form can be folded
_EMIT_MS = 33  # valuesChanged comes at most about 30 times a second
_SEED = Param(
    name="seed",
    kind="integer",
    default=0,
    doc="Start of the random numbers. The same seed and the same values give the same run.",
    label="Seed",
    minimum=0,
    maximum=2**31 - 1,
)


class ParamForm(QWidget):
    """All parameters of an activity, in groups that fold where they are many, under a choice of presets.

    Values are always allowed ones: what is typed is checked against the declaration, and said at its row if it fails.
    """

    valuesChanged = Signal(dict)
    """All values, at most about 30 times a second while a slider moves; the last ones always come."""
    seedChanged = Signal(int)
    arrowsToggled = Signal(str, bool)
    """(term key, whether the arrows of that loss shall be shown)."""
    termHovered = Signal(object)
    """The key of the loss term under the pointer, or None."""
    fileDropped = Signal(str, str)
    """(parameter name, file) dropped on a geometry: load it, then ``choose(name, its path in the scene)``."""

    def __init__(
        self,
        activity: Activity,
        scene: SceneModel,
        themes: ThemeManager,
        parent: QWidget | None = None,
        *,
        seed: bool = True,
    ) -> None:
        super().__init__(parent)
        self._activity = activity
        self._running = False
        self._params = declared(activity.params)
        terms = {term.key: term for term in activity.terms}
        self._rows = {p.name: make_row(p, themes, scene, terms.get(p.term or "")) for p in self._params}
        self._seed = NumberRow(_SEED, themes, slider=False)
        self._sections: list[Section] = []
        self._throttle = Throttle(_EMIT_MS, self._emit, self)
        self._presets = PresetBar(activity.presets)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        if activity.presets:
            layout.addWidget(self._presets)
        layout.addWidget(self._scroll_area(themes, seed), 1)
        self._connect()

    def _scroll_area(self, themes: ThemeManager, seed: bool) -> QScrollArea:
        content = QWidget()
        layout = QVBoxLayout(content)
        layout.setContentsMargins(8, 4, 8, 16)
        layout.setSpacing(16)
        groups = dict.fromkeys(param.group for param in self._params)
        foldable = len(groups) > 1 and len(self._params) > _MANY
        for group in groups:
            rows = [self._rows[param.name] for param in self._params if param.group == group]
            self._sections.append(Section(group, rows, themes, foldable=foldable))
        if seed:
            self._sections.append(Section("Random numbers", [self._seed], themes))
        for section in self._sections:
            layout.addWidget(section)
        layout.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(content)
        self._area = area
        return area

    def _connect(self) -> None:
        for row in self._rows.values():
            row.changed.connect(self._changed)
            row.hovered.connect(self._hovered)
            if isinstance(row, NumberRow):
                row.arrows.connect(self.arrowsToggled)
            if isinstance(row, SceneRow):
                row.fileDropped.connect(self.fileDropped)
            if isinstance(row, MaskRow):
                photo = self._rows[row.param.mask_of]
                row.follow_photo(photo.param.label, lambda photo=photo: str(photo.value))
        self._seed.changed.connect(lambda: self.seedChanged.emit(self.seed))
        self._presets.chosen.connect(self.apply_preset)
        self._presets.restore.connect(lambda: self.apply_preset(self.preset))

    # --- values --------------------------------------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        """All values by parameter name, checked by ``lab.params.build``."""
        return plain_values(build(self._activity.params, {name: row.value for name, row in self._rows.items()}))

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show other values for the parameters named. Raises ParamError, and then changes nothing.

        During a run only those that can change while it goes on are taken.
        """
        checked = plain_values(build(self._activity.params, {**self.values(), **values}))
        before = self.values()
        for name in values:
            if not self._running or self._rows[name].param.live:
                self._rows[name].set_value(checked[name])
        if self.values() != before:
            self._changed()

    def choose(self, name: str, path: str) -> None:
        """Let a geometry parameter take an object of the scene; a list gets it at its end. Raises KeyError."""
        row = self._rows[name]
        if not isinstance(row, SceneRow):
            raise KeyError(name)
        row.choose(path)

    def problem(self) -> str:
        """What keeps a run from starting, as a sentence that also stands at its row; "" when nothing does."""
        for row in self._rows.values():
            if isinstance(row, SceneRow) and not row.param.optional and not row.value:
                row.show_problem(f"{row.param.label}: open a mesh or a point cloud, or choose one of the scene.")
                self.show_row(row.param.name)
                return row.problem
        return ""

    @property
    def seed(self) -> int:
        """The seed of the next run."""
        return int(self._seed.value)

    def set_seed(self, seed: int) -> None:
        """Show another seed. Raises ParamError."""
        if seed != self.seed:
            self._seed.set_value(seed)
            self.seedChanged.emit(seed)

    # --- presets -------------------------------------------------------------------------------------------------

    @property
    def preset(self) -> str:
        """The title of the preset that was applied last."""
        return self._presets.title

    @property
    def modified(self) -> bool:
        """Whether the values are not (or no longer) those of the preset."""
        expected = self._preset_values(self.preset)
        return any(self._rows[name].value != value for name, value in expected.items())

    def apply_preset(self, title: str) -> None:
        """Set all but what one works on as a preset has it. Raises ParamError for an unknown title."""
        expected = self._preset_values(title)
        self._presets.show_title(title)
        self.set_values(expected)
        self._presets.show_modified(self.modified)

    def _preset_values(self, title: str) -> dict[str, Any]:
        if not self._activity.presets:
            return {}
        preset = next((preset for preset in self._activity.presets if preset.title == title), None)
        if preset is None:
            titles = ", ".join(preset.title for preset in self._activity.presets)
            raise ParamError(f"there is no preset '{title}'; there are {titles}")
        usual = {param.name: param.default for param in self._params if param.kind not in INPUTS}
        return {**usual, **preset.values}

    # --- what else it shows --------------------------------------------------------------------------------------

    def set_running(self, running: bool) -> None:
        """Fix what a run takes only at its start, or free it again."""
        self._running = running
        for row in (*self._rows.values(), self._seed):
            row.set_locked(running and not row.param.live)

    def set_arrows(self, term: str, shown: bool) -> None:
        """Press or release the arrow button of a term, as if the person had."""
        for row in self._rows.values():
            if isinstance(row, NumberRow) and row.arrow_button and row.term and row.term.key == term:
                row.arrow_button.setChecked(shown)

    def highlight(self, term: str | None) -> None:
        """Let the row that weighs a term stand out; None for no row."""
        for row in self._rows.values():
            row.set_lit(term is not None and row.term is not None and row.term.key == term)

    def show_term(self, term: str) -> None:
        """Scroll to the row that weighs a term and give it the focus."""
        name = next((name for name, row in self._rows.items() if row.term and row.term.key == term), None)
        if name is not None:
            self.show_row(name)

    def show_row(self, name: str) -> None:
        """Scroll to the row of a parameter and give it the focus; its group is unfolded."""
        row = self._rows[name]
        for section in self._sections:
            section.reveal(row)
        self._area.ensureWidgetVisible(row)
        row.editors()[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def row(self, name: str) -> Row:
        """The row of a parameter."""
        return self._rows[name]

    def _hovered(self, term: str | None) -> None:
        self.highlight(term)
        self.termHovered.emit(term)

    def _changed(self) -> None:
        for section in self._sections:
            section.show_modified()
        self._presets.show_modified(self.modified)
        self._throttle.ask()

    def _emit(self) -> None:
        self.valuesChanged.emit(self.values())
