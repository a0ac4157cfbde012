"""The viewport: shows what the render process draws of the scene model.

It never waits: scene, styles and camera go to lab.render.client as they change, pictures come back as Qt signals. While
anything moves it asks for drafts, and for full quality once everything rests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Literal, cast

from PySide6.QtCore import QEvent, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from lab.render.client import RenderClient
from lab.render.messages import Drawn, Hit, Picked, RendererFailed, RendererReady, RenderEvent, Shot
from lab.render.pool import RenderPool
from lab.scene import Array, Entity
from ui.look.theme import ThemeManager
from ui.scene.model import SceneModel
from ui.viewport.canvas import ViewportCanvas
from ui.viewport.extent import visible_points
from ui.viewport.failure import FailurePanel
from ui.viewport.feed import SceneFeed
from ui.viewport.overlay import ColorBar
from ui.viewport.refining import Refiner

_REST_MS, _REST_STREAMING_MS = 180, 900  # rest before a picture in full quality
_RESIZE_MS = 70  # rest before a new size: each needs a new renderer
_HOVER_MS, _HOVER_STREAMING_MS = 50, 400
STREAMING_SHARE = 0.5
"""How much of its time the renderer usually may draw while a run streams."""
_RESTARTING = "The 3D view stopped and is starting again…"
_STARTING = "Starting the 3D view…"

Purpose = Literal["hover", "click", "pivot", "grab"]


class Viewport(ViewportCanvas):
    """A view of the scene model, drawn until ``shutdown``.

    pool: where it gets its render process from, and where that goes back to; by default it has one of its own.
    env: variables added to the environment of that, for tests.
    """

    hovered = Signal(object)
    """The Hit under the resting mouse, or None."""
    picked = Signal(object)
    """The Hit under a click; None beside everything."""
    shot = Signal(object)
    """The pixels of a screenshot, (h, w, 3) uint8."""
    rendererReady = Signal(object)
    rendererFailed = Signal(object)
    frameShown = Signal(object)
    """The Drawn that is on the screen now."""

    _event = Signal(object)

    def __init__(
        self,
        scene: SceneModel,
        themes: ThemeManager,
        parent: QWidget | None = None,
        *,
        pool: RenderPool | None = None,
        env: dict[str, str] | None = None,
    ) -> None:
        super().__init__(themes, parent)
        self._scene = scene
        self._streaming = False
        self._share = STREAMING_SHARE
        self._drawn: Drawn | None = None
        self._hovering: Hit | None = None
        self._purposes: dict[int, Purpose] = {}
        self._finders: dict[int, Callable[[Hit | None], None]] = {}
        self._shots: dict[int, Callable[[Array | None, str], None]] = {}
        self._awake, self._stale = True, False
        self._over = False
        self.companions: Callable[[], Iterable[Viewport]] = lambda: (self,)
        self._fitted: str | None = None  # the path that was fitted, None for all
        self._failure = FailurePanel(self)
        self._failure.retry.connect(self._retry)
        self._rest, self._resized, self._hover = (
            self._timer(then) for then in (self._draw_full, self._on_resized, self._ask_hover)
        )
        self._event.connect(self._on_event, Qt.ConnectionType.QueuedConnection)  # a warm renderer is ready at once
        self._pool = pool
        self.client = pool.take(self._event.emit) if pool is not None else RenderClient(self._event.emit, env=env)
        self._refiner = Refiner(lambda: self._awake and self._feed.has_fields, self)
        self._refiner.wanted.connect(self._draw_full)
        self.viewChanged.connect(self._on_view_changed)
        self.fitWanted.connect(lambda: self.fit())
        self.pickWanted.connect(self._pick)
        self.mouseRested.connect(self._on_mouse)
        self._feed = SceneFeed(scene, self.client, self)
        self._feed.began.connect(lambda: self.fit())
        self._feed.changed.connect(self._on_scene_changed)
        self._feed.start()
        scene.selectionChanged.connect(self._show_bar)
        self.client.start()

    def _timer(self, then: Callable[[], None]) -> QTimer:
        timer = QTimer(self, singleShot=True)
        timer.timeout.connect(then)
        return timer

    def shutdown(self) -> None:
        """End the render process, or give it back. The viewport draws nothing any more."""
        if self._over:
            return
        self._over = True
        self._awake = False
        for timer in (self._rest, self._resized, self._hover):
            timer.stop()
        self._feed.stop()
        if self._pool is not None:
            self._pool.give_back(self.client)
        else:
            self.client.close()

    # --- pictures -------------------------------------------------------------------------------------------------

    def fit(self, path: str | None = None) -> None:
        """See all that is visible, or the one entity under ``path``, from the same side. A later resize keeps that.

        Of linked viewports each sees what is visible in any of them.
        """
        scenes = {id(view._scene): view._scene for view in self.companions()}.values()
        points = visible_points([self._scene] if path is not None else scenes, path)
        if len(points) and not self.locked:
            self._fitted = path
            self._navigation.camera = self.camera.fit_points(points, *self._size())
            self._moved(touched=False)

    def show_preview(self, path: str, entity: Entity | None) -> None:
        """Draw another entity in the place of the one under ``path``, which stays as it is; None ends that."""
        self._feed.show_preview(path, entity)

    def set_awake(self, on: bool) -> None:
        """Whether to draw at all; a viewport that nobody can see need not."""
        self._awake = on and not self._over
        if on and self._stale:
            self._redraw()

    def set_streaming(self, on: bool) -> None:
        """A run streams into the scene: leave most of the processor to it."""
        if on != self._streaming:
            self._streaming = on
            self.client.set_duty(self._share if on else 1.0)
            (self._refiner.begin if on else self._refiner.end)()
            self._redraw()

    def expect_fields(self) -> None:
        """A radiance field may come soon: get ready, so that it is seen at once."""
        self.client.expect_fields()

    def set_share(self, share: float) -> None:
        """How much of its time, in (0, 1], the renderer may draw while a run streams."""
        self._share = share
        if self._streaming:
            self.client.set_duty(share)

    def screenshot(self, width: int, height: int, callback: Callable[[Array | None, str], None] | None = None) -> None:
        """A picture of the view in full quality at any size; lines and points grow with it.

        callback(pixels (height, width, 3) uint8, "") on the UI thread, or (None, the reason). ``shot`` tells as well.
        """
        scale = height / max(1, self.height())
        token = self.client.shoot(replace(self.view(), width=width, height=height, pixel_scale=scale))
        if callback is not None:
            self._shots[token] = callback

    def _on_view_changed(self) -> None:
        if self._streaming:
            self._refiner.moved()
        self._redraw()

    def _on_scene_changed(self) -> None:
        if not (self._streaming and self._refiner.takes()):
            self._redraw()

    def _redraw(self) -> None:
        """Something changed: a draft now, and full quality at rest."""
        self._stale = not self._awake
        if self._stale:
            return
        self.client.draw(self.view(), True)
        if self._streaming and self._feed.has_fields:
            self._rest.stop()
        else:
            self._rest.start(_REST_STREAMING_MS if self._streaming else _REST_MS)
        self.update()

    def _draw_full(self) -> None:
        if self._awake:
            self.client.draw(self.view(), False)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.DevicePixelRatioChange:
            self._resized.start(_RESIZE_MS)
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._failure.setGeometry(self.rect())
        self._resized.start(_RESIZE_MS)
        super().resizeEvent(event)

    def _on_resized(self) -> None:
        if self.touched:
            self._redraw()
        else:
            self.fit(self._fitted)
            self._redraw()

    # --- answers --------------------------------------------------------------------------------------------------

    def _on_event(self, event: RenderEvent) -> None:
        match event:
            case Drawn():
                self._on_drawn(event)
            case Picked():
                self._on_picked(event)
            case Shot():
                self._on_shot(event)
            case RendererReady():
                self._on_view_changed()
                self._failure.hide()
                self.rendererReady.emit(event)
            case RendererFailed():
                self._on_failed(event)

    def _on_drawn(self, drawn: Drawn) -> None:
        self._drawn = drawn
        self.show_picture(drawn)
        self._show_bar()
        self.frameShown.emit(drawn)
        if not drawn.draft:
            self._refiner.drew(drawn.seconds, self._share)
            self._on_mouse()

    def _on_picked(self, event: Picked) -> None:
        purpose = self._purposes.pop(event.token, None)
        finder = self._finders.pop(event.token, None)
        hit = event.hit
        if finder is not None:
            finder(hit)
        if purpose == "hover":
            self._set_hovered(hit if self.mouse is not None and not self.busy else None)
        elif purpose == "click":
            self.picked.emit(hit)
        elif purpose == "grab" and hit is not None:
            self.found(hit)
        elif purpose == "pivot" and hit is not None:
            self.set_camera(self.camera.looking_at(hit.position))

    def _on_shot(self, event: Shot) -> None:
        callback = self._shots.pop(event.token, None)
        if callback is not None:
            callback(event.pixels, event.sentence)
        if event.pixels is not None:
            self.shot.emit(event.pixels)

    def _on_failed(self, event: RendererFailed) -> None:
        self._purposes.clear()
        self._finders.clear()
        if event.final:
            self._failure.show_reason(event.sentence, event.details)
        else:
            self.show_note(_RESTARTING)
        self.rendererFailed.emit(event)

    def _retry(self) -> None:
        self._failure.hide()
        self.show_note(_STARTING)
        self.client.start()

    # --- what lies under the mouse --------------------------------------------------------------------------------

    def find_hit(self, at: QPointF, then: Callable[[Hit | None], None]) -> None:
        """What lies under a pixel of the widget? ``then`` is told, later; it is not when the renderer dies before."""
        self._finders[self._ask(at)] = then

    def _pick(self, at: QPointF, purpose: str) -> None:
        self._purposes[self._ask(at)] = cast(Purpose, purpose)

    def _ask(self, at: QPointF) -> int:
        ratio = self.devicePixelRatioF()
        return self.client.pick(self.view(), at.x() * ratio, at.y() * ratio)

    def _on_mouse(self) -> None:
        """Ask what is under the mouse, not too often, and seldom while a run needs the processor."""
        if self.mouse is None:
            self._hover.stop()
            self._set_hovered(None)
        elif self._streaming:
            self._hover.start(_HOVER_STREAMING_MS)  # begins anew with each movement: only at rest
        elif not self._hover.isActive():
            self._hover.start(_HOVER_MS)

    def _ask_hover(self) -> None:
        if self.mouse is not None and not self.busy and self._drawn is not None:
            if "hover" in self._purposes.values():
                self._hover.start(_HOVER_MS)
            else:
                self._pick(self.mouse, "hover")

    def _set_hovered(self, hit: Hit | None) -> None:
        self.show_hit(hit)
        if hit is not self._hovering:
            self._hovering = hit
            self.hovered.emit(hit)

    def _show_bar(self, *_: object) -> None:
        """The colour bar of the selected entity that has one, else of the newest."""
        bars = {path: self._bar_of(path) for path in (self._drawn.scalar_ranges if self._drawn is not None else {})}
        known = [bar for bar in bars.values() if bar is not None]
        self.show_bar(bars.get(self._scene.selected or "") or (known[-1] if known else None))

    def _bar_of(self, path: str) -> ColorBar | None:
        style = self._scene.entry(path).style if path in self._scene else None
        if style is None or style.scalar is None or self._drawn is None:
            return None
        return ColorBar(path, style.scalar, style.colormap, self._drawn.scalar_ranges[path])
