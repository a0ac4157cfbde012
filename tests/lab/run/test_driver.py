"""The driver's promises, with the driver in a thread of the test and commands sent while it works."""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.channel import ChannelClosed
from lab.run import driver
from lab.run.batch import MetricsBatch
from lab.run.mailbox import Mailbox, MailboxPort
from lab.run.messages import (
    Credit,
    Event,
    Failed,
    Finished,
    Frame,
    Keyframe,
    KeyframeEvery,
    Metrics,
    Noticed,
    Pause,
    Progress,
    Resume,
    RunRequest,
    SetValues,
    StateChanged,
    StepOnce,
    Stop,
)
from lab.run.source import run_headless
from lab.scene import Points
from tests.lab.run.quadratic import CHAPTER, FACES

KEY = CHAPTER.key


def request(run_id: int = 1, **values: Any) -> RunRequest:
    options = {name: values.pop(name) for name in list(values) if name in RunRequest.__dataclass_fields__}
    return RunRequest(run_id, KEY, values, options.pop("inputs", {}), **options)


class Bench:
    """A driver at work in a thread, with its events so far."""

    def __init__(self, *requests: RunRequest) -> None:
        self.events: list[Event] = []
        self.mailbox = Mailbox()
        self._changed = threading.Condition()
        for one in requests:
            self.mailbox.post(one)
        self._thread = threading.Thread(target=driver.serve, args=(self.mailbox, self._emit), daemon=True)
        self._thread.start()

    def _emit(self, event: Event) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def send(self, *commands: Any) -> None:
        for command in commands:
            self.mailbox.post(command)

    def until(self, kind: type, matches: Callable[[Any], bool] = lambda event: True, after: int = 0) -> Any:
        """The first event of a kind that matches, waited for."""
        with self._changed:
            found = self._changed.wait_for(
                lambda: [e for e in self.events[after:] if isinstance(e, kind) and matches(e)], timeout=20
            )
        assert found, self.events[-5:]
        return found[0]

    def of(self, kind: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def close(self) -> None:
        self.mailbox.close()
        self._thread.join(5)
        assert not self._thread.is_alive()


@pytest.fixture
def bench() -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(*requests: RunRequest) -> Bench:
        made.append(Bench(*requests))
        return made[-1]

    yield make
    for one in made:
        one.close()


def run_of(**values: Any) -> list[Event]:
    events: list[Event] = []
    run_headless(request(**values), events.append)
    return events


def metrics_of(events: list[Event]) -> dict[str, list[float]]:
    """All metrics put together, and "step"."""
    joined: dict[str, list[float]] = {"step": []}
    for event in events:
        if isinstance(event, Metrics):
            before = len(joined["step"])
            joined["step"] += event.steps
            for name, column in event.columns.items():
                joined.setdefault(name, [math.nan] * before)
                joined[name] += column
            for column in joined.values():
                column += [math.nan] * (len(joined["step"]) - len(column))
    return joined


def keyframe_steps(events: list[Event]) -> list[int]:
    return [event.step for event in events if isinstance(event, Keyframe)]


def test_a_whole_run() -> None:
    events = run_of(steps=23, keyframe_every=5)
    assert [e.state for e in events if isinstance(e, StateChanged)] == ["preparing", "running", "evaluating"]
    assert keyframe_steps(events) == [0, 5, 10, 15, 20, 23]
    assert metrics_of(events)["step"] == list(range(24))
    end = events[-1]
    assert isinstance(end, Finished)
    assert end.reason == "done"
    assert dict(end.outcome.figures) == {"loss": 0.5, "steps": 23, "good": True}
    assert [type(value) for value in end.outcome.figures.values()] == [float, int, bool]
    assert np.array_equal(end.outcome.entities["points"].verts, events_last(events, Keyframe).snapshot["points"].verts)


def events_last(events: list[Event], kind: type) -> Any:
    return [event for event in events if isinstance(event, kind)][-1]


def test_thousands_of_quick_steps_lose_no_metrics_while_frames_are_dropped() -> None:
    mailbox, events = Mailbox(), []

    def watch(event: Event) -> None:
        events.append(event)
        if isinstance(event, Frame):
            mailbox.post(Credit())

    start = time.monotonic()
    run_headless(request(steps=5000, keyframe_every=500), watch, mailbox)
    elapsed = time.monotonic() - start
    joined = metrics_of(events)
    assert joined["step"] == list(range(5001))
    assert all(math.isnan(v) != bool(step % 2) for step, v in enumerate(joined["odd"]))
    assert joined["loss"][0] > 50 * joined["loss"][-1]
    batches = [e for e in events if isinstance(e, Metrics)]
    assert len(batches) < elapsed / driver.FLUSH_SECONDS + 40
    frames = [e for e in events if isinstance(e, Frame)]
    assert 2 <= len(frames) <= elapsed / driver.FRAME_SECONDS + 2
    seconds = [s for e in batches for s in e.seconds]
    assert seconds == sorted(seconds)
    assert seconds[0] == 0


def test_without_credit_there_is_one_frame() -> None:
    frames = [e for e in run_of(steps=60, delay=0.002) if isinstance(e, Frame)]
    assert [f.step for f in frames] == [0]


def test_metrics_come_before_what_shows_them() -> None:
    seen = -1
    for event in run_of(steps=40):
        if isinstance(event, Metrics):
            seen = event.steps[-1]
        if isinstance(event, Keyframe | Frame):
            assert event.step == seen


def test_keyframes_share_what_did_not_change_and_are_read_only() -> None:
    keyframes = [e for e in run_of(steps=20) if isinstance(e, Keyframe)]
    assert all(keyframe.snapshot["points"].faces is FACES for keyframe in keyframes)
    assert not any(keyframe.state["x"].flags.writeable for keyframe in keyframes)
    assert len({keyframe.snapshot["points"].verts.tobytes() for keyframe in keyframes}) == len(keyframes)


def test_the_stride_of_keyframes_can_change(bench: Callable[..., Bench]) -> None:
    run = bench(request(steps=400, delay=0.001, keyframe_every=5))
    run.until(Keyframe, lambda e: e.step >= 20)
    run.send(KeyframeEvery(40))
    run.until(Finished)
    steps = keyframe_steps(run.events)
    switched = next(i for i, (a, b) in enumerate(itertools.pairwise(steps)) if b - a == 40)
    assert all(step % 40 == 0 for step in steps[switched:])
    assert steps[-1] == 400


def test_no_keyframes_at_all() -> None:
    assert keyframe_steps(run_of(steps=7, keyframe_every=0)) == []


def test_pause_holds_the_step_and_burns_nothing(bench: Callable[..., Bench]) -> None:
    run = bench(request(steps=10_000, delay=0.001))
    run.until(Metrics)
    run.send(Pause())
    run.until(StateChanged, lambda e: e.state == "paused")
    time.sleep(0.05)
    count, cpu = len(run.events), time.process_time()
    time.sleep(0.3)
    assert len(run.events) == count
    assert time.process_time() - cpu < 0.1
    held = metrics_of(run.events)["step"][-1]
    run.send(Resume())
    after = run.until(Metrics, after=count)
    assert after.steps[0] == held + 1
    assert after.seconds[0] - run.of(Metrics)[0].seconds[0] < 0.3 + held * 0.05  # without the pause
    assert [e.state for e in run.of(StateChanged)][-2:] == ["paused", "running"]


def test_the_clock_of_a_run_leaves_pauses_out(bench: Callable[..., Bench]) -> None:
    run = bench(request(steps=3, paused=True))
    run.until(StateChanged, lambda e: e.state == "paused")
    time.sleep(0.5)
    run.send(Resume())
    run.until(Finished)
    assert 0 < run.of(Metrics)[-1].seconds[-1] < 0.5


def test_step_once_makes_exactly_one_step(bench: Callable[..., Bench]) -> None:
    run = bench(request(steps=50, paused=True))
    run.until(Frame, lambda e: e.step == 0)
    assert metrics_of(run.events)["step"] == [0]
    for expected in range(1, 5):
        run.send(Credit(), StepOnce())
        run.until(Frame, lambda e, expected=expected: e.step == expected)
        time.sleep(0.02)
        assert metrics_of(run.events)["step"] == list(range(expected + 1))
    run.send(StepOnce(), StepOnce(), StepOnce())
    run.until(Metrics, lambda e: e.steps[-1] == 7)
    time.sleep(0.02)
    assert metrics_of(run.events)["step"][-1] == 7
    assert [e.state for e in run.of(StateChanged)] == ["preparing", "paused"]
    run.send(Resume())
    assert run.until(Finished).reason == "done"


def test_step_once_pauses_a_run_at_work(bench: Callable[..., Bench]) -> None:
    run = bench(request(steps=10_000, delay=0.002))
    run.until(Metrics)
    run.send(StepOnce())
    run.until(StateChanged, lambda e: e.state == "paused")


def test_a_paused_run_shows_its_step_when_credit_comes(bench: Callable[..., Bench]) -> None:
    run = bench(request(steps=50, paused=True))
    run.until(Frame)
    run.send(StepOnce())
    run.until(Metrics, lambda e: e.steps == (1,))
    run.send(Credit())
    assert run.until(Frame, lambda e: e.step == 1)


def test_stop_evaluates_and_keeps_the_last_step(bench: Callable[..., Bench]) -> None:
    run = bench(request(steps=10_000, delay=0.001, keyframe_every=1000, evaluating=0.05))
    run.until(Metrics, lambda e: e.steps[-1] >= 3)
    run.send(Stop())
    end = run.until(Finished)
    assert end.reason == "stopped"
    assert "points" in end.outcome.entities
    last = metrics_of(run.events)["step"][-1]
    assert keyframe_steps(run.events) == [0, last]
    assert run.of(Progress)[-1].text == "Evaluating"
    assert [e.state for e in run.of(StateChanged)] == ["preparing", "running", "evaluating"]


def test_stop_of_a_paused_run(bench: Callable[..., Bench]) -> None:
    run = bench(request(steps=100, paused=True))
    run.until(StateChanged, lambda e: e.state == "paused")
    run.send(Stop())
    assert run.until(Finished).reason == "stopped"
    assert metrics_of(run.events)["step"] == [0]


def test_a_second_stop_skips_the_evaluation(bench: Callable[..., Bench]) -> None:
    run = bench(request(steps=10_000, delay=0.001, evaluating=30))
    run.until(Metrics)
    run.send(Stop())
    run.until(Progress, lambda e: e.text == "Evaluating")
    run.send(Stop())
    end = run.until(Finished)
    assert end.reason == "stopped"
    assert not end.outcome.figures


def test_stop_while_preparing_cancels_at_once(bench: Callable[..., Bench]) -> None:
    run = bench(request(preparing=30))
    run.until(Progress)
    run.send(Stop())
    assert run.until(Finished).reason == "stopped"
    assert not run.of(Metrics)


def test_stop_while_evaluating_a_whole_run(bench: Callable[..., Bench]) -> None:
    run = bench(request(steps=3, evaluating=30))
    run.until(Progress)
    run.send(Stop())
    assert run.until(Finished).reason == "stopped"


def test_an_experiment_that_ignores_stop_is_ended(bench: Callable[..., Bench]) -> None:
    run = bench(request(steps=10_000, delay=0.005, behaviour="ignores stop"))
    run.until(Metrics)
    run.send(Stop())
    assert run.until(Finished).reason == "stopped"


def test_early_ends() -> None:
    for behaviour, kept in (("ends early", 0), ("ends early, tells", 5)):
        events = run_of(behaviour=behaviour, keyframe_every=100)
        assert events[-1].reason == "early"
        assert keyframe_steps(events)[-1] == kept
        assert events[-1].outcome.figures
    assert [e.notice.text for e in run_of(behaviour="ends early") if isinstance(e, Noticed)] == [
        "It does not get better."
    ]


def test_a_report_in_mid_run_is_no_end(bench: Callable[..., Bench]) -> None:
    events = run_of(steps=10, nested=True)
    assert events[-1].reason == "done"
    states = [e.state for e in events if isinstance(e, StateChanged)]
    assert states == ["preparing", "running", "evaluating", "running", "evaluating"]


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ("fails", "The points have left the room. Use a smaller rate."),
        ("fails strangely", "after step 4 by an error that the activity does not expect (RuntimeError: tensor a (3)"),
        ("out of memory", "There was not enough memory for this run."),
    ],
)
def test_failures_are_sentences(behaviour: str, words: str) -> None:
    events = run_of(behaviour=behaviour)
    failed = events[-1]
    assert isinstance(failed, Failed)
    assert words in failed.sentence
    assert failed.step == 4
    assert "quadratic.py" in failed.details
    assert metrics_of(events)["step"] == [0, 1, 2, 3, 4]  # nothing lost


def test_a_state_that_is_no_data_is_a_failure() -> None:
    failed = run_of(behaviour="not a state", at=5, keyframe_every=5)[-1]
    assert isinstance(failed, Failed)
    assert "state['bad']" in failed.sentence


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (RunRequest(1, "no-such-chapter", {}, {}), "There is no activity 'no-such-chapter'"),
        (RunRequest(1, KEY, {"rate": 7}, {}), "Rate: expected a value from 0 to 1, found 7"),
        (RunRequest(1, KEY, {"speed": 7}, {}), "unknown parameter 'speed'"),
        (RunRequest(1, KEY, {"target": "spot"}, {}), "no mesh or point cloud named 'spot'"),
        (RunRequest(1, "mesh-fitting", {}, {}), "Target: choose a mesh or point cloud"),
    ],
)
def test_a_wrong_request_fails_before_it_begins(made: RunRequest, words: str) -> None:
    failed = run_headless(made, lambda event: None)
    assert isinstance(failed, Failed)
    assert words in failed.sentence
    assert failed.step == -1


def test_live_values_take_effect_at_the_next_step(bench: Callable[..., Bench]) -> None:
    run = bench(request(steps=10, paused=True, keyframe_every=1))
    run.until(StateChanged, lambda e: e.state == "paused")
    run.send(SetValues({"rate": 0.25}), StepOnce())
    run.until(Metrics, lambda e: e.steps == (1,))
    joined = metrics_of(run.events)
    assert joined["rate"] == [0.1, 0.25]
    zeroth = [e for e in run.of(Keyframe) if e.step == 0]
    assert [e.values["rate"] for e in zeroth] == [0.1, 0.25]  # whoever goes on from step 0 gets the new value
    assert zeroth[0].values["steps"] == 10


def test_other_values_are_refused_with_a_word(bench: Callable[..., Bench]) -> None:
    run = bench(request(steps=10, paused=True))
    run.until(StateChanged, lambda e: e.state == "paused")
    run.send(SetValues({"steps": 20, "rate": 99.0, "noise": 0.5, "delay": 0.0, "colour": "red"}))
    run.until(Noticed, lambda e: "colour" in e.notice.text)
    texts = [e.notice.text for e in run.of(Noticed)]
    assert len(texts) == 3  # delay is what it was
    assert texts[0] == "Steps cannot change while the run goes on."
    assert texts[1] == "Rate: expected a value from 0 to 1, found 99.0."
    assert all(e.notice.level == "warning" for e in run.of(Noticed))
    run.send(Resume())
    run.until(Finished)
    assert run.of(Keyframe)[-1].values["noise"] == 0.5
    assert metrics_of(run.events)["step"][-1] == 10


def test_the_same_request_gives_the_same_run() -> None:
    first, second, other = run_of(steps=30), run_of(steps=30), run_of(steps=30, seed=1)
    assert metrics_of(first)["loss"] == metrics_of(second)["loss"] != metrics_of(other)["loss"]


def test_a_run_goes_on_from_a_checkpoint_bit_for_bit() -> None:
    whole = run_of(steps=40, keyframe_every=5)
    keyframes = {e.step: e for e in whole if isinstance(e, Keyframe)}
    for step in (0, 15, 35, 40):
        before = keyframes[step].state["x"].copy()
        branch = run_of(steps=40, keyframe_every=5, resume=keyframes[step].state)
        assert metrics_of(branch)["step"] == list(range(step, 41))
        assert metrics_of(branch)["loss"] == metrics_of(whole)["loss"][step:]
        last = events_last(branch, Keyframe)
        assert last.snapshot["points"].verts.tobytes() == keyframes[40].snapshot["points"].verts.tobytes()
        assert np.array_equal(keyframes[step].state["x"], before)  # the recording is not written to


def test_inputs_reach_the_experiment() -> None:
    cloud = Points(np.full((50, 3), 4, np.float32))
    end = run_of(steps=300, noise=0.0, target="cloud", inputs={"target": cloud})[-1]
    assert np.allclose(end.outcome.entities["points"].verts, 4, atol=1e-3)


def test_a_second_request_stops_the_first(bench: Callable[..., Bench]) -> None:
    run = bench(request(1, steps=100_000, delay=0.001))
    run.until(Metrics)
    run.send(request(2, steps=5), Pause(), request(3, steps=5))
    run.until(Finished, lambda e: e.run_id == 3)
    assert [(e.run_id, e.reason) for e in run.of(Finished)] == [(1, "stopped"), (2, "stopped"), (3, "done")]
    assert run.of(Finished)[0].outcome.figures  # the first was evaluated
    assert {e.run_id for e in run.of(Metrics)} == {1, 3}  # the second had no time to begin


def test_a_request_ends_a_paused_run_too(bench: Callable[..., Bench]) -> None:
    run = bench(request(1, paused=True))
    run.until(StateChanged, lambda e: e.state == "paused")
    run.send(request(2, steps=5))
    assert run.until(Finished, lambda e: e.run_id == 2).reason == "done"


def test_nobody_listens_any_more() -> None:
    def gone(event: Event) -> None:
        if isinstance(event, Metrics):
            raise ChannelClosed("gone")

    with pytest.raises(ChannelClosed):
        driver.drive(request(), MailboxPort(Mailbox(), gone))


def test_a_closed_mailbox_ends_the_run_without_evaluation(bench: Callable[..., Bench]) -> None:
    run = bench(request(steps=10_000, delay=0.001, evaluating=30))
    run.until(Metrics)
    run.mailbox.close()
    assert not run.until(Finished).outcome.figures


@given(st.lists(st.dictionaries(st.sampled_from("abc"), st.floats(allow_nan=False)), max_size=12))
@settings(max_examples=50, deadline=None)
def test_a_batch_loses_nothing(rows: list[dict[str, float]]) -> None:
    batch = MetricsBatch(7)
    for i, row in enumerate(rows):
        batch.add(i, i / 10, row)
    event = batch.take()
    if not rows:
        assert event is None
        return
    assert event.steps == tuple(range(len(rows)))
    assert set(event.columns) == {name for row in rows for name in row}
    for name, column in event.columns.items():
        assert [None if math.isnan(v) else v for v in column] == [row.get(name) for row in rows]
    assert batch.take() is None
