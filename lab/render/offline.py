"""Pictures without a window: for films, screenshots in scripts, and thumbnails."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from lab.channel import ChannelClosed, Child
from lab.render.environment import environment
from lab.render.messages import Change, RendererFailed, RendererReady, Shoot, Shot, Style, View
from lab.scene import Array, Entity


class RenderError(RuntimeError):
    """A picture could not be drawn. The message is a sentence for a person; ``details`` says more."""

    def __init__(self, sentence: str, details: str = "") -> None:
        super().__init__(sentence)
        self.details = details


class OfflineRenderer:
    """Draws pictures, one after another, in a render process of its own. Use it in one thread, in a ``with`` block.

    The renderer is the same as the viewport's, so that what one saw is what one gets. Raises RenderError when it
    cannot start.
    """

    def __init__(self, *, nice: int = 0, env: dict[str, str] | None = None) -> None:
        self._child = Child("lab.render.server", nice=nice, env=environment(env))
        self._entities: dict[str, Entity] = {}
        self._styles: dict[str, Style] = {}
        self._tokens = 0
        self.ready: RendererReady = self._receive(RendererReady)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the render process."""
        self._child.process.kill()
        self._child.close()

    def render(self, entities: Mapping[str, Entity], styles: Mapping[str, Style], view: View) -> Array:
        """(view.height, view.width, 3) uint8 sRGB of the entities, by path, in full quality.

        An entity that is the same object as in the last picture is not sent again. Raises RenderError.
        """
        gone = {path: None for path in self._entities if path not in entities}
        new = {path: entity for path, entity in entities.items() if entity is not self._entities.get(path)}
        restyled = {path: styles.get(path, Style()) for path in entities}
        restyled = {path: style for path, style in restyled.items() if path in new or style != self._styles.get(path)}
        self._entities = dict(entities)
        self._styles = {path: styles.get(path, Style()) for path in entities}
        self._tokens += 1
        try:
            self._child.channel.send(Change({**gone, **new}, restyled))
            self._child.channel.send(Shoot(self._tokens, view))
        except ChannelClosed as error:
            raise RenderError("The renderer ended before the picture was drawn.", self._child.errors()) from error
        shot: Shot = self._receive(Shot)
        if shot.pixels is None:
            raise RenderError(shot.sentence)
        return shot.pixels

    def _receive(self, kind: type) -> Any:
        """The next answer. Raises RenderError when it is not one of ``kind``."""
        try:
            answer = self._child.channel.receive()
        except ChannelClosed as error:
            self._child.close()
            raise RenderError("The renderer ended before it answered.", self._child.errors()) from error
        if isinstance(answer, RendererFailed):
            self.close()
            raise RenderError(answer.sentence, answer.details)
        if not isinstance(answer, kind):
            raise RenderError(f"The renderer answered with {type(answer).__name__} in place of {kind.__name__}.")
        return answer
