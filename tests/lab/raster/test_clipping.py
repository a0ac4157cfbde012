"""Faces that cross the near plane."""

from __future__ import annotations

import numpy as np
import pytest

from lab.raster.clipping import clip_faces
from lab.raster.fragments import rasterize, rasterize_backward
from tests.lab.raster.raster_help import assert_same, numpy_of, theirs

Z = 0.3
SIZE = (36, 48)


def crossing(rng, count=30, perspective=True, dtype=np.float32):
    """(ndc, faces) of triangles around the near plane, many of which reach behind the camera."""
    plane = rng.uniform(-1.5, 1.5, (3 * count, 2))
    verts = np.concatenate([plane, rng.uniform(-0.6, 2.5, (3 * count, 1))], axis=1)
    if perspective:
        verts[:, :2] /= verts[:, 2:]
    return verts.astype(dtype), np.arange(3 * count, dtype=np.int32).reshape(-1, 3)


def test_nothing_is_done_where_nothing_is_behind():
    verts, faces = np.array([[0, 0, 0.3], [1, 0, 0.4], [0, 1, 5.0]]), np.array([[0, 1, 2]], np.int32)
    assert clip_faces(verts, faces, Z, True) is None


def test_one_vertex_in_front_leaves_a_triangle_by_hand():
    """View points (0, 0, 1), (2, 0, -1), (0, 2, -1), cut at z = 0.5, a quarter of the way, at (0.5, 0), (0, 0.5)."""
    ndc = np.array([[0, 0, 1], [-2, 0, -1], [0, -2, -1]], float)  # divided by z
    clipped = clip_faces(ndc, np.array([[0, 1, 2]], np.int32), 0.5, True)
    np.testing.assert_allclose(clipped.ndc[3:], [[1, 0, 0.5], [0, 1, 0.5]])  # 0.5 / 0.5
    assert clipped.faces.tolist() == [[3, 4, 0]]
    np.testing.assert_allclose(clipped.weights[0], [[0.75, 0.25, 0], [0.75, 0, 0.25], [1, 0, 0]])
    assert clipped.neighbours.tolist() == [-1]


def test_two_vertices_in_front_leave_two_triangles_by_hand():
    """The first vertex is behind: of the view's segments to it, half is left at z = 0.5."""
    ndc = np.array([[0, 0, 0.0], [1, 0, 1], [0, 1, 1]], float)
    clipped = clip_faces(ndc, np.array([[0, 1, 2]], np.int32), 0.5, False)
    np.testing.assert_allclose(clipped.ndc[3:], [[0.5, 0, 0.5], [0, 0.5, 0.5]])
    assert clipped.faces.tolist() == [[3, 1, 4], [4, 1, 2]]
    assert clipped.neighbours.tolist() == [1, 0]
    assert clipped.source.tolist() == [0, 0]
    np.testing.assert_allclose(clipped.weights[0], [[0.5, 0.5, 0], [0, 1, 0], [0.5, 0, 0.5]])


@pytest.mark.parametrize("alone", [0, 1, 2])
@pytest.mark.parametrize("sign", [1, -1])
def test_parts_lie_on_their_face_and_keep_its_winding(alone, sign):
    rng = np.random.default_rng(alone)
    view = rng.uniform(-1, 1, (3, 3))
    view[:, 2] = Z - 0.2 * sign
    view[alone, 2] = Z + 0.4 * sign
    clipped = clip_faces(view, np.array([[0, 1, 2]], np.int32), Z, False)
    assert len(clipped.faces) == (1 if sign > 0 else 2)
    normal = np.cross(view[1] - view[0], view[2] - view[0])
    area = 0.0
    for face, weights in zip(clipped.faces, clipped.weights, strict=True):
        corners = clipped.ndc[face]
        np.testing.assert_allclose(weights @ view, corners, atol=1e-12)
        assert corners[:, 2].min() >= Z - 1e-12
        part = np.cross(corners[1] - corners[0], corners[2] - corners[0])
        assert part @ normal > 0
        area += np.linalg.norm(part) / np.linalg.norm(normal)
    corner = (2 / 3) ** 2  # the lone vertex is 0.4 off the plane, the others 0.2
    assert area == pytest.approx(corner if sign > 0 else 1 - corner)


@pytest.mark.parametrize("perspective", [True, False])
@pytest.mark.parametrize("depth", [1, 6])
def test_fragments_are_pytorch3ds(perspective, depth):
    ndc, faces = crossing(np.random.default_rng(1), perspective=perspective)
    kwargs = {"faces_per_pixel": depth, "perspective_correct": perspective, "z_clip": Z}
    ours = rasterize(ndc, faces, SIZE, **kwargs)
    assert len(ours.source.clipped.cuts.t) > 20
    assert_same(ours, theirs(ndc, faces, SIZE, **kwargs)[0], tolerance=5e-5)


@pytest.mark.parametrize("perspective", [True, False])
def test_with_blur_a_pixel_gets_the_half_that_it_is_in(perspective):
    """PyTorch3D compares distances without the sign: where the edge between is nearest, rounding decides."""
    ndc, faces = crossing(np.random.default_rng(1), perspective=perspective)
    kwargs = {"faces_per_pixel": 6, "perspective_correct": perspective, "blur_radius": 0.01, "z_clip": Z}
    ours = rasterize(ndc, faces, SIZE, sane_barycentrics=False, **kwargs)
    pix_to_face, _, _, dists = numpy_of(theirs(ndc, faces, SIZE, **kwargs)[0])
    same = ours.pix_to_face == pix_to_face
    assert same.mean() > 0.97
    other = same & (np.abs(ours.dists - dists) > 1e-4)
    assert other.mean() < 0.03
    assert (ours.dists[other] < 0).all()
    assert (dists[other] > 0).all()
    # No pixel has both halves.
    taken = np.sort(ours.pix_to_face, axis=2)
    assert not ((taken[..., 1:] == taken[..., :-1]) & (taken[..., 1:] >= 0)).any()


def test_a_floor_that_passes_under_the_camera_is_drawn_up_to_its_horizon():
    """Its vertices are behind the camera; below the horizon depth is height / (-y), here 1 / (-y), focal length 1."""
    floor = np.array([[-50, -1, -50], [50, -1, -50], [50, -1, 50], [-50, -1, 50]], np.float64)
    ndc = floor.copy()
    ndc[:, :2] /= floor[:, 2:]
    faces = np.array([[0, 1, 2], [0, 2, 3]])
    found = rasterize(ndc, faces, (32, 32), z_clip=0.1)
    y = 1 - (2 * np.arange(32) + 1) / 32
    assert (found.pix_to_face[:16] == -1).all()
    below = found.zbuf[16:, :, 0]
    np.testing.assert_allclose(below[1:], np.broadcast_to(-1 / y[17:, None], (15, 32)), rtol=1e-6)
    assert not (rasterize(ndc, faces, (32, 32)).pix_to_face >= 0).any()  # without clipping it is left out


@pytest.mark.parametrize("perspective", [True, False])
@pytest.mark.parametrize("blur", [0.0, 0.01])
def test_gradients_are_those_of_finite_differences(perspective, blur):
    """Also through the places of the cuts, and through barycentrics in terms of the whole face."""
    rng = np.random.default_rng(2)
    ndc, faces = crossing(rng, 8, perspective, np.float64)
    kwargs = {"faces_per_pixel": 8, "perspective_correct": perspective, "blur_radius": blur, "z_clip": Z}
    start = rasterize(ndc, faces, SIZE, **kwargs)
    direction = rng.normal(size=ndc.shape)
    step = 1e-7
    there, back = (rasterize(ndc + sign * step * direction, faces, SIZE, **kwargs) for sign in (1, -1))
    calm = (there.pix_to_face == back.pix_to_face) & (np.sign(there.dists) == np.sign(back.dists))
    calm &= there.source.clipped.part[there.source.pix_to_part] == back.source.clipped.part[back.source.pix_to_part]
    cut = start.source.clipped.part[start.source.pix_to_part] >= 0
    taken = calm & (start.pix_to_face >= 0)
    assert (taken & cut).sum() > 100
    pulls = [
        rng.normal(size=start.zbuf.shape) * taken,
        rng.normal(size=start.bary.shape) * taken[..., None],
        rng.normal(size=start.dists.shape) * taken,
    ]
    slope = sum(
        (pull * (getattr(there, name) - getattr(back, name)) / (2 * step)).sum()
        for name, pull in zip(("zbuf", "bary", "dists"), pulls, strict=True)
    )
    assert (rasterize_backward(start, *pulls) * direction).sum() == pytest.approx(slope, rel=1e-4)


def test_everything_behind_leaves_nothing():
    ndc = np.array([[0, 0, -1], [1, 0, -1], [0, 1, -2]], np.float32)
    found = rasterize(ndc, np.array([[0, 1, 2]]), (4, 4), z_clip=Z)
    assert (found.pix_to_face == -1).all()
    assert not rasterize_backward(found, grad_dists=np.ones_like(found.dists)).any()
