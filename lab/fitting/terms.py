"""The names of the terms, and how a step combines them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TERMS = ("chamfer", "normals", "edge", "normal", "laplacian")


def weights(params: Any) -> dict[str, float]:
    """The weight of each term, from MeshFittingParams."""
    return {term: float(getattr(params, f"{term}_weight")) for term in TERMS}


def weighted_sum(values: Mapping[str, float], weight: Mapping[str, float]) -> float:
    """The loss: the terms that are there, by their weights. A term with weight zero has no say, even as NaN."""
    return float(sum(weight[term] * value for term, value in values.items() if weight[term] != 0.0))
