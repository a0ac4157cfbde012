"""The plot's place in the image."""

import pytest

from lab.rendering.soft_tables import center_of


def test_centres_of_pixels():
    """Pixel centre i of S lies at NDC 1 - (2i + 1) / S (REFERENCE I.3); the long side runs beyond 1."""
    assert center_of((4, 4), 0, 3) == pytest.approx((-0.75, 0.75))
    assert center_of((2, 4), 1, 0) == pytest.approx((1.5, -0.5))
