"""A chapter of the lab and its activities: declarations, light to import, from which panel, lesson and command line
are made.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lab.experiment import Experiment
from lab.study import Action, Pane, Study

ASSETS = Path(__file__).resolve().parent.parent / "assets"


@dataclass(frozen=True)
class Term:
    """A term of the objective. Its colour is the same in the lesson, on its slider, its curve and its arrows.

    metric: the name of its unweighted curve; the weighted one is ``metric + " (weighted)"``.
    dark, light: its hue as "#rrggbb" in the dark and the light theme. weight: the parameter that weighs it.
    """

    key: str
    title: str
    weight: str
    dark: str
    light: str

    @property
    def metric(self) -> str:
        return self.key

    @property
    def weighted_metric(self) -> str:
        return f"{self.key} (weighted)"


@dataclass(frozen=True)
class Preset:
    """Named parameter values; the ones not named stay as they are by default."""

    title: str
    doc: str
    values: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Activity:
    """Something that a person does in a chapter, with parameters of its own.

    key: as on the command line; one outside lab/chapters has "module:NAME" instead, where it can be found.
    params: the frozen dataclass of lab.params fields. lesson: a Markdown file in assets/lessons.
    example: for each geometry parameter, the example to start with (several, for several geometries).
    figures: what the figures of a result mean, by the beginning of their labels.
    """

    key: str
    title: str
    summary: str
    params: type
    lesson: str
    terms: tuple[Term, ...] = ()
    presets: tuple[Preset, ...] = ()
    example: Mapping[str, str | tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    figures: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def examples_of(self, parameter: str) -> tuple[str, ...]:
        """The examples that a parameter starts with, none or one or several."""
        names = self.example.get(parameter, ())
        return (names,) if isinstance(names, str) else names

    @property
    def lesson_path(self) -> Path:
        return ASSETS / "lessons" / self.lesson


@dataclass(frozen=True)
class Onward:
    """An activity in which one goes on. activity: its key. names: those of its parameters that get values: of a run,
    from its ``Outcome.arrays``; of a study, from its own parameters of the same names.
    """

    activity: str
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ExperimentActivity(Activity):
    """An activity that makes runs.

    experiment: "module:Class", a lab.experiment.Experiment. steps: the name of the parameter that says how many steps
    the run has. result: the path, within a snapshot, of the geometry that ``--out`` saves. pictures: the pictures below
    the viewport, panes of kind "picture" whose keys are paths of Images in the snapshot. onward: where it goes on.
    mesh: the path of the mesh in the outcome that is saved where the result itself is no geometry.
    """

    experiment: str
    steps: str
    result: str
    pictures: tuple[Pane, ...] = ()
    onward: Onward | None = None
    mesh: str = ""

    def load(self) -> Experiment:
        """The experiment itself; imports its heavy modules (torch and the like)."""
        experiment: Experiment = _load(self.experiment)
        return experiment


@dataclass(frozen=True, kw_only=True)
class StudyActivity(Activity):
    """An activity that answers at once.

    study: "module:Class", a lab.study.Study. panes: rows of panes, as they stand on the stage. actions: its buttons.
    onward: where one goes on with the same parameters.
    """

    study: str
    panes: tuple[tuple[Pane, ...], ...]
    actions: tuple[Action, ...] = ()
    onward: Onward | None = None

    def load(self) -> Study:
        """The study itself; imports its heavy modules."""
        study: Study = _load(self.study)
        return study


@dataclass(frozen=True)
class Chapter:
    """A chapter of the course: its activities, in the order in which they are learned."""

    key: str
    number: int
    title: str
    summary: str
    activities: tuple[Activity, ...]


def _load(name: str) -> Any:
    module, _, member = name.partition(":")
    return getattr(importlib.import_module(module), member)()


@cache
def chapters() -> Mapping[str, Chapter]:
    """All chapters by key, in the order of their numbers: every module of lab/chapters that has a CHAPTER."""
    package = importlib.import_module("lab.chapters")
    found = [
        importlib.import_module(f"lab.chapters.{module.name}").CHAPTER
        for module in pkgutil.iter_modules(package.__path__)
    ]
    return MappingProxyType({chapter.key: chapter for chapter in sorted(found, key=lambda c: c.number)})


@cache
def activities() -> Mapping[str, Activity]:
    """All activities by key, chapter after chapter."""
    return MappingProxyType({a.key: a for chapter in chapters().values() for a in chapter.activities})


def find(key: str) -> Activity:
    """The activity with this key, or the one that ``key`` points to as "module:NAME". Raises KeyError."""
    module, colon, name = key.partition(":")
    if not colon:
        return activities()[key]
    found = getattr(importlib.import_module(module), name, None)
    if not isinstance(found, Activity):
        raise KeyError(key)
    return found


def find_experiment(key: str) -> ExperimentActivity:
    """The activity with this key that makes runs. Raises KeyError."""
    found = find(key)
    if not isinstance(found, ExperimentActivity):
        raise KeyError(key)
    return found


def find_study(key: str) -> StudyActivity:
    """The activity with this key that answers at once. Raises KeyError."""
    found = find(key)
    if not isinstance(found, StudyActivity):
        raise KeyError(key)
    return found
