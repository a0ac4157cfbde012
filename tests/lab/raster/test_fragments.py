"""The K nearest faces of each pixel, against PyTorch3D's own, by hand, and by finite differences."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.kernels.crew import Crew
from lab.raster.fragments import pixel_middles, rasterize, rasterize_backward
from tests.lab.raster.raster_help import assert_same, ball, numpy_of, soup, theirs

SIZE = (33, 47)
EXACT = {"sane_barycentrics": False}  # as PyTorch3D has it outside a face


def full_pull(rng, fragments, there=True):
    """Random gradients by zbuf, bary and dists; there: (H, W, K), the places that may have any."""
    taken = (fragments.pix_to_face >= 0) & there
    by_z, by_distance = (rng.normal(size=fragments.zbuf.shape) * taken for _ in range(2))
    return [by_z, rng.normal(size=fragments.bary.shape) * taken[..., None], by_distance]


@pytest.mark.parametrize("case", ["soup", "ball", "close", "behind"])
@pytest.mark.parametrize(
    "settings_",
    [
        {"perspective_correct": True},
        {"perspective_correct": False, "faces_per_pixel": 5, "cull_backfaces": True},
        {"perspective_correct": True, "faces_per_pixel": 3, "blur_radius": 0.01},
        {"perspective_correct": False, "faces_per_pixel": 60, "blur_radius": 0.02},
        {"perspective_correct": False, "faces_per_pixel": 4, "blur_radius": 0.01, "clip_barycentric": False},
        {"perspective_correct": True, "faces_per_pixel": 2, "clip_barycentric": True},
    ],
)
def test_fragments_and_gradients_are_pytorch3ds(case, settings_):
    rng = np.random.default_rng(3)
    ndc, faces = {
        "soup": lambda: soup(rng),
        "ball": lambda: ball(2),
        "close": lambda: soup(rng, count=12, extent=2.0, near=0.02),
        "behind": lambda: soup(rng, near=-0.5),
    }[case]()
    ours = rasterize(ndc, faces, SIZE, **settings_, **EXACT)
    found, verts = theirs(ndc, faces, SIZE, **settings_)
    assert_same(ours, found)
    same = ours.pix_to_face == numpy_of(found)[0]
    if settings_["perspective_correct"] and "blur_radius" in settings_:
        same &= ours.dists < 0.0  # outside a face their gradient is noise, see below
    pulls = [pull.astype(np.float32) for pull in full_pull(rng, ours, same)]
    torch.autograd.backward(found[1:], [torch.tensor(pull)[None] for pull in pulls])
    expected = verts.grad.numpy()
    apart = np.linalg.norm(rasterize_backward(ours, *pulls) - expected)
    assert np.linalg.norm(expected) > 0
    assert apart <= 1e-4 * np.linalg.norm(expected)


@settings(max_examples=20)
@given(
    seed=st.integers(0, 10_000),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    depth=st.integers(1, 8),
    blur=st.sampled_from([0.0, 1e-4, 0.01, 0.1]),
    perspective=st.booleans(),
    culled=st.booleans(),
)
def test_any_soup_and_setting(seed, size, depth, blur, perspective, culled):
    """Faces seen edge-on or with vertices behind the camera among them, images of one pixel and more."""
    rng = np.random.default_rng(seed)
    ndc, faces = soup(rng, count=20, extent=0.8, near=-0.2)
    ndc[3:6, 0] = ndc[3, 0]  # no area
    ndc[faces[2]] = [[9, -9, 1], [-9, -9, 1], [0, 9, 1]]  # seen from in front: no image is empty
    kwargs = {
        "faces_per_pixel": depth,
        "blur_radius": blur,
        "perspective_correct": perspective,
        "cull_backfaces": culled,
    }
    ours = rasterize(ndc, faces, size, **kwargs, **EXACT)
    found, _ = theirs(ndc, faces, size, **kwargs)
    pix_to_face, zbuf, _, dists = numpy_of(found)
    tie = np.abs(ours.zbuf - zbuf) <= 1e-5 * np.maximum(1, np.abs(zbuf))
    assert (pix_to_face >= 0).any()
    assert ((ours.pix_to_face == pix_to_face) | tie).mean() > 0.995  # rounding may decide a pixel on an edge
    both = ours.pix_to_face == pix_to_face
    np.testing.assert_allclose(ours.dists[both], dists[both], rtol=1e-5, atol=1e-5)


def test_the_gradient_through_correction_outside_faces_is_pytorch3ds_where_it_is_no_noise():
    """A face of one depth: the denominator of the correction is that depth squared everywhere."""
    ndc = np.array([[-0.3, -0.4, 2.0], [0.5, -0.2, 2.0], [0.1, 0.6, 2.0]], np.float32)
    faces = np.array([[0, 1, 2]])
    kwargs = {"blur_radius": 0.1, "perspective_correct": True, "clip_barycentric": False}
    ours = rasterize(ndc, faces, SIZE, **kwargs, **EXACT)
    found, verts = theirs(ndc, faces, SIZE, **kwargs)
    pulls = [pull.astype(np.float32) for pull in full_pull(np.random.default_rng(0), ours)]
    torch.autograd.backward(found[1:], [torch.tensor(pull)[None] for pull in pulls])
    np.testing.assert_allclose(rasterize_backward(ours, *pulls), verts.grad.numpy(), rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize("sane", [True, False])
@pytest.mark.parametrize(("perspective", "clip"), [(True, True), (True, False), (False, True), (False, False)])
def test_gradients_are_those_of_finite_differences(perspective, clip, sane):
    rng = np.random.default_rng(5)
    ndc, faces = soup(rng, count=6, extent=0.9, near=1.0, far=1.6)
    ndc = ndc.astype(np.float64)
    kwargs = {
        "faces_per_pixel": 6,
        "blur_radius": 0.02,
        "perspective_correct": perspective,
        "clip_barycentric": clip,
        "sane_barycentrics": sane,
    }
    start = rasterize(ndc, faces, (17, 13), **kwargs)
    direction = rng.normal(size=ndc.shape)
    step = 1e-6
    there, back = (rasterize(ndc + sign * step * direction, faces, (17, 13), **kwargs) for sign in (1, -1))
    # Only where nothing jumps: the same faces, on the same side, and as much inside their nearest edge's reach.
    calm = (there.pix_to_face == back.pix_to_face) & (np.sign(there.dists) == np.sign(back.dists))
    assert calm.mean() > 0.95
    pulls = full_pull(rng, start, calm)
    slope = sum(
        (pull * (getattr(there, name) - getattr(back, name)) / (2 * step)).sum()
        for name, pull in zip(("zbuf", "bary", "dists"), pulls, strict=True)
    )
    gradient = rasterize_backward(start, *pulls)
    assert gradient.dtype == np.float64
    assert (gradient * direction).sum() == pytest.approx(slope, rel=1e-5)


def test_perspective_correct_depth_by_hand():
    """REFERENCE II.1: pixel middle (0.5, -0.5) in a triangle of depths 1, 3, 1."""
    ndc = np.array([[-1, -1, 1], [1, -1, 3], [0, 1, 1]], np.float64)
    faces = np.array([[0, 1, 2]])
    corrected = rasterize(ndc, faces, (2, 2), perspective_correct=True)
    np.testing.assert_allclose(corrected.bary[1, 0, 0], [0.2143, 0.3571, 0.4286], atol=1e-4)
    assert corrected.zbuf[1, 0, 0] == pytest.approx(1.7143, abs=1e-4)
    affine = rasterize(ndc, faces, (2, 2), perspective_correct=False)
    np.testing.assert_allclose(affine.bary[1, 0, 0], [0.125, 0.625, 0.25], atol=1e-7)
    assert affine.zbuf[1, 0, 0] == pytest.approx(2.25)


def test_positive_x_and_y_are_the_upper_left():
    """REFERENCE II.1."""
    ndc = np.array([[0.1, 0.1, 1], [0.9, 0.1, 1], [0.1, 0.9, 1]], np.float32)
    rows, columns = np.nonzero(rasterize(ndc, np.array([[0, 1, 2]]), (32, 32)).pix_to_face[..., 0] >= 0)
    assert len(rows) > 50
    assert rows.max() < 16
    assert columns.max() < 16


def test_pixel_middles_by_hand():
    x, y = pixel_middles((2, 4), np.float64)  # the short side, of 2 pixels, spans -1 to 1; the long one -2 to 2
    np.testing.assert_allclose(x, [1.5, 0.5, -0.5, -1.5])
    np.testing.assert_allclose(y, [0.5, -0.5])


def test_signed_squared_distances_by_hand():
    """A square corner at the origin; the pixel middles are 0.2 apart, at 0.1, 0.3 and so on."""
    ndc = np.array([[0, 0, 1], [3, 0, 1], [0, 3, 1]], np.float64)
    found = rasterize(ndc, np.array([[0, 1, 2]]), (10, 10), blur_radius=0.2).dists[..., 0]
    middles = 0.9 - 0.2 * np.arange(10)
    at = {round(value, 1): index for index, value in enumerate(middles)}
    assert found[at[0.3], at[0.5]] == pytest.approx(-0.09)  # inside, 0.3 above the x axis
    assert found[at[-0.3], at[0.5]] == pytest.approx(0.09)  # below it
    assert found[at[-0.1], at[-0.3]] == pytest.approx(0.01 + 0.09)  # beyond the corner
    assert found[at[-0.5], at[0.5]] == -1.0  # 0.25 is beyond the blur radius of 0.2


def test_equally_far_faces_come_in_their_order():
    ndc = np.array([[-3, -3, 2], [3, -3, 2], [0, 3, 2], [0, 3, 2], [-3, -3, 2], [3, -3, 2]], np.float32)
    faces = np.array([[0, 1, 2], [3, 4, 5], [0, 1, 2]])
    for depth in (1, 2, 3, 4):
        found = rasterize(ndc, faces, (4, 4), faces_per_pixel=depth)
        assert found.pix_to_face[2, 2].tolist() == [0, 1, 2, -1][:depth]


def test_a_pixel_on_a_shared_edge_belongs_to_neither_face_without_blur():
    """As in PyTorch3D, where a barycentric coordinate of 0 is not inside."""
    ndc = np.array([[0, -1, 1], [0, 1, 1], [1, 0, 1], [-1, 0, 1]], np.float32)
    faces = np.array([[0, 1, 2], [1, 0, 3]])
    ours = rasterize(ndc, faces, (9, 9), faces_per_pixel=2)
    found, _ = theirs(ndc, faces, (9, 9), faces_per_pixel=2)
    assert (ours.pix_to_face[:, 4] == -1).all()  # the middle column's x is 0
    np.testing.assert_array_equal(ours.pix_to_face, numpy_of(found)[0])


def test_sane_barycentrics_stay_on_the_face():
    ndc, faces = ball(2, depth=1.4)
    kwargs = {"faces_per_pixel": 1, "blur_radius": 0.01}
    sane = rasterize(ndc, faces, (64, 64), **kwargs)
    exact = rasterize(ndc, faces, (64, 64), **kwargs, **EXACT)
    inside = (sane.dists < 0) & (exact.dists < 0) & (sane.pix_to_face == exact.pix_to_face)
    assert inside.sum() > 500
    np.testing.assert_allclose(sane.bary[inside], exact.bary[inside], atol=1e-5)
    taken = sane.pix_to_face >= 0
    assert sane.bary[taken].min() >= 0.0
    np.testing.assert_allclose(sane.bary[taken].sum(axis=-1), 1.0, atol=1e-5)
    depths = ndc[faces[sane.pix_to_face[taken]], 2]
    assert (sane.zbuf[taken] >= depths.min(axis=1) - 1e-5).all()
    assert (sane.zbuf[taken] <= depths.max(axis=1) + 1e-5).all()


def test_sane_barycentrics_are_the_same_on_both_sides_of_an_edge():
    ndc = np.array([[-0.5, -1e-7, 1.0], [0.7, -1e-7, 9.0], [0.1, 0.9, 2.0]], np.float64)
    shift = np.array([0.0, 2e-7, 0.0])  # the middle row's y is 0: just inside, or just outside
    kwargs = {"blur_radius": 0.01, "perspective_correct": True}
    inside, outside = (rasterize(v, np.array([[0, 1, 2]]), (9, 9), **kwargs) for v in (ndc, ndc + shift))
    crossing = (inside.dists[4] < 0) & (outside.dists[4] > 0) & (outside.pix_to_face[4] >= 0)
    assert crossing.sum() >= 4
    np.testing.assert_allclose(inside.bary[4][crossing], outside.bary[4][crossing], atol=1e-5)


STEEP = np.array([[-0.5, -0.5, 0.2], [0.5, -0.5, 5.0], [0.0, 0.6, 0.2]])
"""A face whose depths differ much: outside it, the denominator of the correction runs through 0 (REFERENCE III.2)."""


def norm_of(grads):
    return float(np.linalg.norm(grads))


def test_without_clipping_pytorch3ds_gradient_explodes_outside_a_face_and_the_sane_one_does_not():
    norms = {}
    for sane in (True, False):
        found = rasterize(
            STEEP, np.array([[0, 1, 2]]), (24, 24), blur_radius=0.3, clip_barycentric=False, sane_barycentrics=sane
        )
        norms[sane] = norm_of(rasterize_backward(found, np.ones_like(found.zbuf)))
    assert norms[True] < 1e4
    assert norms[False] > 1e12


def test_clipped_barycentrics_are_pytorch3ds_either_way_and_its_gradient_drowns_in_rounding():
    faces = np.array([[0, 1, 2]])
    sane, exact = (rasterize(STEEP, faces, (24, 24), blur_radius=0.3, sane_barycentrics=s) for s in (True, False))
    found, verts = theirs(STEEP, faces, (24, 24), blur_radius=0.3, perspective_correct=True)
    assert_same(sane, found)
    assert_same(exact, found)
    pull = np.random.default_rng(0).normal(size=sane.bary.shape) * (sane.pix_to_face >= 0)[..., None]
    gradients = [rasterize_backward(fragments, grad_bary=pull) for fragments in (sane, exact)]
    np.testing.assert_allclose(*gradients, rtol=1e-4)
    found[2].backward(torch.tensor(pull, dtype=torch.float32)[None])
    assert norm_of(verts.grad.numpy() - gradients[0]) > norm_of(gradients[0])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_threads_do_not_change_anything(dtype):
    ndc, faces = ball(3)
    rng = np.random.default_rng(0)
    results = []
    pulls = None
    for threads in (1, 3):
        with Crew(threads) as crew:
            found = rasterize(ndc.astype(dtype), faces, (70, 50), faces_per_pixel=7, blur_radius=0.002, crew=crew)
            pulls = pulls or full_pull(rng, found)
            results.append((found, rasterize_backward(found, *pulls, crew=crew)))
    for name in ("pix_to_face", "zbuf", "bary", "dists"):
        np.testing.assert_array_equal(getattr(results[0][0], name), getattr(results[1][0], name))
    np.testing.assert_array_equal(results[0][1], results[1][1])
    assert results[0][1].dtype == dtype


def test_arrays_of_any_layout_are_taken():
    ndc, faces = ball(1)
    expected = rasterize(ndc, faces, (16, 16))
    frozen = np.asfortranarray(ndc)
    frozen.flags.writeable = False
    found = rasterize(frozen, faces.astype(np.uint8)[:, ::-1][:, ::-1], (16, 16))
    np.testing.assert_array_equal(found.pix_to_face, expected.pix_to_face)
    np.testing.assert_array_equal(found.zbuf, expected.zbuf)


def test_an_empty_mesh_gives_an_empty_image():
    found = rasterize(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32), (5, 7), faces_per_pixel=2)
    assert (found.pix_to_face == -1).all()
    assert (found.bary == -1).all()
    assert rasterize_backward(found, grad_zbuf=np.ones((5, 7, 2))).shape == (0, 3)


def test_missing_gradients_count_as_none():
    ndc, faces = ball(1)
    found = rasterize(ndc.astype(float), faces, (16, 16))
    assert not rasterize_backward(found).any()
    assert rasterize_backward(found, grad_dists=np.ones_like(found.dists))[:, :2].any()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"ndc": np.zeros((4, 2), np.float32)}, r"ndc: expected \(V, 3\)"),
        ({"ndc": np.zeros((4, 3), np.float16)}, "float16"),
        ({"faces": np.array([[0, 1, 4]])}, "indices of 0 to 3, found 0 to 4"),
        ({"faces": np.array([[0, 1, -1]])}, "found -1 to 1"),
        ({"faces": np.zeros((1, 3))}, "integers"),
        ({"size": (0, 4)}, "size"),
        ({"faces_per_pixel": 0}, "faces_per_pixel"),
        ({"blur_radius": -1.0}, "blur_radius"),
        ({"blur_radius": float("nan")}, "blur_radius"),
    ],
)
def test_input_is_checked(changed, message):
    start = {"ndc": np.zeros((4, 3), np.float32), "faces": np.array([[0, 1, 2]]), "size": (4, 4)}
    with pytest.raises(ValueError, match=message):
        rasterize(**{**start, **changed})


def test_gradients_are_checked():
    ndc, faces = ball(1)
    found = rasterize(ndc, faces, (16, 16))
    with pytest.raises(ValueError, match="grad_bary: expected shape"):
        rasterize_backward(found, grad_bary=np.zeros((16, 16, 1)))
