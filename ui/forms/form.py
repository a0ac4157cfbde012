"""The form of an activity's parameters, made entirely from their declaration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from lab.chapter import Activity
from lab.params import Param, ParamError, declared, with_components
from ui.forms.geometry_rows import SceneRow
from ui.forms.kinds import make_row
from ui.forms.numbers_row import NumbersRow
from ui.forms.preset_bar import PresetBar
from ui.forms.row import INPUTS, BesidePhoto, Row
from ui.forms.rows import NumberRow
from ui.forms.section import Section, make_sections
from ui.look.theme import ThemeManager
from ui.scene.model import SceneModel
from ui.throttle import Throttle

_EMIT_MS = 16  # valuesChanged comes at most about 60 times a second
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
    """All values, at most about 60 times a second while a slider moves; the last ones always come."""
    edited = Signal(str, bool)
    """The person changes a value, before ``valuesChanged``: its name for "Undo", whether a slider is in their hand."""
    released = Signal()
    """The person let go of a slider."""
    presetApplied = Signal(str)
    """A preset is about to be applied."""
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
        self._wanted_rows: tuple[bool, ...] = (True,) * len(self._rows)
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
        for row in self._rows.values():
            if row.param.hidden:
                row.setParent(self)
        self._sections = make_sections(list(self._rows.values()), themes)
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
            row.changed.connect(lambda row=row: self._on_edit(row))
            row.released.connect(self.released)
            row.hovered.connect(self._hovered)
            if isinstance(row, NumberRow):
                row.arrows.connect(self.arrowsToggled)
            if isinstance(row, SceneRow):
                row.fileDropped.connect(self.fileDropped)
            if isinstance(row, BesidePhoto):
                photo = self._rows[row.param.mask_of or row.param.keypoints_of]
                row.follow_photo(photo.param.label, lambda photo=photo: str(photo.value))
        self._seed.changed.connect(lambda: self.seedChanged.emit(self.seed))
        self._presets.chosen.connect(self.apply_preset)
        self._presets.restore.connect(lambda: self.apply_preset(self.preset))
        self._follow_others()

    # --- values --------------------------------------------------------------------------------------------------

    def values(self) -> dict[str, Any]:
        """All values by parameter name, each an allowed one."""
        return {name: row.value for name, row in self._rows.items()}

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show other values for the parameters named, or for a component of one, as in {"pose[5]": 0.1}.

        Raises ParamError, and then changes nothing. During a run only those that can change while it goes on are taken.
        """
        checked = {}
        for name, value in with_components(values, self.values()).items():
            if name not in self._rows:
                raise ParamError(f"unknown parameter {name!r}; known are {', '.join(self._rows)}")
            checked[name] = self._rows[name].param.check(value)
        changed = False
        for name, value in checked.items():
            row = self._rows[name]
            if not self._running or row.param.live:
                changed = changed or value != row.value
                row.set_value(value)
        if changed:
            self._changed()

    def set_spans(self, spans: Mapping[str, tuple[float, float]]) -> None:
        """Narrower limits for the sliders of the parameters named, and for the others their own. No value changes."""
        for name, row in self._rows.items():
            if isinstance(row, NumberRow):
                row.set_span(spans.get(name))

    def stop_playing(self) -> None:
        """Let no number run on in real time."""
        for row in self._rows.values():
            if isinstance(row, NumberRow):
                row.stop_playing()

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
        own = next((preset.values for preset in self._activity.presets if preset.title == self.preset), {})
        seen = (name for name in expected if name in own or not self._rows[name].param.hidden)
        return any(self._rows[name].value != expected[name] for name in seen)

    def apply_preset(self, title: str) -> None:
        """Set all but what one works on as a preset has it. Raises ParamError for an unknown title."""
        expected = self._preset_values(title)
        self.presetApplied.emit(title)
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
        return {**usual, **with_components(preset.values, usual)}

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
        if row.editors():
            row.editors()[0].setFocus(Qt.FocusReason.OtherFocusReason)

    def row(self, name: str) -> Row:
        """The row of a parameter."""
        return self._rows[name]

    def _hovered(self, term: str | None) -> None:
        self.highlight(term)
        self.termHovered.emit(term)

    def _on_edit(self, row: Row) -> None:
        """The person changed a value."""
        self.edited.emit(row.edited, row.held)
        self._changed()

    def _changed(self) -> None:
        self._follow_others()
        for section in self._sections:
            section.show_modified()
        self._presets.show_modified(self.modified)
        self._throttle.ask()

    def _follow_others(self) -> None:
        """Show the pages and the rows that other values ask for."""
        for row in self._rows.values():
            if isinstance(row, NumbersRow) and row.param.page_by:
                row.show_page(self._rows[row.param.page_by].value)
        wanted = tuple(map(self._wanted, self._rows.values()))
        if wanted != self._wanted_rows:
            self._wanted_rows = wanted
            for section in self._sections:
                section.show_wanted(self._wanted)

    def _wanted(self, row: Row) -> bool:
        when = row.param.when
        return when is None or self._rows[when[0]].value in when[1]

    def _emit(self) -> None:
        self.valuesChanged.emit(self.values())
