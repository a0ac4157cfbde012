"""What is trained within a time budget, by what a step was measured to take."""

from __future__ import annotations

import math

import pytest

from lab.fields import budget
from lab.fields.budget import Plan, measured, plan
from lab.fields.experiment import Limit
from lab.fields.instant.options import Options
from lab.posed.images import PosedImages
from lab.posed.make import spot_images
from tests.lab.fields.test_experiment import made

FAST = {32: 0.005, 64: 0.01, 128: 0.02, 256: 0.08}


@pytest.fixture(scope="module")
def images() -> PosedImages:
    return spot_images(size=32, views=6, held_out=2).training


def planned(monkeypatch: pytest.MonkeyPatch, seconds: float, took: dict[int, float], useful: float = 1e9) -> Plan:
    monkeypatch.setattr(budget, "measured", lambda *_, **__: took)
    monkeypatch.setattr(budget, "_useful", lambda _: useful)
    return plan(spot_images(size=32, views=4, held_out=1).training, Options(), seconds)


def expected(one: Plan) -> float:
    """Seconds that a plan takes, if every step takes what was measured."""
    level, total = 32, 0.0
    for step in range(one.steps):
        level = 32 << sum(at <= step for at in one.options.finer)
        total += one.seconds[level]
    return total


@pytest.mark.parametrize("seconds", [1.0, 3.0, 10.0, 60.0, 600.0])
def test_a_plan_fits_into_its_time_and_uses_most_of_it(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    one = planned(monkeypatch, seconds, FAST)
    assert 0.6 * seconds < expected(one) <= 0.81 * seconds
    assert list(one.options.finer) == sorted(set(one.options.finer))
    assert one.options.finer[-1] < one.steps


def test_more_time_and_faster_machines_allow_finer_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    cells = [planned(monkeypatch, seconds, FAST).cells for seconds in (2.0, 20.0, 120.0)]
    assert cells == [64, 128, 256]
    slow = {level: 30 * took for level, took in FAST.items()}
    assert planned(monkeypatch, 20.0, slow).cells == 64
    assert planned(monkeypatch, 120.0, {32: 0.005, 64: 0.01}).cells == 64  # nothing finer was measured in time


def test_cells_far_smaller_than_pixels_are_of_no_use(images: PosedImages) -> None:
    assert budget._useful(images) == pytest.approx(2.2 / 2.7 * 32 / (2 * math.tan(math.radians(30))), rel=0.3)
    assert plan(images, Options(rays=256), 30.0).cells == 64


def test_every_level_is_measured_while_there_is_time(images: PosedImages) -> None:
    took = measured(images, Options(rays=256), (32, 64, 128), 1e9)
    assert set(took) == {32, 64, 128}
    assert all(0 < seconds < 10 for seconds in took.values())
    assert set(measured(images, Options(rays=256), (32, 64, 128), 0.0)) == {32, 64}


def test_a_run_with_a_budget_ends_when_its_time_is_over_and_says_what_it_plans() -> None:
    run = made(budget=0.8).make()
    assert run.notices[0].text.startswith(tuple("123456789"))
    assert "fit into 0.8 s on this machine" in run.notices[0].text
    assert run.figures["Training (s)"] < 5  # a step more than 0.8, on a machine that may be busy
    assert run.figures["Steps"] == run.steps[-1].index >= 1


def test_time_is_counted_while_something_is_done() -> None:
    limit = Limit(10, seconds=1e-9)
    assert not limit.over
    with limit.counted():
        pass
    assert limit.over
