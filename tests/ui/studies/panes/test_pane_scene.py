"""The scene of a view pane: only what changed is told."""

from __future__ import annotations

import numpy as np
import pytest

from lab.render.messages import Style
from lab.scene import Image, Lines, Mesh, Points
from lab.study import View3D
from ui.studies.panes.pane_scene import PaneScene, same_entity

CORNERS = np.array([[0, 0, 0], [2, 0, 0], [0, 4, 0]], np.float32)
FACE = np.array([[0, 1, 2]], np.int32)


@pytest.fixture
def scene(qapp):
    scene = PaneScene()
    yield scene
    scene.shutdown()


def told(scene: PaneScene) -> list[tuple[str, str]]:
    events: list[tuple[str, str]] = []
    for name in ("added", "changed", "restyled", "removed"):
        getattr(scene, name).connect(lambda path, name=name: events.append((name, path)))
    return events


def test_a_view_is_taken_over_and_only_differences_are_told(scene):
    mesh, cloud = Mesh(CORNERS, FACE), Points(CORNERS)
    assert scene.show(View3D({"mesh": mesh, "cloud": cloud}, {"mesh": Style(opacity=0.5)}))
    assert scene.entry("mesh").style.opacity == 0.5
    events = told(scene)
    assert not scene.show(View3D({"mesh": mesh, "cloud": cloud}, {"mesh": Style(opacity=0.5)}))
    assert events == []
    other = Points(CORNERS + 1)
    assert scene.show(View3D({"cloud": other, "ray": Lines(CORNERS, FACE[:, :2])}))
    assert events == [("removed", "mesh"), ("changed", "cloud"), ("added", "ray")]
    assert scene.entity("cloud") is other


def test_a_style_that_is_not_named_is_the_plain_one(scene):
    cloud = Points(CORNERS)
    scene.show(View3D({"cloud": cloud}, {"cloud": Style(point_size=9)}))
    events = told(scene)
    scene.show(View3D({"cloud": cloud}))
    assert events == [("restyled", "cloud")]
    assert scene.entry("cloud").style == Style()


def test_entities_of_the_same_arrays_are_the_same():
    colors = np.zeros((3, 3), np.float32)
    mesh = Mesh(CORNERS, FACE, colors=colors, scalars={"z": colors[:, 0]})
    twin = Mesh(mesh.verts, mesh.faces, colors=mesh.colors, scalars=mesh.scalars)
    assert same_entity(mesh, twin)
    assert not same_entity(mesh, Mesh(CORNERS, mesh.faces, colors=mesh.colors))
    assert not same_entity(mesh, Mesh(mesh.verts, mesh.faces, origin=(1, 0, 0), scalars=mesh.scalars))
    assert not same_entity(mesh, Points(mesh.verts))
    big = np.zeros((50, 3), np.float32)
    assert not same_entity(Points(big), Points(big.copy()))
    assert not same_entity(Points(mesh.verts, scalars={"a": colors[:, 0]}), Points(mesh.verts))


def test_the_twin_of_an_entity_is_not_sent_again(scene):
    mesh = Mesh(CORNERS, FACE)
    scene.show(View3D({"mesh": mesh}))
    events = told(scene)
    assert not scene.show(View3D({"mesh": Mesh(mesh.verts, mesh.faces)}))
    assert events == []


def test_the_extent_is_that_of_what_can_be_seen(scene):
    far = Points(CORNERS + 100, origin=(0, 0, 1000))
    image = Image(np.zeros((2, 2, 3), np.uint8))
    scene.show(View3D({"mesh": Mesh(CORNERS, FACE), "far": far, "image": image}, {"far": Style(visible=False)}))
    low, high = scene.extent()
    np.testing.assert_allclose(low, [0, 0, 0])
    np.testing.assert_allclose(high, [2, 4, 0])
    scene.show(View3D({"far": far}))
    np.testing.assert_allclose(scene.extent()[1], [102, 104, 1100])


def test_what_is_not_finite_has_no_extent(scene):
    verts = np.array([[np.nan, 0, 0], [1, 2, 3]], np.float32)
    scene.show(View3D({"cloud": Points(verts)}))
    np.testing.assert_allclose(scene.extent(), [[1, 2, 3], [1, 2, 3]])
    scene.show(View3D({"cloud": Points(verts[:1])}))
    assert scene.extent() is None


def test_no_statistics_are_computed(scene):
    scene.show(View3D({"cloud": Points(CORNERS)}))
    scene.show(View3D({"cloud": Points(CORNERS + 1)}))
    assert not scene._stats._waiting
