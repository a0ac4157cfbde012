"""Films and depth maps: what each camera sees, framed by what is in the field."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import imageio.v3 as imageio
import numpy as np
import pytest

from lab.fields.march import FieldView
from lab.fields.out import film
from lab.fields.out.film import Lens, depth_maps, depth_of, frames, object_of, orbit_cameras, save_orbit
from tests.lab.fields.small_fields import ball, camera, slab


def silent(share: float, text: str) -> None:
    """Nobody follows."""


def test_each_frame_is_what_its_camera_sees() -> None:
    view = FieldView(ball())
    cameras = [camera(size=24), camera((2.0, 1.0, 2.0), size=24)]
    made = frames(view, cameras, 0.0, silent)
    assert made.shape == (2, 24, 24, 3)
    for number, one in enumerate(cameras):
        np.testing.assert_array_equal(made[number], (view.render(one).color * 255 + 0.5).astype(np.uint8))


def test_the_ground_is_behind_what_is_see_through() -> None:
    view, one = FieldView(ball()), camera(size=24)
    black, white = (frames(view, [one], ground, silent)[0].astype(int) for ground in (0.0, 1.0))
    clear = 255 * (1 - view.render(one).opacity)
    np.testing.assert_allclose(white - black, np.repeat(clear[..., None], 3, axis=2), atol=1.0)
    sky = replace(ball(), sky=np.full((2, 4, 3), 0.5, np.float16))
    np.testing.assert_array_equal(frames(FieldView(sky), [one], 1.0, silent)[0, 0, 0], [128, 128, 128])


def test_progress_is_told_and_ends_the_work() -> None:
    told = []
    frames(FieldView(ball()), [camera(size=8)] * 4, 0.0, lambda share, text: told.append(share))
    assert told == [0.0, 0.25, 0.5, 0.75]

    def stop(share: float, text: str) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        frames(FieldView(ball()), [camera(size=8)], 0.0, stop)


def test_depths_are_along_the_axis_and_missing_where_nothing_is() -> None:
    """A dense slab's front is a plane across the axis: one depth in all pixels."""
    view, one = FieldView(slab(sigma=500.0)), camera(size=32)
    (depth,) = depth_maps(view, [one], silent)
    assert depth.dtype == np.float32
    inside = depth[8:24, 8:24]
    assert abs(inside - 2.5).max() < 0.04
    assert inside.max() - inside.min() < 0.02
    assert np.isnan(depth[0, 0])
    np.testing.assert_array_equal(depth, depth_of(view.render(one), one))


def test_what_is_filmed_is_what_is_opaque() -> None:
    middle, radius = object_of(ball(0.5, 48))
    np.testing.assert_allclose(middle, 0.0, atol=0.02)
    assert radius == pytest.approx(0.55, abs=0.06)
    empty = replace(ball(), density=np.full_like(ball().density, -15.0))
    middle, radius = object_of(empty)
    np.testing.assert_allclose(middle, 0.0)
    assert radius == pytest.approx(np.sqrt(3))


def test_an_orbit_has_all_of_the_object_in_each_picture() -> None:
    field = ball(0.5, 48)
    view, lens = FieldView(field), Lens(48, 36)
    cameras = orbit_cameras(field, 5, lens)
    assert len(cameras) == 5
    for one in cameras:
        seen = view.render(one).opacity > 0.5
        assert not np.concatenate([seen[0], seen[-1], seen[:, 0], seen[:, -1]]).any()
        assert np.ptp(np.flatnonzero(seen.any(axis=1))) > 0.7 * 36


def test_an_orbit_is_saved_as_a_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(film, "_ORBIT_FRAMES", 3)
    save_orbit(tmp_path / "orbit.mp4", ball(), silent)
    assert imageio.imread(tmp_path / "orbit.mp4").shape == (3, 480, 640, 3)
