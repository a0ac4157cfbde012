"""Render processes that wait for the next viewport: one that is warm shows its first picture at once."""

from __future__ import annotations

from collections.abc import Callable

from lab.render.client import RenderClient
from lab.render.messages import RenderEvent

_MOST_IDLE = 4


class RenderPool:
    """Hands out render clients, and keeps those that come back. For one thread.

    env: variables added to the environment of the renderers.
    """

    def __init__(self, *, env: dict[str, str] | None = None) -> None:
        self._env = env
        self._idle: list[RenderClient] = []
        self._closed = False

    def take(self, on_event: Callable[[RenderEvent], None]) -> RenderClient:
        """A client with an empty scene, started; ``on_event`` as of RenderClient."""
        if self._idle:
            client = self._idle.pop()
            client.hand_over(on_event)
        else:
            client = RenderClient(on_event, env=self._env)
        client.start()  # does nothing while its renderer runs
        return client

    def give_back(self, client: RenderClient) -> None:
        """The client is not needed any more; its renderer waits for the next one who takes it."""
        if self._closed or len(self._idle) >= _MOST_IDLE:
            client.close()
        else:
            client.hand_over(None)
            self._idle.append(client)

    def close(self) -> None:
        """End those that wait; what comes back later is ended at once."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()
