"""Answers the messages of a render client, in the render process."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Any

from lab.channel import Channel, ChannelClosed
from lab.render import pictures
from lab.render.coarse import HARDWARE, SOFTWARE
from lab.render.messages import Change, Draw, Drawn, ExpectFields, Pick, Picked, Shoot, Shot
from lab.render.pace import Pace
from lab.render.picking import Picker
from lab.render.stage import Stage
from lab.scene import Array

MOST_PIXELS = 7680 * 4320
_PATIENCE, _MOST_PATIENCE = 0.25, 0.4  # of the seconds that full quality takes; seconds: who drags by strokes moves on
_GLANCE = 0.02  # seconds between two looks into the inbox


class Inbox:
    """What came in and was not looked at yet. A thread reads, so that a long picture can be given up in time."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._waiting: deque[Any] = deque()
        self._changed = threading.Condition()
        self._open = True
        threading.Thread(target=self._read, name="inbox", daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                message = self._channel.receive()
            except ChannelClosed:
                with self._changed:
                    self._open = False
                    self._changed.notify_all()
                return
            with self._changed:
                self._waiting.append(message)
                self._changed.notify_all()

    def next(self) -> Any:
        """The oldest message; waits for one. None once the other end is gone."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or not self._open)
            return self._waiting.popleft() if self._open else None

    def wait(self, seconds: float) -> None:
        """Until there is a message, or so long."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or not self._open, seconds)

    def next_pick(self) -> Pick | None:
        """The oldest message if it is a Pick: that draws nothing and can be answered between two samples."""
        with self._changed:
            return self._waiting.popleft() if self._waiting and isinstance(self._waiting[0], Pick) else None

    def supersedes(self) -> bool:
        """Whether a newer picture is wanted, or nobody is there any more."""
        with self._changed:
            return not self._open or any(isinstance(message, Draw) for message in self._waiting)


class Service:
    """Keeps a stage as the client wants it and sends pictures of it. Belongs to one thread."""

    def __init__(self, channel: Channel, *, software: bool) -> None:
        self._channel = channel
        self._inbox = Inbox(channel)
        self._stage = Stage(SOFTWARE if software else HARDWARE)
        self._picker = Picker()
        self._pace = Pace()
        self._patience = 0.0  # seconds to wait for another request before a picture in full quality

    def run(self) -> None:
        """Answer messages, one after another, until the client is gone."""
        while (message := self._inbox.next()) is not None:
            match message:
                case Change():
                    self._change(message)
                case Draw():
                    self._draw(message)
                case Pick():
                    self._pick(message)
                case Shoot():
                    self._shoot(message)
                case ExpectFields():
                    threading.Thread(target=self._stage.warm_up_fields, name="fields", daemon=True).start()

    def _change(self, change: Change) -> None:
        self._stage.change(change.entities, change.styles)
        if None in change.entities.values():
            self._picker = Picker()  # it would hold on to the ray-casting scenes of what is gone

    def _draw(self, request: Draw) -> None:
        start = time.perf_counter()
        pixels = self._draft(request) if request.draft else self._full(request)
        if pixels is not None:
            seconds = time.perf_counter() - start
            ranges = self._stage.scalar_ranges()
            self._channel.send(Drawn(request.number, pixels, request.view, request.draft, seconds, ranges))

    def _draft(self, request: Draw) -> Array:
        view = request.view
        renderers, start = self._stage.renderers, time.perf_counter()
        pixels = pictures.draft(self._stage, view, self._pace.scale(view.width, view.height))
        seconds = time.perf_counter() - start
        if self._stage.renderers == renderers:
            self._pace.took(seconds - self._stage.field_seconds)  # fields keep to a budget of their own
        return pixels

    def _full(self, request: Draw) -> Array | None:
        start = time.perf_counter()
        while time.perf_counter() - start < self._patience:
            if self._interrupted():
                return None
            self._inbox.wait(_GLANCE)
        start = time.perf_counter()
        pixels = pictures.full(self._stage, request.view, self._interrupted)
        self._patience = min(_PATIENCE * (time.perf_counter() - start), _MOST_PATIENCE)
        return pixels

    def _interrupted(self) -> bool:
        while (pick := self._inbox.next_pick()) is not None:
            self._pick(pick)
        return self._inbox.supersedes()

    def _pick(self, request: Pick) -> None:
        view, visible = request.view, self._stage.visible()
        styles = {path: self._stage.style(path) for path in visible}
        size = view.width, view.height
        hit = self._picker.pick(
            visible,
            styles,
            view.camera,
            request.x,
            request.y,
            size,
            view.pixel_scale,
            view.clip,
            self._stage.cells(),
        )
        fields = self._stage.fields()
        within = self._stage.field_layer.pick(fields, view, request.x, request.y) if fields else None
        there = [one for one in (hit, within) if one is not None]
        nearest = min(there, key=lambda one: float(view.camera.depth(one.position)), default=None)
        self._channel.send(Picked(request.token, nearest))

    def _shoot(self, request: Shoot) -> None:
        view = request.view
        if not 0 < view.width * view.height <= MOST_PIXELS or min(view.width, view.height) < 1:
            sentence = f"A picture of {view.width} x {view.height} pixels is too large; 7680 x 4320 is the most."
            self._channel.send(Shot(request.token, None, sentence))
            return
        try:
            pixels = pictures.shot(self._stage, view)
        except MemoryError:
            sentence = f"There is not enough memory for a picture of {view.width} x {view.height} pixels."
            self._channel.send(Shot(request.token, None, sentence))
            return
        self._channel.send(Shot(request.token, pixels))
