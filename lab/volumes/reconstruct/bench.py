"""Volumes from images, measured against the loop with PyTorch3D's classes, as its tutorial writes it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
import torch
from pytorch3d.renderer import EmissionAbsorptionRaymarcher, NDCMultinomialRaysampler, VolumeRenderer
from pytorch3d.structures import Volumes
from torch import Tensor

from lab.bench import Figure
from lab.cameras.model import CameraModel
from lab.fields.inputs import mixed, on_black
from lab.fields.instant.options import Options
from lab.fields.instant.trainer import InstantField
from lab.fields.metrics import psnr
from lab.kernels.crew import usable_threads
from lab.posed.images import PosedImages
from lab.posed.make import spot_images
from lab.scene import Array
from lab.volumes.reconstruct.model import cameras_of

_GOAL = 27.35  # dB: what the reduced run ends with in REFERENCE III.3
_MOST = 300
_TIMES = 3  # that ours is measured, before and after the peer

Views = Callable[[], Array]
Made = Callable[[], tuple[Callable[[], object], Views, Callable[[], None]]]


def volume() -> Iterator[Figure]:
    """Seconds until held-out views of spot reach 27.35 dB, and of a step, at REFERENCE's reduced size."""
    images = spot_images(size=64)
    truth = mixed(images.judging, 0.0).astype(np.float32) / 255
    fused = {True: lambda: _fused(images), False: lambda: _fused(on_black(images))}
    for make in fused.values():
        _seconds(make, truth)  # compiles the kernels
    ours: dict[bool, list[float]] = {True: [], False: []}
    steps = dict.fromkeys(ours, 0)

    def measure() -> None:
        for masks, make in fused.items():
            for _ in range(_TIMES):
                seconds, steps[masks] = _seconds(make, truth)
                ours[masks].append(seconds)

    measure()
    threads = _best_threads(images)
    peer, peer_steps = _seconds(lambda: _plain(images), truth)
    measure()
    for masks, name in ((True, "volume, masks"), (False, "volume, no masks")):
        note = (
            f"to {_GOAL} dB on 8 held-out views of 64 x 64: {steps[masks]} steps, against {peer_steps} of PyTorch3D's "
            f"classes with masks ({threads} threads), preparation included"
        )
        yield Figure(name, statistics.median(ours[masks]), peer, "s", note)


def _seconds(make: Made, truth: Array) -> tuple[float, int]:
    """Seconds of preparation and steps until the held-out views are good enough, and the number of steps.

    The time of looking does not count. It is infinite where that never happens.
    """
    start = time.perf_counter()
    step, views, close = make()
    spent = time.perf_counter() - start
    try:
        for number in range(1, _MOST + 1):
            start = time.perf_counter()
            step()
            spent += time.perf_counter() - start
            if psnr(views(), truth) >= _GOAL:
                return spent, number
    finally:
        close()
    return float("inf"), _MOST


def _fused(images: PosedImages) -> tuple[Callable[[], object], Views, Callable[[], None]]:
    field, cameras = InstantField(images.training, Options(finer=(30,))), images.judging.cameras
    return field.step, lambda: np.stack([field.render(camera).color for camera in cameras]), field.close


def _plain(images: PosedImages) -> tuple[Callable[[], object], Views, Callable[[], None]]:
    plain = PlainLoop(images.training)
    return plain.step, lambda: plain.views(images.judging), lambda: None


def _best_threads(images: PosedImages) -> int:
    """Give PyTorch the number of threads with which the plain loop is faster, one or all."""
    times = {}
    for threads in sorted({1, usable_threads()}):
        torch.set_num_threads(threads)
        plain = PlainLoop(images.training)
        plain.step()
        start = time.perf_counter()
        for _ in range(3):
            plain.step()
        times[threads] = time.perf_counter() - start
    best = min(times, key=lambda threads: times[threads])
    torch.set_num_threads(best)
    return best


class PlainLoop:
    """The tutorial "Fit a volume via raymarching", line by line, at REFERENCE's reduced size.

    images: those to train on, with alphas; the same seed takes the same pictures in the same order as CourseVolume.
    """

    def __init__(
        self, images: PosedImages, *, voxels: int = 64, points: int = 75, batch: int = 5, seed: int = 0
    ) -> None:
        if images.alphas is None:
            raise ValueError("images: expected pictures with alphas")
        self._seed, self._batch, self.steps = seed, batch, 0
        self._cameras = images.cameras
        self._targets = torch.tensor(mixed(images, 0.0)).float() / 255
        self._silhouettes = torch.tensor(images.alphas).float() / 255
        self.log_densities = torch.full((1, voxels, voxels, voxels), -4.0, requires_grad=True)
        self.log_colors = torch.zeros(3, voxels, voxels, voxels, requires_grad=True)
        self._voxel_size = 3.0 / voxels
        height, width = images.pixels.shape[1:3]
        sampler = NDCMultinomialRaysampler(
            image_width=width, image_height=height, n_pts_per_ray=points, min_depth=0.1, max_depth=3.0
        )
        self._renderer = VolumeRenderer(sampler, EmissionAbsorptionRaymarcher())
        self._optimizer = torch.optim.Adam([self.log_densities, self.log_colors], lr=0.1)

    def step(self) -> tuple[float, float]:
        """One step; the errors of colour and silhouette before it."""
        order = np.random.default_rng([self._seed, self.steps]).permutation(len(self._cameras))
        chosen = order[: self._batch]
        self.steps += 1
        self._optimizer.zero_grad()
        images, silhouettes = self._render([self._cameras[i] for i in chosen]).split([3, 1], dim=-1)
        sil_err = _huber(silhouettes[..., 0], self._silhouettes[chosen]).abs().mean()
        color_err = _huber(images, self._targets[chosen]).abs().mean()
        (color_err + sil_err).backward()
        self._optimizer.step()
        return color_err.item(), sil_err.item()

    def views(self, images: PosedImages) -> Array:
        """(N, H, W, 3) float32: what the cameras of these pictures see."""
        with torch.no_grad():
            return np.clip(self._render(list(images.cameras))[..., :3].numpy(), 0.0, 1.0)

    def _render(self, cameras: list[CameraModel]) -> Tensor:
        densities, colors = torch.sigmoid(self.log_densities), torch.sigmoid(self.log_colors)
        volumes = Volumes(
            densities=densities[None].expand(len(cameras), *densities.shape),
            features=colors[None].expand(len(cameras), *colors.shape),
            voxel_size=self._voxel_size,
        )
        return self._renderer(cameras=cameras_of(cameras, torch.device("cpu")), volumes=volumes)[0]


def _huber(x: Tensor, y: Tensor, scaling: float = 0.1) -> Tensor:
    return ((1 + (x - y) ** 2 / scaling**2).clamp(1e-4).sqrt() - 1) * scaling
