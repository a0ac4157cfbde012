"""What the probe does with the mouse: the real widgets take it as a person's."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from lab.params import Param
from lab.study import Handle
from ui.forms.rows import ChoiceRow, NumberRow
from ui.look.theme import ThemeManager
from ui.probe.grabs import free_spot, grabs
from ui.probe.hands import nudge, orbit, press_key, sweep
from ui.viewport.canvas import ViewportCanvas


class Canvas(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.setMouseTracking(True)
        self.events: list[tuple[QEvent.Type, Qt.MouseButton, QPointF]] = []

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent):
            self.events.append((event.type(), event.buttons(), event.position()))
        return super().event(event)


def test_drag_comes_presses_moves_and_lets_go(qtbot: QtBot) -> None:
    canvas = Canvas()
    qtbot.addWidget(canvas)
    drag = orbit(canvas, QPointF(200, 100))
    qtbot.waitUntil(lambda: len(canvas.events) > 5)
    drag.stop()
    kinds = [kind for kind, _, _ in canvas.events]
    assert kinds[:2] == [QEvent.Type.MouseMove, QEvent.Type.MouseButtonPress]
    assert set(kinds[2:-1]) == {QEvent.Type.MouseMove}
    assert kinds[-1] == QEvent.Type.MouseButtonRelease
    held = [buttons for _, buttons, _ in canvas.events]
    assert held[0] == held[-1] == Qt.MouseButton.NoButton
    assert set(held[1:-1]) == {Qt.MouseButton.LeftButton}
    places = [place for _, _, place in canvas.events]
    assert places[0] == places[1] == QPointF(200, 100)
    assert (places[3] - places[2]).manhattanLength() > 1
    assert drag.steps == len(canvas.events) - 3


def test_sweep_takes_the_whole_range_of_a_number(qtbot: QtBot) -> None:
    row = NumberRow(Param("size", "number", 0.5, "A size.", "Size", minimum=0.0, maximum=2.0), ThemeManager())
    qtbot.addWidget(row)
    row.resize(300, 60)
    row.show()
    seen: list[float] = []
    row.changed.connect(lambda: seen.append(row.value))
    assert row.slider is not None
    drag = sweep(row.slider, 0.25)
    qtbot.waitUntil(lambda: drag.steps > 260, timeout=8000)
    drag.stop()
    assert seen[0] == pytest.approx(0.5, abs=0.1), "it begins where the handle is"
    assert min(seen) == pytest.approx(0.0, abs=0.05)
    assert max(seen) == pytest.approx(2.0, abs=0.05)


def test_keys_choose_as_a_person_does(qtbot: QtBot) -> None:
    param = Param("kind", "choice", "b", "A kind.", "Kind", choices=("a", "b", "c"))
    row = ChoiceRow(param, ThemeManager())
    qtbot.addWidget(row)
    seen: list[str] = []
    row.changed.connect(lambda: seen.append(row.value))
    for key in (Qt.Key.Key_Home, Qt.Key.Key_Down, Qt.Key.Key_Down):
        press_key(row.box, key)
    assert seen == ["a", "b", "c"]


HANDLES = (
    Handle("light", "point", ("x", "y", "z"), (-0.9, 0.2, 0.1), label="Light"),
    Handle("camera", "frame", ("tx", "ty", "tz", "rx", "ry", "rz"), (0.9, 0.2, 0.3), (0.2, -0.4, 0.6)),
    Handle("omega", "vector", ("a", "b", "c"), (0, 0, 0), vector=(0.1, 0.3, 0.1)),
)


def test_everything_that_can_be_dragged_in_a_view_is_found_and_moves(qtbot: QtBot) -> None:
    canvas = ViewportCanvas(ThemeManager())
    qtbot.addWidget(canvas)
    canvas.resize(900, 600)
    canvas.show()
    canvas.set_handles(HANDLES)
    moved: list[tuple[str, dict[str, float]]] = []
    canvas.handleMoved.connect(lambda key, values: moved.append((key, values)))
    found = grabs(canvas)
    assert [grab.name for grab in found] == [
        "Light (middle)",
        "Light (arrow)",
        "camera (middle)",
        "camera (arrow)",
        "camera (ring)",
        "omega",
    ]
    keys = ["light", "light", "camera", "camera", "camera", "omega"]
    names = {handle.key: set(handle.params) for handle in HANDLES}
    for grab, key in zip(found, keys, strict=True):
        moved.clear()
        canvas.set_handles(HANDLES)
        drag = nudge(canvas, grab.at)
        qtbot.waitUntil(lambda drag=drag: drag.steps > 4)
        drag.stop()
        assert {name for name, _ in moved} == {key}, grab.name
        assert set(moved[-1][1]) == names[key]


def test_a_view_is_turned_from_where_no_handle_is(qtbot: QtBot) -> None:
    canvas = ViewportCanvas(ThemeManager())
    qtbot.addWidget(canvas)
    canvas.resize(900, 600)
    canvas.show()
    at = free_spot(canvas)
    x, y, z = canvas.camera.eye + 2 * canvas.sight().ray((at.x(), at.y()))[1]
    canvas.set_handles([Handle("in the way", "point", ("x", "y", "z"), (x, y, z))])
    moved: list[str] = []
    canvas.handleMoved.connect(lambda key, values: moved.append(key))
    for place, taken in ((at, True), (free_spot(canvas), False)):
        moved.clear()
        before = canvas.camera
        drag = orbit(canvas, place)
        qtbot.waitUntil(lambda drag=drag: drag.steps > 4)
        drag.stop()
        assert (bool(moved), canvas.camera != before) == (taken, not taken)


def test_a_view_without_handles_has_nothing_to_drag(qtbot: QtBot) -> None:
    canvas = ViewportCanvas(ThemeManager())
    qtbot.addWidget(canvas)
    assert grabs(canvas) == []
