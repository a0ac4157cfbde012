"""The panel of a study: its parameters with its buttons, its lesson and its results, and its notes below them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from lab.chapter import StudyActivity, find
from lab.params import ParamError, declared
from lab.study import Action, Board, Note
from ui.forms.form import ParamForm
from ui.lessons.view import LessonView
from ui.look.theme import ThemeManager, figures
from ui.scene.model import SceneModel
from ui.studies.notes import NoteStack
from ui.studies.results import StudyResults

PARAMETERS, LESSON, RESULTS = range(3)
_ONWARD = "\nonward"  # no key of an action is written so
_IN_A_ROW = 2  # buttons of the study


class StudyPanel(QWidget):
    """What a study shows at the right of its stage."""

    valuesChanged = Signal(dict)
    """All values, at most about 60 times a second while a slider moves; the last ones always come."""
    gesture = Signal(str, bool)
    """The person is about to change values: what "Undo" calls it, whether a slider is in their hand."""
    gestureEnded = Signal()
    """The person let go."""
    actionPressed = Signal(str)
    """The key of a button of the study."""
    onwardRequested = Signal()
    """The person wants to go on in the next activity."""
    addRequested = Signal(str)
    """The name of a result to be put into the scene."""
    saveRequested = Signal(str)
    """The name of a result to be saved."""
    cancelRequested = Signal()
    """The person does not want to wait for what is at work."""
    fileDropped = Signal(str, str)
    """(parameter, file): load it, then ``form.choose(parameter, its path in the scene)``."""
    refused = Signal(str)
    """Why something that was asked for cannot be set."""

    def __init__(
        self, activity: StudyActivity, scene: SceneModel, themes: ThemeManager, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.activity = activity
        self.form = ParamForm(activity, scene, themes, seed=False)
        self.lesson = LessonView(activity, themes)
        self.results = StudyResults(themes, activity.figures)
        self.notes = NoteStack(themes)
        self.status = _StatusLine()
        self._buttons = _Buttons((*activity.actions, *_onward(activity)))
        self._last_notes: tuple[Note, ...] = ()
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.form, 1)
        column.addWidget(self._buttons)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        for widget, title, tip in (
            (page, "Parameters", "What the study shows (Ctrl+P)"),
            (self.lesson, "Lesson", "What is going on here (Ctrl+L)"),
            (self.results, "Results", "Figures of what you see, and what you can keep of it (Ctrl+E)"),
        ):
            self.tabs.setTabToolTip(self.tabs.addTab(widget, title), tip)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(8, 4, 8, 4)
        foot.setSpacing(4)
        foot.addWidget(self.notes)
        foot.addWidget(self.status)
        layout.addLayout(foot)
        self._connect()

    def _connect(self) -> None:
        self.form.valuesChanged.connect(self.valuesChanged)
        self.form.fileDropped.connect(self.fileDropped)
        self.form.edited.connect(self.gesture)
        self.form.released.connect(self.gestureEnded)
        self.form.presetApplied.connect(lambda title: self._begin(f"preset “{title}”"))
        self._buttons.pressed.connect(self._press)
        self.results.addRequested.connect(self.addRequested)
        self.results.saveRequested.connect(self.saveRequested)
        self.status.cancelled.connect(self.cancelRequested)
        self.lesson.presetRequested.connect(lambda title: self._try(lambda: self.form.apply_preset(title)))
        self.lesson.valuesRequested.connect(lambda values: self.set_values(values, "values of the lesson"))

    @property
    def target(self) -> str:
        """The geometry parameter that an opened file is for: the first one; "" for none."""
        return next((p.name for p in declared(self.activity.params) if p.kind in ("geometry", "geometries")), "")

    def show_page(self, page: int) -> None:
        """PARAMETERS, LESSON or RESULTS."""
        self.tabs.setCurrentIndex(page)
        self.tabs.currentWidget().setFocus(Qt.FocusReason.ShortcutFocusReason)

    def set_values(self, values: dict[str, object], gesture: str = "") -> None:
        """Take values from outside (a handle, a lesson, a board); tells ``refused`` when they are not allowed.

        gesture: what "Undo" calls it, if the person does no more than this.
        """
        if gesture:
            self._begin(gesture)
        self._try(lambda: self.form.set_values(values))

    def _begin(self, title: str) -> None:
        """A gesture of its own."""
        self.gestureEnded.emit()
        self.gesture.emit(title, False)

    def _press(self, key: str) -> None:
        if key == _ONWARD:
            self.onwardRequested.emit()
            return
        self._begin(next(action.title for action in self.activity.actions if action.key == key))
        self.actionPressed.emit(key)

    # --- what the study says ----------------------------------------------------------------------------------------

    def show_board(self, board: Board) -> None:
        """Show a board's figures, results, notes and status, and take over its values."""
        self.results.show_board(board)
        self._last_notes = board.notes
        self.notes.show_notes(board.notes)
        self.status.show_words(board.status)
        self.form.set_spans(board.spans)
        if board.values:
            self.set_values(dict(board.values))

    def set_busy(self, busy: bool) -> None:
        """A question takes long enough to tell, or is answered."""
        self.status.set_busy(busy)

    def show_progress(self, fraction: float | None, text: str) -> None:
        """What is being done, and how far; fraction in [0, 1] or None."""
        self.status.show_progress(fraction, text)

    def show_problem(self, sentence: str) -> None:
        """Say why there is no answer, above the notes of the last board; the next board takes it away."""
        self.notes.show_notes((Note("error", sentence), *self._last_notes))

    def _try(self, change: Callable[[], None]) -> None:
        try:
            change()
        except ParamError as error:
            self.refused.emit(str(error))


def _onward(activity: StudyActivity) -> tuple[Action, ...]:
    """The button that leads on, if there is somewhere to go."""
    if activity.onward is None:
        return ()
    title = find(activity.onward.activity).title
    return (Action(_ONWARD, f"Continue in “{title}”", f"Open “{title}” with the same parameters."),)


class _Buttons(QWidget):
    """The study's own buttons, two in a row."""

    pressed = Signal(str)

    def __init__(self, actions: tuple[Action, ...]) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 8, 16, 8)
        grid.setSpacing(8)
        for place, action in enumerate(actions):
            button = QPushButton(action.title)
            button.setToolTip(f"<p>{action.tip}</p>")
            button.setAccessibleDescription(action.tip)
            button.clicked.connect(lambda *_, key=action.key: self.pressed.emit(key))
            alone = place == len(actions) - 1 and place % _IN_A_ROW == 0
            grid.addWidget(button, place // _IN_A_ROW, place % _IN_A_ROW, 1, _IN_A_ROW if alone else 1)
        self.setVisible(bool(actions))


class _Elided(QLabel):
    """A line that ends in "…" where the room ends; all of it stands in the tool tip."""

    def __init__(self) -> None:
        super().__init__()
        self._all = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def show_text(self, text: str) -> None:
        self._all = text
        self.setToolTip(text)
        self._elide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        shown = self.fontMetrics().elidedText(self._all, Qt.TextElideMode.ElideRight, self.width())
        if shown != self.text():
            self.setText(shown)

    @property
    def whole(self) -> str:
        return self._all


class _StatusLine(QWidget):
    """How the last board was made; while one is awaited, how far it is and a button to give it up. Its height stays."""

    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._words = ""
        self._busy = False
        self._label = _Elided()
        self._label.setProperty("role", "muted")
        self._label.setFont(figures(self._label.font()))
        self._label.setAccessibleName("Status")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(56)
        self._cancel = QToolButton()
        self._cancel.setText("Cancel")
        self._cancel.setToolTip("Give up what is being computed")
        self._cancel.clicked.connect(self.cancelled)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 4, 0)
        layout.setSpacing(8)
        layout.addWidget(self._label, 1)
        layout.addWidget(self._bar)
        layout.addWidget(self._cancel)
        self.setFixedHeight(30)
        self.set_busy(False)

    @property
    def text(self) -> str:
        """What is said."""
        return self._label.whole

    @property
    def busy(self) -> bool:
        """Whether it shows that something is at work."""
        return self._busy

    def show_words(self, words: str) -> None:
        self._words = words
        if not self._busy:
            self._label.show_text(words)

    def set_busy(self, busy: bool) -> None:
        self._busy = busy
        self._bar.setVisible(busy)
        self._cancel.setVisible(busy)
        self._bar.setRange(0, 0 if busy else 100)
        self._label.show_text("Computing…" if busy else self._words)

    def show_progress(self, fraction: float | None, text: str) -> None:
        if self._busy:
            self._bar.setRange(0, 0 if fraction is None else 100)
            self._bar.setValue(round(100 * (fraction or 0.0)))
            self._label.show_text(f"{text}…")
