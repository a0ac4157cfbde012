"""The run "Classic NeRF", from pictures of spot to a verdict."""

import numpy as np
import pytest

from lab.chapters.fields.classic import CLASSIC
from lab.chapters.fields.classic_params import ClassicParams
from lab.experiment import ExperimentError
from lab.fields.classic.experiment import dials_of, options_of
from lab.fields.classic.networks import make_networks, parameter_count
from lab.params import build
from lab.scene import Field
from tests.lab.pose.runs_help import Made, example

SMALL = {"views": 8, "size": 32, "width": 16, "depth": 2, "rays": 64, "coarse": 8, "grid": 16, "steps": 14}


def made(keep=(), resume=None, **values):
    chosen = {"object": "spot", **SMALL, **values}
    return Made(CLASSIC, {"object": example("spot")}, chosen, keep=keep, resume=resume)


def preset(title):
    return build(ClassicParams, next(p.values for p in CLASSIC.presets if p.title == title))


def test_every_preset_can_be_built():
    for one in CLASSIC.presets:
        params = build(ClassicParams, one.values)
        assert options_of(params).rays == params.rays


def test_the_published_preset_is_the_published_one():
    options, dials = options_of(preset("As published")), dials_of(preset("As published"))
    assert parameter_count(make_networks(options, 0)) == 2 * 595_844
    assert (options.coarse, options.fine, options.rays, options.pictures) == (64, 128, 1024, 1)
    assert (dials.learning_rate, options.decay_steps, dials.color, dials.coarse) == (5e-4, 500_000, 1.0, 1.0)
    assert not options.huber


def test_the_courses_preset_is_the_courses():
    options, dials = options_of(preset("As the course has it")), dials_of(preset("As the course has it"))
    assert parameter_count(make_networks(options, 0)) == 317_188
    assert (options.coarse, options.rays, options.pictures) == (128, 6 * 750, 6)
    assert (options.near, options.far, options.jitter) == (0.1, 3.0, False)
    assert options.huber
    assert (dials.learning_rate, dials.mask, dials.frequencies) == (1e-3, 1.0, 60)


def test_a_run_makes_its_steps_and_hands_over_field_pictures_figures_and_weights():
    run = made(keep=(0, 14)).make()
    assert [step.index for step in run.steps] == list(range(15))
    last = run.snapshots[14]
    assert isinstance(last["field"], Field)
    assert {"view", "truth", "difference", "encoding", "cameras"} <= last.keys()
    assert last.keys() | {"surface"} == run.outcomes[-1].entities.keys()
    assert 0 < run.steps[-1].metrics["opacity"] < 1
    assert run.figures["Parameters"] == parameter_count(make_networks(options_of(build(ClassicParams, SMALL)), 0))
    assert run.outcomes[-1].arrays["coarse.to_color.weight"].shape == (3, 8)
    losses = [step.metrics["color"] for step in run.steps[1:]]
    assert np.mean(losses[-3:]) < losses[0]


def test_a_run_goes_on_from_a_checkpoint():
    whole = made(keep=(9,)).make()
    rest = made(resume=whole.states[9]).make()
    assert [step.index for step in rest.steps] == list(range(9, 15))
    assert [step.metrics["color"] for step in rest.steps[1:]] == [step.metrics["color"] for step in whole.steps[10:]]


def test_weights_are_a_place_to_start(tmp_path):
    first = made(steps=10).make()
    np.savez(tmp_path / "w.npz", **first.outcomes[-1].arrays)
    second = made(weights=str(tmp_path / "w.npz"), steps=1).make()
    assert second.steps[0].metrics["psnr"] == pytest.approx(first.figures["PSNR (dB)"], abs=0.5)


def test_the_black_collapse_is_named():
    values = dict(next(p.values for p in CLASSIC.presets if p.title == "All black"))
    run = made(**{**SMALL, **values, "size": 32, "coarse": 8, "steps": 30}).make()
    assert run.steps[-1].metrics["opacity"] < 0.02
    assert "The field is empty" in run.texts
    good = made(steps=30).make()
    assert "empty" not in good.texts


def test_near_must_be_nearer_than_far():
    with pytest.raises(ExperimentError, match="Near"):
        made(bounds="near and far", near=3.0, far=2.0).make()


def test_snapshots_are_made_anew_only_every_few_steps_and_at_the_end():
    run = made(keep=tuple(range(15))).make()
    fields = [run.snapshots[index]["field"] for index in range(15)]
    assert fields[7] is fields[6] or fields[8] is fields[7] or fields[9] is fields[8]
    assert len({id(field) for field in fields}) in (4, 5, 6)
    assert fields[14] is not fields[13]
