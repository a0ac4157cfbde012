"""Objects stay as they are while the sliders reach them, and are brought into reach otherwise."""

import numpy as np
import pytest

from lab.cameras.subject import REACH, prepare
from lab.scene import Mesh, Points

VERTS = np.random.default_rng(0).uniform(-1, 1, size=(5000, 3))


def test_an_object_within_reach_stays_the_same_one():
    cloud = Points(VERTS)
    found = prepare(cloud)
    assert found.shown is cloud
    assert not found.moved
    assert len(found.points) <= 2000
    assert set(map(tuple, found.points)) <= set(map(tuple, cloud.verts.astype(float)))


@pytest.mark.parametrize(("scale", "origin"), [(300.0, (6e5, 0, 5e6)), (1e-3, (0, 0, 0)), (1.0, (2 * REACH, 0, 0))])
def test_others_are_brought_to_two_metres_at_the_origin(scale, origin):
    faces = np.array([[0, 1, 2], [2, 3, 4]])
    found = prepare(Mesh(VERTS * scale, faces, origin=np.array(origin, float)))
    assert found.moved
    assert np.allclose(found.center, 0, atol=1e-5)
    assert (found.box[1] - found.box[0]).max() == pytest.approx(2, abs=1e-5)
    assert np.array_equal(found.shown.faces, faces)


def test_a_single_point_has_a_size():
    assert prepare(Points(np.array([[1.0, 2, 3]]))).radius > 0
