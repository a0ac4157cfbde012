"""The lab's own render: rasterised and shaded as PyTorch3D does, and fast enough to answer while a slider moves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from lab.cameras.model import CameraModel, pose
from lab.kernels.crew import Crew
from lab.kernels.jit import kernel
from lab.raster.fragments import Fragments, rasterize
from lab.raster.projection import to_ndc
from lab.scene import Array, Mesh
from lab.shading.blending import HARD
from lab.shading.look import Look
from lab.shading.surface import Surface

_KEPT = 3
"""Pictures whose fragments are kept: a fine one's samples and centres, and a coarse one's."""


@dataclass(frozen=True, eq=False)
class Shaded:
    """A picture (H, W), row 0 at the top, and what its pixels see.

    rgb: (H, W, 3) float32, linear, as PyTorch3D's: 1 is white, highlights may exceed it. alpha: (H, W) float32, the
    share of the pixel's samples that the mesh covers. Of each pixel's centre: face (H, W) int32, -1 for the background;
    bary (H, W, 3) float32, perspective-correct; depth (H, W) float32, metres along the optical axis, NaN for the
    background; normals (H, W, 3) float32 unit, those that are shaded, 0 for the background.
    """

    rgb: Array
    alpha: Array
    face: Array
    bary: Array
    depth: Array
    normals: Array

    def channels(self) -> dict[str, Array]:
        """Colours, coverage and depth, (H, W) float32 each, by the names that OpenEXR has for them: R, G, B, A, Z."""
        red, green, blue = np.moveaxis(self.rgb, -1, 0)
        return {"R": red, "G": green, "B": blue, "A": self.alpha, "Z": self.depth}


class Renderer:
    """Renders, and keeps what did not change: a light that moves costs no projection and no rasterisation."""

    def __init__(self, crew: Crew | None = None) -> None:
        self._crew = crew
        self._base: Surface | None = None
        self._pictures: list[tuple[tuple[Any, ...], _Seen]] = []  # the last one used is the last

    def render(self, mesh: Mesh, camera: CameraModel, look: Look) -> Shaded:
        """The mesh as ``camera`` sees it, in its size. Faces in front of half of the camera's near are clipped.

        So does PyTorch3D with its perspective cameras; far clips nothing.
        """
        surface = self.surface(mesh, look, camera)
        centers = self._seen(mesh, camera, look, 1)
        samples = centers if look.samples == 1 else self._seen(mesh, camera, look, look.samples)
        colors = surface.colors(samples.found_face, samples.found_bary)
        size = (camera.height, camera.width)
        rgb, alpha = np.empty((*size, 3), np.float32), np.empty(size, np.float32)
        _resolve(samples.row, colors, np.array(look.background, np.float32), look.samples, rgb, alpha)
        directions = np.zeros((*size, 3), np.float32)
        directions[centers.hit] = _unit(surface.normals(centers.found_face, centers.found_bary))
        return Shaded(rgb, alpha, centers.face, centers.bary, centers.depth, directions)

    def surface(self, mesh: Mesh, look: Look, camera: CameraModel) -> Surface:
        """The surface that ``render`` shades; the normals of the mesh are made once."""
        if self._base is None or self._base.mesh is not mesh:
            self._base = Surface(mesh, look, camera.center)
        return self._base.under(look, camera.center)

    def _seen(self, mesh: Mesh, camera: CameraModel, look: Look, samples: int) -> _Seen:
        """What the pixels see; kept of the last pictures, so that a coarse and a fine one can take turns."""
        same = (mesh.verts, mesh.faces)
        key = (*same, mesh.origin.tobytes(), camera.key, look.cull_backfaces, samples)
        for number, (other, seen) in enumerate(self._pictures):
            if all(a is b for a, b in zip(same, other, strict=False)) and key[2:] == other[2:]:
                self._pictures.append(self._pictures.pop(number))
                return seen
        del self._pictures[: max(0, len(self._pictures) - _KEPT + 1)]  # before the next one takes its memory
        seen = _Seen(hard_fragments(mesh, camera, samples, look.cull_backfaces, self._crew))
        self._pictures.append((key, seen))
        return seen


class _Seen:
    """The fragments of one picture, and which of its N covered pixels each one is: row (H, W) int32, -1 for none."""

    def __init__(self, fragments: Fragments) -> None:
        self.face, self.bary = fragments.pix_to_face[..., 0], fragments.bary[..., 0, :]
        self.hit = self.face >= 0
        self.depth = np.where(self.hit, fragments.zbuf[..., 0], np.nan).astype(np.float32)
        self.found_face, self.found_bary = self.face[self.hit], self.bary[self.hit]
        self.row = np.full(self.face.shape, -1, np.int32)
        self.row[self.hit] = np.arange(len(self.found_face), dtype=np.int32)


def hard_fragments(
    mesh: Mesh, camera: CameraModel, samples: int = 1, cull_backfaces: bool = False, crew: Crew | None = None
) -> Fragments:
    """The nearest face of each pixel (K = 1), at ``samples`` times the camera's width and height."""
    camera = local(camera, mesh.origin).resized(camera.width * samples, camera.height * samples)
    return rasterize(
        to_ndc(mesh.verts, camera),
        mesh.faces,
        (camera.height, camera.width),
        cull_backfaces=cull_backfaces,
        z_clip=None if camera.orthographic else camera.near / 2,
        crew=crew,
        **HARD.rules(camera.orthographic),
    )


def local(camera: CameraModel, origin: Array) -> CameraModel:
    """The camera in coordinates from ``origin`` (3,), where the numbers are small enough for float32."""
    return camera.moved(pose(camera.rotation, camera.center - origin)) if origin.any() else camera


def _unit(vectors: Array) -> Array:
    length = np.sqrt(np.einsum("nd,nd->n", vectors, vectors))
    return np.asarray(vectors / np.maximum(length, vectors.dtype.type(1e-6))[:, None])


@kernel
def _resolve(row: Array, colors: Array, background: Array, samples: int, rgb: Array, alpha: Array) -> None:
    """Each pixel's mean over its samples' colours (N, 3), the background's where no face is."""
    share = 1.0 / (samples * samples)
    for y in range(rgb.shape[0]):
        for x in range(rgb.shape[1]):
            red, green, blue, covered = 0.0, 0.0, 0.0, 0
            for i in range(samples * samples):
                at = row[y * samples + i // samples, x * samples + i % samples]
                if at >= 0:
                    covered += 1
                    red += colors[at, 0]
                    green += colors[at, 1]
                    blue += colors[at, 2]
            empty = samples * samples - covered
            rgb[y, x, 0] = (red + empty * background[0]) * share
            rgb[y, x, 1] = (green + empty * background[1]) * share
            rgb[y, x, 2] = (blue + empty * background[2]) * share
            alpha[y, x] = covered * share
