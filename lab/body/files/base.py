"""What the readers of body models share: their error, their limits, and the content of a file before it is checked."""

from __future__ import annotations

from typing import Final

from lab.formats.base import FormatError

MOST_BYTES: Final = 1 << 30
"""Bytes of a file, and of all arrays in it together: SMPL-X with 400 shapes in float64 has 230 MB."""

Content = dict[str, object]
"""What a file holds by name: numpy arrays, sparse matrices of scipy, texts and numbers."""

WANTED: Final = frozenset(
    (
        *("v_template", "f", "faces", "shapedirs", "posedirs", "weights", "kintree_table", "vt", "ft", "gender"),
        *("J_regressor", "J_regressor_data", "J_regressor_indices", "J_regressor_indptr", "J_regressor_shape"),
        *("beta_words", "landmark_names", "landmark_verts", "vert_sym_idxs", "bs_style", "bs_type"),
    )
)
"""The names that a body model is made of; everything else in a file is left alone."""


class BodyFileError(FormatError):
    """A body model cannot be read. The message names the file, the cause and what to do."""


class NotABody(ValueError):
    """What is wrong with the content of a file, in words that follow "smpl.pkl cannot be read: "."""
