"""What the tests of the editor of joints share."""

from __future__ import annotations

import pytest

from ui.look.theme import ThemeManager


@pytest.fixture(scope="session")
def _themes(qapp) -> ThemeManager:
    manager = ThemeManager()
    manager.apply()
    return manager


@pytest.fixture
def themes(_themes):
    return _themes
