"""The other end of the render process: keeps it running, fed with the newest scene, and at one picture at a time.

Nothing here blocks the caller: what is wanted is noted down, and a thread of the client's own sends it. Of the views
only the newest is sent, and only once the last draft was answered, so that nothing piles up behind a slow renderer. A
picture in full quality need not be waited for: the next request interrupts it.
"""

from __future__ import annotations

import itertools
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lab.channel import Channel, ChannelClosed, Child
from lab.render.environment import environment
from lab.render.messages import (
    Change,
    Draw,
    Drawn,
    ExpectFields,
    Pick,
    Picked,
    RendererFailed,
    RendererReady,
    RenderEvent,
    Shoot,
    Shot,
    Style,
    View,
)
from lab.scene import Entity

START_SECONDS = 30.0  # within which a renderer must be ready
_MOST_DRAFT = 0.15  # seconds of a draft that are made up for by a pause
_MOST_DEATHS, _WITHIN = 3, 60.0  # more deaths than that, within that many seconds, are final
_PAUSE = 0.2  # seconds before a dead renderer is started again, times the deaths so far


@dataclass
class _Wanted:
    """What is to be sent; guarded by the client's lock."""

    entities: dict[str, Entity] = field(default_factory=dict)
    styles: dict[str, Style] = field(default_factory=dict)
    changed_entities: set[str] = field(default_factory=set)
    changed_styles: set[str] = field(default_factory=set)
    draw: tuple[View, bool] | None = None  # the newest that was asked for and not yet sent
    shown: tuple[View, bool] | None = None  # the newest that was ever asked for
    requests: deque[Pick | Shoot] = field(default_factory=deque)
    at_once: bool = False  # the changes need not wait for a picture

    def change(self) -> Change | None:
        """Everything that changed since the last call, or None."""
        if not self.changed_entities and not self.changed_styles:
            return None
        change = Change(
            {path: self.entities.get(path) for path in self.changed_entities},
            {path: self.styles[path] for path in self.changed_styles if path in self.styles},
        )
        self.changed_entities.clear()
        self.changed_styles.clear()
        return change

    def everything(self) -> None:
        """All of it has to be sent again, to a new renderer."""
        self.changed_entities = set(self.entities)
        self.changed_styles = set(self.styles)
        self.draw = self.draw or self.shown


class RenderClient:
    """A render process, its scene and its answers.

    on_event is called with each RenderEvent, on a thread of the client's own. nice: the renderer's priority below ours.
    env: variables added to its environment. A renderer that dies is started again and gets the whole scene and the last
    view; one that dies too often, or cannot start, ends with RendererFailed(final=True): then ``start`` tries again.
    """

    def __init__(
        self, on_event: Callable[[RenderEvent], None], *, nice: int = 5, env: dict[str, str] | None = None
    ) -> None:
        self._on_event = on_event
        self._nice = nice
        self._env = environment(env)
        self._lock = threading.Condition()
        self._wanted = _Wanted()
        self._numbers = itertools.count(1)
        self._tokens = itertools.count(1)
        self._open_tokens: dict[int, type[Pick] | type[Shoot]] = {}
        self._first_number = self._first_token = 0  # of the present owner
        self._child: Child | None = None
        self._ready_event: RendererReady | None = None
        self._ready = False
        self._in_flight: Draw | None = None
        self._last_draw = 0
        self._duty = 1.0
        self._not_before = 0.0
        self._closed = False
        self._running = False
        self._expects_fields = False
        self._supervisor: threading.Thread | None = None

    # --- for its owner, from any thread; nothing here waits -------------------------------------------------------

    def start(self) -> None:
        """Start the renderer; does nothing while one is running or being started."""
        with self._lock:
            if self._closed or self._running:
                return
            self._running = True
            self._supervisor = threading.Thread(target=self._supervise, name="render client", daemon=True)
            self._supervisor.start()

    def close(self) -> None:
        """End the renderer at once: it has nothing to save. No event comes after this returns."""
        with self._lock:
            self._closed = True
            child = self._child
            self._lock.notify_all()
        if child is not None:
            child.process.kill()
        if self._supervisor is not None and self._supervisor is not threading.current_thread():
            self._supervisor.join(timeout=5.0)

    @property
    def pid(self) -> int | None:
        """The process id of the renderer, None while there is none."""
        child = self._child
        return None if child is None else child.process.pid

    @property
    def last_draw(self) -> int:
        """The number of the last Draw that was sent: what changes now is only in pictures with a higher one."""
        with self._lock:
            return self._last_draw

    def hand_over(self, on_event: Callable[[RenderEvent], None] | None) -> None:
        """Begin anew with an empty scene for another owner, or for nobody; the renderer itself goes on.

        The new owner gets no answer to what was asked before, and RendererReady at once if there is a renderer.
        """
        with self._lock:
            gone = set(self._wanted.entities) | self._wanted.changed_entities
            self._wanted = _Wanted(changed_entities=gone, at_once=True)
            self._open_tokens.clear()
            self._first_number, self._first_token = next(self._numbers), next(self._tokens)
            self._duty, self._not_before = 1.0, 0.0
            self._on_event = on_event or _ignore
            ready = self._ready_event
            self._lock.notify_all()
        if ready is not None and on_event is not None:
            on_event(ready)

    def set_entity(self, path: str, entity: Entity) -> None:
        """Put an entity into the scene, or replace the one under its path."""
        with self._lock:
            self._wanted.entities[path] = entity
            self._wanted.changed_entities.add(path)

    def set_style(self, path: str, style: Style) -> None:
        """Draw an entity differently."""
        with self._lock:
            self._wanted.styles[path] = style
            self._wanted.changed_styles.add(path)

    def remove(self, path: str) -> None:
        """Take an entity out of the scene, with its style."""
        with self._lock:
            self._wanted.entities.pop(path, None)
            self._wanted.styles.pop(path, None)
            self._wanted.changed_entities.add(path)
            self._wanted.changed_styles.discard(path)

    def draw(self, view: View, draft: bool) -> None:
        """Draw the scene as it is now; takes the place of an earlier request that was not begun. Answer: Drawn."""
        with self._lock:
            self._wanted.draw = self._wanted.shown = (view, draft)
            self._lock.notify_all()

    def set_duty(self, share: float) -> None:
        """The share of its time, in (0, 1], that the renderer may spend on drafts: the rest is left to a run."""
        with self._lock:
            self._duty = share
            self._not_before = 0.0 if share >= 1 else self._not_before
            self._lock.notify_all()

    def expect_fields(self) -> None:
        """A radiance field may come soon."""
        with self._lock:
            self._expects_fields = True
            self._lock.notify_all()

    def pick(self, view: View, x: float, y: float) -> int:
        """What is under a pixel of the view? The token comes back in Picked."""
        return self._ask(Pick(next(self._tokens), view, x, y))

    def shoot(self, view: View) -> int:
        """A picture in full quality of any size. The token comes back in Shot."""
        return self._ask(Shoot(next(self._tokens), view))

    def _ask(self, request: Pick | Shoot) -> int:
        with self._lock:
            self._open_tokens[request.token] = type(request)
            self._wanted.requests.append(request)
            self._lock.notify_all()
        return request.token

    # --- the thread that keeps a renderer running -----------------------------------------------------------------

    def _supervise(self) -> None:
        deaths: deque[float] = deque(maxlen=_MOST_DEATHS + 1)
        while not self._closed:
            failure = self._run_once()
            if self._closed:
                return
            deaths.append(time.monotonic())
            often = len(deaths) > _MOST_DEATHS and deaths[-1] - deaths[0] < _WITHIN
            if often and not failure.final:
                sentence = f"{failure.sentence} It died {len(deaths)} times within a minute and is not started again."
                failure = RendererFailed(sentence, failure.details, final=True)
            self._drop_requests(failure.sentence)
            with self._lock:
                self._running = not failure.final
            self._on_event(failure)
            if failure.final:
                return
            with self._lock:
                self._lock.wait_for(lambda: self._closed, timeout=_PAUSE * len(deaths))

    def _run_once(self) -> RendererFailed:
        """The life of one renderer, and how it ended."""
        try:
            child = Child("lab.render.server", nice=self._nice, env=self._env)
        except OSError as error:
            return RendererFailed(f"The renderer cannot be started: {error}", "", final=True)
        with self._lock:
            self._child, self._ready, self._in_flight = child, False, None
            self._wanted.everything()
            closed = self._closed
        if closed:  # while the process was being made, when nobody could kill it
            child.process.kill()
        late = threading.Timer(START_SECONDS, child.process.kill)
        late.daemon = True
        late.start()
        sender = threading.Thread(target=self._send_all, args=(child.channel,), name="render sender", daemon=True)
        sender.start()
        failure: RendererFailed | None = None
        try:
            while True:
                event = child.channel.receive()
                if isinstance(event, RendererFailed):
                    failure = event
                else:
                    late.cancel()
                    self._take(event)
        except ChannelClosed:
            late.cancel()
        with self._lock:
            self._child = self._ready_event = None
            was_ready = self._ready
            self._lock.notify_all()
        status = child.close()
        return failure or _obituary(status, child.errors(), was_ready)

    def _take(self, event: RenderEvent) -> None:
        """Note what an answer means for the next request, and hand it on."""
        with self._lock:
            stale = False
            match event:
                case RendererReady():
                    self._ready, self._ready_event = True, event
                case Drawn():
                    stale = event.number < self._first_number
                    if self._in_flight is not None and self._in_flight.number == event.number:
                        self._in_flight = None
                        if event.draft:
                            seconds = min(event.seconds, _MOST_DRAFT)  # a first one may have loaded something
                            self._not_before = time.monotonic() + seconds * (1 / self._duty - 1)
                case Picked() | Shot():
                    stale = event.token < self._first_token
                    self._open_tokens.pop(event.token, None)
            tell = self._on_event
            self._lock.notify_all()
        if not self._closed and not stale:
            tell(event)

    def _drop_requests(self, sentence: str) -> None:
        """Answer what the dead renderer no longer can."""
        with self._lock:
            waiting = {request.token for request in self._wanted.requests}
            lost = [(token, kind) for token, kind in self._open_tokens.items() if token not in waiting]
            for token, _ in lost:
                del self._open_tokens[token]
        for token, kind in lost:
            self._on_event(Picked(token, None) if kind is Pick else Shot(token, None, sentence))

    # --- the thread that sends ------------------------------------------------------------------------------------

    def _send_all(self, channel: Channel) -> None:
        """Send what is wanted to one renderer, until it is gone."""
        while (messages := self._next_messages(channel)) is not None:
            try:
                for message in messages:
                    channel.send(message)
            except ChannelClosed:
                return

    def _next_messages(self, channel: Channel) -> list[Any] | None:
        """Wait for something to send: changes, then a request or a Draw. None once the renderer is gone."""
        with self._lock:
            while True:
                if self._closed or self._child is None or self._child.channel is not channel:
                    return None
                if self._ready and self._wanted.at_once:
                    self._wanted.at_once = False
                    change = self._wanted.change()
                    if change is not None:
                        return [change]
                if self._ready and self._expects_fields:
                    self._expects_fields = False
                    return [ExpectFields()]
                request = self._next_request() if self._ready else None
                if request is not None:
                    change = None if isinstance(request, Pick) else self._wanted.change()
                    return [message for message in (change, request) if message is not None]
                self._lock.wait(self._seconds_to_wait())

    def _next_request(self) -> Draw | Pick | Shoot | None:
        if self._wanted.requests:
            return self._wanted.requests.popleft()
        if self._wanted.draw is None or self._busy() or time.monotonic() < self._not_before:
            return None
        view, draft = self._wanted.draw
        self._wanted.draw = None
        self._in_flight = Draw(next(self._numbers), view, draft)
        self._last_draw = self._in_flight.number
        return self._in_flight

    def _busy(self) -> bool:
        """Whether a draft is being drawn: that is soon done. A picture in full quality is interrupted."""
        return self._in_flight is not None and self._in_flight.draft

    def _seconds_to_wait(self) -> float | None:
        if self._ready and self._wanted.draw is not None and not self._busy():
            return max(0.001, self._not_before - time.monotonic())
        return None


def _ignore(event: RenderEvent) -> None:
    """Nobody owns the renderer."""


def _obituary(status: int, errors: str, was_ready: bool) -> RendererFailed:
    """What to tell about a renderer that is gone."""
    if status == -signal.SIGKILL and not was_ready:
        how = f"did not start within {START_SECONDS:.0f} seconds, or was killed"
    elif status < 0:
        how = f"was ended by the signal {signal.Signals(-status).name}"
    else:
        how = f"ended with status {status}"
    return RendererFailed(f"The renderer {how}.", errors, final=False)
