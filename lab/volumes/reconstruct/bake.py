"""The course's volume as a radiance field that the viewport, files and meshes know.

Its density p is an opacity for each sample and knows no length (REFERENCE III.3). With samples that are delta metres
apart, the density per metre that hides as much is sigma = -log(1 - p) / delta. This is exact at the voxels. In between,
PyTorch3D interpolates p and a Field its raw density; with a small ``scale`` that is nearly the same, as sigma is then
nearly linear in both. And delta is the one along the ray, which grows towards a picture's corners: its mean over the
picture is taken. What the training never samples (beyond its depths) a Field shows all the same.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import maximum_filter

from lab.cameras.model import CameraModel
from lab.scene import Array, Field
from lab.volumes.reconstruct.options import VolumeOptions

_FAINT = 2e-3  # opacity of a sample that can be left out where there is no more around
_SCALE = 0.05  # of the field's density, by a voxel's width
_MOST = 1.5  # of sigma, by a voxel's width: 78 % of the light; more would swell surfaces by half a voxel in between
_MOST_LOGIT = 12.0


class Baker:
    """Makes Fields of volumes that are rendered with ``options`` from cameras like this one."""

    def __init__(self, options: VolumeOptions, camera: CameraModel) -> None:
        self._spacing = options.spacing * mean_length(camera)
        self._scale, self._most = _SCALE / options.voxel, _MOST / options.voxel
        half = (options.voxels - 1) * options.voxel / 2
        self._lower, self._upper = np.array(options.center) - half, np.array(options.center) + half
        self._kept: Array = np.zeros(0, bool)
        self._rows: Array = np.zeros(0, np.int32)

    def bake(self, density: Array, logits: Array) -> Field:
        """The field of density (D, H, W) in [0, 1], per sample, and the colours' logits (3, D, H, W)."""
        kept = maximum_filter(density, 3) > _FAINT
        if not kept.any():
            kept[:2, :2, :2] = True
        kept = np.ascontiguousarray(kept.T)
        if not np.array_equal(kept, self._kept):
            self._kept = kept
            self._rows = np.where(kept, np.cumsum(kept).reshape(kept.shape) - 1, -1).astype(np.int32)
        sigma = np.minimum(sigma_of(density.T[kept], self._spacing), self._most)
        raw = raw_of(sigma, self._scale).astype(np.float16)
        colors = np.stack([channel.T[kept] for channel in logits], axis=1).clip(-_MOST_LOGIT, _MOST_LOGIT)
        found = Field(self._rows, raw, colors[..., None].astype(np.float16), self._lower, self._upper, self._scale)
        self._rows = found.rows  # the frozen one, which the next field has again
        return found


def mean_length(camera: CameraModel) -> float:
    """How long a step of one metre along the optical axis is along the rays, the mean over the picture."""
    x = (np.arange(camera.width) + 0.5 - camera.cx) / camera.fx
    y = (np.arange(camera.height) + 0.5 - camera.cy) / camera.fy
    return float(np.sqrt(1.0 + x**2 + y[:, None] ** 2).mean())


def sigma_of(opacity: Array, spacing: float) -> Array:
    """The density per metre that hides ``opacity`` of the light within ``spacing`` metres."""
    return np.asarray(-np.log1p(-np.minimum(np.asarray(opacity, np.float64), 1.0 - 1e-7)) / spacing)


def raw_of(sigma: Array, scale: float) -> Array:
    """The raw density that becomes ``sigma``, per metre, in a Field of this scale."""
    share = np.maximum(np.asarray(sigma, np.float64) / scale, 1e-9)
    return np.asarray(share + np.log(-np.expm1(-share)))
