"""Classic fields in training, on a ball of 24 pixels."""

import numpy as np
import pytest
import torch

from lab.experiment import ExperimentError
from lab.fields.classic.options import ClassicOptions, Dials
from lab.fields.classic.trainer import ClassicField
from lab.fields.march import FieldView
from lab.fields.metrics import psnr
from lab.posed.images import PosedError
from tests.lab.fields.classic.ball import ball_images

SMALL = ClassicOptions(
    width=32,
    depth=3,
    frequencies=5,
    direction_frequencies=2,
    density="softplus",
    hierarchical=False,
    coarse=16,
    rays=256,
    pictures=0,
    pixels="on the object",
    bounds="object",
    background="random",
    decay_steps=0,
    grid=24,
)
FAST = Dials(learning_rate=5e-3)


def small(**changed):
    return ClassicOptions(**{**vars(SMALL), **changed})


def trained(options=SMALL, steps=3, images=None, dials=FAST, seed=0):
    field = ClassicField((images or ball_images()).training, options, seed=seed)
    losses = [field.step(dials) for _ in range(steps)]
    return field, losses


COURSE = ClassicOptions(
    network="course",
    hierarchical=False,
    coarse=12,
    jitter=False,
    near=1.5,
    far=3.5,
    rays=60,
    pictures=6,
    between_pixels=True,
    background="black",
    huber=True,
    decay="one step",
    decay_steps=2,
    grid=12,
)
PUBLISHED_SMALL = ClassicOptions(width=32, depth=8, coarse=12, fine=12, rays=64, near=1.5, far=3.5, grid=12)


@pytest.mark.parametrize("options", [SMALL, COURSE, PUBLISHED_SMALL, small(bounds="box", first_sizes=1)])
def test_equal_seeds_give_equal_steps_and_others_do_not(options):
    (_, one), (_, same), (_, other) = (trained(options, seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one != other
    assert all(np.isfinite(list(terms.values())).all() for terms in one)


@pytest.mark.parametrize("options", [SMALL, COURSE, PUBLISHED_SMALL])
def test_restoring_equals_going_on(options):
    images = ball_images()
    field, _ = trained(options, 2, images)
    state = field.state()
    kept = {name: array.copy() for name, array in state["weights"].items()}
    ahead = [field.step(FAST) for _ in range(3)]
    assert all(np.array_equal(kept[name], state["weights"][name]) for name in kept)
    other = ClassicField(images.training, options, seed=99)
    other.restore(state)
    assert [other.step(FAST) for _ in range(3)] == ahead


def test_a_state_is_arrays_numbers_and_words_only():
    field, _ = trained(steps=1)
    for value in field.state().values():
        parts = value.values() if isinstance(value, dict) else [value]
        assert all(isinstance(part, np.ndarray | int | float | str) for part in parts)


def test_one_step_lowers_the_loss():
    images = ball_images().training
    field = ClassicField(images, SMALL, seed=0)
    start = field.state()
    before = field.step(Dials(learning_rate=0.0))["color"]
    field.restore(start)
    field.step(Dials(learning_rate=1e-3))
    state = {**start, "weights": field.state()["weights"]}
    field.restore(state)  # the same rays again, with the new weights
    assert field.step(Dials(learning_rate=0.0))["color"] < before


def test_it_learns_the_ball():
    images = ball_images()
    field, losses = trained(steps=150, images=images)
    judge = images.judging
    view = field.render(judge.cameras[0])
    truth = judge.pixels[0] / 255.0
    black = psnr(np.zeros_like(truth), truth)
    assert psnr(view.color, truth) > black + 10.0
    there = judge.alphas[0] > 127
    assert view.opacity[there].mean() > 0.9
    assert view.opacity[~there].mean() < 0.1
    middle = view.depth[12, 12]  # camera at 2.5 to 2.7 m, ball of 0.6 m
    assert middle == pytest.approx(np.linalg.norm(judge.cameras[0].center) - 0.6, abs=0.15)
    assert losses[-1]["color"] < 0.2 * losses[0]["color"]


def test_the_baked_field_looks_like_the_network():
    images = ball_images()
    field, _ = trained(small(grid=64), steps=150, images=images)
    camera = images.judging.cameras[0]
    network, voxels = field.render(camera).color, FieldView(field.field()).render(camera).color
    assert psnr(voxels, network) > 24.0


def test_the_field_is_baked_once_for_a_step():
    field, _ = trained()
    first = field.field()
    assert field.field() is first
    field.step(FAST)
    assert field.field() is not first


def test_live_dials_change_the_network_at_once():
    field, _ = trained(steps=40)
    camera = ball_images().cameras[0]
    whole = field.render(camera).color
    field.step(Dials(learning_rate=0.0, frequencies=0))
    assert np.abs(field.render(camera).color - whole).max() > 0.01
    field.step(Dials(learning_rate=0.0))
    assert np.allclose(field.render(camera).color, whole, atol=1e-6)


@pytest.mark.parametrize(("decay", "factor"), [("one step", 0.1), ("smooth", 0.1)])
def test_the_learning_rate_falls_to_a_tenth(decay, factor):
    field, _ = trained(small(decay=decay, decay_steps=2), steps=3)
    assert field._adam.param_groups[0]["lr"] == pytest.approx(FAST.learning_rate * factor)


def test_weights_learned_elsewhere_begin_gently():
    learned, losses = trained(steps=100)
    field = ClassicField(ball_images().training, SMALL, seed=1)
    field.load_weights(learned.state()["weights"])
    kept = [field.step(FAST)["color"] for _ in range(10)]
    assert max(kept) < 3 * losses[-1]["color"]
    assert field._adam.param_groups[0]["lr"] == pytest.approx(FAST.learning_rate * 10 / 30)
    other = ClassicField(ball_images().training, SMALL, seed=2)
    other.restore(field.state())
    assert other.step(FAST) == field.step(FAST)


def test_a_view_larger_than_asked_for_is_enlarged():
    camera = ball_images().cameras[0]
    whole, _ = trained(steps=60)
    coarse = ClassicField(ball_images().training, small(view_size=12), seed=0)
    coarse.load_weights(whole.state()["weights"])
    view = coarse.render(camera)
    assert view.color.shape == (24, 24, 3)
    assert psnr(view.color, whole.render(camera).color) > 15.0


def test_a_white_background_is_seen():
    field, _ = trained(small(background="white"), steps=60)
    view = field.render(ball_images().cameras[0])
    assert view.color[0, 0] == pytest.approx([1.0, 1.0, 1.0], abs=0.05)


def test_weights_of_another_network_are_refused():
    field, _ = trained(steps=1)
    with pytest.raises(ExperimentError, match="another kind of network"):
        ClassicField(ball_images().training, small(depth=4), seed=0).load_weights(field.state()["weights"])
    with pytest.raises(ExperimentError, match="shape"):
        ClassicField(ball_images().training, small(width=16), seed=0).load_weights(field.state()["weights"])
    with pytest.raises(ExperimentError, match="not one of a classic field"):
        field.restore({"step": 3})


def test_pictures_are_needed():
    with pytest.raises(PosedError, match="no picture to train on"):
        ClassicField(ball_images().some(np.zeros(10, bool)), SMALL, seed=0)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs CUDA")
def test_on_cuda_it_learns_as_well():
    images = ball_images()
    field = ClassicField(images.training, SMALL, seed=0, device="cuda")
    losses = [field.step(FAST)["color"] for _ in range(150)]
    assert losses[-1] < 0.2 * losses[0]
    on_cpu = ClassicField(images.training, SMALL, seed=0)
    on_cpu.restore(field.state())
    camera = images.judging.cameras[0]
    assert psnr(on_cpu.render(camera).color, field.render(camera).color) > 40.0
    assert len(field.field().density) > 0
