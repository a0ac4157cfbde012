"""Training the course's volume."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from lab.experiment import ExperimentError
from lab.fields.inputs import on_black
from lab.posed.images import PosedImages
from lab.run.state import freeze, thaw
from lab.volumes.reconstruct import trainer as trainer_module
from lab.volumes.reconstruct.bench import PlainLoop
from lab.volumes.reconstruct.options import Dials
from lab.volumes.reconstruct.trainer import CourseVolume
from tests.lab.volumes.reconstruct.small_volumes import options, pictures


@pytest.fixture(scope="module")
def images() -> PosedImages:
    return pictures().training


def weights(volume: CourseVolume) -> list[np.ndarray]:
    return [value.detach().numpy().copy() for value in volume.model.parameters()]


def test_steps_equal_those_of_the_plain_loop(images: PosedImages) -> None:
    volume = CourseVolume(images, options(), seed=3)
    plain = PlainLoop(images, voxels=24, points=30, batch=3, seed=3)
    for _ in range(4):
        ours, theirs = volume.step(Dials()), plain.step()
        assert (ours["color"], ours["mask"]) == pytest.approx(theirs, rel=1e-5)
    found, wanted = volume.model.densities.detach(), plain.log_densities.detach()
    assert (found - wanted).abs().max() < 1e-3
    assert (wanted + 4.0).abs().max() > 0.3


def test_a_step_in_parts_has_the_same_gradient(images: PosedImages, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = CourseVolume(images, options(), seed=0)
    terms = whole.step(Dials())
    monkeypatch.setattr(trainer_module, "_AT_ONCE", 2)
    parts = CourseVolume(images, options(), seed=0)
    assert parts.step(Dials()) == pytest.approx(terms, rel=1e-5)
    for a, b in zip(whole.model.parameters(), parts.model.parameters(), strict=True):
        assert a.grad is not None
        assert b.grad is not None
        assert torch.allclose(a.grad, b.grad, atol=1e-8, rtol=1e-4)


def test_errors_fall_as_the_reference_says(images: PosedImages) -> None:
    """REFERENCE III.3 on the cow: .194/.448 at first, .065/.252 after ten steps. Other colours, so only nearly."""
    volume = CourseVolume(images, options(voxels=32, voxel=3 / 32, points=75), seed=0)
    errors = [volume.step(Dials()) for _ in range(11)]
    assert errors[0]["mask"] == pytest.approx(0.45, abs=0.06)
    assert errors[0]["color"] == pytest.approx(0.18, abs=0.04)
    assert errors[10]["mask"] == pytest.approx(0.25, abs=0.06)
    assert errors[10]["color"] == pytest.approx(0.05, abs=0.03)


def test_the_mask_moves_what_no_colour_does(images: PosedImages) -> None:
    """Without any weight of the colours, those stay as they are."""
    volume = CourseVolume(images, options(), seed=0)
    volume.step(Dials(color=0.0))
    assert torch.equal(volume.model.colors, torch.zeros_like(volume.model.colors))
    assert not torch.equal(volume.model.densities, torch.full_like(volume.model.densities, -4.0))


def test_without_masks_there_is_no_such_term(images: PosedImages) -> None:
    volume = CourseVolume(on_black(images), options(), seed=0)
    assert set(volume.step(Dials())) == {"color"}


def test_adam_begins_afresh_with_a_tenth_of_its_rate(images: PosedImages) -> None:
    """The first step of an Adam that knows nothing moves everything with a gradient by its rate."""
    volume = CourseVolume(images, options(restart=3), seed=0)
    moves = []
    for _ in range(4):
        before = weights(volume)[0]
        volume.step(Dials(learning_rate=0.2))
        moves.append(float(np.abs(weights(volume)[0] - before).max()))
    assert moves[0] == pytest.approx(0.2, rel=1e-3)
    assert moves[3] == pytest.approx(0.02, rel=1e-3)


@pytest.mark.parametrize("restart", [0, 4])
def test_it_goes_on_from_a_checkpoint_with_equal_steps(images: PosedImages, restart: int) -> None:
    first = CourseVolume(images, options(restart=restart), seed=5)
    for _ in range(3):
        first.step(Dials())
    state = freeze(first.state())
    later = [first.step(Dials()) for _ in range(3)]
    again = CourseVolume(images, options(restart=restart), seed=5)
    again.restore(thaw(state))
    assert again.steps == 3
    assert [again.step(Dials()) for _ in range(3)] == later
    for a, b in zip(weights(first), weights(again), strict=True):
        np.testing.assert_array_equal(a, b)


def test_another_seed_takes_other_pictures(images: PosedImages) -> None:
    one, other = (CourseVolume(images, options(), seed=seed).step(Dials()) for seed in (0, 1))
    assert one != other


def test_a_view_is_over_black_and_knows_its_depth(images: PosedImages) -> None:
    volume = CourseVolume(images, options(), seed=0)
    with torch.no_grad():
        volume.model.densities.fill_(-20.0)
        volume.model.densities[0, 14:17] = 9.0  # a wall whose front is at z = 0.5625
    camera = images.cameras[0].moved(np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 2.7], [0, 0, 0, 1.0]]))
    seen = volume.render(camera)
    assert seen.opacity[12, 12] > 0.99
    assert seen.color[12, 12] == pytest.approx(0.5, abs=0.01)
    assert seen.depth[12, 12] == pytest.approx(2.7 - 0.5625, abs=0.1)
    assert seen.depth[0, 0] == pytest.approx((2.7 - 0.5625) * 1.28, abs=0.15)  # along the ray


def test_pictures_that_are_too_large_are_refused(images: PosedImages) -> None:
    huge = replace(options(), points=60_000)
    with pytest.raises(ExperimentError, match="24 x 24 with 60000 samples"):
        CourseVolume(images, huge, seed=0)


def test_a_checkpoint_of_another_volume_is_refused(images: PosedImages) -> None:
    with pytest.raises(ExperimentError, match="PyTorch3D's volume"):
        CourseVolume(images, options(), seed=0).restore({"steps": 1})
    other = CourseVolume(images, options(voxels=20), seed=0).state()
    with pytest.raises(ExperimentError):
        CourseVolume(images, options(), seed=0).restore(other)
