"""The picture of a medium: rays through all pixels, sampled and composited."""

from __future__ import annotations

import numpy as np

from lab.cameras.model import CameraModel
from lab.kernels.crew import Crew
from lab.scene import Array
from lab.volumes.marching.compositing import Form
from lab.volumes.marching.kernels import composite
from lab.volumes.marching.rays import Sampling, bundle, grid_pixels
from lab.volumes.marching.volume import Medium

_TILE = 200_000  # samples at a time: 5 MB


def render(medium: Medium, camera: CameraModel, sampling: Sampling, form: Form, crew: Crew) -> Array:
    """(H, W, 5) float64: red, green, blue over black, opacity, and the sum of weight times depth."""
    pixels = grid_pixels(camera.width, camera.height)
    out = np.empty((len(pixels), 5))
    side = max(1, _TILE // sampling.count)

    def tile(first: int) -> None:
        last = min(first + side, len(pixels))
        some = bundle(camera, pixels[first:last], sampling, first)
        values = np.empty((last - first, sampling.count, 4), np.float32)
        medium.sample(0, last - first, some.origins, some.directions, some.lengths, values)
        end = form.last(sampling.far)
        composite(
            0, last - first, values, some.lengths, some.norms, end,
            form.amount, form.physical, form.reference, out[first:last],
        )  # fmt: skip

    crew.share([lambda first=first: tile(first) for first in range(0, len(pixels), side)])  # type: ignore[misc]
    return out.reshape(camera.height, camera.width, 5)
