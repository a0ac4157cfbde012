"""Meshes, settings and PyTorch3D's own rasteriser to test ours with."""

from __future__ import annotations

import numpy as np
import torch
from pytorch3d.renderer.mesh.rasterize_meshes import rasterize_meshes
from pytorch3d.structures import Meshes

from lab.fitting.templates import ico_sphere


def soup(rng, count=30, reach=1.1, extent=0.5, near=0.5, far=3.0):
    """(ndc (V, 3) float32, faces (F, 3) int32): triangles anywhere, of any winding, that share no vertices."""
    centres = rng.uniform(-reach, reach, (count, 1, 2))
    plane = centres + rng.uniform(-extent, extent, (count, 3, 2))
    ndc = np.concatenate([plane, rng.uniform(near, far, (count, 3, 1))], axis=2).reshape(-1, 3)
    return ndc.astype(np.float32), np.arange(3 * count, dtype=np.int32).reshape(-1, 3)


def ball(level=2, depth=2.5, focal=1.8, radius=1.0, turn=0.3):
    """(ndc, faces) of a sphere straight ahead, in perspective: faces share edges, and the back has as many."""
    verts, faces = ico_sphere(level)
    c, s = np.cos(turn), np.sin(turn)
    view = radius * verts.astype(np.float64) @ np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    view[:, 2] += depth
    ndc = view.copy()
    ndc[:, :2] = focal * view[:, :2] / view[:, 2:]
    return ndc.astype(np.float32), faces.astype(np.int32)


def theirs(ndc, faces, size, *, z_clip=None, clip_barycentric=None, **settings):
    """(pix_to_face, zbuf, bary, dists) tensors of PyTorch3D, and the vertices' tensor, for gradients."""
    verts = torch.tensor(np.asarray(ndc, np.float32), requires_grad=True)
    meshes = Meshes([verts], [torch.tensor(np.asarray(faces)).long()])
    clip = settings.get("blur_radius", 0.0) > 0.0 if clip_barycentric is None else clip_barycentric
    found = rasterize_meshes(
        meshes, list(size), z_clip_value=z_clip, clip_barycentric_coords=clip, **{"faces_per_pixel": 1, **settings}
    )
    return found, verts


def numpy_of(found):
    """Their four tensors of one image, as arrays (H, W, K, ...)."""
    return [tensor.detach()[0].numpy() for tensor in found]


def assert_same(ours, found, tolerance=1e-5, share=1.0):
    """The fragments are PyTorch3D's: the same faces, but for places where faces are equally far, and the same values.

    share: of the places, how many at least agree; below 1 only for cases where rounding decides.
    """
    pix_to_face, zbuf, bary, dists = numpy_of(found)
    assert ours.pix_to_face.shape == pix_to_face.shape
    assert (pix_to_face >= 0).any(), "the case shows nothing"
    same = ours.pix_to_face == pix_to_face
    tie = ~same & (np.abs(ours.zbuf - zbuf) <= tolerance * np.maximum(1.0, np.abs(zbuf)))
    assert (same | tie).mean() >= share
    assert same.mean() > 0.95
    for mine, their in ((ours.zbuf, zbuf), (ours.bary, bary), (ours.dists, dists)):
        apart = np.abs(mine - their)[same] / np.maximum(1.0, np.abs(their)[same])
        assert np.quantile(apart, share) <= tolerance
