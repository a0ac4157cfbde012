"""The field by PyTorch against the one by kernels, on the CPU."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from lab.fields.hashed.encoding import encode, offsets_of, resolutions_of
from lab.fields.hashed.network import first_values
from lab.fields.hashed.options import HashOptions
from lab.fields.hashed.torch_hash import TorchHashedField, TorchNetwork
from lab.fields.hashed.trainer import HashedField
from lab.fields.inputs import on_black
from lab.posed.images import PosedImages
from lab.posed.make import spot_images

SMALL = HashOptions(
    levels=4, base=8, finest=48, table_bits=11, width=16, cells=24, samples=1 << 12, dark_every=12, rays=512
)  # fmt: skip


@pytest.fixture(scope="module")
def images() -> PosedImages:
    return spot_images(size=32, views=8, held_out=2).training


def both(images: PosedImages, options: HashOptions) -> tuple[HashedField, TorchHashedField]:
    return HashedField(images, options, seed=2), TorchHashedField(images, options, seed=2, device="cpu")


@pytest.mark.parametrize("features", [2, 4])
def test_the_encoding_is_the_same(features: int) -> None:
    options = replace(SMALL, features=features)
    table, vector = first_values(options, 1)
    points = np.random.default_rng(0).random((50, 3), np.float32)
    resolutions = resolutions_of(options)
    out = np.empty((4 * features, 50), np.float32)
    offsets = offsets_of(resolutions, options.table_bits)
    encode(np.ascontiguousarray(points.T), 50, table, resolutions, offsets, 3, out)
    net = TorchNetwork(options, table, vector, torch.device("cpu"))
    net.used = 3
    found = net.encode(torch.tensor(points)).detach().numpy()
    np.testing.assert_allclose(found[:, : 4 * features], out.T, atol=1e-9)


@pytest.mark.parametrize(
    "options", [SMALL, replace(SMALL, sky=True), replace(SMALL, harmonics=9, features=4, ground="white")]
)
def test_steps_are_the_same(images: PosedImages, options: HashOptions) -> None:
    """Losses of some steps are equal but for rounding, so gradients and Adam are, too."""
    shown = on_black(images) if options.sky else images
    kernels, tensors = both(shown, options)
    for step in range(6):
        first, second = kernels.step(), tensors.step()
        assert first.keys() == second.keys()
        for name, value in first.items():
            assert second[name] == pytest.approx(value, rel=2e-3 if step else 1e-4, abs=1e-6), (step, name)
    one, other = kernels.state(), tensors.state()
    np.testing.assert_allclose(other["layers"][0], one["layers"][0], atol=2e-3)
    np.testing.assert_allclose(other["sky"][0], one["sky"][0], atol=2e-3)
    views = [field.render(images.cameras[0]).color for field in (kernels, tensors)]  # on the sky, white or black
    np.testing.assert_allclose(views[0], views[1], atol=0.02)
    kernels.close()
    tensors.close()


def test_checkpoints_of_one_go_on_in_the_other(images: PosedImages) -> None:
    kernels, tensors = both(images, SMALL)
    for _ in range(14):
        tensors.step()
    kernels.restore(tensors.state())
    camera = images.cameras[0]
    first, second = kernels.render(camera), tensors.render(camera)
    np.testing.assert_allclose(first.color, second.color, atol=0.02)
    np.testing.assert_allclose(first.opacity, second.opacity, atol=0.02)
    close = (first.opacity > 0.5) & (second.opacity > 0.5)
    np.testing.assert_allclose(first.depth[close], second.depth[close], atol=0.05)
    a, b = kernels.step(), tensors.step()
    assert a["color"] == pytest.approx(b["color"], rel=1e-3)
    tensors.restore(kernels.state())
    a, b = kernels.step(), tensors.step()
    assert a["color"] == pytest.approx(b["color"], rel=1e-3)
    np.testing.assert_array_equal(kernels.space.cells, tensors.space.cells)
    kernels.close()
    tensors.close()


def test_levels_in_use_are_the_same(images: PosedImages) -> None:
    kernels, tensors = both(images, SMALL)
    for field in (kernels, tensors):
        field.use_levels(2)
    assert kernels.step()["color"] == pytest.approx(tensors.step()["color"], rel=1e-4)
    camera = images.cameras[1]
    np.testing.assert_allclose(kernels.render(camera).color, tensors.render(camera).color, atol=0.02)
    kernels.close()
    tensors.close()
