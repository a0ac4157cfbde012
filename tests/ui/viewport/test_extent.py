"""Where the visible things are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lab.render.messages import Style
from tests.lab.fields.small_fields import ball
from ui.scene.model import SceneModel
from ui.viewport.extent import visible_points


@pytest.fixture
def scene(qapp):
    scene = SceneModel()
    yield scene
    scene.shutdown()


def test_a_field_is_where_its_vertices_are(scene):
    scene.add("field", ball(0.5))
    points = visible_points([scene])
    away = np.linalg.norm(points, axis=1)
    assert away.max() == pytest.approx(0.7, abs=0.1)
    np.testing.assert_allclose(points.min(axis=0), -points.max(axis=0), atol=0.1)


def test_an_empty_field_is_its_box_and_a_hidden_one_nowhere(scene):
    empty = ball()
    scene.add("empty", replace(empty, rows=np.full_like(empty.rows, -1)))
    assert visible_points([scene]).shape == (8, 3)
    scene.set_style("empty", Style(visible=False))
    assert len(visible_points([scene])) == 0
