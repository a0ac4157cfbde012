"""The positional encoding: numbers become waves, so that a network can tell places apart that lie close together."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class Encoding(nn.Module):
    """Sines and cosines of (..., 3) float32 numbers: x, sin(f0 x), cos(f0 x), sin(f1 x), ... with f doubling.

    frequencies: how many; the first one is ``first``, in radians a unit, without the factor pi (the paper writes it,
    its code has none). with_input: whether the numbers themselves are among the features. Source: Mildenhall and others
    (2020), section 5.1; REFERENCE III.4.
    """

    scales: Tensor

    def __init__(self, frequencies: int, first: float = 1.0, with_input: bool = True) -> None:
        super().__init__()
        scales = first * 2.0 ** torch.arange(frequencies, dtype=torch.float32)
        self.register_buffer("scales", scales, persistent=False)
        self.with_input = with_input

    @property
    def width(self) -> int:
        """How many features come out."""
        return 6 * len(self.scales) + (3 if self.with_input else 0)

    def forward(self, values: Tensor, used: int | None = None) -> Tensor:
        """(..., width). used: the lowest so many frequencies; the features of the others are 0."""
        count = len(self.scales)
        used = count if used is None else min(used, count)
        angles = values[..., None, :] * self.scales[:used, None]
        waves = torch.stack([angles.sin(), angles.cos()], dim=-2).flatten(-3)
        parts = [values, waves] if self.with_input else [waves]
        if used < count:
            parts.append(waves.new_zeros((*values.shape[:-1], 6 * (count - used))))
        return torch.cat(parts, dim=-1)
