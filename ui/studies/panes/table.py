"""The table pane: any number of rows, in the hues of the objects that they belong to."""

from __future__ import annotations

from PySide6.QtCore import QItemSelection, QItemSelectionRange, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
)

from lab.study import Pane, Table
from ui.look.theme import Theme, ThemeManager, figures
from ui.studies.panes.body import PaneBody, copy_text
from ui.studies.panes.table_model import HUE_ROLE, Index, TableModel, cell_text, tab_separated

_ROW_HEIGHT = 22
_SAMPLE = 48  # rows that the width of a column is measured with
_WIDEST = 320
_MOST_CELLS = 300_000  # more would keep the window busy, and no spreadsheet takes them
_BAR = 3  # px


class TablePane(PaneBody):
    """Shows a Table."""

    copy_tip = "Copy the selected cells, or the whole table, to paste into a spreadsheet"

    def __init__(self, pane: Pane, themes: ThemeManager) -> None:
        super().__init__(pane, themes)
        self.model = TableModel(themes.theme)
        self.view = _View(self)
        self.view.setModel(self.model)
        self.view.setAccessibleName(pane.title)
        self.setFocusProxy(self.view)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.view)
        self.setMinimumSize(120, 72)
        themes.changed.connect(self._dress)
        self._dress(themes.theme)

    def _dress(self, theme: Theme) -> None:
        """The row numbers without lines between them, as the rows have none."""
        self.model.set_theme(theme)
        self.view.setStyleSheet(
            f"QHeaderView::section:vertical {{ background: {theme.panel}; border: none; padding: 0 8px; }}"
            f"QTableCornerButton::section {{ background: {theme.panel}; border: none;"
            f" border-bottom: 1px solid {theme.border}; }}"
            f"QHeaderView {{ background: {theme.panel}; }}"
            "QAbstractScrollArea::corner { background: transparent; border: none; }"
            "QTableView::item { padding: 0 5px; }"
        )

    def sizeHint(self) -> QSize:
        return QSize(360, 200)

    def apply(self, content: Table, before: Table | None) -> None:
        self.model.set_table(content)
        fresh = before is None or before.columns != content.columns
        header = self.view.horizontalHeader()
        for column in range(len(content.columns)):
            width = self._width(content, column)
            if fresh or width > header.sectionSize(column):
                header.resizeSection(column, width)
        if content.marked is not None and (before is None or content.marked != before.marked):
            middle = QAbstractItemView.ScrollHint.PositionAtCenter
            self.view.scrollTo(self.model.index(content.marked, 0), middle)

    def _width(self, table: Table, column: int) -> int:
        """Room for the column's name and for some of its cells."""
        rows, metrics = len(table), self.view.fontMetrics()
        sample = range(0, rows, max(1, rows // _SAMPLE))
        cells = [cell_text(table.cells[column], row, table.digits) for row in (*sample, *range(rows)[-1:])]
        return min(_WIDEST, max(metrics.horizontalAdvance(text) for text in (table.columns[column], *cells)) + 24)

    def copy(self) -> None:
        table = self.model.table
        ranges = self.view.selectionModel().selection()
        rows, columns = _chosen(ranges) if not ranges.isEmpty() else (range(len(table)), range(len(table.columns)))
        room = _MOST_CELLS // max(1, len(columns))
        copy_text(tab_separated(table, rows[:room], columns))
        said = "1 row" if len(rows) == 1 else f"{min(len(rows), room):,} rows"
        self.copied.emit(f"{said} copied" if len(rows) <= room else f"First {said} copied")


def _chosen(selection: QItemSelection) -> tuple[range, range]:
    """Rows and columns of a selection; it is always one block."""
    block: QItemSelectionRange = selection.first()
    return range(block.top(), block.bottom() + 1), range(block.left(), block.right() + 1)


class _View(QTableView):
    """A table that one can select a block of, and copy it."""

    def __init__(self, pane: TablePane) -> None:
        super().__init__(pane)
        self._pane = pane
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setWordWrap(False)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setCornerButtonEnabled(False)
        self.setFont(figures(self.font()))
        self.setItemDelegate(_Delegate(self))
        numbers = self.verticalHeader()
        numbers.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        numbers.setDefaultSectionSize(_ROW_HEIGHT)
        numbers.setMinimumSectionSize(_ROW_HEIGHT)
        numbers.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        numbers.setFont(self.font())
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setStretchLastSection(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self._pane.copy()
        else:
            super().keyPressEvent(event)


class _Delegate(QStyledItemDelegate):
    """Paints the full hue of a row as a bar at its left; the row itself is only tinted, so that it can be read."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        super().paint(painter, option, index)
        color = index.data(HUE_ROLE) if index.column() == 0 else None
        if isinstance(color, QColor):
            rect = option.rect  # type: ignore[attr-defined]
            painter.fillRect(QRectF(rect.left(), rect.top(), _BAR, rect.height()), color)
