"""What is kept of a run: all of its metrics, and keyframes thinned to a memory budget."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from lab.experiment import Notice, Outcome
from lab.run.messages import Event, Failed, Finished, Keyframe, Metrics, Noticed
from lab.run.state import arrays as state_arrays
from lab.scene import Array, Geometry, Mesh

BUDGET_BYTES = 512 << 20
_PACE_COUNT = 16  # keyframes over which that is measured
_KEYFRAME_BYTES = 2048  # about what the Python objects of a keyframe take, ...
_ARRAY_BYTES = 256  # ... and those of each of its arrays
_DROPPED_AT_ONCE = 8  # keyframes

Numbers = Sequence[float] | Array


@dataclass(frozen=True)
class Header:
    """What a run was. activity: its key; values: its parameters at the start; versions: package -> version."""

    activity: str
    values: Mapping[str, Any]
    seed: int = 0
    device: str = "cpu"
    versions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    label: str = ""


class Recording:
    """One run's record; belongs to one thread.

    inputs: the geometry that the run began with, by parameter name; it belongs to the scene and is not counted.
    keyframe_every: the stride that the run was asked for. When the keyframes outgrow the budget the stride doubles,
    and those that do not fit it are dropped, but for the first and the last: the oldest ones first, and a few at a time
    with each new keyframe, as giving back the memory of a thousand at once would be felt. most_per_second: the stride
    doubles, too, while more keyframes than this come in a second of the run, as each costs the run a snapshot; None
    where runs are to be recorded alike however fast they are.
    """

    def __init__(
        self,
        header: Header,
        inputs: Mapping[str, Geometry] = MappingProxyType({}),
        *,
        keyframe_every: int = 5,
        budget_bytes: int = BUDGET_BYTES,
        most_per_second: float | None = None,
    ) -> None:
        self.header = header
        self.inputs = inputs
        self.notices: list[Notice] = []
        self.outcome: Outcome | None = None
        self.ending = ""
        """"done", "stopped", "early" or "failed"; "" while the run goes on."""
        self._steps = _Column(np.int64)
        self._seconds = _Column(np.float64)
        self._metrics: dict[str, _Column] = {}
        self._stride = max(keyframe_every, 1)
        self._budget = budget_bytes
        self._keyframes: list[Keyframe] = []
        self._keyframe_steps: list[int] = []
        self._held = _Held()
        self._most_per_second = most_per_second
        self._pace: deque[float] = deque(maxlen=_PACE_COUNT)
        self._swept = 1
        """The keyframes before this position are thinned to the stride."""

    def copy(self) -> Recording:
        """A recording of the same things, for another thread to read while this one grows; shares their memory."""
        twin = Recording(self.header, self.inputs, keyframe_every=self._stride, budget_bytes=self._budget)
        twin.notices, twin.outcome, twin.ending = list(self.notices), self.outcome, self.ending
        twin.add_columns(self.steps, self.seconds, self.metrics)
        twin._keyframes, twin._keyframe_steps = list(self._keyframes), list(self._keyframe_steps)
        twin._held, twin._swept = self._held.copy(), self._swept
        return twin

    def take(self, event: Event) -> int | None:
        """Keep what an event tells of this run. Returns the new stride if keyframes had to be thinned."""
        match event:
            case Metrics():
                self.add_metrics(event)
            case Keyframe():
                return self.add_keyframe(event)
            case Noticed(_, notice):
                self.notices.append(notice)
            case Finished(_, reason, outcome):
                self.outcome, self.ending = outcome, reason
            case Failed():
                self.ending = "failed"
        return None

    # --- metrics --------------------------------------------------------------------------------------------------

    def add_metrics(self, metrics: Metrics) -> None:
        """Append finished steps; a metric that some steps lack is NaN there."""
        self.add_columns(metrics.steps, metrics.seconds, metrics.columns)

    def add_columns(self, steps: Numbers, seconds: Numbers, columns: Mapping[str, Numbers]) -> None:
        """The same, from parts of equal length."""
        before = len(self._steps)
        self._steps.extend(steps)
        self._seconds.extend(seconds)
        for name, values in columns.items():
            column = self._metrics.get(name)
            if column is None:
                column = self._metrics[name] = _Column(np.float64)
            column.pad(before)
            column.extend(values)

    @property
    def steps(self) -> Array:
        """(n,) int64, read-only: the steps that have metrics."""
        return self._steps.view()

    @property
    def seconds(self) -> Array:
        """(n,) float64, read-only: when each of ``steps`` was finished, on the run's clock."""
        return self._seconds.view()

    @property
    def metrics(self) -> dict[str, Array]:
        """Name -> (n,) float64, read-only, beside ``steps``."""
        for column in self._metrics.values():
            column.pad(len(self._steps))
        return {name: column.view() for name, column in self._metrics.items()}

    # --- keyframes ------------------------------------------------------------------------------------------------

    def add_keyframe(self, keyframe: Keyframe) -> int | None:
        """Keep a keyframe; one of the same step is replaced. Returns the new stride if they had to be thinned."""
        at = self._insert(keyframe)
        if at == len(self._keyframes) - 1 > 1 and self._keyframe_steps[at - 1] % self._stride:
            self._drop(at - 1)  # it was kept as the last one only
        stride = self._slow_down()
        return self._thin(_DROPPED_AT_ONCE) or stride

    def restore_keyframes(self, keyframes: Iterable[Keyframe]) -> None:
        """Take the keyframes of an earlier recording as they were kept, and no more than the budget allows."""
        for keyframe in keyframes:
            self._insert(keyframe)
        self._thin(len(self._keyframes))

    def _insert(self, keyframe: Keyframe) -> int:
        """Put it in its place, and away with one of the same step. Returns the place."""
        at = bisect_left(self._keyframe_steps, keyframe.step)
        if at < len(self._keyframes) and self._keyframe_steps[at] == keyframe.step:
            self._drop(at)
        self._keyframes.insert(at, keyframe)
        self._keyframe_steps.insert(at, keyframe.step)
        self._held.add(keyframe)
        return at

    def keyframe_at(self, step: int) -> Keyframe | None:
        """The nearest one at or before ``step``, or else the first; None if there are none."""
        if not self._keyframes:
            return None
        return self._keyframes[max(bisect_right(self._keyframe_steps, step) - 1, 0)]

    @property
    def keyframes(self) -> tuple[Keyframe, ...]:
        """All that are kept, in order."""
        return tuple(self._keyframes)

    @property
    def keyframe_steps(self) -> tuple[int, ...]:
        """Their steps, in order."""
        return tuple(self._keyframe_steps)

    @property
    def stride(self) -> int:
        """Keyframes are kept at the steps divisible by this."""
        return self._stride

    # --- memory ---------------------------------------------------------------------------------------------------

    @property
    def nbytes(self) -> int:
        """Memory of the keyframes; an array that several of them share counts once."""
        return self._held.nbytes

    @property
    def budget(self) -> int:
        """What ``nbytes`` may reach; the first and the last keyframe are kept in any case."""
        return self._budget

    def set_budget(self, budget_bytes: int) -> int | None:
        """Another budget, kept at once. Returns the new stride if keyframes had to be dropped."""
        self._budget = budget_bytes
        return self._thin(len(self._keyframes))

    def _slow_down(self) -> int | None:
        """Fewer keyframes from now on, if they come too fast. Returns the new stride, if it is."""
        if self._most_per_second is None or not len(self._seconds):
            return None
        self._pace.append(float(self._seconds.view()[-1]))
        slow_enough = self._pace[-1] - self._pace[0] >= (_PACE_COUNT - 1) / self._most_per_second
        if len(self._pace) < _PACE_COUNT or slow_enough:
            return None
        self._pace.clear()
        self._double_stride()
        return self._stride

    def _double_stride(self) -> None:
        self._stride *= 2
        self._swept = 1

    def _thin(self, most: int) -> int | None:
        """Drop at most so many keyframes, and not more than the budget asks for. Returns the new stride, if it is."""
        before = self._stride
        while self._held.nbytes > self._budget and len(self._keyframes) > 2 and most > 0:
            if self._swept >= len(self._keyframes) - 1:
                self._double_stride()
            elif self._keyframe_steps[self._swept] % self._stride:
                self._drop(self._swept)
                most -= 1
            else:
                self._swept += 1
        return self._stride if self._stride != before else None

    def _drop(self, at: int) -> None:
        self._held.remove(self._keyframes.pop(at))
        del self._keyframe_steps[at]


class _Column:
    """A growing array: appending costs the same however long it is."""

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self._data: Array = np.empty(256, dtype)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def extend(self, values: Numbers) -> None:
        count = self._count + len(values)
        if count > len(self._data):
            grown = np.empty(max(count, 2 * len(self._data)), self._data.dtype)
            grown[: self._count] = self._data[: self._count]
            self._data = grown
        self._data[self._count : count] = values
        self._count = count

    def pad(self, count: int) -> None:
        """NaN up to ``count`` values."""
        if self._count < count:
            self.extend([np.nan] * (count - self._count))

    def view(self) -> Array:
        view = self._data[: self._count]
        view.flags.writeable = False
        return view


class _Held:
    """The arrays of some keyframes and their bytes. An array is known by its identity, as it never changes."""

    def __init__(self) -> None:
        self.nbytes = 0
        self._uses: dict[int, int] = {}  # id -> how many times
        self._sizes: dict[int, tuple[tuple[int, int], ...]] = {}  # id of a keyframe -> its arrays: id, bytes

    def copy(self) -> _Held:
        twin = _Held()
        twin.nbytes, twin._uses, twin._sizes = self.nbytes, dict(self._uses), dict(self._sizes)
        return twin

    def add(self, keyframe: Keyframe) -> None:
        uses = self._uses
        sizes = tuple((id(array), array.nbytes + _ARRAY_BYTES) for array in _arrays(keyframe))
        self._sizes[id(keyframe)] = sizes
        self.nbytes += _KEYFRAME_BYTES
        for key, size in sizes:
            if key not in uses:
                uses[key] = 0
                self.nbytes += size
            uses[key] += 1

    def remove(self, keyframe: Keyframe) -> None:
        uses = self._uses
        self.nbytes -= _KEYFRAME_BYTES
        for key, size in self._sizes.pop(id(keyframe)):
            uses[key] -= 1
            if not uses[key]:
                del uses[key]
                self.nbytes -= size


def _arrays(keyframe: Keyframe) -> Iterator[Array]:
    for entity in keyframe.snapshot.values():
        yield from entity.arrays()
        if isinstance(entity, Mesh):
            yield from _textures(entity)
    yield from state_arrays(keyframe.state)


def _textures(mesh: Mesh) -> Iterable[Array]:
    return (material.texture for material in mesh.materials if material.texture is not None)
