"""The instant field learns, repeats itself, and goes on from checkpoints."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lab.fields.inputs import mixed, on_black
from lab.fields.instant.options import Options
from lab.fields.instant.trainer import InstantField
from lab.fields.judge import Judge
from lab.posed.images import PosedImages
from lab.posed.make import spot_images

QUICK = Options(cells=16, finer=(20,), rays=1024, prune_at=30, prune_every=30)


@pytest.fixture(scope="module")
def images() -> PosedImages:
    return spot_images(size=48, views=16, held_out=3)


def trained(images: PosedImages, steps: int, options: Options = QUICK, seed: int = 0) -> InstantField:
    field = InstantField(images.training, options, seed=seed)
    for _ in range(steps):
        field.step()
    return field


def judged(images: PosedImages, field: InstantField) -> float:
    return Judge(images.judging, mixed(images.judging, 0.0)).quick(field).psnr


def test_it_sees_what_it_was_not_shown(images: PosedImages) -> None:
    before, after = trained(images, 1), trained(images, 60)
    black = Judge(images.judging, mixed(images.judging, 0.0)).black
    assert judged(images, after) > max(black, judged(images, before)) + 8


def test_it_learns_without_masks_too(images: PosedImages) -> None:
    blind = on_black(images)
    field = trained(blind, 60)
    assert judged(blind, field) > Judge(blind.judging, blind.judging.pixels).black + 6


def test_cells_that_nobody_sees_go(images: PosedImages) -> None:
    blind = on_black(images)
    assert len(trained(blind, 60).field().density) < 0.8 * len(trained(blind, 25).field().density)


@pytest.mark.parametrize("options", [QUICK, replace(QUICK, harmonics=4), replace(QUICK, ground="random")])
def test_equal_seeds_make_equal_steps(images: PosedImages, options: Options) -> None:
    first, second = (trained(images, 35, options, seed=4).field() for _ in range(2))
    np.testing.assert_array_equal(first.density, second.density)
    np.testing.assert_array_equal(first.color, second.color)
    other = trained(images, 35, options, seed=5).field()
    assert other.density.shape != first.density.shape or (other.density != first.density).any()


@pytest.mark.parametrize("at", [10, 25, 40])
def test_it_goes_on_from_a_checkpoint_as_if_nothing_had_happened(images: PosedImages, at: int) -> None:
    options = replace(QUICK, sky=True)
    blind = on_black(images)
    whole = trained(blind, at, options)
    state = whole.state()
    again = InstantField(blind.training, options)
    again.restore(state)
    for _ in range(25):
        whole.step()
        again.step()
    np.testing.assert_array_equal(whole.field().density, again.field().density)
    np.testing.assert_array_equal(whole.field().color, again.field().color)
    np.testing.assert_array_equal(whole.field().sky, again.field().sky)


def test_the_rows_are_the_same_object_until_the_grid_changes(images: PosedImages) -> None:
    field = trained(images, 5)
    before = field.field()
    assert field.field() is before
    field.step()
    assert field.field() is not before
    assert field.field().rows is before.rows
    for _ in range(20):
        field.step()
    assert field.field().rows is not before.rows


def test_a_sky_is_learned_where_nothing_hides_it(images: PosedImages) -> None:
    bright = images.training
    pixels = np.where(bright.alphas[..., None] > 0, bright.pixels, np.array([40, 120, 200], np.uint8))  # type: ignore[index]
    outside = replace(bright, pixels=pixels, alphas=None)
    field = trained(replace(images, pixels=images.pixels), 1)  # compiles
    field = InstantField(outside, replace(QUICK, sky=True))
    for _ in range(60):
        field.step()
    seen = field.render(images.cameras[0]).color[0, 0]
    np.testing.assert_allclose(seen, np.array([40, 120, 200]) / 255, atol=0.06)


def test_views_that_see_nothing_do_not_stop_it(images: PosedImages) -> None:
    empty = replace(images.training, alphas=np.zeros_like(images.training.alphas))
    field = InstantField(empty, QUICK)
    for _ in range(35):
        field.step()
    assert np.isfinite(field.field().density).all()
