"""What the tests of studies share."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from PySide6.QtWidgets import QWidget

from lab.formats import read
from lab.scene import Mesh
from ui.look.theme import ThemeManager
from ui.scene.model import SceneModel

W = TypeVar("W", bound=QWidget)


@pytest.fixture(scope="session")
def _themes(qapp) -> ThemeManager:
    """Dressing the application takes a while, as it restyles every widget that is alive."""
    manager = ThemeManager()
    manager.apply()
    return manager


@pytest.fixture
def themes(_themes: ThemeManager) -> Iterator[ThemeManager]:
    yield _themes
    _themes.set_theme("dark")


@pytest.fixture
def scene(qapp):
    model = SceneModel()
    yield model
    model.shutdown()


@pytest.fixture(scope="session")
def spot() -> Mesh:
    mesh = read("assets/examples/spot.ply").entity
    assert isinstance(mesh, Mesh)
    return mesh


@pytest.fixture
def shown(qtbot) -> Callable[..., W]:
    """Shows a widget at a size and waits until it stands."""

    def show(widget: W, width: int = 400, height: int = 300) -> W:
        qtbot.addWidget(widget)
        widget.resize(width, height)
        widget.show()
        qtbot.waitExposed(widget)
        return widget

    return show
