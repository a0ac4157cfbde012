"""What the selected entity is, in figures, and how it is drawn, in controls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QIcon, QImage, QPixmap
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDoubleSpinBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lab.geometry import Stats
from lab.render import colormaps, field_scalars
from lab.render.messages import Style
from lab.scene import Entity, Field, Mesh, Points
from ui.look.theme import Theme, ThemeManager, figures
from ui.look.units import count, extent, memory, significant
from ui.scene.history import History
from ui.scene.model import Entry, SceneModel
from ui.scene.tree import KIND_WORDS, chip, chip_color

_PLAIN = "Colour"
_LARGEST_POINT = 12
_LABEL_WIDTH = 70


class SceneDetails(QScrollArea):
    """Figures and style of the selected entity; edits go through the history."""

    colorRequested = Signal(str)

    def __init__(
        self, scene: SceneModel, history: History, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._scene = scene
        self._history = history
        self._themes = themes
        self._filling = False
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Details of the selected object")
        self._build()
        scene.selectionChanged.connect(lambda _: self._fill())
        scene.restyled.connect(self._refresh)
        scene.changed.connect(self._refresh_fields)
        scene.statsChanged.connect(self._refresh_stats)
        themes.changed.connect(lambda _: self._fill())
        self._fill()

    # --- building -------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        self._content = QWidget()
        layout = QVBoxLayout(self._content)
        layout.setContentsMargins(12, 8, 8, 12)
        layout.setSpacing(8)
        self._hint = QLabel("Select an object to see its figures and to change how it looks.")
        self._hint.setProperty("role", "muted")
        self._hint.setWordWrap(True)
        layout.addWidget(self._hint)
        self._body = QWidget()
        self._rows = QGridLayout(self._body)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setHorizontalSpacing(8)
        self._rows.setVerticalSpacing(6)
        self._rows.setColumnMinimumWidth(0, _LABEL_WIDTH)
        self._rows.setColumnStretch(1, 1)
        layout.addWidget(self._body)
        self._more = layout
        layout.addStretch(1)
        self.setWidget(self._content)
        self._labels: dict[str, tuple[QLabel, QWidget]] = {}
        self._build_style()
        self._build_figures()

    def add_section(self, section: QWidget) -> None:
        """Put something more of the selected object below its figures."""
        self._more.insertWidget(self._more.count() - 1, section)

    def _build_style(self) -> None:
        self._chip = QToolButton()
        self._chip.setText("Choose…")
        self._chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._chip.clicked.connect(lambda: self.colorRequested.emit(self._scene.selected or ""))
        self._own = QToolButton()
        self._own.setText("Own")
        self._own.setToolTip("Use the object's own colours, as the file brings them")
        self._own.setAccessibleName("Own colours")
        self._own.clicked.connect(lambda: self._edit("colour", color=None, scalar=None))
        colours = QWidget()
        line = QHBoxLayout(colours)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._chip)
        line.addWidget(self._own)
        line.addStretch(1)
        self._row("Colour", colours, "Colour of the object")
        self._opacity = self._slider(0, 100, lambda value: self._edit("opacity", opacity=value / 100), " %")
        self._row("Opacity", self._opacity, "Opacity in percent")
        self._field = _box()
        self._field.activated.connect(self._choose_field)
        self._row("Colour by", self._field, "The field of numbers that colours the object")
        self._colormap = _box()
        self._colormap.setIconSize(QSize(32, 12))
        for name in colormaps.NAMES:
            self._colormap.addItem(_ramp(name), name)
        self._colormap.textActivated.connect(lambda name: self._edit("colour map", colormap=name))
        self._row("Colours", self._colormap, "The colours from the lowest to the highest number")
        self._build_range()
        self._point_size = self._slider(
            1, _LARGEST_POINT, lambda v: self._edit("point size", point_size=float(v)), " px"
        )
        self._row("Point size", self._point_size, "Size of a point in pixels")
        self._wireframe = QCheckBox("Edges")
        self._wireframe.toggled.connect(lambda on: self._edit("wireframe", wireframe=on))
        self._row("Wireframe", self._wireframe, "Draw the edges over the faces")

    def _build_range(self) -> None:
        self._auto = QCheckBox("Automatic")
        self._auto.toggled.connect(self._choose_auto)
        self._low, self._high = (self._number(name) for name in ("Lowest number", "Highest number"))
        box = QWidget()
        grid = QGridLayout(box)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(4)
        for row, widget in enumerate((self._auto, self._high, self._low)):
            grid.addWidget(widget, row, 0)
        self._row("Range", box, "The numbers at both ends of the colours")
        self._auto.setToolTip("From the field's lowest to its highest number")

    def _number(self, name: str) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setDecimals(6)
        box.setRange(-1e9, 1e9)
        box.setStepType(QDoubleSpinBox.StepType.AdaptiveDecimalStepType)
        box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        box.setAlignment(Qt.AlignmentFlag.AlignRight)
        box.setAccessibleName(name)
        box.setToolTip(name)
        box.setKeyboardTracking(False)
        box.valueChanged.connect(self._choose_range)
        return box

    def _slider(self, low: int, high: int, changed: Callable[[int], None], unit: str) -> QWidget:
        box = _SliderWithNumber(low, high, unit)
        box.slider.valueChanged.connect(changed)
        return box

    def _build_figures(self) -> None:
        for name, tip in (
            ("Kind", "What it is"),
            ("Vertices", "Number of vertices"),
            ("Faces", "Number of triangles"),
            ("Watertight", "Whether every edge has exactly two faces"),
            ("Boundary", "Edges with one face only"),
            ("Size", "Along x, y and z"),
            ("From", "Lower corner: x, y, z in metres"),
            ("To", "Upper corner: x, y, z in metres"),
            ("Memory", "Of its arrays"),
        ):
            value = QLabel()
            value.setFont(figures(self.font()))
            value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            value.setWordWrap(True)
            self._row(name, value, tip)

    def _row(self, name: str, widget: QWidget, tip: str) -> None:
        label = QLabel(name)
        label.setProperty("role", "muted")
        label.setToolTip(tip)
        widget.setToolTip(tip)
        widget.setAccessibleName(tip if not isinstance(widget, QLabel) else name)
        row = self._rows.rowCount()
        top = Qt.AlignmentFlag.AlignTop if isinstance(widget, QLabel) else Qt.AlignmentFlag.AlignVCenter
        self._rows.addWidget(label, row, 0, top)
        self._rows.addWidget(widget, row, 1)
        self._labels[name] = (label, widget)

    # --- filling --------------------------------------------------------------------------------------------------

    def _entry(self) -> Entry | None:
        path = self._scene.selected
        return self._scene.entry(path) if path is not None else None

    def _refresh(self, path: str) -> None:
        if path == self._scene.selected:
            self._fill()

    def _refresh_stats(self, path: str) -> None:
        if path == self._scene.selected:
            entry = self._scene.entry(path)
            self._fill_figures(entry.entity, entry.stats)

    def _refresh_fields(self, path: str) -> None:
        """A new frame: only what it can change, and only if it did."""
        if path == self._scene.selected and self._field_names() != _fields(self._scene.entity(path)):
            self._fill()

    def _field_names(self) -> tuple[str, ...]:
        return tuple(self._field.itemText(i) for i in range(1, self._field.count()))

    def _fill(self) -> None:
        entry = self._entry()
        self._hint.setVisible(entry is None)
        self._body.setVisible(entry is not None)
        if entry is None:
            return
        self._filling = True
        self._fill_style(entry.entity, entry.style, entry, self._themes.theme)
        self._filling = False
        self._fill_figures(entry.entity, entry.stats)

    def _fill_style(self, entity: Entity, style: Style, entry: Entry, theme: Theme) -> None:
        self._show("Colour", not isinstance(entity, Field))
        self._chip.setIcon(chip(chip_color(entry), theme))
        self._own.setVisible(getattr(entity, "colors", None) is not None or bool(getattr(entity, "materials", ())))
        self._own.setEnabled(style.color is not None or style.scalar is not None)
        self._opacity.slider.setValue(round(style.opacity * 100))
        names = _fields(entity)
        if names != self._field_names() or self._field.count() == 0:
            self._field.clear()
            self._field.addItems([_PLAIN, *names])
        self._field.setCurrentText(style.scalar if style.scalar in names else _PLAIN)
        coloured = style.scalar in names
        self._show("Colour by", bool(names))
        self._show("Colours", coloured)
        self._show("Range", coloured)
        self._colormap.setCurrentText(style.colormap)
        self._auto.setChecked(style.scalar_range is None)
        for box, value in zip((self._low, self._high), style.scalar_range or self._own_range(), strict=True):
            box.setValue(value)
            box.setEnabled(style.scalar_range is not None)
        self._show("Point size", isinstance(entity, Points))
        self._show("Wireframe", isinstance(entity, Mesh))
        self._point_size.slider.setValue(round(style.point_size))
        self._wireframe.setChecked(style.wireframe)

    def _fill_figures(self, entity: Entity, stats: Stats | None) -> None:
        values = {"Kind": KIND_WORDS[type(entity)]}
        mesh = isinstance(entity, Mesh)
        if isinstance(entity, Mesh | Points):
            values["Vertices"] = count(len(entity.verts))
            values["Faces"] = count(len(entity.faces)) if isinstance(entity, Mesh) else ""
        if isinstance(entity, Field):
            values["Vertices"] = count(len(entity.density))
            values["Size"] = extent((entity.upper - entity.lower).tolist())
        values["Memory"] = memory(entity.nbytes)
        if stats is not None:
            values["Watertight"] = ("yes" if stats.watertight else "no") if mesh else ""
            values["Boundary"] = f"{count(stats.boundary_edges)} edges" if mesh and stats.boundary_edges else ""
            values["Size"] = extent((stats.bounds_upper - stats.bounds_lower).tolist())
            values["From"] = "  ".join(significant(x) for x in stats.bounds_lower.tolist())
            values["To"] = "  ".join(significant(x) for x in stats.bounds_upper.tolist())
        for name in ("Kind", "Vertices", "Faces", "Watertight", "Boundary", "Size", "From", "To", "Memory"):
            text = values.get(name, "")
            value = self._labels[name][1]
            assert isinstance(value, QLabel)
            value.setText(text)
            self._show(name, bool(text))

    def _show(self, name: str, shown: bool) -> None:
        for widget in self._labels[name]:
            widget.setVisible(shown)

    # --- edits ----------------------------------------------------------------------------------------------------

    def _edit(self, what: str, **changes: Any) -> None:
        entry = self._entry()
        if entry is not None and not self._filling:
            self._history.edit(entry.path, replace(entry.style, **changes), what)

    def _choose_field(self, index: int) -> None:
        self._edit("colouring", scalar=self._field.itemText(index) if index > 0 else None, scalar_range=None)

    def _choose_point_size(self, pixels: int) -> None:
        self._edit("point size", point_size=float(pixels))

    def _choose_auto(self, automatic: bool) -> None:
        self._edit("range", scalar_range=None if automatic else self._own_range())

    def _choose_range(self) -> None:
        low, high = self._low.value(), self._high.value()
        if low < high:
            self._edit("range", scalar_range=(low, high))

    def _own_range(self) -> tuple[float, float]:
        entry = self._entry()
        if entry is not None and isinstance(entry.entity, Field) and entry.style.scalar is not None:
            return field_scalars.own_range(entry.entity, entry.style.scalar)
        values = getattr(entry.entity, "scalars", {}).get(entry.style.scalar) if entry is not None else None
        if values is None or not len(values):
            return 0.0, 1.0
        low, high = colormaps.own_range(values)
        return (low, high) if low < high else (low, low + 1.0)


class _SliderWithNumber(QWidget):
    """A slider and its value."""

    def __init__(self, low: int, high: int, unit: str) -> None:
        super().__init__()
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(low, high)
        self.slider.setPageStep(max((high - low) // 10, 1))
        self._unit = unit
        self._text = QLabel()
        self._text.setFont(figures(self.font()))
        self._text.setMinimumWidth(48)
        self._text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        self.slider.setMinimumWidth(32)
        layout.addWidget(self.slider, 1)
        layout.addWidget(self._text)
        self.slider.valueChanged.connect(self._show)
        self._show(self.slider.value())

    def setAccessibleName(self, name: str) -> None:
        """The name belongs to the slider, which has the focus."""
        self.slider.setAccessibleName(name)

    def _show(self, value: int) -> None:
        self._text.setText(f"{value}{self._unit}")


def _box() -> QComboBox:
    """A choice that is as wide as there is room, not as its longest word."""
    box = QComboBox()
    box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
    return box


def _fields(entity: Entity) -> tuple[str, ...]:
    """What an entity can be coloured by."""
    return field_scalars.NAMES if isinstance(entity, Field) else tuple(getattr(entity, "scalars", {}))


def _ramp(name: str) -> QIcon:
    row = np.ascontiguousarray(colormaps.table(name)[np.newaxis], np.uint8)
    image = QImage(row.data, row.shape[1], 1, row.shape[1] * 3, QImage.Format.Format_RGB888)
    return QIcon(QPixmap.fromImage(image).scaled(96, 24))
