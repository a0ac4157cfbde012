"""The table pane and its model."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt
from PySide6.QtWidgets import QApplication

from lab.palette import hue
from lab.study import Pane, Table
from ui.studies.panes.table import TablePane
from ui.studies.panes.table_model import HUE_ROLE, TableModel, cell_text, tab_separated

BACK = Qt.ItemDataRole.BackgroundRole


def table(rows: int = 6, **options) -> Table:
    return Table(
        ("index", "x", "name"),
        (np.arange(rows), np.arange(rows) / 3, tuple(f"row {i}" for i in range(rows))),
        **options,
    )


@pytest.fixture
def pane(themes, shown):
    return shown(TablePane(Pane("t", "Table", "table"), themes))


def test_cells_are_written_for_people():
    cells = np.array([1 / 3, -2.0, np.nan, np.inf, 1e-9, 3e12])
    assert [cell_text(cells, i, 4) for i in range(6)] == ["0.3333", "-2.0000", "–", "∞", "1.000e-09", "3.000e+12"]
    assert cell_text(np.array([12345]), 0, 4) == "12345"
    assert cell_text(np.array([True, False]), 1, 4) == "no"
    assert cell_text(("a b",), 0, 4) == "a b"


def test_copied_numbers_read_back_exactly():
    x = np.array([0.1, 1 / 3, 1e-17], np.float32)
    text = tab_separated(Table(("x", "words"), (x, ("a", "b\tc", "d\ne"))), range(3), range(2))
    lines = [line.split("\t") for line in text.split("\n")]
    assert lines[0] == ["x", "words"]
    assert [np.float32(line[0]) for line in lines[1:]] == list(x)
    assert [line[1] for line in lines[1:]] == ["a", "b c", "d e"]


def test_the_model_shows_hues_padding_and_the_marked_row(themes):
    model = TableModel(themes.theme)
    model.set_table(table(4, hues=np.array([0, 1, -1, -2], np.int32), marked=1))
    assert model.index(0, 0).data(HUE_ROLE).name() == hue(0)
    assert model.index(2, 0).data(HUE_ROLE) is None
    assert model.index(2, 0).data(BACK).style() == Qt.BrushStyle.BDiagPattern
    assert model.index(3, 0).data(BACK) is None
    assert model.index(1, 0).data(BACK).color() != model.index(0, 0).data(BACK).color()
    assert model.index(1, 0).data(Qt.ItemDataRole.FontRole).bold()


def test_the_hue_of_a_row_is_painted_at_its_left(pane):
    pane.show_content(table(3, hues=np.array([0, 3, -2], np.int32)))
    image = pane.view.viewport().grab().toImage()
    for row, number in ((0, 0), (1, 3)):
        middle = pane.view.rowViewportPosition(row) + 11
        assert image.pixelColor(1, middle).name() == hue(number)


def test_a_table_of_the_same_shape_keeps_selection_and_scrolling(pane):
    pane.show_content(table(500))
    pane.view.scrollTo(pane.model.index(300, 0))
    pane.view.selectRow(300)
    before = pane.view.verticalScrollBar().value()
    other = Table(("index", "x", "name"), (np.arange(500) * 2, np.zeros(500), ("a",) * 500))
    pane.show_content(other)
    assert pane.view.verticalScrollBar().value() == before
    assert [index.row() for index in pane.view.selectionModel().selectedRows()] == [300]
    assert pane.model.index(300, 0).data() == "600"


def test_the_marked_row_is_scrolled_to_once(pane):
    pane.show_content(table(500, marked=400))
    assert pane.view.rowAt(pane.view.viewport().height() // 2) == pytest.approx(400, abs=2)
    pane.view.verticalScrollBar().setValue(0)
    pane.show_content(table(500, marked=400))
    assert pane.view.verticalScrollBar().value() == 0


def test_the_selection_is_copied_with_its_names(qtbot, pane):
    pane.show_content(table(9))
    block = QItemSelection(pane.model.index(2, 0), pane.model.index(3, 1))
    pane.view.selectionModel().select(block, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    with qtbot.waitSignal(pane.copied) as said:
        qtbot.keyClick(pane.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert said.args == ["2 rows copied"]
    assert QApplication.clipboard().text() == "index\tx\n2\t0.6666666666666666\n3\t1.0"


def test_without_a_selection_everything_is_copied(pane):
    pane.show_content(table(9))
    pane.copy()
    assert len(QApplication.clipboard().text().split("\n")) == 10


def test_a_million_rows_are_looked_at_a_few_at_a_time(pane, monkeypatch):
    rows = 1_000_000
    looked: list[int] = []

    class Spy(TableModel):
        def data(self, index, role=Qt.ItemDataRole.DisplayRole):
            if role == Qt.ItemDataRole.DisplayRole:
                looked.append(index.row())
            return super().data(index, role)

    monkeypatch.setattr(pane.model, "__class__", Spy)
    cells = (np.arange(rows), np.linspace(0, 1, rows))
    pane.show_content(Table(("index", "x"), cells, hues=np.zeros(rows, np.int32), marked=rows - 1))
    pane.grab()
    assert rows - 1 in looked
    assert len(looked) < 500
    assert pane.model.index(rows - 1, 1).data() == "1.0000"


def test_other_columns_take_the_place_of_the_old_ones(pane):
    pane.show_content(table(5))
    pane.show_content(Table(("only",), (np.zeros(2),)))
    assert (pane.model.rowCount(), pane.model.columnCount()) == (2, 1)
    pane.show_content(Table((), ()))
    assert (pane.model.rowCount(), pane.model.columnCount()) == (0, 0)
    pane.grab()
