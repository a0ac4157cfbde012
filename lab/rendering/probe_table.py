"""One pixel of the shading lab: the terms of its colour as numbers that add up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lab.cameras.model import CameraModel
from lab.scene import Array
from lab.shading.look import Look
from lab.shading.point_probe import LightProbe, PointProbe, probe_point
from lab.shading.surface import Surface
from lab.study import Table


@dataclass(frozen=True, eq=False)
class Probe:
    """A pixel: what each term adds, (3,) float64 linear RGB each, the mean over the pixel's samples.

    face, bary (3,), depth: of the pixel's centre; of the background -1, zeros and NaN. point: more of it, or None.
    """

    texel: Array
    ambient: Array
    diffuse: Array
    specular: Array
    background: Array
    face: int
    bary: Array
    depth: float
    point: PointProbe | None

    @property
    def pixel(self) -> Array:
        """(3,): the sum of the terms."""
        return self.ambient + self.diffuse + self.specular + self.background

    @property
    def light(self) -> LightProbe | None:
        """What the light does at the point; None for the background and for ambient light."""
        light = self.point.lights[0] if self.point else None
        return light if light is not None and light.to_light is not None else None


def probe(
    surface: Surface, camera: CameraModel, samples: tuple[Array, Array], center: tuple[int, Array, float]
) -> Probe:
    """The probed pixel. samples: faces (S,), -1 for the background, and barycentrics (S, 3); center: the same, and
    the depth, of the pixel's centre.
    """
    hit = samples[0] >= 0
    share = float(hit.mean())
    terms = np.zeros((4, 3))
    if hit.any():
        face, bary = samples[0][hit], samples[1][hit].astype(np.float64)
        parts = surface.parts(face, bary)
        found = (surface.texels(face, bary), parts.ambient, parts.diffuse, parts.specular)
        terms = np.stack([np.asarray(term, np.float64).mean(axis=0) for term in found])
        terms[1:] *= share
    background = (1 - share) * np.asarray(surface.look.background, np.float64)
    face_id, bary_id, depth = center
    point = probe_point(surface.mesh, surface.look, camera.center, face_id, bary_id) if face_id >= 0 else None
    return Probe(terms[0], terms[1], terms[2], terms[3], background, face_id, bary_id, depth, point)


def terms_table(found: Probe, look: Look) -> Table:
    """A row for each term, and their sum, which is the pixel."""
    rows = []
    if found.point is not None or (found.ambient + found.diffuse + found.specular).any():
        blended = ", blended from the corners" if look.interpolation == "Gouraud" else ""
        diffuse, specular = _products(found.light, look)
        rows = [
            ("texel", "the surface's own colour", found.texel),
            ("ambient", "k_a · I_a · texel", found.ambient),
            ("diffuse", diffuse + blended, found.diffuse),
            ("specular", specular + blended, found.specular),
        ]
    if found.background.any() or not rows:
        rows.append(("background", "where no face is", found.background))
    rows.append(("sum = pixel", "linear, 1 is white", found.pixel))
    names, words, values = zip(*rows, strict=True)
    return Table(("Term", "R", "G", "B", "Product"), (names, *np.stack(values).T, words), marked=len(rows) - 1)


def _products(light: LightProbe | None, look: Look) -> tuple[str, str]:
    """How the diffuse and the specular term come about."""
    if light is None:
        return "k_d · I_d · max(0, n·l) · texel", "k_s · I_s · highlight"
    diffuse = f"k_d · I_d · max(0, {light.to_light_cosine:.3f}) · texel"
    if look.model == "Lambert":
        return diffuse, "Lambert has no highlight"
    return diffuse, f"k_s · I_s · max(0, {light.to_eye_cosine:.3f}) ^ {look.material.shininess:g}"
