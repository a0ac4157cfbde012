"""A group of rows under its heading."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from lab.params import Param
from ui.forms.row import INPUTS, Row
from ui.look.icons import icon
from ui.look.theme import ThemeManager

_MANY = 10  # lines; the groups of a longer form can be folded
_FLAT = (
    "QToolButton { border-color: transparent; background: transparent; padding: 2px 4px 2px 0; }"
    "QToolButton:checked:!focus { background: transparent; border-color: transparent; }"
)


class Section(QWidget):
    """Rows under a heading; the advanced ones are folded away, and all of them where ``foldable``."""

    def __init__(self, title: str, rows: list[Row], themes: ThemeManager, *, foldable: bool = False) -> None:
        super().__init__()
        self._themes = themes
        self._title = title
        self._rows = rows
        self._heading: QToolButton | None = None
        self._more: QToolButton | None = None
        self._advanced, advanced = _column()
        self._plain, self._column = _column()
        self._reset = self._make_reset()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        if title:
            layout.addLayout(self._make_heading(foldable))
        layout.addWidget(self._plain)
        for row in rows:
            (advanced if row.param.advanced else self._column).addWidget(row)
        if any(row.param.advanced for row in rows):
            self._add_more()
        self.show_modified()
        themes.changed.connect(self._dress)
        self._dress()

    # --- heading --------------------------------------------------------------------------------------------------

    def _make_heading(self, foldable: bool) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setContentsMargins(4 if foldable else 8, 0, 8, 0)
        if foldable:
            self._heading = QToolButton()
            self._heading.setText(self._title)
            self._heading.setCheckable(True)
            self._heading.setChecked(True)
            self._heading.setToolTip(f"Fold or unfold the group “{self._title}”")
            self._heading.setAccessibleName(f"Group {self._title}")
            self._heading.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            self._heading.toggled.connect(self._fold)
            line.addWidget(self._heading)
        else:
            label = QLabel(self._title)
            label.setProperty("role", "section")
            line.addWidget(label)
        line.addStretch(1)
        line.addWidget(self._reset)
        return line

    def _make_reset(self) -> QToolButton:
        button = QToolButton(self)
        button.setText("Reset")
        button.setToolTip(f"Set all of “{self._title}” back to the defaults")
        button.setAccessibleName(f"Reset the group {self._title}")
        button.clicked.connect(self.reset)
        policy = button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        button.setSizePolicy(policy)
        button.setVisible(False)
        return button

    def reset(self) -> None:
        """All values that are shown, but what one works on, back to their defaults."""
        for row in self._rows:
            if row.param.kind not in INPUTS and not row.isHidden():
                row.reset()

    def show_modified(self) -> None:
        """Offer the reset where it would change something."""
        others = (row for row in self._rows if row.param.kind not in INPUTS and not row.isHidden())
        modified = bool(self._title) and any(row.value != row.param.default for row in others)
        if modified == self._reset.isHidden():
            self._reset.setVisible(modified)

    def show_wanted(self, wanted: Callable[[Row], bool]) -> None:
        """Show the rows that are of any use now; without one the group vanishes with its heading."""
        for row in self._rows:
            if wanted(row) == row.isHidden():
                row.setVisible(row.isHidden())
        shown = [row for row in self._rows if not row.isHidden()]
        if self._more:
            self._more.setVisible(any(row.param.advanced for row in shown))
        self.setVisible(bool(shown))
        self.show_modified()

    # --- folding --------------------------------------------------------------------------------------------------

    def _add_more(self) -> None:
        more = self._more = QToolButton()
        more.setAccessibleName(f"More parameters of {self._title}")
        more.setCheckable(True)
        more.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        more.toggled.connect(self._show_advanced)
        self._advanced.hide()
        self._column.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addWidget(self._advanced)

    def reveal(self, row: Row) -> None:
        """Unfold what hides a row; nothing for a row of another group."""
        if row in self._rows:
            if self._heading:
                self._heading.setChecked(True)
            if self._more and row.param.advanced:
                self._more.setChecked(True)

    def _fold(self, shown: bool) -> None:
        self._plain.setVisible(shown)
        self._dress()

    def _show_advanced(self, shown: bool) -> None:
        self._advanced.setVisible(shown)
        self._dress()

    def _dress(self) -> None:
        theme = self._themes.theme
        for button in (self._heading, self._more):
            if button:
                name = "chevron_down" if button.isChecked() else "chevron_right"
                button.setIcon(icon(name, theme, color=theme.muted))
        if self._heading:
            self._heading.setStyleSheet(_FLAT + f"QToolButton {{ color: {theme.muted}; font-weight: 600; }}")
        if self._more:
            self._more.setText("Less" if self._more.isChecked() else "More")
            self._more.setStyleSheet(_FLAT)
        self._reset.setStyleSheet(_FLAT + f"QToolButton {{ color: {theme.accent}; }}")


def make_sections(rows: Sequence[Row], themes: ThemeManager) -> list[Section]:
    """A section for each group of the rows that can be seen; they can be folded where there are many lines."""
    seen = [row for row in rows if not row.param.hidden]
    groups = dict.fromkeys(row.param.group for row in seen)
    foldable = len(groups) > 1 and sum(_lines(row.param) for row in seen) > _MANY
    return [
        Section(group, [row for row in seen if row.param.group == group], themes, foldable=foldable) for group in groups
    ]


def _lines(param: Param) -> int:
    """How many lines of a form a parameter takes."""
    if param.kind != "numbers":
        return 1
    return len(param.names) if param.pages else len(param.default)


def _column() -> tuple[QWidget, QVBoxLayout]:
    widget = QWidget()
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(4)
    return widget, layout
