"""How a volume is trained with PyTorch3D's classes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class VolumeOptions:
    """What stays as it is during a training; the defaults are the course's (REFERENCE III.3).

    voxels: along each side. voxel: the edge of one, metres. center: of the volume, world, metres. first_density: the
    logit of every voxel's density at first; sigmoid(-4) = 0.018. points: of each ray, from ``near`` to ``far``, metres
    along the optical axis. batch: pictures of a step. huber: the differences are pseudo-Huber, else squared. restart:
    the step from which on Adam, afresh, goes on with a tenth of its rate; 0 is never.
    """

    voxels: int = 128
    voxel: float = 3.0 / 128
    center: tuple[float, float, float] = (0.0, 0.0, 0.0)
    first_density: float = -4.0
    points: int = 150
    near: float = 0.1
    far: float = 3.0
    batch: int = 10
    huber: bool = True
    restart: int = 225

    @property
    def spacing(self) -> float:
        """Metres along the optical axis from one sample to the next."""
        return (self.far - self.near) / max(self.points - 1, 1)


@dataclass(frozen=True)
class Dials:
    """What may change from step to step: Adam's learning rate, and the weights of the two terms."""

    learning_rate: float = 0.1
    color: float = 1.0
    mask: float = 1.0
