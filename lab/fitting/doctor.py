"""Watches a fit, and says in a sentence what is wrong and what to change. Silent when all is well."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
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
FITS_ALREADY = 0.02
"""With less Chamfer distance than this at the start, there is little progress to make."""
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


@dataclass(frozen=True)
class Look:
    """What the doctor sees of a step: its unweighted values, their weights, the rate of the update that follows.

    setting: what else makes two losses comparable, such as the number of samples.
    """

    step: int
    values: Mapping[str, float]
    weight: Mapping[str, float]
    rate: float
    setting: str

    @property
    def loss(self) -> float:
        return weighted_sum(self.values, self.weight)

    @property
    def weighing(self) -> list[str]:
        """The terms that have a say."""
        return [term for term in self.values if self.weight[term] != 0.0]


@dataclass
class Doctor:
    """Watches one run. optimiser: for its words. fresh: the run begins with its template, not with a checkpoint.

    best_offsets: of the state with the lowest loss since the setting last changed; None before the first look.
    """

    optimiser: str
    fresh: bool
    best_offsets: Array | None = None
    _best_loss: float = math.inf
    _start: Look | None = None
    """The first look with this setting."""
    _last: Look | None = None
    _first_step: int = 0
    _first_chamfer: float = math.nan
    _template_volume: float = 0.0
    _flipped: bool = False

    def begin(self, topology: Topology, verts: Array, step: int) -> list[Notice]:
        """Look at the surface that the run begins with."""
        self._first_step = step
        if topology.watertight:
            self._template_volume = signed_volume(verts, topology.faces)
        if not self._template_volume < 0.0:
            return []
        text = "The template is inside out: its faces point inwards."
        return [
            Notice(step, "warning", text, "Turn its faces round before the fit, or its normals are wrong.", "normals")
        ]

    def illness(self, look: Look) -> Notice | None:
        """Why the run has to end here: a loss that is no number, or that explodes. Ask it at each step, in order."""
        broken = [term for term in look.weighing if not math.isfinite(look.values[term])]
        if broken:
            term = broken[0] if len(broken) == 1 else self._fastest(self._last or look)
            cause = f"because of {TITLES[term]}; the best state is back"
            text = f"The loss is not a number any more at step {look.step}, {cause}."
            return self._ending(look, term, text)
        if self._start is None or (look.setting, look.weight) != (self._start.setting, self._start.weight):
            self._start = look
            self._best_loss = math.inf
        hopeless = weighted_sum({term: HOPELESS[term] for term in look.values}, look.weight)
        if look.loss > EXPLOSION * max(self._start.loss, hopeless):
            term = self._fastest(look)
            values = f"{self._start.values[term]:.3g} to {look.values[term]:.3g}"
            text = f"The loss exploded by step {look.step}: {TITLES[term]} went from {values}; the best state is back."
            return self._ending(look, term, text)
        self._last = look
        return None

    def _ending(self, look: Look, term: str, text: str) -> Notice:
        usual = "; Adam works around 0.01" if self.optimiser == "Adam" else ""
        advice = f"Lower the learning rate (now {look.rate:g}{usual}) or the weight of {TITLES[term]}."
        return Notice(look.step, "error", text, advice, term, stop=True)

    def _fastest(self, look: Look) -> str:
        """The term that added most to the loss since the start."""
        before = look if self._start is None else self._start
        return max(look.weighing, key=lambda term: look.weight[term] * (look.values[term] - before.values[term]))

    def remarks(self, look: Look, fitter: Fitter) -> list[Notice]:
        """What else there is to say after a healthy step. Keeps the best state."""
        if look.loss < self._best_loss:
            self._best_loss = look.loss
            self.best_offsets = fitter.offsets()
        if look.step == self._first_step:
            self._first_chamfer = look.values["chamfer"]
        return self._progress(look) + self._flip(look, fitter)

    def _progress(self, look: Look) -> list[Notice]:
        if not (self.fresh and look.step == self._first_step + PROGRESS_STEPS and look.weight["chamfer"] > 0.0):
            return []
        first, now = self._first_chamfer, look.values["chamfer"]
        if first < FITS_ALREADY or now < PROGRESS_SHARE * first:
            return []
        text = f"Chamfer has hardly changed in {PROGRESS_STEPS} steps, from {first:.3g} to {now:.3g}."
        usual = "0.01 for Adam" if self.optimiser == "Adam" else "1 for SGD"
        advice = f"Raise the learning rate (usually about {usual}) or the weight of Chamfer."
        return [Notice(look.step, "warning", text, advice, "chamfer")]

    def _flip(self, look: Look, fitter: Fitter) -> list[Notice]:
        if self._flipped or look.step % VOLUME_EVERY or not self._template_volume > 0.0:
            return []
        if signed_volume(fitter.verts(), fitter.topology.faces) >= -FLIPPED_SHARE * self._template_volume:
            return []
        self._flipped = True
        text = f"The surface turned inside out by step {look.step}: its normals point inwards."
        advice = "Start again with a smaller learning rate, or more weight on edge length and Laplacian."
        return [Notice(look.step, "warning", text, advice, "normal")]
