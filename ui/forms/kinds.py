"""Which row a parameter has: one table from kind to widget."""

from __future__ import annotations

from lab.chapter import Term
from lab.params import Param
from ui.forms.geometry_rows import GeometriesRow, GeometryRow
from ui.forms.keypoints_row import KeypointsRow
from ui.forms.mask_row import MaskRow
from ui.forms.numbers_row import NumbersRow
from ui.forms.row import HiddenRow, Row
from ui.forms.rows import ChoiceRow, NumberRow, SwitchRow
from ui.forms.text_rows import FileRow, TextRow
from ui.look.theme import ThemeManager
from ui.scene.model import SceneModel


def make_row(param: Param, themes: ThemeManager, scene: SceneModel, term: Term | None) -> Row:
    """The row for a parameter; term: the loss term that it weighs."""
    if param.hidden:
        return HiddenRow(param, themes)
    match param.kind:
        case "geometry":
            return GeometryRow(param, themes, scene)
        case "geometries":
            return GeometriesRow(param, themes, scene)
        case "choice":
            return ChoiceRow(param, themes)
        case "switch":
            return SwitchRow(param, themes, term)
        case "file":
            if param.keypoints_of:
                return KeypointsRow(param, themes)
            return MaskRow(param, themes) if param.mask_of else FileRow(param, themes)
        case "text":
            return TextRow(param, themes)
        case "number" | "integer":
            return NumberRow(param, themes, term)
        case "numbers":
            return NumbersRow(param, themes)
