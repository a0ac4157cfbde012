"""The finished models as files, in SMPL's own names."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np

from lab.body.data import BodyData
from lab.files import atomic_write

_ROOT = 2**32 - 1  # SMPL's parent of the root, uint32


def save(data: BodyData, path: Path) -> int:
    """Save a model as .npz; its blend shapes in float16. Returns its size, bytes."""
    parents = np.where(data.parents < 0, _ROOT, data.parents)
    regressor = data.J_regressor.tocsr()
    arrays = {
        "v_template": data.v_template,
        "f": data.faces,
        "shapedirs": data.shapedirs.astype(np.float16),
        "weights": data.weights,
        "J_regressor_data": regressor.data.astype(np.float32),
        "J_regressor_indices": regressor.indices.astype(np.int32),
        "J_regressor_indptr": regressor.indptr.astype(np.int32),
        "J_regressor_shape": np.array(regressor.shape),
        "kintree_table": np.stack([parents, np.arange(len(parents))]).astype(np.uint32),
        "joint_names": np.array(data.joint_names),
        "gender": np.array(data.gender),
        "beta_words": np.array(data.beta_words),
        "vert_sym_idxs": np.asarray(data.symmetry, np.int32),
        "landmark_names": np.array(list(data.landmarks)),
        "landmark_verts": np.array(list(data.landmarks.values()), np.int32),
    }
    if data.posedirs is not None:
        arrays["posedirs"] = data.posedirs.astype(np.float16)
    if data.uvs is not None:
        places, corners = np.unique(data.uvs.reshape(-1, 2), axis=0, return_inverse=True)
        arrays["vt"] = places.astype(np.float32)
        arrays["ft"] = corners.reshape(-1, 3).astype(np.int32)
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)  # type: ignore[arg-type]
    with atomic_write(path) as temporary:
        temporary.write_bytes(stream.getvalue())
    return len(stream.getvalue())
