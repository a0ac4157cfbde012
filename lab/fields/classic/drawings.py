"""Pictures of what the network gets."""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from lab.fields.classic.encoding import Encoding
from lab.scene import Array, Image

_WIDTH, _GAP, _ROWS = 192, 8, 240
_UNUSED = 28
_MIDDLE, _PERIODS = 0.7, 3.0  # of the right half: around which x, and how many periods of each row's own wave


def encoding_picture(encoding: Encoding, used: int) -> Image:
    """The features of x, a row for each, the lowest frequency on top. Black is -1, white 1, dark grey not used.

    Left: x through the whole box, from -1 to 1. Right: three periods of each row's own wave around x = 0.7, which
    become steps where float32 has no numbers left in between. used: how many frequencies are.
    """
    count = len(encoding.scales)
    x = torch.linspace(-1.0, 1.0, _WIDTH, device=encoding.scales.device)
    left = _features(encoding, x)
    right = left.copy()
    plain = 1 if encoding.with_input else 0
    for number, scale in enumerate(encoding.scales.double().tolist()):
        reach = _PERIODS * math.pi / scale
        near = _MIDDLE + torch.linspace(-reach, reach, _WIDTH, dtype=torch.float64, device=x.device)
        rows = slice(plain + 2 * number, plain + 2 * number + 2)
        right[rows] = _features(encoding, near.float())[rows]
    both = np.concatenate([left, np.full((len(left), _GAP), np.nan, np.float32), right], axis=1)
    shade = np.nan_to_num(both * 127.5 + 127.5, nan=0.0).clip(0, 255).astype(np.uint8)
    shade[plain + 2 * min(used, count) :] = _UNUSED
    tall = max(1, _ROWS // max(len(shade), 1))
    return Image(np.repeat(np.repeat(shade, tall, axis=0)[..., None], 3, axis=2))


def _features(encoding: Encoding, x: Tensor) -> Array:
    """(rows, points) float32: the features of x alone, not those of y and z."""
    with torch.no_grad():
        return np.asarray(encoding(x[:, None].expand(-1, 3))[:, ::3].T.cpu().numpy())
