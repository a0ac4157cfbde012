"""What the render process finds in its environment, set by whoever starts it: libraries read it when they load."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

ENVIRONMENT: Mapping[str, str] = MappingProxyType(
    {
        # Open3D converts each picture with OpenMP and numpy multiplies small matrices with OpenBLAS. Their second
        # threads gain nothing at this size, and wait for the next picture by spinning, at the cost of a run.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        # Buffers of whole pictures come and go in several threads; with an arena for each, 150 MB more stay resident.
        "MALLOC_ARENA_MAX": "1",
    }
)
