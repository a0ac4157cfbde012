"""The hashed field learns, repeats itself, and goes on from checkpoints."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lab.fields.hashed.options import HashOptions
from lab.fields.hashed.trainer import HashedField
from lab.fields.inputs import mixed, on_black
from lab.fields.judge import Judge
from lab.fields.march import FieldView
from lab.fields.metrics import psnr
from lab.posed.images import PosedImages
from lab.posed.make import spot_images

QUICK = HashOptions(
    levels=5, base=8, finest=64, table_bits=13, width=32, cells=32, samples=1 << 13, dark_every=30, finer=2
)  # fmt: skip


@pytest.fixture(scope="module")
def images() -> PosedImages:
    return spot_images(size=48, views=16, held_out=3)


def trained(images: PosedImages, steps: int, options: HashOptions = QUICK, seed: int = 0) -> HashedField:
    field = HashedField(images.training, options, seed=seed)
    for _ in range(steps):
        field.step()
    field.close()
    return field


def judged(images: PosedImages, field: HashedField) -> float:
    return Judge(images.judging, mixed(images.judging, 0.0)).thorough(field).psnr


@pytest.fixture(scope="module")
def field(images: PosedImages) -> HashedField:
    return trained(images, 70)


def test_it_sees_what_it_was_not_shown(images: PosedImages, field: HashedField) -> None:
    black = Judge(images.judging, mixed(images.judging, 0.0)).black
    assert judged(images, field) > max(black, judged(images, trained(images, 1))) + 6


def test_it_learns_without_masks_too(images: PosedImages) -> None:
    blind = on_black(images)
    found = trained(blind, 70)
    assert judged(blind, found) > Judge(blind.judging, blind.judging.pixels).black + 6
    assert found.space.cells.mean() < 0.7


def test_it_learns_without_skipping_but_less_in_a_step(images: PosedImages, field: HashedField) -> None:
    full = trained(images, 70, replace(QUICK, skip=False))
    assert full.space.cells.all()
    assert full._rays < field._rays
    assert judged(images, full) > judged(images, trained(images, 1)) + 4


@pytest.mark.parametrize("kept", ["dense", "finest"])
def test_fewer_grids_hold_less(images: PosedImages, field: HashedField, kept: str) -> None:
    less = trained(images, 70, replace(QUICK, kept=kept))  # type: ignore[arg-type]
    assert len(less._table) < len(field._table)
    assert judged(images, less) < judged(images, field)


def test_levels_that_are_switched_off_take_detail_away(images: PosedImages, field: HashedField) -> None:
    whole = judged(images, field)
    before = field.field()
    field.use_levels(2)
    rough = judged(images, field)
    assert field.field() is not before
    field.use_levels(5)
    assert rough < whole - 3
    assert judged(images, field) == whole


@pytest.mark.parametrize("options", [QUICK, replace(QUICK, harmonics=1, features=4), replace(QUICK, ground="random")])
def test_equal_seeds_make_equal_steps(images: PosedImages, options: HashOptions) -> None:
    first, second = (trained(images, 20, options, seed=4).field() for _ in range(2))
    np.testing.assert_array_equal(first.density, second.density)
    np.testing.assert_array_equal(first.color, second.color)
    other = trained(images, 20, options, seed=5).field()
    assert other.density.shape != first.density.shape or (other.density != first.density).any()


@pytest.mark.parametrize("at", [10, 35])
def test_it_goes_on_from_a_checkpoint_as_if_nothing_had_happened(images: PosedImages, at: int) -> None:
    options, blind = replace(QUICK, sky=True), on_black(images)
    whole = trained(blind, at, options)
    again = HashedField(blind.training, options)
    again.restore(whole.state())
    for _ in range(25):
        assert whole.step() == again.step()
    np.testing.assert_array_equal(whole._table, again._table)
    np.testing.assert_array_equal(whole._vector, again._vector)
    np.testing.assert_array_equal(whole.field().density, again.field().density)
    np.testing.assert_array_equal(whole.field().sky, again.field().sky)
    again.close()


def test_a_checkpoint_does_not_change_with_the_field(images: PosedImages) -> None:
    found = trained(images, 5)
    state = found.state()
    table = state["table"].copy()
    found.step()
    np.testing.assert_array_equal(state["table"], table)
    assert (found._table != table[0]).any()


def test_voxels_show_nearly_what_the_networks_show(images: PosedImages, field: HashedField) -> None:
    baked = FieldView(field.field())
    for camera in images.judging.cameras:
        assert psnr(baked.render(camera).color, field.render(camera).color) > 25


def test_the_rows_are_the_same_object_until_the_cells_change(images: PosedImages) -> None:
    found = trained(images, 17)
    before = found.field()
    assert found.field() is before
    cells = found.space.cells
    found.step()
    assert found.space.cells is cells
    assert found.field() is not before
    assert found.field().rows is before.rows


def test_views_have_opacity_and_depth(images: PosedImages, field: HashedField) -> None:
    judging = images.judging
    assert judging.alphas is not None
    seen = field.render(judging.cameras[0])
    inside = judging.alphas[0] > 250
    assert seen.opacity[inside].mean() > 0.85
    assert seen.opacity[judging.alphas[0] == 0].mean() < 0.05
    far = float(np.linalg.norm(judging.cameras[0].center))
    assert abs(float(np.median(seen.depth[inside])) - far) < 1.0
    assert (seen.depth[seen.opacity == 0] == 0).all()


def test_a_sky_is_learned_where_nothing_hides_it(images: PosedImages) -> None:
    bright = images.training
    pixels = np.where(bright.alphas[..., None] > 0, bright.pixels, np.array([40, 120, 200], np.uint8))  # type: ignore[index]
    outside = replace(bright, pixels=pixels, alphas=None, held_out=np.zeros(len(bright), bool))
    found = trained(outside, 70, replace(QUICK, sky=True))
    corner = found.render(bright.cameras[0]).color[0, 0]
    np.testing.assert_allclose(corner, np.array([40, 120, 200]) / 255, atol=0.06)


def test_white_ground_is_what_views_stand_on(images: PosedImages) -> None:
    found = trained(images, 40, replace(QUICK, ground="white"))
    assert found.render(images.judging.cameras[0]).color[0, 0] == pytest.approx(np.ones(3), abs=0.02)


def test_views_that_see_nothing_do_not_stop_it(images: PosedImages) -> None:
    training = images.training
    assert training.alphas is not None
    found = trained(replace(training, alphas=np.zeros_like(training.alphas)), 35)
    assert np.isfinite(found.field().density).all()


def test_live_weights_and_rate_count(images: PosedImages) -> None:
    class Still:
        rate = 0.0

    found = trained(images, 1)
    table = found._table.copy()
    found.step(Still())
    np.testing.assert_array_equal(found._table, table)
