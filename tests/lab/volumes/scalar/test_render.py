"""Light through a scan: the transfer function by hand, opacity correction, closed forms, blocks that are skipped."""

from __future__ import annotations

import numpy as np
import pytest

from lab.cameras.model import CameraModel
from lab.kernels.crew import Crew
from lab.rendering.views import camera_at
from lab.scene import Array
from lab.volumes.scalar.kernels import GREATEST, MEAN
from lab.volumes.scalar.render import render
from lab.volumes.scalar.scan import Scan, scan_of
from lab.volumes.scalar.transfer import ENTRIES, LOOKS, REFERENCE, Transfer, for_step, own_stops, visible

WHITE = (1.0, 1.0, 1.0)


def even(value: float = 0.5, side: int = 24) -> Scan:
    """A cube of one value, 24 cm wide."""
    return Scan(np.full((side,) * 3, value, np.float32), np.full(3, 0.24 / side), (0.0, 1.0))


def front(size: int = 9) -> CameraModel:
    return camera_at(np.zeros(3), 20.0, 0.0, 0.0, 1.0, (size, size))


def flat(opacity: float, strength: float = 1.0) -> Array:
    return Transfer(((0.0, opacity, (0.8, 0.4, 0.2)), (1.0, opacity, (0.8, 0.4, 0.2))), 0.0, 1.0, strength).table()


def test_a_function_is_linear_between_its_points_and_lies_in_its_window() -> None:
    stops = ((0.0, 0.0, (0.0, 0.0, 0.0)), (0.5, 0.4, WHITE), (1.0, 0.8, WHITE))
    table = Transfer(stops, 0.2, 0.6).table()
    values = np.linspace(0.0, 1.0, ENTRIES)
    for value, opacity, red in ((0.1, 0.0, 0.0), (0.3, 0.2, 0.5), (0.4, 0.4, 1.0), (0.5, 0.6, 1.0), (0.9, 0.8, 1.0)):
        row = table[np.abs(values - value).argmin()]
        assert row[0] == pytest.approx(opacity, abs=2e-3)
        assert row[1] == pytest.approx(red, abs=4e-3)


def test_strength_is_so_many_times_the_way() -> None:
    assert flat(0.3, strength=2.0)[0, 0] == pytest.approx(1 - 0.7**2)


def test_steps_are_corrected() -> None:
    half = for_step(flat(0.36), 0.5, 1.0)
    assert half[0, 0] == pytest.approx(0.2)  # two of them: 1 - 0.8 squared
    assert half[0, 1:] == pytest.approx([0.8, 0.4, 0.2])


def test_points_of_one_s_own_are_sorted() -> None:
    stops = own_stops((0.9, 0.1), (0.5, 0.2), "grey")
    assert [stop[:2] for stop in stops] == [(0.1, 0.2), (0.9, 0.5)]
    assert stops[1][2][0] > stops[0][2][0]


def test_what_can_be_seen_is_told_by_the_ends_of_a_block() -> None:
    table = Transfer(((0.0, 0.0, WHITE), (0.5, 0.0, WHITE), (0.6, 0.5, WHITE), (0.7, 0.0, WHITE)), 0.0, 1.0).table()
    low, high = np.array([0.0, 0.0, 0.52, 0.75]), np.array([0.4, 0.9, 0.58, 1.0])
    assert visible(table, low, high, (0.0, 1.0)).tolist() == [False, True, True, False]


@pytest.mark.parametrize("steps", [0.5, 2.0])
def test_an_even_cube_has_its_closed_form_whatever_the_steps(steps: float) -> None:
    scan = even()
    drawn = render(scan, front(), flat(0.1), Crew(), ambient=1.0, steps=steps)
    way = 23 * 0.01 / (REFERENCE * 0.24)  # from the first voxels' centres to the last, in reference lengths
    opacity = 1 - 0.9**way
    assert drawn[4, 4, 3] == pytest.approx(opacity, abs=0.01)
    assert drawn[4, 4, :3] == pytest.approx(np.array([0.8, 0.4, 0.2]) * drawn[4, 4, 3], abs=1e-4)


def test_a_wall_is_as_bright_as_it_is_steep() -> None:
    """A plane across the line of sight has its full colour, a slanted one less; ambient light is not less."""
    z = np.arange(48) / 47
    values = np.broadcast_to((1 - z)[:, None, None], (48, 48, 48)).astype(np.float32)
    scan = Scan(np.ascontiguousarray(values), np.full(3, 0.005), (0.0, 1.0))
    table = Transfer(((0.0, 0.0, WHITE), (0.49, 0.0, WHITE), (0.5, 0.99, WHITE)), 0.0, 1.0).table()
    for azimuth in (0.0, 40.0):
        camera = camera_at(np.zeros(3), 20.0, 0.0, azimuth, 0.2, (5, 5))
        drawn = render(scan, camera, table, Crew(), ambient=0.2)
        assert drawn[2, 2, 3] > 0.99
        assert drawn[2, 2, 0] == pytest.approx(0.2 + 0.8 * np.cos(np.radians(azimuth)), abs=0.02)


def test_skipping_empty_blocks_changes_nothing() -> None:
    rng = np.random.default_rng(4)
    values = np.zeros((40, 33, 37), np.float32)
    values[10:14, 8:20, 20:30] = rng.random((4, 12, 10))
    scan = scan_of(values, np.full(3, 0.006), ends=(0.0, 1.0))
    table = Transfer(LOOKS["bone"], 0.0, 1.0).table()
    camera = camera_at(np.zeros(3), 0.8, 25.0, 35.0, 30.0, (40, 40))
    drawn = render(scan, camera, table, Crew(), ambient=0.3)
    faint = table.copy()
    faint[:, 0] = np.maximum(faint[:, 0], 5e-5)  # now nothing can be skipped
    whole = render(scan, camera, faint, Crew(), ambient=0.3)
    assert drawn[..., 3].max() > 0.5
    assert np.abs(drawn[..., :4] - whole[..., :4]).max() < 0.02


def test_rays_tell_their_greatest_and_their_mean_value() -> None:
    values = np.full((20, 20, 20), 0.2, np.float32)
    values[5:10] = 0.6
    scan = Scan(values, np.full(3, 0.01), (0.0, 1.0))
    table = flat(0.1)
    greatest = render(scan, front(), table, Crew(), mode=GREATEST, steps=4.0)
    mean = render(scan, front(), table, Crew(), mode=MEAN, steps=4.0)
    assert greatest[4, 4, 0] == pytest.approx(0.6)
    assert mean[4, 4, 0] == pytest.approx(0.2 + 0.4 * 5 / 19, abs=0.01)
    beside = render(scan, camera_at(np.zeros(3), 20.0, 0.0, 0.0, 3.0, (9, 9)), table, Crew(), mode=GREATEST)
    assert beside[0, 0].tolist()[1:4] == [0.0, 0.0, 0.0], "no part of the scan is there"


def test_who_waits_can_stop_it() -> None:
    class Stop(Exception):
        pass

    def stop() -> None:
        raise Stop

    with pytest.raises(Stop):
        render(even(), front(), flat(0.1), Crew(), pause=stop)
