"""What the tests of forms share."""

from __future__ import annotations

import pytest

from ui.look.theme import ThemeManager


@pytest.fixture(scope="session")
def themes(qapp) -> ThemeManager:
    """The dark theme. Dressing the application takes a while, as it restyles every widget that is alive."""
    manager = ThemeManager()
    manager.apply()
    return manager
