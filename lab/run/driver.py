"""Makes one run: takes the experiment's steps, obeys commands between them, and says what happens.

At each step boundary, in this order: new commands and live values are taken; the step's metrics are noted; a keyframe
and a frame are sent if they are due (metrics always go first); and a paused run waits. The experiment sees nothing of
it: it is asked for its next step, or not.

A first Stop sets ``ctx.stop_requested``; the experiment leaves its loop and evaluates. A second one, or a first one
while nothing was computed yet or all steps are made, raises Cancelled in ``ctx.report`` and ``ctx.checkpoint``.
"""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, Literal

from lab.channel import ChannelClosed
from lab.chapter import ExperimentActivity, find_experiment
from lab.experiment import Cancelled, ExperimentError, Notice, Outcome, RunContext, State, Step
from lab.params import ParamError, build, check_geometry, declared
from lab.params import values as values_of
from lab.run.batch import MetricsBatch
from lab.run.controls import Controls
from lab.run.failures import explain
from lab.run.mailbox import Mailbox, MailboxPort, Port
from lab.run.messages import (
    Event,
    Failed,
    Finished,
    Frame,
    Keyframe,
    Noticed,
    Planned,
    Progress,
    RunRequest,
    StateChanged,
    Stop,
)
from lab.run.state import freeze, thaw
from lab.scene import Snapshot

FRAME_SECONDS = 1 / 36
"""The least time between two frames; with the wait below, 30 a second at worst."""
FLUSH_SECONDS = 0.03
"""Metrics, and progress in the same words, are sent at most this often."""
ALIGN_SHARE = 0.2
"""A frame waits for a near keyframe, for this share of the time since the last one: one snapshot then serves both."""
_STEPS_AFTER_STOP = 1  # an experiment may still restore and show its best state

Reason = Literal["done", "stopped", "early"]
RunState = Literal["preparing", "running", "paused", "evaluating"]


def serve(mailbox: Mailbox, emit: Callable[[Event], None]) -> None:
    """Make the runs that the mailbox asks for, one after another, until it is closed."""
    port = MailboxPort(mailbox, emit)
    while (request := mailbox.next_request()) is not None:
        drive(request, port)


def drive(request: RunRequest, port: Port) -> None:
    """Make one run, to its end; whatever becomes of it is told in events, the last one is Finished or Failed.

    Raises only what ``port.emit`` raises (ChannelClosed: nobody listens any more).
    """
    run = _Run(request, port)
    reason: Reason
    try:
        reason = run.make()
    except Cancelled:
        reason = "stopped"
    except ChannelClosed:
        raise
    except Exception as error:  # noqa: BLE001 - whatever an experiment raises becomes an event; the worker lives on
        run.flush()
        sentence = explain(error, run.step_index)
        port.emit(Failed(request.run_id, run.step_index, sentence, traceback.format_exc()))
        return
    run.flush()
    port.emit(Finished(request.run_id, reason, run.outcome))


class _Run:
    """One run, between its experiment and its port."""

    def __init__(self, request: RunRequest, port: Port) -> None:
        self._request = request
        self._id = request.run_id
        self._port = port
        self._controls = Controls(request.keyframe_every, paused=request.paused)
        self._state: RunState | None = None
        self._batch = MetricsBatch(self._id)
        self._clock = _Clock()
        self._shown_at = self._flushed_at = self._reported_at = float("-inf")
        self._reported = ""
        self._recorded_any = False
        self._boundaries_after_stop = 0
        self.step_index = -1
        self.outcome = Outcome()

    # --- the course of the run ------------------------------------------------------------------------------------

    def make(self) -> Reason:
        """The whole run. Raises Cancelled, and whatever the experiment raises."""
        self._enter("preparing")
        self._checkpoint()
        activity = _activity(self._request.activity)
        params: Any = build(activity.params, self._request.values)
        check_geometry(params, self._request.inputs)
        experiment = activity.load()
        self._checkpoint()
        self._ctx = self._context(params)
        self._total: int = getattr(params, activity.steps)
        steps = experiment.run(params, self._ctx)
        try:
            self._take(steps)
        finally:
            close = getattr(steps, "close", None)
            if close is not None:  # a generator; another iterator has nothing to leave
                close()
        if self._controls.stop:
            return "stopped"
        return "done" if self.step_index >= self._total else "early"

    def _context(self, params: Any) -> RunContext:
        resume = self._request.resume
        return RunContext(
            inputs=self._request.inputs,
            device=self._request.device,
            seed=self._request.seed,
            params=params,
            resume=None if resume is None else thaw(resume),
            report=self._report,
            checkpoint=self._checkpoint,
            notice=lambda notice: self._port.emit(Noticed(self._id, notice)),
            outcome=self._set_outcome,
            plan=self._plan,
        )

    def _plan(self, steps: int) -> None:
        self._total = steps
        self._port.emit(Planned(self._id, steps))

    def _take(self, steps: Iterator[Step]) -> None:
        for step in steps:
            self._boundary(_Look(step))
            self._boundaries_after_stop += self._controls.stop
            if self._boundaries_after_stop > _STEPS_AFTER_STOP + 1:
                return  # it does not look at stop_requested

    def _boundary(self, look: _Look) -> None:
        self.step_index = look.index
        self._clock.tick()
        self._batch.add(look.index, self._clock.seconds, look.step.metrics)
        self._controls.stoppable = True
        self._obey()
        self._enter("paused" if self._controls.paused else "running")
        if self._keyframe_due(look):
            self._record(look)
        if self._frame_due(look):
            self._show(look)
        elif time.monotonic() - self._flushed_at >= FLUSH_SECONDS:
            self.flush()
        if self._controls.waiting and not self._is_last(look):
            self._wait(look)
        if self._is_last(look):
            self._end_of_steps(look)
        elif self._controls.steps_allowed:
            self._controls.steps_allowed -= 1  # the one that comes now

    def _wait(self, look: _Look) -> None:
        """Stand still at a boundary until the person wants to go on; the step can be looked at meanwhile."""
        self.flush()
        self._clock.pause()
        while self._controls.waiting:
            if self._controls.credit and not look.shown:
                self._show(look)
            self._port.wait()
            if self._obey() and look.recorded:
                self._record(look)  # whoever goes on from here starts with these values
        self._clock.resume()
        if not self._controls.paused:
            self._enter("running")

    def _end_of_steps(self, look: _Look) -> None:
        if self._controls.keyframe_every and not look.recorded:
            self._record(look)
        if self._controls.credit and not look.shown:
            self._show(look)
        self.flush()
        self._controls.stoppable = False
        self._enter("evaluating")

    def _is_last(self, look: _Look) -> bool:
        return look.step.last or look.index >= self._total or self._controls.stop

    # --- what is said ---------------------------------------------------------------------------------------------

    def flush(self) -> None:
        """Send the metrics that wait."""
        metrics = self._batch.take()
        if metrics is not None:
            self._flushed_at = time.monotonic()
            self._port.emit(metrics)

    def _enter(self, state: RunState) -> None:
        if state != self._state:
            self._state = state
            self._port.emit(StateChanged(self._id, state))

    def _keyframe_due(self, look: _Look) -> bool:
        every = self._controls.keyframe_every
        return every > 0 and (not self._recorded_any or look.index % every == 0)

    def _record(self, look: _Look) -> None:
        self.flush()
        values = values_of(self._ctx.params)
        self._port.emit(Keyframe(self._id, look.index, look.snapshot, look.state, values))
        look.recorded = self._recorded_any = True

    def _frame_due(self, look: _Look) -> bool:
        since = time.monotonic() - self._shown_at
        if not self._controls.credit or since < FRAME_SECONDS:
            return False
        every = self._controls.keyframe_every
        if look.recorded or every <= 0:
            return True
        return (every - look.index % every) * self._clock.step_seconds > ALIGN_SHARE * since

    def _show(self, look: _Look) -> None:
        self.flush()
        self._controls.credit = False
        self._shown_at = time.monotonic()
        self._port.emit(Frame(self._id, look.index, look.snapshot))
        look.shown = True

    def _report(self, fraction: float | None, text: str) -> None:
        self._checkpoint()
        if self._state == "running":  # it has left its loop by itself
            self._enter("evaluating")
        now = time.monotonic()
        if text != self._reported or now - self._reported_at >= FLUSH_SECONDS:
            self.flush()
            self._reported, self._reported_at = text, now
            self._port.emit(Progress(self._id, fraction, text))

    def _set_outcome(self, outcome: Outcome) -> None:
        figures = {name: _plain(value) for name, value in outcome.figures.items()}
        self.outcome = Outcome(
            dict(outcome.entities), figures, dict(outcome.curves), dict(outcome.document), dict(outcome.arrays)
        )

    # --- what is wanted -------------------------------------------------------------------------------------------

    def _checkpoint(self) -> None:
        """Raises Cancelled if that is the wish. Live values wait for the step boundary."""
        self._take_commands()
        if self._controls.cancel:
            raise Cancelled

    def _obey(self) -> bool:
        """Take commands and live values, at a step boundary. True if the values are others now."""
        self._take_commands()
        new, self._controls.values = self._controls.values, {}
        return bool(new) and self._set_values(new)

    def _take_commands(self) -> None:
        for command in self._port.poll():
            self._controls.obey(command)
        if self._port.superseded and not self._controls.stop and self._state != "evaluating":
            self._controls.obey(Stop())
        if self.step_index >= 0:
            self._ctx.stop_requested = self._controls.stop

    def _set_values(self, new: dict[str, Any]) -> bool:
        """Take over the live values that are valid, and say which were not."""
        current = values_of(self._ctx.params)
        known = {param.name: param for param in declared(type(self._ctx.params))}
        changed: dict[str, Any] = {}
        for name, value in new.items():
            if name in known and value == current[name]:
                continue
            try:
                if name not in known:
                    raise ParamError(f"there is no parameter {name!r}")
                if not known[name].live:
                    raise ParamError(f"{known[name].label} cannot change while the run goes on")
                changed[name] = known[name].check(value)
            except ParamError as error:
                advice = "The run goes on with the value it had; a new run takes the new one."
                notice = Notice(self.step_index, "warning", f"{error}.", advice)
                self._port.emit(Noticed(self._id, notice))
        if changed:
            self._ctx.params = build(type(self._ctx.params), current | changed)
        return bool(changed)


class _Look:
    """A step and what was made of it; its snapshot and state are made once at most."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.index = step.index
        self.recorded = False
        self.shown = False

    @cached_property
    def snapshot(self) -> Snapshot:
        return dict(self.step.snapshot())

    @cached_property
    def state(self) -> State:
        return freeze(self.step.state())


class _Clock:
    """Time of the run, from its first step on, without the pauses. seconds: now; step_seconds: the last step alone."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.step_seconds = 0.0
        self._start: float | None = None
        self._paused_at = 0.0

    def tick(self) -> None:
        """A step is finished."""
        now = time.monotonic()
        if self._start is None:
            self._start = now
        self.step_seconds = now - self._start - self.seconds
        self.seconds = now - self._start

    def pause(self) -> None:
        self._paused_at = time.monotonic()

    def resume(self) -> None:
        assert self._start is not None
        self._start += time.monotonic() - self._paused_at


def _activity(key: str) -> ExperimentActivity:
    try:
        return find_experiment(key)
    except KeyError:
        raise ExperimentError(f"There is no activity {key!r}. './dl3d list' shows them all.") from None


def _plain(value: Any) -> float | str | bool:
    """A figure as plain Python, so that nobody needs numpy or torch to read it."""
    item = value.item() if hasattr(value, "item") else value
    return item if isinstance(item, str | bool | int) else float(item)
