"""The K nearest faces of each pixel, as PyTorch3D's mesh rasteriser finds them, and the gradient back to the vertices.

Values and gradients are those of PyTorch3D 0.7.9's ``rasterize_meshes`` (its ``csrc/rasterize_meshes``), but for one
thing. For a pixel outside a face PyTorch3D corrects barycentrics for perspective before it clips them to the face, and
there the denominator runs through 0 (REFERENCE III.2). With ``sane_barycentrics``, the default, they are clipped first:
the values are the same, as both steps scale each weight and divide by the sum, but gradients do not drown in rounding.
Where clipping is switched off they stay affine outside, so that they do not explode.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from lab.kernels.crew import Crew
from lab.raster.clipping import Clipped, clip_faces
from lab.raster.fragment_kernels import fill, pull_back
from lab.raster.tiles import Tiles, bin_faces, sum_of_entries
from lab.scene import Array

_NO_NEIGHBOURS = np.zeros(0, np.int32)


@dataclass(frozen=True)
class Rules:
    """How fragments are found.

    faces_per_pixel: at most so many of each pixel, the nearest. blur_radius: squared NDC; a face reaches pixels nearer
    than this. perspective_correct: barycentrics are those on the face in space, not those in the image.
    clip_barycentric: of a pixel outside a face, they are those of a point of the face. cull_backfaces: leave out faces
    that are clockwise in the image. sane_barycentrics: outside a face, clip before the correction for perspective, and
    do not correct what is not clipped; False: correct everywhere, then clip, as PyTorch3D does.
    """

    faces_per_pixel: int = 1
    blur_radius: float = 0.0
    perspective_correct: bool = True
    clip_barycentric: bool = False
    cull_backfaces: bool = False
    sane_barycentrics: bool = True

    def __post_init__(self) -> None:
        if self.faces_per_pixel < 1:
            raise ValueError(f"faces_per_pixel: expected 1 or more, found {self.faces_per_pixel}")
        if not 0.0 <= self.blur_radius < np.inf:
            raise ValueError(f"blur_radius: expected a number of 0 or more, found {self.blur_radius}")

    @property
    def flags(self) -> tuple[bool, bool, bool]:
        """For the kernels: perspective correction, clipping, correction inside only."""
        return (self.perspective_correct, self.clip_barycentric, self.sane_barycentrics)


@dataclass(frozen=True, eq=False)
class Fragments:
    """The faces at each pixel, from near to far; empty places are -1 everywhere. Floats are of the vertices' dtype.

    pix_to_face: (H, W, K) int32, row 0 on top. zbuf: (H, W, K), view depth, metres. bary: (H, W, K, 3), barycentrics.
    dists: (H, W, K), squared NDC distance of the pixel's middle from the face's outline, negative inside. source: what
    they were made from, for the way back.
    """

    pix_to_face: Array
    zbuf: Array
    bary: Array
    dists: Array
    source: Source


@dataclass(frozen=True, eq=False)
class Source:
    """What fragments were made from.

    verts: how many vertices there were, before clipping. faces: (F', 3) int32 that were drawn. clipped: where they had
    to be cut, with pix_to_part (H, W, K) and part_bary (H, W, K, 3), which are in terms of the parts.
    """

    rules: Rules
    tiles: Tiles
    verts: int
    faces: Array
    clipped: Clipped | None = None
    pix_to_part: Array | None = None
    part_bary: Array | None = None


def rasterize(
    ndc: Array,
    faces: Array,
    size: tuple[int, int],
    *,
    faces_per_pixel: int = 1,
    blur_radius: float = 0.0,
    perspective_correct: bool = True,
    clip_barycentric: bool | None = None,
    cull_backfaces: bool = False,
    z_clip: float | None = None,
    sane_barycentrics: bool = True,
    crew: Crew | None = None,
) -> Fragments:
    """The fragments of a mesh: see ``Rules`` for the settings, and ``lab.raster`` for the space.

    ndc: (V, 3) float32 or float64. faces: (F, 3) integers. size: (H, W), pixels. clip_barycentric: None for on where
    there is blur. z_clip: metres; faces are cut there, and a face without it is left out when a vertex of it lies at or
    behind the camera's plane. Raises ValueError for other shapes, types and indices beyond the vertices.
    """
    clip = blur_radius > 0.0 if clip_barycentric is None else clip_barycentric
    rules = Rules(faces_per_pixel, blur_radius, perspective_correct, clip, cull_backfaces, sane_barycentrics)
    ndc, faces = _checked(ndc, faces, size)
    clipped = None if z_clip is None else clip_faces(ndc, faces, z_clip, perspective_correct)
    if clipped is None:
        return draw(ndc, faces, _NO_NEIGHBOURS, size, rules, crew)
    parts = draw(clipped.ndc, clipped.faces, clipped.neighbours, size, rules, crew)
    pix_to_face, bary = clipped.whole(parts.pix_to_face, parts.bary)
    source = replace(parts.source, verts=len(ndc), clipped=clipped, pix_to_part=parts.pix_to_face, part_bary=parts.bary)
    return Fragments(pix_to_face, parts.zbuf, bary, parts.dists, source)


def rasterize_backward(
    fragments: Fragments,
    grad_zbuf: Array | None = None,
    grad_bary: Array | None = None,
    grad_dists: Array | None = None,
    *,
    crew: Crew | None = None,
) -> Array:
    """(V, 3): the gradient by ``ndc``, from those by zbuf, bary and dists (of their shapes; None is zero).

    Sums go from tile to tile, whatever the threads: the result does not depend on them.
    """
    source, dtype = fragments.source, fragments.zbuf.dtype
    clipped = source.clipped
    grads = [
        np.zeros_like(like) if grad is None else _of_shape(name, grad, like)
        for name, grad, like in (
            ("grad_zbuf", grad_zbuf, fragments.zbuf),
            ("grad_bary", grad_bary, fragments.bary),
            ("grad_dists", grad_dists, fragments.dists),
        )
    ]
    if clipped is None:
        return draw_backward(source, fragments.pix_to_face, grads[0], grads[1], grads[2], crew)
    assert source.pix_to_part is not None
    assert source.part_bary is not None
    by_bary, by_weights = clipped.whole_back(source.pix_to_part, source.part_bary, grads[1])
    grad = draw_backward(source, source.pix_to_part, grads[0], by_bary, grads[2], crew)
    return clipped.verts_back(grad, by_weights).astype(dtype, copy=False)


def draw(
    ndc: Array, faces: Array, neighbours: Array, size: tuple[int, int], rules: Rules, crew: Crew | None
) -> Fragments:
    """The fragments of a mesh that needs no clipping any more. neighbours: as Clipped's, or of length 0 for none."""
    height, width = size
    tiles = bin_faces(ndc, faces, size, rules.blur_radius, cull_backfaces=rules.cull_backfaces)
    shape = (height, width, rules.faces_per_pixel)
    pix_to_face = np.empty(shape, np.int32)
    zbuf, dists, bary = np.empty(shape, ndc.dtype), np.empty(shape, ndc.dtype), np.empty((*shape, 3), ndc.dtype)
    px, py = pixel_middles(size, ndc.dtype)
    packed = (tiles.corners, tiles.boxes, tiles.starts, tiles.faces, tiles.columns)
    found = (pix_to_face, zbuf, bary, dists)

    def work(first: int, last: int) -> None:
        fill(packed, neighbours, px, py, float(rules.blur_radius), rules.flags, first, last, found)

    tiles.share(crew, work)
    return Fragments(pix_to_face, zbuf, bary, dists, Source(rules, tiles, len(ndc), faces))


def draw_backward(
    source: Source, pix_to_face: Array, grad_zbuf: Array, grad_bary: Array, grad_dists: Array, crew: Crew | None
) -> Array:
    """(V', 3): the gradient by the vertices that ``draw`` got."""
    tiles, dtype = source.tiles, source.tiles.corners.dtype
    height, width, _ = pix_to_face.shape
    px, py = pixel_middles((height, width), dtype)
    packed = (tiles.corners, tiles.boxes, tiles.starts, tiles.faces, tiles.columns)
    entry_grads = np.zeros((len(tiles.faces), 3, 3), dtype)
    grads = (grad_zbuf, grad_bary, grad_dists)

    def work(first: int, last: int) -> None:
        pull_back(packed, px, py, source.rules.flags, first, last, pix_to_face, grads, entry_grads)

    tiles.share(crew, work)
    count = source.verts if source.clipped is None else len(source.clipped.ndc)
    return sum_of_entries(tiles, entry_grads, source.faces, count)


def pixel_middles(size: tuple[int, int], dtype: npt.DTypeLike) -> tuple[Array, Array]:
    """(x of the columns (W,), y of the rows (H,)) in NDC, rounded as PyTorch3D rounds them."""
    height, width = size
    return _middles(width, height, dtype), _middles(height, width, dtype)


def _middles(count: int, other: int, dtype: npt.DTypeLike) -> Array:
    half = np.asarray(max(count, other), dtype) / np.asarray(other, dtype)
    steps = np.arange(count - 1, -1, -1).astype(dtype)
    return -half + (2 * half * steps + half) / np.asarray(count, dtype)


def for_kernels(array: Array, dtype: npt.DTypeLike | None = None) -> Array:
    """The array, or a copy, as kernels are compiled for: contiguous, writable, of ``dtype`` if one is given."""
    return np.require(array, array.dtype if dtype is None else dtype, ["C", "W"])


def _checked(ndc: Array, faces: Array, size: tuple[int, int]) -> tuple[Array, Array]:
    """Both as the kernels take them: contiguous, writable, faces int32."""
    if ndc.ndim != 2 or ndc.shape[1] != 3 or ndc.dtype not in (np.float32, np.float64):
        raise ValueError(f"ndc: expected (V, 3) of float32 or float64, found {ndc.shape} of {ndc.dtype}")
    if faces.ndim != 2 or faces.shape[1] != 3 or faces.dtype.kind not in "iu":
        raise ValueError(f"faces: expected (F, 3) of integers, found {faces.shape} of {faces.dtype}")
    if len(faces) and not 0 <= int(faces.min()) <= int(faces.max()) < len(ndc):
        raise ValueError(f"faces: expected indices of 0 to {len(ndc) - 1}, found {faces.min()} to {faces.max()}")
    if min(size) < 1:
        raise ValueError(f"size: expected a height and a width of 1 or more, found {size}")
    return for_kernels(ndc), for_kernels(faces, np.int32)


def _of_shape(name: str, grad: Array, like: Array) -> Array:
    if grad.shape != like.shape:
        raise ValueError(f"{name}: expected shape {like.shape}, found {grad.shape}")
    return for_kernels(grad, like.dtype)
