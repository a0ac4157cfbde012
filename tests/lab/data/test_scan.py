"""Objects, their pools of points, the choice, and what a study keeps."""

from __future__ import annotations

import numpy as np
import pytest

from lab.data.objects import body, mesh_notes
from lab.data.scan import MOST_POINTS, Chooser, Scan, pool
from lab.fitting.templates import ico_sphere
from lab.scene import Geometry, Mesh, Points
from lab.studies.kept import Kept
from lab.study import StudyError
from tests.lab.data.shapes import CUBE_FACES, CUBE_VERTS

SPHERE = Mesh(*ico_sphere(3))


@pytest.mark.parametrize(
    ("geometry", "sentence"),
    [
        (None, "no object"),
        (Points(np.zeros((3, 3))), "3 points"),
        (Points(np.zeros((9, 3))), "same place"),
        (Points(np.full((9, 3), np.nan)), "not finite"),
        (Mesh(CUBE_VERTS, [[0, 0, 1]]), "no area"),
    ],
)
def test_an_object_with_which_nothing_can_be_done(geometry: Geometry | None, sentence: str) -> None:
    with pytest.raises(StudyError, match=sentence):
        body(geometry)


def test_a_mesh_without_faces_is_a_cloud() -> None:
    assert body(Mesh(CUBE_VERTS, np.zeros((0, 3)))).mesh is None


def test_what_a_person_should_know_of_a_mesh() -> None:
    assert mesh_notes(body(Mesh(CUBE_VERTS, CUBE_FACES))) == ()
    assert "open" in mesh_notes(body(Mesh(CUBE_VERTS, CUBE_FACES[1:])))[0].text
    assert "inwards" in mesh_notes(body(Mesh(CUBE_VERTS, CUBE_FACES[:, ::-1])))[0].text
    mixed = CUBE_FACES.copy()
    mixed[0] = mixed[0, ::-1]
    assert "opposite" in mesh_notes(body(Mesh(CUBE_VERTS, mixed)))[0].text


def test_the_pool_of_a_mesh_covers_its_area_evenly() -> None:
    found = pool(body(Mesh(CUBE_VERTS, CUBE_FACES)), np.random.default_rng(0))
    assert len(found) == MOST_POINTS
    assert np.abs(found.points).max(axis=1) == pytest.approx(1.0)
    assert found.normals is not None
    sides, counts = np.unique(found.normals, axis=0, return_counts=True)
    assert len(sides) == 6
    assert counts / MOST_POINTS == pytest.approx(1.0 / 6.0, abs=0.005)


def test_the_pool_of_a_cloud_are_its_points_in_another_order() -> None:
    cloud = Points(np.random.default_rng(0).normal(size=(500, 3)), normals=np.tile([0.0, 0.0, 1.0], (500, 1)))
    found = pool(body(cloud), np.random.default_rng(1))
    assert sorted(found.points.tolist()) == sorted(cloud.verts.tolist())
    assert not np.array_equal(found.points, cloud.verts)
    assert found.normals is not None


@pytest.mark.parametrize("sampling", ["area-weighted", "farthest point", "voxel grid"])
def test_each_way_to_choose(sampling: str) -> None:
    chooser = Chooser(pool(body(SPHERE), np.random.default_rng(0)))
    few, more = chooser.choose(100, sampling), chooser.choose(300, sampling)
    assert 50 <= len(few) <= 100 < len(more) <= 300
    assert np.linalg.norm(more.points, axis=1) == pytest.approx(1.0, abs=0.1)
    assert more.normals is not None
    assert np.einsum("ij,ij->i", more.normals, more.points).min() > 0.9
    if sampling != "voxel grid":
        assert np.array_equal(more.points[:100], few.points)


def test_choosing_from_nothing_and_in_an_unknown_way() -> None:
    empty = Scan(np.zeros((0, 3), np.float32))
    for sampling in ("area-weighted", "farthest point", "voxel grid"):
        assert len(Chooser(empty).choose(10, sampling)) == 0
    with pytest.raises(ValueError, match="unknown"):
        Chooser(Scan(CUBE_VERTS)).choose(3, "by magic")


def test_a_study_keeps_what_did_not_change() -> None:
    kept, made = Kept(), []

    def make() -> list[int]:
        made.append(1)
        return [len(made)]

    array = np.zeros(3)
    first = kept.get("a", (array, 1.0), make)
    assert kept.get("a", (array, 1.0), make) is first
    assert kept.has("a", (array, 1.0))
    assert kept.get("a", (np.zeros(3), 1.0), make) == [2]  # an equal array is another one
    assert kept.get("a", (array, 2.0), make) == [3]
    assert kept.get("b", (array, 2.0), make) == [4]
    assert not kept.has("a", (array,))
    assert kept.last("b", (array, 2.0)) == [4]
    with pytest.raises(KeyError):
        kept.last("b", (array, 3.0))
