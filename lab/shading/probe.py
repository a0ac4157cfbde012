"""One pixel, face by face: who reaches it, in which order, how much each one counts, and why it has its colour.

All numbers are float64, and add up: the contributions of the faces and of the background sum to the pixel.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.cameras.model import CameraModel
from lab.raster.fragments import rasterize
from lab.raster.projection import to_ndc
from lab.scene import Array, Mesh
from lab.shading.blending import HARD, Blend, weigh
from lab.shading.look import Look
from lab.shading.picture import local
from lab.shading.point_probe import PointProbe, probe_point
from lab.shading.surface import Parts, Surface


@dataclass(frozen=True, eq=False)
class PixelProbe:
    """A pixel and the n faces that reach it, nearest first.

    ndc: (2,), its centre. face: (n,). z: (n,), metres. affine, corrected: (n, 3), barycentrics in the image and on the
    surface, neither clipped; bary: (n, 3), those that were used. dist: (n,), signed squared NDC, negative inside;
    pixels: (n,), the signed distance in pixels. coverage: (n,), D = sigmoid(-dist / sigma). weight: (n,), w, and
    background_weight: together 1. parts: of the faces' colours, the terms, (n, 3) each. background: (3,), its colour.
    alpha: 1 - Π(1 - D). nearest: the point of the first face, term by term; None for the background.
    """

    row: int
    col: int
    ndc: Array
    face: Array
    z: Array
    affine: Array
    corrected: Array
    bary: Array
    dist: Array
    pixels: Array
    coverage: Array
    weight: Array
    background_weight: float
    parts: Parts
    background: Array
    alpha: float
    nearest: PointProbe | None

    @property
    def contributions(self) -> Array:
        """(n + 1, 3): weight times colour of each face, and of the background, the last."""
        faces = self.weight[:, None] * self.parts.color
        return np.concatenate([faces, [self.background_weight * self.background]])

    @property
    def rgb(self) -> Array:
        """(3,) linear: the pixel, the sum of the contributions."""
        return np.asarray(self.contributions.sum(axis=0))


def probe_pixel(
    mesh: Mesh, camera: CameraModel, look: Look, row: int, col: int, blend: Blend = HARD, verts: Array | None = None
) -> PixelProbe:
    """Take the pixel (row, col) apart; ``look.samples`` does not count, the pixel's centre does.

    verts: (V, 3), in place of the mesh's own. Raises IndexError for a pixel outside of the image.
    """
    if not (0 <= row < camera.height and 0 <= col < camera.width):
        raise IndexError(f"pixel ({row}, {col}): the image has {camera.height} rows and {camera.width} columns")
    short = min(camera.width, camera.height)
    ndc_center = np.array([camera.width - 2 * col - 1, camera.height - 2 * row - 1]) / short
    around = to_ndc(mesh.verts if verts is None else verts, local(camera, mesh.origin), np.float64)
    around[:, :2] -= ndc_center  # so that the pixel is the only one of an image of one pixel
    fragments = rasterize(
        around,
        mesh.faces,
        (1, 1),
        cull_backfaces=look.cull_backfaces,
        z_clip=None if camera.orthographic else camera.near / 2,
        **blend.rules(camera.orthographic),
    )
    count = int((fragments.pix_to_face[0, 0] >= 0).sum())
    face = fragments.pix_to_face[0, 0, :count].astype(np.int64)
    z, bary, dist = (values[0, 0, :count] for values in (fragments.zbuf, fragments.bary, fragments.dists))
    affine, corrected = _barycentrics(around[mesh.faces[face]])
    weights = weigh(dist[None], z[None], np.ones((1, count), bool), blend)
    return PixelProbe(
        row=row,
        col=col,
        ndc=ndc_center,
        face=face,
        z=z,
        affine=affine,
        corrected=corrected if not camera.orthographic else affine,
        bary=bary,
        dist=dist,
        pixels=np.sign(dist) * np.sqrt(np.abs(dist)) * short / 2,
        coverage=weights.coverage[0],
        weight=weights.face[0],
        background_weight=float(weights.background[0]),
        parts=Surface(mesh, look, camera.center, verts).parts(face, bary),
        background=np.array(look.background, np.float64),
        alpha=float(weights.alpha[0]),
        nearest=probe_point(mesh, look, camera.center, int(face[0]), bary[0]) if count else None,
    )


def _barycentrics(corners: Array) -> tuple[Array, Array]:
    """(n, 3) each: affine and perspective-correct barycentrics of the origin in triangles (n, 3, 3), NDC with depth."""
    after, last = np.roll(corners, -1, axis=1), np.roll(corners, -2, axis=1)
    areas = after[..., 0] * last[..., 1] - after[..., 1] * last[..., 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        affine = areas / areas.sum(axis=1, keepdims=True)
        shares = affine / corners[..., 2]
        return affine, shares / shares.sum(axis=1, keepdims=True)
