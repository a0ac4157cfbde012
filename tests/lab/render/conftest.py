"""One render process for all tests that only want pictures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.render.offline import OfflineRenderer
from tests.lab.render.render_help import Watched


@pytest.fixture(scope="session")
def shared_client() -> Iterator[Watched]:
    watched = Watched()
    watched.ready()
    yield watched
    watched.client.close()


@pytest.fixture
def watched(shared_client: Watched) -> Iterator[Watched]:
    """A running client with an empty scene."""
    yield shared_client
    for path in ("a", "b", "c"):
        shared_client.client.remove(path)
    shared_client.client.set_duty(1.0)


@pytest.fixture(scope="session")
def offline() -> Iterator[OfflineRenderer]:
    with OfflineRenderer() as renderer:
        yield renderer
