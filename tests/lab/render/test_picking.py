"""What lies under a pixel, asked of the real render process."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lab.render.camera import Camera
from lab.render.messages import Hit, Picked, Style, View
from lab.scene import Mesh, Points
from tests.lab.render.render_help import Watched, plain_view, sphere, square

VIEW = View(Camera(distance=4).orbit(0.4, 0.3), 400, 300, grid=False)


def pick(watched: Watched, view: View, x: float, y: float) -> Hit | None:
    watched.draw(view)  # what is picked is what was drawn
    token = watched.client.pick(view, x, y)
    answer = watched.next(Picked)
    assert answer.token == token
    return answer.hit


def put(watched: Watched, entity, style: Style | None = None, path: str = "a") -> None:
    watched.client.set_entity(path, entity)
    watched.client.set_style(path, style or Style())


def test_a_square_by_hand(watched):
    put(watched, square())
    view = plain_view(200, 200)  # one metre is a hundred pixels
    hit = pick(watched, view, 150, 80)
    assert (hit.path, hit.kind, hit.index, hit.vertex) == ("a", "face", 0, 2)
    assert np.allclose(hit.position, (0.5, 0.2, 0), atol=1e-6)
    assert np.allclose(hit.barycentric, (0.25, 0.15, 0.6), atol=1e-6)  # of (-1, -1), (1, -1) and (1, 1)
    assert pick(watched, view, 50, 20).index == 1


@pytest.mark.parametrize("orthographic", [False, True])
@pytest.mark.parametrize("origin", [(0, 0, 0), (636_600.0, 500.0, 849_200.0)])
def test_the_position_lies_under_the_pixel_and_on_the_surface(watched, orthographic, origin):
    body = replace(sphere(4), origin=np.array(origin))
    put(watched, body)
    view = replace(VIEW, camera=replace(VIEW.camera, pivot=origin, orthographic=orthographic))
    rng = np.random.default_rng(1)
    for x, y in rng.uniform((140, 90), (260, 210), (12, 2)):
        hit = pick(watched, view, x, y)
        at, _ = view.camera.project(hit.position[None], view.width, view.height)
        assert np.allclose(at[0], (x, y), atol=0.01)
        assert np.linalg.norm(hit.position - origin) == pytest.approx(1, abs=0.01)
        corners = body.verts[body.faces[hit.index]].astype(float) + origin
        assert np.allclose(hit.barycentric @ corners, hit.position, atol=1e-6)
        assert hit.barycentric.sum() == pytest.approx(1)
        assert hit.vertex == body.faces[hit.index][np.linalg.norm(corners - hit.position, axis=1).argmin()]
        assert (hit.position - origin) @ view.camera.axes[:, 2] > 0  # the side one sees


def test_nothing_under_the_pixel(watched):
    put(watched, sphere(2))
    assert pick(watched, VIEW, 5, 5) is None


def test_the_front_most_is_picked_and_the_invisible_is_not(watched):
    put(watched, sphere(3), path="a")
    put(watched, replace(sphere(3), origin=VIEW.camera.axes[:, 2] * 0.5), path="b")
    assert pick(watched, VIEW, 200, 150).path == "b"
    watched.client.set_style("b", Style(visible=False))
    assert pick(watched, VIEW, 200, 150).path == "a"


def test_a_mesh_that_moved_is_picked_where_it_is(watched):
    body = sphere(3)
    put(watched, body)
    assert pick(watched, VIEW, 200, 150) is not None
    put(watched, Mesh(body.verts + np.float32([5, 0, 0]), body.faces))
    assert pick(watched, VIEW, 200, 150) is None


def test_points_within_reach(watched):
    put(watched, Points(np.array([[0, 0, 0], [0.5, 0, 0]])))
    view = plain_view(200, 200)
    hit = pick(watched, view, 152, 103)
    assert (hit.kind, hit.index, hit.vertex, hit.barycentric) == ("point", 1, 1, None)
    assert np.allclose(hit.position, (0.5, 0, 0))
    assert pick(watched, view, 130, 100) is None
    watched.client.set_style("a", Style(point_size=60))
    assert pick(watched, view, 130, 100).index == 1


def test_of_points_in_a_line_the_nearest_to_the_eye(watched):
    put(watched, Points(np.array([[0, 0, -1], [0.01, 0, 1], [0, 0, -3]])))
    hit = pick(watched, plain_view(200, 200, camera=Camera(distance=4)), 100, 100)
    assert hit.index == 1


def test_points_behind_a_face_are_hidden(watched):
    put(watched, Points(np.array([[0, 0, -0.5]])), path="a")
    put(watched, square(), path="b")
    assert pick(watched, plain_view(200, 200), 100, 100).path == "b"


def test_a_far_cloud_is_found_precisely(watched):
    rng = np.random.default_rng(0)
    cloud = Points(rng.uniform(-300, 300, (50_000, 3)), origin=np.array([636_600.0, 500.0, 849_200.0]))
    put(watched, cloud)
    camera = replace(Camera(distance=900), pivot=tuple(cloud.origin)).orbit(0.5, 0.4)
    view = View(camera, 400, 300)
    at, depth = camera.project(cloud.verts + cloud.origin, 400, 300)
    front = int(np.argmin(depth))
    assert pick(watched, view, *at[front]).index == front
