"""Measures a study: how soon it opens, and how well it follows each of its controls, handles and views."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, Qt

from lab.chapter import StudyActivity
from lab.params import Param, declared
from lab.render.messages import Drawn
from lab.studies.messages import Answer, Answered, Ask, StudyEvent
from lab.studies.source import OnEvent, StudyProcess
from ui.forms.numbers_row import NumbersRow
from ui.forms.rows import ChoiceRow, NumberRow, SwitchRow
from ui.probe.grabs import free_spot, grabs
from ui.probe.hands import Drag, nudge, orbit, press_key, sweep
from ui.probe.meters import GapMeter, spin, wait_until
from ui.probe.opened import Opened, ProbeError
from ui.studies.panel import StudyPanel
from ui.studies.panes.picture import PicturePane
from ui.studies.panes.view import ViewPane
from ui.studies.stage import StudyStage

_EACH_SECONDS = 2.5  # for each control, unless a time for all is given
_CHOICE_SECONDS = 0.5  # a person looks at each choice for so long, at least
_QUIET_SECONDS = 20.0  # within which a study should have answered for good
_REST_SECONDS = 0.15


class TimedSource(StudyProcess):
    """A study process that notes when each question was put and answered.

    moved: when the person last changed a value. newest: when the change was made that the last board shows.
    """

    def __init__(self, on_event: OnEvent) -> None:
        super().__init__(on_event)
        self.moved: float | None = None
        self.newest: float | None = None
        self._moved: dict[int, float | None] = {}
        self.asked: dict[int, float] = {}
        self.first: dict[int, float] = {}
        """Seconds from each question to its first board, by number."""
        self.done: set[int] = set()

    def ask(self, ask: Ask) -> None:
        self.asked[ask.number] = time.monotonic()
        self._moved[ask.number] = self.moved
        super().ask(ask)

    def _take(self, event: StudyEvent) -> None:
        if isinstance(event, Answer):
            self.first.setdefault(event.number, time.monotonic() - self.asked[event.number])
            self.newest = self._moved[event.number]
        elif isinstance(event, Answered):
            self.done.add(event.number)
        super()._take(event)

    @property
    def quiet(self) -> bool:
        """Whether the newest question was answered for good."""
        return not self.asked or max(self.asked) in self.done


class PictureDelay:
    """How old a change is when a view shows it: from the moved slider or handle to the picture on the screen."""

    def __init__(self, source: TimedSource, view: ViewPane) -> None:
        self.seconds: list[float] = []
        self._source, self._view = source, view
        self._awaited: list[tuple[int, float]] = []  # a picture with a higher number shows that change

    def on_board(self, _: object) -> None:
        """A board went into the view's scene."""
        if self._source.newest is not None:
            self._awaited.append((self._view.viewport.client.last_draw, self._source.newest))

    def on_picture(self, drawn: Drawn) -> None:
        """The view showed a picture."""
        now = time.monotonic()
        self.seconds += [now - moved for number, moved in self._awaited if drawn.number > number]
        self._awaited = [(number, moved) for number, moved in self._awaited if drawn.number <= number]


class StudyProbe:
    """One measurement of an open window. seconds: for all controls, or None; size: of the stage, or None."""

    def __init__(
        self, activity: StudyActivity, seconds: float | None, size: tuple[int, int] | None, opened: Opened
    ) -> None:
        self._activity = activity
        self._all_seconds = seconds
        self._seconds = _EACH_SECONDS
        self._size = size
        self._opened = opened
        self._controls: list[dict[str, Any]] = []

    def measure(self) -> None:
        """Adds all figures to those of ``opened``. Raises ProbeError."""
        figures = self._opened.figures
        figures["activity"] = self._activity.key
        figures["open"] = self._measure_opening()
        if self._size is not None:
            self._opened.resize(self._stage, self._size)
        figures["stage"] = [self._stage.width(), self._stage.height()]
        self._wait()
        controls = list(self._list_controls())
        if self._all_seconds is not None:
            self._seconds = self._all_seconds / max(1, len(controls))
        for name, kind, act in controls:
            self._measure_control(name, kind, act)
        figures["controls"] = self._controls
        self._opened.doing("opening it again")
        figures["open_again"] = self._measure_opening()
        figures["memory_mb"] = self._opened.memory()

    # --- the open study ---------------------------------------------------------------------------------------------

    @property
    def _stage(self) -> StudyStage:
        stage = self._opened.window.study_desk.stage
        assert stage is not None
        return stage

    @property
    def _panel(self) -> StudyPanel:
        panel = self._opened.window.panel
        assert isinstance(panel, StudyPanel)
        return panel

    @property
    def _source(self) -> TimedSource:
        source = self._opened.window.studies.source
        assert isinstance(source, TimedSource)
        return source

    def _views(self) -> dict[str, ViewPane]:
        """The views that can be seen, by pane."""
        bodies = {pane.key: self._stage.body(pane.key) for row in self._activity.panes for pane in row}
        return {key: body for key, body in bodies.items() if isinstance(body, ViewPane) and body.isVisible()}

    def _measure_opening(self) -> dict[str, Any]:
        """From the click on its name to its first board, and to a picture in each of its views."""
        window = self._opened.window
        window.study_desk.leave()
        window.open_activity("mesh-fitting")
        spin(_REST_SECONDS)
        self._opened.doing("opening the study")
        gaps = GapMeter()
        gaps.start()
        begin = time.monotonic()
        window.open_activity(self._activity.key)
        shown: set[str] = set()
        for row in self._activity.panes:
            for pane in row:
                body = self._stage.body(pane.key)
                if isinstance(body, ViewPane):
                    body.viewport.frameShown.connect(lambda _, key=pane.key: shown.add(key))
        called = time.monotonic() - begin
        if not wait_until(lambda: self._stage.board is not None):
            raise ProbeError(f"There was no board. {self._stage.words}".replace("\n", ": "))
        board = time.monotonic() - begin
        if not wait_until(lambda: shown >= set(self._views())):
            raise ProbeError(f"There was no picture in {', '.join(set(self._views()) - shown)}.")
        pictures = time.monotonic() - begin
        return {"call": called, "first_board": board, "all_pictures": pictures, "gaps_ms": gaps.stop()}

    def _wait(self) -> None:
        """Until the study has answered, and what it showed is drawn."""
        spin(_REST_SECONDS)
        if not wait_until(lambda: self._source.quiet, _QUIET_SECONDS):
            self._panel.cancelRequested.emit()
            wait_until(lambda: self._source.quiet, _QUIET_SECONDS)
        spin(_REST_SECONDS)

    # --- controls ---------------------------------------------------------------------------------------------------

    def _list_controls(self) -> Iterator[tuple[str, str, Callable[[], None]]]:
        """(name, kind, what the person does with it for a while) of everything that can be dragged or chosen."""
        for param in declared(self._activity.params):
            row = self._panel.form.row(param.name)
            if row.isHidden():
                continue
            if isinstance(row, NumberRow) and row.slider is not None:
                yield param.name, "slider", partial(self._slide, param, row)
            elif isinstance(row, NumbersRow) and row.page >= 0:
                yield row.title_of(0), "slider", partial(self._slide_first, row)
            elif isinstance(row, ChoiceRow):
                yield param.name, "choice", partial(self._choose, row)
            elif isinstance(row, SwitchRow):
                yield param.name, "switch", partial(self._switch, row)
        yield from self._list_handles()
        for key, view in self._views().items():
            if not view.viewport.locked:
                yield f"{key}: turning", "orbit", partial(self._orbit, view)

    def _list_handles(self) -> Iterator[tuple[str, str, Callable[[], None]]]:
        """The same of what can be dragged in the panes."""
        for key, view in self._views().items():
            for grab in grabs(view.viewport):
                yield f"{key}: {grab.name}", "handle", partial(self._drag_handle, view, grab.name)
        for pane in (pane for panes in self._activity.panes for pane in panes):
            body = self._stage.body(pane.key)
            if isinstance(body, PicturePane) and pane.point and body.isVisible():
                yield f"{pane.key}: the pixel", "pixel", partial(self._hold, partial(_nudge_middle, body))

    def _slide(self, param: Param, row: NumberRow) -> None:
        slider = row.slider
        assert slider is not None
        self._hold(lambda: sweep(slider, slider.value() / slider.maximum()))

    def _slide_first(self, row: NumbersRow) -> None:
        slider = row.lines[0].slider
        self._hold(lambda: sweep(slider, slider.value() / slider.maximum()))

    def _hold(self, begin: Callable[[], Drag]) -> None:
        drag = begin()
        spin(self._seconds)
        drag.stop()

    def _drag_handle(self, view: ViewPane, name: str) -> None:
        """It is looked for anew, as other controls may have moved it."""
        places = {grab.name: grab.at for grab in grabs(view.viewport)}
        if name in places:
            self._hold(partial(nudge, view.viewport, places[name]))
        else:
            spin(self._seconds)

    def _orbit(self, view: ViewPane) -> None:
        self._hold(partial(orbit, view.viewport, free_spot(view.viewport)))

    def _choose(self, row: ChoiceRow) -> None:
        each = max(_CHOICE_SECONDS, self._seconds / row.box.count())
        for number in range(row.box.count()):
            press_key(row.box, Qt.Key.Key_Down if number else Qt.Key.Key_Home)
            spin(each)

    def _switch(self, row: SwitchRow) -> None:
        for _ in range(2):
            row.switch.click()
            spin(max(_CHOICE_SECONDS, self._seconds / 2))

    def _measure_control(self, name: str, kind: str, act: Callable[[], None]) -> None:
        """Boards, answers, pictures and gaps while the person is at one control; then all is as it was before."""
        self._opened.doing(f"{kind} {name}")
        form = self._panel.form
        if name in {param.name for param in declared(self._activity.params)}:
            form.show_row(name)
        before = form.values()
        spin(_REST_SECONDS)
        source, gaps, old = self._source, GapMeter(), set(self._source.asked)
        source.moved = source.newest = None
        with self._counting() as (boards, pictures, delays):
            gaps.start()
            begin = time.monotonic()
            act()
            lasted = time.monotonic() - begin
            figures = gaps.stop()
            counts = boards[0], dict(pictures)
            waited = [1000 * seconds for delay in delays for seconds in delay.seconds]
        self._wait()
        answers = [1000 * seconds for number, seconds in source.first.items() if number not in old]
        self._controls.append(
            {
                "name": name,
                "kind": kind,
                "seconds": lasted,
                "questions_per_second": len(set(source.asked) - old) / lasted,
                "boards_per_second": counts[0] / lasted,
                "pictures_per_second": {key: count / lasted for key, count in counts[1].items()},
                "picture_ms": {
                    "median": float(np.median(waited)) if waited else None,
                    "p95": float(np.percentile(waited, 95)) if waited else None,
                },
                "answer_ms": {
                    "median": float(np.median(answers)) if answers else None,
                    "p95": float(np.percentile(answers, 95)) if answers else None,
                },
                "gaps_ms": figures,
            }
        )
        form.set_values(before)
        self._wait()

    @contextmanager
    def _counting(self) -> Iterator[tuple[list[int], dict[str, int], list[PictureDelay]]]:
        """Counts boards, and the pictures of each view with their delays."""
        boards = [0]
        views = self._views()
        pictures = dict.fromkeys(views, 0)

        def on_board(_: object) -> None:
            boards[0] += 1

        def on_picture(key: str, _: Drawn) -> None:
            pictures[key] += 1

        window, source = self._opened.window, self._source
        delays = {key: PictureDelay(source, body) for key, body in views.items()}

        def on_change(*_: object) -> None:
            source.moved = time.monotonic()

        rows = [self._panel.form.row(param.name) for param in declared(self._activity.params)]
        for row in rows:
            row.changed.connect(on_change)
        for body in views.values():
            body.viewport.handleMoved.connect(on_change)
        window.studies.boardReady.connect(on_board)
        for delay in delays.values():
            window.studies.boardReady.connect(delay.on_board)
        slots = {key: partial(on_picture, key) for key in views}
        for key, body in views.items():
            body.viewport.frameShown.connect(slots[key])
            body.viewport.frameShown.connect(delays[key].on_picture)
        try:
            yield boards, pictures, list(delays.values())
        finally:
            window.studies.boardReady.disconnect(on_board)
            for row in rows:
                row.changed.disconnect(on_change)
            for key, body in views.items():
                window.studies.boardReady.disconnect(delays[key].on_board)
                body.viewport.handleMoved.disconnect(on_change)
                body.viewport.frameShown.disconnect(slots[key])
                body.viewport.frameShown.disconnect(delays[key].on_picture)


def _nudge_middle(pane: PicturePane) -> Drag:
    return nudge(pane, QPointF(pane.width() / 2, pane.height() / 2))
