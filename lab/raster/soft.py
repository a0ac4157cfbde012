"""The soft picture of a mesh: colours, silhouette and depth, forward and backward, over all faces within the blur.

``C = (sum_j w_j C_j + delta B) / (sum_j w_j + delta)`` with ``w_j = D_j exp((zi_j - zi_max) / gamma)``, as PyTorch3D's
``softmax_rgb_blend`` blends the K nearest faces (REFERENCE III.2). Depth is blended with the same weights, before a
background at ``z_far``; PyTorch3D's SoftDepthShader weighs it otherwise. Barycentric coordinates are clipped to the
face first and corrected for perspective then, so that no denominator comes near 0: outside a face PyTorch3D's
explode.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from lab.kernels.crew import Crew
from lab.raster.silhouette import course_blur_radius
from lab.raster.soft_kernels import backward, forward
from lab.raster.tiles import Tiles, bin_faces, sum_of_entries
from lab.scene import Array

_LEAST = 1e-10  # PyTorch3D's eps: the background's least weight, and the least of the greatest inverse depth


@dataclass(frozen=True, eq=False)
class SoftPicture:
    """rgb: (H, W, 3); alpha, depth (metres): (H, W); nearest: (H, W) int32, the face that is seen, -1 for none."""

    rgb: Array
    alpha: Array
    depth: Array
    nearest: Array


@dataclass(frozen=True, eq=False)
class _Pass:
    """What ``backward`` needs of the last forward."""

    tiles: Tiles
    corner_colors: Array
    top: Array  # (H, W) the greatest inverse depth
    shows: Array  # (H, W) the product of 1 - D
    total: Array  # (H, W) the sum of all weights, with the background's
    blended: Array  # (H, W, 4) colours and depth
    count: int


class SoftRender:
    """Soft pictures of one topology. The same object may be asked for many poses, one after the other.

    faces: (F, 3) integers. size: (H, W). sigma, blur_radius: squared NDC. gamma: of the inverse depth, which runs
    from 1 at z_near to 0 at z_far (metres). background: (3,) in [0, 1]. perspective: whether colours and depth run
    across a face as a perspective camera sees it. dtype: of all arrays. crew: threads that share the tiles.
    """

    def __init__(
        self,
        faces: Array,
        size: tuple[int, int],
        *,
        sigma: float = 1e-4,
        gamma: float = 1e-4,
        blur_radius: float | None = None,
        background: npt.ArrayLike = (1.0, 1.0, 1.0),
        z_near: float = 1.0,
        z_far: float = 100.0,
        perspective: bool = True,
        dtype: npt.DTypeLike = np.float32,
        crew: Crew | None = None,
    ) -> None:
        if min(sigma, gamma) <= 0:
            raise ValueError(f"sigma, gamma: expected more than 0, found {sigma} and {gamma}")
        if not z_near < z_far:
            raise ValueError(f"z_near, z_far: expected z_near < z_far, found {z_near} and {z_far}")
        self.size, self.sigma, self.gamma = size, sigma, gamma
        self.blur_radius = course_blur_radius(sigma) if blur_radius is None else blur_radius
        self._faces = np.ascontiguousarray(faces, np.int32)
        self._dtype, self._crew = np.dtype(dtype), crew
        self._behind = np.array([*np.asarray(background, float), z_far], self._dtype)
        self._numbers = (
            1 / sigma,
            1 / gamma,
            self.blur_radius,
            z_far,
            1 / (z_far - z_near),
            perspective,
        )
        self._pass: _Pass | None = None
        self.passes = 0  # how many times forward was called: whose gradient backward gives

    def forward(self, ndc: Array, corner_colors: Array) -> SoftPicture:
        """The picture. ndc: (V, 3), z the depth in metres; corner_colors: (F, 3, 3), of each face's three corners.

        Faces that reach z <= 0 are left out.
        """
        ndc = np.ascontiguousarray(ndc, self._dtype)
        colors = np.ascontiguousarray(corner_colors, self._dtype)
        if colors.shape != (len(self._faces), 3, 3):
            raise ValueError(f"corner_colors: expected shape ({len(self._faces)}, 3, 3), found {colors.shape}")
        tiles = bin_faces(ndc, self._faces, self.size, self.blur_radius)
        top = np.full(self.size, _LEAST, self._dtype)
        shows = np.ones(self.size, self._dtype)
        weight = np.zeros(self.size, self._dtype)
        sums = np.zeros((*self.size, 4), self._dtype)
        nearest = np.full(self.size, -1, np.int32)
        depth = np.full(self.size, np.inf, self._dtype)

        def work(first: int, last: int) -> None:
            forward(*_entries(tiles), first, last, *self._numbers, colors, top, shows, weight, sums, nearest, depth)

        tiles.share(self._crew, work)
        delta = self._delta(top)
        total = weight + delta
        blended = (sums + delta[..., None] * self._behind) / total[..., None]
        self._pass = _Pass(tiles, colors, top, shows, total, blended, len(ndc))
        self.passes += 1
        return SoftPicture(blended[..., :3].copy(), 1 - shows, blended[..., 3].copy(), nearest)

    def backward(
        self, grad_rgb: Array | None = None, grad_alpha: Array | None = None, grad_depth: Array | None = None
    ) -> tuple[Array, Array]:
        """(grad_ndc (V, 3), grad_corner_colors (F, 3, 3)) of the last ``forward``.

        grad_rgb: (H, W, 3); grad_alpha, grad_depth: (H, W); None is zero.
        """
        last = self._pass
        if last is None:
            raise RuntimeError("backward: call forward first")
        tiles = last.tiles
        grad = np.zeros((*self.size, 5), self._dtype)
        for place, given in ((slice(0, 3), grad_rgb), (3, grad_depth), (4, grad_alpha)):
            if given is not None:
                grad[..., place] = given
        corners = np.zeros((len(tiles.faces), 3, 3), self._dtype)
        colors = np.zeros((len(tiles.faces), 3, 3), self._dtype)
        pull = self._pull(last, grad)

        def work(first: int, end: int) -> None:
            backward(
                *_entries(tiles), first, end, *self._numbers, last.corner_colors, last.top, last.shows, last.total,
                last.blended, grad, pull, corners, colors,
            )  # fmt: skip

        tiles.share(self._crew, work)
        of_faces = np.arange(3 * len(self._faces), dtype=np.int32).reshape(-1, 3)
        grad_colors = sum_of_entries(tiles, colors, of_faces, 3 * len(self._faces)).reshape(-1, 3, 3)
        return sum_of_entries(tiles, corners, self._faces, last.count), grad_colors

    def _delta(self, top: Array) -> Array:
        """(H, W): the weight of the background."""
        return np.maximum(np.exp((_LEAST - top.astype(np.float64)) / self.gamma), _LEAST).astype(self._dtype)

    def _pull(self, last: _Pass, grad: Array) -> Array:
        """(H, W): the gradient of the greatest inverse depth: 0 but where the background's weight is held at its least.

        (Elsewhere all weights scale together, and nothing changes.)
        """
        delta = self._delta(last.top)
        of_delta = ((self._behind - last.blended) * grad[..., :4]).sum(axis=2) / last.total
        held = (delta <= _LEAST) & (last.top > _LEAST)
        return np.asarray(np.where(held, delta * of_delta / self.gamma, 0), self._dtype)


def _entries(tiles: Tiles) -> tuple[Array, Array, Array, Array]:
    return tiles.corners, tiles.boxes, tiles.starts, tiles.faces
