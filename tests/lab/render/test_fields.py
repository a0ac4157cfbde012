"""Radiance fields in pictures of the render process: drawn, hidden, seen through, and mixed with everything else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from lab.render import colormaps
from lab.render.camera import Camera
from lab.render.clipping import Plane
from lab.render.messages import Hit, Picked, Style
from lab.scene import Field, Mesh
from tests.lab.fields.small_fields import ball, slab
from tests.lab.render.render_help import Watched, plain_view, square

GREEN = (0.0, 1.0, 0.0)
FRONT = Camera(distance=4.0)


def solid(radius: float = 0.7) -> Field:
    """A white ball with a sharp edge."""
    field = ball(radius, 48)
    return replace(field, density=field.density * np.float16(8.0), color=np.full_like(field.color, 9.0))


def panel(z: float) -> Mesh:
    """A green square, 1 m wide, across the view."""
    mesh = square(GREEN)
    return replace(mesh, verts=mesh.verts * np.float32(0.5) + np.array([0, 0, z], np.float32))


def show(watched: Watched, field: Field | None, mesh: Mesh | None = None, style: Style | None = None) -> None:
    for path, entity in (("a", field), ("b", mesh)):
        if entity is None:
            watched.client.remove(path)
        else:
            watched.client.set_entity(path, entity)
            watched.client.set_style(path, (style if path == "a" else None) or Style())


def seen(watched: Watched, draft: bool, camera: Camera = FRONT) -> np.ndarray:
    """(64, 96, 3): a draft of a busy machine has fewer pixels, which are enlarged."""
    pixels = watched.pixels(plain_view(96, 64, camera=camera), draft)
    return np.asarray(Image.fromarray(pixels.astype(np.uint8)).resize((96, 64), Image.Resampling.NEAREST))


@pytest.mark.parametrize("draft", [True, False])
@pytest.mark.parametrize("camera", [FRONT, replace(FRONT, orthographic=True)])
def test_a_ball_is_where_it_should_be(watched: Watched, draft: bool, camera: Camera) -> None:
    show(watched, solid())
    pixels = seen(watched, draft, camera)
    assert (pixels[32, 48] > 245).all()
    assert (pixels[2, 2] < 5).all()
    tall = (pixels[:, 48, 0] > 128).sum()
    angle = 0.7 / np.sqrt(4.0**2 - 0.7**2) if not camera.orthographic else 0.7 / 4.0
    assert tall == pytest.approx(64 * angle / np.tan(np.radians(20)), abs=3)


@pytest.mark.parametrize("draft", [True, False])
def test_what_stands_in_front_hides_it_and_what_is_behind_is_hidden(watched: Watched, draft: bool) -> None:
    show(watched, solid(), panel(1.5))
    np.testing.assert_allclose(seen(watched, draft)[32, 48], [0, 255, 0], atol=4)
    show(watched, solid(), panel(-1.5))
    np.testing.assert_allclose(seen(watched, draft)[32, 48], [255, 255, 255], atol=6)


def test_what_stands_within_it_is_seen_through_half_of_it(watched: Watched) -> None:
    fog = solid()
    sigma = np.log(2) / 0.7  # from the surface to the middle half of the light is left
    thin = np.where(fog.density > 0, np.log(np.expm1(sigma / fog.scale)), -20.0).astype(np.float16)
    show(watched, replace(fog, density=thin), panel(0.0))
    np.testing.assert_allclose(seen(watched, False)[32, 48], [127, 255, 127], atol=12)


def test_an_opacity_fades_it(watched: Watched) -> None:
    show(watched, solid(), panel(-1.5), Style(opacity=0.5))
    np.testing.assert_allclose(seen(watched, False)[32, 48], [127, 255, 127], atol=4)


def test_it_can_be_hidden_and_removed(watched: Watched) -> None:
    show(watched, solid(), None, Style(visible=False))
    assert seen(watched, True).max() < 5
    show(watched, None)
    assert seen(watched, True).max() < 5


def test_a_draft_and_full_quality_look_alike(watched: Watched) -> None:
    show(watched, ball(), panel(0.6))
    draft, full = (seen(watched, draft).astype(float) for draft in (True, False))
    assert np.abs(draft - full).mean() < 8  # a busy machine's draft has fewer rays
    assert np.abs(full - full.mean(axis=(0, 1))).mean() > 24


def test_normals_and_depth_are_shown_for_it_too(watched: Watched) -> None:
    show(watched, solid())
    normals = watched.pixels(plain_view(96, 64, "normals", FRONT), False)[32, 48]
    np.testing.assert_allclose(normals, [128, 128, 255], atol=12)
    depth = watched.pixels(plain_view(96, 64, "depth", FRONT), False)
    assert depth[32, 48].max() > 20
    assert np.ptp(depth[32, 48]) == 0


def test_a_clipping_plane_cuts_it_open(watched: Watched) -> None:
    show(watched, solid())
    view = plain_view(96, 64, camera=FRONT)
    right = watched.pixels(replace(view, clip=(1.0, 0.0, 0.0, 0.0)), False)
    assert (right[32, 52] > 245).all()
    assert (right[32, 44] < 5).all()
    behind = replace(view, shading="depth")
    whole, cut = (
        watched.pixels(one, False)[32, 48, 0].astype(float) for one in (behind, replace(behind, clip=(0, 0, -1.0, 0.0)))
    )
    assert cut < whole  # the cut face is farther than the front one, and farther is darker


def test_its_opacity_is_shown_in_colours(watched: Watched) -> None:
    show(watched, solid(), None, Style(scalar="opacity", colormap="viridis"))
    pixels = seen(watched, False)
    np.testing.assert_allclose(pixels[32, 48], colormaps.table("viridis")[255], atol=3)
    assert pixels[2, 2].max() < 5


@pytest.mark.parametrize("clip", [None, (0.0, 0.0, -1.0, 0.0)])
def test_a_slice_shows_the_density_in_its_plane(
    watched: Watched, clip: tuple[float, float, float, float] | None
) -> None:
    field = slab(2.0, 2.0)
    show(watched, field, None, Style(scalar="density in a slice", scalar_range=(0.0, 4.0)))
    pixels = watched.pixels(replace(plain_view(96, 64, camera=FRONT), clip=clip), False)
    np.testing.assert_allclose(pixels[32, 48], colormaps.table("viridis")[127], atol=4)
    side = np.tan(np.radians(20)) * 4.0  # half of what the picture shows of the plane, from bottom to top
    assert (pixels[:, 48].max(axis=1) > 20).sum() == pytest.approx(64 / side, abs=2)


@pytest.mark.parametrize("camera", [FRONT, replace(FRONT, orthographic=True)])
def test_what_is_under_a_pixel_is_where_its_light_comes_from(watched: Watched, camera: Camera) -> None:
    show(watched, solid(), panel(-1.5))

    def hit(x: float, clip: Plane | None = None) -> Hit | None:
        view = replace(plain_view(96, 64, camera=camera), clip=clip)
        watched.draw(view)
        watched.client.pick(view, x, 32)
        return watched.next(Picked).hit

    middle = hit(48)
    assert middle is not None
    assert (middle.path, middle.kind) == ("a", "field")
    np.testing.assert_allclose(middle.position, [0, 0, 0.7], atol=0.05)
    beside = hit(64)
    assert beside is None or beside.path == "b"
    cut = hit(48, (0.0, 0.0, -1.0, 0.2))
    assert cut is not None
    np.testing.assert_allclose(cut.position, [0, 0, 0.2], atol=0.05)


def test_nonsense_is_not_drawn_and_harms_nobody(watched: Watched) -> None:
    field = solid()
    show(watched, replace(field, density=field.density[:5], color=field.color[:5]), panel(0.0))
    np.testing.assert_allclose(seen(watched, False)[32, 48], [0, 255, 0], atol=2)
    show(watched, replace(field, density=np.full_like(field.density, np.nan)))
    seen(watched, False)
    show(watched, field)
    assert (seen(watched, False)[32, 48] > 245).all()
