"""The choice of a preset above a form."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from lab.chapter import Preset
from ui.forms.controls import ChoiceBox


class PresetBar(QWidget):
    """The choice of a preset, what it is for, and whether the values still are its own."""

    chosen = Signal(str)
    restore = Signal()

    def __init__(self, presets: Iterable[Preset]) -> None:
        super().__init__()
        self._presets = {preset.title: preset for preset in presets}
        self._box = ChoiceBox(tuple(self._presets))
        self._box.setAccessibleName("Preset")
        for index, preset in enumerate(self._presets.values()):
            self._box.setItemData(index, preset.doc, Qt.ItemDataRole.ToolTipRole)
        self._box.textActivated.connect(self.chosen)
        self._modified = QToolButton()
        self._modified.setText("modified")
        self._modified.setToolTip("<p>Some values are not those of the preset. Click to restore them.</p>")
        self._modified.setAccessibleName("Modified: restore the preset's values")
        self._modified.clicked.connect(self.restore)
        self._modified.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        policy = self._modified.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._modified.setSizePolicy(policy)
        self._modified.hide()
        self._doc = QLabel()
        self._doc.setProperty("role", "muted")
        self._doc.setWordWrap(True)
        label = QLabel("Preset")
        label.setBuddy(self._box)
        line = QHBoxLayout()
        line.setSpacing(8)
        line.addWidget(label)
        line.addWidget(self._box, 1)
        line.addWidget(self._modified)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 8)
        layout.setSpacing(4)
        layout.addLayout(line)
        layout.addWidget(self._doc)
        self.show_title(self.title)

    @property
    def title(self) -> str:
        return self._box.currentText()

    def show_title(self, title: str) -> None:
        self._box.setCurrentText(title)
        self._doc.setText(self._presets[title].doc if title in self._presets else "")

    def show_modified(self, modified: bool) -> None:
        self._modified.setVisible(modified)
