"""Renderers that wait for the next viewport."""

from __future__ import annotations

import queue
import time
from collections.abc import Iterator
from typing import Any

import numpy as np
import psutil
import pytest

from lab.render.messages import Drawn, RendererReady
from lab.render.pool import RenderPool
from tests.lab.render.render_help import plain_view, sphere, square

Events = queue.SimpleQueue[Any]


def next_of(events: Events, kind: type) -> Any:
    while not isinstance(event := events.get(timeout=60), kind):
        pass
    return event


@pytest.fixture
def pool() -> Iterator[RenderPool]:
    pool = RenderPool()
    yield pool
    pool.close()


def test_a_renderer_that_comes_back_is_warm_empty_and_another_owners(pool: RenderPool) -> None:
    first: Events = queue.SimpleQueue()
    client = pool.take(first.put)
    next_of(first, RendererReady)
    client.set_entity("a", square((1, 0, 0)))
    client.draw(plain_view(), False)
    assert next_of(first, Drawn).pixels[32, 48].tolist() == [255, 0, 0]
    pid = client.pid
    client.set_entity("b", sphere(5))
    client.draw(plain_view(), False)  # its answer is for nobody
    pool.give_back(client)

    second: Events = queue.SimpleQueue()
    again = pool.take(second.put)
    assert again is client
    assert again.pid == pid
    next_of(second, RendererReady)
    again.draw(plain_view(), False)
    empty = next_of(second, Drawn).pixels
    again.set_entity("a", square((0, 1, 0)))
    again.draw(plain_view(), False)
    assert next_of(second, Drawn).pixels[32, 48].tolist() == [0, 255, 0]
    assert not np.array_equal(empty[32, 48], [0, 255, 0])
    assert not np.array_equal(empty[32, 48], [255, 0, 0])
    time.sleep(0.3)
    assert first.empty()
    pool.give_back(again)
    pool.close()
    assert pid is not None
    assert not psutil.pid_exists(pid)


def test_no_more_than_some_wait(pool: RenderPool) -> None:
    events: Events = queue.SimpleQueue()
    clients = [pool.take(events.put) for _ in range(6)]
    for _ in clients:
        next_of(events, RendererReady)
    pids = [client.pid for client in clients]
    for client in clients:
        pool.give_back(client)
    assert sum(psutil.pid_exists(pid) for pid in pids if pid is not None) == 4
    pool.close()
    assert not any(psutil.pid_exists(pid) for pid in pids if pid is not None)
