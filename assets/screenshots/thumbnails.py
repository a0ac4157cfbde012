"""Makes the pictures of the bundled examples: ``python assets/screenshots/thumbnails.py``."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PIL import Image

from lab.examples import Example, examples
from lab.formats import read, transform
from lab.render.camera import Camera
from lab.render.messages import Style, View
from lab.render.offline import OfflineRenderer
from lab.scene import Mesh, Points

WIDTH, HEIGHT = 480, 360
CLAY = (0.80, 0.76, 0.70)
DARK = 0.05  # colours below it cannot be seen on the background; such a scan is coloured by height
BACKGROUND = (0.135, 0.145, 0.165)
TURNS = {"spot": 0.6, "bob": 0.5, "teapot": 0.15, "autzen": 0.3, "b9": 0.2}
"""How far the camera goes round each model, radians, so that it is seen from its best side."""


def picture(example: Example, renderer: OfflineRenderer) -> Image.Image:
    """The example, from above and aside."""
    entity = transform(read(example.path).entity, up=example.up)
    style = Style(color=CLAY if isinstance(entity, Mesh) and entity.colors is None else None, point_size=3.0)
    if entity.colors is not None and np.median(entity.colors) < DARK:
        height = entity.verts[:, 1]
        entity = Points(entity.verts, scalars={"height": height}, origin=entity.origin)
        style = Style(scalar="height", scalar_range=tuple(np.percentile(height, [2, 98])), point_size=4.0)
    camera = Camera().standard("iso").orbit(TURNS.get(example.name, 0.0), 0.0)
    camera = camera.fit_points(entity.origin + entity.verts, WIDTH, HEIGHT)
    view = View(camera, 2 * WIDTH, 2 * HEIGHT, grid=False, axes=False, background=BACKGROUND)
    pixels = renderer.render({example.name: entity}, {example.name: style}, view)
    return Image.fromarray(pixels).resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def main() -> None:
    """Make them all."""
    with OfflineRenderer() as renderer:
        for example in examples():
            example.thumbnail.parent.mkdir(exist_ok=True)
            picture(example, renderer).save(example.thumbnail, optimize=True)
            sys.stdout.write(f"{example.thumbnail.name}\n")


if __name__ == "__main__":
    main()
