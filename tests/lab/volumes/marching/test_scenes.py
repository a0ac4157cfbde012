"""What stands in the volumes, and how the viewport is told of it."""

from __future__ import annotations

import numpy as np
import pytest

from lab.chapters.volumes.marching import BLOBS, MESH, SLAB, SPHERE
from lab.kernels.crew import Crew
from lab.posed.make import spot
from lab.scene import Mesh
from lab.study import StudyError
from lab.volumes.marching.scenes import denser, drawn, volume_of
from lab.volumes.marching.volume import FieldMedium, Volume


def made(scene: str, side: int = 33, mesh: Mesh | None = None) -> Volume:
    return volume_of(scene, mesh, side, 0.1, True, Crew())


def test_a_slab_fills_half_of_the_volume() -> None:
    full = made(SLAB).values[..., 0]
    assert full[16].tolist() == np.ones((33, 33)).tolist()
    assert full[7].max() == 0.0
    assert full[:, 5, 9].sum() == pytest.approx(16.0)  # voxels of 1/16 of the extent, which is 1 m thick


def test_a_sphere_has_the_volume_of_a_sphere() -> None:
    full = made(SPHERE, 41).values[..., 0]
    assert full.sum() * (2 / 40) ** 3 == pytest.approx(4 / 3 * np.pi * 0.5**3, rel=0.01)


def test_blobs_are_soft_and_stay_within_the_volume() -> None:
    full = made(BLOBS).values[..., 0]
    assert full.max() == pytest.approx(1.0, abs=0.02)
    assert max(full[0].max(), full[:, 0].max(), full[:, :, -1].max()) < 0.1
    assert ((full > 0.1) & (full < 0.9)).sum() > (full >= 0.9).sum()


def test_a_mesh_is_filled_in_the_middle() -> None:
    volume = made(MESH, 32, spot())
    places = np.argwhere(volume.values[..., 0] > 0)[:, ::-1]
    assert 200 < len(places) < 32**3 / 8
    reach = np.abs(volume.world(places.astype(float))).max()
    assert reach == pytest.approx(0.672 * volume.extent[0], abs=volume.voxel)
    assert volume.values[..., 1:].max() <= 1.0


def test_a_mesh_without_faces_is_refused() -> None:
    with pytest.raises(StudyError, match="no faces"):
        made(MESH, 16, Mesh(np.zeros((3, 3), np.float32), np.zeros((0, 3), np.int32)))


def test_what_the_viewport_draws_has_the_volume_s_density_at_its_voxels() -> None:
    volume = made(SPHERE, 21)
    medium = FieldMedium(denser(drawn(volume), 8.0))
    places = np.argwhere(volume.values[..., 0] > 0.01)[:, ::-1]
    points = volume.world(places.astype(float)) * (1 - 1e-9)
    out = np.empty((len(points), 1, 4), np.float32)
    medium.sample(0, len(points), np.zeros_like(points), points, np.ones((len(points), 1)), out)
    x, y, z = places.T
    assert len(points) > 300
    assert np.abs(out[:, 0, 0] - 8.0 * volume.values[z, y, x, 0]).max() < 0.03
    assert np.abs(out[:, 0, 1:] - volume.values[z, y, x, 1:]).max() < 0.005
