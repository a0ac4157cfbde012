"""Posed images made from a mesh: rendered by the lab's own rasteriser, from cameras that are known exactly."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from lab.examples import example_path
from lab.formats.files import read
from lab.kernels.crew import Crew
from lab.posed.images import PosedError, PosedImages
from lab.posed.objects import harder_object, prepared
from lab.posed.paths import Path, camera_at, directions, jittered, spread
from lab.scene import Array, Mesh, bounds
from lab.shading.lights import PointLights, grey
from lab.shading.look import Look
from lab.shading.materials import Materials
from lab.shading.picture import Renderer, Shaded

Background = Literal["black", "white", "grey", "checker", "gradient"]
BACKGROUNDS: tuple[Background, ...] = ("black", "white", "grey", "checker", "gradient")

MOST_PIXELS = 60_000_000
"""Of all pictures together: 240 MB with their alphas."""

Report = Callable[[float | None, str], None]

_MARGIN = 0.05  # of the object's longest side, around it


@dataclass(frozen=True)
class Views:
    """How the pictures of a mesh are made. The mesh is centred and scaled so that its largest coordinate is 1 m.

    count: pictures, ``held_out`` of them to judge by. size: pixels a side. path: where the cameras stand, ``distance``
    metres from the origin; elevation of a circle, degrees. fov: degrees. masks: whether the alphas are told; else the
    pictures are mixed with the ``background``. light: place of a point light, metres; ambient, diffuse, specular: its
    strength; shininess: of the surface. pattern: a mesh without colours gets some. noise: standard deviation that is
    added to every colour, of 1 = white. camera_noise: standard deviation of the error of the training cameras, degrees.
    samples: to a side of each pixel, 1 to 3. Raises PosedError for what cannot be.
    """

    count: int = 48
    held_out: int = 8
    size: int = 128
    path: Path = "course's circle"
    distance: float = 2.7
    elevation: float = 0.0
    fov: float = 60.0
    masks: bool = True
    background: Background = "black"
    light: tuple[float, float, float] = (0.0, 0.0, -3.0)
    ambient: float = 0.5
    diffuse: float = 0.3
    specular: float = 0.2
    shininess: float = 64.0
    pattern: bool = True
    noise: float = 0.0
    camera_noise: float = 0.0
    samples: int = 3
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.held_out < self.count:
            raise PosedError(
                f"{self.held_out} of {self.count} pictures are held out, which leaves none to train on: hold out fewer"
            )
        if self.count * self.size**2 > MOST_PIXELS:
            raise PosedError(
                f"{self.count} pictures of {self.size} x {self.size} are more than {MOST_PIXELS:,} pixels: "
                "make fewer or smaller ones"
            )

    @property
    def look(self) -> Look:
        """Light and material."""
        light = PointLights(self.light, grey(self.ambient), grey(self.diffuse), grey(self.specular))
        material = Materials(shininess=self.shininess)
        return Look((light,), material, background=(0.0, 0.0, 0.0), samples=self.samples)


def make_images(
    mesh: Mesh, views: Views | None = None, *, crew: Crew | None = None, report: Report | None = None
) -> PosedImages:
    """Pictures of the mesh, their cameras, and the box around it. The same views give the same pictures.

    crew: the threads; without one, some are taken for the moment. report: is told how far it is, and may raise to end
    it. Raises PosedError for a mesh without faces.
    """
    views = views or Views()
    scene = prepared(mesh, views.pattern)
    places = directions(views.path, views.count, views.elevation)
    cameras = [camera_at(a, e, views.distance, views.fov, views.size) for a, e in places.tolist()]
    shape = (views.count, views.size, views.size)
    pixels, alphas = np.empty((*shape, 3), np.uint8), np.empty(shape, np.uint8)
    noise_rng, camera_rng = (np.random.default_rng([views.seed, purpose]) for purpose in range(2))
    with nullcontext(crew) if crew is not None else Crew() as threads:
        renderer, look = Renderer(threads), views.look
        for number, camera in enumerate(cameras):
            if report is not None:
                report(number / views.count, "Rendering pictures")
            shot = renderer.render(scene, camera, look)
            pixels[number], alphas[number] = _developed(shot, views, noise_rng)
    held_out = spread(views.count, views.held_out)
    if views.camera_noise > 0:
        for number in np.flatnonzero(~held_out).tolist():
            cameras[number] = jittered(cameras[number], views.camera_noise, camera_rng)
    lower, upper = bounds(scene)
    margin = _MARGIN * float((upper - lower).max())
    names = tuple(f"view_{number:03d}" for number in range(views.count))
    known = alphas if views.masks else None
    return PosedImages(pixels, known, tuple(cameras), names, held_out, lower - margin, upper + margin)


def spot_images(size: int = 128, views: int = 40, held_out: int = 8) -> PosedImages:
    """The scene that everything is measured on: spot with a pattern, ``views`` pictures to train on, more to judge."""
    return make_images(spot(), Views(count=views + held_out, held_out=held_out, size=size))


def harder_images(size: int = 200, views: int = 100, held_out: int = 12) -> PosedImages:
    """A harder scene: textured and glossy, with thin rods and rings, from all around."""
    return make_images(harder_object(), replace(HARDER, count=views + held_out, held_out=held_out, size=size))


HARDER = Views(
    count=112,
    held_out=12,
    size=200,
    path="sphere",
    distance=2.2,
    light=(2.0, 3.0, 2.5),
    ambient=0.45,
    diffuse=0.5,
    specular=0.6,
    shininess=40.0,
)
"""How the harder scene is looked at."""


def spot() -> Mesh:
    """The bundled cow."""
    mesh = read(example_path("spot")).entity
    assert isinstance(mesh, Mesh)
    return mesh


def background(name: Background, size: int) -> Array:
    """(size, size, 3) float32 in [0, 1]: what is behind the object where no masks are told."""
    if name == "checker":
        cell = np.arange(size) * 8 // size
        shade = np.where((cell[:, None] + cell) % 2 == 0, 0.75, 0.45).astype(np.float32)
        return np.repeat(shade[..., None], 3, axis=2)
    if name == "gradient":
        share = np.linspace(0.0, 1.0, size, dtype=np.float32)[:, None, None]
        top, bottom = np.array([0.35, 0.55, 0.85], np.float32), np.array([0.9, 0.85, 0.75], np.float32)
        return np.broadcast_to(top + share * (bottom - top), (size, size, 3))
    return np.full((size, size, 3), {"black": 0.0, "white": 1.0, "grey": 0.5}[name], np.float32)


def _developed(shot: Shaded, views: Views, rng: np.random.Generator) -> tuple[Array, Array]:
    """Colours (H, W, 3) and coverage (H, W), both uint8. Where masks are told the colours are the object's alone."""
    alpha = shot.alpha[..., None]
    rgb = np.minimum(shot.rgb, alpha)  # highlights beyond white are white; the background added nothing: it was black
    if views.masks:
        rgb = np.where(alpha > 0, rgb / np.maximum(alpha, 1e-6), 0.0)
    else:
        rgb = rgb + (1.0 - alpha) * background(views.background, views.size)
    if views.noise > 0:
        rgb = rgb + rng.normal(0.0, views.noise, rgb.shape).astype(np.float32)
    return _bytes(rgb), _bytes(shot.alpha)


def _bytes(values: Array) -> Array:
    return np.asarray(np.clip(values * 255.0 + 0.5, 0, 255).astype(np.uint8))
