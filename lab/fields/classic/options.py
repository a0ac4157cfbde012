"""What a classic field is made of, and how it is trained."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Network = Literal["original", "course"]
Density = Literal["relu", "softplus"]
Bounds = Literal["object", "box", "near and far"]
Pixels = Literal["on the object", "everywhere"]
Background = Literal["black", "white", "random"]
Decay = Literal["smooth", "one step"]

COURSE_FREQUENCIES = 60
COURSE_FIRST = 0.1
"""Of the course's encoding: 60 frequencies from 0.1 on, each twice the one before, for places and directions alike."""


@dataclass(frozen=True)
class ClassicOptions:
    """What stays as it is during a run. The defaults are the published ones for synthetic scenes (REFERENCE III.4).

    network: "original" (width and depth as given) or "course" (its own, of 256). frequencies, direction_frequencies:
    of the original's encodings. density: what makes the network's number a density; density_bias: what that number
    begins with. hierarchical: a second network looks where the first one found something. coarse, fine: samples a ray.
    jitter: samples move within their bins. rays: in a step, from this many ``pictures`` (0: from all of them).
    between_pixels: rays at any place of a picture, with interpolated colours, instead of the pixels' centres.
    bounds: where the samples lie: "near and far" from the camera's plane, metres, or within the box, or within what all
    masks agree on. first_sizes: pictures begin with a quarter, then half of their size, for this many steps each.
    background: what is mixed behind pictures with masks. huber: the course's loss instead of squared differences.
    decay: the learning rate falls to a tenth every ``decay_steps`` (0: never), smoothly, or once and at once.
    view_size: pixels of a side up to which views are computed; larger ones are enlarged. grid: vertices along the
    longest side of the field that the viewport shows.
    """

    network: Network = "original"
    width: int = 256
    depth: int = 8
    frequencies: int = 10
    direction_frequencies: int = 4
    density: Density = "relu"
    density_bias: float = 0.0
    hierarchical: bool = True
    coarse: int = 64
    fine: int = 128
    jitter: bool = True
    rays: int = 1024
    pictures: int = 1
    pixels: Pixels = "everywhere"
    between_pixels: bool = False
    bounds: Bounds = "near and far"
    near: float = 1.3
    far: float = 4.0
    first_sizes: int = 0
    background: Background = "white"
    huber: bool = False
    decay: Decay = "smooth"
    decay_steps: int = 500_000
    view_size: int = 128
    grid: int = 64

    @property
    def with_distance(self) -> bool:
        """Whether the distance between samples enters the opacity; in the course's network it does not."""
        return self.network == "original"

    @property
    def samples_of_a_ray(self) -> int:
        """How often the networks are asked along a ray: the second one also where the first one was."""
        return 2 * self.coarse + self.fine if self.hierarchical else self.coarse

    @property
    def samples(self) -> int:
        """How often they are asked in a step."""
        return self.rays * self.samples_of_a_ray


@dataclass(frozen=True)
class Dials:
    """What may change while the run goes on.

    frequencies, direction_frequencies: how many of an encoding's are used, the lowest ones; the others are 0.
    view_dependence: off, the network gets zeros for the direction. noise: standard deviation that is added to the
    number that becomes the density.
    """

    learning_rate: float = 5e-4
    color: float = 1.0
    coarse: float = 1.0
    mask: float = 0.0
    frequencies: int = COURSE_FREQUENCIES
    direction_frequencies: int = COURSE_FREQUENCIES
    view_dependence: bool = True
    noise: float = 0.0
