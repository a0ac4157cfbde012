"""The instant field by PyTorch is the one of the kernels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from lab.fields.inputs import mixed, on_black
from lab.fields.instant.options import Options
from lab.fields.instant.torch_field import TorchInstantField
from lab.fields.instant.trainer import InstantField
from lab.fields.judge import Judge
from lab.posed.images import PosedImages
from lab.posed.make import spot_images

QUICK = Options(cells=16, finer=(12,), rays=512, prune_at=20, prune_every=30)


@pytest.fixture(scope="module")
def images() -> PosedImages:
    return spot_images(size=40, views=12, held_out=3)


def twins(images: PosedImages, options: Options, warm: int) -> tuple[InstantField, TorchInstantField]:
    """A field of the kernels after ``warm`` steps, and one of PyTorch that goes on from there."""
    ours = InstantField(images, options)
    for _ in range(warm):
        ours.step()
    other = TorchInstantField(images, options, device="cpu")
    other.restore(ours.state())
    return ours, other


@pytest.mark.parametrize("masks", [True, False])
@pytest.mark.parametrize(
    "options", [QUICK, replace(QUICK, harmonics=9, ground="random"), replace(QUICK, sky=True, sky_rows=8)]
)
def test_one_step_is_that_of_the_kernels(images: PosedImages, options: Options, masks: bool) -> None:
    ours, other = twins((images if masks else on_black(images)).training, options, 8)
    one, two = ours.step(), other.step()
    assert set(one) == set(two)
    for name, value in one.items():
        assert two[name] == pytest.approx(value, rel=2e-3)
    a, b = ours.state(), other.state()
    for name in ("packed", "mean", "spread", "heaviest", *(["sky"] if options.sky else [])):
        apart = np.abs(a[name].astype(np.float64) - b[name])
        assert np.quantile(apart, 0.995) < 2e-3 * max(1e-9, float(np.abs(a[name]).max())), name


def test_it_learns_as_well(images: PosedImages) -> None:
    scores = []
    for field in (
        InstantField(images.training, QUICK),
        TorchInstantField(images.training, QUICK, device="cpu"),
    ):
        for _ in range(30):
            field.step()
        scores.append(Judge(images.judging, mixed(images.judging, 0.0)).quick(field).psnr)
    assert scores[1] == pytest.approx(scores[0], abs=0.6)


def test_a_checkpoint_goes_on_equally(images: PosedImages) -> None:
    first = TorchInstantField(images.training, QUICK, device="cpu")
    for _ in range(15):
        first.step()
    second = TorchInstantField(images.training, QUICK, device="cpu")
    second.restore(first.state())
    for _ in range(10):  # past a pruning
        first.step()
        second.step()
    np.testing.assert_allclose(first.state()["packed"], second.state()["packed"], atol=1e-5)
    assert first.field().rows is first.field().rows


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_on_a_graphics_card(images: PosedImages) -> None:
    field = TorchInstantField(images.training, QUICK, device="cuda")
    for _ in range(40):
        field.step()
    judge = Judge(images.judging, mixed(images.judging, 0.0))
    assert judge.quick(field).psnr > judge.black + 5
