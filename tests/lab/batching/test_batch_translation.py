"""The course's batch example: its loss against PyTorch3D, and the run against the reference's figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
import torch
from pytorch3d.loss import chamfer_distance

from lab.batching.experiment import BatchTranslation
from lab.batching.translation import shared_translation
from lab.chapters.data.batching import AS_THEY_ARE, BUNDLED_BATCH, BatchTranslationParams
from lab.experiment import ExperimentError, Notice, Outcome, RunContext, Step
from lab.params import build
from lab.run.state import freeze, thaw
from lab.scene import Lines, Mesh


@dataclass
class Run:
    values: dict[str, Any]
    resume: Any = None
    seed: int = 0
    stop_at: int | None = None
    steps: list[Step] = field(default_factory=list)
    states: dict[int, Any] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    def make(self, keep: tuple[int, ...] = (), change: dict[str, Any] | None = None) -> Run:
        params = build(BatchTranslationParams, self.values)
        self.ctx = RunContext(
            {}, "cpu", self.seed, params, self.resume, lambda *_: None, lambda: None, self.notices.append,
            self.outcomes.append,
        )  # fmt: skip
        for step in BatchTranslation().run(params, self.ctx):
            self.steps.append(step)
            if step.index in keep:
                self.states[step.index] = thaw(freeze(step.state()))
            if change and step.index == 3:
                self.ctx.params = build(BatchTranslationParams, {**self.values, **change})
            self.ctx.stop_requested = step.index == self.stop_at
        return self

    def metric(self, name: str) -> list[float]:
        return [step.metrics[name] for step in self.steps]


def small(**values: Any) -> Run:
    return Run({"samples": 300, "steps": 12, **values})


# --- the loss ---------------------------------------------------------------------------------------------------------


def test_loss_and_gradient_are_those_of_pytorch3d() -> None:
    rng = np.random.default_rng(1)
    points = [rng.normal(size=(50, 3)).astype(np.float32) for _ in range(3)]
    targets = [rng.normal(size=(50, 3)).astype(np.float32) * (n + 1) for n in range(3)]
    value, gradient = shared_translation(points, targets, np.array([0.3, -0.2, 0.5]))
    t = torch.tensor([0.3, -0.2, 0.5], requires_grad=True)
    batch, goals = (torch.tensor(np.stack(clouds)) for clouds in (points, targets))
    loss, _ = chamfer_distance(batch + t, goals)
    loss.backward()
    assert value == pytest.approx(float(loss.detach()), rel=1e-5)
    assert gradient == pytest.approx(t.grad.numpy(), rel=1e-4, abs=1e-5)


def test_two_single_points_by_hand() -> None:
    value, gradient = shared_translation([np.zeros((1, 3))], [np.array([[3.0, 4.0, 0.0]])], np.zeros(3))
    assert value == pytest.approx(50.0)
    assert gradient == pytest.approx([-12.0, -16.0, 0.0])


def test_gradient_by_finite_differences() -> None:
    rng = np.random.default_rng(2)
    points, targets = [rng.normal(size=(40, 3))], [rng.normal(size=(60, 3)) + 0.3]
    at, h = np.array([0.1, 0.2, 0.3]), 1e-3  # small against the way to another nearest point, large against float32
    _, gradient = shared_translation(points, targets, at)
    for axis in range(3):
        move = h * np.eye(3)[axis]
        up, down = (shared_translation(points, targets, at + sign * move)[0] for sign in (1, -1))
        assert (up - down) / (2 * h) == pytest.approx(gradient[axis], abs=2e-3)


# --- the run ----------------------------------------------------------------------------------------------------------


def test_the_course_s_run_finds_the_offset() -> None:
    run = Run({"steps": 120, "samples": 2000}).make()
    last = run.steps[-1].metrics
    assert abs(last["tx"] - 3.0) < 0.5
    assert abs(last["ty"] - 4.0) < 0.5
    assert abs(last["tz"] - 5.0) < 0.5
    assert max(run.metric("tz")) > 6.0  # it overshoots first
    assert 3.0 < last["chamfer"] < 5.0  # the floor with 2000 samples: the diamond's points are far apart
    assert run.metric("error")[0] == pytest.approx(50.0**0.5)
    assert run.outcomes[0].figures["Error, length (m)"] == pytest.approx(last["error"])


def test_equal_sizes_have_a_lower_floor() -> None:
    run = Run({"steps": 60, "samples": 500, "sizes": "equal"}).make()
    assert run.metric("chamfer")[-1] < 0.5
    assert run.metric("error")[-1] < 0.5


def test_without_noise_the_offset_is_met_closely() -> None:
    run = Run({"steps": 120, "samples": 1000, "noise": 0.0, "sizes": "equal", "offset_z": -1.0}).make()
    assert run.metric("error")[-1] < 0.05
    assert run.metric("tz")[-1] == pytest.approx(-1.0, abs=0.05)


def test_too_large_a_rate_is_told_and_ends_the_run() -> None:
    run = small(steps=100, learning_rate=1.6).make()
    assert run.steps[-1].last
    assert run.steps[-1].index < 60
    assert run.notices[0].stop
    assert "learning rate" in run.notices[0].advice


def test_resuming_gives_the_same_bytes() -> None:
    run = small().make(keep=(0, 5, 12))
    for at in (0, 5, 12):
        again = Run(run.values, run.states[at], seed=9).make()
        assert [step.index for step in again.steps] == list(range(at, 13))
        assert again.metric("chamfer") == run.metric("chamfer")[at:]
        assert again.metric("tx") == run.metric("tx")[at:]


def test_a_foreign_checkpoint_is_refused() -> None:
    with pytest.raises(ExperimentError, match="not one of this activity"):
        Run({}, {"step": 1}).make()
    state = small().make(keep=(2,)).states[2]
    state["targets"] = state["targets"][:2]
    with pytest.raises(ExperimentError, match="another batch"):
        Run({}, state).make()


def test_seeds_decide() -> None:
    first, same, other = (Run({"samples": 100, "steps": 3}, seed=seed).make() for seed in (1, 1, 2))
    assert first.metric("chamfer") == same.metric("chamfer") != other.metric("chamfer")


def test_live_values_count_from_the_next_update_and_stop_is_obeyed() -> None:
    plain, changed = small().make(), small().make(change={"learning_rate": 0.4})
    assert changed.metric("tx")[:4] == plain.metric("tx")[:4]
    assert changed.metric("tx")[4] != plain.metric("tx")[4]
    stopped = small()
    stopped.stop_at = 5
    assert stopped.make().steps[-1].index == 5
    assert stopped.outcomes


def test_snapshots_share_what_does_not_change_and_are_in_their_places() -> None:
    run = Run({"steps": 2, "samples": 50, "display": AS_THEY_ARE, "noise": 0.0})
    frames = []
    params = build(BatchTranslationParams, run.values)
    run.ctx = RunContext({}, "cpu", 0, params, None, lambda *_: None, lambda: None, lambda _: None, lambda _: None)
    for step in BatchTranslation().run(params, run.ctx):
        frames.append((step.snapshot(), step.metrics))
    for snapshot, metrics in frames:
        moved, targets = snapshot["moved"], snapshot["targets"]
        assert isinstance(moved, Mesh)
        assert isinstance(targets, Lines)
        assert moved.faces is frames[0][0]["moved"].faces
        assert targets is frames[0][0]["targets"]
        way = np.array([3.0, 4.0, 5.0]) - [metrics["tx"], metrics["ty"], metrics["tz"]]
        assert np.allclose(targets.verts - moved.verts, way, atol=1e-4)
    assert not np.array_equal(frames[0][0]["moved"].verts, frames[2][0]["moved"].verts)


def test_bundled_models_move_too() -> None:
    run = Run({"steps": 40, "samples": 400, "batch": BUNDLED_BATCH}).make()
    assert run.metric("error")[-1] < 2.0
    assert run.outcomes[0].figures["Vertices"] == 3972
