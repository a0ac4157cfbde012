"""Number fields for narrow places."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QSizePolicy, QWidget

from ui.look.theme import figures

# Qt lays the text out wrongly when the buttons are switched off under a style sheet, so they are made invisible.
_NO_ARROWS = (
    "QDoubleSpinBox::up-button, QDoubleSpinBox::down-button { width: 0px; }"
    "QDoubleSpinBox::up-arrow, QDoubleSpinBox::down-arrow { width: 0px; image: none; }"
)


class NumberField(QDoubleSpinBox):
    """A number without arrows, as wide as there is room; the wheel and the arrow keys change it in steps."""

    def __init__(self, name: str, step: float, decimals: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setStyleSheet(_NO_ARROWS)
        self.setDecimals(decimals)
        self.setRange(-1e9, 1e9)
        self.setSingleStep(step)
        self.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.setFont(figures(self.font()))
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(40)
        self.setAccessibleName(name)
        self.setToolTip(name)
