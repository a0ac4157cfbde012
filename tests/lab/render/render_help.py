"""Shapes, and a client whose answers a test can wait for."""

from __future__ import annotations

import queue
import time
from dataclasses import replace
from typing import TypeVar

import numpy as np

from lab.fitting.templates import ico_sphere
from lab.render.camera import Camera
from lab.render.client import RenderClient
from lab.render.messages import Drawn, RendererReady, RenderEvent, Shading, View
from lab.scene import Array, Mesh

Event = TypeVar("Event", bound=RenderEvent)

BLACK = (0.0, 0.0, 0.0)


def sphere(level: int = 3, radius: float = 1.0) -> Mesh:
    verts, faces = ico_sphere(level)
    return Mesh((verts * radius).astype(np.float32), faces)


def square(colors: object = None) -> Mesh:
    """From -1 to 1 in x and y, facing +Z."""
    verts = np.array([[-1, -1, 0], [1, -1, 0], [1, 1, 0], [-1, 1, 0]], np.float32)
    tint = None if colors is None else np.tile(np.asarray(colors, np.float32), (4, 1))
    return Mesh(verts, np.array([[0, 1, 2], [0, 2, 3]]), colors=tint)


def plain_view(width: int = 96, height: int = 64, shading: Shading = "unlit", camera: Camera | None = None) -> View:
    """Nothing but the scene, on black, from +Z; 2 metres high unless another camera is given."""
    camera = camera or replace(Camera(orthographic=True), distance=1 / np.tan(np.radians(20)))
    return View(camera, width, height, shading, grid=False, axes=False, background=BLACK)


class Watched:
    """A render client, started, with its answers in a queue."""

    def __init__(self, env: dict[str, str] | None = None) -> None:
        self.events: queue.Queue[RenderEvent] = queue.Queue()
        self.client = RenderClient(self.events.put, env=env)
        self.client.start()

    def next(self, kind: type[Event], seconds: float = 60.0) -> Event:
        """The next event of a kind; others before it are dropped."""
        end = time.monotonic() + seconds
        while True:
            event = self.events.get(timeout=max(0.01, end - time.monotonic()))
            if isinstance(event, kind):
                return event

    def ready(self) -> RendererReady:
        return self.next(RendererReady)

    def draw(self, view: View, draft: bool = True) -> Drawn:
        """The picture of exactly this view."""
        self.client.draw(view, draft)
        while True:
            drawn = self.next(Drawn)
            if drawn.view == view and drawn.draft == draft:
                return drawn

    def sent(self) -> None:
        """Wait until the renderer was told about the last ``draw``."""
        while self.client._wanted.draw is not None:
            time.sleep(0.001)

    def pixels(self, view: View, draft: bool = True) -> Array:
        return self.draw(view, draft).pixels.astype(int)
