"""Rows for files and for words."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtWidgets import QApplication, QFileDialog

from lab.params import LONGEST_TEXT, Param
from tests.ui.forms.dropping import drop
from ui.forms.text_rows import FileRow, TextRow


@pytest.fixture
def file_row(qtbot, themes):
    row = FileRow(Param("file", "file", "", "A file with poses.", "Poses"), themes)
    qtbot.addWidget(row)
    row.show()
    return row


@pytest.fixture
def text_row(qtbot, themes):
    row = TextRow(Param("words", "text", "", "A matrix.", "Matrix"), themes)
    qtbot.addWidget(row)
    row.show()
    return row


def test_a_typed_path_is_taken_and_a_missing_file_is_said(qtbot, file_row, tmp_path):
    there = tmp_path / "poses.txt"
    there.write_text("1")
    qtbot.keyClicks(file_row.field, str(tmp_path / "nothing"))
    with qtbot.waitSignal(file_row.changed):
        qtbot.keyClick(file_row.field, Qt.Key.Key_Return)
    assert "there is no file" in file_row.problem
    file_row.field.selectAll()
    qtbot.keyClicks(file_row.field, str(there))
    qtbot.keyClick(file_row.field, Qt.Key.Key_Return)
    assert file_row.value == str(there)
    assert file_row.problem == ""


def test_browsing_and_dropping(qtbot, file_row, tmp_path, monkeypatch):
    first, second = tmp_path / "a.ply", tmp_path / "b.ply"
    first.touch()
    second.touch()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(first), ""))
    qtbot.mouseClick(file_row.browse, Qt.MouseButton.LeftButton)
    assert file_row.value == str(first)
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    qtbot.mouseClick(file_row.browse, Qt.MouseButton.LeftButton)
    assert file_row.value == str(first)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(second))])
    assert drop(file_row, data)
    assert file_row.value == file_row.field.text() == str(second)


def test_a_folder_is_browsed_and_dropped_where_one_is_wanted(qtbot, themes, tmp_path, monkeypatch):
    row = FileRow(Param("data", "file", "", "A folder of pictures.", "Folder", folder=True), themes)
    qtbot.addWidget(row)
    row.show()
    assert "folder" in row.field.placeholderText()
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    (second / "transforms.json").touch()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(first))
    qtbot.mouseClick(row.browse, Qt.MouseButton.LeftButton)
    assert (row.value, row.problem) == (str(first), "")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    qtbot.mouseClick(row.browse, Qt.MouseButton.LeftButton)
    assert row.value == str(first), "the dialog was cancelled"
    for wanted in (second, second / "transforms.json"):
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(wanted))])
        assert drop(row, data)
        assert (row.value, row.problem) == (str(wanted), "")
    row.set_value(str(tmp_path / "gone"))
    assert "no file or folder" in row.problem


def test_a_folder_is_no_file(file_row, tmp_path):
    file_row.set_value(str(tmp_path))
    assert "there is no file" in file_row.problem


def test_typed_words_are_taken_once_the_person_pauses(qtbot, text_row):
    told = []
    text_row.changed.connect(lambda: told.append(text_row.value))
    qtbot.keyClicks(text_row.field, "1 0 0")
    assert told == []
    qtbot.waitUntil(lambda: bool(told))
    assert told == ["1 0 0"]


def test_paste_and_clear(qtbot, text_row):
    QApplication.clipboard().setText("[[1, 0],\n [0, 1]]")
    qtbot.mouseClick(text_row.paste, Qt.MouseButton.LeftButton)
    assert text_row.value == text_row.field.toPlainText() == "[[1, 0],\n [0, 1]]"
    qtbot.mouseClick(text_row.clear, Qt.MouseButton.LeftButton)
    assert text_row.value == ""


def test_too_long_a_text_is_refused_in_words(qtbot, text_row):
    QApplication.clipboard().setText("7" * (LONGEST_TEXT + 1))
    with qtbot.assertNotEmitted(text_row.changed):
        qtbot.mouseClick(text_row.paste, Qt.MouseButton.LeftButton)
    assert "20,000 characters" in text_row.problem
    assert text_row.value == ""


def test_a_value_from_outside_leaves_the_cursor_where_one_types(qtbot, text_row):
    qtbot.keyClicks(text_row.field, "abc")
    cursor = text_row.field.textCursor()
    cursor.setPosition(1)
    text_row.field.setTextCursor(cursor)
    text_row.set_value("abc")
    assert text_row.field.textCursor().position() == 1
