"""The panel of an activity: its parameters, its lesson and its results, and the doctor's line below them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from lab.chapter import ExperimentActivity, find
from lab.params import ParamError, declared
from ui.forms.form import ParamForm
from ui.lessons.view import LessonView
from ui.look.theme import ThemeManager
from ui.runs.notices import NoticeBar
from ui.runs.results import ResultsView
from ui.scene.model import SceneModel

PARAMETERS, LESSON, RESULTS = range(3)


class ActivityPanel(QWidget):
    """What an activity shows at the right of the viewport. A term that is pointed at in one place is lit in all."""

    termHovered = Signal(object)
    """The key of a loss term, or None."""
    refused = Signal(str)
    """Why something that the lesson asked for cannot be set."""

    def __init__(
        self, activity: ExperimentActivity, scene: SceneModel, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.activity = activity
        self._themes = themes
        self._badge = False
        self.form = ParamForm(activity, scene, themes, seed=False)
        self.lesson = LessonView(activity, themes)
        self.results = ResultsView(themes)
        self.results.set_explanations(activity.figures)
        self.results.set_onward(find(activity.onward.activity).title if activity.onward is not None else "")
        self.notices = NoticeBar(themes)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for page, title, tip in (
            (self.form, "Parameters", "What the run does (Ctrl+P)"),
            (self.lesson, "Lesson", "What is going on here (Ctrl+L)"),
            (self.results, "Results", "How good the result is (Ctrl+E)"),
        ):
            self.tabs.setTabToolTip(self.tabs.addTab(page, title), tip)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(8, 0, 8, 8)
        foot.addWidget(self.notices)
        layout.addLayout(foot)
        self._connect()

    def _connect(self) -> None:
        self.form.termHovered.connect(self._hover)
        self.lesson.termHovered.connect(self._hover)
        self.lesson.termClicked.connect(self.show_term)
        self.lesson.presetRequested.connect(self._apply_preset)
        self.lesson.valuesRequested.connect(self._set_values)
        self.notices.termRequested.connect(self.show_term)
        self.tabs.currentChanged.connect(self._on_tab)
        self._themes.changed.connect(lambda _: self._show_badge())

    @property
    def target(self) -> str:
        """The geometry parameter that a file is for: the first that a run cannot do without; "" for none."""
        return next((p.name for p in declared(self.activity.params) if p.kind == "geometry" and not p.optional), "")

    @property
    def needs_target(self) -> bool:
        """Whether a run cannot begin before that is chosen."""
        values = self.form.values()
        target = next((p for p in declared(self.activity.params) if p.name == self.target), None)
        return target is not None and not values[target.name] and not target.may_be_empty(values)

    def show_page(self, page: int) -> None:
        """PARAMETERS, LESSON or RESULTS."""
        self.tabs.setCurrentIndex(page)
        self.tabs.currentWidget().setFocus(Qt.FocusReason.ShortcutFocusReason)

    def show_term(self, term: str) -> None:
        """Go to the slider of a term."""
        self.tabs.setCurrentIndex(PARAMETERS)
        self.form.show_term(term)
        self._hover(term)

    def set_badge(self, shown: bool) -> None:
        """A dot on "Results": there is something new."""
        self._badge = shown and self.tabs.currentIndex() != RESULTS
        self._show_badge()

    @property
    def badge(self) -> bool:
        """Whether the dot is there."""
        return self._badge

    def _show_badge(self) -> None:
        self.tabs.setTabIcon(RESULTS, _dot(self._themes.theme.accent) if self._badge else QIcon())

    def _on_tab(self, page: int) -> None:
        if page == RESULTS:
            self.set_badge(False)

    def _hover(self, term: str | None) -> None:
        self.form.highlight(term)
        self.lesson.highlight(term)
        self.termHovered.emit(term)

    def _apply_preset(self, title: str) -> None:
        self._try(lambda: self.form.apply_preset(title))

    def _set_values(self, values: dict[str, object]) -> None:
        self._try(lambda: self.form.set_values(values))

    def _try(self, change: Callable[[], None]) -> None:
        try:
            change()
        except ParamError as error:
            self.refused.emit(str(error))


def _dot(color: str) -> QIcon:
    picture = QPixmap(32, 32)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    painter.drawEllipse(8, 8, 16, 16)
    painter.end()
    return QIcon(picture)
