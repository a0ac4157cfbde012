"""The empty lab: an invitation to drop a file, to take an example, or to go on with the last file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPaintEvent, QPen, QPixmap, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lab.chapter import Activity, chapters
from lab.examples import Example, examples
from ui.look.icons import icon, pixmap
from ui.look.theme import Theme, ThemeManager

_CARD_WIDTH, _PICTURE = 136, QSize(120, 90)
_WIDEST = 760
_RECENT_SHOWN = 5


class Welcome(QScrollArea):
    """What the window shows while the scene is empty."""

    openRequested = Signal()
    exampleChosen = Signal(str)
    """The name of an example."""
    startRequested = Signal()
    """Open the activity's example and run it."""
    fileChosen = Signal(str)
    """A recent file."""
    chapterChosen = Signal(str)
    """The key of a chapter's first activity."""

    def __init__(self, activity: Activity, themes: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._themes = themes
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("Welcome")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._examples = {example.name: example for example in examples()}
        self._build(activity)
        themes.changed.connect(self._dress)
        self._dress(themes.theme)

    def _build(self, activity: Activity) -> None:
        page = QWidget()
        page.setProperty("role", "window")
        outer = QHBoxLayout(page)
        outer.setContentsMargins(24, 24, 24, 24)
        column = QWidget()
        column.setMaximumWidth(_WIDEST)
        column.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        outer.addStretch(1)
        outer.addWidget(column, 100)
        outer.addStretch(1)
        self._layout = QVBoxLayout(column)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(8)
        title = _label("See 3D deep learning happen", "title")
        self._layout.addWidget(title)
        self._layout.addWidget(_label("Open something of your own, or begin with a chapter.", "muted"))
        self._layout.addSpacing(8)
        self._build_drop_zone(activity)
        self._layout.addSpacing(16)
        self._layout.addWidget(_label("Chapters", "section"))
        self._chapters = _Chapters()
        self._chapters.chosen.connect(self.chapterChosen)
        self._layout.addWidget(self._chapters)
        self._layout.addSpacing(16)
        self._layout.addWidget(_label("Examples", "section"))
        self._cards = _Cards(self._examples.values())
        self._cards.chosen.connect(self.exampleChosen)
        self._layout.addWidget(self._cards)
        self._layout.addSpacing(16)
        self._recent_title = _label("Last files", "section")
        self._layout.addWidget(self._recent_title)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        self._layout.addLayout(self._recent)
        self._layout.addStretch(1)
        self.set_recent_files(())
        self.setWidget(page)

    def _build_drop_zone(self, activity: Activity) -> None:
        self._zone = _DropZone(self._themes)
        layout = QVBoxLayout(self._zone)
        layout.setContentsMargins(24, 16, 24, 16)
        layout.setSpacing(8)
        centre = Qt.AlignmentFlag.AlignHCenter
        self._picture = QLabel()
        layout.addWidget(self._picture, 0, centre)
        words = _label("Drop a mesh or a point cloud here", "heading")
        words.setAlignment(centre)
        layout.addWidget(words)
        formats = _label(
            "PLY, OBJ, GLB, STL, OFF, PCD, LAS, LAZ, XYZ, CSV, a recording (.dl3d) or a workspace (.dl3dw)", "muted"
        )
        formats.setAlignment(centre)
        layout.addWidget(formats)
        layout.addSpacing(8)
        example = self._examples.get(
            next((name for key in activity.example for name in activity.examples_of(key)), "").partition(".")[0]
        )
        self.start = QPushButton(f"Open {example.name if example else 'an example'} and fit it")
        self.start.setProperty("primary", True)
        self.start.setToolTip(f"Opens the example and runs {activity.title.lower()} on it")
        self.start.clicked.connect(self.startRequested)
        self.open = QPushButton("Open a file…")
        self.open.setToolTip("Choose a file (Ctrl+O)")
        self.open.clicked.connect(self.openRequested)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addStretch(1)
        line.addWidget(self.start)
        line.addWidget(self.open)
        line.addStretch(1)
        layout.addLayout(line)
        self._layout.addWidget(self._zone)

    def set_dragging(self, dragging: bool) -> None:
        """A file is held over the window: the drop zone answers."""
        self._zone.set_lit(dragging)

    def set_recent_files(self, files: Sequence[str]) -> None:
        """The last files; those that are gone are left out."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        there = [file for file in files if os.path.isfile(file)][:_RECENT_SHOWN]
        self._recent_title.setVisible(bool(there))
        for file in there:
            self._recent.addWidget(self._recent_button(file))

    def _recent_button(self, file: str) -> QToolButton:
        button = QToolButton()
        button.setText(f"{os.path.basename(file)}   {os.path.dirname(file)}")
        button.setToolTip(file)
        button.setAccessibleName(f"Open {file}")
        button.setIcon(icon("clock", self._themes.theme, color=self._themes.theme.muted))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda: self.fileChosen.emit(file))
        return button

    def _dress(self, theme: Theme) -> None:
        ratio = self.devicePixelRatioF()
        self._picture.setPixmap(pixmap("save", theme, 40, ratio, color=theme.muted))
        self.start.setIcon(icon("run", theme, color=theme.on_accent))
        self.open.setIcon(icon("open", theme))
        self._cards.dress(theme)
        for button in self.findChildren(QToolButton):
            if button.accessibleName().startswith("Open /"):
                button.setIcon(icon("clock", theme, color=theme.muted))


class _DropZone(QFrame):
    """A dashed frame, lit while a file is held over the window."""

    def __init__(self, themes: ThemeManager) -> None:
        super().__init__()
        self._themes = themes
        self._lit = False

    def set_lit(self, lit: bool) -> None:
        self._lit = lit
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        theme = self._themes.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(theme.accent if self._lit else theme.muted), 2 if self._lit else 1.25)
        pen.setDashPattern([5, 4])
        painter.setPen(pen)
        painter.setBrush(QColor(theme.field if self._lit else theme.panel))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 12, 12)


class _Chapters(QWidget):
    """The chapters and what one does in them, two in a row."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(24)
        grid.setVerticalSpacing(0)
        filled = [chapter for chapter in chapters().values() if chapter.activities]
        for place, chapter in enumerate(filled):
            button = QToolButton()
            button.setText(f"{chapter.number}   {chapter.title}")
            button.setAccessibleName(f"Open the chapter {chapter.title}")
            button.setAccessibleDescription(chapter.summary)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setStyleSheet("QToolButton { font-weight: 600; padding: 4px 8px; border-radius: 4px; }")
            button.clicked.connect(lambda *_, key=chapter.activities[0].key: self.chosen.emit(key))
            words = _label(chapter.summary, "muted")
            words.setContentsMargins(8, 0, 0, 8)
            row, column = 2 * (place // 2), place % 2
            grid.addWidget(button, row, column, Qt.AlignmentFlag.AlignLeft)
            grid.addWidget(words, row + 1, column, Qt.AlignmentFlag.AlignTop)
        for column in range(2):
            grid.setColumnStretch(column, 1)


class _Cards(QWidget):
    """The examples as pictures, in as many columns as there is room for."""

    chosen = Signal(str)

    def __init__(self, shown: Iterable[Example]) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)
        self._buttons: list[QToolButton] = []
        self._shown: list[Example] = list(shown)
        self._columns = 0
        for example in self._shown:
            button = QToolButton()
            button.setText(example.title)
            button.setAccessibleName(f"Open the example {example.title}")
            button.setToolTip(f"<p>{example.description}</p><p>{example.credit}. {example.licence}.</p>")
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextUnderIcon)
            button.setIconSize(_PICTURE)
            button.setFixedWidth(_CARD_WIDTH)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            button.setStyleSheet("QToolButton { padding: 8px 4px; border-radius: 8px; }")
            button.clicked.connect(lambda *_, name=example.name: self.chosen.emit(name))
            self._buttons.append(button)
        self._arrange(len(self._buttons))

    def dress(self, theme: Theme) -> None:
        for button, example in zip(self._buttons, self._shown, strict=True):
            button.setIcon(_picture(example, theme))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(max((event.size().width() + 8) // (_CARD_WIDTH + 8), 1))

    def minimumSizeHint(self) -> QSize:
        return QSize(_CARD_WIDTH, super().minimumSizeHint().height())

    def _arrange(self, columns: int) -> None:
        columns = min(columns, len(self._buttons))
        if columns == self._columns:
            return
        self._columns = columns
        for index, button in enumerate(self._buttons):
            self._grid.removeWidget(button)
            self._grid.addWidget(button, index // columns, index % columns)
        for column in range(len(self._buttons) + 1):
            self._grid.setColumnStretch(column, 1 if column == columns else 0)


def _label(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", role)
    label.setWordWrap(True)
    return label


def _picture(example: Example, theme: Theme) -> QIcon:
    """Its picture on a rounded ground, or its kind's icon where there is none."""
    ratio = 2.0
    size = _PICTURE * ratio
    ground = QPixmap(size)
    ground.fill(Qt.GlobalColor.transparent)
    painter = QPainter(ground)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.setBrush(QColor(theme.viewport))
    painter.setPen(QPen(QColor(theme.border), 2))
    painter.drawRoundedRect(QRectF(1, 1, size.width() - 2, size.height() - 2), 12, 12)
    image = QPixmap(str(example.thumbnail))
    if image.isNull():
        points = example.path.suffix.lower() in (".las", ".laz") or example.name == "b9"
        image = pixmap("points" if points else "mesh", theme, round(44 * ratio), color=theme.muted)
    else:
        image = image.scaled(
            size, Qt.AspectRatioMode.KeepAspectRatioByExpanding, Qt.TransformationMode.SmoothTransformation
        )
        frame = QPainterPath()
        frame.addRoundedRect(QRectF(1, 1, size.width() - 2, size.height() - 2), 12, 12)
        painter.setClipPath(frame)
    painter.drawPixmap((size.width() - image.width()) // 2, (size.height() - image.height()) // 2, image)
    painter.end()
    return QIcon(ground)
