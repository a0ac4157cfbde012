"""Recordings in memory: nothing of the metrics is lost, keyframes stay within their budget."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.run.messages import Keyframe, Metrics
from lab.run.recorder import Header, Recording
from lab.scene import Array, Material, Mesh

FACES = np.zeros((100, 3), np.int32)
FACES.flags.writeable = False
SIZE = 12_000
"""About what a keyframe of ``keyframe`` takes: 1,000 vertices of 12 bytes."""


def keyframe(step: int, count: int = 1000, state: Any = None) -> Keyframe:
    mesh = Mesh(np.full((count, 3), step, np.float32), FACES)
    return Keyframe(1, step, {"points": mesh}, state or {}, {})


def recording(budget: int = 1 << 30, every: int = 5) -> Recording:
    return Recording(Header("quadratic", {}), keyframe_every=every, budget_bytes=budget)


def metrics(steps: range, **columns: list[float]) -> Metrics:
    return Metrics(1, tuple(steps), tuple(s / 10 for s in steps), {name: tuple(c) for name, c in columns.items()})


def test_metrics_are_appended_and_gaps_are_nan() -> None:
    record = recording()
    record.add_metrics(metrics(range(3), loss=[3, 2, 1]))
    record.add_metrics(metrics(range(3, 5), loss=[0.5, 0.25], late=[7, 8]))
    record.add_metrics(metrics(range(5, 6), late=[9]))
    assert record.steps.tolist() == [0, 1, 2, 3, 4, 5]
    assert record.seconds.tolist() == [0, 0.1, 0.2, 0.3, 0.4, 0.5]
    assert record.steps.dtype == np.int64
    loss, late = record.metrics["loss"], record.metrics["late"]
    assert loss[:5].tolist() == [3, 2, 1, 0.5, 0.25]
    assert math.isnan(loss[5])
    assert np.isnan(late[:3]).all()
    assert late[3:].tolist() == [7, 8, 9]
    with pytest.raises(ValueError, match="read-only"):
        loss[0] = 1


def test_a_hundred_thousand_steps() -> None:
    record = recording()
    for start in range(0, 100_000, 50):
        record.add_metrics(metrics(range(start, start + 50), loss=[float(start)] * 50))
    assert np.array_equal(record.steps, np.arange(100_000))
    assert record.metrics["loss"][99_999] == 99_950


def test_keyframe_at_is_the_nearest_before() -> None:
    record = recording()
    assert record.keyframe_at(3) is None
    for step in (10, 15, 20, 23):
        record.add_keyframe(keyframe(step))
    found = {asked: record.keyframe_at(asked).step for asked in (0, 10, 14, 15, 22, 23, 99)}
    assert found == {0: 10, 10: 10, 14: 10, 15: 15, 22: 20, 23: 23, 99: 23}


def test_a_keyframe_of_the_same_step_replaces_the_older() -> None:
    record = recording()
    record.add_keyframe(keyframe(0))
    before = record.nbytes
    newer = keyframe(0)
    record.add_keyframe(newer)
    assert record.keyframes == (newer,)
    assert record.nbytes == before


def test_shared_arrays_count_once() -> None:
    record = recording()
    record.add_keyframe(keyframe(0))
    first = record.nbytes
    assert first > SIZE + FACES.nbytes
    record.add_keyframe(keyframe(5))
    assert SIZE < record.nbytes - first < first - FACES.nbytes + 1
    same = record.keyframes[0].snapshot["points"]
    state = {"a": {"b": (same.verts, [FACES])}, "text": "x"}
    before = record.nbytes
    record.add_keyframe(Keyframe(1, 10, {"points": same, "again": same}, state, {}))
    assert record.nbytes - before < 3000  # the Python objects alone


def test_states_and_textures_count() -> None:
    record = recording()
    texture = np.zeros((64, 64, 3), np.uint8)
    mesh = Mesh(np.zeros((3, 3)), FACES[:1], materials=(Material("m", texture=texture),), face_materials=np.zeros(1))
    record.add_keyframe(Keyframe(1, 0, {"m": mesh}, {"velocity": np.zeros((500, 3))}, {}))
    assert record.nbytes > texture.nbytes + 500 * 3 * 8


@given(st.integers(1, 12), st.integers(2, 40), st.integers(0, 100), st.integers(1, 400))
@settings(max_examples=60, deadline=None)
def test_thinning(every: int, room: int, first: int, count: int) -> None:
    """What any run leaves: within the budget, first and last kept, the rest on the stride that was asked for."""
    record, stride, budget = recording(room * (SIZE + 4000), every), every, room * (SIZE + 4000)
    steps = [s for s in range(first, first + count) if s % every == 0 or s in (first, first + count - 1)]
    for step in steps:
        if step % stride and step not in (steps[0], steps[-1]):
            continue  # the driver obeys the last stride
        new = record.add_keyframe(keyframe(step))
        if new is not None:
            assert new > stride
            assert new % stride == 0
            stride = new
        assert record.nbytes <= budget or len(record.keyframes) <= 2
    kept = record.keyframe_steps
    assert kept[0] == steps[0]
    assert kept[-1] == steps[-1]
    assert all(step % every == 0 for step in kept[1:-1])
    assert list(kept) == sorted(set(kept)) == [k.step for k in record.keyframes]
    assert record.stride == stride
    if len(steps) <= room // 2:
        assert list(kept) == steps


def test_thinning_keeps_the_whole_run_covered() -> None:
    record = recording(50 * SIZE, 1)
    stride = 1
    for step in range(3000):
        if step % stride == 0:
            stride = record.add_keyframe(keyframe(step)) or stride
    gaps = np.diff(record.keyframe_steps)
    assert len(record.keyframes) > 20
    assert gaps.max() <= 2 * stride


def test_keyframes_that_come_too_fast_are_slowed_down() -> None:
    """A run of 1,000 steps a second, whose driver obeys: of 200 keyframes a second, 25 remain."""
    record, strides, stride = Recording(Header("quadratic", {}), most_per_second=30), [], 5
    for step in range(4001):
        record.add_metrics(Metrics(1, (step,), (step / 1000,), {}))
        if step % stride == 0:
            new = record.add_keyframe(keyframe(step, 10))
            if new is not None:
                strides.append(new)
                stride = new
    assert strides == [10, 20, 40]
    assert record.keyframe_steps[:15] == tuple(range(0, 75, 5))  # what is there stays
    assert np.diff(record.keyframe_steps)[-50:].tolist() == [40] * 50


@pytest.mark.parametrize(("most", "step_seconds"), [(30, 0.01), (None, 0.0001)])
def test_keyframes_that_come_as_they_were_asked_for(most: float | None, step_seconds: float) -> None:
    record = Recording(Header("quadratic", {}), most_per_second=most)
    for step in range(0, 500, 5):
        record.add_metrics(Metrics(1, (step,), (step * step_seconds,), {}))
        assert record.add_keyframe(keyframe(step, 10)) is None
    assert record.keyframe_steps == tuple(range(0, 500, 5))


def test_a_smaller_budget_thins_at_once_and_a_larger_one_lasts() -> None:
    record = recording()
    for step in range(0, 500, 5):
        record.add_keyframe(keyframe(step))
    assert record.set_budget(25 * SIZE) == 40
    assert record.nbytes <= record.budget == 25 * SIZE
    assert set(record.keyframe_steps) >= {0, 495}
    assert record.set_budget(1 << 30) is None
    assert record.stride == 40
    assert record.set_budget(0) is not None
    assert record.keyframe_steps == (0, 495)


def test_nothing_is_left_of_the_count_when_all_is_dropped() -> None:
    shared = np.zeros(5000)
    record = recording(0, 1)
    for step in range(200):
        record.add_keyframe(keyframe(step, state={"shared": shared}))
    assert record.keyframe_steps == (0, 199)
    expected = recording()
    for kept in record.keyframes:
        expected.add_keyframe(kept)
    assert record.nbytes == expected.nbytes


def test_a_copy_stays_as_it_was() -> None:
    record = recording()
    record.add_metrics(metrics(range(2), loss=[1, 2]))
    record.add_keyframe(keyframe(0))
    record.add_keyframe(keyframe(5))
    twin = record.copy()
    record.add_metrics(metrics(range(2, 3), loss=[3]))
    record.set_budget(0)
    for step in (10, 15):
        record.add_keyframe(keyframe(step))
    assert twin.steps.tolist() == [0, 1]
    assert twin.metrics["loss"].tolist() == [1, 2]
    assert twin.keyframe_steps == (0, 5)
    assert twin.keyframes[0] is record.keyframes[0]  # shared, not copied
    twin.add_keyframe(keyframe(10))
    assert twin.nbytes > record.nbytes


def test_any_array_kind() -> None:
    views: list[Array] = [np.zeros(0), np.array(3.0), np.zeros((4, 5))[::2]]
    record = recording()
    record.add_keyframe(keyframe(0, state={str(i): view for i, view in enumerate(views)}))
    assert record.nbytes > 0
