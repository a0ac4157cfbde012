"""The code that is shown runs, and holds the numbers that it was made of."""

from __future__ import annotations

import numpy as np

from lab.motions.code import assign


def test_the_code_gives_the_array_back() -> None:
    matrix = np.random.default_rng(0).normal(size=(4, 4))
    found: dict[str, np.ndarray] = {"np": np}
    exec(assign("M", matrix, "a note"), found)
    np.testing.assert_allclose(found["M"], matrix, atol=5e-5)


def test_columns_are_aligned_and_zeros_have_no_sign() -> None:
    assert assign("a", np.array([[-1e-9, 1], [-2, 3]]), "note", digits=1) == (
        "a = np.array([[ 0.0,  1.0],  # note\n              [-2.0,  3.0]])"
    )
