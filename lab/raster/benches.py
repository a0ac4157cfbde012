"""The rasteriser against PyTorch3D's own on the CPU, forward and backward, in one run."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from pytorch3d.renderer.blending import BlendParams, sigmoid_alpha_blend
from pytorch3d.renderer.mesh.rasterize_meshes import rasterize_meshes
from pytorch3d.renderer.mesh.rasterizer import Fragments as TheirFragments
from pytorch3d.structures import Meshes

from lab.bench import Figure
from lab.cameras.model import CameraModel, look_at, on_sphere
from lab.chapters.rendering.cost import SILHOUETTE
from lab.fitting.templates import ico_sphere
from lab.kernels.crew import Crew, usable_threads
from lab.raster.cost_scene import Case
from lab.raster.cost_timing import BLUR, FACES, RESOLUTION, measure
from lab.raster.fragment_benches import FACES_PER_PIXEL, fragments
from lab.raster.projection import to_ndc
from lab.raster.silhouette import SoftSilhouette, course_blur_radius
from lab.scene import Array

LEVEL = 4  # 5,120 faces
SIZES = (128, 256)
SIGMA = 1e-4
GROWING = Case(96, 3, SIGMA)  # the picture of which one thing at a time is changed
_EQUAL = 1e-5  # of alpha
_ROUNDS = 12  # of ours; the peer's half minute is measured once


def sphere(level: int, size: int) -> tuple[Array, Array]:
    """(ndc (V, 3) float32, faces (F, 3)) of an icosphere that fills most of a square image."""
    verts, faces = ico_sphere(level)
    focal = 1.2 * size
    camera = CameraModel(
        look_at(on_sphere(2.7, 20, 30, np.zeros(3)), np.zeros(3)), focal, focal, size / 2, size / 2, size, size
    )
    return to_ndc(verts, camera), faces


def raster() -> Iterator[Figure]:
    """Soft silhouettes with identical pixels, full fragments, and how the cost grows with what is drawn."""
    with Crew() as crew:
        for size in SIZES:
            yield _silhouette(*sphere(LEVEL, size), size, crew)
        yield from fragments()
        yield from _growth(crew)


def _growth(crew: Crew) -> Iterator[Figure]:
    """Soft silhouettes as resolution, faces and blur grow: a row for each that PyTorch3D makes in about 2 seconds."""
    words = {RESOLUTION: "{:.0f} pixels", FACES: "{:,.0f} faces", BLUR: "blur of {:.1f} px"}
    usual = f"{GROWING.faces:,} faces at {GROWING.size}², blur of {GROWING.blur_pixels:.1f} px"
    for sample in measure(GROWING, SILHOUETTE, FACES_PER_PIXEL, True, crew, lambda done: None):
        if sample.peer is not None:
            note = f"{sample.series} alone, of {usual}; against K = {FACES_PER_PIXEL}"
            yield Figure(words[sample.series].format(sample.x), sample.ours, sample.peer, note=note)


def _silhouette(ndc: Array, faces: Array, size: int, crew: Crew) -> Figure:
    grad = np.random.default_rng(0).normal(size=(size, size)).astype(np.float32)
    soft = SoftSilhouette(faces, (size, size), sigma=SIGMA, crew=crew)
    kept: list[Array] = []

    def ours() -> None:
        kept[:] = [soft.forward(ndc)]
        soft.backward(grad)

    most = 8
    while True:  # until no pixel is reached by more faces than are kept
        theirs, alpha, full = _their_silhouette(ndc, faces, size, grad, most)
        if not full:
            break
        most *= 2
    ours_ms = _median_ms(ours)
    start = time.perf_counter()
    theirs()
    peer_ms = 1000 * (time.perf_counter() - start)
    off = float(np.abs(kept[0] - alpha).max())
    if not off <= _EQUAL:
        raise AssertionError(f"the pixels differ by {off:.2g}, expected at most {_EQUAL:g}")
    note = f"{len(faces):,} faces at {size}², all within the blur, against K = {most}; pixels differ by {off:.1g}"
    return Figure(f"soft silhouette {size}", ours_ms, peer_ms, note=f"{note}; {usable_threads()} threads")


def _their_silhouette(
    ndc: Array, faces: Array, size: int, grad: Array, most: int
) -> tuple[Callable[[], None], Array, bool]:
    """(forward and backward in one call, the alpha (H, W), whether a pixel is full)."""
    index = torch.tensor(faces, dtype=torch.int64)
    options = {"perspective_correct": False, "clip_barycentric_coords": True}

    def forward(verts: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        found = rasterize_meshes(Meshes([verts], [index]), size, course_blur_radius(SIGMA), most, **options)
        colors = torch.ones(*found[0].shape, 3)
        alpha = sigmoid_alpha_blend(colors, TheirFragments(*found), BlendParams(sigma=SIGMA))[0, ..., 3]
        return alpha, found[0]

    def both() -> None:
        verts = torch.tensor(ndc, requires_grad=True)
        (forward(verts)[0] * torch.from_numpy(grad)).sum().backward()

    alpha, found = forward(torch.tensor(ndc))
    return both, alpha.numpy(), bool((found[..., -1] >= 0).any())


def _median_ms(call: Callable[[], None]) -> float:
    call()
    times = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1000 * float(np.median(times))
