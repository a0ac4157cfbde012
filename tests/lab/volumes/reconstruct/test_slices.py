"""Slices through a field, worked by hand."""

from __future__ import annotations

import numpy as np

from lab.palette import surface
from lab.scene import Array, Field, Image
from lab.volumes.reconstruct.slices import opacities, slice_frames, slices_picture

_SIDE = 192


def one_vertex(at: tuple[int, int, int], shape: tuple[int, int, int] = (4, 4, 4)) -> Field:
    """A field of vertices a metre apart in which one is opaque and white."""
    count = int(np.prod(shape))
    raw, color = np.full(count, -20.0), np.full((count, 3, 1), -9.0)
    rows = np.arange(count, dtype=np.int32).reshape(shape)
    raw[rows[at]], color[rows[at]] = 10.0, 9.0
    upper = np.array(shape, float) - 1
    return Field(rows, raw.astype(np.float16), color.astype(np.float16), np.zeros(3), upper, 1.0)


def parts(image: Image, width: int = _SIDE) -> list[Array]:
    """The three slices without frames and gaps."""
    lefts = [3 + number * (width + 6 + 6) for number in range(3)]
    return [image.pixels[3:-3, left : left + width] for left in lefts]


def white(picture: Array) -> list[tuple[int, int]]:
    """Which of the 4 x 4 squares are bright: row and column."""
    squares = picture.reshape(4, 48, 4, 48, 3).mean(axis=(1, 3, 4)) > 128
    return [tuple(place) for place in np.argwhere(squares).tolist()]


def test_each_slice_is_upright() -> None:
    """The vertex at x = 0, y = 1, z = 2 of 0 to 3."""
    x, y, z = parts(slices_picture(one_vertex((0, 1, 2)), (0.0, 1 / 3, 2 / 3)))
    assert white(x) == [(2, 1)]  # y upwards, z to the left
    assert white(y) == [(2, 0)]  # z downwards, x to the right
    assert white(z) == [(2, 0)]  # y upwards, x to the right


def test_other_places_show_nothing_of_it() -> None:
    shown = slices_picture(one_vertex((0, 1, 2)), (1.0, 1.0, 0.0))
    assert all(white(part) == [] for part in parts(shown))


def test_between_two_planes_the_raw_density_is_interpolated() -> None:
    """Half of 10 and half of -20 is -5, which hides nothing; a tenth of -20 is 7, which hides all."""
    field = one_vertex((0, 1, 2))
    assert white(parts(slices_picture(field, (0.5 / 3, 1.0, 0.0), opacity=True))[0]) == []
    assert white(parts(slices_picture(field, (0.1 / 3, 1.0, 0.0), opacity=True))[0]) == [(2, 1)]


def test_frames_have_the_hues_of_their_planes() -> None:
    field = one_vertex((0, 1, 2), (3, 4, 5))
    at = (0.25, 0.5, 0.75)
    lines = slice_frames(field, at)
    corners = lines.verts.reshape(3, 4, 3)
    assert [np.unique(corners[axis, :, axis]).tolist() for axis in range(3)] == [[0.5], [1.5], [3.0]]
    assert sorted(map(tuple, corners[0, :, 1:].tolist())) == [(0, 0), (0, 4), (3, 0), (3, 4)]
    frame = slices_picture(one_vertex((0, 1, 2)), at).pixels[-1, 0] / 255
    assert lines.colors is not None
    np.testing.assert_allclose(frame, surface(3), atol=0.01)
    np.testing.assert_allclose(lines.colors[0], surface(3), atol=1e-6)


def test_pictures_have_the_same_size_for_coarse_and_fine_grids() -> None:
    coarse, fine = (
        slices_picture(one_vertex((0, 0, 0), (n + 1, n + 1, n + 1)), (0.5, 0.5, 0.5)).pixels.shape for n in (8, 32)
    )
    assert coarse == fine == (198, 3 * 198 + 12, 3)


def test_opacity_is_what_a_voxel_hides() -> None:
    field = one_vertex((1, 1, 1))
    found = opacities(field)
    assert found[1, 1, 1] > 0.9999
    assert found.sum() < 1.001
