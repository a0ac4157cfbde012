"""How exactly and how fast known people are found, against what was published."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lab.bench import Figure
from lab.body.smplify.trials import COUNT, LAYOUTS, trial

_PUBLISHED_MM, _PUBLISHED_SECONDS = 79.9, 60.0
"""HumanEva-I, mean after alignment, and "under a minute", as Bogo et al. report them: other people than here."""


def smplify() -> Iterator[Figure]:
    """For each layout of joints: the mean error of the 24 joints and of LSP's, and seconds for one person."""
    for layout in LAYOUTS:
        made = [trial(seed, layout) for seed in range(COUNT)]
        note = f"mean of {COUNT} made people, 3 px noise at 500; against SMPLify on HumanEva-I"
        for title, errors in (
            ("24 joints", [one.joints for one in made]),
            ("LSP's joints", [one.lsp for one in made]),
        ):
            yield Figure(f"{layout}: {title}", float(np.mean(errors)), _PUBLISHED_MM, "mm", note)
        slowest = max(one.seconds for one in made)
        yield Figure(f"{layout}: the slowest", slowest, _PUBLISHED_SECONDS, "s", "against 'under a minute'")
        missed = 100.0 * float(np.mean([not one.facing for one in made]))
        yield Figure(f"{layout}: facing missed", missed, 50.0, "%", "against a coin")
