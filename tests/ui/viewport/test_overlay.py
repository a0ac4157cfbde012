"""What is painted over the picture."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont, QImage, QPainter

from lab.render.camera import Camera
from lab.render.messages import Hit
from ui.look.theme import DARK, LIGHT
from ui.viewport.overlay import (
    AxisGizmo,
    ColorBar,
    coordinate,
    hit_text,
    number,
    paint_label,
    placed_image,
    world_points,
)


def canvas(width: int = 400, height: int = 300) -> QImage:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#000000"))
    return image


def array_of(image: QImage) -> np.ndarray:
    return np.asarray(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)[..., 2::-1].astype(int)


def test_what_a_hit_says():
    hit = Hit("spot", "face", 1234, 567, np.array([0.5, -0.25, 1e6]), np.array([0.5, 0.25, 0.25]))
    wanted = "spot · face 1234 · vertex 567 · (0.5000, −0.2500, 1000000.000) m · bary (0.50, 0.25, 0.25)"
    assert hit_text(hit) == wanted
    point = Hit("cloud", "point", 7, 7, np.zeros(3), None)
    assert hit_text(point) == "cloud · point 7 · (0.0000, 0.0000, 0.0000) m"


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (-1.5, "−1.5"), (1234567, "1.23e+06"), (0.000123456, "0.000123")]
)
def test_numbers_of_a_scale(value, text):
    assert number(value) == text
    assert coordinate(-0.5) == "−0.5000"


@pytest.mark.parametrize(
    ("axis", "side"), [((34, 0), "right"), ((-34, 0), "left"), ((0, -34), "top"), ((0, 34), "bottom")]
)
def test_the_gizmo_from_the_front(axis, side):
    gizmo, camera = AxisGizmo(), Camera()
    centre = gizmo.rect(400).center()
    assert gizmo.side_at(centre + QPointF(*axis), camera, 400) == side
    assert gizmo.side_at(centre, camera, 400) == "front"  # z points at the person and hides -z
    assert gizmo.side_at(QPointF(10, 10), camera, 400) is None


def test_the_gizmo_shows_x_red_y_green_z_blue(qtbot):
    for theme in (DARK, LIGHT):
        image = canvas()
        painter = QPainter(image)
        gizmo = AxisGizmo()
        gizmo.paint(painter, theme, Camera(), 400)
        painter.end()
        centre = gizmo.rect(400).center()
        pixels = array_of(image)
        for offset, channel in ((QPointF(17, 0), 0), (QPointF(0, -17), 1)):
            at = centre + offset
            assert pixels[round(at.y()), round(at.x())].argmax() == channel


def test_the_colour_bar_shows_its_map_upward(qtbot):
    bar = ColorBar("spot", "distance", "viridis", (0.0, 2.0))
    image = canvas()
    painter = QPainter(image)
    bar.paint(painter, DARK, QFont(), 400, 300)
    painter.end()
    frame = bar.rect(QFont(), 400, 300)
    assert frame.right() <= 400 - 16
    assert frame.bottom() <= 300 - 16
    column = array_of(image)[:, round(frame.left() + 16)]
    yellow, purple = np.array([253, 231, 37]), np.array([68, 1, 84])
    assert np.abs(column - yellow).sum(axis=1).min() < 30
    assert np.abs(column - yellow).sum(axis=1).argmin() < np.abs(column - purple).sum(axis=1).argmin()


def test_a_long_label_stays_inside(qtbot):
    image = canvas(200, 60)
    painter = QPainter(image)
    paint_label(painter, DARK, QFont(), "a very long name " * 20, 200, 60)
    painter.end()
    pixels = array_of(image)
    assert pixels[:, 190:].max() == 0
    assert pixels[:, 20:180].max() > 0


def test_an_old_picture_in_a_resized_view():
    rect = placed_image(800, 600, 1000, 300)
    assert (rect.width(), rect.height(), rect.left()) == (400, 300, 300)


def test_points_to_fit_include_the_extremes():
    verts = np.random.default_rng(0).normal(size=(10_000, 3)).astype(np.float32)
    points = world_points(verts, np.array([1e6, 0, 0]), 100)
    assert len(points) <= 107
    assert np.allclose(points.min(axis=0), verts.min(axis=0) + np.array([1e6, 0, 0]))
    assert np.allclose(points.max(axis=0), verts.max(axis=0) + np.array([1e6, 0, 0]))
    assert world_points(np.zeros((0, 3), np.float32), np.zeros(3), 100).shape == (0, 3)
