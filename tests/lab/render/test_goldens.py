"""The pictures look as they did when a person last looked at them. New ones: tests/lab/render/make_goldens.py."""

from __future__ import annotations

import numpy as np
import PIL.Image
import pytest

from lab.render.offline import OfflineRenderer
from tests.lab.render.make_goldens import FOLDER, goldens

# Another driver places edges and points a little differently: a few pixels may differ by anything, the others not.
MEAN, SHARE, STEP = 1.0, 0.03, 12
PICTURES = {name: (entity, style, view) for name, entity, style, view in goldens()}


@pytest.mark.parametrize("name", PICTURES)
def test_golden(offline: OfflineRenderer, name: str) -> None:
    entity, style, view = PICTURES[name]
    pixels = offline.render({"entity": entity}, {"entity": style}, view).astype(int)
    golden = np.asarray(PIL.Image.open(FOLDER / f"{name}.png").convert("RGB")).astype(int)
    assert pixels.shape == golden.shape
    difference = np.abs(pixels - golden)
    assert difference.mean() < MEAN
    assert (difference.max(axis=2) > STEP).mean() < SHARE
