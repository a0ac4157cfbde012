"""The benches of the distance fields: they compare the same thing. No times are tested."""

from __future__ import annotations

import numpy as np
import pytest

from lab.bench import BENCHES
from lab.data import benches
from lab.data.distance import DistanceField
from tests.lab.data.shapes import sample_grid


@pytest.mark.parametrize("name", ["tsdf", "marching-cubes"])
def test_the_benches_are_made(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benches, "AROUND", 40)
    monkeypatch.setattr(benches, "ACROSS", 16)
    monkeypatch.setattr(benches, "RESOLUTIONS", (16,))
    monkeypatch.setattr(benches, "ROUNDS", {16: 1})
    (figure,) = BENCHES[name].make()
    assert figure.name == f"{name} 16"
    assert figure.ours > 0.0
    assert figure.peer > 0.0


def test_both_fields_are_the_same() -> None:
    verts, faces = benches.bumpy_torus(60, 24)
    grid = benches.cube(verts, 32)
    ours = DistanceField(verts, faces, grid).tsdf(4.0)
    peer = benches.open3d_tsdf(verts, faces, sample_grid(grid.axes), 4.0 * grid.voxel)
    assert np.abs(ours - peer).max() < 1e-5
