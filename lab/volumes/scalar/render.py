"""Pictures of a scan from any camera."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lab.cameras.model import CameraModel
from lab.fields.rays import rays_of
from lab.kernels.crew import Crew
from lab.scene import Array
from lab.volumes.scalar.kernels import COMPOSITE, cast
from lab.volumes.scalar.scan import Scan
from lab.volumes.scalar.transfer import REFERENCE, for_step, visible

_TILE = 2048  # rays that a thread takes at a time
_BAND = 8  # tiles between two pauses


def render(
    scan: Scan,
    camera: CameraModel,
    table: Array,
    crew: Crew,
    *,
    mode: int = COMPOSITE,
    ambient: float = 0.3,
    steps: float = 2.0,
    pause: Callable[[], None] = lambda: None,
) -> Array:
    """(H, W, 5) float32: see ``kernels.cast``. table: of ``Transfer.table``. steps: samples for each voxel.

    pause: asked now and then, on the calling thread; what it raises is passed on.
    """
    origins, directions = rays_of(camera)
    inverse = 1.0 / scan.spacing
    places = np.ascontiguousarray(scan.places(origins.astype(np.float64)))
    along = np.ascontiguousarray(directions * inverse)
    step = scan.voxel / steps
    corrected = for_step(table, step, REFERENCE * float(scan.size.max()))
    seen = visible(corrected, *scan.blocks, scan.ends)
    out = np.empty((len(places), 5), np.float32)
    low, high = scan.ends

    def tile(first: int) -> None:
        last = min(first + _TILE, len(places))
        cast(
            first, last, places, along, scan.values, inverse, seen, corrected,
            low, high, step, mode, ambient, out,
        )  # fmt: skip

    for begin in range(0, len(places), _BAND * _TILE):
        pause()
        end = min(begin + _BAND * _TILE, len(places))
        crew.share([lambda first=first: tile(first) for first in range(begin, end, _TILE)])  # type: ignore[misc]
    return out.reshape(camera.height, camera.width, 5)
