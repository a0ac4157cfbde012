"""Draws the golden pictures: ``python tests/lab/render/make_goldens.py``. Look at them before you commit them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import numpy as np
import PIL.Image

from lab import geometry
from lab.examples import example_path
from lab.formats import read, transform
from lab.render.camera import Camera
from lab.render.messages import Color, Shading, Style, View
from lab.render.offline import OfflineRenderer
from lab.scene import Array, Entity, Mesh

FOLDER = Path(__file__).with_name("goldens")
WIDTH, HEIGHT = 320, 240
DARK: tuple[Color, Color] = ((0.102, 0.110, 0.125), (0.227, 0.243, 0.275))  # background and grid of the themes
LIGHT: tuple[Color, Color] = ((0.925, 0.933, 0.945), (0.769, 0.784, 0.812))


def spot() -> Mesh:
    """The cow with a field of each kind."""
    mesh = read(example_path("spot")).entity
    normals = geometry.vertex_normals(mesh.verts, mesh.faces)
    length = 0.5 + 0.5 * np.sin(6 * mesh.verts[:, 1:2])
    return replace(
        mesh,
        scalars={"height": mesh.verts[:, 1].copy()},
        vectors={"out": (normals * length).astype(np.float32)},
    )


def view(entity: Mesh, theme: tuple[Color, Color], shading: Shading = "lit", azimuth: float = 2.6) -> View:
    camera = Camera().orbit(azimuth, 0.3).fit_points(entity.verts + entity.origin, WIDTH, HEIGHT)
    return View(camera, WIDTH, HEIGHT, shading, background=theme[0], grid_color=theme[1])


def goldens() -> Iterator[tuple[str, Entity, Style, View]]:
    """Name, entity, style and view of each golden picture."""
    cow = spot()
    for shading in ("lit", "flat", "normals", "depth", "unlit"):
        yield f"spot {shading}", cow, Style(), view(cow, DARK, shading)  # type: ignore[arg-type]
    yield "spot light theme", cow, Style(), view(cow, LIGHT)
    yield "spot wireframe and box", cow, Style(wireframe=True), replace(view(cow, DARK), bounding_box=True)
    yield "spot arrows", cow, Style(arrows={"out": (0.35, 0.71, 0.94)}), view(cow, DARK)
    yield "spot by height", cow, Style(scalar="height", colormap="plasma"), view(cow, DARK)
    yield "spot translucent", cow, Style(opacity=0.4, color=(0.4, 0.6, 0.9)), view(cow, LIGHT)
    orthographic = view(cow, DARK)
    yield (
        "spot orthographic",
        cow,
        Style(),
        replace(orthographic, camera=replace(orthographic.camera, orthographic=True)),
    )
    teapot = read(example_path("teapot")).entity
    yield "teapot", teapot, Style(), view(teapot, DARK, azimuth=0.5)
    open_pot = Mesh(teapot.verts, teapot.faces[teapot.verts[teapot.faces].mean(axis=1)[:, 1] < 2.4])
    yield "teapot open", open_pot, Style(), view(open_pot, DARK, azimuth=0.5)
    lidar = transform(read(example_path("autzen")).entity, up="z")
    yield "lidar", lidar, Style(point_size=2), view(lidar, DARK, azimuth=0.6)


def draw(renderer: OfflineRenderer) -> Iterator[tuple[str, Array]]:
    """Name and (h, w, 3) uint8 pixels of each golden picture."""
    for name, entity, style, seen in goldens():
        yield name, renderer.render({"entity": entity}, {"entity": style}, seen)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    with OfflineRenderer() as renderer:
        for name, pixels in draw(renderer):
            PIL.Image.fromarray(pixels).save(FOLDER / f"{name}.png", optimize=True)


if __name__ == "__main__":
    main()
