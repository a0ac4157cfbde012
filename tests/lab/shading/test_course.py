"""The course's images show what REFERENCE II.1 says, with Spot in the place of the cow; and are PyTorch3D's."""

from __future__ import annotations

import numpy as np
import pytest
from pytorch3d.renderer import FoVPerspectiveCameras, look_at_view_transform

from lab.cameras.conventions import to_pytorch3d, to_pytorch3d_fov
from lab.scene import Array
from lab.shading.course import course_image, course_images
from lab.shading.picture import Renderer, Shaded
from tests.lab.shading.shading_help import example

SIZE = 96


def render(name: str) -> Shaded:
    image = course_image(name, SIZE)
    return Renderer().render(example("spot"), image.camera, image.look)


def seen(picture: Shaded) -> Array:
    """(N, 3): the pixels on the mesh."""
    return picture.rgb[picture.face >= 0]


def test_there_are_six_and_all_show_the_mesh() -> None:
    names = [image.name for image in course_images()]
    assert names == ["front", "back", "dark", "green", "red", "blue"]
    for name in names:
        picture = render(name)
        assert 0.03 < picture.alpha.mean() < 0.4
        np.testing.assert_array_equal(picture.rgb[picture.face < 0], 1.0)


def test_cameras_are_the_courses() -> None:
    front, side = course_image("front").camera, course_image("green").camera
    R, T = look_at_view_transform(2.7, 0, 180)
    there = to_pytorch3d(front)
    np.testing.assert_allclose(there.R, R[0], atol=1e-6)
    np.testing.assert_allclose(there.T, T[0], atol=1e-6)
    np.testing.assert_allclose(there.T, [0, 0, 2.7], atol=1e-12)
    np.testing.assert_allclose(there.focal_length, 1.0)
    assert there.image_size == (512, 512)
    R, T = look_at_view_transform(2.7, 10, -150)
    other = to_pytorch3d_fov(side)
    np.testing.assert_allclose(other.R, R[0], atol=1e-6)
    np.testing.assert_allclose(other.T, T[0], atol=1e-6)
    assert other.fov_deg == pytest.approx(60.0)
    standard = FoVPerspectiveCameras()
    assert (other.znear, other.zfar) == (float(standard.znear), float(standard.zfar))


def test_front_is_lit_and_back_is_ambient_only() -> None:
    front, back = seen(render("front")), seen(render("back"))
    assert front.max() > 0.9
    assert front.mean() > 0.65
    np.testing.assert_allclose(np.median(back, axis=0), 0.5, atol=1e-6)
    assert (np.abs(back - 0.5) < 1e-6).all(axis=1).mean() > 0.8


def test_dark_is_a_black_silhouette_on_white() -> None:
    dark = seen(render("dark"))
    np.testing.assert_allclose(np.median(dark, axis=0), 0.005, atol=1e-6)
    assert (dark < 0.05).all(axis=1).mean() > 0.8


@pytest.mark.parametrize(("name", "channel"), [("green", 1), ("red", 0)])
def test_tinted_highlights(name: str, channel: int) -> None:
    pixels = seen(render(name))
    others = [c for c in range(3) if c != channel]
    np.testing.assert_allclose(pixels[:, others[0]], pixels[:, others[1]], atol=1e-6)
    tint = pixels[:, channel] - pixels[:, others[0]]
    assert 0.15 < tint.max() <= 0.2 + 1e-6
    assert (tint > 0.02).mean() < 0.6
    assert tint.min() >= -1e-6


def test_a_larger_shininess_makes_a_smaller_highlight() -> None:
    def share(name: str, channel: int) -> float:
        pixels = seen(render(name))
        return float((pixels[:, channel] - pixels[:, 2] > 0.05).mean())

    assert share("red", 0) < share("green", 1)


def test_shininess_zero_is_a_flat_tint() -> None:
    pixels = seen(render("blue"))
    np.testing.assert_allclose(pixels[:, 2] - pixels[:, 0], 0.2, atol=1e-6)


def test_an_unknown_name_is_told() -> None:
    with pytest.raises(KeyError, match="no image of the course; known are"):
        course_image("purple")
