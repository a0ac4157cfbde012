"""A chapter of the lab: one declaration, light to import, from which panel, lesson and command line are made."""

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


@dataclass(frozen=True)
class Chapter:
    """One chapter.

    key: as on the command line; a chapter outside lab/chapters has "module:NAME" instead, where it can be found.
    params: the frozen dataclass of lab.params fields. experiment: "module:Class".
    steps: the name of the parameter that says how many steps the run has.
    result: the path, within a snapshot, of the geometry that ``--out`` saves.
    lesson: a Markdown file in assets/lessons. example: for each geometry parameter, the example to start with.
    figures: what the figures of the outcome mean, by the beginning of their labels.
    """

    key: str
    number: int
    title: str
    summary: str
    params: type
    experiment: str
    steps: str
    result: str
    lesson: str
    terms: tuple[Term, ...] = ()
    presets: tuple[Preset, ...] = ()
    example: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    figures: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def load(self) -> Experiment:
        """The experiment itself; imports its heavy modules (torch and the like)."""
        module, _, name = self.experiment.partition(":")
        experiment: Experiment = getattr(importlib.import_module(module), name)()
        return experiment

    @property
    def lesson_path(self) -> Path:
        return ASSETS / "lessons" / self.lesson


@cache
def chapters() -> Mapping[str, Chapter]:
    """All chapters by key, in the order of their numbers: every module of lab/chapters that has a CHAPTER."""
    package = importlib.import_module("lab.chapters")
    found = [
        importlib.import_module(f"lab.chapters.{module.name}").CHAPTER
        for module in pkgutil.iter_modules(package.__path__)
    ]
    return MappingProxyType({chapter.key: chapter for chapter in sorted(found, key=lambda c: c.number)})


def find(key: str) -> Chapter:
    """The chapter with this key, or the one that ``key`` points to as "module:NAME". Raises KeyError."""
    module, colon, name = key.partition(":")
    if not colon:
        return chapters()[key]
    found = getattr(importlib.import_module(module), name, None)
    if not isinstance(found, Chapter):
        raise KeyError(key)
    return found
