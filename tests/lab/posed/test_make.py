"""Pictures made of a mesh: a known camera sees the known colour at the known pixel, and what the options promise."""

from __future__ import annotations

import numpy as np
import pytest

from lab.cameras.projection import pixels
from lab.posed.images import PosedError
from lab.posed.make import BACKGROUNDS, Views, background, harder_images, make_images, spot, spot_images
from lab.posed.objects import harder_object, prepared
from lab.posed.study import black_psnr
from lab.scene import Mesh

CUBE_FACES = ((2, 1), (2, -1), (0, 1), (0, -1), (1, 1), (1, -1))  # axis and sign
FACE_COLORS = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1]], np.float32)
PLAIN = {"ambient": 1.0, "diffuse": 0.0, "specular": 0.0}
"""Light that shows a surface's own colour."""


def cube() -> Mesh:
    """From -5 to 5, one colour a side; each side has corners of its own."""
    verts, faces, colors = [], [], []
    for (axis, sign), color in zip(CUBE_FACES, FACE_COLORS, strict=True):
        a, b = [i for i in range(3) if i != axis]
        corners = np.zeros((4, 3))
        corners[:, axis] = sign
        corners[:, a], corners[:, b] = (-1, 1, 1, -1), (-1, -1, 1, 1)
        order = np.array([[0, 1, 2], [0, 2, 3]])
        normal = np.cross(corners[1] - corners[0], corners[2] - corners[0])
        if normal[axis] * sign < 0:
            order = order[:, ::-1]
        faces += (order + 4 * len(colors)).tolist()
        verts += (5 * corners).tolist()
        colors.append(np.tile(color, (4, 1)))
    return Mesh(np.array(verts, np.float32), np.array(faces, np.int32), colors=np.concatenate(colors))


def test_each_side_of_a_cube_is_seen_where_it_is():
    """The middle of the side that faces a camera is in the picture's middle; all that is seen is the object's own."""
    images = make_images(cube(), Views(count=5, held_out=1, size=64, distance=4.0, **PLAIN))
    for number, azimuth in enumerate((-180, -90, 0, 90, 180)):
        direction = np.round([np.sin(np.radians(azimuth)), 0, np.cos(np.radians(azimuth))])
        side = next(i for i, (axis, sign) in enumerate(CUBE_FACES) if direction[axis] == sign)
        camera = images.cameras[number]
        assert camera.center == pytest.approx(4.0 * direction, abs=1e-9)
        assert pixels(camera, direction[None])[0] == pytest.approx(np.array([[32.0, 32.0]]))
        assert images.pixels[number, 32, 32].tolist() == (255 * FACE_COLORS[side]).astype(int).tolist()
    # the near side is 2 m wide at a depth of 3 m: 64 / (2 tan 30°) * 2 / 3 = 36.95 pixels
    covered = images.alphas[0].astype(float).sum() / 255
    assert covered == pytest.approx(36.95**2, rel=0.02)
    assert (images.lower, images.upper) == (pytest.approx([-1.1] * 3), pytest.approx([1.1] * 3))


def test_the_courses_circle_repeats_its_first_view_and_none_of_the_two_judges():
    images = spot_images(size=16)
    assert len(images) == 48
    assert np.array_equal(images.pixels[0], images.pixels[-1])
    assert images.cameras[0].c2w == pytest.approx(images.cameras[-1].c2w)
    assert np.flatnonzero(images.held_out).tolist() == [3, 9, 15, 21, 27, 33, 39, 45]
    heights = [camera.center[1] for camera in images.cameras]
    assert heights == pytest.approx([0.0] * 48, abs=1e-9)


def test_black_pictures_of_spot_score_what_the_published_figures_assume():
    assert black_psnr(spot_images()) == pytest.approx(16.9, abs=0.05)


def test_edges_are_smooth_and_not_mixed_with_anything():
    images = make_images(cube(), Views(count=3, held_out=0, size=48, path="dome", **PLAIN))
    partly = (images.alphas > 0) & (images.alphas < 255)
    assert partly.any()
    on_edges = images.pixels[partly].astype(int)
    assert on_edges.max(axis=1).min() > 200, "black behind it would have darkened them"


@pytest.mark.parametrize("name", BACKGROUNDS)
def test_without_masks_the_background_is_mixed_in(name):
    views = Views(count=3, held_out=1, size=48, masks=False, background=name, **PLAIN)
    images = make_images(cube(), views)
    with_masks = make_images(cube(), Views(count=3, held_out=1, size=48, **PLAIN))
    assert images.alphas is None
    share = with_masks.alphas[..., None] / 255
    expected = with_masks.pixels * share + 255 * background(name, 48) * (1 - share)
    assert np.abs(images.pixels - expected).max() <= 1.5


def test_noise_and_camera_errors_are_as_large_as_they_say_and_spare_the_judges():
    plain = Views(count=60, held_out=10, size=16, path="sphere", masks=False, background="grey", **PLAIN)
    clean = make_images(cube(), plain)
    noisy = make_images(cube(), Views(**(vars(plain) | {"noise": 0.05, "camera_noise": 2.0})))
    background_only = (clean.pixels == 128).all(axis=3)
    off = noisy.pixels.astype(float) - clean.pixels
    assert off[background_only].std() / 255 == pytest.approx(0.05, rel=0.03)
    moved = np.array([np.linalg.norm(a.center - b.center) for a, b in zip(noisy.cameras, clean.cameras, strict=True)])
    assert (moved[clean.held_out] == 0).all()
    one_axis = moved[~clean.held_out] / np.sqrt(3)
    assert np.sqrt((one_axis**2).mean()) == pytest.approx(np.radians(2.0) * 2.7, rel=0.15)
    again = make_images(cube(), Views(**(vars(plain) | {"noise": 0.05, "camera_noise": 2.0})))
    assert np.array_equal(again.pixels, noisy.pixels)
    assert all(np.array_equal(a.c2w, b.c2w) for a, b in zip(again.cameras, noisy.cameras, strict=True))
    other = make_images(cube(), Views(**(vars(plain) | {"noise": 0.05, "seed": 1})))
    assert not np.array_equal(other.pixels, noisy.pixels)


def test_the_object_is_centred_scaled_and_painted_only_if_it_has_no_colour():
    shown = prepared(spot())
    assert np.abs(shown.verts).max() == pytest.approx(1.0)
    assert shown.verts.mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-6)
    assert shown.colors is not None
    assert shown.colors.std(axis=0).min() > 0.1
    assert prepared(spot(), pattern=False).colors is None
    assert np.array_equal(prepared(cube()).colors, cube().colors)


def test_the_harder_object_is_a_sound_textured_mesh():
    mesh = harder_object()
    corner = mesh.verts[mesh.faces]
    across = np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0])
    assert (np.einsum("fd,fd->f", across, mesh.normals[mesh.faces].sum(axis=1)) > 0).all(), "wound outwards"
    assert np.linalg.norm(mesh.normals, axis=1) == pytest.approx(np.ones(len(mesh.normals)), abs=1e-5)
    assert mesh.materials[0].texture.std() > 40
    images = harder_images(size=32, views=10, held_out=2)
    assert len(images) == 12
    assert images.held_out.sum() == 2


def test_highlights_move_with_the_eye_and_nothing_else_does():
    """The lit middle of a side of the cube, from two cameras: with and without highlights."""
    towards_light = np.array([0.0, 0.0, 1.0])
    for specular in (0.0, 0.6):
        light = {"light": (0.0, 0.0, 3.0), "ambient": 0.2, "diffuse": 0.2, "specular": specular, "shininess": 20.0}
        images = make_images(cube(), Views(count=9, held_out=0, size=64, distance=4.0, **light))
        colors = []
        for number in (4, 5):  # azimuths 0 and 45 degrees
            x, y = pixels(images.cameras[number], towards_light[None])[0][0]
            colors.append(images.pixels[number, int(y), int(x)].astype(int))
        change = np.abs(colors[0] - colors[1]).max()
        assert change <= 1 if specular == 0 else change > 100


@pytest.mark.parametrize(
    ("values", "words"), [({"count": 8, "held_out": 8}, "none to train on"), ({"size": 2000}, "fewer or smaller")]
)
def test_what_cannot_be_is_refused(values, words):
    with pytest.raises(PosedError, match=words):
        Views(**values)


def test_points_and_nothing_are_refused():
    with pytest.raises(PosedError, match="no faces"):
        prepared(Mesh(np.zeros((3, 3), np.float32), np.zeros((0, 3), np.int32)))
    with pytest.raises(PosedError, match="no size"):
        prepared(Mesh(np.ones((3, 3), np.float32), np.array([[0, 1, 2]], np.int32)))
