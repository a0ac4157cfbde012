"""Watches a fit, and says in a sentence what is wrong and what to change. Silent when all is well."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
from scipy.spatial import cKDTree

from lab.experiment import Notice
from lab.fitting.fitter import Fitter
from lab.fitting.sampling import signed_volume
from lab.fitting.target import Target
from lab.fitting.terms import weighted_sum
from lab.fitting.topology import Topology
from lab.scene import Array

FEW_POINTS = 100
NEIGHBOURS = 8
ISOLATED_BY_MEDIAN = 8.0
"""A point is isolated when its neighbours are this many times as far as those of the median point ..."""
ISOLATED_BY_SIZE = 0.1
"""... and an outlier when the rest of the cloud is then farther away than this share of its own diagonal."""
MOST_POINTS = 200_000
"""Of a larger cloud, this many points are examined."""

EXPLOSION = 10.0
"""How many times its start, or what a hopeless fit has, the loss may become."""
HOPELESS: Mapping[str, float] = MappingProxyType(
    {"chamfer": 1.0, "normals": 2.0, "edge": 0.1, "normal": 1.0, "laplacian": 0.1}
)
"""Values in the normalised frame of a surface that has nothing to do with its target."""

PROGRESS_STEPS = 200
PROGRESS_SHARE = 0.9
VOLUME_EVERY = 50
FLIPPED_SHARE = 0.1
"""A closed surface is inside out when its signed volume is below minus this share of the template's."""

TITLES: Mapping[str, str] = MappingProxyType(
    {
        "chamfer": "Chamfer",
        "normals": "Chamfer normals",
        "edge": "Edge length",
        "normal": "Normal consistency",
        "laplacian": "Laplacian",
    }
)


def examine_target(target: Target, step: int) -> list[Notice]:
    """What may go wrong because of the target itself: too few points, or points far from the rest."""
    if not target.is_cloud:
        return []
    count = len(target.verts)
    if count < FEW_POINTS:
        text = f"The target has only {count} points, so most of the surface is a guess."
        return [Notice(step, "warning", text, "Use a denser scan, or give the Laplacian more weight.", "chamfer")]
    outliers = int(outlier_mask(target.verts).sum())
    if not outliers:
        return []
    are = "point is" if outliers == 1 else "points are"
    text = f"{outliers} {are} far from the rest of the target and will pull spikes out of the surface."
    return [Notice(step, "warning", text, "Remove them from the scan if they are errors.", "chamfer")]


def outlier_mask(points: Array) -> Array:
    """The points (N,) bool that are far from all others: few, sparse and across a gap from the rest.

    By the mean distance of the eight nearest neighbours against its median over the cloud, then by the gap. Of more
    than 200,000 points only an even choice is examined, the others count as good.
    """
    mask = np.zeros(len(points), bool)
    chosen = np.arange(0, len(points), max(1, math.ceil(len(points) / MOST_POINTS)))
    examined = points[chosen].astype(np.float64)
    if len(examined) <= NEIGHBOURS:
        return mask
    spacing = cKDTree(examined).query(examined, k=NEIGHBOURS + 1)[0][:, 1:].mean(axis=1)
    isolated = spacing > ISOLATED_BY_MEDIAN * np.median(spacing)
    if not isolated.any() or isolated.all():
        return mask
    rest = examined[~isolated]
    gap = cKDTree(rest).query(examined[isolated])[0]
    mask[chosen[isolated]] = gap > ISOLATED_BY_SIZE * np.linalg.norm(np.ptp(rest, axis=0))
    return mask


def examine_weights(weight: Mapping[str, float], has_normals: bool, step: int) -> list[Notice]:
    """What the chosen weights cannot do."""
    notices = []
    if weight["normals"] > 0.0 and not has_normals:
        text = "The target has no normals, so the term Chamfer normals is left out."
        notices.append(Notice(step, "warning", text, "Use a target with normals; a mesh always has them.", "normals"))
    if not any(weight.values()):
        text = "All weights are zero, so nothing moves."
        notices.append(Notice(step, "warning", text, "Give Chamfer a weight, such as 1."))
    elif not (weight["chamfer"] > 0.0 or (weight["normals"] > 0.0 and has_normals)):
        text = "The weight of Chamfer is zero, so nothing pulls the surface to the target."
        notices.append(Notice(step, "warning", text, "Give Chamfer a weight, such as 1.", "chamfer"))
    return notices


@dataclass
class Doctor:
    """Watches one run. optimiser: for its words. fresh: the run begins with its template, not with a checkpoint.

    ``watch`` returns the notice that ends the run, or None; other things to say collect in ``notices``.
    """

    optimiser: str
    fresh: bool
    notices: list[Notice] = field(default_factory=list)
    best_offsets: Array | None = None
    best_step: int = 0
    _best_loss: float = math.inf
    _start_loss: float = math.inf
    _start: Mapping[str, float] = field(default_factory=dict)
    _last: Mapping[str, float] = field(default_factory=dict)
    _setting: object = None
    _first_step: int | None = None
    _first_chamfer: float = 0.0
    _template_volume: float = 0.0
    _flipped: bool = False

    def begin(self, topology: Topology, verts: Array, step: int) -> None:
        """Look at the surface that the run begins with."""
        self._first_step = step
        if topology.watertight:
            self._template_volume = signed_volume(verts, topology.faces)
        if self._template_volume < 0.0:
            self._flipped = True
            text = "The template is inside out: its faces point inwards."
            advice = "Turn its faces round before the fit; normals and shading are wrong otherwise."
            self.notices.append(Notice(step, "warning", text, advice, "normals"))

    def watch(
        self, step: int, values: Mapping[str, float], weight: Mapping[str, float], rate: float, fitter: Fitter, setting: object
    ) -> Notice | None:
        """Look at a finished evaluation. setting: what makes losses comparable; with another one the watch starts anew."""
        loss = weighted_sum(values, weight)
        setting = (setting, tuple(sorted(weight.items())))
        ill = self._explosion(step, loss, values, weight, rate, setting)
        if ill is not None:
            return ill
        if loss < self._best_loss:
            self._best_loss, self.best_step = loss, step
            self.best_offsets = fitter.offsets()
        self._look_for_progress(step, values, weight, fitter)
        if step % VOLUME_EVERY == 0:
            self._look_for_flip(step, fitter)
        return None

    def _explosion(
        self, step: int, loss: float, values: Mapping[str, float], weight: Mapping[str, float], rate: float, setting: object
    ) -> Notice | None:
        advice = f"Lower the learning rate (now {rate:g}{', Adam works around 0.01' if self.optimiser == 'Adam' else ''})"
        broken = [term for term, value in values.items() if weight[term] != 0.0 and not math.isfinite(value)]
        if broken:
            term = self._fastest(values, weight) if len(broken) > 1 else broken[0]
            text = f"The loss is no longer a number since step {step}, because of {TITLES[term]}; the best state is back."
            return Notice(step, "error", text, f"{advice} or the weight of {TITLES[term]}.", term, stop=True)
        if setting != self._setting:
            self._setting = setting
            self._best_loss = math.inf
            self._start_loss, self._start = loss, dict(values)
        hopeless = weighted_sum({term: HOPELESS[term] for term in values}, weight)
        if loss > EXPLOSION * max(self._start_loss, hopeless):
            term = self._fastest(values, weight)
            text = (
                f"The loss exploded by step {step}: {TITLES[term]} grew from {self._start[term]:.3g} to "
                f"{values[term]:.3g}; the best state is back."
            )
            return Notice(step, "error", text, f"{advice} or the weight of {TITLES[term]}.", term, stop=True)
        self._last = dict(values)
        return None

    def _fastest(self, values: Mapping[str, float], weight: Mapping[str, float]) -> str:
        """The term that grew most since the start, by what it has in the loss; of the last finite values."""
        known = values if all(math.isfinite(value) for value in values.values()) else self._last
        growth = {
            term: weight[term] * (known.get(term, 0.0) - self._start.get(term, 0.0)) for term in values if weight[term] != 0.0
        }
        return max(growth, key=lambda term: growth[term])

    def _look_for_progress(
        self, step: int, values: Mapping[str, float], weight: Mapping[str, float], fitter: Fitter
    ) -> None:
        assert self._first_step is not None
        if step == self._first_step:
            self._first_chamfer = values["chamfer"]
        if not self.fresh or step != self._first_step + PROGRESS_STEPS or not weight["chamfer"] > 0.0:
            return
        reachable = self._first_chamfer > HOPELESS["chamfer"] * 0.02  # else the template fits already
        if reachable and values["chamfer"] > PROGRESS_SHARE * self._first_chamfer:
            text = f"Chamfer has hardly changed in {PROGRESS_STEPS} steps: {self._first_chamfer:.3g} to {values['chamfer']:.3g}."
            usual = "0.01" if self.optimiser == "Adam" else "1"
            advice = f"Raise the learning rate (usually about {usual} for {self.optimiser}) or the weight of Chamfer."
            self.notices.append(Notice(step, "warning", text, advice, "chamfer"))

    def _look_for_flip(self, step: int, fitter: Fitter) -> None:
        if self._flipped or not self._template_volume > 0.0:
            return
        if signed_volume(fitter.verts(), fitter.topology.faces) < -FLIPPED_SHARE * self._template_volume:
            self._flipped = True
            text = f"The surface turned inside out by step {step}: its normals point inwards."
            advice = "Start again with a smaller learning rate, or with more weight on edge length and Laplacian."
            self.notices.append(Notice(step, "warning", text, advice, "normal"))
