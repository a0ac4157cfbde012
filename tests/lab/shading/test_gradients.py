"""The gradient as a picture: the rasteriser's own gradients, whole pictures, and numbers by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lab.raster.projection import Projection
from lab.raster.silhouette import SoftSilhouette
from lab.raster.soft import SoftRender
from lab.scene import Array, Mesh
from lab.shading import gradients
from lab.shading.blending import Blend
from lab.shading.gradients import light_gradient, vertex_gradient
from lab.shading.lights import AmbientLights, DirectionalLights
from lab.shading.look import Look
from tests.lab.shading.shading_help import LOOK, camera, colored_ball

BLEND = Blend(sigma=1e-3, gamma=1e-1, blur_radius=8e-3, faces_per_pixel=60, perspective_correct=False)
UNLIT = Look(lights=(AmbientLights(),), background=(0.2, 0.5, 0.9))  # colours do not change as normals do
ALONG = np.array([0.6, 0.64, 0.48])


@pytest.mark.parametrize("vertex", [3, 17])
def test_alpha_is_the_soft_silhouettes_gradient(vertex: int) -> None:
    mesh, view = colored_ball(), camera(40, 32)
    found = vertex_gradient(mesh, view, UNLIT, BLEND, vertex, ALONG)
    weights = np.random.default_rng(0).random((32, 40))
    projection = Projection.of(view)
    soft = SoftSilhouette(mesh.faces, (32, 40), sigma=1e-3, blur_radius=8e-3, dtype=np.float64)
    soft.forward(projection.forward(mesh.verts))
    verts = projection.backward(soft.backward(weights), to_verts=True).verts
    assert verts is not None
    expected = float(verts[vertex] @ ALONG)
    assert abs(expected) > 1e-3
    np.testing.assert_allclose((weights * found.alpha).sum(), expected, rtol=1e-5)


@pytest.mark.parametrize("vertex", [3, 17])
def test_rgb_is_the_soft_renders_gradient(vertex: int) -> None:
    mesh, view = colored_ball(), camera(40, 32)
    assert mesh.colors is not None
    found = vertex_gradient(mesh, view, UNLIT, BLEND, vertex, ALONG)
    weights = np.random.default_rng(1).random((32, 40, 3))
    projection = Projection.of(view)
    soft = SoftRender(
        mesh.faces,
        (32, 40),
        sigma=1e-3,
        gamma=1e-1,
        blur_radius=8e-3,
        background=UNLIT.background,
        perspective=False,
        dtype=np.float64,
    )
    soft.forward(projection.forward(mesh.verts), mesh.colors[mesh.faces].astype(np.float64))
    nothing = np.zeros((32, 40))
    grad_ndc = soft.backward(weights, nothing, nothing)[0]
    verts = projection.backward(grad_ndc, to_verts=True).verts
    assert verts is not None
    expected = float(verts[vertex] @ ALONG)
    assert abs(expected) > 1e-2
    np.testing.assert_allclose((weights * found.rgb).sum(), expected, rtol=1e-4)


@pytest.mark.parametrize("hard", [False, True])
def test_the_window_leaves_nothing_out(hard: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same as differences of whole pictures, lit, so that normals turn the colours of further faces."""
    mesh, view = colored_ball(), camera(40, 32)
    blend = replace(BLEND, hard=hard, perspective_correct=True)
    found = [vertex_gradient(mesh, view, LOOK, blend, vertex, ALONG) for vertex in (3, 17)]
    assert 0 < (found[0].rgb != 0).any(axis=2).mean() < 0.5
    monkeypatch.setattr(gradients, "_reached", lambda *_: gradients._Window(0, 32, 0, 40))
    for one, vertex in zip(found, (3, 17), strict=True):
        whole = vertex_gradient(mesh, view, LOOK, blend, vertex, ALONG)
        scale = np.abs(whole.rgb).max()
        assert scale > 0.01
        np.testing.assert_allclose(one.rgb, whole.rgb, atol=1e-5 * scale)
        np.testing.assert_allclose(one.alpha, whole.alpha, atol=1e-5 * scale)


def lit_quad(light: DirectionalLights) -> tuple[Mesh, Look]:
    verts = np.array([[-5, -5, 0], [5, -5, 0], [5, 5, 0], [-5, 5, 0]], np.float32)
    faces = np.array([[0, 1, 2], [0, 2, 3]])
    return Mesh(verts, faces), Look(lights=(light,), model="Lambert", interpolation="flat")


def test_a_light_by_hand() -> None:
    """A wall that fills the picture, the light along its normal: its cosine is stationary. At 60 degrees it is not.

    With l = (s, 0, c) of length 1, n·l = c, and its change along x is -s c: -sin 60° cos 60°, times I_d = 0.3.
    """
    view = camera(8, 8).moved(np.array([[1, 0, 0, 0.1], [0, 1, 0, 0], [0, 0, 1, 2.5], [0, 0, 0, 1.0]]))
    x = np.array([1.0, 0.0, 0.0])
    for degrees in (0.0, 60.0):
        s, c = float(np.sin(np.radians(degrees))), float(np.cos(np.radians(degrees)))
        mesh, look = lit_quad(DirectionalLights((s, 0.0, c)))
        found = light_gradient(mesh, view, look, Blend(hard=True), 0, x)
        np.testing.assert_allclose(found.rgb, -0.3 * s * c, atol=1e-6)
        assert not found.alpha.any()


def test_a_point_light_is_the_difference_of_two_pictures() -> None:
    mesh, view, step = colored_ball(), camera(24, 20), 1e-4
    found = light_gradient(mesh, view, LOOK, BLEND, 0, ALONG)

    def picture(sign: int) -> Array:
        light = LOOK.lights[0]
        x, y, z = np.array(light.location) + sign * step * ALONG  # type: ignore[union-attr]
        look = replace(LOOK, lights=(replace(light, location=(x, y, z)),))
        from lab.shading.probe import probe_pixel

        return np.array([probe_pixel(mesh, view, look, row, 12, BLEND).rgb for row in range(20)])

    np.testing.assert_allclose(found.rgb[:, 12], (picture(1) - picture(-1)) / (2 * step), atol=1e-6)


def test_ambient_light_has_no_place_to_move() -> None:
    found = light_gradient(colored_ball(), camera(8, 8), UNLIT, BLEND, 0, ALONG)
    assert not found.rgb.any()


def test_no_such_vertex() -> None:
    with pytest.raises(IndexError, match="vertex 42: the mesh has 42"):
        vertex_gradient(colored_ball(), camera(8, 8), LOOK, BLEND, 42, ALONG)
