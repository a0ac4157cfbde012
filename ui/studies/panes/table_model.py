"""A virtual model over a Table: a cell is formatted when it is looked at, however many rows there are."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QBrush, QColor, QFont

from lab.palette import hue
from lab.scene import Array
from lab.study import Table
from ui.look.style_sheet import mix
from ui.look.theme import Theme

PADDING, NONE = -1, -2
HUE_ROLE = int(Qt.ItemDataRole.UserRole)
"""The hue of a row as a QColor, or None."""

Index = QModelIndex | QPersistentModelIndex
Column = Array | tuple[str, ...]
_NO_INDEX = QModelIndex()
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_SHARE_DARK, _SHARE_LIGHT = 0.8, 0.86  # of the ground in the tint of a row


class TableModel(QAbstractTableModel):
    """Shows one Table after another; a table of the same shape keeps selection and scroll position."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._table = Table((), ())
        self._theme = theme

    @property
    def table(self) -> Table:
        """What is shown."""
        return self._table

    def set_table(self, table: Table) -> None:
        """Show another table."""
        if (table.columns, len(table)) == (self._table.columns, len(self._table)):
            self._table = table
            self._tell_all()
        else:
            self.beginResetModel()
            self._table = table
            self.endResetModel()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._tell_all()

    def _tell_all(self) -> None:
        if len(self._table) and self._table.columns:
            last = self.index(len(self._table) - 1, len(self._table.columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._table)

    def columnCount(self, parent: Index = _NO_INDEX) -> int:
        return 0 if parent.isValid() else len(self._table.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = index.row(), index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return cell_text(self._table.cells[column], row, self._table.digits)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if isinstance(self._table.cells[column], tuple) else _RIGHT
        if role == Qt.ItemDataRole.BackgroundRole:
            return self._ground(row)
        if role == Qt.ItemDataRole.ForegroundRole and self.hue_of(row) == PADDING:
            return QBrush(QColor(mix(self._theme.muted, self._theme.panel, 0.25)))
        if role == Qt.ItemDataRole.FontRole and row == self._table.marked:
            font = QFont()
            font.setBold(True)
            return font
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(self._table.cells[column], tuple):
            return self._table.cells[column][row]
        if role == HUE_ROLE:
            return self._hue_color(row)
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> str | Qt.AlignmentFlag | None:
        if orientation == Qt.Orientation.Vertical:
            return str(section) if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._table.columns[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _LEFT if isinstance(self._table.cells[section], tuple) else _RIGHT
        return None

    # --- colours --------------------------------------------------------------------------------------------------

    def hue_of(self, row: int) -> int:
        """The hue's number, PADDING or NONE."""
        return NONE if self._table.hues is None else int(self._table.hues[row])

    def _hue_color(self, row: int) -> QColor | None:
        number = self.hue_of(row)
        return QColor(hue(number, dark=self._theme.dark)) if number >= 0 else None

    def _ground(self, row: int) -> QBrush | None:
        theme, number = self._theme, self.hue_of(row)
        if row == self._table.marked:
            return QBrush(QColor(mix(theme.accent, theme.panel, 0.6)))
        if number == PADDING:
            return QBrush(QColor(theme.border), Qt.BrushStyle.BDiagPattern)
        if number >= 0:
            share = _SHARE_DARK if theme.dark else _SHARE_LIGHT
            return QBrush(QColor(mix(hue(number, dark=theme.dark), theme.panel, share)))
        return None


def cell_text(column: Column, row: int, digits: int) -> str:
    """A cell as a person reads it: whole numbers in full, others with ``digits`` decimals."""
    value = column[row]
    if isinstance(value, str):
        return value
    if isinstance(value, np.bool_):
        return "yes" if value else "no"
    if isinstance(value, np.integer):
        return str(int(value))
    number = float(value)
    if not math.isfinite(number):
        return "–" if math.isnan(number) else "∞" if number > 0 else "-∞"
    if number and (abs(number) >= 1e9 or abs(number) < 0.5 * 10.0**-digits):
        return f"{number:.{min(digits, 3)}e}"
    return f"{number:.{digits}f}"


def tab_separated(table: Table, rows: range, columns: Iterable[int]) -> str:
    """Rows and columns of a table for a spreadsheet, under their names, numbers with all of their digits."""
    columns = list(columns)
    names = [_one_line(table.columns[column]) for column in columns]
    cells = [_exact(table.cells[column][rows.start : rows.stop]) for column in columns]
    return "\n".join("\t".join(row) for row in (names, *zip(*cells, strict=True)))


def _exact(column: Column) -> list[str]:
    """For each number the shortest text that reads back as the same one."""
    if isinstance(column, tuple):
        return [_one_line(words) for words in column]
    texts: list[str] = column.astype(str).tolist()
    return texts


def _one_line(words: str) -> str:
    """Words without what would break the row."""
    return " ".join(words.split())
