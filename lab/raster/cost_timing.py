"""Time of one picture, forward and backward, ours and PyTorch3D's, and the series that the curves are made of."""

from __future__ import annotations

import importlib
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from lab.chapters.rendering.cost import COLORS, FRAGMENTS, SILHOUETTE
from lab.kernels.crew import Crew
from lab.raster.cost_scene import Case
from lab.raster.fragments import rasterize, rasterize_backward
from lab.raster.silhouette import SoftSilhouette
from lab.raster.soft import SoftRender

Pass = Callable[[], object]

RESOLUTION, FACES, BLUR = "resolution", "faces", "blur"
SERIES = (RESOLUTION, FACES, BLUR)
_SIZES = (32, 64, 128, 256, 512)
_LEVELS = (0, 1, 2, 3, 4, 5)
_SIGMAS = (1e-6, 1e-5, 1e-4, 1e-3, 3e-3)
_LONG = 0.15  # seconds that the repetitions of one measurement take, about
_PEER_LIMIT = 2.0  # seconds that a picture of the peer may take, about
_PEER_LAST = 0.5 * _PEER_LIMIT  # after a slower one the dearer pictures of a curve are left out
_DEAREST = 3e8  # pairs in boxes; what a picture of ours may have
_FEW, _MANY = Case(24, 0, 1e-6), Case(24, 4, 1e-6)  # pictures from which the peer's time is foretold


@dataclass(frozen=True)
class Sample:
    """One point of a curve. ours, peer: milliseconds, the peer's None where it was not measured."""

    series: str
    x: float
    ours: float
    peer: float | None


def cases(series: str, base: Case) -> list[tuple[float, Case]]:
    """(x, case) of the curve: the base with one value changed, from cheap to dear."""
    if series == RESOLUTION:
        found = [replace(base, size=size) for size in _SIZES]
        return [(float(case.size), case) for case in found]
    if series == FACES:
        found = [replace(base, level=level) for level in _LEVELS]
        return [(float(case.faces), case) for case in found]
    found = [replace(base, sigma=sigma) for sigma in _SIGMAS]
    return [(case.blur_pixels, case) for case in found]


def measure(
    base: Case, what: str, faces_per_pixel: int, compare: bool, crew: Crew | None, checkpoint: Callable[[float], None]
) -> Iterator[Sample]:
    """Every sample of the three series. checkpoint(share done) is called before each, and may raise."""
    peer = _Peer(what, faces_per_pixel) if compare else None
    todo = [(series, x, case) for series in SERIES for x, case in cases(series, base)]
    for done, (series, x, case) in enumerate(todo):
        checkpoint(done / len(todo))
        if pairs(case) > _DEAREST:
            continue
        ours = milliseconds(our_pass(case, what, faces_per_pixel, crew))
        yield Sample(series, x, ours, peer.milliseconds(series, case) if peer else None)


def pairs(case: Case) -> float:
    """Roughly, how many pixels the boxes of all faces hold."""
    across = 1.2 * case.size / np.sqrt(case.faces) + 2 * case.blur_pixels  # of a box
    return float(case.faces * min(across, case.size) ** 2)


def our_pass(case: Case, what: str, faces_per_pixel: int, crew: Crew | None) -> Pass:
    """Forward and backward of one picture; what: see the study's parameter."""
    ndc, faces = case.mesh
    rng = np.random.default_rng(0)
    if what == SILHOUETTE:
        soft = SoftSilhouette(faces, case.shape, sigma=case.sigma, crew=crew)
        grad = rng.normal(size=case.shape).astype(np.float32)
        return lambda: (soft.forward(ndc), soft.backward(grad))
    if what == COLORS:
        painter = SoftRender(faces, case.shape, sigma=case.sigma, crew=crew)
        colors, rgb = rng.uniform(size=(len(faces), 3, 3)), rng.normal(size=(*case.shape, 3))
        return lambda: (painter.forward(ndc, colors), painter.backward(rgb))
    if what == FRAGMENTS:
        shape = (*case.shape, faces_per_pixel)
        grads = [rng.normal(size=s).astype(np.float32) for s in (shape, (*shape, 3), shape)]
        options = {"faces_per_pixel": faces_per_pixel, "blur_radius": case.blur_radius, "crew": crew}

        def run() -> object:
            found = rasterize(ndc, faces, case.shape, **options)  # type: ignore[arg-type]
            return rasterize_backward(found, *grads, crew=crew)

        return run
    raise ValueError(f"what: expected {SILHOUETTE!r}, {COLORS!r} or {FRAGMENTS!r}, found {what!r}")


def milliseconds(run: Pass) -> float:
    """The median time of a call, after one that does not count where calls are short."""
    start = time.perf_counter()
    run()
    times, begin = [time.perf_counter() - start], time.perf_counter()
    if times[0] < _LONG:
        times = []  # that one may have compiled, or filled caches
    while len(times) < 3 or (time.perf_counter() - begin < _LONG and len(times) < 50):
        if times and sum(times) > 2 * _LONG:
            break
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return 1000.0 * statistics.median(times)


class _Peer:
    """PyTorch3D, asked only for pictures that it can be expected to make in time.

    Its time is about in proportion to the pixels, times its K places, and the faces that are tried on each.
    """

    def __init__(self, what: str, faces_per_pixel: int) -> None:
        self._make = importlib.import_module("lab.raster.cost_peer").peer_pass  # torch takes seconds to import
        self._what, self._most = what, faces_per_pixel
        self._ended: set[str] = set()
        self._seconds(_FEW)  # does not count: libraries are loaded
        few, many = self._seconds(_FEW), self._seconds(_MANY)
        self._per_pixel = few / _FEW.size**2
        self._per_pair = max(0.0, many - few) / (_MANY.size**2 * _MANY.faces)

    def milliseconds(self, series: str, case: Case) -> float | None:
        """The time of one call; None where it would be more than about 2 seconds. A series goes from cheap to dear."""
        if series in self._ended:
            return None
        if (self._per_pixel + self._per_pair * case.faces) * case.size**2 > _PEER_LIMIT:
            return None
        seconds = self._seconds(case)
        if seconds > _PEER_LAST:
            self._ended.add(series)
        return 1000.0 * seconds

    def _seconds(self, case: Case) -> float:
        run = self._make(case, self._what, self._most)
        start = time.perf_counter()
        run()
        return time.perf_counter() - start
