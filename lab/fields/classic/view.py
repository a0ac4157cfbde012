"""Views of a network."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from lab.cameras.model import CameraModel
from lab.fields.classic.march_networks import RayMarcher
from lab.fields.classic.options import ClassicOptions, Dials
from lab.fields.classic.pictures import Cameras
from lab.fields.classic.space import Space
from lab.fields.classic.threads import Threads
from lab.fields.trainer import Seen

_EVALUATIONS = 8_192  # of the network in a tile: what a tile takes in memory
_FAINT = 1e-3
_KNOWN = 12  # cameras whose rays are kept


@dataclass(frozen=True)
class _ViewRays:
    """The rays of a view that meet the space: their pixels (R,); origins, directions, near and far, in units."""

    pixels: Tensor
    rays: tuple[Tensor, Tensor, Tensor, Tensor]


class Viewer:
    """Makes views of the networks. It keeps the rays of the cameras that it saw last.

    Pictures larger than ``options.view_size`` are computed at that size and enlarged.
    """

    def __init__(self, marcher: RayMarcher, options: ClassicOptions, space: Space, threads: Threads) -> None:
        self._marcher, self._options, self._space, self._threads = marcher, options, space, threads
        self._known: OrderedDict[tuple[object, ...], _ViewRays] = OrderedDict()

    def see(self, camera: CameraModel, dials: Dials, pause: Callable[[], None]) -> Seen:
        """What a camera sees. pause: asked between tiles; what it raises is passed on."""
        small, white = self._small(camera), self._options.background == "white"
        with torch.no_grad():
            found = self._draw(small, dials, pause).T.reshape(1, 5, small.height, small.width)
            if (small.width, small.height) != (camera.width, camera.height):
                found = functional.interpolate(found, (camera.height, camera.width), mode="bilinear")
        color, opacity, depth = (part.cpu().numpy() for part in (found[0, :3], found[0, 3], found[0, 4]))
        if white:
            color = color + (1.0 - opacity)
        depth = np.divide(depth, opacity, out=np.zeros_like(depth), where=opacity > _FAINT) * self._space.half
        return Seen(np.ascontiguousarray(color.clip(0.0, 1.0).transpose(1, 2, 0)), opacity.clip(0.0, 1.0), depth)

    def evaluations(self, camera: CameraModel) -> int:
        """How often networks are asked for a view."""
        return len(self._rays(self._small(camera)).pixels) * self._options.samples_of_a_ray

    def _small(self, camera: CameraModel) -> CameraModel:
        """The camera with as many pixels as are computed."""
        shrink = max(1.0, max(camera.width, camera.height) / self._options.view_size)
        return camera.resized(max(1, round(camera.width / shrink)), max(1, round(camera.height / shrink)))

    def _draw(self, camera: CameraModel, dials: Dials, pause: Callable[[], None]) -> Tensor:
        """(H W, 5): red, green, blue, opacity, and the weighted sum of distances, in units."""
        rays = self._rays(camera)
        out = torch.zeros((camera.height * camera.width, 5), device=rays.pixels.device)

        def draw(some: slice) -> None:
            pause()
            with torch.no_grad():
                origins, directions, near, far = (part[some] for part in rays.rays)
                looks = self._marcher.looks(origins, directions, near, far, dials)
                look = looks.get("fine", looks["coarse"])
                distance = (look.weights * look.places).sum(dim=1)
                out[rays.pixels[some]] = torch.cat([look.color, look.opacity[:, None], distance[:, None]], dim=1)

        tile = max(1, _EVALUATIONS // self._options.samples_of_a_ray)
        firsts = range(0, len(rays.pixels), tile)
        self._threads.share([lambda first=first: draw(slice(first, first + tile)) for first in firsts])
        return out

    def _rays(self, camera: CameraModel) -> _ViewRays:
        if camera.key in self._known:
            self._known.move_to_end(camera.key)
            return self._known[camera.key]
        options, space = self._options, self._space
        device = space.upper.device
        rows, columns = torch.meshgrid(
            torch.arange(camera.height, device=device), torch.arange(camera.width, device=device), indexing="ij"
        )
        x, y = columns.reshape(-1) + 0.5, rows.reshape(-1) + 0.5
        origins, directions, length = Cameras((camera,), space, device).rays(torch.zeros_like(x).long(), x, y)
        if options.bounds == "near and far":
            near, far = length * (options.near / space.half), length * (options.far / space.half)
        else:
            near, far = space.span(origins, directions)
        pixels = (far > near).nonzero()[:, 0]
        found = _ViewRays(pixels, (origins[pixels], directions[pixels], near[pixels], far[pixels]))
        self._known[camera.key] = found
        if len(self._known) > _KNOWN:
            self._known.popitem(last=False)
        return found
