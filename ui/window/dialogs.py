"""The small dialogs: correction of an import, size of a screenshot, film, keys, about, report."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from PySide6.QtCore import QProcess, Qt, Signal
from PySide6.QtGui import QCloseEvent, QFontDatabase, QGuiApplication
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from lab import __version__
from lab.chapter import ASSETS
from lab.render.camera import Camera
from lab.render.messages import Color
from lab.scene import Array
from ui.files.export import FilmOptions
from ui.files.importing import UNITS, Correction
from ui.look.icons import app_icon
from ui.look.units import extent

_TEXT_WIDTH = 400  # pixels
_UP = {
    "y": "+Y (as it is)",
    "z": "+Z (scanners, CAD)",
    "x": "+X",
    "-y": "−Y (cameras, upside down)",
    "-z": "−Z",
    "-x": "−X",
}
_SIZES = {
    "1280 × 720": (1280, 720),
    "1920 × 1080": (1920, 1080),
    "3840 × 2160": (3840, 2160),
    "1080 × 1080": (1080, 1080),
    "800 × 600": (800, 600),
    "480 × 360": (480, 360),
}


class ImportDialog(QDialog):
    """Units and up-axis of a file. Not modal: the scene stays in reach, and "Apply" can be tried several times."""

    chosen = Signal(object)
    """A Correction."""

    def __init__(self, name: str, current: Correction, bounds: tuple[Array, Array] | None, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"Adjust the import of {name}")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._units = QComboBox()
        self._units.addItems(list(UNITS))
        self._units.setCurrentText(current.units)
        self._units.setToolTip("The length that the number 1 means in the file")
        self._up = QComboBox()
        for axis, text in _UP.items():
            self._up.addItem(text, axis)
        self._up.setCurrentIndex(list(_UP).index(current.up))
        self._up.setToolTip("The axis of the file that points up")
        self._size = QLabel()
        self._size.setProperty("role", "muted")
        self._now = (current, bounds)
        form = QFormLayout()
        form.setSpacing(8)
        form.addRow("The file's &unit", self._units)
        form.addRow("The axis that points &up", self._up)
        form.addRow("Size then", self._size)
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Apply | QDialogButtonBox.StandardButton.Close)
        box.button(QDialogButtonBox.StandardButton.Apply).clicked.connect(lambda: self.chosen.emit(self.correction()))
        box.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        layout.addLayout(form)
        layout.addWidget(box)
        self._units.currentTextChanged.connect(self._show_size)
        self._show_size()

    def correction(self) -> Correction:
        """What is chosen."""
        return Correction(self._units.currentText(), self._up.currentData())

    def _show_size(self) -> None:
        current, bounds = self._now
        if bounds is None:
            self._size.setText("not known yet")
            return
        factor = UNITS[self._units.currentText()] / UNITS[current.units]
        self._size.setText(extent([float(side) * factor for side in bounds[1] - bounds[0]]))


class PictureDialog(QDialog):
    """The size of a screenshot, in pixels."""

    def __init__(self, width: int, height: int, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Save a screenshot")
        self._preset, self.width_box, self.height_box = _size_boxes(width, height)
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        form = QFormLayout()
        form.setSpacing(8)
        form.addRow("&Size", self._preset)
        form.addRow("Pixels", _beside(self.width_box, QLabel("×"), self.height_box))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        layout.addLayout(form)
        layout.addWidget(box)

    def size_chosen(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.width_box.value(), self.height_box.value()


class FilmDialog(QDialog):
    """How a film of a run shall look."""

    def __init__(self, keyframes: int, camera: Camera, background: Color, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export a video")
        self._keyframes, self._camera, self._background = keyframes, camera, background
        self._preset, self._width, self._height = _size_boxes(1280, 720)
        self._fps = _number(30, 1, 60, " per second", "Pictures a second")
        self._seconds = _number(10, 1, 600, " s", "How long the run takes in the film, in seconds")
        self._turn = _number(0, -1080, 1080, "°", "How far the camera goes round the scene, in degrees")
        self._turn.setSingleStep(90)
        self._view = QComboBox()
        self._view.addItems(["As in the window", "The whole run, from the corner"])
        self._captions = QCheckBox("Step and loss in the corner")
        self._captions.setChecked(True)
        self._summary = QLabel()
        self._summary.setProperty("role", "muted")
        form = QFormLayout()
        form.setSpacing(8)
        form.addRow("&Size", self._preset)
        form.addRow("Pixels", _beside(self._width, QLabel("×"), self._height))
        form.addRow("&Length", self._seconds)
        form.addRow("&Pictures", self._fps)
        form.addRow("&Turntable", self._turn)
        form.addRow("&Camera", self._view)
        form.addRow("C&aptions", self._captions)
        box = QDialogButtonBox()
        save = box.addButton("Choose the file…", QDialogButtonBox.ButtonRole.AcceptRole)
        save.setProperty("primary", True)
        box.addButton(QDialogButtonBox.StandardButton.Cancel)
        box.accepted.connect(self.accept)
        box.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(16)
        layout.addLayout(form)
        layout.addWidget(self._summary)
        layout.addWidget(box)
        for spin in (self._fps, self._seconds):
            spin.valueChanged.connect(self._summarise)
        self._summarise()

    def options(self) -> FilmOptions:
        """What is chosen."""
        return FilmOptions(
            width=self._width.value(),
            height=self._height.value(),
            fps=self._fps.value(),
            seconds=float(self._seconds.value()),
            turntable_deg=float(self._turn.value()),
            captions=self._captions.isChecked(),
            camera=self._camera if self._view.currentIndex() == 0 else None,
            background=self._background,
        )

    def _summarise(self) -> None:
        pictures = self._fps.value() * self._seconds.value()
        self._summary.setText(f"{pictures:,} pictures from {self._keyframes:,} keyframes, as MP4 or GIF.")


class KeysDialog(QDialog):
    """All keys, by group."""

    def __init__(self, groups: Sequence[tuple[str, Sequence[tuple[str, str]]]], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        content = QWidget()
        grid = QGridLayout(content)
        grid.setContentsMargins(16, 16, 24, 16)
        grid.setHorizontalSpacing(32)
        grid.setVerticalSpacing(4)
        row = 0
        for title, keys in groups:
            heading = QLabel(title)
            heading.setProperty("role", "section")
            heading.setContentsMargins(0, 12 if row else 0, 0, 4)
            grid.addWidget(heading, row, 0, 1, 2)
            for row, (text, key) in enumerate(keys, row + 1):  # noqa: B020 - the rows go on through the groups
                grid.addWidget(QLabel(text), row, 0)
                grid.addWidget(QLabel(key), row, 1)
            row += 1
        area = QScrollArea()
        area.setWidget(content)
        area.setWidgetResizable(True)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)
        self.resize(520, 640)


class AboutDialog(QDialog):
    """What the program is."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("About DL3D Lab")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        picture = QLabel()
        picture.setPixmap(app_icon().pixmap(64, 64))
        title = QLabel("DL3D Lab")
        title.setProperty("role", "title")
        text = QLabel(
            f"Version {__version__}\n\nA desktop lab in which you see 3D deep learning happen.\n\n"
            "MIT licence. Built on PyTorch3D, PyTorch, Open3D, Qt (PySide6, LGPL), PyQtGraph, NumPy, SciPy and Numba. "
            "The examples and their authors are named in assets/examples/LICENSES.md."
        )
        text.setWordWrap(True)
        text.setFixedWidth(_TEXT_WIDTH)
        text.setMinimumHeight(text.heightForWidth(_TEXT_WIDTH))
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        box.rejected.connect(self.close)
        words = QVBoxLayout()
        words.setSpacing(8)
        words.addWidget(title)
        words.addWidget(text)
        line = QHBoxLayout()
        line.setSpacing(24)
        line.addWidget(picture, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(24, 24, 24, 16)
        layout.setSpacing(16)
        layout.addLayout(line)
        layout.addWidget(box)


class ReportDialog(QDialog):
    """What a report of a problem needs: the output of ``dl3d doctor``, run beside the window, to copy."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Report for a problem")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.text = QPlainTextEdit("Looking at this machine. It takes some seconds…")
        self.text.setReadOnly(True)
        self.text.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        self.text.setAccessibleName("Report")
        self._copy = QPushButton("Copy")
        self._copy.setToolTip("Copy the report, to paste it into a message")
        self._copy.setEnabled(False)
        self._copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(self.text.toPlainText()))
        box = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        box.addButton(self._copy, QDialogButtonBox.ButtonRole.ActionRole)
        box.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(8)
        layout.addWidget(self.text)
        layout.addWidget(box)
        self.resize(640, 560)
        self._process = QProcess(self)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        self._process.finished.connect(self._show)
        self._process.errorOccurred.connect(self._show)
        program = ASSETS.parent / "main.py"
        self._process.start(sys.executable, [str(program), "doctor"])

    def closeEvent(self, event: QCloseEvent) -> None:
        """The report is not needed any more."""
        self._process.finished.disconnect(self._show)
        self._process.errorOccurred.disconnect(self._show)
        self._process.kill()
        self._process.waitForFinished(1000)
        super().closeEvent(event)

    def _show(self) -> None:
        said = bytes(self._process.readAll().data()).decode(errors="replace").strip()
        self.text.setPlainText(said or f"The report could not be made: {self._process.errorString()}.")
        self._copy.setEnabled(bool(said))


def _size_boxes(width: int, height: int) -> tuple[QComboBox, QSpinBox, QSpinBox]:
    """A choice of usual sizes, and width and height, which it sets."""
    wide = _number(width, 64, 7680, "", "Width in pixels")
    high = _number(height, 64, 7680, "", "Height in pixels")
    preset = QComboBox()
    sizes = {f"As it is, {width} × {height}": (width, height), **_SIZES}
    if (width, height) in _SIZES.values():
        sizes = dict(_SIZES)
    preset.addItems(list(sizes))

    def choose(text: str) -> None:
        wide.setValue(sizes[text][0])
        high.setValue(sizes[text][1])

    preset.textActivated.connect(choose)
    return preset, wide, high


def _number(value: int, low: int, high: int, suffix: str, tip: str) -> QSpinBox:
    box = QSpinBox()
    box.setRange(low, high)
    box.setValue(value)
    box.setSuffix(suffix)
    box.setAlignment(Qt.AlignmentFlag.AlignRight)
    box.setToolTip(tip)
    box.setAccessibleName(tip)
    return box


def _beside(*widgets: QWidget) -> QWidget:
    holder = QWidget()
    layout = QHBoxLayout(holder)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(8)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    return holder
