"""Scans, solids, phantoms, surfaces and slices: places, volumes and values by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lab.volumes.scalar.isosurface import area_and_volume, surface_at
from lab.volumes.scalar.phantoms import SHEPP_LOGAN, STEEL, engine, head, shepp_logan
from lab.volumes.scalar.scan import BLOCK, FINEST, Scan, ScanError, reduced, scan_of
from lab.volumes.scalar.slices import frames_of, pixels_of, slice_of, voxel_at, windowed
from lab.volumes.scalar.solids import Block


def counted(spacing: tuple[float, float, float] = (0.01, 0.01, 0.01)) -> Scan:
    """Values that tell their place: 100 z + 10 y + x."""
    z, y, x = np.meshgrid(range(6), range(5), range(4), indexing="ij")
    return Scan((100 * z + 10 * y + x).astype(np.float32), np.array(spacing), (0.0, 600.0))


def ball(side: int = 48, radius: float = 0.6) -> Scan:
    """Minus the distance from the middle, so that -radius is a ball; the scan is 2 m wide."""
    line = (np.arange(side) + 0.5) * 2 / side - 1
    z, y, x = np.meshgrid(line, line, line, indexing="ij")
    return Scan(-np.sqrt(x**2 + y**2 + z**2).astype(np.float32), np.full(3, 2 / side), (-1.8, 0.0))


def test_a_ball_has_the_area_and_the_volume_of_a_ball() -> None:
    mesh = surface_at(ball(), -0.6)
    area, volume = area_and_volume(mesh)
    assert area == pytest.approx(4 * np.pi * 0.6**2, rel=0.005)
    assert volume == pytest.approx(4 / 3 * np.pi * 0.6**3, rel=0.005), "positive: its faces look outwards"
    assert np.linalg.norm(mesh.verts, axis=1) == pytest.approx(0.6, abs=0.004)


def test_a_surface_is_closed_at_the_edge_of_the_scan() -> None:
    full = Scan(np.ones((6, 8, 10), np.float32), np.full(3, 0.1), (0.0, 1.0))
    mesh = surface_at(full, 0.5)
    edges = np.sort(np.concatenate([mesh.faces[:, [0, 1]], mesh.faces[:, [1, 2]], mesh.faces[:, [2, 0]]]), axis=1)
    assert (np.unique(edges, axis=0, return_counts=True)[1] == 2).all()
    assert len(surface_at(full, 2.0).faces) == 0
    assert area_and_volume(surface_at(full, 2.0)) == (0.0, 0.0)


def test_slices_show_what_they_say() -> None:
    scan = counted()
    at = np.array([2.5, 1.5, 4.5])  # x = 2, second from the top: y = 3, fifth from the front: z = 1
    assert voxel_at(scan, at) == (2, 3, 1)
    front, left, below = (slice_of(scan, axis, at) for axis in (2, 0, 1))
    assert front.shape == (5, 4)
    assert front[0].tolist() == [140, 141, 142, 143]
    assert left.shape == (5, 6)
    assert left[0].tolist() == [542, 442, 342, 242, 142, 42]
    assert below.shape == (6, 4)
    assert below[0].tolist() == [530, 531, 532, 533]
    # the cross in each of them is at the same voxel
    assert front[1, 2] == left[1, 4] == below[4, 2] == 132


def test_voxels_that_are_no_cubes_fill_more_pixels() -> None:
    scan = counted((0.01, 0.02, 0.03))
    assert pixels_of(scan).tolist() == [4, 10, 18]
    assert slice_of(scan, 0, np.array([0.0, 0.0, 0.0])).shape == (10, 18)
    assert voxel_at(scan, np.array([0.5, 9.5, 17.5])) == (0, 0, 0)
    assert voxel_at(scan, np.array([999.0, -5.0, -5.0])) == (3, 4, 5)


def test_the_frames_lie_where_the_slices_are() -> None:
    verts = frames_of(counted(), np.array([3.0, 1.0, 0.0])).verts
    assert verts[:4, 0] == pytest.approx(0.01)  # 3 of 4 pixels from the left, about the middle
    assert verts[4:8, 1] == pytest.approx(0.015)
    assert verts[8:, 2] == pytest.approx(0.03)


def test_a_window_goes_from_black_to_white() -> None:
    shown = windowed(np.array([[-5.0, 0.0, 5.0, 10.0, 99.0]]), 0.0, 10.0)
    assert shown[0, :, 0].tolist() == [0, 0, 128, 255, 255]


def test_a_large_scan_becomes_smaller_by_means() -> None:
    values = np.zeros((4, 4, FINEST + 4), np.uint16)
    values[..., ::2] = 10
    values[2:] += 4
    scan = scan_of(values, np.full(3, 1e-3))
    assert scan.values.shape == (2, 2, (FINEST + 4) // 2)
    assert (scan.values[0] == 5).all()
    assert (scan.values[1] == 9).all()
    assert scan.reduced == 2
    assert scan.spacing / scan.enlarged == pytest.approx(2e-3)
    assert reduced(counted(), 2).values.shape == (3, 2, 2)
    assert reduced(counted(), 2).values[0, 0, 0] == pytest.approx(55.5)


def test_what_is_no_number_is_the_least() -> None:
    values = np.random.default_rng(0).random((5, 5, 5))
    values[1, 2, 3] = np.nan
    scan = scan_of(values, np.full(3, 0.02))
    assert np.isfinite(scan.values).all()
    assert scan.values[1, 2, 3] == scan.values.min()


@pytest.mark.parametrize(
    ("values", "spacing", "sentence"),
    [
        (np.zeros((1, 5, 5)), 1.0, "two voxels"),
        (np.zeros((5, 5, 5)), 1.0, "same value"),
        (np.random.default_rng(0).random((5, 5, 5)), -1.0, "positive"),
    ],
)
def test_what_is_no_scan_is_refused(values: np.ndarray, spacing: float, sentence: str) -> None:
    with pytest.raises(ScanError, match=sentence):
        scan_of(values, np.full(3, spacing))


def test_blocks_know_their_least_and_greatest_value() -> None:
    values = np.random.default_rng(1).random((20, 9, 30)).astype(np.float32)
    low, high = Scan(values, np.full(3, 0.01), (0.0, 1.0)).blocks
    assert low.shape == (3, 1, 4)
    part = values[BLOCK : 2 * BLOCK + 1, :, 2 * BLOCK : 3 * BLOCK + 1]
    assert low[1, 0, 2] == part[:, :9].min()
    assert high[1, 0, 2] == part[:, :9].max()


def test_solids_have_their_volumes() -> None:
    def volume(block: Block) -> float:
        return float(block.values.sum()) * (2 / 64) ** 3

    ellipsoid, box, cylinder = (Block(64, 0.0) for _ in range(3))
    ellipsoid.ellipsoid(1.0, (0.1, 0.0, -0.1), (0.5, 0.3, 0.4), 30.0)
    box.box(1.0, (-0.5, -0.25, 0.0), (0.5, 0.25, 0.5))
    cylinder.cylinder(1.0, 1, (0.0, 0.0, 0.0), 0.4, 0.5)
    assert volume(ellipsoid) == pytest.approx(4 / 3 * np.pi * 0.5 * 0.3 * 0.4, rel=0.03)
    assert volume(box) == pytest.approx(0.25, rel=0.03)
    assert volume(cylinder) == pytest.approx(np.pi * 0.16, rel=0.03)


def test_the_phantom_of_shepp_and_logan_adds_up() -> None:
    values = shepp_logan(64).values
    assert values[0, 0, 0] == 0.0
    assert values[32, 32, 32] == pytest.approx(SHEPP_LOGAN[0][0] + SHEPP_LOGAN[1][0], abs=1e-5)
    assert values.max() == pytest.approx(1.0, abs=0.02)


def test_the_head_and_the_engine_are_of_their_materials() -> None:
    scan = head(48)
    assert scan.values[0, -1, 0] == -1000
    assert 1500 < scan.values.max() <= 2200
    i, j, k = np.floor((np.array([0.0, 0.3, -0.5]) + 1) * 24).astype(int)
    assert 0 < scan.values[k, j, i] < 60, "brain"
    assert engine(48).values.max() == pytest.approx(STEEL, rel=0.05)


def test_nothing_of_the_head_is_outside_of_its_skin() -> None:
    scan = head(64)
    edge = np.concatenate([scan.values[0].ravel(), scan.values[:, -1].ravel(), scan.values[:, :, 0].ravel()])
    assert (edge == -1000).all()
    middle = scan.values[:, :, 32]  # z, y: the fold between the halves of the brain stays within the skull
    assert middle[6, 57] == -1000
